package activities

import (
	"context"
	"slices"
	"time"

	"uplift/upgrade"
)

// Batches are what the register keeps of batches. Every method may be called again with the same input.
type Batches interface {
	// SaveBatch keeps a batch and a part of its rows. Kind Conflict, code other_batch: one of this id, with another content, has begun.
	SaveBatch(ctx context.Context, b upgrade.Batch, rows []upgrade.BatchRow, at time.Time) error
	// ClaimBatch gives a batch to the execution that began with this run, and answers which has it. Kind NotFound where not all of it
	// is there, Conflict where its content is another.
	ClaimBatch(ctx context.Context, id, hash, firstRun string, again bool) (b upgrade.Batch, holder string, err error)
	SaveBatchState(ctx context.Context, id string, state upgrade.BatchState, at time.Time) error
	// SaveBatchChecks keeps what planning rows has shown; those that may not be upgraded are refused from then on.
	SaveBatchChecks(ctx context.Context, id string, checks []upgrade.BatchCheck) error
	// SaveBatchOutcomes keeps how rows ended that have no upgrade of their own to say so.
	SaveBatchOutcomes(ctx context.Context, id string, outcomes []upgrade.BatchOutcome) error
	// CancelBatchRows cancels rows that were not begun; none named: all. It answers how many.
	CancelBatchRows(ctx context.Context, id string, rows []int, reason upgrade.Problem) (int, error)
	// BatchTodo lists the rows of a page that are to be begun.
	BatchTodo(ctx context.Context, s upgrade.BatchPageStart) ([]upgrade.BatchTodo, error)
	// ReopenBatchRows makes rows pending once more.
	ReopenBatchRows(ctx context.Context, id string, rows []int) error
	// Batch is one of them, Kind NotFound.
	Batch(ctx context.Context, id string) (upgrade.BatchView, error)
	BatchLines(ctx context.Context, id string, f upgrade.BatchLineFilter, after, size int) ([]upgrade.BatchLine, error)
}

// StoreBatchInput is a part of a batch.
type StoreBatchInput struct {
	Part upgrade.BatchPartOf `json:"part"`
}

// StoreBatchOutput is empty.
type StoreBatchOutput struct{}

// StoreBatch puts a part of a batch's rows into the register, and fills in from the inventory what a row leaves open: which of the
// customer's subscriptions is on the source plan, and how many seats it has. A row that names a subscription on the source plan
// confirms that it is on it. A repeat replaces the part.
func (a *Activities) StoreBatch(ctx context.Context, in StoreBatchInput) (StoreBatchOutput, error) {
	rows := slices.Clone(in.Part.Rows)
	for i := range rows {
		if err := a.fillRow(ctx, in.Part.Batch, &rows[i]); err != nil {
			return StoreBatchOutput{}, err
		}
		if i%50 == 0 {
			beat(ctx)
		}
	}
	return StoreBatchOutput{}, a.Batches.SaveBatch(ctx, in.Part.Batch, rows, a.now())
}

// fillRow completes a row from the inventory. What cannot be told from it stays open, and is told when the row is planned.
func (a *Activities) fillRow(ctx context.Context, b upgrade.Batch, r *upgrade.BatchRow) error {
	if r.Subscription != "" && r.Seats > 0 && b.Source == "" {
		return nil
	}
	known, err := a.Inventory.InventoryOf(ctx, r.Tenant)
	if upgrade.KindOf(err) == upgrade.NotFound {
		return nil
	} else if err != nil {
		return err
	}
	named := r.Subscription != ""
	var fits []upgrade.InventoryLine
	for _, l := range known.Subscriptions {
		on := l.Plan == b.Source || l.Plan == "" && slices.Contains(l.Inferred, b.Source)
		if named && l.Subscription == r.Subscription || !named && b.Source != "" && on {
			fits = append(fits, l)
		}
	}
	if len(fits) != 1 {
		return nil
	}
	line := fits[0]
	r.Subscription = line.Subscription
	if r.Seats == 0 {
		r.Seats = line.Seats
	}
	if named && line.Plan == "" && slices.Contains(line.Inferred, b.Source) {
		return a.Register.SaveMembership(ctx, r.Tenant, r.Subscription, b.Source, line.Offer, a.now())
	}
	return nil
}

// ClaimBatchInput names the execution that wants to carry a batch.
type ClaimBatchInput struct {
	Start    upgrade.BatchStart `json:"start"`
	FirstRun string             `json:"firstRun"`
}

// ClaimBatchOutput is the batch, or why it is not this execution's.
type ClaimBatchOutput struct {
	Batch    upgrade.Batch    `json:"batch"`
	Policy   upgrade.Policy   `json:"policy"`
	Problems upgrade.Problems `json:"problems,omitempty"`
}

// ClaimBatch gives a batch to this execution, once. A repeat meets its own claim.
func (a *Activities) ClaimBatch(ctx context.Context, in ClaimBatchInput) (ClaimBatchOutput, error) {
	out := ClaimBatchOutput{Policy: a.Settings.Policy}
	b, holder, err := a.Batches.ClaimBatch(ctx, in.Start.Batch, in.Start.Hash, in.FirstRun, in.Start.Again != nil)
	switch k := upgrade.KindOf(err); {
	case err != nil && (k == upgrade.NotFound || k == upgrade.Conflict || k == upgrade.Invalid):
		out.Problems.Add("batch", upgrade.CodeOf(err), messageOf(err), "place the batch again by `starter batch start`, the portal or the API")
	case err != nil:
		return out, err
	case holder != in.FirstRun:
		out.Problems.Add("batch", "duplicate_batch", "the batch is carried out by the execution that began with run "+holder, "follow that one")
	}
	out.Batch = b
	return out, nil
}

