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

// holder is a row of upgrades as far as a claim is concerned.
type holder struct {
	upgrade  string
	attempt  int
	workflow string
	run      string
	hash     string
	end      upgrade.End
}

// answer is the claim that names this holder.
func (h holder) answer(outcome upgrade.ClaimOutcome) upgrade.Claim {
	return upgrade.Claim{Outcome: outcome, Upgrade: h.upgrade, Attempt: h.attempt, Holder: h.workflow, HolderRun: h.run, HolderEnd: h.end}
}

// Claim claims an order for the execution that its workflow id and first run id name.
//
// The first to come is granted. The same execution is granted again, with the same answer, however often it asks. Another
// one is told who holds the order: duplicate for the same content, refused for another. One attempt after the last is
// granted where the last end left nothing changed, or where it has none and abandoned says that its execution is closed;
// it receives the plan recorded before, and from an execution that closed in mid-work also the photographs of the users,
// since these may no longer be as they were. The codes and tokens of the attempt before are destroyed, since no end of its
// own has done so.
//
// Two cases beyond that keep "one upgrade at a time" true. An execution that is reset after a later attempt was granted is
// a duplicate of that attempt. An execution that is reset after an end which left nothing changed is granted, and its end
// is taken back, so that no next attempt may begin beside it.
//
// An order on a reseller's behalf is granted only while the reseller may upgrade the customer, and refused with the reasons
// otherwise; no claim stays then. What has begun is not asked again: neither a repeat, nor an attempt that goes on with a change
// that broke off.
func (r *Register) Claim(ctx context.Context, q upgrade.ClaimRequest, abandoned bool) (upgrade.Claim, error) {
	if q.Order.ID == "" || q.WorkflowID == "" || q.FirstRun == "" {
		return upgrade.Claim{}, invalid("bad_claim", "a claim names an order, a workflow and its first run")
	}
	if q.At.IsZero() {
		q.At = r.now()
	}
	var claim upgrade.Claim
	err := r.tx(ctx, func(tx *sql.Tx) (err error) {
		claim, err = r.claim(ctx, tx, q, abandoned)
		return err
	})
	if no := (notTheirs{}); errors.As(err, &no) {
		return upgrade.Claim{Outcome: upgrade.ClaimRefused, Reasons: no.reasons}, nil
	}
	return claim, err
}

// notTheirs rolls a claim back that was made on behalf of a reseller who may not upgrade the customer.
type notTheirs struct{ reasons upgrade.Problems }

func (n notTheirs) Error() string { return n.reasons.Error() }

func (r *Register) claim(ctx context.Context, tx *sql.Tx, q upgrade.ClaimRequest, abandoned bool) (upgrade.Claim, error) {
	last, known, err := lockOrder(ctx, tx, q)
	if err != nil {
		return upgrade.Claim{}, err
	}
	asked, hash := max(q.Order.Attempt, 1), q.Order.Hash()
	if own, ok, err := ownClaim(ctx, tx, q); err != nil {
		return upgrade.Claim{}, err
	} else if ok {
		return repeat(ctx, tx, own, last)
	}
	if !known {
		if asked != 1 {
			// There is nothing to try again. The order row was locked into being; without an attempt it must not stay.
			_, err := tx.ExecContext(ctx, "DELETE FROM orders WHERE order_id = $1", q.Order.ID)
			return upgrade.Claim{Outcome: upgrade.ClaimRefused}, err
		}
		return grant(ctx, tx, q, holder{}, hash, 1)
	}
	switch {
	case last.hash != hash:
		return last.answer(upgrade.ClaimRefused), nil
	case asked == last.attempt+1 && (last.end.ChangedNothing() || last.end == "" && abandoned):
		return grant(ctx, tx, q, last, hash, asked)
	}
	return last.answer(upgrade.ClaimDuplicate), nil
}

// lockOrder locks the order's row, making it where there is none, and returns the last attempt. Everything after it sees
// what the previous claim committed: the row's lock on PostgreSQL, the writer's on SQLite.
func lockOrder(ctx context.Context, tx *sql.Tx, q upgrade.ClaimRequest) (last holder, known bool, err error) {
	var attempt int
	err = tx.QueryRowContext(ctx, `INSERT INTO orders (order_id, last_attempt, claimed_at) VALUES ($1, 0, $2)
		ON CONFLICT (order_id) DO UPDATE SET last_attempt = orders.last_attempt
		RETURNING last_attempt`, q.Order.ID, stamp(q.At)).Scan(&attempt)
	if err != nil || attempt == 0 {
		return holder{}, false, err
	}
	last, err = scanHolder(tx.QueryRowContext(ctx, selectHolder+" WHERE order_id = $1 AND attempt = $2", q.Order.ID, attempt))
	return last, err == nil, err
}

