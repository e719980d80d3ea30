package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// undo takes one step back. It is registered before its step runs, so that a step whose reply is lost is undone, too; each
// reads first and does only what is needed.
type undo struct {
	name  string
	words string
	after string // the undo that must have succeeded before this one, where it was registered
	users bool   // it writes to users only, which needs no slot
	run   func(ctx workflow.Context) error
}

// undoLicences names the undo that puts users' licences back.
const undoLicences = "licences"

// willUndo registers an undo once; a step that is tried again has its undo already.
func (u *upgradeRun) willUndo(one undo) {
	if !slices.ContainsFunc(u.undos, func(have undo) bool { return have.name == one.name }) {
		u.undos = append(u.undos, one)
	}
}

// willUndoSeats puts the number of seats back. Before, it waits for the change itself to show: Microsoft may have accepted
// it and show the old number still, which must not be taken for "undone". Seats are not taken from under users whose
// licences could not be moved back.
func (u *upgradeRun) willUndoSeats(i int, s upgrade.Step) {
	back := s
	back.From, back.To, back.Work = s.To, s.From, upgrade.Resize
	back.Words = fmt.Sprintf("Put the seats back from %d to %d", s.To, s.From)
	u.willUndo(undo{name: s.ID, words: back.Words, after: undoLicences, run: func(ctx workflow.Context) error {
		if !u.untouched[s.ID] {
			if err := u.putBack(ctx, s, back); err != nil {
				return err
			}
		}
		u.mark(ctx, i, "undone")
		return nil
	}})
	u.willRestoreRenewal(s.Subscription)
}

func (u *upgradeRun) putBack(ctx workflow.Context, s, back upgrade.Step) error {
	if kept, ok := u.kept[s.Subscription]; ok { // less was given back than was planned, and the rest was scheduled
		s.To, back.From = kept, kept
		later := s
		later.ID = s.ID + "/renewal"
		if _, err := do(quick(ctx, u.policy, "Take back what was scheduled for the renewal"), a.ScheduleRenewal, activities.ScheduleRenewalInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: later, Back: true}); err != nil {
			return err
		}
	}
	in := activities.AwaitProvisioningInput{Upgrade: u.requests().Upgrade, Tenant: u.order.Tenant, Step: s}
	if err := u.look(ctx, in, u.policy.TellAfter.D(), true); err != nil {
		u.log(ctx).Info("a change that is undone did not show", "step", s.ID, "code", failureOf(err).Code)
	}
	if err := u.changeSeats(ctx, "undo-"+s.ID, back); err != nil {
		return u.endLater(ctx, back, err)
	}
	in.Step = back
	err := u.look(ctx, in, u.policy.TellAfter.D(), true)
	if tookLong(err) {
		u.giveSlotBack(ctx)
		err = u.look(ctx, in, u.policy.ParkAfter.D()-u.policy.TellAfter.D(), true)
	}
	return err
}

// endLater schedules for the renewal what Microsoft does not take back today. It is not undone thereby: an operator has the
// last word.
func (u *upgradeRun) endLater(ctx workflow.Context, back upgrade.Step, refusal error) error {
	if back.To >= back.From || failureOf(refusal).Kind != upgrade.Refused {
		return refusal
	}
	later := back
	later.ID, later.Work = "undo-"+back.ID+"-renewal", upgrade.AtRenewal
	out, err := do(quick(ctx, u.policy, "End the added seats at the renewal"), a.ScheduleRenewal, activities.ScheduleRenewalInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: later})
	if err != nil {
		return refusal
	}
	message := fmt.Sprintf("%s; they are scheduled to end at the renewal on %s", failureOf(refusal).Message, out.Until.Format("2 Jan 2006"))
	return notUndone(failureOf(refusal).Code, message)
}

