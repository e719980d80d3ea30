package workflows_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
	"uplift/workflows"
)

const (
	fabrikam = "22222222-2222-2222-2222-222222222222"
	tailspin = "33333333-3333-3333-3333-333333333333"
)

// gateLab runs the gate alone. What upgrades say to it is signalled, and what it says to them is written down.
type gateLab struct {
	interceptor.WorkerInterceptorBase
	*testing.T
	env   *testsuite.TestWorkflowEnvironment
	world *activitiestest.World
	told  []string        // such as "1h0m0s a #1"
	gone  map[string]bool // workflow ids that take no signal
}

func newGateLab(t *testing.T) *gateLab {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	world, _ := newWorld()
	l := &gateLab{T: t, env: suite.NewTestWorkflowEnvironment(), world: world, gone: map[string]bool{}}
	l.env.SetStartTime(start)
	world.SetClock(l.env.Now)
	l.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}, newWatch(), l}})
	l.env.RegisterActivity(world.Activities())
	l.env.RegisterWorkflowWithOptions(workflows.TurnGateWorkflow, workflow.RegisterOptions{Name: upgrade.TurnGateWorkflow})
	l.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: upgrade.TurnGateID, TaskQueue: upgrade.TaskQueue})
	return l
}

func (l *gateLab) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &gateLabIn{l: l}
	i.Next = next
	return i
}

type gateLabIn struct {
	interceptor.WorkflowInboundInterceptorBase
	l *gateLab
}

func (i *gateLabIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &gateLabOut{l: i.l}
	o.Next = out
	return i.Next.Init(o)
}

type gateLabOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	l *gateLab
}

func (o *gateLabOut) SignalExternalWorkflow(ctx workflow.Context, id, _, _ string, arg any) workflow.Future {
	future, settle := workflow.NewFuture(ctx)
	given, _ := arg.(upgrade.TurnGiven) // anything else is told as nothing, which no test expects
	words := fmt.Sprintf("%s %s #%d", workflow.Now(ctx).Sub(start), id, given.Number)
	switch {
	case given.Busy != "":
		words += " busy: " + given.Busy
	case given.Again:
		words += " again"
	case !given.Changed.IsZero():
		words += " changed"
	}
	if o.l.gone[id] {
		settle.SetError(&temporal.UnknownExternalWorkflowExecutionError{})
		return future
	}
	o.l.told = append(o.l.told, words)
	settle.SetValue(nil)
	return future
}

// says lets an upgrade speak to the gate at a time after the start: "slot", "lock" or "nothing".
func (l *gateLab) says(at time.Duration, id, tenant string, number int, what string, more ...func(*upgrade.TurnWanted)) {
	w := upgrade.TurnWanted{Workflow: id, FirstRun: "run", Number: number, Tenant: tenant, Slot: what == "slot", Lock: what != "nothing", Group: id}
	for _, change := range more {
		change(&w)
	}
	l.env.RegisterDelayedCallback(func() { l.env.SignalWorkflow(upgrade.SignalTurn, w) }, at)
}

// unheard takes an update's answer for nobody.
type unheard struct{}

func (unheard) Accept()             {}
func (unheard) Reject(error)        {}
func (unheard) Complete(any, error) {}

func refusing(w *upgrade.TurnWanted) { w.Refuse = true }

// runs lets the gate run for a time. Then its history is long enough, and it hands over to its next run.
func (l *gateLab) runs(in upgrade.TurnGateStart, long time.Duration) upgrade.TurnGateStart {
	l.Helper()
	l.env.RegisterDelayedCallback(func() {
		l.env.SetContinueAsNewSuggested(true)
		l.env.SignalWorkflow(upgrade.SignalTurn, "the last straw")
		l.env.SignalWorkflow(upgrade.SignalTurn, upgrade.TurnWanted{Workflow: "straw", FirstRun: "run", Number: 1, Tenant: tailspin})
	}, long)
	l.env.ExecuteWorkflow(upgrade.TurnGateWorkflow, in)
	var next *workflow.ContinueAsNewError
	if err := l.env.GetWorkflowError(); !errors.As(err, &next) {
		l.Fatalf("the gate ended: %v", err)
	}
	var out upgrade.TurnGateStart
	if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &out); err != nil {
		l.Fatal(err)
	}
	return out
}