const selectHolder = "SELECT upgrade_id, attempt, workflow_id, first_run, order_hash, end_name FROM upgrades"

func scanHolder(row *sql.Row) (h holder, err error) {
	err = row.Scan(&h.upgrade, &h.attempt, &h.workflow, &h.run, &h.hash, &h.end)
	return h, err
}

func ownClaim(ctx context.Context, tx *sql.Tx, q upgrade.ClaimRequest) (holder, bool, error) {
	own, err := scanHolder(tx.QueryRowContext(ctx,
		selectHolder+" WHERE order_id = $1 AND workflow_id = $2 AND first_run = $3 ORDER BY attempt DESC LIMIT 1",
		q.Order.ID, q.WorkflowID, q.FirstRun))
	if errors.Is(err, sql.ErrNoRows) {
		return holder{}, false, nil
	}
	return own, err == nil, err
}

// repeat answers an execution that asks again.
func repeat(ctx context.Context, tx *sql.Tx, own, last holder) (upgrade.Claim, error) {
	if own.attempt != last.attempt {
		return last.answer(upgrade.ClaimDuplicate), nil
	}
	if own.end.ChangedNothing() {
		if _, err := tx.ExecContext(ctx, "UPDATE upgrades SET end_name = '', ended_at = 0 WHERE upgrade_id = $1", own.upgrade); err != nil {
			return upgrade.Claim{}, err
		}
	}
	own.end = ""
	return granted(ctx, tx, own)
}

