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
// Center and the tenant's directory show it.
func (u *upgradeRun) change(ctx workflow.Context) error {
	u.enter(ctx, upgrade.Changing)
	// The attempt that broke off may have started the transition: until that is looked up, nothing is undone.
	u.status.NoReturn = u.resumes != "" && slices.ContainsFunc(u.plan.Steps, func(s upgrade.Step) bool { return s.Work == upgrade.Transit })
	if err := u.photograph(ctx); err != nil {
		return err
	}
	for i := range u.plan.Steps {
		if err := u.step(ctx, i); err != nil {
			return err
		}
	}
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
	if err != nil {
		return err
	}
	return u.attempt(ctx, "take stock", func(ctx workflow.Context) error {
		out, err := do(quick(ctx, u.policy, "Count what the tenant holds before"), a.TakeStock, activities.TakeStockInput{Upgrade: u.status.Upgrade, Grant: *u.grant, Plan: u.plan})
		u.status.Before = out.Holdings
		return err
	})
}

// step carries out one step of the plan and waits until it shows. A step that is tried again reads first what became of it.
func (u *upgradeRun) step(ctx workflow.Context, i int) error {
	s := u.plan.Steps[i]
	u.mark(ctx, i, "running")
	told := false
	err := u.attempt(ctx, s.Words, func(ctx workflow.Context) error {
		operation, err := "", error(nil)
		if s.Work == upgrade.Transit {
			operation, err = u.startTransition(ctx, s)
		} else {
			u.willUndoSeats(i)
			err = u.changeSeats(ctx, s.ID, s)
			u.untouched[s.ID] = err != nil && failureOf(err).NoEffect
		}
		switch {
		case err != nil:
			return err
		case u.mayStop(): // asked for during the request, which was not torn off
			return u.cancelled()
		}
		return u.awaitProvisioning(ctx, s, operation, &told)
	})
	switch {
	case err == nil:
		u.mark(ctx, i, "done")
	case u.cancel == nil: // one that is cancelled runs until it is undone
		u.mark(ctx, i, "failed")
	}
	return err
}

// requests is the attempt under which requests are noted: the one whose change this one goes on with, else this one.
func (u *upgradeRun) requests() string {
	if u.resumes != "" {
		return u.resumes
	}
	return u.status.Upgrade
}

func (u *upgradeRun) changeSeats(ctx workflow.Context, id string, s upgrade.Step) error {
	words := fmt.Sprintf("%s: %d → %d seats", s.Offer, s.From, s.To)
	_, err := do(quick(ctx, u.policy, words), a.ChangeSeats, activities.ChangeSeatsInput{
		Upgrade: u.requests(), Tenant: u.order.Tenant, Step: id, Subscription: s.Subscription, From: s.From, To: s.To,
	})
	return err
}

// startTransition looks first, while everything can still be undone. Then it marks the point of no return before the
// request, since its reply may be lost; only where that can have had no effect the mark is taken away.
func (u *upgradeRun) startTransition(ctx workflow.Context, s upgrade.Step) (string, error) {
	in := activities.StartTransitionInput{Upgrade: u.requests(), Tenant: u.order.Tenant, Step: s}
	looking, stop := workflow.WithCancel(ctx)
	defer stop()
	u.stop = stop // it only reads: a cancel need not sit it out
	out, err := do(quick(looking, u.policy, "Look whether the transition can start"), a.CheckTransition, in)
	u.stop = nil
	if err != nil {
		u.status.NoReturn = u.status.NoReturn && !failureOf(err).NoEffect
		return "", err
	}
	if u.mayStop() {
		return "", u.cancelled()
	}
	u.status.NoReturn = true
	if !out.Started {
		words := fmt.Sprintf("%s → %s, %d seats: cannot be undone", s.Offer, s.ToOffer, s.From)
		out, err = do(quick(ctx, u.policy, words), a.StartTransition, in)
	}
	u.status.NoReturn = err == nil || !failureOf(err).NoEffect
	return out.Operation, err
}

// awaitProvisioning polls until the step shows; the operator is told when it takes long, and asked when it takes too long.
func (u *upgradeRun) awaitProvisioning(ctx workflow.Context, s upgrade.Step, operation string, told *bool) error {
	in := activities.AwaitProvisioningInput{Upgrade: u.status.Upgrade, Tenant: u.order.Tenant, Grant: *u.grant, Step: s, Operation: operation}
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	u.stop = stop // a wait only reads: a cancel need not sit it out
	defer func() { u.stop = nil }()
	if !*told {
		err := u.look(ctx, in, u.policy.TellAfter.D())
		if !tookLong(err) {
			return err
		}
		*told = true
		u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: upgrade.Letter{Kind: upgrade.LetterSlow, Reasons: failureOf(err).problems()}})
	}
	return u.look(ctx, in, u.policy.ParkAfter.D()-u.policy.TellAfter.D())
}

func (u *upgradeRun) look(ctx workflow.Context, in activities.AwaitProvisioningInput, most time.Duration) error {
	_, err := do(poll(ctx, u.policy, most, "Wait until Microsoft shows: "+in.Step.Words), a.AwaitProvisioning, in)
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
	err := u.attempt(ctx, "assign the licences", func(ctx workflow.Context) error {
		_, err := do(steady(ctx, u.policy, "Move the licences, add and remove together"), a.AssignLicenses, activities.AssignLicensesInput{
			Upgrade: u.status.Upgrade, Grant: *u.grant, Licenses: u.plan.Licenses,
		})
		return err
	})
	if err != nil {
		return err
	}
	var out activities.ConfirmLicensesOutput
	err = u.attempt(ctx, "confirm the licences", func(ctx workflow.Context) error {
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

// settle puts back what was scheduled for the renewal, and compares what the tenant holds with what the plan ends with.
func (u *upgradeRun) settle(ctx workflow.Context) error {
	u.enter(ctx, upgrade.Settling)
	if len(u.plan.Renewal) > 0 {
		err := u.attempt(ctx, "restore what was scheduled for the renewal", func(ctx workflow.Context) error {
			_, err := do(quick(ctx, u.policy, "Restore what was scheduled for the renewal"), a.RestoreRenewal, activities.RestoreRenewalInput{
				Upgrade: u.requests(), Step: "restore-renewal", Tenant: u.order.Tenant, Lost: u.plan.Renewal,
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return u.attempt(ctx, "compare with the plan", func(ctx workflow.Context) error {
		in := activities.TakeStockInput{Upgrade: u.status.Upgrade, Grant: *u.grant, Plan: u.plan, Final: true, Wait: true}
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
