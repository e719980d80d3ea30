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
	if u.waitsFor() == nil { // who holds what at the renewal is photographed then
		if err := u.photograph(ctx); err != nil {
			return err
		}
	}
	if err := u.countBefore(ctx); err != nil {
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

// photograph keeps what there was before, and finds all that can fail for a user while nothing has changed.
func (u *upgradeRun) photograph(ctx workflow.Context) error {
	err := u.attempt(ctx, "photograph the users", func(ctx workflow.Context) error {
		out, err := do(steady(ctx, u.policy, "Photograph every user whose licence moves"), a.TakeSnapshot, activities.TakeSnapshotInput{
			Upgrade: u.status.Upgrade, Grant: *u.grant, Licenses: u.plan.Licenses,
		})
		if err == nil && len(out.Problems) > 0 && u.resumes == "" {
			return ending{end: upgrade.Ineligible, reasons: out.Problems}
		}
		u.status.Users.Photographed = out.Users
		return err
	})
	return err
}

// countBefore counts what the tenant holds before anything changes.
func (u *upgradeRun) countBefore(ctx workflow.Context) error {
	return u.attempt(ctx, "take stock", func(ctx workflow.Context) error {
		out, err := do(quick(ctx, u.policy, "Count what the tenant holds before"), a.TakeStock, activities.TakeStockInput{Upgrade: u.status.Upgrade, Grant: *u.grant, Plan: u.plan})
		u.status.Before = out.Holdings
		return err
	})
}

// awaitProvisioning polls until the step shows; the operator is told when it takes long, and asked when it takes too long.
func (u *upgradeRun) awaitProvisioning(ctx workflow.Context, s upgrade.Step, operation string, told *bool) error {
	in := activities.AwaitProvisioningInput{Upgrade: u.requests(), Tenant: u.order.Tenant, Grant: *u.grant, Step: s, Operation: operation, Later: u.later(s)}
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	u.stop = stop // a wait only reads: a cancel need not sit it out
	defer func() { u.stop = nil }()
	if !*told {
		err := u.look(ctx, in, u.policy.TellAfter.D())
		if !tookLong(err) {
			return err
		}
		*told, u.batch.slow = true, true
		u.giveSlotBack(ctx)
		u.stand(ctx)
		u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: upgrade.Letter{Kind: upgrade.LetterSlow, Reasons: failureOf(err).problems()}})
	}
	return u.look(ctx, in, u.policy.ParkAfter.D()-u.policy.TellAfter.D())
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

func (u *upgradeRun) look(ctx workflow.Context, in activities.AwaitProvisioningInput, most time.Duration) error {
	out, err := do(poll(ctx, u.policy, most, "Wait until Microsoft shows: "+in.Step.Words), a.AwaitProvisioning, in)
	if err == nil && out.Subscription != "" && out.Subscription != in.Step.Subscription {
		u.became[in.Step.ID] = out.Subscription
	}
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
		in := activities.ConfirmLicensesInput{Upgrade: u.status.Upgrade, Grant: *u.grant, Licenses: u.plan.Licenses, Wait: true}
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
	u.status.Users = out.Users
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
			_, err := do(quick(ctx, u.policy, "Restore what was scheduled for the renewal"), a.RestoreRenewal, activities.RestoreRenewalInput{
				Upgrade: u.requests(), Step: "restore-renewal", Tenant: u.order.Tenant, Lost: u.plan.Renewal,
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	u.giveSlotBack(ctx)
	return u.attemptOrSkip(ctx, "compare with the plan", func(ctx workflow.Context) error {
		in := activities.TakeStockInput{Upgrade: u.status.Upgrade, Grant: *u.grant, Plan: u.plan, Final: true, Wait: true, Became: u.became, Kept: u.kept}
		out, err := do(poll(ctx, u.policy, 2*u.policy.PollMost.D(), "Count what the tenant holds after"), a.TakeStock, in)
		if tookLong(err) { // a difference by now is none of a list that lags
			in.Wait = false
			out, err = do(quick(ctx, u.policy, "Count what the tenant holds after"), a.TakeStock, in)
		}
		u.status.After = out.Holdings
		if err == nil && len(out.Differences) > 0 {
			err = difference(out.Differences)
		}
		return err
	})
}
