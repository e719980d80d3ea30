package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// change photographs every holder, then carries out the plan's steps one after another, each once and each until Partner
// Center and the tenant's directory show it. What waits for the users to have moved is left for later.
func (u *upgradeRun) change(ctx workflow.Context) error {
	u.begun = true
	if u.resumes != "" { // it comes from its consent
		u.enter(ctx, upgrade.Queued)
		if err := u.takeTurn(ctx, u.writes()); err != nil {
			return err
		}
	}
	u.enter(ctx, upgrade.Changing)
	u.tell(ctx, upgrade.CallbackChanging, nil)
	// The attempt that broke off may have started what cannot be undone: until that is looked up, nothing is undone.
	u.status.NoReturn = u.resumes != "" && slices.ContainsFunc(u.plan.Steps, func(s upgrade.Step) bool { return !s.Reversible() })
	u.status.Residue = slices.Clone(u.plan.Residue)
	if err := u.lookBefore(ctx); err != nil {
		return err
	}
	if u.undoing {
		return u.finishUndo()
	}
	for i, s := range u.plan.Steps {
		if s.After {
			continue
		}
		if err := u.step(ctx, i); err != nil {
			return err
		}
	}
	u.giveSlotBack(ctx)
	return nil
}

// lookBefore photographs the users, and says what the tenant holds before anything changes. Who holds what at a renewal is
// photographed then.
func (u *upgradeRun) lookBefore(ctx workflow.Context) error {
	return u.attempt(ctx, "photograph the users", func(ctx workflow.Context) error {
		photographed := func() error { return nil }
		if u.waitsFor() == nil && u.plan.Licenses.Moves() {
			photographed = u.photographing(ctx)
		}
		if u.resumes == "" { // the check has counted, and nobody else has had the customer since
			u.lookAhead(ctx)
			err := photographed()
			if err != nil {
				u.lookNoMore()
			}
			u.status.Before = u.held
			return err
		}
		stock := start(quick(ctx, u.policy, "Count what the tenant holds before"), a.TakeStock, u.stock())
		err := photographed()
		if err == nil {
			err = u.countUsers(ctx)
		}
		out, stockErr := stock()
		if err == nil {
			err = stockErr
		}
		u.status.Before = u.withUsers(out.Holdings)
		return err
	})
}

// photograph keeps what there was before, and finds all that can fail for a user while nothing has changed.
func (u *upgradeRun) photograph(ctx workflow.Context) error {
	return u.attempt(ctx, "photograph the users", func(ctx workflow.Context) error { return u.photographing(ctx)() })
}

// photographing begins to; what it returns waits until all are photographed.
func (u *upgradeRun) photographing(ctx workflow.Context) func() error {
	wait := start(steady(ctx, u.policy, "Photograph every user whose licence moves"), a.TakeSnapshot, activities.TakeSnapshotInput{
		Upgrade: u.status.Upgrade, Grant: *u.grant, Licenses: u.plan.Licenses,
	})
	return func() error {
		out, err := wait()
		if err == nil && len(out.Problems) > 0 && u.resumes == "" {
			return ending{end: upgrade.Ineligible, reasons: out.Problems}
		}
		u.status.Users.Photographed = out.Users
		return err
	}
}

// stock is what there is to count at Partner Center.
func (u *upgradeRun) stock() activities.TakeStockInput {
	return activities.TakeStockInput{Upgrade: u.status.Upgrade, Tenant: u.order.Tenant, PlanID: u.plan.PlanID, Lines: u.plan.Lines}
}