func (l *gateLab) answers(want ...string) {
	l.Helper()
	if !slices.Equal(l.told, want) {
		l.Errorf("the gate said\n  %s\nnot\n  %s", strings.Join(l.told, "\n  "), strings.Join(want, "\n  "))
	}
}

// A turn does not end because time passes, however long; it ends when Temporal reports that its holder has closed.
func TestTurnEndsWithItsHolder(t *testing.T) {
	t.Parallel()
	l := newGateLab(t)
	l.says(0, "a", contoso, 1, "slot")
	l.says(time.Hour, "b", contoso, 1, "slot")
	l.says(2*time.Hour, "c", fabrikam, 1, "slot")
	l.env.RegisterDelayedCallback(func() { l.world.Close("a") }, 30*day)
	next := l.runs(upgrade.TurnGateStart{Slots: 1, Look: upgrade.Wait(time.Hour)}, 31*day)
	if len(l.told) != 2 || !strings.HasPrefix(l.told[0], "0s a #1") || !strings.HasPrefix(l.told[1], "720h") || !strings.Contains(l.told[1], "b #1 changed") {
		t.Errorf("the gate said %v", l.told)
	}
	if len(next.Known.Entries) != 2 {
		t.Errorf("the next run knows %+v", next.Known.Entries)
	}
}

