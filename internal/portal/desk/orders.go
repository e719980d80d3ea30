package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// Place starts the upgrade of an order, given as JSON. The same order again, however often and also after its end, answers
// the upgrade that it led to; another order under the same id is Kind Conflict, code other_order. An order that does not parse
// is Kind Invalid with its [upgrade.Problems].
func (d *Desk) Place(ctx context.Context, who access.Who, order []byte) (upgrade.Started, error) {
	parsed, err := d.take(ctx, who, order)
	if err != nil {
		return upgrade.Started{}, err
	}
	last, err := d.Register.LastRecorded(ctx, parsed.ID)
	switch {
	case upgrade.KindOf(err) == upgrade.NotFound:
	case err != nil:
		return upgrade.Started{}, err
	case hashOf(last) != parsed.Hash():
		return upgrade.Started{}, &upgrade.Error{Kind: upgrade.Conflict, Code: "other_order",
			Message: fmt.Sprintf("order %s was placed before, with another content; take another order id", parsed.ID)}
	default:
		return upgrade.Started{Order: parsed.ID, WorkflowID: last.WorkflowID, Attempt: last.Attempt, Existing: true}, nil
	}
	return d.Upgrades.Start(ctx, parsed.Canonical())
}

// hashOf is the hash of a recorded order's content, which the register keeps for good, and the order itself for two years.
func hashOf(r upgrade.Recorded) string {
	if r.Hash == "" && r.Order != nil {
		return r.Order.Hash()
	}
	return r.Hash
}

// DryRun makes the plan document of an order and changes nothing. Whoever sees the customer may ask.
func (d *Desk) DryRun(ctx context.Context, who access.Who, order []byte) (upgrade.Plan, error) {
	parsed, err := d.parse(who, order)
	if err != nil {
		return upgrade.Plan{}, err
	}
	if err := d.sees(ctx, who, parsed.Tenant); err != nil {
		return upgrade.Plan{}, err
	}
	return d.Upgrades.DryRun(ctx, parsed.Canonical())
}

// take reads an order that is to be placed.
func (d *Desk) take(ctx context.Context, who access.Who, order []byte) (upgrade.Order, error) {
	parsed, err := d.parse(who, order)
	if err != nil {
		return parsed, err
	}
	return parsed, d.changes(ctx, who, parsed.Tenant)
}

// parse reads an order and writes on it whose it is. A further attempt is asked for by name, never by placing.
func (d *Desk) parse(who access.Who, order []byte) (upgrade.Order, error) {
	parsed, problems := upgrade.ParseOrder(order)
	if len(problems) == 0 && parsed.Attempt > 1 {
		problems.Add("attempt", "attempt_given", "a further attempt is not placed as an order", "leave attempt out, and run the order again instead")
	}
	if len(problems) == 0 && !mayAll(who) && parsed.Reseller != "" && parsed.Reseller != who.Reseller {
		problems.Add("reseller", "other_reseller", "the order names another reseller than yours", "leave reseller out")
	}
	if len(problems) > 0 {
		return parsed, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_order", Message: "the order has problems", Err: problems}
	}
	parsed.PlacedBy = who.By()
	if !mayAll(who) {
		parsed.Reseller = who.Reseller
	}
	return parsed, nil
}

// Canonical is an order as the desk would place it, for a page that carries one over several steps.
func (d *Desk) Canonical(who access.Who, order []byte) (json.RawMessage, error) {
	parsed, err := d.parse(who, order)
	return parsed.Canonical(), err
}

// RunAgain starts an ended order again, as its next attempt.
func (d *Desk) RunAgain(ctx context.Context, who access.Who, id string) (upgrade.Started, error) {
	if _, err := d.mine(ctx, who, id); err != nil {
		return upgrade.Started{}, err
	}
	return d.Upgrades.Retry(ctx, id)
}

// StoreUsers keeps a list of a customer's users that is too long for an order.
func (d *Desk) StoreUsers(ctx context.Context, who access.Who, tenant, name string, users []string) error {
	if err := d.changes(ctx, who, tenant); err != nil {
		return err
	}
	if err := d.Upgrades.StoreUsers(ctx, tenant, name, users); err != nil {
		return err
	}
	return d.did(ctx, who, "users_stored", tenant, name)
}
