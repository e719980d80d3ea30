package workflows

import (
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// PruneRegisterWorkflow deletes from the register what need not be kept any longer. A schedule starts it every hour.
func PruneRegisterWorkflow(ctx workflow.Context) (upgrade.Pruned, error) {
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Delete what need not be kept any longer"), a.PruneRegister, activities.PruneRegisterInput{})
	return out.Pruned, err
}
