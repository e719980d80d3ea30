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
	return dryRun(ctx, raw, atTheFront, "dry-run/"+workflow.GetInfo(ctx).WorkflowExecution.RunID) // somebody waits for the answer
}

// dryRun plans an order. What it is told by Partner Center is kept under a name of its own until it is whole.
func dryRun(ctx workflow.Context, raw json.RawMessage, level int, facts string) (upgrade.Plan, error) {
	read, err := do(quick(ctx, upgrade.DefaultPolicy(), "Read the order"), a.ReadOrder, activities.ReadOrderInput{Order: raw})
	if err != nil {
		return upgrade.Plan{}, err
	}
	if len(read.Problems) > 0 {
		return upgrade.Plan{Order: read.Order.ID, Reasons: read.Problems}, nil
	}
	ctx = withUrgency(ctx, &urgency{level: level, tenant: read.Order.Tenant})
	return askPartnerCenter(quick(ctx, read.Policy, "Plan the upgrade"), activities.PlanUpgradeInput{
		Order: read.Order, Policy: read.Policy, Facts: facts,
	})
}
