package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"uplift/upgrade"
)

// marshal writes a document of package upgrade. These types hold nothing that cannot be written, so an error is ours.
func marshal(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_document", Message: "the document cannot be written as JSON", Err: err}
	}
	return string(b), nil
}

// mustKnow turns "no row was changed" into Kind NotFound.
func mustKnow(changed int64, err error) error {
	if err == nil && changed == 0 {
		return notFound(codeUnknownUpgrade, "no claim has this upgrade id")
	}
	return err
}

// SavePlan records the plan; a later one takes its place.
func (r *Register) SavePlan(ctx context.Context, upgradeID string, p upgrade.Plan) error {
	document, err := marshal(p)
	if err != nil {
		return err
	}
	return mustKnow(r.exec(ctx, "UPDATE upgrades SET plan_json = $2, planned_at = $3, customer = $4, headline = $5, search = $6 WHERE upgrade_id = $1",
		upgradeID, document, stamp(r.now()), text(p.Customer.Name), text(p.Headline), searchText(upgrade.OrderOf(upgradeID), p.Customer.Name)))
}

// RecordEnd records how the upgrade ended and deletes its codes and tokens. Duplicate and refused are ends of an execution
// that never held the order, and are never recorded on the one that does.
func (r *Register) RecordEnd(ctx context.Context, upgradeID string, result upgrade.Result) error {
	switch result.End {
	case "", upgrade.Duplicate, upgrade.RefusedOrder:
		return invalid("not_an_end", "an upgrade that holds its order does not end this way")
	}
	if result.EndedAt.IsZero() {
		result.EndedAt = r.now()
	}
	document, err := marshal(result)
	if err != nil {
		return err
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE upgrades SET end_name = $2, result_json = $3, ended_at = $4 WHERE upgrade_id = $1",
			upgradeID, string(result.End), document, stamp(result.EndedAt))
		if err != nil {
			return err
		}
		changed, err := done.RowsAffected()
		if err := mustKnow(changed, err); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM facts WHERE owner = $1", upgradeID); err != nil {
			return err
		}
		return destroyTokens(ctx, tx, upgradeID)
	})
}

// Plan returns the recorded plan, Kind NotFound when there is none.
func (r *Register) Plan(ctx context.Context, upgradeID string) (upgrade.Plan, error) {
	var p upgrade.Plan
	var document string
	err := r.read.QueryRowContext(ctx, "SELECT plan_json FROM upgrades WHERE upgrade_id = $1", upgradeID).Scan(&document)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && document == "":
		return p, notFound("no_plan", "no plan is recorded for this upgrade")
	case err != nil:
		return p, r.classify(err)
	}
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return p, damaged("plan", err)
	}
	return p, nil
}
