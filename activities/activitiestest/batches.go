package activitiestest

import (
	"context"
	"slices"
	"strings"
	"time"

	"uplift/upgrade"
)

// Batches are what the register keeps of batches, in memory. They pass the conformance test of the real ones.
type Batches struct{ w *World }

// batchEntry is a batch with its rows.
type batchEntry struct {
	view upgrade.BatchView
	run  string
	rows []*batchLine
}

type batchLine struct {
	upgrade.BatchLine
	state upgrade.BatchRowState // empty: as the upgrade says
}

// SaveBatch implements activities.Batches, as every method here does.
func (b Batches) SaveBatch(_ context.Context, in upgrade.Batch, rows []upgrade.BatchRow, at time.Time) (err error) {
	end, err := b.w.begin("Batches.SaveBatch")
	if err != nil {
		return err
	}
	defer end(&err)
	e := b.w.batches[in.ID]
	switch {
	case e != nil && e.view.Hash != in.Hash && e.run != "":
		return &upgrade.Error{Kind: upgrade.Conflict, Code: "other_batch", Message: "another batch has this id"}
	case e == nil || e.view.Hash != in.Hash:
		e = &batchEntry{view: upgrade.BatchView{Batch: in, State: upgrade.BatchUploading, MadeAt: at}}
		b.w.batches[in.ID] = e
	}
	for _, r := range rows {
		if i := slices.IndexFunc(e.rows, func(l *batchLine) bool { return l.Number == r.Number }); i >= 0 {
			e.rows[i].BatchRow = r
			continue
		}
		e.rows = append(e.rows, &batchLine{BatchLine: upgrade.BatchLine{BatchRow: r}})
	}
	slices.SortFunc(e.rows, func(x, y *batchLine) int { return x.Number - y.Number })
	return nil
}

// ClaimBatch gives a batch to an execution.
func (b Batches) ClaimBatch(_ context.Context, id, hash, firstRun string, again bool) (out upgrade.Batch, holder string, err error) {
	end, err := b.w.begin("Batches.ClaimBatch")
	if err != nil {
		return out, "", err
	}
	defer end(&err)
	e := b.w.batches[id]
	switch {
	case e == nil:
		return out, "", notFound("batch")
	case e.view.Hash != hash:
		return out, "", &upgrade.Error{Kind: upgrade.Conflict, Code: "other_batch", Message: "another batch has this id"}
	case len(e.rows) != e.view.Rows:
		return out, "", notFound("whole batch")
	}
	if e.run == "" || again && e.view.State.Over() {
		e.run = firstRun
	}
	return e.view.Batch, e.run, nil
}

// SaveBatchState keeps where a batch stands.
func (b Batches) SaveBatchState(_ context.Context, id string, state upgrade.BatchState, at time.Time) (err error) {
	end, err := b.w.begin("Batches.SaveBatchState")
	if err != nil {
		return err
	}
	defer end(&err)
	e := b.w.batches[id]
	if e == nil {
		return notFound("batch")
	}
	e.view.State, e.view.EndedAt = state, time.Time{}
	if state.Over() {
		e.view.EndedAt = at
	}
	return nil
}

// rowsOf calls f with a batch's row of each number; the world is locked.
func (w *World) rowOf(id string, number int, f func(*batchLine)) {
	if e := w.batches[id]; e != nil {
		for _, l := range e.rows {
			if l.Number == number {
				f(l)
			}
		}
	}
}

// SaveBatchChecks keeps what planning has shown.
func (b Batches) SaveBatchChecks(_ context.Context, id string, checks []upgrade.BatchCheck) (err error) {
	end, err := b.w.begin("Batches.SaveBatchChecks")
	if err != nil {
		return err
	}
	defer end(&err)
	for _, c := range checks {
		b.w.rowOf(id, c.Number, func(l *batchLine) {
			if l.state != "" && l.state != upgrade.RowRefused {
				return
			}
			l.Customer, l.Headline, l.Digest, l.Reasons, l.state = c.Customer, c.Headline, c.Digest, c.Reasons, ""
			if len(c.Reasons) > 0 {
				l.state = upgrade.RowRefused
			}
		})
	}
	return nil
}

// SaveBatchOutcomes keeps how rows ended.
func (b Batches) SaveBatchOutcomes(_ context.Context, id string, outcomes []upgrade.BatchOutcome) (err error) {
	end, err := b.w.begin("Batches.SaveBatchOutcomes")
	if err != nil {
		return err
	}
	defer end(&err)
	for _, o := range outcomes {
		b.w.rowOf(id, o.Number, func(l *batchLine) {
			if !o.Unclaimed || b.w.upgradeOf(id, l) == nil {
				l.state, l.Reasons = o.State, o.Reasons
			}
		})
	}
	return nil
}

// upgradeOf is the last attempt at a row's order, where it belongs to the batch; the world is locked.
func (w *World) upgradeOf(batch string, l *batchLine) *upgradeRow {
	if o := w.orders[l.Order]; o != nil && o.last().batch == batch {
		return o.last()
	}
	return nil
}

