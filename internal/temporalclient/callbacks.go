package temporalclient

import (
	"context"
	"strings"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// Callbacks answers how far the callbacks of an order's last attempt are, and which attempt that is.
func (u *Upgrades) Callbacks(ctx context.Context, order string) (upgrade.CallbacksPage, error) {
	var page upgrade.CallbacksPage
	order = strings.TrimPrefix(order, upgrade.WorkflowIDPrefix)
	return page, u.errand(ctx, &page, client.StartWorkflowOptions{
		ID: "read-callbacks/" + order + "/" + uuid.NewString(), StaticSummary: "Read the callbacks of an order",
		Priority: temporal.Priority{PriorityKey: 1},
	}, upgrade.CallbacksWorkflow, upgrade.CallbacksAsked{Order: order})
}

// ReplayCallbacks sends the callbacks of an upgrade again, given by its key order#attempt: one, to every destination that wants it,
// or with sequence 0 all that were not delivered. It is carried out by the workflow that tells billing, which is started where it
// does not run; a number that there is none of is ignored there.
func (u *Upgrades) ReplayCallbacks(ctx context.Context, upgradeID string, sequence int) error {
	if upgradeID == "" || sequence < 0 || sequence > upgrade.MaxCallbacks {
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_sequence", Message: "a replay names an upgrade and the number of one of its callbacks, or 0 for all that were not delivered"}
	}
	_, err := u.client.SignalWithStartWorkflow(ctx, upgrade.NotifyID(upgradeID), upgrade.SignalReplay, upgrade.CallbackDue{Sequence: sequence},
		client.StartWorkflowOptions{
			TaskQueue: upgrade.TaskQueue, WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
			StaticSummary: "Tells billing of " + upgradeID,
		}, upgrade.NotifyWorkflow, upgrade.NotifyStart{Upgrade: upgradeID})
	return translate(err)
}
