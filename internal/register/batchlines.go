package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"uplift/upgrade"
)

// BatchTodo lists the rows of a page that are to be begun, in order: those that are pending; or, to run again, those that have ended
// without having completed, each with the attempt that comes next. Only the rows named, where any are.
func (r *Register) BatchTodo(ctx context.Context, s upgrade.BatchPageStart) ([]upgrade.BatchTodo, error) {
	b, err := r.uncounted(ctx, s.Batch)
	if err != nil {
		return nil, err
	}
	var c conditions
	c.add("r.batch_id = ?", s.Batch)
	c.add("r.number > ?", s.After)
	c.add("r.number <= ?", s.Last)
	if s.Again {
		c.parts = append(c.parts, "(u.upgrade_id IS NULL OR u.end_name = '' AND r.state = 'failed' OR u.end_name IN ("+changedNothing()+"))")
		if len(s.Rows) == 0 { // what somebody cancelled or left out runs again only by name
			c.parts = append(c.parts, "("+rowState+") IN ('failed', 'pending')")
		}
	} else {
		c.parts = append(c.parts, "r.state = '' AND u.upgrade_id IS NULL")
	}
	if len(s.Rows) > 0 {
		numbers := make([]any, len(s.Rows))
		marks := ""
		for i, n := range s.Rows {
			numbers[i], marks = n, marks+", ?"
		}
		c.add("r.number IN ("+marks[2:]+")", numbers...)
	}
	return query(ctx, r, "SELECT r.document, COALESCE(u.attempt, 0) FROM batch_rows r"+joinUpgrade+c.where()+" ORDER BY r.number", func(rows *sql.Rows) (t upgrade.BatchTodo, err error) {
		var document string
		var attempt int
		if err := rows.Scan(&document, &attempt); err != nil {
			return t, err
		}
		var row upgrade.BatchRow
		if err := json.Unmarshal([]byte(document), &row); err != nil {
			return t, damaged("row", err)
		}
		t = upgrade.BatchTodo{Number: row.Number, Order: b.OrderOf(row)}
		if attempt > 0 {
			t.Order.Attempt = attempt + 1
		}
		return t, nil
	}, c.args...)
}

// changedNothing lists, as SQL, the ends after which an order may be tried again.
func changedNothing() string {
	var names []string
	for _, e := range []upgrade.End{
		upgrade.Completed, upgrade.CompletedWithResidue, upgrade.CompletedWithExceptions, upgrade.Declined, upgrade.Expired, upgrade.Cancelled,
		upgrade.Ineligible, upgrade.FailedUndone, upgrade.Abandoned, upgrade.Duplicate, upgrade.RefusedOrder,
	} {
		if !e.ChangedNothing() {
			continue
		}
		names = append(names, "'"+string(e)+"'")
	}
	return strings.Join(names, ", ")
}

// Batch is a batch and how many of its rows are how far. Kind NotFound, code unknown_batch.
func (r *Register) Batch(ctx context.Context, id string) (upgrade.BatchView, error) {
	v, err := r.uncounted(ctx, id)
	if err != nil {
		return v, err
	}
	return r.counted(ctx, v)
}

func (r *Register) uncounted(ctx context.Context, id string) (upgrade.BatchView, error) {
	found, err := query(ctx, r, selectBatches+" WHERE batch_id = $1", scanBatch, id)
	switch {
	case err != nil:
		return upgrade.BatchView{}, err
	case len(found) == 0:
		return upgrade.BatchView{}, unknownBatch()
	}
	return found[0], nil
}

