package workflows

import (
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// plannedAtOnce is how many rows of a page are planned at a time; Partner Center's quota decides how fast that is.
const plannedAtOnce = 5

// recordedAtOnce is how many planned rows are recorded together.
const recordedAtOnce = 25

// PlanBatchPageWorkflow plans the rows of one page and records what that has shown of each: the plan's headline and digest, or every
// reason why not. It asks nobody and changes nothing. A row that Microsoft does not let us look at is refused with what it said.
func PlanBatchPageWorkflow(ctx workflow.Context, in upgrade.BatchPageStart) error {
	read := mustRecord(ctx, "Read the rows that are to be planned", a.ReadBatchTodo, activities.ReadBatchTodoInput{Page: in})
	places := workflow.NewSemaphore(ctx, plannedAtOnce)
	var done []upgrade.BatchCheck
	recorded, keeping := 0, 0
	keep := func(ctx workflow.Context) {
		some := done[recorded:]
		recorded = len(done)
		keeping++
		defer func() { keeping-- }()
		mustRecord(ctx, "Record what planning has shown", a.RecordBatch, activities.RecordBatchInput{Batch: in.Batch, Checks: some})
	}
	open := len(read.Todo)
	for _, t := range read.Todo {
		if err := places.Acquire(ctx, 1); err != nil {
			return err
		}
		workflow.Go(ctx, func(ctx workflow.Context) {
			done = append(done, checkOf(ctx, t))
			open--
			places.Release(1)
			if len(done)-recorded >= recordedAtOnce && ctx.Err() == nil {
				keep(ctx)
			}
		})
	}
	// What is being recorded must be recorded: an execution that closes takes its activities with it.
	if err := workflow.Await(ctx, func() bool { return open == 0 && keeping == 0 }); err != nil {
		return err
	}
	if len(done) > recorded {
		keep(ctx)
	}
	return ctx.Err()
}

// checkOf plans one row.
func checkOf(ctx workflow.Context, t upgrade.BatchTodo) upgrade.BatchCheck {
	c := upgrade.BatchCheck{Number: t.Number}
	if t.Order.Target.Seats == 0 {
		c.Reasons.Add("seats", "seats_unknown", "The row says no number of seats, and the inventory does not know the subscription.",
			"name the subscription and the seats in the row, or take an inventory and place the batch again")
		return c
	}
	plan, err := dryRun(ctx, t.Order.Canonical(), t.Order.Priority.Key(), "dry-run/"+workflow.GetInfo(ctx).WorkflowExecution.RunID+"/"+t.Order.ID)
	if err != nil {
		c.Reasons = failureOf(err).problems()
		return c
	}
	c.Customer, c.Headline, c.Digest, c.Reasons = plan.Customer.Name, plan.Headline, plan.Digest, plan.Reasons
	return c
}

// StoreBatchWorkflow puts a part of a batch into the register.
func StoreBatchWorkflow(ctx workflow.Context, part upgrade.BatchPartOf) error {
	_, err := do(glance(ctx, "Store the rows"), a.StoreBatch, activities.StoreBatchInput{Part: part})
	return err
}

// ReadBatchWorkflow answers a batch and a page of its rows.
func ReadBatchWorkflow(ctx workflow.Context, asked upgrade.BatchAsked) (upgrade.BatchAnswer, error) {
	out, err := do(glance(ctx, "Read the batch"), a.ReadBatch, activities.ReadBatchInput{Asked: asked})
	return out.Answer, err
}
