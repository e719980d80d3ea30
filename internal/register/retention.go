package register

import (
	"context"
	"database/sql"
	"time"

	"uplift/upgrade"
)

// How long things are kept. Counted from the end of their upgrade, except where something else is said. The claim itself
// (order id, hash, workflow, end, times) is kept for ever: it is what stops an order from being carried out twice, and it
// names no person.
const (
	// KeepCodes is counted from a device code's own expiry. A code dies with its upgrade's end as well.
	KeepCodes = 24 * time.Hour
	// KeepTokens is counted from the last refresh: Microsoft lets a refresh token die after 90 days without use. Tokens
	// die with their upgrade's end as well.
	KeepTokens = 90 * 24 * time.Hour
	// KeepUsers is for snapshots, reports and the journal: what a complaint about one user's licence needs.
	KeepUsers = 90 * 24 * time.Hour
	// KeepUserLists is counted from the upload: the users of an order are photographed when it is carried out.
	KeepUserLists = 180 * 24 * time.Hour
	// KeepDrafts is counted from the last time that somebody wrote on an order in the portal.
	KeepDrafts = 30 * 24 * time.Hour
	// KeepFacts is for what was gathered for a plan; it goes with its upgrade's end as well.
	KeepFacts = 24 * time.Hour
	// KeepDocuments is for the order's text, its plan and its result, and for what billing was told.
	KeepDocuments = 2 * 365 * 24 * time.Hour
	// KeepEvidence is for consents and operators' answers: the proof that we were allowed to.
	// It is for who did what besides, too, counted from when that was.
	KeepEvidence = 3 * 365 * 24 * time.Hour
	// KeepInventory is for customers whom Partner Center lists no more, counted from when it last did. An inventory that has
	// seen everybody forgets them at once.
	KeepInventory = 90 * 24 * time.Hour
)

// endedBefore names the upgrades that ended before $1. Running ones are never among them.
const endedBefore = "(SELECT upgrade_id FROM upgrades WHERE ended_at > 0 AND ended_at < $1)"

// Prune deletes what need not be kept any longer. It may run at any time and in several processes.
func (r *Register) Prune(ctx context.Context, now time.Time) (upgrade.Pruned, error) {
	var p upgrade.Pruned
	work := []struct {
		count *int64
		query string
		until time.Duration
	}{
		{&p.Codes, "DELETE FROM codes WHERE expires_at < $1", KeepCodes},
		{&p.Codes, "DELETE FROM codes WHERE upgrade_id IN " + endedBefore, 0},
		{&p.Tokens, "DELETE FROM tokens WHERE saved_at < $1", KeepTokens},
		{&p.Tokens, "DELETE FROM tokens WHERE upgrade_id IN " + endedBefore, 0},
		{&p.Users, "DELETE FROM snapshots WHERE upgrade_id IN " + endedBefore, KeepUsers},
		{&p.Users, "DELETE FROM reports WHERE upgrade_id IN " + endedBefore, KeepUsers},
		{&p.Users, "DELETE FROM journal WHERE upgrade_id IN " + endedBefore, KeepUsers},
		{&p.Users, "DELETE FROM user_lists WHERE saved_at < $1", KeepUserLists},
		{new(int64), "DELETE FROM drafts WHERE saved_at < $1", KeepDrafts},
		{new(int64), "DELETE FROM facts WHERE saved_at < $1", KeepFacts},
		{&p.Evidence, "DELETE FROM evidence WHERE upgrade_id IN " + endedBefore, KeepEvidence},
		{&p.Evidence, "DELETE FROM answers WHERE upgrade_id IN " + endedBefore, KeepEvidence},
		{&p.Documents, "DELETE FROM deliveries WHERE upgrade_id IN " + endedBefore, KeepDocuments},
		{&p.Documents, "DELETE FROM callbacks WHERE upgrade_id IN " + endedBefore, KeepDocuments},
		{&p.Evidence, "DELETE FROM audit WHERE at < $1", KeepEvidence},
		{new(int64), "DELETE FROM inventory_lines WHERE tenant IN (SELECT tenant FROM inventory_customers WHERE listed_at < $1)", KeepInventory},
		{&p.Inventory, "DELETE FROM inventory_customers WHERE listed_at < $1", KeepInventory},
		{&p.Documents, "DELETE FROM batch_rows WHERE batch_id IN (SELECT batch_id FROM batches WHERE ended_at > 0 AND ended_at < $1)", KeepDocuments},
		{&p.Documents, `UPDATE upgrades SET order_json = '', plan_json = '', result_json = '', customer = '', headline = '', search = lower(order_id)
			WHERE ended_at > 0 AND ended_at < $1 AND order_json <> ''`, KeepDocuments},
	}
	for _, w := range work {
		changed, err := r.exec(ctx, w.query, stamp(now.Add(-w.until)))
		if err != nil {
			return p, err
		}
		*w.count += changed
	}
	return p, nil
}

// EraseCustomer deletes what is known of a customer and its people. What stays of each upgrade is the bare claim: order
// id, hash, workflow id, end and times. Kind Conflict, code upgrade_running, while an upgrade of the customer has no end:
// it has to be cancelled first. One whose execution was terminated is ended first by recording the end "abandoned".
func (r *Register) EraseCustomer(ctx context.Context, tenant string) error {
	if tenant == "" {
		return invalid("no_tenant", "the customer to erase is not named")
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		var running int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM upgrades WHERE tenant = $1 AND end_name = ''", tenant).Scan(&running); err != nil {
			return err
		}
		if running > 0 {
			return &upgrade.Error{Kind: upgrade.Conflict, Code: "upgrade_running", Message: "an upgrade of the customer still runs; cancel it first"}
		}
		return erase(ctx, tx, tenant)
	})
}

func erase(ctx context.Context, tx *sql.Tx, tenant string) error {
	for _, table := range []string{"codes", "tokens", "snapshots", "reports", "journal", "answers", "evidence", "deliveries", "callbacks"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE upgrade_id IN (SELECT upgrade_id FROM upgrades WHERE tenant = $1)", tenant); err != nil {
			return err
		}
	}
	for _, query := range []string{
		"DELETE FROM memberships WHERE tenant = $1",
		"DELETE FROM user_lists WHERE tenant = $1",
		"DELETE FROM facts WHERE tenant = $1",
		"DELETE FROM inventory_lines WHERE tenant = $1",
		"DELETE FROM inventory_customers WHERE tenant = $1",
		"DELETE FROM reseller_customers WHERE tenant = $1",
		"DELETE FROM audit WHERE about = $1",
		"UPDATE batch_rows SET tenant = '', document = '{}', customer = '', headline = '', search = '', reasons = '' WHERE tenant = $1",
		`UPDATE upgrades SET tenant = '', order_json = '', plan_json = '', result_json = '', customer = '', headline = '',
			reseller = '', search = lower(order_id) WHERE tenant = $1`,
	} {
		if _, err := tx.ExecContext(ctx, query, tenant); err != nil {
			return err
		}
	}
	return nil
}
