package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// turnGate gives turns to all upgrades of the installation.
type turnGate struct {
	book    turnBook
	look    time.Duration
	inbox   []upgrade.TurnWanted // not yet taken down
	finding bool                 // it finds out who has a turn
	sending int                  // answers on their way
	changed bool
	due     bool // it is time to look whether holders have closed
}

// TurnGateWorkflow gives each upgrade its turn: a slot of the installation and the lock on the customer, together. A turn ends
// when its holder says so, or when Temporal reports the holder closed; never because time has passed. There is one gate, it
// never ends, and without it no upgrade goes ahead. Workers open it, and so does an upgrade that finds none; one that is
// opened in the place of a gate that was terminated first finds out who has a turn.
func TurnGateWorkflow(ctx workflow.Context, start upgrade.TurnGateStart) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // a cancellation would leave upgrades without a gate
	g := &turnGate{book: turnBook{slots: start.Slots}, look: max(start.Look.D(), time.Second), inbox: start.Inbox}
	if err := g.setup(ctx); err != nil {
		return err
	}
	if start.Known != nil {
		g.book.TurnBook = *start.Known
	} else if err := g.find(ctx); err != nil {
		return err
	}
	for {
		g.work(ctx)
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return g.continueAsNew(ctx)
		}
		err := workflow.Await(ctx, func() bool { return g.changed || g.due || g.urgent() })
		if err != nil {
			return err
		}
		if g.due || g.urgent() {
			g.lookAround(ctx)
		}
	}
}

// setup registers the query and the update, and a coroutine that does nothing but receive.
func (g *turnGate) setup(ctx workflow.Context) error {
	err := workflow.SetQueryHandler(ctx, upgrade.QueryTurns, func() (upgrade.Turns, error) {
		return upgrade.Turns{Slots: g.book.slots, Used: g.book.used(), Finding: g.finding, Entries: append([]upgrade.Turn{}, g.book.Entries...)}, nil
	})
	if err != nil {
		return err
	}
	err = update(ctx, upgrade.UpdateSetSlots, "Change how many upgrades change subscriptions at a time; 0 is the brake",
		func(workflow.Context, upgrade.SetSlots) error { return nil },
		func(ctx workflow.Context, in upgrade.SetSlots) (upgrade.Reply, error) {
			was := g.book.slots
			g.book.slots, g.changed = *in.Slots, true
			workflow.GetLogger(ctx).Info("slots", "slots", *in.Slots, "were", was, "by", in.By, "reason", in.Reason)
			return upgrade.Reply{Message: slotsWords(was, *in.Slots, g.book.used())}, nil
		})
	if err != nil {
		return err
	}
	wanted := workflow.GetSignalChannel(ctx, upgrade.SignalTurn)
	workflow.Go(ctx, g.clock)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var raw converter.RawValue
			wanted.Receive(ctx, &raw)
			g.take(ctx, raw)
		}
	})
	return nil
}

func slotsWords(was, is, used int) string {
	words := fmt.Sprintf("%d slots, until now %d; %d are taken.", is, was, used)
	switch {
	case is == 0:
		words += " Nobody begins; what has begun is finished, or undone, one at a time."
	case used > is:
		words += " What is taken is not taken away."
	}
	return words
}

// take reads a message strictly. What does not fit is logged and changes nothing.
func (g *turnGate) take(ctx workflow.Context, raw converter.RawValue) {
	data, err := jsonOf(raw)
	if err != nil {
		workflow.GetLogger(ctx).Warn("a message to the gate was ignored", "error", err)
		return
	}
	w, problems := upgrade.ParseTurnWanted(data)
	if len(problems) > 0 {
		workflow.GetLogger(ctx).Warn("a message to the gate was ignored", "error", problems.Error())
		return
	}
	g.inbox, g.changed = append(g.inbox, w), true
}

// find asks Temporal which upgrades have a turn or wait for one: the gate before this one was terminated, or there was none. What
// has only just changed may not be listed yet, so where upgrades run it waits a little before it asks.
func (g *turnGate) find(ctx workflow.Context) error {
	g.finding = true
	for waited := false; ; {
		out, err := do(census(ctx, "Find out who has a turn"), a.FindTurns, activities.FindTurnsInput{})
		if err == nil && (waited || out.Running == 0) {
			if g.book.Entries = out.Entries; out.Running > 0 {
				g.book.Floor = workflow.Now(ctx)
			}
			g.finding = false
			return nil
		}
		waited = err == nil
		if err := workflow.Sleep(ctx, listed); err != nil {
			return err
		}
	}
}

