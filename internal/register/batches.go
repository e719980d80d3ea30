package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
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