// finishUndo goes on with the undo of an attempt that broke off in it. Going on with the change would meet what was undone: its
// requests were answered long ago, and what it bought is cancelled. Each undo reads first, so that those which are done do
// nothing. The order itself is for a fresh attempt.
func (u *upgradeRun) finishUndo() error {
	u.status.NoReturn = false // an undo had begun
	register := func(after bool) {
		for i, s := range u.plan.Steps {
			switch {
			case s.After != after || s.Of != "" || s.Work == upgrade.Transit || s.Work == upgrade.Release && !s.Reversible():
			case s.Work == upgrade.Buy:
				u.willUndoPurchase(i, s)
			case s.Work == upgrade.AtRenewal:
				u.willUndoRenewal(i, s)
			default:
				u.willUndoSeats(i, s)
			}
		}
	}
	register(false)
	if u.plan.Licenses.Moves() {
		u.willUndoUsers()
	}
	register(true)
	return ending{end: upgrade.FailedUndone, undo: true, reasons: upgrade.Problems{{Code: "undo_broke_off",
		Message: fmt.Sprintf("The attempt %s broke off while it was undone. This one has finished that: everything is as it was before.", u.resumes),
		Remedy:  "retry the order for a fresh attempt", Customer: "An earlier attempt was stopped half way, and everything was put back."}}}
}

// notUndone is what could not be given back, and ends later.
func notUndone(code, message string) error {
	return temporal.NewNonRetryableApplicationError(message, string(upgrade.Refused), nil, activities.Failure{
		Kind: upgrade.Refused, Code: code, Message: message, Remedy: "Accept with abandon that they end later; or have Microsoft's support cancel them, then retry.",
		Customer: "Some of the added seats can be given back only when the subscription renews.",
	})
}

// willUndoPurchase cancels what is bought, inside its window. Later only its renewal can be switched off, which is for an
// operator to accept.
func (u *upgradeRun) willUndoPurchase(i int, s upgrade.Step) {
	words := "Cancel the purchase: " + s.Words
	u.willUndo(undo{name: s.ID, words: words, after: undoLicences, run: func(ctx workflow.Context) error {
		if !u.untouched[s.ID] {
			in := activities.UndoPurchaseInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: s}
			out, err := do(quick(ctx, u.policy, "Cancel what was bought"), a.UndoPurchase, in)
			if err == nil && out.Lapse {
				in.Lapse = true
				out, err = do(quick(ctx, u.policy, "Switch the renewal of what was bought off"), a.UndoPurchase, in)
			}
			if err != nil {
				return err
			}
			if r := out.Residue; r != nil {
				return notUndone("window_closed", fmt.Sprintf("%s of %s can no longer be cancelled; without renewal, %s on %s", upgrade.Seats(r.Seats), r.Offer, theyEnd(r.Seats), r.Until.Format("2 Jan 2006")))
			}
		}
		u.mark(ctx, i, "undone")
		return nil
	}})
}

// willUndoRenewal takes back what was scheduled.
func (u *upgradeRun) willUndoRenewal(i int, s upgrade.Step) {
	u.willUndo(undo{name: s.ID, words: "Take back: " + s.Words, run: func(ctx workflow.Context) error {
		if !u.untouched[s.ID] {
			_, err := do(quick(ctx, u.policy, "Take back what was scheduled for the renewal"), a.ScheduleRenewal, activities.ScheduleRenewalInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: s, Back: true})
			if err != nil {
				return err
			}
		}
		u.mark(ctx, i, "undone")
		return nil
	}})
}

// willRestoreRenewal puts back what was scheduled for the renewal: both the change and its undo delete it.
func (u *upgradeRun) willRestoreRenewal(subscription string) {
	for _, lost := range u.plan.Renewal {
		if lost.Subscription != subscription {
			continue
		}
		lost.Restorable = true // after the undo the product is what it was
		name := "renewal of " + subscription
		if slices.ContainsFunc(u.undos, func(have undo) bool { return have.name == name }) {
			return
		}
		// Undo runs in reverse, and this must come after the seats: it goes before them in the list.
		u.undos = slices.Insert(u.undos, max(len(u.undos)-1, 0), undo{name: name, words: "Restore what was scheduled for the renewal", run: func(ctx workflow.Context) error {
			return u.restoreRenewal(ctx, "undo-restore-renewal", []upgrade.LostRenewal{lost})
		}})
	}
}

