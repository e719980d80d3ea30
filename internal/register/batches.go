package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"uplift/upgrade"
)

// SaveBatch keeps a batch and a part of its rows. A repeat of a part replaces it. Kind Conflict, code other_batch, where a batch of
// this id with another content has begun already; one that was never begun gives way.
func (r *Register) SaveBatch(ctx context.Context, b upgrade.Batch, rows []upgrade.BatchRow, at time.Time) error {
	if b.ID == "" || b.Hash == "" || len(rows) == 0 || len(rows) > upgrade.BatchPart {
		return invalid("bad_batch", "a part of a batch names the batch, its hash, and some rows")
	}
	document, err := marshal(b)
	if err != nil {
		return err
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		if err := makeBatch(ctx, tx, b, document, at); err != nil {
			return err
		}
		for _, row := range rows {
			document, err := marshal(row)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO batch_rows (batch_id, number, order_id, tenant, document, search) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (batch_id, number) DO UPDATE SET order_id = excluded.order_id, tenant = excluded.tenant,
				document = excluded.document, search = excluded.search`,
				b.ID, row.Number, row.Order, row.Tenant, document, searchText(row.Order, row.Tenant)); err != nil {
				return err
			}
		}
		return nil
	})
}

// makeBatch makes the batch's own row, and clears the table for it where another upload under the id was never begun.
func makeBatch(ctx context.Context, tx *sql.Tx, b upgrade.Batch, document string, at time.Time) error {
	var hash, run string
	err := tx.QueryRowContext(ctx, `INSERT INTO batches (batch_id, document, hash, reseller, state, made_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (batch_id) DO UPDATE SET made_at = batches.made_at RETURNING hash, first_run`,
		b.ID, document, b.Hash, text(b.Reseller), string(upgrade.BatchUploading), stamp(at)).Scan(&hash, &run)
	switch {
	case err != nil || hash == b.Hash:
		return err
	case run != "":
		return otherBatch(b.ID)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM batch_rows WHERE batch_id = $1", b.ID); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE batches SET document = $2, hash = $3, reseller = $4, made_at = $5 WHERE batch_id = $1", b.ID, document, b.Hash, text(b.Reseller), stamp(at))
	return err
}

func otherBatch(id string) error {
	return &upgrade.Error{Kind: upgrade.Conflict, Code: "other_batch", Message: fmt.Sprintf("batch %s was placed before, with another content; take another batch id", id)}
}

// ClaimBatch gives a batch to the execution that began with this run. The same one may ask again; where another one has it, that is
// answered, unless the batch is over and is to run again. Kind NotFound where the batch was not uploaded, or not the whole of it.
func (r *Register) ClaimBatch(ctx context.Context, id, hash, firstRun string, again bool) (b upgrade.Batch, holder string, err error) {
	err = r.tx(ctx, func(tx *sql.Tx) error {
		var document, has, state string
		var rows int
		err := tx.QueryRowContext(ctx, "UPDATE batches SET made_at = made_at WHERE batch_id = $1 RETURNING document, hash, first_run, state", id).Scan(&document, &has, &holder, &state)
		if errors.Is(err, sql.ErrNoRows) {
			return unknownBatch()
		} else if err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM batch_rows WHERE batch_id = $1", id).Scan(&rows); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(document), &b); err != nil {
			return damaged("batch", err)
		}
		switch {
		case has != hash:
			return otherBatch(id)
		case rows != b.Rows:
			return notFound("batch_incomplete", fmt.Sprintf("%d of the batch's %d rows are in the register: upload it again", rows, b.Rows))
		case holder == firstRun, holder != "" && !(again && upgrade.BatchState(state).Over()):
			return nil
		}
		holder = firstRun
		_, err = tx.ExecContext(ctx, "UPDATE batches SET first_run = $2, ended_at = 0 WHERE batch_id = $1", id, firstRun)
		return err
	})
	return b, holder, err
}

func unknownBatch() error { return notFound("unknown_batch", "the register knows no such batch") }

// SaveBatchState records where a batch stands.
func (r *Register) SaveBatchState(ctx context.Context, id string, state upgrade.BatchState, at time.Time) error {
	ended := int64(0)
	if state.Over() {
		ended = stamp(at)
	}
	changed, err := r.exec(ctx, "UPDATE batches SET state = $2, ended_at = $3 WHERE batch_id = $1", id, string(state), ended)
	if err == nil && changed == 0 {
		return unknownBatch()
	}
	return err
}

// SaveBatchChecks keeps what planning rows has shown. A row that may not be upgraded is refused from then on.
func (r *Register) SaveBatchChecks(ctx context.Context, id string, checks []upgrade.BatchCheck) error {
	return r.tx(ctx, func(tx *sql.Tx) error {
		for _, c := range checks {
			state, reasons := "", ""
			if len(c.Reasons) > 0 {
				var err error
				if reasons, err = marshal(c.Reasons); err != nil {
					return err
				}
				state = string(upgrade.RowRefused)
			}
			if _, err := tx.ExecContext(ctx, `UPDATE batch_rows SET customer = $3, headline = $4, digest = $5, state = $6, reasons = $7,
				search = search || $8 WHERE batch_id = $1 AND number = $2 AND state IN ('', 'refused')`,
				id, c.Number, text(c.Customer), text(c.Headline), c.Digest, state, reasons, "\n"+searchText(c.Customer)); err != nil {
				return err
			}
		}
		return nil
	})
}

// SaveBatchOutcomes keeps how rows ended that have no upgrade of their own to say so.
func (r *Register) SaveBatchOutcomes(ctx context.Context, id string, outcomes []upgrade.BatchOutcome) error {
	return r.tx(ctx, func(tx *sql.Tx) error {
		for _, o := range outcomes {
			reasons := ""
			if len(o.Reasons) > 0 {
				var err error
				if reasons, err = marshal(o.Reasons); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, `UPDATE batch_rows SET state = $3, reasons = $4 WHERE batch_id = $1 AND number = $2 AND ($5 = 0 OR NOT EXISTS
				(SELECT 1 FROM upgrades u WHERE u.order_id = batch_rows.order_id AND u.batch = batch_rows.batch_id))`, id, o.Number, string(o.State), reasons, flag(o.Unclaimed)); err != nil {
				return err
			}
		}
		return nil
	})
}

// flag is a truth as both databases take it.
func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// CancelBatchRows cancels rows that were not begun, all of them where none are named, and answers how many that were. A repeat
// answers those of before as well.
func (r *Register) CancelBatchRows(ctx context.Context, id string, rows []int, reason upgrade.Problem) (cancelled int, err error) {
	reasons, err := marshal(upgrade.Problems{reason})
	if err != nil {
		return 0, err
	}
	err = r.tx(ctx, func(tx *sql.Tx) error {
		cancelled = 0
		one := func(which string, args ...any) error {
			done, err := tx.ExecContext(ctx, `UPDATE batch_rows SET state = 'cancelled', reasons = $2 WHERE batch_id = $1 AND (state = '' OR state = 'cancelled' AND reasons = $2)
				AND NOT EXISTS (SELECT 1 FROM upgrades u WHERE u.order_id = batch_rows.order_id AND u.batch = batch_rows.batch_id)`+which, append([]any{id, reasons}, args...)...)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			cancelled += int(n)
			return err
		}
		if len(rows) == 0 {
			return one("")
		}
		for _, n := range rows {
			if err := one(" AND number = $3", n); err != nil {
				return err
			}
		}
		return nil
	})
	return cancelled, err
}

// BatchTodo lists the rows of a page that are to be begun, in order: those that are pending; or, to run again, those that have ended
// without having completed, each with the attempt that comes next. Only the rows named, where any are.
func (r *Register) BatchTodo(ctx context.Context, s upgrade.BatchPageStart) ([]upgrade.BatchTodo, error) {
	b, err := r.Batch(ctx, s.Batch)
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
	for _, e := range []upgrade.End{upgrade.Declined, upgrade.Expired, upgrade.Cancelled, upgrade.Ineligible, upgrade.FailedUndone} {
		names = append(names, "'"+string(e)+"'")
	}
	return strings.Join(names, ", ")
}

// ReopenBatchRows makes rows pending once more that have no upgrade and are to run again.
func (r *Register) ReopenBatchRows(ctx context.Context, id string, rows []int) error {
	return r.tx(ctx, func(tx *sql.Tx) error {
		for _, n := range rows {
			if _, err := tx.ExecContext(ctx, "UPDATE batch_rows SET state = '', reasons = '' WHERE batch_id = $1 AND number = $2", id, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// Batch is a batch and how many of its rows are how far. Kind NotFound, code unknown_batch.
func (r *Register) Batch(ctx context.Context, id string) (upgrade.BatchView, error) {
	found, err := query(ctx, r, selectBatches+" WHERE batch_id = $1", scanBatch, id)
	switch {
	case err != nil:
		return upgrade.BatchView{}, err
	case len(found) == 0:
		return upgrade.BatchView{}, unknownBatch()
	}
	return r.counted(ctx, found[0])
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
		key, id, err := parseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		at, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return nil, "", invalid("bad_cursor", "the cursor is none of ours: begin without one")
		}
		c.add("(made_at, batch_id) < (?, ?)", at, id)
	}
	size = rowsOf(size)
	list, err = query(ctx, r, fmt.Sprintf("%s%s ORDER BY made_at DESC, batch_id DESC LIMIT %d", selectBatches, c.where(), size+1), scanBatch, c.args...)
	if err != nil {
		return nil, "", err
	}
	if len(list) > size {
		list = list[:size]
		last := list[size-1]
		next = cursorOf(strconv.FormatInt(stamp(last.MadeAt), 10), last.ID)
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