// Temporal does not say whether a holder has closed: nobody loses a turn.
func TestTurnStaysWhileTemporalIsSilent(t *testing.T) {
	t.Parallel()
	l := newGateLab(t)
	l.says(0, "a", contoso, 1, "slot")
	l.says(time.Hour, "b", contoso, 1, "slot")
	l.world.Close("a")
	l.world.Fail("Executions.Closed", 60, &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable"})
	l.runs(upgrade.TurnGateStart{Slots: 1, Look: upgrade.Wait(time.Minute)}, 4*time.Hour)
	if len(l.told) != 2 || l.world.Calls("Executions.Closed") < 61 {
		t.Errorf("the gate said %v after %d questions", l.told, l.world.Calls("Executions.Closed"))
	}
}

// Who would rather be refused is refused at once, after a look whether the holder has closed.
func TestTurnIsRefusedOnDemand(t *testing.T) {
	t.Parallel()
	l := newGateLab(t)
	l.says(0, "a", contoso, 1, "slot")
	l.says(time.Hour, "b", contoso, 1, "slot", refusing)
	l.env.RegisterDelayedCallback(func() { l.world.Close("a") }, 2*time.Hour)
	l.says(3*time.Hour, "c", contoso, 1, "slot", refusing)
	l.runs(upgrade.TurnGateStart{Slots: 9, Look: upgrade.Wait(time.Minute)}, 4*time.Hour)
	l.answers("0s a #1", "1h0m0s b #1 busy: a", "3h0m0s c #1 changed")
}

// One that has ended while it waited is passed over.
func TestTurnOfOneThatIsGone(t *testing.T) {
	t.Parallel()
	l := newGateLab(t)
	l.gone["b"] = true
	l.says(0, "a", contoso, 1, "slot")
	l.says(time.Hour, "b", fabrikam, 1, "slot")
	l.says(2*time.Hour, "c", tailspin, 1, "slot")
	l.says(3*time.Hour, "a", contoso, 2, "nothing")
	l.runs(upgrade.TurnGateStart{Slots: 1, Look: upgrade.Wait(time.Hour)}, 4*time.Hour)
	l.answers("0s a #1", "3h0m0s c #1")
}

// The gate hands everything over to its next run, also what came in the last moment; and it takes no cancellation.
func TestGateGoesOn(t *testing.T) {
	t.Parallel()
	l := newGateLab(t)
	l.says(0, "a", contoso, 1, "slot")
	l.says(time.Hour, "b", fabrikam, 1, "slot")
	l.says(2*time.Hour, "a", contoso, 2, "lock")
	l.env.RegisterDelayedCallback(l.env.CancelWorkflow, 3*time.Hour)
	l.env.RegisterDelayedCallback(func() {
		l.env.UpdateWorkflow(upgrade.UpdateSetSlots, "", unheard{}, jsonPayload(`{"slots":7,"by":"Olga"}`))
		l.env.UpdateWorkflow(upgrade.UpdateSetSlots, "", unheard{}, jsonPayload(`{"by":"Olga"}`)) // no number is no brake
	}, 4*time.Hour)
	l.says(5*time.Hour, "c", tailspin, 1, "slot")
	next := l.runs(upgrade.TurnGateStart{Slots: 1, Look: upgrade.Wait(time.Hour)}, 5*time.Hour)
	l.answers("0s a #1", "2h0m0s a #2", "2h0m0s b #1", "5h0m0s c #1")
	if next.Slots != 7 || next.Look.D() != time.Hour || len(next.Known.Entries) != 3 {
		t.Errorf("the next run begins with %+v", next)
	}
	again := newGateLab(t)
	next.Inbox = append(next.Inbox, upgrade.TurnWanted{Workflow: "c", FirstRun: "run", Number: 1, Tenant: tailspin, Slot: true, Lock: true})
	again.says(time.Hour, "d", fabrikam, 1, "lock")
	again.says(2*time.Hour, "b", fabrikam, 2, "nothing")
	again.runs(next, 3*time.Hour)
	again.answers("0s c #1", "2h0m0s d #1 changed")
}

// A gate that takes the place of one that was terminated finds out who has a turn before it gives any, and who waits.
func TestGateFindsTurns(t *testing.T) {
	t.Parallel()
	l := newGateLab(t)
	turn := func(id, tenant string, slot, has bool) {
		l.world.Run(upgrade.Status{WorkflowID: id, Turn: upgrade.Turn{HasSlot: slot && has, HasLock: has, TurnWanted: upgrade.TurnWanted{
			Workflow: id, FirstRun: "run", Number: 4, Tenant: tenant, Slot: slot, Lock: true, Group: id}}})
	}
	turn("a", contoso, true, true)
	turn("b", fabrikam, false, true)
	turn("c", tailspin, true, false)
	l.world.Run(upgrade.Status{WorkflowID: "no turn"})
	turn("closed", tailspin, true, true)
	l.world.Close("closed")
	l.world.Fail("Executions.Status", 3, &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable"})
	l.says(0, "late", fabrikam, 1, "slot")
	l.says(time.Hour, "a", contoso, 5, "nothing")
	l.says(2*time.Hour, "b", fabrikam, 5, "nothing")
	l.runs(upgrade.TurnGateStart{Slots: 1, Look: upgrade.Wait(time.Minute)}, 3*time.Hour)
	if len(l.told) != 1 || !strings.Contains(l.told[0], "1h0m0s c #4") {
		t.Errorf("the gate said %v", l.told)
	}
}

// Nothing that anybody signals can stop the gate.
func TestGateIgnoresWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	l := newGateLab(t)
	for i, raw := range []string{`{`, `[]`, `{"workflow":"a"}`, `{"workflow":"a","firstRun":"r","number":1,"tenant":"` + contoso + `","slot":true}`, `{"x":1}`} {
		l.env.RegisterDelayedCallback(func() { l.env.SignalWorkflow(upgrade.SignalTurn, jsonPayload(raw)) }, time.Duration(i)*time.Minute)
	}
	l.env.RegisterDelayedCallback(func() { l.env.SignalWorkflow(upgrade.SignalTurn, payload("binary/encrypted", "?")) }, time.Minute)
	l.says(time.Hour, "a", contoso, 1, "slot")
	l.runs(upgrade.TurnGateStart{Slots: 1, Look: upgrade.Wait(time.Minute)}, 2*time.Hour)
	l.answers("1h0m0s a #1")
}
