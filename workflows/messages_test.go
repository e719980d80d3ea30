package workflows_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
)

// watch is a worker interceptor by which a test acts at an exact moment: when the workflow enters a stage or begins an
// activity. It also takes away the test environment's bound of ten attempts, which no server has.
type watch struct {
	interceptor.WorkerInterceptorBase
	stages        map[upgrade.Stage][]func()
	activities    map[string][]func()
	stage         upgrade.Stage // as the search attributes say
	needsOperator bool
	began         map[string]int // activities, by name
	details       string         // what Temporal's UI showed when an activity or a timer was last begun
	// around may be nil; else it runs the nth execution of an activity.
	around func(activity string, nth int, run func() (any, error)) (any, error)
	ran    map[string]int // executions that around has seen, by name
	dead   atomic.Bool    // the execution is terminated
}

func newWatch() *watch {
	return &watch{stages: map[upgrade.Stage][]func(){}, activities: map[string][]func(){}, began: map[string]int{}, ran: map[string]int{}}
}

func (w *watch) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &watchIn{watch: w}
	i.Next = next
	return i
}

type watchIn struct {
	interceptor.WorkflowInboundInterceptorBase
	watch *watch
}

func (i *watchIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &watchOut{watch: i.watch}
	o.Next = out
	return i.Next.Init(o)
}

type watchOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	watch *watch
}

func (o *watchOut) ExecuteActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	o.watch.alive()
	o.watch.began[activity]++
	o.watch.details = workflow.GetCurrentDetails(ctx)
	take(o.watch.activities, activity)
	opts := workflow.GetActivityOptions(ctx)
	policy := temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2}
	if opts.RetryPolicy != nil {
		policy = *opts.RetryPolicy
	}
	policy.MaximumAttempts = 1 << 30
	return o.Next.ExecuteActivity(workflow.WithRetryPolicy(ctx, policy), activity, args...)
}

// ExecuteLocalActivity is seen as any other: what a test is about is whether the step runs, and not how.
func (o *watchOut) ExecuteLocalActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	o.watch.alive()
	o.watch.began[activity]++
	o.watch.details = workflow.GetCurrentDetails(ctx)
	take(o.watch.activities, activity)
	return o.Next.ExecuteLocalActivity(ctx, activity, args...)
}

func (o *watchOut) NewTimerWithOptions(ctx workflow.Context, d time.Duration, options workflow.TimerOptions) workflow.Future {
	o.watch.alive()
	o.watch.details = workflow.GetCurrentDetails(ctx)
	return o.Next.NewTimerWithOptions(ctx, d, options)
}

func (o *watchOut) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	o.watch.alive()
	attributes := temporal.NewSearchAttributes(updates...)
	if stage, ok := attributes.GetKeyword(temporal.NewSearchAttributeKeyKeyword(upgrade.AttributeStage)); ok {
		o.watch.stage = upgrade.Stage(stage)
		take(o.watch.stages, upgrade.Stage(stage))
	}
	if needed, ok := attributes.GetBool(temporal.NewSearchAttributeKeyBool(upgrade.AttributeNeedsOperator)); ok {
		o.watch.needsOperator = needed
	}
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

// GetInfo names the first run, which the test environment leaves out and every server gives.
func (o *watchOut) GetInfo(ctx workflow.Context) *workflow.Info {
	info := *o.Next.GetInfo(ctx)
	info.FirstRunID = info.WorkflowExecution.ID + "/run"
	return &info
}

// take runs the first action that waits under a key, once.
func take[K comparable](waiting map[K][]func(), key K) {
	if list := waiting[key]; len(list) > 0 {
		waiting[key] = list[1:]
		list[0]()
	}
}

// when acts as the workflow enters a stage; the second call for the same stage acts the second time, and so on.
func (l *lab) when(stage upgrade.Stage, f func()) {
	l.watch.stages[stage] = append(l.watch.stages[stage], f)
}

// before acts as the workflow begins an activity.
func (l *lab) before(activity string, f func()) {
	l.watch.activities[activity] = append(l.watch.activities[activity], f)
}

// after acts at a time after the start.
func (l *lab) after(d time.Duration, f func()) { l.env.RegisterDelayedCallback(f, d) }

// answer is what became of an update.
type answer struct {
	l        *lab
	accepted bool
	rejected error
	done     bool
	err      error
	value    any
	then     func()
}

func (a *answer) Accept()          { a.accepted = true }
func (a *answer) Reject(err error) { a.rejected = err }
func (a *answer) Complete(value any, err error) {
	a.done, a.value, a.err = true, value, err
	if a.then != nil {
		a.then()
	}
}

// update sends an update; a nil input: none at all.
func (l *lab) update(name string, input any) *answer {
	l.Helper()
	if input == nil {
		return l.updateRaw(name)
	}
	b, err := json.Marshal(input)
	if err != nil {
		l.Fatal(err)
	}
	return l.updateRaw(name, jsonPayload(string(b)))
}

func (l *lab) updateRaw(name string, input ...any) *answer {
	a := &answer{l: l}
	l.env.UpdateWorkflow(name, "", a, input...)
	return a
}

// refused asserts that an update was rejected by its validator, with a code and words.
func (a *answer) refused(code string, words ...string) {
	a.l.Helper()
	switch {
	case a == nil:
		a.l.Fatal("the update was never sent")
	case a.rejected == nil:
		a.l.Fatalf("the update was not rejected (accepted %t, done %t, error %v), expected %s", a.accepted, a.done, a.err, code)
	}
	a.says(a.rejected, code, words...)
}

// failed asserts that an accepted update answered an error.
func (a *answer) failed(code string, words ...string) {
	a.l.Helper()
	if a.err == nil {
		a.l.Fatalf("the update did not fail (rejected: %v)", a.rejected)
	}
	a.says(a.err, code, words...)
}

func (a *answer) says(err error, code string, words ...string) {
	a.l.Helper()
	if got := fmt.Sprint(err); !strings.Contains(got, code) {
		a.l.Errorf("the update was refused with %q, not %s", got, code)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			a.l.Errorf("%q lacks %q", err, w)
		}
	}
}

// well asserts that an update was carried out, and reads its answer.
func (a *answer) well(into any) {
	a.l.Helper()
	switch {
	case a.rejected != nil:
		a.l.Fatalf("the update was rejected: %v", a.rejected)
	case !a.done:
		a.l.Fatal("the update was not answered")
	case a.err != nil:
		a.l.Fatalf("the update failed: %v", a.err)
	}
	if into == nil {
		return
	}
	b, err := json.Marshal(a.value)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		a.l.Fatal(err)
	}
}

// consent sends the signal.
func (l *lab) consent(decision object) {
	b, err := json.Marshal(decision)
	if err != nil {
		l.Fatal(err)
	}
	l.signal(jsonPayload(string(b)))
}

func (l *lab) signal(p converter.RawValue) { l.env.SignalWorkflow(upgrade.SignalConsent, p) }
