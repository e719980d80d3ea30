package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	if in.Upgrade == "" && in.Order.Reseller != "" { // of an upgrade the claim has asked; what has begun goes on
		reasons, err := a.Register.MayUpgrade(ctx, in.Order.Reseller, in.Order.Tenant, a.now())
		if err != nil {
			return PlanUpgradeOutput{}, err
		}
		plan.Reasons = append(plan.Reasons, reasons...)
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
		Order: in.Order, Catalog: a.Catalog, Now: a.now(), Guards: a.Settings.Guards, RenewalDistance: in.Policy.RenewalDistance.D(),
		Targets: map[string][]upgrade.TransitionTarget{}, SKUs: map[string]upgrade.SKU{},
		RenewalTargets: map[string][]upgrade.TransitionTarget{}, Terms: map[string][]string{},
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
	if f.Prices, err = a.Register.Prices(ctx, f.Market()); err != nil {
		return f, fmt.Errorf("reading the price list: %w", err)
	}
	if f.Subscriptions, err = a.Commerce.Subscriptions(ctx, in.Order.Tenant); err != nil {
		return f, fmt.Errorf("reading the subscriptions: %w", err)
	}
	if in.Grant != nil {
		if err := a.gatherDirectory(ctx, *in.Grant, &f); err != nil {
			return f, err
		}
	}
	for _, id := range planning.Sources(f) {
		if err := a.gatherTargets(ctx, id, &f); err != nil {
			return f, err
		}
	}
	return f, a.gatherSKUs(ctx, &f)
}

// gatherTargets asks what a subscription may become: today, by the call for traditional ones where it is one, and at its
// renewal where the order may take it down.
func (a *Activities) gatherTargets(ctx context.Context, id string, f *planning.Facts) error {
	tenant := f.Order.Tenant
	targets, err := a.Commerce.TransitionTargets(ctx, tenant, id)
	if err != nil && upgrade.KindOf(err) != upgrade.Refused {
		return fmt.Errorf("asking for the eligible transitions: %w", err)
	}
	f.Targets[id] = targets
	legacy := slices.ContainsFunc(f.Subscriptions, func(s upgrade.Subscription) bool { return s.ID == id && !s.NewCommerce })
	if legacy && len(targets) == 0 {
		targets, err = a.Commerce.LegacyUpgrades(ctx, tenant, id)
		f.NoPartnerUser = f.NoPartnerUser || upgrade.CodeOf(err) == noUserToken
		if err != nil && upgrade.KindOf(err) != upgrade.Refused && !f.NoPartnerUser {
			return fmt.Errorf("asking for the traditional upgrades: %w", err)
		}
		f.Targets[id] = targets
	}
	if planning.Falls(*f, id) {
		if targets, err = a.Commerce.RenewalTargets(ctx, tenant, id); err != nil && upgrade.KindOf(err) != upgrade.Refused {
			return fmt.Errorf("asking for the transitions at the renewal: %w", err)
		}
		f.RenewalTargets[id] = targets
	}
	return nil
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
		if err := a.gatherTerms(ctx, id, offer, f); err != nil {
			return err
		}
	}
	return nil
}

// gatherTerms asks for which terms an offer is sold, where it may have to be bought.
func (a *Activities) gatherTerms(ctx context.Context, id string, offer catalog.Offer, f *planning.Facts) error {
	if f.Holds(offer.ID) {
		return nil
	}
	sold, err := a.Commerce.Availabilities(ctx, offer.ProductSKU, f.Market())
	if k := upgrade.KindOf(err); err != nil && (k == upgrade.NotFound || k == upgrade.Refused) {
		return nil // a purchase would be refused then, and is not needed for most orders
	} else if err != nil {
		return fmt.Errorf("asking for the offer's terms: %w", err)
	}
	for _, s := range sold {
		f.Terms[id] = append(f.Terms[id], s.Terms...)
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
	if !p.Licenses.Moves() {
		return nil // planning counts who sits on the seats
	}
	chosen, err := a.choose(ctx, g, p.Licenses)
	if k := upgrade.KindOf(err); err != nil && (k == upgrade.Refused || k == upgrade.NotFound) {
		p.Reasons.Add("licenses", upgrade.CodeOf(err), messageOf(err), "correct the name, or choose other users")
		return nil
	} else if err != nil {
		return fmt.Errorf("reading whom the order means: %w", err)
	}
	problems := newUserProblems(p.Licenses, chosen)
	err = a.survey(ctx, g, p.Licenses, chosen, justBeat, func(page []upgrade.User) error {
		for _, u := range page {
			problems.look(u)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the users: %w", err)
	}
	problems.finish()
	p.Licenses.Holders, p.Licenses.Known, p.Licenses.Groups = problems.holders, true, problems.moves
	p.Reasons = append(p.Reasons, problems.problems...)
	planning.CheckSeatsForUsers(p, problems.seatless+seated(f, p))
	return nil
}

// messageOf is the sentence of an error of ours.
func messageOf(err error) string {
	var e *upgrade.Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return err.Error()
}

// seated counts those who sit already on the seats of subscriptions that the plan changes and whose offer users receive. Seats
// of other subscriptions and channels are filled first.
func seated(f planning.Facts, p *upgrade.Plan) int {
	ours := 0
	for _, line := range p.Lines {
		if line.Touched && line.Subscription != "" && line.Offer == p.Target && line.ThenOffer == "" {
			ours += line.Now
		}
	}
	for _, t := range f.TenantSKUs {
		if t.SKUID == p.Licenses.Main() && ours > 0 {
			return max(0, t.Consumed-max(0, t.Enabled-ours))
		}
	}
	return 0
}
