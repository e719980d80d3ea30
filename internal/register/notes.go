package register

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"uplift/upgrade"
)

// Journal stores a note under a step's name the first time and answers the stored note ever after.
func (r *Register) Journal(ctx context.Context, upgradeID, step, note string) (stored string, err error) {
	err = r.tx(ctx, func(tx *sql.Tx) (err error) {
		stored, err = r.journal(ctx, tx, upgradeID, step, note)
		return err
	})
	return stored, err
}

func (r *Register) journal(ctx context.Context, tx *sql.Tx, upgradeID, step, note string) (stored string, err error) {
	if _, err := tx.ExecContext(ctx, `INSERT INTO journal (upgrade_id, step, note, noted_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (upgrade_id, step) DO NOTHING`, upgradeID, step, text(note), stamp(r.now())); err != nil {
		return "", err
	}
	err = tx.QueryRowContext(ctx, "SELECT note FROM journal WHERE upgrade_id = $1 AND step = $2", upgradeID, step).Scan(&stored)
	return stored, err
}

// JournalRequest is Journal for a request that an attempt is about to send. It is refused where a later attempt has claimed the
// order, which has read what was noted until then and goes by it. The order's row is written, with what stands there, so that a
// claim comes before or after and never beside.
func (r *Register) JournalRequest(ctx context.Context, by, upgradeID, step, note string) (stored string, err error) {
	err = r.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE orders SET last_attempt = last_attempt WHERE order_id = (SELECT order_id FROM upgrades WHERE upgrade_id = $1)
			AND last_attempt = (SELECT attempt FROM upgrades WHERE upgrade_id = $1)`, by)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, superseded(by))
		}
		stored, err = r.journal(ctx, tx, upgradeID, step, note)
		return err
	})
	return stored, err
}

func superseded(by string) error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: "attempt_superseded", Message: "a later attempt has taken over from " + by + ", which sends nothing any more"}
}

// Note answers a stored note without storing one.
func (r *Register) Note(ctx context.Context, upgradeID, step string) (note string, ok bool, err error) {
	err = r.read.QueryRowContext(ctx, "SELECT note FROM journal WHERE upgrade_id = $1 AND step = $2", upgradeID, step).Scan(&note)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return note, err == nil, r.classify(err)
}

// RecordAnswer keeps an operator's word, once for each id.
func (r *Register) RecordAnswer(ctx context.Context, upgradeID string, a upgrade.OperatorAnswer) error {
	if a.ID == "" {
		return invalid("bad_answer", "an operator's answer has no id")
	}
	if a.At.IsZero() {
		a.At = r.now()
	}
	_, err := r.exec(ctx, `INSERT INTO answers (upgrade_id, answer_id, what, said_by, reason, step, answered_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (upgrade_id, answer_id) DO NOTHING`,
		upgradeID, a.ID, a.What, text(a.By), text(a.Reason), text(a.Step), stamp(a.At))
	return err
}

// Answers returns what operators said to an upgrade, oldest first.
func (r *Register) Answers(ctx context.Context, upgradeID string) ([]upgrade.OperatorAnswer, error) {
	return query(ctx, r, `SELECT answer_id, what, said_by, reason, step, answered_at FROM answers
		WHERE upgrade_id = $1 ORDER BY answered_at, answer_id`, scanAnswer, upgradeID)
}

func scanAnswer(rows *sql.Rows) (a upgrade.OperatorAnswer, err error) {
	var at int64
	err = rows.Scan(&a.ID, &a.What, &a.By, &a.Reason, &a.Step, &at)
	a.At = moment(at)
	return a, err
}

// SaveEvidence keeps who consented to an invitation, when, how, and to which scopes.
func (r *Register) SaveEvidence(ctx context.Context, upgradeID string, invitation int, e upgrade.Evidence) error {
	document, err := marshal(e)
	if err != nil {
		return err
	}
	_, err = r.exec(ctx, `INSERT INTO evidence (upgrade_id, invitation, tenant, document, verified_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (upgrade_id, invitation) DO UPDATE SET tenant = excluded.tenant, document = excluded.document, verified_at = excluded.verified_at`,
		upgradeID, invitation, e.Tenant, document, stamp(e.VerifiedAt))
	return err
}

// Evidence returns the consents of an upgrade, oldest first.
func (r *Register) Evidence(ctx context.Context, upgradeID string) ([]upgrade.Evidence, error) {
	return query(ctx, r, "SELECT document FROM evidence WHERE upgrade_id = $1 ORDER BY verified_at, invitation", scanEvidence, upgradeID)
}

func scanEvidence(rows *sql.Rows) (e upgrade.Evidence, err error) {
	var document string
	if err := rows.Scan(&document); err != nil {
		return e, err
	}
	if err := json.Unmarshal([]byte(document), &e); err != nil {
		return e, damaged("piece of evidence", err)
	}
	return e, nil
}

// Membership says which plan or offer a subscription was last known to be on.
type Membership struct {
	Tenant, Subscription, Plan, Offer string
	At                                time.Time
}

// SaveMembership records which plan or offer a subscription is on; word that is older than the recorded one is ignored.
func (r *Register) SaveMembership(ctx context.Context, tenant, subscription, plan, offer string, at time.Time) error {
	_, err := r.exec(ctx, `INSERT INTO memberships (tenant, subscription, plan, offer, recorded_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, subscription) DO UPDATE SET plan = excluded.plan, offer = excluded.offer, recorded_at = excluded.recorded_at
		WHERE memberships.recorded_at <= excluded.recorded_at`, tenant, subscription, plan, offer, stamp(at))
	return err
}

// Memberships returns what is known of a customer's subscriptions, in order of their ids.
func (r *Register) Memberships(ctx context.Context, tenant string) ([]Membership, error) {
	return query(ctx, r, `SELECT tenant, subscription, plan, offer, recorded_at FROM memberships
		WHERE tenant = $1 ORDER BY subscription`, scanMembership, tenant)
}

func scanMembership(rows *sql.Rows) (m Membership, err error) {
	var at int64
	err = rows.Scan(&m.Tenant, &m.Subscription, &m.Plan, &m.Offer, &at)
	m.At = moment(at)
	return m, err
}