// offers are those that the plan counts, of which each may have users.
func (u *upgradeRun) offers() []string {
	var ids []string
	for _, l := range u.plan.Lines {
		for _, id := range []string{l.Offer, l.ThenOffer} {
			if id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// countUsers asks the tenant how many users hold each offer of the plan.
func (u *upgradeRun) countUsers(ctx workflow.Context) error {
	out, err := do(quick(ctx, u.policy, "Count the users"), a.CountUsers, activities.CountUsersInput{Grant: *u.grant, Offers: u.offers()})
	u.counted = out.Users
	return err
}

// withUsers adds to what is held how many users were counted on it.
func (u *upgradeRun) withUsers(held []upgrade.Holding) []upgrade.Holding {
	for i, h := range held {
		if n, ok := u.counted[h.Offer]; ok {
			held[i].Users = n
		}
	}
	return held
}

// awaitProvisioning polls until the step shows; the operator is told when it takes long, and asked when it takes too long.
func (u *upgradeRun) awaitProvisioning(ctx workflow.Context, s upgrade.Step, operation string, told *bool) error {
	in := activities.AwaitProvisioningInput{Upgrade: u.requests().Upgrade, Tenant: u.order.Tenant, Step: s, Operation: operation, Later: u.later(s)}
	last := u.last(s)
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	u.stop = stop // a wait only reads: a cancel need not sit it out
	defer func() { u.stop = nil }()
	if !*told {
		err := u.look(ctx, in, u.policy.TellAfter.D(), last)
		if !tookLong(err) {
			return err
		}
		*told, u.batch.slow = true, true
		u.giveSlotBack(ctx)
		u.stand(ctx)
		u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: upgrade.Letter{Kind: upgrade.LetterSlow, Reasons: failureOf(err).problems()}})
	}
	return u.look(ctx, in, u.policy.ParkAfter.D()-u.policy.TellAfter.D(), last)
}

// last tells whether the directory has to show what a step leaves: unless another step changes it again before the users move. A
// transition does not count as one: Microsoft starts none of what is not provisioned.
func (u *upgradeRun) last(s upgrade.Step) bool {
	at := slices.IndexFunc(u.plan.Steps, func(one upgrade.Step) bool { return one.ID == s.ID })
	if at < 0 {
		return true
	}
	held := s.Into
	if held == "" && !s.Partial() {
		held = s.Subscription
	}
	return !slices.ContainsFunc(u.plan.Steps[at+1:], func(one upgrade.Step) bool {
		return !one.After && one.Work == upgrade.Resize && (one.Of == s.ID || held != "" && one.Subscription == held)
	})
}

// later are the steps that change what a step has made, where this attempt goes on with one that broke off.
func (u *upgradeRun) later(s upgrade.Step) []upgrade.Step {
	if u.resumes == "" {
		return nil
	}
	at := slices.IndexFunc(u.plan.Steps, func(one upgrade.Step) bool { return one.ID == s.ID })
	if at < 0 {
		return nil
	}
	var all []upgrade.Step
	for _, one := range u.plan.Steps[at+1:] {
		if one.Of == s.ID || one.Subscription != "" && (one.Subscription == s.Subscription || one.Subscription == s.Into) {
			all = append(all, one)
		}
	}
	return all
}

// look polls for a time until Partner Center shows a step, and then, where that is asked for, until the tenant's directory does.
func (u *upgradeRun) look(ctx workflow.Context, in activities.AwaitProvisioningInput, most time.Duration, directory bool) error {
	began := workflow.Now(ctx)
	out, err := do(poll(ctx, u.policy, most, "Wait until Microsoft shows: "+in.Step.Words), a.AwaitProvisioning, in)
	if err != nil {
		return err
	}
	if out.Subscription != "" && out.Subscription != in.Step.Subscription {
		u.became[in.Step.ID] = out.Subscription
	}
	if out.Passed || !directory {
		return nil
	}
	_, _, sku := in.Step.HoldsAfter()
	left := max(most-workflow.Now(ctx).Sub(began), u.policy.PollFirst.D())
	_, err = do(poll(ctx, u.policy, left, "Wait until the tenant's directory shows it"), a.AwaitDirectory, activities.AwaitDirectoryInput{
		Grant: *u.grant, Subscription: out.Subscription, SKU: sku, Seats: in.Step.To,
	})
	return err
}

// tookLong tells whether a poll ended because its time was up, and not because of a definite answer.
func tookLong(err error) bool {
	return err != nil && !temporal.IsCanceledError(err) && failureOf(err).Kind.Retryable()
}

// assign moves the licences and reads every user back.
func (u *upgradeRun) assign(ctx workflow.Context) error {
	u.enter(ctx, upgrade.Assigning)
	if !u.plan.Licenses.Moves() {
		return nil
	}
	u.willUndoUsers()
	err := u.attemptOrSkip(ctx, "assign the licences", func(ctx workflow.Context) error {
		_, err := do(steady(ctx, u.policy, "Move the licences, add and remove together"), a.AssignLicenses, activities.AssignLicensesInput{
			Upgrade: u.status.Upgrade, Grant: *u.grant, Licenses: u.plan.Licenses,
		})
		return err
	})
	if err != nil {
		return err
	}
	var out activities.ConfirmLicensesOutput
	err = u.attemptOrSkip(ctx, "confirm the licences", func(ctx workflow.Context) error {
		in := activities.ConfirmLicensesInput{Upgrade: u.status.Upgrade, Grant: *u.grant, Licenses: u.plan.Licenses, Wait: true, Count: u.offers()}
		var err error
		out, err = do(confirming(ctx, u.policy, u.policy.LicenseSettle.D()), a.ConfirmLicenses, in)
		if tookLong(err) { // what is not active by now is reported
			in.Wait = false
			out, err = do(confirming(ctx, u.policy, max(u.policy.Patience.D(), 4*time.Hour)), a.ConfirmLicenses, in)
		}
		return err
	})
	if err != nil {
		return err
	}
	u.status.Users, u.counted = out.Users, out.Counted
	u.details(ctx)
	return u.tooManyFailed(out)
}

// tooManyFailed undoes the upgrade where the order says so and more users failed than it tolerates.
func (u *upgradeRun) tooManyFailed(out activities.ConfirmLicensesOutput) error {
	l := u.plan.Licenses
	if !l.UndoOnFailure || out.Users.Failed == 0 || float64(out.Users.Failed) <= l.UndoShare*float64(out.Users.Photographed) {
		return nil
	}
	reasons := upgrade.Problems{{Code: "too_many_users_failed", Message: fmt.Sprintf("%d of %d users failed, more than the order tolerates.", out.Users.Failed, out.Users.Photographed), Remedy: "the per-user report names each with its reason",
		Customer: fmt.Sprintf("The new licence could not be given to %d of %d users, more than was agreed, so everything was put back.", out.Users.Failed, out.Users.Photographed)}}
	return ending{end: upgrade.FailedUndone, undo: true, reasons: reasons}
}

// settle gives back what the users have moved away from, puts back what was scheduled for the renewal, and compares what the
// tenant holds with what the plan ends with.
func (u *upgradeRun) settle(ctx workflow.Context) error {
	u.enter(ctx, upgrade.Settling)
	for i, s := range u.plan.Steps {
		if !s.After {
			continue
		}
		if err := u.step(ctx, i); err != nil {
			return err
		}
	}
	if len(u.plan.Renewal) > 0 {
		err := u.attemptOrSkip(ctx, "restore what was scheduled for the renewal", func(ctx workflow.Context) error {
			if err := u.takeTurn(ctx, true); err != nil {
				return err
			}
			return u.restoreRenewal(ctx, "restore-renewal", u.plan.Renewal)
		})
		if err != nil {
			return err
		}
	}
	u.giveSlotBack(ctx)
	return u.attemptOrSkip(ctx, "compare with the plan", func(ctx workflow.Context) error {
		if !u.plan.Licenses.Moves() { // else they were counted when they were read back
			if err := u.countUsers(ctx); err != nil {
				return err
			}
		}
		in := u.stock()
		in.Final, in.Wait, in.Became, in.Kept = true, true, u.became, u.kept
		out, err := do(poll(ctx, u.policy, 2*u.policy.PollMost.D(), "Count what the tenant holds after"), a.TakeStock, in)
		if tookLong(err) { // a difference by now is none of a list that lags
			in.Wait = false
			out, err = do(quick(ctx, u.policy, "Count what the tenant holds after"), a.TakeStock, in)
		}
		u.status.After = u.withUsers(out.Holdings)
		if err == nil && len(out.Differences) > 0 {
			err = difference(out.Differences)
		}
		return err
	})
}

// restoreRenewal puts back what was scheduled for the renewal, a few at a time.
func (u *upgradeRun) restoreRenewal(ctx workflow.Context, step string, lost []upgrade.LostRenewal) error {
	in := activities.RestoreRenewalInput{Requests: u.requests(), Step: step, Tenant: u.order.Tenant, Lost: lost}
	for {
		out, err := do(quick(ctx, u.policy, "Restore what was scheduled for the renewal"), a.RestoreRenewal, in)
		if err != nil || out.Next == 0 {
			return err
		}
		in.Begin = out.Next
	}
}
