package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// takeTurn waits for the lock on the customer and, where subscriptions are written to, for a slot. What is had already is kept.
func (u *upgradeRun) takeTurn(ctx workflow.Context, slot bool) error {
	t := &u.status.Turn
	if t.HasLock && (t.HasSlot || !slot) {
		return nil
	}
	for {
		u.given = nil
		u.want(ctx, t.HasSlot || slot, true)
		if err := u.awaitTurn(ctx); err != nil {
			return err
		}
		switch g := u.given; {
		case g.Busy != "":
			t.Slot, t.Lock = false, false // the gate has struck it off
			return ending{end: upgrade.Ineligible, reasons: upgrade.Problems{{Code: "customer_busy",
				Message: fmt.Sprintf("The customer is being changed by %s, and the order is not to wait for it.", g.Busy), Remedy: "order again when that one has ended; an order without whenBusy waits"}}}
		case g.Again:
			if _, err := u.await(ctx, u.policy.Paced(time.Minute), "ask for a turn again", func() bool { return false }); err != nil {
				return err
			}
		default:
			t.HasSlot, t.HasLock, t.At = t.Slot, t.Lock, workflow.Now(ctx)
			u.details(ctx)
			return nil
		}
	}
}

// awaitTurn waits for the gate's answer, and as long as nothing has begun until the order's time has passed at most.
func (u *upgradeRun) awaitTurn(ctx workflow.Context) error {
	u.details(ctx)
	answered := func() bool { return u.given != nil }
	for u.given == nil {
		if after := u.order.NotAfter; after != nil && !u.begun {
			if err := u.inTime(ctx); err != nil {
				return err
			}
			if _, err := u.await(ctx, after.Sub(workflow.Now(ctx)), "not after "+after.Format("2 Jan 15:04"), answered); err != nil {
				return err
			}
			continue
		}
		err := workflow.Await(ctx, func() bool { return answered() || u.mayStop() })
		if u.mayStop() {
			return u.cancelled()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// giveSlotBack keeps the lock on the customer.
func (u *upgradeRun) giveSlotBack(ctx workflow.Context) {
	if u.status.Turn.Slot {
		u.want(ctx, false, u.status.Turn.HasLock)
	}
}

// leaveTurn gives everything back, or gives up waiting.
func (u *upgradeRun) leaveTurn(ctx workflow.Context) {
	if u.status.Turn.Lock {
		u.want(ctx, false, false)
	}
}

// want tells the gate what the upgrade wants from now on. The status says it first: a gate that has to find out who has a turn
// reads it there. Where there is no gate, one is opened; until it has heard, nothing goes ahead.
func (u *upgradeRun) want(ctx workflow.Context, slot, lock bool) {
	info := workflow.GetInfo(ctx)
	t := &u.status.Turn
	t.TurnWanted = upgrade.TurnWanted{
		Workflow: info.WorkflowExecution.ID, FirstRun: info.FirstRunID, Number: t.Number + 1, Tenant: u.order.Tenant,
		Slot: slot, Lock: lock, Ahead: u.begun, Priority: u.order.Priority, Group: or(u.order.Batch, u.order.ID),
		Refuse: u.order.WhenBusy == upgrade.RefuseWhenBusy && !u.begun,
	}
	t.HasSlot, t.HasLock, t.At = t.HasSlot && slot, t.HasLock && lock, workflow.Now(ctx)
	t.Quiet = !t.Waits()
	in := activities.TellGateInput{Wanted: t.TurnWanted}
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		err := workflow.ExecuteLocalActivity(local(ctx, "Tell the turn gate"), a.TellGate, in).Get(ctx, nil)
		if err == nil {
			return
		}
		u.log(ctx).Warn("the turn gate cannot be told", "error", failureOf(err).Message)
		if workflow.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// receiveTurns takes the gate's answers, raw and in a coroutine of its own. One to an earlier question says nothing any more.
func (u *upgradeRun) receiveTurns(ctx workflow.Context) {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	channel := workflow.GetSignalChannel(ctx, upgrade.SignalTurnGiven)
	workflow.Go(detached, func(ctx workflow.Context) {
		for {
			var raw converter.RawValue
			channel.Receive(ctx, &raw)
			var given upgrade.TurnGiven
			data, err := jsonOf(raw)
			if err != nil {
				u.ignore(ctx, upgrade.SignalTurnGiven, upgrade.Problems{{Code: "unreadable_signal", Message: err.Error()}})
				continue
			}
			if problems := upgrade.DecodeMessage(data, &given); len(problems) > 0 {
				u.ignore(ctx, upgrade.SignalTurnGiven, problems)
				continue
			}
			if t := u.status.Turn; t.Waits() && given.Number == t.Number && given.FirstRun == workflow.GetInfo(ctx).FirstRunID {
				u.given = &given
			}
		}
	})
}

// changedSince tells whether another upgrade may have changed the customer after the last look at it began. The look that follows
// is one inside the turn, so it is told once.
func (u *upgradeRun) changedSince() bool {
	if u.given == nil || u.given.Changed.Before(u.looked) {
		return false
	}
	u.given.Changed = time.Time{}
	return true
}