// grant records the attempt.
func grant(ctx context.Context, tx *sql.Tx, q upgrade.ClaimRequest, last holder, hash string, attempt int) (upgrade.Claim, error) {
	own := holder{upgrade: fmt.Sprintf("%s#%d", q.Order.ID, attempt), attempt: attempt, workflow: q.WorkflowID, run: q.FirstRun, hash: hash}
	if _, err := tx.ExecContext(ctx, `INSERT INTO upgrades
		(upgrade_id, order_id, attempt, tenant, workflow_id, first_run, order_hash, order_json, claimed_at, reseller, search, batch)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		own.upgrade, q.Order.ID, attempt, q.Order.Tenant, own.workflow, own.run, hash, string(q.Order.Canonical()), stamp(q.At),
		text(q.Order.Reseller), searchText(q.Order.ID), q.Order.Batch); err != nil {
		return upgrade.Claim{}, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE orders SET last_attempt = $2 WHERE order_id = $1", q.Order.ID, attempt); err != nil {
		return upgrade.Claim{}, err
	}
	if last.upgrade != "" { // an attempt that broke off has destroyed nothing
		if err := destroyTokens(ctx, tx, last.upgrade); err != nil {
			return upgrade.Claim{}, err
		}
	}
	claim, err := granted(ctx, tx, own)
	if err == nil && claim.Resumes == "" && q.Order.Reseller != "" {
		ps, err := mayUpgrade(ctx, tx, q.Order.Reseller, q.Order.Tenant, q.At)
		if err == nil && len(ps) > 0 {
			err = notTheirs{ps}
		}
		return claim, err
	}
	if err == nil && claim.Resumes != "" {
		_, err = tx.ExecContext(ctx, `INSERT INTO snapshots (upgrade_id, user_id, document, location_set, taken_at)
			SELECT $1, user_id, document, location_set, taken_at FROM snapshots WHERE upgrade_id = $2`, own.upgrade, last.upgrade)
	}
	return claim, err
}

// granted is the claim of a holder, with the newest plan of an earlier attempt: its own plans would make a repeat answer
// differently.
func granted(ctx context.Context, tx *sql.Tx, own holder) (upgrade.Claim, error) {
	claim := own.answer(upgrade.ClaimGranted)
	if own.attempt == 1 {
		return claim, nil
	}
	var document string
	err := tx.QueryRowContext(ctx, `SELECT plan_json FROM upgrades
		WHERE order_id = (SELECT order_id FROM upgrades WHERE upgrade_id = $1) AND attempt < $2 AND plan_json <> ''
		ORDER BY attempt DESC LIMIT 1`, own.upgrade, own.attempt).Scan(&document)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return claim, nil
	case err != nil:
		return upgrade.Claim{}, err
	}
	claim.Plan = new(upgrade.Plan)
	if err := json.Unmarshal([]byte(document), claim.Plan); err != nil {
		return upgrade.Claim{}, damaged("plan", err)
	}
	if claim.Resumes, err = resumes(ctx, tx, own); err != nil || claim.Resumes == "" {
		return claim, err
	}
	err = tx.QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM journal WHERE upgrade_id = $1 AND step LIKE 'undo-%/sent-%'", claim.Resumes).Scan(&claim.Undoing)
	return claim, err
}

// resumes finds the attempt whose requests this one goes on with: the first one since the last end that has sent any.
func resumes(ctx context.Context, tx *sql.Tx, own holder) (upgradeID string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT u.upgrade_id FROM upgrades u, upgrades own
		WHERE own.upgrade_id = $1 AND u.order_id = own.order_id AND u.attempt < own.attempt
			AND u.attempt > COALESCE((SELECT MAX(e.attempt) FROM upgrades e
				WHERE e.order_id = own.order_id AND e.attempt < own.attempt AND e.end_name <> ''), 0)
			AND EXISTS (SELECT 1 FROM journal j WHERE j.upgrade_id = u.upgrade_id AND j.step LIKE '%/sent-%')
		ORDER BY u.attempt LIMIT 1`, own.upgrade).Scan(&upgradeID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return upgradeID, err
}

// Attempt is one claim as the register remembers it.
type Attempt struct {
	Upgrade    string
	Attempt    int
	Tenant     string
	WorkflowID string
	FirstRun   string
	Hash       string
	Order      []byte          // canonical JSON; empty once forgotten
	Plan       *upgrade.Plan   // nil where none was recorded, or once forgotten
	Result     *upgrade.Result // nil while it runs, or once forgotten
	End        upgrade.End     // empty while it runs
	ClaimedAt  time.Time
	EndedAt    time.Time
}

// Attempts returns the attempts at an order, oldest first; none for an order that was never claimed.
func (r *Register) Attempts(ctx context.Context, order string) ([]Attempt, error) {
	return r.attempts(ctx, "order_id = $1", order)
}

// OfWorkflow returns the attempts that workflows of this id hold.
func (r *Register) OfWorkflow(ctx context.Context, workflowID string) ([]Attempt, error) {
	return r.attempts(ctx, "workflow_id = $1", workflowID)
}

func (r *Register) attempts(ctx context.Context, where, arg string) ([]Attempt, error) {
	return query(ctx, r, `SELECT upgrade_id, attempt, tenant, workflow_id, first_run, order_hash, order_json, plan_json,
		result_json, end_name, claimed_at, ended_at FROM upgrades WHERE `+where+` ORDER BY claimed_at, attempt`, scanAttempt, arg)
}

func scanAttempt(rows *sql.Rows) (a Attempt, err error) {
	var order, plan, result string
	var claimed, ended int64
	if err := rows.Scan(&a.Upgrade, &a.Attempt, &a.Tenant, &a.WorkflowID, &a.FirstRun, &a.Hash, &order, &plan,
		&result, &a.End, &claimed, &ended); err != nil {
		return a, err
	}
	a.Order, a.ClaimedAt, a.EndedAt = []byte(order), moment(claimed), moment(ended)
	if plan != "" {
		a.Plan = new(upgrade.Plan)
		if err := json.Unmarshal([]byte(plan), a.Plan); err != nil {
			return a, damaged("plan", err)
		}
	}
	if result != "" && a.End != "" {
		a.Result = new(upgrade.Result)
		if err := json.Unmarshal([]byte(result), a.Result); err != nil {
			return a, damaged("result", err)
		}
	}
	return a, nil
}

// query runs a read and scans every row.
func query[T any](ctx context.Context, r *Register, text string, scan func(*sql.Rows) (T, error), args ...any) ([]T, error) {
	rows, err := r.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, r.classify(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells what matters.
	var list []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, r.classify(err)
		}
		list = append(list, one)
	}
	return list, r.classify(rows.Err())
}
