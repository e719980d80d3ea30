package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/interceptor"

	"uplift/dev/bench/role"
)

// role is that of a worker on this site.
func (s *site) role() role.Role {
	r := role.Role{Temporal: s.temporal.FrontendAddr(), Args: s.args, Pace: s.cloud.State.Pace()}
	r.Epoch.Real, r.Epoch.Virtual = time.Now(), s.cloud.State.Now()
	return r
}

// workerHere starts a worker in this process, with interceptors around it, which the site closes.
func (s *site) workerHere(ctx context.Context, around ...interceptor.WorkerInterceptor) error {
	w, err := s.role().Start(ctx, around...)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { w.Close(); return nil })
	return nil
}

// process is a worker in a process of its own, so that its memory is its own, and so that it can be killed.
type process struct {
	cmd  *exec.Cmd
	in   io.Closer
	done chan struct{} // closed when it is gone
}

// workerApart starts a worker in a process of its own, which the site ends, and answers when it polls.
func (s *site) workerApart(ctx context.Context) (*process, error) {
	program, err := s.workerProgram(ctx)
	if err != nil {
		return nil, err
	}
	given, err := json.Marshal(s.role())
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, program), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), role.Variable+"="+string(given))
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.in = in
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	said := bufio.NewReader(out)
	if _, err := said.ReadString('\n'); err != nil {
		return nil, errors.Join(errors.New("the worker does not get to work"), p.cmd.Wait())
	}
	go func() {
		_, _ = io.Copy(io.Discard, said)
		_ = p.cmd.Wait() // says that it was killed
		close(p.done)
	}()
	s.closers = append(s.closers, func() error { p.kill(); return nil })
	return p, nil
}

// workerProgram builds the worker's program, once.
func (s *site) workerProgram(ctx context.Context) (string, error) {
	program := filepath.Join(s.dir, "worker")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", program, "uplift/dev/bench/worker").CombinedOutput(); err != nil {
		return "", fmt.Errorf("the worker's program cannot be built: %w\n%s", err, said)
	}
	return program, nil
}

// peak is the most memory that the process has had, in MB.
func (p *process) peak() (float64, error) { return memory(p.cmd.Process.Pid, "VmHWM") }

// kill ends the process as a machine that goes away does, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.in.Close()
	<-p.done
}
