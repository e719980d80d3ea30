package registertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"uplift/upgrade"
)

// Batches are what a register keeps of batches, and the claims that its rows lead to.
type Batches interface {
	SaveBatch(ctx context.Context, b upgrade.Batch, rows []upgrade.BatchRow, at time.Time) error
	ClaimBatch(ctx context.Context, id, hash, firstRun string, again bool) (b upgrade.Batch, holder string, err error)
	SaveBatchState(ctx context.Context, id string, state upgrade.BatchState, at time.Time) error
	SaveBatchChecks(ctx context.Context, id string, checks []upgrade.BatchCheck) error
	SaveBatchOutcomes(ctx context.Context, id string, outcomes []upgrade.BatchOutcome) error
	CancelBatchRows(ctx context.Context, id string, rows []int, reason upgrade.Problem) (int, error)
	BatchTodo(ctx context.Context, s upgrade.BatchPageStart) ([]upgrade.BatchTodo, error)
	ReopenBatchRows(ctx context.Context, id string, rows []int) error
	Batch(ctx context.Context, id string) (upgrade.BatchView, error)
	BatchLines(ctx context.Context, id string, f upgrade.BatchLineFilter, after, size int) ([]upgrade.BatchLine, error)

	Claim(ctx context.Context, r upgrade.ClaimRequest, abandoned bool) (upgrade.Claim, error)
	RecordEnd(ctx context.Context, upgradeID string, r upgrade.Result) error
}

// batchKit is a test with its register.
type batchKit struct {
	*testing.T
	Batches
	ctx   context.Context
	batch upgrade.Batch
	rows  []upgrade.BatchRow
}

// BatchesConformance runs what holds for every keeper of batches, that of the tests' fakes too.
func BatchesConformance(t *testing.T, open func(t *testing.T) Batches) {
	for name, test := range map[string]func(*batchKit){
		"uploading a batch": uploaded, "claiming a batch": claimedBatch, "planning its rows": plannedRows, "running its rows": ranRows, "cancelling rows": cancelledRows,
	} {
		t.Run(name, func(t *testing.T) {
			k := &batchKit{T: t, Batches: open(t), ctx: context.Background()}
			k.batch, k.rows = batchOf(t, "spring", 4)
			test(k)
		})
	}
}

func batchOf(t *testing.T, id string, rows int) (upgrade.Batch, []upgrade.BatchRow) {
	t.Helper()
	in := upgrade.BatchInput{ID: id, Each: upgrade.Order{Target: upgrade.Target{Plan: "hosted-pro"}, Consent: upgrade.ByExisting}}
	for i := range rows {
		in.Rows = append(in.Rows, upgrade.BatchRow{Tenant: fmt.Sprintf("44444444-4444-4444-4444-%012d", i), Seats: 5 + i})
	}
	b, made, ps := upgrade.MakeBatch(in)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	return b, made
}

func (k *batchKit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *batchKit) kind(err error, kind upgrade.Kind, code string) {
	k.Helper()
	if upgrade.KindOf(err) != kind || code != "" && upgrade.CodeOf(err) != code {
		k.Errorf("it answers %v, not %s %s", err, kind, code)
	}
}

func (k *batchKit) same(got, want any) {
	k.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		k.Errorf("got  %s\nwant %s", g, w)
	}
}

// saved puts the whole batch there.
func (k *batchKit) saved() {
	k.Helper()
	k.ok(k.SaveBatch(k.ctx, k.batch, k.rows, at))
	_, holder, err := k.ClaimBatch(k.ctx, k.batch.ID, k.batch.Hash, "run", false)
	k.ok(err)
	k.same(holder, "run")
}

// todo lists a page as "number/attempt" words.
func (k *batchKit) todo(s upgrade.BatchPageStart) (out []string) {
	k.Helper()
	s.Batch = k.batch.ID
	if s.Last == 0 {
		s.Last = len(k.rows)
	}
	list, err := k.BatchTodo(k.ctx, s)
	k.ok(err)
	for _, t := range list {
		out = append(out, fmt.Sprintf("%d/%d", t.Number, t.Order.Attempt))
		if t.Order.Batch != k.batch.ID || t.Order.Target.Plan != "hosted-pro" || t.Order.Target.Seats != k.rows[t.Number-1].Seats || t.Order.Tenant != k.rows[t.Number-1].Tenant {
			k.Errorf("row %d is the order %s", t.Number, t.Order.Canonical())
		}
	}
	return out
}

