package temporalclient

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// StoreUsers puts a list of a customer's users into the register, part by part, for orders that name it. A list of the same name
// is replaced.
func (u *Upgrades) StoreUsers(ctx context.Context, tenant, name string, users []string) error {
	part := 0
	for chunk := range slices.Chunk(users, upgrade.UserListPart) {
		err := u.errand(ctx, nil, client.StartWorkflowOptions{
			ID:            fmt.Sprintf("users/%s/%s/%d/%s", tenant, name, part, uuid.NewString()),
			StaticSummary: "Store a list of users",
			Priority:      temporal.Priority{PriorityKey: 1, FairnessKey: tenant},
		}, upgrade.StoreUsersWorkflow, upgrade.UserListPartOf{Tenant: tenant, Name: name, Part: part, Users: chunk})
		if err != nil {
			return err
		}
		part++
	}
	return nil
}

// Reports reads the whole per-user report of an order's last attempt, page by page.
func (u *Upgrades) Reports(ctx context.Context, order string, visit func([]upgrade.UserReport) error) error {
	for after := ""; ; {
		var page upgrade.ReportsPage
		err := u.errand(ctx, &page, client.StartWorkflowOptions{
			ID: "reports/" + order + "/" + uuid.NewString(), StaticSummary: "Read the reports of an order's users",
			Priority: temporal.Priority{PriorityKey: 1},
		}, upgrade.ReportsWorkflow, upgrade.ReportsAsked{Order: order, After: after})
		if err != nil || len(page.Reports) == 0 {
			return err
		}
		if err := visit(page.Reports); err != nil {
			return err
		}
		after = page.Reports[len(page.Reports)-1].User
	}
}
