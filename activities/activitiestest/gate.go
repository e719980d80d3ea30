package activitiestest

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
)

// Gate stands for the turn gate in a test environment that runs one upgrade alone: an interceptor that takes what the upgrade
// says and gives it what it wants, at once or when the test opens the gate.
type Gate struct {
	interceptor.WorkerInterceptorBase
	env *testsuite.TestWorkflowEnvironment

	// Answer decides about a message that asks for something; nil: it is given. No answer: the upgrade waits.
	Answer func(upgrade.TurnWanted) *upgrade.TurnGiven
	// Missing lets so many messages find no gate.
	Missing int

	said    []string
	missing int
	has     upgrade.TurnWanted
}

// NewGate makes a gate that gives every turn at once. It belongs into the environment's worker options.
func NewGate(env *testsuite.TestWorkflowEnvironment) *Gate { return &Gate{env: env} }

// Said is what the upgrade said, in words such as "slot+lock ahead".
func (g *Gate) Said() []string { return slices.Clone(g.said) }

// Has is what the upgrade said last.
func (g *Gate) Has() upgrade.TurnWanted { return g.has }

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (g *Gate) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &gateIn{gate: g}
	i.Next = next
	return i
}

type gateIn struct {
	interceptor.WorkflowInboundInterceptorBase
	gate *Gate
}

func (i *gateIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &gateOut{gate: i.gate}
	o.Next = out
	return i.Next.Init(o)
}

type gateOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	gate *Gate
}

func (o *gateOut) SignalExternalWorkflow(ctx workflow.Context, workflowID, runID, signal string, arg any) workflow.Future {
	wanted, ours := arg.(upgrade.TurnWanted)
	if workflowID != upgrade.TurnGateID || signal != upgrade.SignalTurn || !ours {
		return o.Next.SignalExternalWorkflow(ctx, workflowID, runID, signal, arg)
	}
	future, settle := workflow.NewFuture(ctx)
	if o.gate.missing++; o.gate.missing <= o.gate.Missing {
		settle.SetError(&temporal.UnknownExternalWorkflowExecutionError{})
		return future
	}
	settle.SetValue(nil)
	o.gate.hear(wanted)
	return future
}

// hear takes a message down, and answers it in a task of its own, as the gate does.
func (g *Gate) hear(w upgrade.TurnWanted) {
	words := "nothing"
	switch {
	case w.Slot:
		words = "slot+lock"
	case w.Lock:
		words = "lock"
	}
	if w.Ahead && w.Lock {
		words += " ahead"
	}
	more := w.Slot && !g.has.Slot || w.Lock && !g.has.Lock
	g.said, g.has = append(g.said, words), w
	if !more {
		return
	}
	given := &upgrade.TurnGiven{}
	if g.Answer != nil {
		given = g.Answer(w)
	}
	if given == nil || given.Again || given.Busy != "" {
		g.has.Slot, g.has.Lock = false, false
	}
	if given == nil {
		return
	}
	g.Give(w, *given, time.Millisecond)
}

// Give answers a message after a while.
func (g *Gate) Give(w upgrade.TurnWanted, given upgrade.TurnGiven, after time.Duration) {
	given.FirstRun, given.Number = w.FirstRun, w.Number
	g.env.RegisterDelayedCallback(func() {
		if !g.env.IsWorkflowCompleted() {
			g.env.SignalWorkflow(upgrade.SignalTurnGiven, given)
		}
	}, after)
}

func (g *Gate) String() string { return fmt.Sprint(g.said) }
