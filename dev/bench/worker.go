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
	"os/signal"
	"syscall"
	"time"

	"uplift/internal/config"
	"uplift/internal/service"
)

// roleVariable names the environment variable that makes this program a worker: it holds a role as JSON.
const roleVariable = "UPLIFT_BENCH_WORKER"

// role is what a worker's process is told.
type role struct {
	Temporal string   // host:port of the server
	Args     []string // its settings
	// Epoch and Pace are the simulated Microsoft's clock; a pace of 1 or 0 is the system's.
	Epoch struct{ Real, Virtual time.Time }
	Pace  float64
}

// act plays the role that the environment names; false: it names none, and this is the bench itself.
func act(getenv func(string) string) (bool, error) {
	given := getenv(roleVariable)
	if given == "" {
		return false, nil
	}
	var r role
	if err := json.Unmarshal([]byte(given), &r); err != nil {
		return true, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // whoever started us holds our standard input: when it is gone, so are we
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	w, err := r.start(ctx)
	if err != nil {
		return true, err
	}
	defer w.Close()
	fmt.Println("ready")
	return true, w.Run(ctx)
}

func (r role) start(ctx context.Context) (*service.Worker, error) {
	settings, err := parse(r.Args, r.Temporal)
	if err != nil {
		return nil, err
	}
	log, err := config.NewLogger(settings.LogLevel, settings.LogFormat)
	if err != nil {
		return nil, err
	}
	return service.NewWorker(ctx, service.WorkerOptions{Settings: settings, Log: log, Now: r.clock()})
}

// clock is the simulated Microsoft's, where its windows and lifetimes pass at another pace; else nil.
func (r role) clock() func() time.Time {
	if r.Pace == 0 || r.Pace == 1 {
		return nil
	}
	return func() time.Time {
		return r.Epoch.Virtual.Add(time.Duration(float64(time.Since(r.Epoch.Real)) * r.Pace))
	}
}

// role is that of a worker on this site.
func (s *site) role() role {
	r := role{Temporal: s.temporal.FrontendAddr(), Args: s.args, Pace: s.cloud.State.Pace()}
	r.Epoch.Real, r.Epoch.Virtual = time.Now(), s.cloud.State.Now()
	return r
}

// workerHere starts a worker in this process, which the site closes.
func (s *site) workerHere(ctx context.Context) (*service.Worker, error) {
	w, err := s.role().start(ctx)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { w.Close(); return nil })
	return w, nil
}

// process is a worker in a process of its own, so that its memory is its own, and so that it can be killed.
type process struct {
	cmd  *exec.Cmd
	in   io.Closer
	done chan struct{} // closed when it is gone
}

// workerApart starts a worker in a process of its own, which the site ends, and answers when it polls.
func (s *site) workerApart(ctx context.Context) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	given, err := json.Marshal(s.role())
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, self), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), roleVariable+"="+string(given))
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

// peak is the most memory that the process has had, in MB.
func (p *process) peak() (float64, error) { return memory(p.cmd.Process.Pid, "VmHWM") }

// kill ends the process as a machine that goes away does, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.in.Close()
	<-p.done
}
