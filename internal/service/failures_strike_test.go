package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"uplift/upgrade"
)

// fault is a kind of failure: a column of the table.
type fault string

const (
	refused      fault = "refused before the effect"
	replyLost    fault = "reply lost after the effect"
	slowSeconds  fault = "throttled, Retry-After in seconds"
	slowDate     fault = "throttled, Retry-After as an HTTP date"
	serverError  fault = "5xx"
	hang         fault = "hang until timeout"
	cutBody      fault = "malformed body"
	oddCode      fault = "undocumented code"
	killedBefore fault = "worker killed before the effect"
	killedAfter  fault = "worker killed after the effect"
	cancelling   fault = "cancel meanwhile, by update"
	rawCancel    fault = "cancel meanwhile, of the execution"
)

// faults are the columns in their order.
var faults = []fault{refused, replyLost, slowSeconds, slowDate, serverError, hang, cutBody, oddCode, killedBefore, killedAfter, cancelling, rawCancel}

// times is how many attempts of the activity a fault strikes.
func (f fault) times() int {
	switch f {
	case slowSeconds, slowDate, serverError:
		return 2
	}
	return 1
}

// strike lets one fault befall one activity of a run, at its n-th execution. Everything else of the run goes well.
type strike struct {
	b     *ordeal
	row   row
	fault fault

	mu       sync.Mutex
	begun    int    // executions of the activity
	target   string // the one that is struck
	struck   int
	began    []time.Time // its attempts
	struckAt []time.Time // those that were struck
	over     bool        // it ended before the fault had struck as often as it would
	reply    heard       // to the cancel
}

// around runs an activity, and lets the fault befall the one that is meant.
func (s *strike) around(ctx context.Context, in *interceptor.ExecuteActivityInput, run func() (any, error)) (any, error) {
	info := activity.GetInfo(ctx)
	s.b.scene(info.ActivityType.Name, in)
	if !s.meant(info) {
		return s.b.noted(info, run)
	}
	out, err := s.b.noted(info, func() (any, error) { return s.befall(run) })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = err == nil && s.struck > 0
	return out, err
}

// meant tells whether this attempt is to be struck, and remembers when the attempts of the chosen execution began.
func (s *strike) meant(info activity.Info) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == "" || info.ActivityType.Name != s.row.activity {
		return false
	}
	if info.Attempt == 1 {
		if s.begun++; s.begun == max(s.row.nth, 1) {
			s.target = info.ActivityID
		}
	}
	if info.ActivityID != s.target {
		return false
	}
	s.began = append(s.began, s.b.env.Now())
	return s.struck < s.fault.times()
}

func (s *strike) befall(run func() (any, error)) (any, error) {
	switch s.fault {
	case killedBefore:
		s.hit(true)
		s.b.takeOver()
		return nil, errKilled
	case killedAfter:
		s.hit(true)
		_, _ = run()
		s.b.takeOver()
		return nil, errKilled
	case cancelling:
		s.hit(true)
		s.send(func() {
			s.b.env.UpdateWorkflow(upgrade.UpdateCancel, "", &s.reply, jsonPayload(`{"by":"Olga","reason":"ordered by mistake"}`))
		})
		return run()
	case rawCancel:
		s.hit(true)
		out, err := run()
		s.send(s.b.env.CancelWorkflow)
		return out, err
	}
	if s.row.at.arm == nil {
		s.hit(true)
		return s.atTheEdge(run)
	}
	began := s.b.env.Now()
	disarm := s.row.at.arm(s.b, s.fault)
	out, err := run()
	if struck := disarm(err); struck {
		s.hit(true)
		s.mu.Lock()
		s.struckAt = append(s.struckAt, began)
		s.mu.Unlock()
	}
	return out, err
}

// atTheEdge strikes an activity that reaches nobody: what fails is the worker itself, before or after it.
func (s *strike) atTheEdge(run func() (any, error)) (any, error) {
	kind := map[fault]upgrade.Kind{refused: upgrade.Transient, slowSeconds: upgrade.Throttled, slowDate: upgrade.Throttled, serverError: upgrade.Transient}[s.fault]
	if kind == "" {
		_, _ = run() // and its answer does not reach Temporal
	}
	return nil, errKilled
}

func (s *strike) hit(struck bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if struck {
		s.struck++
	}
}

// errKilled is what Temporal makes of a worker that is no more: no answer in time, and another attempt.
var errKilled = errors.New("the worker was killed: no heartbeat, no answer")

// send has the workflow hear of something while the activity runs, and returns when it has.
func (s *strike) send(what func()) {
	heard := make(chan struct{})
	s.b.env.RegisterDelayedCallback(func() {
		what()
		s.b.env.RegisterDelayedCallback(func() { close(heard) }, 0)
	}, 0)
	<-heard
}

// heard is what became of an update.
type heard struct {
	rejected, failed error
	value            any
}

// Accept is of no interest: what counts is how it ends.
func (h *heard) Accept() {}

// Reject keeps the reason.
func (h *heard) Reject(err error) { h.rejected = err }

// Complete keeps the answer.
func (h *heard) Complete(value any, err error) { h.value, h.failed = value, err }

// takeOver lets a worker that has just started run every activity from now on: nothing that the killed one had in memory is left.
func (o *ordeal) takeOver() {
	if o.fresh != nil {
		o.present.Store(o.fresh)
	}
}
