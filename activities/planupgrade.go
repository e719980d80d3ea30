package activities

import (
	"context"
	"fmt"

	"uplift/catalog"
	"uplift/internal/planning"
	"uplift/upgrade"
)

// PlanUpgradeInput is what the plan is made for.
type PlanUpgradeInput struct {
	Upgrade string         `json:"upgrade,omitempty"` // empty: a dry run, nothing is recorded
	Order   upgrade.Order  `json:"order"`
	Grant   *upgrade.Grant `json:"grant,omitempty"` // with one, the tenant is looked into
	Policy  upgrade.Policy `json:"policy"`
}

// PlanUpgradeOutput is the plan document.
type PlanUpgradeOutput struct {
	Plan upgrade.Plan `json:"plan"`
}

// PlanUpgrade reads what Microsoft says of the customer and makes the plan document of it. Nothing is changed at
// Microsoft; the register keeps the latest plan.
func (a *Activities) PlanUpgrade(ctx context.Context, in PlanUpgradeInput) (PlanUpgradeOutput, error) {
	facts, err := a.gather(ctx, in)
	if err != nil {
		return PlanUpgradeOutput{}, err
	}
	plan := planning.Make(facts)
	if in.Grant != nil && plan.Eligible() {
		if err := a.checkUsers(ctx, *in.Grant, facts, &plan); err != nil {
			return PlanUpgradeOutput{}, err
		}
	}
	explain(plan.Reasons)
	plan.Seal()
	if in.Upgrade != "" {
		if err := a.Register.SavePlan(ctx, in.Upgrade, plan); err != nil {
			return PlanUpgradeOutput{}, err
		}
	}
	return PlanUpgradeOutput{Plan: plan}, nil
}

// gather asks everybody who knows something about the customer.
func (a *Activities) gather(ctx context.Context, in PlanUpgradeInput) (planning.Facts, error) {
	f := planning.Facts{
		Order: in.Order, Catalog: a.Catalog, Now: a.now(), RenewalDistance: in.Policy.RenewalDistance.D(),
		Targets: map[string][]upgrade.TransitionTarget{}, SKUs: map[string]upgrade.SKU{},
	}
	var err error
	if f.Customer, err = a.Commerce.Customer(ctx, in.Order.Tenant); err != nil {
		switch upgrade.KindOf(err) {
		case upgrade.NotFound, upgrade.Refused:
			f.NoCustomer = err.Error()
			return f, nil
		}
		return f, fmt.Errorf("reading the customer: %w", err)
	}
	if f.Subscriptions, err = a.Commerce.Subscriptions(ctx, in.Order.Tenant); err != nil {
		return f, fmt.Errorf("reading the subscriptions: %w", err)
	}
	for _, id := range planning.Sources(f) {
		targets, err := a.Commerce.TransitionTargets(ctx, in.Order.Tenant, id)
		if err != nil && upgrade.KindOf(err) != upgrade.Refused {
			return f, fmt.Errorf("asking for the eligible transitions: %w", err)
		}
		f.Targets[id] = targets
	}
	if err := a.gatherSKUs(ctx, &f); err != nil {
		return f, err
	}
	if in.Grant != nil {
		return f, a.gatherDirectory(ctx, *in.Grant, &f)
	}
	return f, nil
}

// gatherSKUs asks for the vendor's own seat limits of what the order ends with.
func (a *Activities) gatherSKUs(ctx context.Context, f *planning.Facts) error {
	for _, id := range planning.TargetOffers(f.Catalog, f.Order) {
		offer, ok := f.Catalog.Offer(catalog.OfferID(id))
		if !ok || offer.ProductSKU == "" {
			continue
		}
		sku, err := a.Commerce.SKU(ctx, offer.ProductSKU, f.Market())
		if err != nil {
			if k := upgrade.KindOf(err); k == upgrade.NotFound || k == upgrade.Refused {
				continue // the catalogue's own limits hold
			}
			return fmt.Errorf("asking for the offer's limits: %w", err)
		}
		f.SKUs[id] = sku
	}
	return nil
}

func (a *Activities) gatherDirectory(ctx context.Context, g upgrade.Grant, f *planning.Facts) error {
	org, err := a.Directory.Organization(ctx, g)
	if err != nil {
		return fmt.Errorf("reading the organisation: %w", err)
	}
	f.Organization = &org
	if f.TenantSKUs, err = a.Directory.SKUs(ctx, g); err != nil {
		return fmt.Errorf("reading the tenant's products: %w", err)
	}
	if f.TenantSubscriptions, err = a.Directory.Subscriptions(ctx, g); err != nil {
		return fmt.Errorf("reading the tenant's subscriptions: %w", err)
	}
	return nil
}

// checkUsers finds all that can fail for a user, counts the holders, and asks whether there is a seat for everybody.
func (a *Activities) checkUsers(ctx context.Context, g upgrade.Grant, f planning.Facts, p *upgrade.Plan) error {
	problems := newUserProblems(p.Licenses)
	if !p.Licenses.Moves() && len(p.Licenses.Remove) == 0 {
		return nil
	}
	err := a.survey(ctx, g, p.Licenses, func(page []upgrade.User) error {
		for _, u := range page {
			problems.look(u)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the users: %w", err)
	}
	problems.finish()
	p.Licenses.Holders, p.Licenses.Known = problems.holders, true
	p.Reasons = append(p.Reasons, problems.problems...)
	planning.CheckSeatsForUsers(p, problems.seatless+seated(f, p))
	return nil
}

// seated counts those who sit on the seats of the subscription that is resized already. Seats of other channels are filled
// first.
func seated(f planning.Facts, p *upgrade.Plan) int {
	for _, s := range p.Steps {
		if s.Work != upgrade.Resize || s.SKU != p.Licenses.Main() || len(p.Licenses.Remove) > 0 {
			continue
		}
		for _, t := range f.TenantSKUs {
			if t.SKUID == s.SKU {
				return max(0, t.Consumed-max(0, t.Enabled-s.From))
			}
		}
	}
	return 0
}