// states are the rows' states, in order.
func (k *batchKit) states() (out []upgrade.BatchRowState) {
	k.Helper()
	lines, err := k.BatchLines(k.ctx, k.batch.ID, upgrade.BatchLineFilter{}, 0, 100)
	k.ok(err)
	counts := map[upgrade.BatchRowState]int{}
	for _, l := range lines {
		out = append(out, l.State)
		counts[l.State]++
	}
	view, err := k.Batch(k.ctx, k.batch.ID)
	k.ok(err)
	k.same(view.Counts, counts)
	return out
}

// runs lets a row's upgrade claim its order, and end unless the end is empty.
func (k *batchKit) runs(number, attempt int, end upgrade.End) {
	k.Helper()
	o := k.batch.OrderOf(k.rows[number-1])
	if attempt > 1 {
		o.Attempt = attempt
	}
	claim, err := k.Claim(k.ctx, upgrade.ClaimRequest{Order: o, WorkflowID: upgrade.WorkflowID(o.ID), FirstRun: fmt.Sprint("run", attempt), At: at}, true)
	k.ok(err)
	k.same(claim.Outcome, upgrade.ClaimGranted)
	if end != "" {
		k.ok(k.RecordEnd(k.ctx, claim.Upgrade, upgrade.Result{End: end, Reasons: upgrade.Problems{{Code: "why", Message: "because"}}, EndedAt: at}))
	}
}

func uploaded(k *batchKit) {
	_, err := k.Batch(k.ctx, "spring")
	k.kind(err, upgrade.NotFound, "")
	_, _, err = k.ClaimBatch(k.ctx, "spring", k.batch.Hash, "run", false)
	k.kind(err, upgrade.NotFound, "")
	for range 2 { // a repeat is the same
		k.ok(k.SaveBatch(k.ctx, k.batch, k.rows[2:], at))
	}
	_, _, err = k.ClaimBatch(k.ctx, "spring", k.batch.Hash, "run", false)
	k.kind(err, upgrade.NotFound, "") // half of it is missing
	k.ok(k.SaveBatch(k.ctx, k.batch, k.rows[:2], at))
	k.same(k.states(), "[pending pending pending pending]")

	other, rows := batchOf(k.T, "spring", 3) // one that was never begun gives way
	k.ok(k.SaveBatch(k.ctx, other, rows, at))
	_, _, err = k.ClaimBatch(k.ctx, "spring", k.batch.Hash, "run", false)
	k.kind(err, upgrade.Conflict, "other_batch")
	got, holder, err := k.ClaimBatch(k.ctx, "spring", other.Hash, "run", false)
	k.ok(err)
	k.same(holder+" "+got.Hash, "run "+other.Hash)
	k.same(k.states(), "[pending pending pending]")
	k.kind(k.SaveBatch(k.ctx, k.batch, k.rows, at), upgrade.Conflict, "other_batch") // and one that has begun does not
	k.same(k.states(), "[pending pending pending]")
}

func claimedBatch(k *batchKit) {
	k.saved()
	for _, again := range []bool{false, true} {
		_, holder, err := k.ClaimBatch(k.ctx, "spring", k.batch.Hash, "another", again)
		k.ok(err)
		k.same(holder, "run") // it is not over
	}
	k.ok(k.SaveBatchState(k.ctx, "spring", upgrade.BatchEnded, at))
	view, err := k.Batch(k.ctx, "spring")
	k.ok(err)
	k.same(fmt.Sprint(view.State, view.EndedAt.Equal(at), view.Rows), fmt.Sprint(upgrade.BatchEnded, true, 4))
	for _, c := range []struct {
		again bool
		want  string
	}{{false, "run"}, {true, "another"}, {true, "another"}} {
		_, holder, err := k.ClaimBatch(k.ctx, "spring", k.batch.Hash, "another", c.again)
		k.ok(err)
		k.same(holder, c.want)
	}
	k.kind(k.SaveBatchState(k.ctx, "none", upgrade.BatchEnded, at), upgrade.NotFound, "")
}