// listed is how long Temporal may take to list what has happened.
const listed = 10 * time.Second

// work takes down what has come in, and gives what can be given.
func (g *turnGate) work(ctx workflow.Context) {
	g.changed = false
	now := workflow.Now(ctx)
	inbox := g.inbox
	g.inbox = nil
	for _, w := range inbox {
		if answer := g.book.want(w, now); answer != nil {
			g.send(ctx, *answer)
		}
	}
	for _, answer := range g.book.next(now) {
		g.send(ctx, answer)
	}
}

// send tells an upgrade. One that is not there any more has nothing to give back.
func (g *turnGate) send(ctx workflow.Context, one answer) {
	g.sending++
	workflow.Go(ctx, func(ctx workflow.Context) {
		defer func() { g.sending-- }()
		err := workflow.SignalExternalWorkflow(ctx, one.to.Workflow, "", upgrade.SignalTurnGiven, one.given).Get(ctx, nil)
		if isUnknownExecution(err) {
			g.book.closed(one.to.Workflow, one.to.FirstRun, workflow.Now(ctx))
			g.changed = true
		} else if err != nil {
			workflow.GetLogger(ctx).Error("an upgrade could not be told of its turn", "workflow", one.to.Workflow, "error", err)
		}
	})
}

// isUnknownExecution tells whether a signal failed because its execution is closed or unknown.
func isUnknownExecution(err error) bool {
	var unknown *temporal.UnknownExternalWorkflowExecutionError
	return errors.As(err, &unknown)
}

// clock says now and then, while somebody waits, that it is time to look whether holders have closed.
func (g *turnGate) clock(ctx workflow.Context) {
	for {
		err := workflow.Await(ctx, func() bool { return !g.due && g.book.waits() })
		if err == nil {
			err = workflow.NewTimerWithOptions(ctx, g.look, workflow.TimerOptions{Summary: "look whether holders have closed"}).Get(ctx, nil)
		}
		if err != nil {
			return
		}
		g.due = true
	}
}

// urgent tells whether somebody wants to be refused rather than to wait for a holder, who may have closed.
func (g *turnGate) urgent() bool {
	return slices.ContainsFunc(g.book.Entries, g.book.refuses)
}

// lookAround takes the turn from holders whose execution has closed, and then refuses those who do not want to wait for the others.
func (g *turnGate) lookAround(ctx workflow.Context) {
	g.due = false
	holders := g.book.holders()
	for page := range slices.Chunk(holders, lookedAt) {
		out, err := do(census(ctx, "Look whether holders of a turn have closed"), a.FindClosed, activities.FindClosedInput{Holders: page})
		if err != nil { // nobody loses a turn because Temporal does not say
			workflow.GetLogger(ctx).Error("Temporal does not say whether holders have closed", "error", failureOf(err).Message)
			return
		}
		for _, c := range out.Closed {
			g.book.closed(c.Workflow, c.FirstRun, workflow.Now(ctx))
			workflow.GetLogger(ctx).Info("the holder of a turn has closed", "workflow", c.Workflow)
		}
	}
	g.work(ctx) // who was waiting for one of them goes first
	for _, refused := range g.book.refusals() {
		g.send(ctx, refused)
	}
}

// lookedAt is how many executions are asked about by one activity.
const lookedAt = 50

// continueAsNew goes on in a new run with all that is known, once nothing is under way.
func (g *turnGate) continueAsNew(ctx workflow.Context) error {
	quiet := func() bool { return g.sending == 0 && workflow.AllHandlersFinished(ctx) }
	for letOthersRun(ctx); !quiet(); letOthersRun(ctx) {
		if err := workflow.Await(ctx, quiet); err != nil {
			return err
		}
	}
	wanted := workflow.GetSignalChannel(ctx, upgrade.SignalTurn)
	for raw := (converter.RawValue{}); wanted.ReceiveAsync(&raw); raw = (converter.RawValue{}) {
		g.take(ctx, raw)
	}
	known := g.book.TurnBook
	return workflow.NewContinueAsNewError(ctx, upgrade.TurnGateWorkflow, upgrade.TurnGateStart{Slots: g.book.slots, Look: upgrade.Wait(g.look), Known: &known, Inbox: g.inbox})
}
