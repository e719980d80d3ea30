package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// waitsFor is the step after whose renewal users move; nil where the upgrade waits for none.
func (u *upgradeRun) waitsFor() *upgrade.Step {
	if !u.plan.Licenses.Moves() {
		return nil
	}
	for i, s := range u.plan.Steps {
		if s.Work == upgrade.AtRenewal && s.ToOffer != "" {
			return &u.plan.Steps[i]
		}
	}
	return nil
}

// sleepUntilRenewal stands by without slot or lock until the renewal has made the subscription what was scheduled. Then the
// users are photographed: they hold what they held, and their seats are the new offer's.
func (u *upgradeRun) sleepUntilRenewal(ctx workflow.Context) error {
	s := u.waitsFor()
	if s == nil {
		return nil
	}
	u.leaveTurn(ctx)
	u.enter(ctx, upgrade.Scheduled)
	u.tell(ctx, upgrade.CallbackScheduled, func(d *upgrade.CallbackData) { d.Wakes = u.status.Wakes })
	if at := u.status.Wakes; at != nil {
		if wait := at.Sub(workflow.Now(ctx)); wait > 0 {
			u.tellScheduled(ctx, *at)
			if _, err := u.await(ctx, wait, "renewal on "+at.Format("2 Jan 2006"), func() bool { return false }); err != nil {
				return err
			}
		}
	}
	u.status.NoReturn = true // the day has come: whatever the renewal does or has done is not undone
	told := false
	err := u.attempt(ctx, "wait for the renewal", func(ctx workflow.Context) error { return u.renewed(ctx, *s, &told) })
	if err != nil {
		return err
	}
	err = u.attempt(ctx, s.Words, func(ctx workflow.Context) error {
		at := *s
		at.Work, at.Offer, at.ProductSKU, at.SKU, at.ToOffer = upgrade.Resize, s.ToOffer, s.ToProductSKU, s.ToSKU, ""
		return u.awaitProvisioning(ctx, at, "", &told)
	})
	if err != nil {
		return err
	}
	u.status.Wakes = nil
	if err := u.takeTurn(ctx, false); err != nil {
		return err
	}
	return u.photograph(ctx)
}

// tellScheduled writes to the operator and to the administrator what happens on the renewal's day: until then nothing is seen
// of the upgrade, for a year perhaps. The story comes here once.
func (u *upgradeRun) tellScheduled(ctx workflow.Context, at time.Time) {
	l := upgrade.Letter{Kind: upgrade.LetterScheduled, Wakes: &at}
	if u.order.Administrator != nil {
		u.aside(ctx, activities.SendLetterInput{Letter: l})
	}
	u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: l})
}

// renewed polls until Partner Center has worked off the renewal, which it may do for a day after the term's end.
func (u *upgradeRun) renewed(ctx workflow.Context, s upgrade.Step, told *bool) error {
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	u.stop = stop
	defer func() { u.stop = nil }()
	look := func(most time.Duration) error {
		_, err := do(poll(ctx, u.policy, most, "Wait until Microsoft has renewed the subscription"), a.AwaitRenewal, activities.AwaitRenewalInput{Tenant: u.order.Tenant, Grant: *u.grant, Step: s})
		return err
	}
	err := look(u.policy.ParkAfter.D())
	if tookLong(err) && !*told {
		*told = true
		u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: upgrade.Letter{Kind: upgrade.LetterSlow, Reasons: failureOf(err).problems()}})
	}
	return err
}
