package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// process is one of the product's, and its successors: whatever ends it, another takes its place.
type process struct {
	name string
	role role
	log  *os.File
	said chan json.RawMessage // the first line of the first one

	mu      sync.Mutex
	running *exec.Cmd // nil while it is not at work
	kills   int
	deaths  int           // that nobody caused
	pause   time.Duration // before the next one takes its place
}

// keep runs the process and its successors until the context ends.
func (p *process) keep(ctx context.Context) {
	for ctx.Err() == nil {
		err := p.once(ctx)
		p.mu.Lock()
		p.running = nil
		pause := p.pause
		if pause == 0 {
			pause = 300 * time.Millisecond
			if ctx.Err() == nil {
				p.deaths++
				fmt.Fprintf(p.log, "%s ended by itself: %v\n", p.name, err)
			}
		}
		p.pause = 0
		p.mu.Unlock()
		sleep(ctx, pause)
	}
}

// once runs it until it ends. Its standard input is a pipe that nobody writes to: when the campaign is gone, the pipe
// closes, and the process ends.
func (p *process) once(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	given, err := json.Marshal(p.role)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), roleVariable+"="+string(given))
	cmd.Stderr = p.log
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadBytes('\n'); err == nil {
		select {
		case p.said <- line:
		default:
		}
		p.mu.Lock()
		p.running = cmd
		p.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, lines)
	return cmd.Wait()
}

// kill ends it by SIGKILL, where it is at work; its successor comes after the pause.
func (p *process) kill(pause time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return false
	}
	p.pause = max(pause, time.Millisecond)
	p.kills++
	_ = p.running.Process.Kill()
	p.running = nil
	return true
}

// atWork tells whether the process has said that it is ready.
func (p *process) atWork() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running != nil
}

// first waits for the first line of the first one.
func (p *process) first(ctx context.Context, into any) error {
	select {
	case line := <-p.said:
		return json.Unmarshal(line, into)
	case <-ctx.Done():
		return fmt.Errorf("%s does not get to work: %w", p.name, ctx.Err())
	}
}

// sleep waits, or until the context ends.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
