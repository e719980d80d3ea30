package workflows

import (
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// StoreUserListWorkflow puts a part of an uploaded list of a customer's users into the register, for orders that name the list.
// A repeat replaces the part by the same.
func StoreUserListWorkflow(ctx workflow.Context, part upgrade.UserListPartOf) error {
	_, err := do(quick(ctx, upgrade.DefaultPolicy(), "Store the list of users"), a.StoreUserList, activities.StoreUserListInput{Part: part})
	return err
}

// ReadReportsWorkflow answers a page of an order's per-user report, and changes nothing.
func ReadReportsWorkflow(ctx workflow.Context, asked upgrade.ReportsAsked) (upgrade.ReportsPage, error) {
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Read the reports of the users"), a.ReadReports, activities.ReadReportsInput{Asked: asked})
	return out.Page, err
}
