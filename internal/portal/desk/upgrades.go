package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// Dossier is everything that is known of one upgrade.
type Dossier struct {
	Status upgrade.Status
	Plan   *upgrade.Plan // nil: none was made yet
	// Recorded is the register's row; nil: it has none yet.
	Recorded   *upgrade.Recorded
	Evidence   []upgrade.Evidence
	Answers    []upgrade.OperatorAnswer
	Deliveries []upgrade.Delivery
}

// Status is where an upgrade stands. Of one that Temporal has forgotten the register tells.
func (d *Desk) Status(ctx context.Context, who access.Who, id string) (upgrade.Status, error) {
	s, err := d.Upgrades.Status(ctx, id)
	if upgrade.KindOf(err) == upgrade.NotFound {
		var r upgrade.Recorded
		if r, err = d.Register.LastRecorded(ctx, strings.TrimPrefix(id, upgrade.WorkflowIDPrefix)); err == nil {
			s = statusOf(r)
		}
	}
	if err != nil {
		return upgrade.Status{}, err
	}
	if s.Tenant == "" && s.Stage == upgrade.Planning && !mayAll(who) {
		if s, err = d.claimed(ctx, id, s); err != nil {
			return upgrade.Status{}, err
		}
	}
	if s.Tenant == "" && s.Order != "" { // told by its result alone, which does not name the customer
		if r, err := d.Register.LastRecorded(ctx, s.Order); err == nil {
			s.Tenant, s.Customer = r.Tenant, r.Customer
		}
	}
	return s, d.sees(ctx, who, s.Tenant)
}

// claimedWithin is how long Status waits for the claim of an upgrade that has just been started.
const claimedWithin = 3 * time.Second

// claimed waits a moment for an upgrade to say whose it is, which it does with its claim: whoever has just placed an order is not
// told that there is no such thing.
func (d *Desk) claimed(ctx context.Context, id string, s upgrade.Status) (upgrade.Status, error) {
	enough := time.After(claimedWithin)
	for s.Tenant == "" && s.Stage == upgrade.Planning {
		select {
		case <-ctx.Done():
			return s, ctx.Err()
		case <-enough:
			return s, nil
		case <-time.After(100 * time.Millisecond):
		}
		var err error
		if s, err = d.Upgrades.Status(ctx, id); err != nil {
			return s, err
		}
	}
	return s, nil
}

// statusOf is the status of an upgrade of which only the register knows.
func statusOf(r upgrade.Recorded) upgrade.Status {
	s := upgrade.Status{
		Order: r.OrderID, Upgrade: r.Upgrade, WorkflowID: r.WorkflowID, Tenant: r.Tenant, Customer: r.Customer, Headline: r.Headline, Reseller: r.Reseller,
		Stage: upgrade.Ended, End: r.End, Stages: []upgrade.StageTime{{Stage: upgrade.Planning, At: r.ClaimedAt}},
	}
	if !r.EndedAt.IsZero() {
		s.Stages = append(s.Stages, upgrade.StageTime{Stage: upgrade.Ended, At: r.EndedAt})
	}
	if result := r.Result; result != nil {
		s.Reasons, s.Before, s.After, s.Users, s.Residue, s.Digest = result.Reasons, result.Before, result.After, result.Users, result.Residue, result.Plan
	}
	return s
}

// Dossier is the whole of an upgrade.
func (d *Desk) Dossier(ctx context.Context, who access.Who, id string) (Dossier, error) {
	s, err := d.Status(ctx, who, id)
	if err != nil {
		return Dossier{}, err
	}
	dossier := Dossier{Status: s}
	if p, err := d.Upgrades.PlanOf(ctx, s.WorkflowID); err == nil && p.Digest != "" {
		dossier.Plan = &p
	} else if p, err := d.Register.Plan(ctx, s.Upgrade); err == nil {
		dossier.Plan = &p
	}
	if s.Upgrade == "" {
		return dossier, nil
	}
	if r, err := d.Register.LastRecorded(ctx, s.Order); err == nil && r.Upgrade == s.Upgrade {
		dossier.Recorded = &r
	}
	if dossier.Evidence, err = d.Register.Evidence(ctx, s.Upgrade); err != nil {
		return dossier, err
	}
	if dossier.Answers, err = d.Register.Answers(ctx, s.Upgrade); err != nil {
		return dossier, err
	}
	dossier.Deliveries, err = d.Register.Deliveries(ctx, s.Upgrade)
	return dossier, err
}

// Plan is an upgrade's present plan.
func (d *Desk) Plan(ctx context.Context, who access.Who, id string) (upgrade.Plan, error) {
	s, err := d.Status(ctx, who, id)
	if err != nil {
		return upgrade.Plan{}, err
	}
	p, err := d.Upgrades.PlanOf(ctx, s.WorkflowID)
	if upgrade.KindOf(err) == upgrade.NotFound && s.Upgrade != "" {
		return d.Register.Plan(ctx, s.Upgrade)
	}
	return p, err
}

// Users is a page of an upgrade's per-user report, in the order of the users' ids, beginning after the id given.
func (d *Desk) Users(ctx context.Context, who access.Who, id, after string, limit int) ([]upgrade.UserReport, error) {
	s, err := d.Status(ctx, who, id)
	if err != nil || s.Upgrade == "" {
		return nil, err
	}
	return d.Register.Reports(ctx, s.Upgrade, after, limit)
}

// List lists upgrades that Temporal remembers, the latest start first. Of a reseller with more customers than a filter may name
// only those are listed that were placed on its behalf, and a page may have fewer than asked for.
func (d *Desk) List(ctx context.Context, who access.Who, f upgrade.ListFilter, cursor string, size int) ([]upgrade.ListRow, string, error) {
	own, err := d.tenants(ctx, who)
	if err != nil {
		return nil, "", err
	}
	if own != nil {
		if asked := f.Tenants; asked != nil {
			own = slices.DeleteFunc(slices.Clone(own), func(tenant string) bool { return !slices.Contains(asked, tenant) })
		}
		f.Tenants = own
	}
	if len(own) <= upgrade.MaxListTenants {
		return d.Upgrades.Page(ctx, f, cursor, size)
	}
	// Temporal takes no list of so many: what was placed on the reseller's behalf is listed, of the customers that are its own now.
	f.Tenants, f.Reseller = nil, who.Reseller
	rows, next, err := d.Upgrades.Page(ctx, f, cursor, size)
	rows = slices.DeleteFunc(rows, func(r upgrade.ListRow) bool { return !slices.Contains(own, r.Tenant) })
	return rows, next, err
}

// Recorded lists attempts at orders that the register knows, the latest claim first.
func (d *Desk) Recorded(ctx context.Context, who access.Who, f upgrade.RecordedFilter, cursor string, size int) ([]upgrade.Recorded, string, error) {
	own, err := d.tenants(ctx, who)
	if err != nil {
		return nil, "", err
	}
	if own != nil {
		f.Tenants = own
	}
	return d.Register.Recorded(ctx, f, cursor, size)
}
