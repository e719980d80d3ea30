package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// step carries out one step of the plan and waits until it shows. A step that is tried again reads first what became of it.
func (u *upgradeRun) step(ctx workflow.Context, i int) error {
	u.mark(ctx, i, "running")
	told := false
	run := u.attempt
	if u.plan.Steps[i].After {
		run = u.attemptOrSkip
	}
	skipped := len(u.skipped)
	err := run(ctx, u.plan.Steps[i].Words, func(ctx workflow.Context) error {
		if err := u.takeTurn(ctx, true); err != nil {
			return err
		}
		s := u.resolved(u.plan.Steps[i])
		operation, err := u.request(ctx, i, s)
		switch {
		case err != nil:
			return err
		case u.mayStop(): // asked for during the request, which was not torn off
			return u.cancelled()
		case s.Work == upgrade.AtRenewal, s.Work == upgrade.Release:
			return nil // nothing shows today, or nobody waits for it
		}
		if err := u.awaitProvisioning(ctx, s, operation, &told); err != nil || s.Work != upgrade.Buy || s.AutoRenew {
			return err
		}
		return u.switchRenewalOff(ctx, s)
	})
	switch {
	case len(u.skipped) > skipped:
		u.mark(ctx, i, "skipped")
		u.leave(u.plan.Steps[i])
	case err == nil && u.status.Steps[i].State == "running":
		u.mark(ctx, i, "done")
	case err != nil && u.cancel == nil: // one that is cancelled runs until it is undone
		u.mark(ctx, i, "failed")
	}
	return err
}

// leave takes what a step that was left out would have given back as what stays: the operator knows.
func (u *upgradeRun) leave(s upgrade.Step) {
	if _, known := u.kept[s.Subscription]; !known && s.Work == upgrade.Release {
		u.kept[s.Subscription] = s.From
	}
}

// resolved is the step with the subscription that an earlier step has made.
func (u *upgradeRun) resolved(s upgrade.Step) upgrade.Step {
	if s.Of != "" {
		s.Subscription = u.became[s.Of]
	}
	return s
}

// request makes the step's request, by its kind of work. Its undo is registered before, and what is known to have had no effect
// is remembered.
func (u *upgradeRun) request(ctx workflow.Context, i int, s upgrade.Step) (operation string, err error) {
	switch s.Work {
	case upgrade.Transit:
		return u.startTransition(ctx, s)
	case upgrade.Buy:
		u.willUndoPurchase(i, s)
		err = u.buySeats(ctx, s)
	case upgrade.AtRenewal:
		u.willUndoRenewal(i, s)
		err = u.scheduleRenewal(ctx, s)
	case upgrade.Release:
		return "", u.releaseSeats(ctx, i, s)
	default:
		u.willUndoSeats(i, s)
		err = u.changeSeats(ctx, s.ID, s)
	}
	u.untouched[s.ID] = err != nil && failureOf(err).NoEffect
	return "", err
}

// requests is the attempt under which requests are noted: the one whose change this one goes on with, else this one.
func (u *upgradeRun) requests() activities.Requests {
	if u.resumes != "" {
		return activities.Requests{Upgrade: u.resumes, By: u.status.Upgrade}
	}
	return activities.Requests{Upgrade: u.status.Upgrade}
}

func (u *upgradeRun) changeSeats(ctx workflow.Context, id string, s upgrade.Step) error {
	words := fmt.Sprintf("%s: %d → %s", s.Offer, s.From, upgrade.Seats(s.To))
	_, err := do(quick(ctx, u.policy, words), a.ChangeSeats, activities.ChangeSeatsInput{
		Requests: u.requests(), Tenant: u.order.Tenant, Step: id, Subscription: s.Subscription, From: s.From, To: s.To,
	})
	return err
}

func (u *upgradeRun) buySeats(ctx workflow.Context, s upgrade.Step) error {
	market := u.order.Market
	if market == "" {
		market = u.plan.Customer.Country
	}
	_, err := do(quick(ctx, u.policy, fmt.Sprintf("Buy %s: %s", s.Offer, upgrade.Seats(s.To))), a.BuySeats, activities.BuySeatsInput{
		Requests: u.requests(), Tenant: u.order.Tenant, Market: market, Step: s,
	})
	return err
}

// switchRenewalOff is the end of a purchase that is ordered without renewal: Microsoft sells it with.
func (u *upgradeRun) switchRenewalOff(ctx workflow.Context, s upgrade.Step) error {
	if err := u.takeTurn(ctx, true); err != nil { // it may have gone back while the purchase was waited for
		return err
	}
	off := upgrade.Step{ID: s.ID + "-renewal", Work: upgrade.AtRenewal, Subscription: u.became[s.ID], Offer: s.Offer, From: s.To}
	_, err := do(quick(ctx, u.policy, "Switch the renewal of "+s.Offer+" off"), a.ScheduleRenewal, activities.ScheduleRenewalInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: off})
	return err
}

// startTransition looks first, while everything can still be undone. Then it marks the point of no return before the
// request, since its reply may be lost; only where that can have had no effect, and nothing before it either, the mark is
// taken away.
func (u *upgradeRun) startTransition(ctx workflow.Context, s upgrade.Step) (string, error) {
	looking := u.ahead
	if u.ahead = nil; looking == nil {
		looking = u.lookAt(ctx, s)
	}
	u.stop = looking.stop // it only reads: a cancel need not sit it out
	out, err := looking.wait()
	u.stop = nil
	looking.stop()
	if err != nil {
		u.status.NoReturn = u.irrevocable() || u.status.NoReturn && !failureOf(err).NoEffect
		return "", err
	}
	if u.mayStop() {
		return "", u.cancelled()
	}
	u.status.NoReturn = true
	if !out.Started {
		words := fmt.Sprintf("%s → %s, %s: cannot be undone", s.Offer, s.ToOffer, upgrade.Seats(s.Moving()))
		in := u.transition(s)
		in.Look = out.Look
		out, err = do(quick(ctx, u.policy, words), a.StartTransition, in)
	}
	u.status.NoReturn = u.irrevocable() || err == nil || !failureOf(err).NoEffect
	return out.Operation, err
}

