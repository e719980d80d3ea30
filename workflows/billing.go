package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// tell hands a fact to whoever tells billing. The story does not wait for it; facts go one after the other, in their order, and the
// end waits until the last is handed over, which takes Temporal and the register and not billing.
func (u *upgradeRun) tell(ctx workflow.Context, t upgrade.CallbackType, more func(d *upgrade.CallbackData)) {
	if !u.callbacks {
		return
	}
	data := upgrade.CallbackData{
		Order: u.status.Order, Upgrade: u.status.Upgrade, WorkflowID: u.status.WorkflowID, Tenant: u.order.Tenant,
		Reseller: u.order.Reseller, Batch: u.order.Batch, Stage: u.status.Stage, Headline: u.status.Headline, Users: u.status.Users,
		Lines: upgrade.LinesOfPlan(u.plan), Residue: slices.Clone(u.plan.Residue),
	}
	if more != nil {
		more(&data)
	}
	u.facts++
	u.untold = append(u.untold, activities.TellBillingInput{
		Upgrade: u.status.Upgrade,
		// A run that a reset began tells facts of its own, which are not those of the run before.
		Fact:     upgrade.UUID(u.status.Upgrade, workflow.GetInfo(ctx).WorkflowExecution.RunID, "fact", fmt.Sprint(u.facts)),
		Callback: upgrade.Callback{Type: t, At: workflow.Now(ctx), Data: data},
	})
	if len(u.untold) == 1 {
		workflow.Go(detachFrom(ctx), u.courier)
	}
}

// courier hands over what there is.
func (u *upgradeRun) courier(ctx workflow.Context) {
	for pause := time.Minute; len(u.untold) > 0; {
		next := u.untold[0]
		words := fmt.Sprintf("Tell billing: %s", next.Callback.Type)
		err := workflow.ExecuteLocalActivity(local(ctx, words), a.TellBilling, next).Get(ctx, nil)
		if err == nil {
			u.untold, pause = u.untold[1:], time.Minute
			continue
		}
		u.log(ctx).Error("billing could not be told", "callback", next.Callback.Type, "error", failureOf(err).Message)
		if workflow.Sleep(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, time.Hour)
	}
}

// tellParked says that an operator is waited for, and why.
func (u *upgradeRun) tellParked(ctx workflow.Context) {
	u.tell(ctx, upgrade.CallbackParked, func(d *upgrade.CallbackData) {
		parked := *u.status.Parked
		d.Parked = &parked
	})
}

// tellEnd says how it ended, with what an invoice needs where something was changed.
func (u *upgradeRun) tellEnd(ctx workflow.Context, end ending) {
	u.tell(ctx, upgrade.CallbackOf(end.end), func(d *upgrade.CallbackData) {
		d.Stage, d.End, d.Reasons = upgrade.Ended, end.end, end.reasons
		d.Residue = slices.Clone(u.status.Residue)
		switch {
		case len(u.status.Before) > 0 && len(u.status.After) > 0:
			d.Lines = upgrade.LinesOf(u.plan, u.status.Before, u.status.After)
		case !end.end.Succeeded():
			d.Lines, d.Residue = nil, nil
		}
		if end.end.Succeeded() {
			at := u.effective(workflow.Now(ctx))
			d.Effective = &at
		}
	})
}

// effective is since when the customer has the new totals: when the last step showed that is not a mere giving back, or the renewal
// has come. Where no step changed anything it is now.
func (u *upgradeRun) effective(now time.Time) time.Time {
	var last time.Time
	for i, s := range u.plan.Steps {
		if s.After || i >= len(u.status.Steps) || u.status.Steps[i].State != "done" {
			continue
		}
		at := u.status.Steps[i].At
		if s.Work == upgrade.AtRenewal && s.Date != nil {
			at = *s.Date
		}
		if at.After(last) {
			last = at
		}
	}
	if last.IsZero() {
		return now
	}
	return last
}
