package temporalclient

import (
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// LookAtCustomer reads one customer at Microsoft, by a worker, and waits for it. What could not be read stands in its problems
// and is no error. Kind NotFound, code unknown_customer: neither Partner Center nor the inventory knows the tenant.
func (u *Upgrades) LookAtCustomer(ctx context.Context, tenant string) (upgrade.CustomerView, error) {
	return ask[upgrade.CustomerView](ctx, u, "look/"+tenant+"/", upgrade.LookAtCustomerWorkflow, "Look at a customer", upgrade.CustomerAsked{Tenant: tenant})
}

// TakeInventory starts an inventory of all customers, unless one is under way, and does not wait for it.
func (u *Upgrades) TakeInventory(ctx context.Context) error {
	_, err := u.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: upgrade.InventoryWorkflowID, TaskQueue: upgrade.TaskQueue, StaticSummary: "Reads all customers",
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		Priority:                 temporal.Priority{PriorityKey: 4},
	}, upgrade.TakeInventoryWorkflow, upgrade.InventoryStart{})
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		return nil
	}
	return translate(err)
}
