package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"uplift/upgrade"
)

// SaveCallback stores a callback under the next sequence number of its upgrade, once for each fact, and answers the number. The
// upgrade's row is locked first, so that two at once get two numbers and no number is left out.
func (r *Register) SaveCallback(ctx context.Context, upgradeID, fact string, c upgrade.Callback) (sequence int, err error) {
	if fact == "" {
		return 0, invalid("bad_callback", "a callback names the fact that it tells")
	}
	err = r.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE upgrades SET attempt = attempt WHERE upgrade_id = $1", upgradeID)
		if err != nil {
			return err
		}
		if err := mustKnow(done.RowsAffected()); err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, "SELECT sequence FROM callbacks WHERE upgrade_id = $1 AND fact = $2", upgradeID, fact).Scan(&sequence)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(sequence), 0) + 1 FROM callbacks WHERE upgrade_id = $1", upgradeID).Scan(&sequence); err != nil {
			return err
		}
		c.Sequence = sequence
		body, err := marshal(c)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO callbacks (upgrade_id, sequence, fact, type, body, told_at) VALUES ($1, $2, $3, $4, $5, $6)",
			upgradeID, sequence, fact, string(c.Type), body, stamp(c.At))
		return err
	})
	return sequence, err
}

// Callback reads one, Kind NotFound when there is none.
func (r *Register) Callback(ctx context.Context, upgradeID string, sequence int) (c upgrade.Callback, err error) {
	var body string
	err = r.read.QueryRowContext(ctx, "SELECT body FROM callbacks WHERE upgrade_id = $1 AND sequence = $2", upgradeID, sequence).Scan(&body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return c, notFound("no_such_callback", "the register has no such callback")
	case err != nil:
		return c, r.classify(err)
	}
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return c, damaged("callback", err)
	}
	return c, nil
}

// SaveDelivery stores how far a callback is at one destination; a later word takes the place of the one before. Kind NotFound where
// there is no such callback.
func (r *Register) SaveDelivery(ctx context.Context, d upgrade.Delivery) error {
	problem := ""
	if d.Problem != nil {
		var err error
		if problem, err = marshal(d.Problem); err != nil {
			return err
		}
	}
	_, err := r.exec(ctx, `INSERT INTO deliveries (upgrade_id, sequence, destination, state, attempts, problem, tried_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (upgrade_id, sequence, destination)
		DO UPDATE SET state = excluded.state, attempts = excluded.attempts, problem = excluded.problem, tried_at = excluded.tried_at`,
		d.Upgrade, d.Sequence, d.Destination, string(d.State), d.Attempts, text(problem), stamp(d.At))
	return err
}

const selectDelivery = `SELECT d.upgrade_id, d.sequence, c.type, d.destination, d.state, d.attempts, d.problem, d.tried_at
	FROM deliveries d JOIN callbacks c ON c.upgrade_id = d.upgrade_id AND c.sequence = d.sequence`

// Deliveries lists how far the callbacks of an upgrade are, by sequence and destination.
func (r *Register) Deliveries(ctx context.Context, upgradeID string) ([]upgrade.Delivery, error) {
	return query(ctx, r, selectDelivery+" WHERE d.upgrade_id = $1 ORDER BY d.sequence, d.destination", scanDelivery, upgradeID)
}

// FailedDeliveries lists what was given up or waits for another attempt, the latest first. A limit of 0, or one above 1000, means
// 1000.
func (r *Register) FailedDeliveries(ctx context.Context, limit int) ([]upgrade.Delivery, error) {
	return query(ctx, r, selectDelivery+` WHERE d.state = 'failed' OR d.state = 'pending' AND d.attempts > 0
		ORDER BY d.tried_at DESC, d.upgrade_id, d.sequence, d.destination LIMIT $1`, scanDelivery, pageOf(limit))
}

func scanDelivery(rows *sql.Rows) (d upgrade.Delivery, err error) {
	var problem string
	var at int64
	if err := rows.Scan(&d.Upgrade, &d.Sequence, &d.Type, &d.Destination, &d.State, &d.Attempts, &problem, &at); err != nil {
		return d, err
	}
	d.ID, d.At = upgrade.CallbackID(d.Upgrade, d.Sequence), moment(at)
	if problem == "" {
		return d, nil
	}
	if err := json.Unmarshal([]byte(problem), &d.Problem); err != nil {
		return d, damaged("delivery", err)
	}
	return d, nil
}