// transition is what is asked about a step's transition.
func (u *upgradeRun) transition(s upgrade.Step) activities.StartTransitionInput {
	return activities.StartTransitionInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: s}
}

// lookout is a look that is under way.
type lookout struct {
	wait func() (activities.StartTransitionOutput, error)
	stop workflow.CancelFunc
}

// lookAt begins to look whether a transition can start, or has started already.
func (u *upgradeRun) lookAt(ctx workflow.Context, s upgrade.Step) *lookout {
	ctx, stop := workflow.WithCancel(ctx)
	return &lookout{wait: start(quick(ctx, u.policy, "Look whether the transition can start"), a.CheckTransition, u.transition(s)), stop: stop}
}

// lookAhead begins the look at a transition that comes first beside the photographs: neither needs the other, and a slot is held.
func (u *upgradeRun) lookAhead(ctx workflow.Context) {
	u.lookNoMore()
	if u.resumes == "" && len(u.plan.Steps) > 0 && u.plan.Steps[0].Work == upgrade.Transit {
		u.ahead = u.lookAt(ctx, u.plan.Steps[0])
	}
}

// lookNoMore gives up a look for which nobody waits.
func (u *upgradeRun) lookNoMore() {
	if u.ahead != nil {
		u.ahead.stop()
		u.ahead = nil
	}
}

// irrevocable tells whether a step that cannot be undone is done.
func (u *upgradeRun) irrevocable() bool {
	for i, s := range u.plan.Steps {
		if !s.Reversible() && u.status.Steps[i].State == "done" {
			return true
		}
	}
	return false
}

// scheduleRenewal sets what happens at the renewal, and remembers when that is.
func (u *upgradeRun) scheduleRenewal(ctx workflow.Context, s upgrade.Step) error {
	out, err := do(quick(ctx, u.policy, s.Words), a.ScheduleRenewal, activities.ScheduleRenewalInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: s})
	if err == nil && s.ToOffer != "" {
		u.status.Wakes = out.At
	}
	return err
}

// releaseSeats gives back what the users have moved away from. To cancel a subscription cannot be undone; what could not be
// given back, although the plan does not announce it, is for an operator to accept.
func (u *upgradeRun) releaseSeats(ctx workflow.Context, i int, s upgrade.Step) error {
	counted, err := do(quick(ctx, u.policy, "Count the users"), a.CountUsers, activities.CountUsersInput{Grant: *u.grant, SKU: s.SKU})
	if err != nil {
		return err
	}
	if u.mayStop() {
		return u.cancelled()
	}
	if s.Reversible() {
		u.willUndoSeats(i, s)
	} else {
		u.status.NoReturn = true
	}
	out, err := u.release(ctx, s, counted)
	if err != nil {
		u.untouched[s.ID] = failureOf(err).NoEffect
		if !s.Reversible() {
			u.status.NoReturn = u.irrevocable() || !failureOf(err).NoEffect
		}
		return err
	}
	if out.Seats > s.To {
		u.kept[s.Subscription] = out.Seats
		u.status.NoReturn = u.irrevocable() // nothing was cancelled
	} else { // a further try may give back what an earlier one could not
		delete(u.kept, s.Subscription)
		u.status.Residue = slices.DeleteFunc(u.status.Residue, func(r upgrade.Residual) bool {
			return r.Subscription == s.Subscription && !slices.Contains(u.plan.Residue, r)
		})
	}
	if r := out.Residue; r != nil && !u.announced(r.Subscription) {
		u.status.Residue = append(u.status.Residue, *r)
		message := fmt.Sprintf("%s of %s could not be given back today; %s at the renewal on %s", upgrade.Seats(r.Seats), r.Offer, theyEnd(r.Seats), r.Until.Format("2 Jan 2006"))
		return temporal.NewNonRetryableApplicationError(message, string(upgrade.Unknown), nil, activities.Failure{Kind: upgrade.Unknown, Code: "window_closed", Message: message,
			Remedy: "Accept with skip that they end later; or have Microsoft's support take them back, then retry."})
	}
	return nil
}

// release gives back what those leave who were counted. It goes on where an execution has made its share of requests, and counts
// anew where the count has become old.
func (u *upgradeRun) release(ctx workflow.Context, s upgrade.Step, counted activities.CountUsersOutput) (activities.ReleaseSeatsOutput, error) {
	in := activities.ReleaseSeatsInput{Requests: u.requests(), Tenant: u.order.Tenant, Step: s, Held: counted.Held, CountedAt: counted.At}
	for {
		out, err := do(quick(ctx, u.policy, s.Words), a.ReleaseSeats, in)
		switch {
		case err != nil:
			return out, err
		case out.Recount:
			counted, err := do(quick(ctx, u.policy, "Count the users"), a.CountUsers, activities.CountUsersInput{Grant: *u.grant, SKU: s.SKU})
			if err != nil {
				return out, err
			}
			in.Held, in.CountedAt = counted.Held, counted.At
		case out.Go != "":
			in.Go = out.Go
		default:
			return out, nil
		}
	}
}

// announced tells whether seats that stay on a subscription are known already.
func (u *upgradeRun) announced(subscription string) bool {
	return slices.ContainsFunc(u.status.Residue, func(r upgrade.Residual) bool { return r.Subscription == subscription })
}
