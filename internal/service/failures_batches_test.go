package service

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
	"uplift/workflows"
)

// batches are the stories of many upgrades ordered together. Their upgrades are carried by stand-ins, which find that others carry
// the orders already: of the upgrades themselves the other stories tell.
func batches() []story {
	held := []cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day)}
	return []story{
		{name: "a batch is stored", held: held, run: func(o *ordeal) (string, error) {
			b, rows := o.batch(upgrade.FinishAutomatic)
			o.env.ExecuteWorkflow(upgrade.StoreBatchWorkflow, upgrade.BatchPartOf{Batch: b, Rows: rows})
			return o.lines(), o.env.GetWorkflowError()
		}},
		{name: "a batch is read", held: held, run: func(o *ordeal) (string, error) {
			o.uploaded(upgrade.FinishAutomatic)
			o.env.ExecuteWorkflow(upgrade.ReadBatchWorkflow, upgrade.BatchAsked{Batch: "spring", Limit: 10})
			var answer upgrade.BatchAnswer
			if err := o.env.GetWorkflowResult(&answer); err != nil {
				return "", err
			}
			return fmt.Sprint(answer.View.State, answer.View.Counts, len(answer.Lines)), nil
		}},
		{name: "a batch", held: held, users: staff(cloud.BusinessBasic), run: func(o *ordeal) (string, error) { return o.carryBatch(upgrade.FinishAutomatic) }},
		{name: "a batch that is cancelled", held: held, users: staff(cloud.BusinessBasic), run: func(o *ordeal) (string, error) {
			o.env.RegisterDelayedCallback(func() {
				if !o.env.IsWorkflowCompleted() {
					o.env.UpdateWorkflow(upgrade.UpdateCancelBatch, "", unheard{}, jsonPayload(`{"by":"Olga","reason":"not this year"}`))
				}
			}, 100*day)
			return o.carryBatch(upgrade.FinishConfirm)
		}},
	}
}

// batch has two rows: a customer's subscription, and a customer that nobody knows.
func (o *ordeal) batch(finish upgrade.Finish) (upgrade.Batch, []upgrade.BatchRow) {
	b, rows, problems := upgrade.MakeBatch(upgrade.BatchInput{ID: "spring", Source: "hosted-essentials", Finish: finish, Offenders: upgrade.LeaveOut,
		Each: upgrade.Order{Target: upgrade.Target{Plan: "hosted-pro"}, Consent: upgrade.ByExisting, Licenses: upgrade.Licenses{Who: upgrade.Nobody}},
		Rows: []upgrade.BatchRow{{Tenant: customer, Seats: 6}, {Tenant: "0d000000-0000-4000-8000-00000000000d", Seats: 3}}})
	if len(problems) > 0 {
		o.Fatal(problems)
	}
	return b, rows
}

func (o *ordeal) uploaded(finish upgrade.Finish) upgrade.Batch {
	b, rows := o.batch(finish)
	if err := o.register().SaveBatch(context.Background(), b, rows, o.cloud.State.Now()); err != nil {
		o.Fatal(err)
	}
	return b
}

// lines are the batch's rows as the register has them.
func (o *ordeal) lines() string {
	lines, err := o.register().BatchLines(context.Background(), "spring", upgrade.BatchLineFilter{}, 0, 10)
	words := fmt.Sprint(err)
	for _, l := range lines {
		words += fmt.Sprintf(" %d %s %s %d", l.Number, l.State, l.Headline, len(l.Reasons))
	}
	return words
}

func (o *ordeal) carryBatch(finish upgrade.Finish) (string, error) {
	b := o.uploaded(finish)
	for name, run := range map[string]any{
		upgrade.BatchWorkflow: workflows.UpgradeBatchWorkflow, upgrade.BatchPageWorkflow: workflows.UpgradeBatchPageWorkflow, upgrade.PlanBatchPageWorkflow: workflows.PlanBatchPageWorkflow,
	} {
		o.env.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: name})
	}
	o.env.OnWorkflow(upgrade.UpgradeWorkflow, mock.Anything, mock.Anything).Return(upgrade.Result{End: upgrade.Duplicate, Reasons: upgrade.Problems{{Code: "duplicate_order", Message: "another has it"}}}, nil)
	o.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: upgrade.BatchID("spring"), TaskQueue: upgrade.TaskQueue})
	o.env.ExecuteWorkflow(upgrade.BatchWorkflow, upgrade.BatchStart{Batch: b.ID, Hash: b.Hash})
	var r upgrade.BatchResult
	if err := o.env.GetWorkflowResult(&r); err != nil {
		return "", err
	}
	counts, err := json.Marshal(r.Counts)
	return fmt.Sprint(r.State, " ", string(counts), o.lines()), err
}

// struckBatches is what the register keeps of batches, behind a snag.
type struckBatches struct {
	activities.Batches
	snag *snag
}

func (b struckBatches) SaveBatch(ctx context.Context, batch upgrade.Batch, rows []upgrade.BatchRow, at time.Time) error {
	return guarded(b.snag, ctx, "SaveBatch", func(ctx context.Context) error { return b.Batches.SaveBatch(ctx, batch, rows, at) })
}

func (b struckBatches) ClaimBatch(ctx context.Context, id, hash, firstRun string, again bool) (batch upgrade.Batch, holder string, err error) {
	holder, err = guard(b.snag, ctx, "ClaimBatch", func(ctx context.Context) (string, error) {
		var err error
		batch, holder, err = b.Batches.ClaimBatch(ctx, id, hash, firstRun, again)
		return holder, err
	})
	return batch, holder, err
}

func (b struckBatches) SaveBatchState(ctx context.Context, id string, state upgrade.BatchState, at time.Time) error {
	return guarded(b.snag, ctx, "SaveBatchState", func(ctx context.Context) error { return b.Batches.SaveBatchState(ctx, id, state, at) })
}

func (b struckBatches) SaveBatchChecks(ctx context.Context, id string, checks []upgrade.BatchCheck) error {
	return guarded(b.snag, ctx, "SaveBatchChecks", func(ctx context.Context) error { return b.Batches.SaveBatchChecks(ctx, id, checks) })
}

func (b struckBatches) SaveBatchOutcomes(ctx context.Context, id string, outcomes []upgrade.BatchOutcome) error {
	return guarded(b.snag, ctx, "SaveBatchOutcomes", func(ctx context.Context) error { return b.Batches.SaveBatchOutcomes(ctx, id, outcomes) })
}

func (b struckBatches) CancelBatchRows(ctx context.Context, id string, rows []int, reason upgrade.Problem) (int, error) {
	return guard(b.snag, ctx, "CancelBatchRows", func(ctx context.Context) (int, error) { return b.Batches.CancelBatchRows(ctx, id, rows, reason) })
}

func (b struckBatches) BatchTodo(ctx context.Context, s upgrade.BatchPageStart) ([]upgrade.BatchTodo, error) {
	return guard(b.snag, ctx, "BatchTodo", func(ctx context.Context) ([]upgrade.BatchTodo, error) { return b.Batches.BatchTodo(ctx, s) })
}

func (b struckBatches) Batch(ctx context.Context, id string) (upgrade.BatchView, error) {
	return guard(b.snag, ctx, "Batch", func(ctx context.Context) (upgrade.BatchView, error) { return b.Batches.Batch(ctx, id) })
}

// Slots is what the gate says.
func (t struckTemporal) Slots(context.Context) (int, error) {
	return upgrade.DefaultSlots, t.silent("Slots")
}
