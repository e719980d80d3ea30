package workflows_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// boundary is the beginning or the end of one activity of a run.
type boundary struct {
	activity string
	nth      int
	after    bool // its effect
}

func (b boundary) String() string {
	if b.after {
		return fmt.Sprintf("after %s %d", b.activity, b.nth)
	}
	return fmt.Sprintf("before %s %d", b.activity, b.nth)
}

// boundaries are those of all activities that a run has begun.
func (l *lab) boundaries() []boundary {
	var all []boundary
	for _, name := range slices.Sorted(maps.Keys(l.watch.began)) {
		for nth := range l.watch.began[name] {
			all = append(all, boundary{name, nth + 1, false}, boundary{name, nth + 1, true})
		}
	}
	return all
}

// atBoundary acts, once, in the middle of an activity: before its effect or after it. What it answers takes the activity's place,
// unless it answers nil.
func (l *lab) atBoundary(at boundary, act func() error) (reached func() bool) {
	var mu sync.Mutex
	came := false
	l.watch.around = func(name string, nth int, run func() (any, error)) (any, error) {
		mu.Lock()
		here := !came && name == at.activity && nth == at.nth
		came = came || here
		mu.Unlock()
		if !here {
			return run()
		}
		if !at.after {
			if err := act(); err != nil {
				return nil, err
			}
			return run()
		}
		out, err := run()
		if other := act(); other != nil {
			return nil, other
		}
		return out, err
	}
	return func() bool { mu.Lock(); defer mu.Unlock(); return came }
}

// heard has the workflow hear of something while an activity runs, and returns when it has.
func (l *lab) heard(what func()) {
	done := make(chan struct{})
	l.env.RegisterDelayedCallback(func() {
		what()
		l.env.RegisterDelayedCallback(func() { close(done) }, 0)
	}, 0)
	<-done
}

// InterceptActivity lets around run activities.
func (w *watch) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &watchActivity{watch: w}
	i.Next = next
	return i
}

type watchActivity struct {
	interceptor.ActivityInboundInterceptorBase
	watch *watch
}

var counting sync.Mutex // of executions: activities of one run may overlap

func (i *watchActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	run := func() (any, error) { return i.Next.ExecuteActivity(ctx, in) }
	info := activity.GetInfo(ctx)
	counting.Lock()
	if info.Attempt == 1 {
		i.watch.ran[info.ActivityType.Name]++
	}
	nth := i.watch.ran[info.ActivityType.Name]
	counting.Unlock()
	if i.watch.around == nil {
		return run()
	}
	return i.watch.around(info.ActivityType.Name, nth, run)
}

// terminate ends the execution where it stands: it does nothing any more, and no end of it is recorded.
func (w *watch) terminate() error {
	w.dead.Store(true)
	return temporal.NewNonRetryableApplicationError("terminated", "terminated", nil)
}

// alive stops the workflow's code at its next command once the execution is terminated.
func (w *watch) alive() {
	if w.dead.Load() {
		panic("terminated")
	}
}

func (o *watchOut) NewTimer(ctx workflow.Context, d time.Duration) workflow.Future {
	o.watch.alive()
	return o.Next.NewTimer(ctx, d)
}

func (o *watchOut) Sleep(ctx workflow.Context, d time.Duration) error {
	o.watch.alive()
	return o.Next.Sleep(ctx, d)
}
