package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// play carries one order through: it starts it, lets people act, answers for the operator, and goes on until every run of it
// has ended. Every call may find the server down, and is made again.
type play struct {
	*campaign
	job  *job
	dice *rand.Rand // of what follows one another here
	all  sync.WaitGroup

	mu       sync.Mutex
	attempts []ledgercheck.Attempt
	last     upgrade.Status
}

// patience is how long one call may take before it is made again.
const patience = 15 * time.Second

// tolerate makes a call until it gets a definite answer: that the server, a worker or the connection is gone is none.
func tolerate[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	for {
		trying, cancel := context.WithTimeout(ctx, patience)
		out, err := call(trying)
		cancel()
		switch kind := upgrade.KindOf(err); {
		case err == nil, ctx.Err() != nil, gone(err):
			return out, err
		case kind == upgrade.Transient, kind == upgrade.Throttled:
		case upgrade.CodeOf(err) != "" && kind == upgrade.Unknown && upgrade.CodeOf(err) != temporalclient.ClosedWithoutEnd:
		default:
			return out, err
		}
		sleep(ctx, 500*time.Millisecond)
	}
}

// run is the order's story, from the customer's arrival to the last end.
func (p *play) run(ctx context.Context) error {
	sleep(ctx, p.job.after)
	select {
	case p.open <- struct{}{}:
		defer func() { <-p.open }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, err := tolerate(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, p.job.customer.arrive(ctx, p.site.microsoft)
	}); err != nil {
		return err
	}
	started, err := p.start(ctx, p.job.json())
	if err != nil {
		return err
	}
	p.tell("%s starts: %s, %s", p.job.order.ID, p.job.kind, p.job.person)
	p.mischief(ctx, started.WorkflowID)
	for attempt := 0; ; attempt++ {
		ended := p.follow(ctx, started, attempt == 0)
		if ctx.Err() != nil || !p.again(ended, attempt) {
			break
		}
		sleep(ctx, time.Duration(p.dice.IntN(2000))*time.Millisecond)
		begun := time.Now()
		next, err := tolerate(ctx, func(ctx context.Context) (upgrade.Started, error) {
			return p.site.upgrades.Exact().Retry(ctx, started.WorkflowID, 0)
		})
		p.count("retry", err)
		if err != nil {
			p.tell("%s is not run again: %v", p.job.order.ID, err)
			if upgrade.CodeOf(err) == "still_running" { // the start went through, and its answer was lost
				continue
			}
			break
		}
		started = next
		p.note(started.WorkflowID, started.RunID, begun)
	}
	p.all.Wait()
	return nil
}

// again tells whether the order is run once more: always where it was closed without an end, sometimes where nothing was changed.
func (p *play) again(ended ledgercheck.Attempt, attempt int) bool {
	switch {
	case attempt >= 4:
		return false
	case ended.Closed == "terminated":
		return true
	}
	return ended.Closed == "completed" && ended.Result.End.ChangedNothing() && ended.Result.End != upgrade.Ineligible && !p.site.s.plain && p.dice.IntN(3) == 0
}

// start starts the order.
func (p *play) start(ctx context.Context, order []byte) (upgrade.Started, error) {
	begun := time.Now()
	started, err := tolerate(ctx, func(ctx context.Context) (upgrade.Started, error) {
		return p.site.upgrades.Start(ctx, order, temporalclient.StartOptions{})
	})
	if err == nil {
		p.note(started.WorkflowID, started.RunID, begun)
	}
	return started, err
}

// note keeps a run, once.
func (p *play) note(workflowID, runID string, begun time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.attempts {
		if a.Run == runID {
			return
		}
	}
	p.attempts = append(p.attempts, ledgercheck.Attempt{Workflow: workflowID, Run: runID, Started: begun})
}

// ended keeps how a run closed.
func (p *play) ended(done ledgercheck.Attempt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, a := range p.attempts {
		if a.Run == done.Run {
			done.Started = a.Started
			p.attempts[i] = done
		}
	}
}

func (p *play) status() upgrade.Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// waiting tells whether the administrator is waited for, or may be again: a claim that is not believed leads back.
func (p *play) waiting() bool {
	switch p.status().Stage {
	case "", upgrade.Planning, upgrade.Invited, upgrade.Consented:
		return true
	}
	return false
}

// follow goes with a run to its end: the operator answers, the administrator does what was chosen, or signs in at once where
// the order is run again.
func (p *play) follow(ctx context.Context, started upgrade.Started, first bool) ledgercheck.Attempt {
	p.mu.Lock()
	p.last = upgrade.Status{}
	p.mu.Unlock()
	running, stop := context.WithCancel(ctx)
	defer stop()
	what := p.job.person
	if !first && what != nobody {
		what = prompt
	}
	dice := rand.New(rand.NewPCG(p.dice.Uint64(), 1))
	if what != nobody {
		p.all.Go(func() {
			a := newAdministrator(p.job.order.ID, p.job.customer.mail("admin"), p.site.microsoft.letters)
			a.tell = p.tell
			a.answer(running, dice, what, p.waiting, func(c upgrade.Consent) { p.signal(running, started.WorkflowID, "decline by signal", c) })
		})
	}
	p.all.Go(func() { p.operate(running, started.WorkflowID) })
	return p.close(ctx, started.WorkflowID, started.RunID)
}

// close waits until a run has closed, and keeps how.
func (p *play) close(ctx context.Context, workflowID, runID string) ledgercheck.Attempt {
	done := ledgercheck.Attempt{Workflow: workflowID, Run: runID}
	for ctx.Err() == nil && done.Closed == "" {
		trying, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := p.site.client.GetWorkflow(trying, workflowID, runID).Get(trying, &done.Result)
		cancel()
		var closed *temporal.WorkflowExecutionError
		switch {
		case err == nil:
			done.Closed = "completed"
		case errors.As(err, &closed):
			done.Closed = "failed"
			if terminated := (*temporal.TerminatedError)(nil); errors.As(err, &terminated) {
				done.Closed = "terminated"
			}
		default:
			sleep(ctx, 500*time.Millisecond)
		}
	}
	asking, enough := context.WithTimeout(ctx, 30*time.Second) // a run that was closed before its first task never says where it stood
	defer enough()
	status, err := tolerate(asking, func(ctx context.Context) (upgrade.Status, error) { return p.statusOf(ctx, workflowID, runID) })
	if err == nil {
		done.Status = status
	}
	done.Ended = time.Now()
	p.ended(done)
	p.tell("%s has closed: %s %s %v, run %s", workflowID, done.Closed, done.Result.End, codes(done.Result), runID)
	return done
}

// statusOf asks one run, also a closed one, where it stands.
func (p *play) statusOf(ctx context.Context, workflowID, runID string) (upgrade.Status, error) {
	var out upgrade.Status
	answer, err := p.site.client.QueryWorkflow(ctx, workflowID, runID, upgrade.QueryStatus)
	if err == nil {
		err = answer.Get(&out)
	}
	if err != nil {
		err = &upgrade.Error{Kind: upgrade.Transient, Code: "no_status", Message: "the run does not say where it stands", Err: err}
	}
	return out, err
}