// willUndoUsers puts licences and usage locations back as they were photographed.
func (u *upgradeRun) willUndoUsers() {
	in := activities.RestoreUsersInput{Upgrade: u.status.Upgrade, Grant: *u.grant, Licenses: u.plan.Licenses}
	u.willUndo(undo{name: "usage locations", users: true, words: "Put usage locations back", run: func(ctx workflow.Context) error {
		_, err := do(steady(ctx, u.policy, "Put usage locations back"), a.RestoreLocations, in)
		return err
	}})
	u.willUndo(undo{name: undoLicences, users: true, words: "Move the licences back", run: func(ctx workflow.Context) error {
		out, err := do(steady(ctx, u.policy, "Move the licences back, with the switched-off services of before"), a.RestoreLicenses, in)
		if err == nil {
			u.status.Users.Restored = out.Users.Restored
		}
		return err
	}})
}

// takeStockAfter counts what is held at an end that was not settled, so that the result says it. It is information: where
// it cannot be had, the end stands without it.
func (u *upgradeRun) takeStockAfter(ctx workflow.Context) {
	if len(u.status.Before) == 0 || len(u.status.After) > 0 || u.grant == nil {
		return
	}
	stock := start(quick(ctx, u.policy, "Count what the tenant holds after"), a.TakeStock, u.stock())
	err := u.countUsers(ctx)
	out, stockErr := stock()
	if err == nil {
		err = stockErr
	}
	if err != nil {
		u.log(ctx).Warn("what the tenant holds after could not be counted", "error", failureOf(err).Message)
		return
	}
	u.status.After = u.withUsers(out.Holdings)
}

// undoAll undoes in reverse, and goes on after one undo fails. What could not be undone waits for an operator, who mends the
// cause and retries, or abandons it with the difference written down.
func (u *upgradeRun) undoAll(ctx workflow.Context, end ending) ending {
	u.enter(ctx, upgrade.Undoing)
	pending := slices.Clone(u.undos)
	slices.Reverse(pending)
	u.status.After = nil // counted before the undo
	for len(pending) > 0 {
		var failed []undo
		var why failure
		for _, one := range pending {
			if one.after != "" && slices.ContainsFunc(failed, func(f undo) bool { return f.name == one.after }) {
				failed = append(failed, one)
				continue
			}
			err := u.takeTurn(ctx, !one.users)
			if err == nil {
				err = one.run(ctx)
			}
			if err != nil {
				f := failureOf(err)
				if why.Message != "" {
					f.Message = why.Message + "; " + f.Message
				}
				why = f
				failed = append(failed, one)
				u.log(ctx).Warn("an undo failed", "undo", one.name, "code", f.Code)
				continue
			}
			u.undone = append(u.undone, one.words)
			u.details(ctx)
		}
		if pending = failed; len(pending) == 0 {
			break
		}
		names := make([]string, len(failed))
		for i, one := range failed {
			names[i] = one.words
		}
		answer, err := u.park(ctx, fmt.Sprintf("undo: %v", names), why, false)
		if err != nil || answer == upgrade.Abandon {
			reasons := append(end.reasons, why.problems()...)
			for _, one := range failed {
				reasons = append(reasons, upgrade.Problem{Code: "not_undone", Message: one.words + ": not done", Remedy: "do it by hand, in Partner Center and in the tenant", Customer: one.words + ": this is still to be done."})
			}
			return ending{end: upgrade.Abandoned, reasons: reasons}
		}
	}
	return end
}