// CancelBatchRows cancels rows that were not begun.
func (b Batches) CancelBatchRows(_ context.Context, id string, rows []int, reason upgrade.Problem) (n int, err error) {
	end, err := b.w.begin("Batches.CancelBatchRows")
	if err != nil {
		return 0, err
	}
	defer end(&err)
	e := b.w.batches[id]
	if e == nil {
		return 0, nil
	}
	for _, l := range e.rows {
		again := l.state == upgrade.RowCancelled && len(l.Reasons) == 1 && l.Reasons[0] == reason
		if (len(rows) == 0 || slices.Contains(rows, l.Number)) && (l.state == "" || again) && b.w.upgradeOf(id, l) == nil {
			l.state, l.Reasons = upgrade.RowCancelled, upgrade.Problems{reason}
			n++
		}
	}
	return n, nil
}

// BatchTodo lists the rows that a page is to begin.
func (b Batches) BatchTodo(_ context.Context, s upgrade.BatchPageStart) (todo []upgrade.BatchTodo, err error) {
	end, err := b.w.begin("Batches.BatchTodo")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	e := b.w.batches[s.Batch]
	if e == nil {
		return nil, notFound("batch")
	}
	for _, l := range e.rows {
		u := b.w.upgradeOf(s.Batch, l)
		in := l.Number > s.After && l.Number <= s.Last && (len(s.Rows) == 0 || slices.Contains(s.Rows, l.Number))
		switch state := b.w.stateOf(s.Batch, l); {
		case !in, !s.Again && (l.state != "" || u != nil):
			continue
		case s.Again && len(s.Rows) == 0 && state != upgrade.RowFailed && state != upgrade.RowPending:
			continue
		case s.Again && u != nil && !u.end.ChangedNothing() && !(u.end == "" && l.state == upgrade.RowFailed):
			continue
		}
		t := upgrade.BatchTodo{Number: l.Number, Order: e.view.OrderOf(l.BatchRow)}
		if u != nil {
			t.Order.Attempt = u.attempt + 1
		}
		todo = append(todo, t)
	}
	return todo, nil
}

// ReopenBatchRows makes rows pending.
func (b Batches) ReopenBatchRows(_ context.Context, id string, rows []int) (err error) {
	end, err := b.w.begin("Batches.ReopenBatchRows")
	if err != nil {
		return err
	}
	defer end(&err)
	for _, n := range rows {
		b.w.rowOf(id, n, func(l *batchLine) { l.state, l.Reasons = "", nil })
	}
	return nil
}

// stateOf is a row's state as people see it; the world is locked.
func (w *World) stateOf(batch string, l *batchLine) upgrade.BatchRowState {
	switch u := w.upgradeOf(batch, l); {
	case u == nil && l.state == "":
		return upgrade.RowPending
	case u == nil, u.end == "" && l.state == upgrade.RowFailed:
		return l.state
	case u.end == "":
		return upgrade.RowRunning
	case u.end.Succeeded():
		return upgrade.RowCompleted
	case u.end == upgrade.Cancelled:
		return upgrade.RowCancelled
	}
	return upgrade.RowFailed
}

// Batch is one of them.
func (b Batches) Batch(_ context.Context, id string) (v upgrade.BatchView, err error) {
	end, err := b.w.begin("Batches.Batch")
	if err != nil {
		return v, err
	}
	defer end(&err)
	e := b.w.batches[id]
	if e == nil {
		return v, notFound("batch")
	}
	v = e.view
	v.Counts = map[upgrade.BatchRowState]int{}
	for _, l := range e.rows {
		v.Counts[b.w.stateOf(id, l)]++
	}
	return v, nil
}

// BatchLines lists rows after one.
func (b Batches) BatchLines(_ context.Context, id string, f upgrade.BatchLineFilter, after, size int) (lines []upgrade.BatchLine, err error) {
	end, err := b.w.begin("Batches.BatchLines")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	e := b.w.batches[id]
	if e == nil {
		return nil, nil
	}
	if f.State == upgrade.RowWaiting {
		f.State = upgrade.RowRunning
	}
	for _, l := range e.rows {
		one := l.BatchLine
		one.State = b.w.stateOf(id, l)
		if u := b.w.upgradeOf(id, l); u != nil {
			one.Upgrade, one.Workflow, one.End = u.id, u.workflow, u.end
			if u.end != "" {
				one.Reasons, one.Before, one.After, one.EndedAt = u.result.Reasons, u.result.Before, u.result.After, u.result.EndedAt
			}
		}
		found := strings.Contains(strings.ToLower(one.Order+"\n"+one.Tenant+"\n"+one.Customer), strings.ToLower(f.Search))
		if l.Number > after && (f.State == "" || one.State == f.State) && found && len(lines) < size {
			lines = append(lines, one)
		}
	}
	return lines, nil
}
