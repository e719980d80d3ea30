package workflows

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// needsApproval tells whether the provider's guard asks for a second person's word on the present plan.
func (u *upgradeRun) needsApproval() bool {
	given := u.status.Approval
	return u.plan.Approval != "" && (given == nil || given.Digest != u.plan.Digest || given.By == "")
}

// asksSecondPerson tells whether the upgrade stands and waits for that word now.
func (u *upgradeRun) asksSecondPerson() bool {
	waiting := u.status.Approval
	return u.status.Stage == upgrade.Confirming && waiting != nil && waiting.By == "" && u.needsApproval()
}

// askSecondPerson waits for the update approve. It holds for the plan that was read and no other.
func (u *upgradeRun) askSecondPerson(ctx workflow.Context) error {
	u.leaveTurn(ctx)
	u.enter(ctx, upgrade.Confirming)
	u.status.Approval = &upgrade.Approval{Why: u.plan.Approval, Digest: u.plan.Digest}
	u.needOperator(ctx, true)
	approved := func() bool { return u.status.Approval.By != "" }
	for reminder := 0; !approved(); reminder++ {
		u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: upgrade.Letter{
			Kind: upgrade.LetterApprove, Number: reminder, Digest: u.plan.Digest, Approval: u.plan.Approval,
		}})
		if _, err := u.await(ctx, u.policy.ConfirmReminder.D(), "remind of the approval", approved); err != nil {
			return u.noOperator(ctx, err)
		}
	}
	u.needOperator(ctx, false)
	return nil
}

// mayApprove refuses an approval that fits no plan, or comes from the one who placed the order or confirmed the plan.
func (u *upgradeRun) mayApprove(in upgrade.Approve) error {
	same := func(name string) bool {
		return name != "" && strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(in.By))
	}
	switch {
	case !u.asksSecondPerson():
		return rejected("no_approval_asked", "no approval is waited for; this upgrade is in stage %s", u.stageWords())
	case in.Digest != u.plan.Digest:
		return rejected("stale_plan", "the plan has changed: its digest is %s now, not %s; read it and approve that", u.plan.Digest, in.Digest)
	case same(u.order.PlacedBy):
		return rejected("second_person_needed", "%s placed the order; a second person has to approve it", in.By)
	case u.confirm != nil && same(u.confirm.By):
		return rejected("second_person_needed", "%s confirmed the plan; a second person has to approve it", in.By)
	}
	return nil
}

func (u *upgradeRun) setApprove(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateApprove, "Approve, as a second person, the plan that was read",
		func(_ workflow.Context, in upgrade.Approve) error { return u.mayApprove(in) },
		func(ctx workflow.Context, in upgrade.Approve) (upgrade.Reply, error) {
			u.status.Approval.By, u.status.Approval.At = in.By, workflow.Now(ctx)
			return upgrade.Reply{Message: "Approved: " + u.plan.Headline + "."}, u.recordAnswer(ctx, upgrade.UpdateApprove, in.Request)
		})
}
