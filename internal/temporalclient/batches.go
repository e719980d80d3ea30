package temporalclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// PlaceBatch puts the rows of a batch into the register, part by part, and starts the workflow that carries it. The same batch
// again, however often and also when it is over, starts nothing more; another one of its id is Kind Conflict, code other_batch.
func (u *Upgrades) PlaceBatch(ctx context.Context, b upgrade.Batch, rows []upgrade.BatchRow) (upgrade.BatchStarted, error) {
	started := upgrade.BatchStarted{Batch: b.ID, WorkflowID: upgrade.BatchID(b.ID)}
	known, err := u.ReadBatch(ctx, upgrade.BatchAsked{Batch: b.ID})
	switch {
	case err == nil && known.View.Hash == b.Hash && known.View.State != upgrade.BatchUploading:
		started.Existing = true
		return started, nil
	case err != nil && upgrade.KindOf(err) != upgrade.NotFound:
		return started, err
	}
	for chunk := range slices.Chunk(rows, upgrade.BatchPart) {
		err := u.errand(ctx, nil, client.StartWorkflowOptions{
			ID:            fmt.Sprintf("rows/%s/%d/%s", b.ID, chunk[0].Number, uuid.NewString()),
			StaticSummary: fmt.Sprintf("Store the rows of batch %s from row %d", b.ID, chunk[0].Number),
			Priority:      temporal.Priority{PriorityKey: 1},
		}, upgrade.StoreBatchWorkflow, upgrade.BatchPartOf{Batch: b, Rows: chunk})
		if err != nil {
			return started, err
		}
	}
	err = u.startBatch(ctx, upgrade.BatchStart{Batch: b.ID, Hash: b.Hash})
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) { // another upload of the same rows was faster: the register refuses other ones
		started.Existing = true
		return started, nil
	}
	return started, translate(err)
}

func (u *Upgrades) startBatch(ctx context.Context, in upgrade.BatchStart) error {
	words := "Batch " + in.Batch
	if in.Again != nil {
		words += ", again"
	}
	_, err := u.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: upgrade.BatchID(in.Batch), TaskQueue: upgrade.TaskQueue, StaticSummary: words,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: upgrade.Bulk.Key()},
	}, upgrade.BatchWorkflow, in)
	return err
}

// ReadBatch answers a batch and a page of its rows, from the register, where an upgrade that waits for consent counts as running.
// Kind NotFound, code unknown_batch.
func (u *Upgrades) ReadBatch(ctx context.Context, asked upgrade.BatchAsked) (answer upgrade.BatchAnswer, err error) {
	err = u.errand(ctx, &answer, client.StartWorkflowOptions{
		ID: "look/" + upgrade.BatchID(asked.Batch) + "/" + uuid.NewString(), StaticSummary: "Read a batch",
		Priority: temporal.Priority{PriorityKey: 1},
	}, upgrade.ReadBatchWorkflow, asked)
	if err == nil && answer.None {
		err = &upgrade.Error{Kind: upgrade.NotFound, Code: unknownBatch, Message: "the register knows no batch " + asked.Batch}
	}
	return answer, err
}

// LiveLines puts into rows of a batch what only Temporal knows: the stage of what runs, and whether it waits for consent or for an
// operator.
func (u *Upgrades) LiveLines(ctx context.Context, lines []upgrade.BatchLine) error {
	var ids []string
	for _, l := range lines {
		if l.State == upgrade.RowRunning && l.Workflow != "" {
			ids = append(ids, l.Workflow)
		}
	}
	live := map[string]upgrade.ListRow{}
	for some := range slices.Chunk(ids, pageSize/2) {
		names := make([]string, len(some))
		for i, id := range some {
			names[i] = quoted(id)
		}
		page, err := u.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: pageSize,
			Query: "ExecutionStatus = 'Running' AND WorkflowId IN (" + strings.Join(names, ", ") + ")"})
		if err != nil {
			return translate(err)
		}
		for _, info := range page.GetExecutions() {
			row := rowOf(info)
			live[row.WorkflowID] = row
		}
	}
	for i := range lines {
		row, known := live[lines[i].Workflow]
		if !known || lines[i].State != upgrade.RowRunning {
			continue
		}
		lines[i].Stage, lines[i].Operator = row.Stage, row.NeedsOperator
		if row.Stage == upgrade.Invited {
			lines[i].State = upgrade.RowWaiting
		}
	}
	return nil
}