// Batches lists batches, the latest first. An empty cursor begins, an empty next cursor ends.
func (r *Register) Batches(ctx context.Context, f upgrade.BatchFilter, cursor string, size int) (list []upgrade.BatchView, next string, err error) {
	var c conditions
	if f.Reseller != "" {
		c.add("reseller = ?", f.Reseller)
	}
	if f.Open {
		c.parts = append(c.parts, "state NOT IN ('refused', 'cancelled', 'ended')")
	}
	if cursor != "" {
		if err := c.earlier("made_at, batch_id", cursor); err != nil {
			return nil, "", err
		}
	}
	size = rowsOf(size)
	list, err = query(ctx, r, fmt.Sprintf("%s%s ORDER BY made_at DESC, batch_id DESC LIMIT %d", selectBatches, c.where(), size+1), scanBatch, c.args...)
	if err != nil {
		return nil, "", err
	}
	if len(list) > size {
		list = list[:size]
		last := list[size-1]
		next = cursorAt(last.MadeAt, last.ID)
	}
	for i := range list {
		if list[i], err = r.counted(ctx, list[i]); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

const selectBatches = "SELECT document, state, made_at, ended_at FROM batches"

func scanBatch(rows *sql.Rows) (v upgrade.BatchView, err error) {
	var document string
	var made, ended int64
	if err := rows.Scan(&document, &v.State, &made, &ended); err != nil {
		return v, err
	}
	v.MadeAt, v.EndedAt = moment(made), moment(ended)
	if err := json.Unmarshal([]byte(document), &v.Batch); err != nil {
		return v, damaged("batch", err)
	}
	return v, nil
}

// joinUpgrade joins the last attempt at a row's order, where it belongs to the batch.
const joinUpgrade = ` LEFT JOIN orders o ON o.order_id = r.order_id
	LEFT JOIN upgrades u ON u.order_id = r.order_id AND u.batch = r.batch_id AND u.attempt = o.last_attempt`

// rowState is a row's state as people see it.
const rowState = `CASE WHEN u.upgrade_id IS NULL THEN CASE WHEN r.state = '' THEN 'pending' ELSE r.state END
	WHEN u.end_name = '' THEN CASE WHEN r.state = 'failed' THEN 'failed' ELSE 'running' END
	WHEN u.end_name LIKE 'completed%' THEN 'completed' WHEN u.end_name = 'cancelled' THEN 'cancelled' ELSE 'failed' END`

func (r *Register) counted(ctx context.Context, v upgrade.BatchView) (upgrade.BatchView, error) {
	type count struct {
		state upgrade.BatchRowState
		rows  int
	}
	counts, err := query(ctx, r, "SELECT "+rowState+", COUNT(*) FROM batch_rows r"+joinUpgrade+" WHERE r.batch_id = $1 GROUP BY 1", func(rows *sql.Rows) (c count, err error) {
		err = rows.Scan(&c.state, &c.rows)
		return c, err
	}, v.ID)
	v.Counts = map[upgrade.BatchRowState]int{}
	for _, c := range counts {
		v.Counts[c.state] = c.rows
	}
	return v, err
}

// BatchLines lists rows of a batch after one, by number. What has not ended counts as running here, also while it waits for consent.
func (r *Register) BatchLines(ctx context.Context, id string, f upgrade.BatchLineFilter, after, size int) ([]upgrade.BatchLine, error) {
	var c conditions
	c.add("r.batch_id = ?", id)
	c.add("r.number > ?", after)
	if f.State == upgrade.RowWaiting {
		f.State = upgrade.RowRunning
	}
	if f.State != "" {
		c.add("("+rowState+") = ?", string(f.State))
	}
	c.contains("r.search", f.Search)
	return query(ctx, r, fmt.Sprintf(`SELECT r.number, r.document, %s, r.customer, r.headline, r.digest, r.reasons, COALESCE(u.upgrade_id, ''), COALESCE(u.workflow_id, ''),
		COALESCE(u.customer, ''), COALESCE(u.headline, ''), COALESCE(u.end_name, ''), COALESCE(u.result_json, ''), COALESCE(u.claimed_at, 0), COALESCE(u.ended_at, 0)
		FROM batch_rows r%s%s ORDER BY r.number LIMIT %d`, rowState, joinUpgrade, c.where(), rowsOf(size)), scanBatchLine, c.args...)
}

func scanBatchLine(rows *sql.Rows) (l upgrade.BatchLine, err error) {
	var document, reasons, customer, headline, result string
	var began, ended int64
	var number int
	if err := rows.Scan(&number, &document, &l.State, &l.Customer, &l.Headline, &l.Digest, &reasons, &l.Upgrade, &l.Workflow, &customer, &headline, &l.End, &result, &began, &ended); err != nil {
		return l, err
	}
	l.BeganAt, l.EndedAt = moment(began), moment(ended)
	if customer != "" {
		l.Customer, l.Headline = customer, headline
	}
	if err := json.Unmarshal([]byte(document), &l.BatchRow); err != nil {
		return l, damaged("row", err)
	}
	l.Number = number // also of a customer who was erased
	if reasons != "" && l.End == "" {
		if err := json.Unmarshal([]byte(reasons), &l.Reasons); err != nil {
			return l, damaged("row's reasons", err)
		}
	}
	if l.End != "" && result != "" {
		var r upgrade.Result
		if err := json.Unmarshal([]byte(result), &r); err != nil {
			return l, damaged("result", err)
		}
		l.Reasons, l.Before, l.After = r.Reasons, r.Before, r.After
	}
	return l, nil
}
