package workflows

import (
	"encoding/json"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// PlanUpgradeWorkflow is the dry run: it answers the plan document of an order, with every reason why not, and changes
// nothing anywhere. An order that cannot be read is answered with its problems as the plan's reasons.
func PlanUpgradeWorkflow(ctx workflow.Context, order converter.RawValue) (upgrade.Plan, error) {
	raw, problems := orderOf(order)
	if len(problems) > 0 {
		return upgrade.Plan{Reasons: problems}, nil
	}
	return dryRun(ctx, raw)
}

// dryRun plans an order.
func dryRun(ctx workflow.Context, raw json.RawMessage) (upgrade.Plan, error) {
	read, err := do(quick(ctx, upgrade.DefaultPolicy(), "Read the order"), a.ReadOrder, activities.ReadOrderInput{Order: raw})
	if err != nil {
		return upgrade.Plan{}, err
	}
	if len(read.Problems) > 0 {
		return upgrade.Plan{Order: read.Order.ID, Reasons: read.Problems}, nil
	}
	out, err := do(steady(ctx, read.Policy, "Plan the upgrade"), a.PlanUpgrade, activities.PlanUpgradeInput{Order: read.Order, Policy: read.Policy})
	return out.Plan, err
}