// LiveCounts tells apart, of a batch's rows that have not ended, those that wait for consent.
func (u *Upgrades) LiveCounts(ctx context.Context, v *upgrade.BatchView) error {
	if v.Counts[upgrade.RowRunning] == 0 {
		return nil
	}
	where, err := listQuery(upgrade.ListFilter{Batch: v.ID, Stage: upgrade.Invited, Open: true})
	if err != nil {
		return err
	}
	n, err := u.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: where})
	if err != nil {
		return translate(err)
	}
	waiting := min(int(n.GetCount()), v.Counts[upgrade.RowRunning])
	v.Counts[upgrade.RowWaiting] = waiting
	v.Counts[upgrade.RowRunning] -= waiting
	return nil
}

// BatchStatus asks a batch that Temporal remembers where it stands.
func (u *Upgrades) BatchStatus(ctx context.Context, batch string) (upgrade.BatchStatus, error) {
	s, err := query[upgrade.BatchStatus](ctx, u, upgrade.BatchID(batch), "", upgrade.QueryStatus)
	return s, translate(err)
}

// StartBatch is the word that a batch waits for.
func (u *Upgrades) StartBatch(ctx context.Context, batch string, in upgrade.StartBatch) (upgrade.Reply, error) {
	return Update[upgrade.StartBatch, upgrade.Reply](ctx, u.Exact(), upgrade.BatchID(batch), upgrade.UpdateStartBatch, "", in)
}

// CancelBatch cancels rows of a batch that were not begun, and asks others to stop where that is said.
func (u *Upgrades) CancelBatch(ctx context.Context, batch string, in upgrade.CancelBatch) (upgrade.Reply, error) {
	return Update[upgrade.CancelBatch, upgrade.Reply](ctx, u.Exact(), upgrade.BatchID(batch), upgrade.UpdateCancelBatch, "", in)
}

// PauseBatch begins nothing more until it is resumed.
func (u *Upgrades) PauseBatch(ctx context.Context, batch string, in upgrade.Request) (upgrade.Reply, error) {
	return Update[upgrade.Request, upgrade.Reply](ctx, u.Exact(), upgrade.BatchID(batch), upgrade.UpdatePauseBatch, "", in)
}

// ResumeBatch goes on.
func (u *Upgrades) ResumeBatch(ctx context.Context, batch string, in upgrade.Request) (upgrade.Reply, error) {
	return Update[upgrade.Request, upgrade.Reply](ctx, u.Exact(), upgrade.BatchID(batch), upgrade.UpdateResumeBatch, "", in)
}

// BatchAgain runs rows once more that have ended without having completed; a batch that is over is carried by a new execution.
func (u *Upgrades) BatchAgain(ctx context.Context, batch string, in upgrade.RunBatchAgain) (upgrade.Reply, error) {
	reply, err := Update[upgrade.RunBatchAgain, upgrade.Reply](ctx, u.Exact(), upgrade.BatchID(batch), upgrade.UpdateBatchAgain, "", in)
	if k := upgrade.KindOf(err); k != upgrade.NotFound && upgrade.CodeOf(err) != "ended" {
		return reply, err
	}
	known, err := u.ReadBatch(ctx, upgrade.BatchAsked{Batch: batch})
	if err != nil {
		return upgrade.Reply{}, err
	}
	if !known.View.State.Over() {
		return upgrade.Reply{}, &upgrade.Error{Kind: upgrade.Refused, Code: "batch_not_over", Message: fmt.Sprintf("batch %s is %s by the register, and its execution is gone; place it again first", batch, known.View.State)}
	}
	err = u.startBatch(ctx, upgrade.BatchStart{Batch: batch, Hash: known.View.Hash, Again: &in})
	return upgrade.Reply{Message: "The rows that have ended without having completed run again."}, translate(err)
}
