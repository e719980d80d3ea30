package workflows

import (
	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
)

// inBatch is what an upgrade that is a row of a batch knows of its page.
type inBatch struct {
	needs bool // an operator
	slow  bool // Microsoft has not shown the change for an hour, and the slot is given back
	away  bool // as the page was told last
}

// stand tells the page of a batch when the upgrade begins, or ceases, to wait for people or for a long time: others may begin
// meanwhile. A page that is gone need not know.
func (u *upgradeRun) stand(ctx workflow.Context) {
	page := workflow.GetInfo(ctx).ParentWorkflowExecution
	if page == nil || !upgrade.IsBatchPage(page.ID) || u.order.Invites() {
		return // whoever is invited takes no place in the first place
	}
	away := u.batch.needs || u.batch.slow || u.status.Stage == upgrade.Invited || u.status.Stage == upgrade.Scheduled
	if away == u.batch.away {
		return
	}
	u.batch.away = away
	_ = workflow.SignalExternalWorkflow(ctx, page.ID, page.RunID, upgrade.SignalRow, upgrade.RowStands{Order: u.order.ID, Aside: away})
}