func plannedRows(k *batchKit) {
	k.saved()
	no := upgrade.Problems{{Code: "no_source", Message: "nothing fits"}}
	for range 2 {
		k.ok(k.SaveBatchChecks(k.ctx, "spring", []upgrade.BatchCheck{
			{Number: 1, Customer: "Ärzte 1", Headline: "Basic → Premium", Digest: "d1"}, {Number: 3, Customer: "Contoso", Reasons: no},
		}))
	}
	k.same(k.states(), "[pending pending refused pending]")
	k.same(k.todo(upgrade.BatchPageStart{}), "[1/0 2/0 4/0]")
	k.same(k.todo(upgrade.BatchPageStart{After: 1, Last: 3}), "[2/0]")
	lines, err := k.BatchLines(k.ctx, "spring", upgrade.BatchLineFilter{Search: "CONTOSO"}, 0, 10)
	k.ok(err)
	if len(lines) != 1 || lines[0].Number != 3 || fmt.Sprint(lines[0].Reasons) != fmt.Sprint(no) || lines[0].Customer != "Contoso" {
		k.Errorf("found %+v", lines)
	}
	lines, err = k.BatchLines(k.ctx, "spring", upgrade.BatchLineFilter{State: upgrade.RowPending}, 1, 1)
	k.ok(err)
	if len(lines) != 1 || lines[0].Number != 2 {
		k.Errorf("the page after row 1 is %+v", lines)
	}
	k.ok(k.SaveBatchChecks(k.ctx, "spring", []upgrade.BatchCheck{{Number: 3, Headline: "fits now"}}))
	k.same(k.states(), "[pending pending pending pending]")
}

func ranRows(k *batchKit) {
	k.saved()
	k.runs(1, 1, upgrade.Completed)
	k.runs(2, 1, upgrade.Declined)
	k.runs(3, 1, "")
	k.same(k.states(), "[completed failed running pending]")
	k.same(k.todo(upgrade.BatchPageStart{}), "[4/0]")
	k.same(k.todo(upgrade.BatchPageStart{Again: true}), "[2/2 4/0]")
	k.ok(k.SaveBatchOutcomes(k.ctx, "spring", []upgrade.BatchOutcome{
		{Number: 3, State: upgrade.RowFailed, Unclaimed: true}, {Number: 4, State: upgrade.RowFailed, Unclaimed: true, Reasons: upgrade.Problems{{Code: "order_running", Message: "elsewhere"}}},
	}))
	k.same(k.states(), "[completed failed running failed]") // of row 3 its own upgrade tells
	k.ok(k.SaveBatchOutcomes(k.ctx, "spring", []upgrade.BatchOutcome{{Number: 3, State: upgrade.RowFailed}}))
	k.same(k.states(), "[completed failed failed failed]") // it was terminated
	k.same(k.todo(upgrade.BatchPageStart{Again: true}), "[2/2 3/2 4/0]")
	k.same(k.todo(upgrade.BatchPageStart{Again: true, Rows: []int{1, 3}}), "[3/2]")
	k.ok(k.ReopenBatchRows(k.ctx, "spring", []int{2, 3, 4}))
	k.runs(2, 2, upgrade.Cancelled)
	k.runs(3, 2, upgrade.CompletedWithExceptions)
	k.same(k.states(), "[completed cancelled completed pending]")
	k.same(k.todo(upgrade.BatchPageStart{Again: true}), "[4/0]") // what somebody cancelled runs again by name
	k.same(k.todo(upgrade.BatchPageStart{Again: true, Rows: []int{2}}), "[2/3]")
	lines, err := k.BatchLines(k.ctx, "spring", upgrade.BatchLineFilter{}, 1, 1)
	k.ok(err)
	if l := lines[0]; l.Upgrade != "spring-00002#2" || l.End != upgrade.Cancelled || !l.Reasons.Has("why") || !l.EndedAt.Equal(at) {
		k.Errorf("row 2 is %+v", l)
	}
}

func cancelledRows(k *batchKit) {
	k.saved()
	k.runs(1, 1, "")
	said := upgrade.Problem{Code: "cancelled", Message: "by ada"}
	for range 2 { // a repeat counts the same
		n, err := k.CancelBatchRows(k.ctx, "spring", []int{1, 2}, said)
		k.ok(err)
		k.same(n, 1)
	}
	k.same(k.states(), "[running cancelled pending pending]")
	n, err := k.CancelBatchRows(k.ctx, "spring", nil, upgrade.Problem{Code: "cancelled", Message: "by bob"})
	k.ok(err)
	k.same(n, 2)
	k.same(k.states(), "[running cancelled cancelled cancelled]")
	k.same(k.todo(upgrade.BatchPageStart{}), "[]")
	k.same(k.todo(upgrade.BatchPageStart{Again: true}), "[]")
	k.same(k.todo(upgrade.BatchPageStart{Again: true, Rows: []int{3}}), "[3/0]")
}