// ReadBatchTodoInput names a page.
type ReadBatchTodoInput struct {
	Page upgrade.BatchPageStart `json:"page"`
}

// ReadBatchTodoOutput is what it has to begin.
type ReadBatchTodoOutput struct {
	Todo   []upgrade.BatchTodo `json:"todo,omitempty"`
	Policy upgrade.Policy      `json:"policy"`
}

// ReadBatchTodo reads the rows that a page is to begin; those that are to run again are pending from then on. It changes nothing else.
func (a *Activities) ReadBatchTodo(ctx context.Context, in ReadBatchTodoInput) (ReadBatchTodoOutput, error) {
	todo, err := a.Batches.BatchTodo(ctx, in.Page)
	if err != nil || !in.Page.Again {
		return ReadBatchTodoOutput{Todo: todo, Policy: a.Settings.Policy}, err
	}
	numbers := make([]int, len(todo))
	for i, t := range todo {
		numbers[i] = t.Number
	}
	return ReadBatchTodoOutput{Todo: todo, Policy: a.Settings.Policy}, a.Batches.ReopenBatchRows(ctx, in.Page.Batch, numbers)
}

// RecordBatchInput is something to be kept of a batch: where it stands, what planning rows has shown, and how rows ended.
type RecordBatchInput struct {
	Batch    string                 `json:"batch"`
	State    upgrade.BatchState     `json:"state,omitempty"`
	Checks   []upgrade.BatchCheck   `json:"checks,omitempty"`
	Outcomes []upgrade.BatchOutcome `json:"outcomes,omitempty"`
}

// RecordBatchOutput tells how many rows are how far.
type RecordBatchOutput struct {
	Counts map[upgrade.BatchRowState]int `json:"counts,omitempty"`
}

// RecordBatch writes it down. A repeat writes the same.
func (a *Activities) RecordBatch(ctx context.Context, in RecordBatchInput) (RecordBatchOutput, error) {
	if len(in.Checks) > 0 {
		if err := a.Batches.SaveBatchChecks(ctx, in.Batch, in.Checks); err != nil {
			return RecordBatchOutput{}, err
		}
	}
	if len(in.Outcomes) > 0 {
		if err := a.Batches.SaveBatchOutcomes(ctx, in.Batch, in.Outcomes); err != nil {
			return RecordBatchOutput{}, err
		}
	}
	if in.State == "" {
		return RecordBatchOutput{}, nil
	}
	if err := a.Batches.SaveBatchState(ctx, in.Batch, in.State, a.now()); err != nil {
		return RecordBatchOutput{}, err
	}
	view, err := a.Batches.Batch(ctx, in.Batch)
	return RecordBatchOutput{Counts: view.Counts}, err
}

// CancelBatchRowsInput says which rows are not to be begun.
type CancelBatchRowsInput struct {
	Batch   string          `json:"batch"`
	Rows    []int           `json:"rows,omitempty"` // none: all
	Request upgrade.Request `json:"request"`
}

// CancelBatchRowsOutput counts them.
type CancelBatchRowsOutput struct {
	Cancelled int `json:"cancelled"`
}

// CancelBatchRows cancels in the register the rows that were not begun. A repeat finds them cancelled, and counts them too.
func (a *Activities) CancelBatchRows(ctx context.Context, in CancelBatchRowsInput) (CancelBatchRowsOutput, error) {
	words := "the row was cancelled before it was begun"
	if in.Request.By != "" {
		words += ", by " + in.Request.By
	}
	if in.Request.Reason != "" {
		words += ": " + in.Request.Reason
	}
	n, err := a.Batches.CancelBatchRows(ctx, in.Batch, in.Rows, upgrade.Problem{Code: "cancelled", Message: words})
	return CancelBatchRowsOutput{Cancelled: n}, err
}

// ReadBatchInput says which.
type ReadBatchInput struct {
	Asked upgrade.BatchAsked `json:"asked"`
}

// ReadBatchOutput is the answer.
type ReadBatchOutput struct {
	Answer upgrade.BatchAnswer `json:"answer"`
}

// ReadBatch reads a batch and a page of its rows.
func (a *Activities) ReadBatch(ctx context.Context, in ReadBatchInput) (out ReadBatchOutput, err error) {
	switch out.Answer.View, err = a.Batches.Batch(ctx, in.Asked.Batch); {
	case upgrade.KindOf(err) == upgrade.NotFound:
		return ReadBatchOutput{Answer: upgrade.BatchAnswer{None: true}}, nil
	case err != nil || in.Asked.Limit <= 0:
		return out, err
	}
	out.Answer.Lines, err = a.Batches.BatchLines(ctx, in.Asked.Batch, in.Asked.Filter, in.Asked.After, in.Asked.Limit)
	return out, err
}

// ReadSlotsInput is empty.
type ReadSlotsInput struct{}

// ReadSlotsOutput is how many upgrades may change subscriptions at a time.
type ReadSlotsOutput struct {
	Slots int `json:"slots"`
}

// ReadSlots asks the turn gate how many slots there are.
func (a *Activities) ReadSlots(ctx context.Context, _ ReadSlotsInput) (ReadSlotsOutput, error) {
	n, err := a.Executions.Slots(ctx)
	return ReadSlotsOutput{Slots: n}, err
}
