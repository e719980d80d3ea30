package activitiestest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// Gate stands for the turn gate in a test environment that runs one upgrade alone: an interceptor that takes what the upgrade
// says and gives it what it wants, at once or when the test opens the gate.
type Gate struct {
	interceptor.WorkerInterceptorBase
	env *testsuite.TestWorkflowEnvironment

	// Answer decides about a message that asks for something; nil: it is given. No answer: the upgrade waits.
	Answer func(upgrade.TurnWanted) *upgrade.TurnGiven
	// Missing lets so many messages not arrive.
	Missing int
	// Aside leaves the messages to the activities' own Executions, which may hand them to Tell.
	Aside bool

	mu      sync.Mutex
	said    []string
	missing int
	has     upgrade.TurnWanted
}

// NewGate makes a gate that gives every turn at once. It belongs into the environment's worker options.
func NewGate(env *testsuite.TestWorkflowEnvironment) *Gate { return &Gate{env: env} }

// Said is what the upgrade said, in words such as "slot+lock ahead".
func (g *Gate) Said() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.said)
}

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

func (o *gateOut) ExecuteLocalActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	wanted, ours := wantedOf(args)
	if activity != "TellGate" || !ours || o.gate.Aside {
		return o.Next.ExecuteLocalActivity(ctx, activity, args...)
	}
	future, settle := workflow.NewFuture(ctx)
	if o.gate.missing++; o.gate.missing <= o.gate.Missing {
		settle.SetError(temporal.NewApplicationError("Temporal does not take it", "temporal_unavailable"))
		return future
	}
	settle.SetValue(nil)
	o.gate.Tell(wanted)
	return future
}

func wantedOf(args []any) (w upgrade.TurnWanted, ok bool) {
	if len(args) != 1 {
		return w, false
	}
	in, ok := args[0].(activities.TellGateInput)
	return in.Wanted, ok
}

// Tell takes a message down, and answers it in a task of its own, as the gate does.
func (g *Gate) Tell(w upgrade.TurnWanted) {
	g.mu.Lock()
	defer g.mu.Unlock()
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
		if (w.Slot || w.Lock) && !w.Quiet { // a repeat: the gate answers that, too
			g.Give(w, upgrade.TurnGiven{}, time.Millisecond)
		}
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
