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
	Policy  upgrade.Policy `json:"policy"`
	// Facts is the name under which the register keeps what has been asked for this plan; another plan has another one.
	Facts string `json:"facts"`
	// Tenant: the tenant is looked into, too. The plan is then CheckTenant's to make.
	Tenant bool `json:"tenant,omitempty"`
	// Keep: CheckTenant may follow soon, and go by what is asked now.
	Keep bool `json:"keep,omitempty"`
}

// PlanUpgradeOutput is the plan document, or that it takes a further execution.
type PlanUpgradeOutput struct {
	Plan upgrade.Plan `json:"plan,omitzero"`
	// More: this execution has made its share of requests, and the next one goes on from what the register keeps.
	More bool `json:"more,omitempty"`
}

// PlanUpgrade reads what Partner Center says of the customer and makes the plan document of it; where the tenant is to be looked
// into as well, or will be soon, it leaves in the register what it has read. Nothing is changed at Microsoft; the register keeps the
// latest plan. A repeat goes on from what was kept, unless that is old.
func (a *Activities) PlanUpgrade(ctx context.Context, in PlanUpgradeInput) (PlanUpgradeOutput, error) {
	g, err := a.gathered(ctx, in.Upgrade, in.Facts, in.Order.Tenant)
	if err != nil {
		return PlanUpgradeOutput{}, err
	}
	f := g.facts(a, in.Order, in.Policy)
	asked := g.Requests
	err = a.gather(ctx, g, &f)
	if spent := upgrade.CodeOf(err) == upgrade.CallsSpent; err != nil && !spent || g.Requests == asked && spent {
		return PlanUpgradeOutput{}, err
	}
	more := err != nil
	if more || in.Tenant || in.Keep {
		if err := a.keep(ctx, in, g); err != nil || more || in.Tenant {
			return PlanUpgradeOutput{More: more}, err
		}
	}
	if f.Prices, err = a.Register.Prices(ctx, f.Market()); err != nil {
		return PlanUpgradeOutput{}, fmt.Errorf("reading the price list: %w", err)
	}
	plan := planning.Make(f)
	if in.Upgrade == "" && in.Order.Reseller != "" { // of an upgrade the claim has asked; what has begun goes on
		reasons, err := a.Register.MayUpgrade(ctx, in.Order.Reseller, in.Order.Tenant, a.now())
		if err != nil {
			return PlanUpgradeOutput{}, err
		}
		plan.Reasons = append(plan.Reasons, reasons...)
	}
	return PlanUpgradeOutput{Plan: plan}, a.conclude(ctx, in.Upgrade, &plan)
}

// conclude completes a plan, and has the register keep it.
func (a *Activities) conclude(ctx context.Context, upgradeID string, plan *upgrade.Plan) error {
	explain(plan.Reasons)
	plan.Seal()
	if upgradeID == "" {
		return nil
	}
	return a.Register.SavePlan(ctx, upgradeID, *plan)
}

// CheckTenantInput is what a plan is made for that looks into the tenant, after PlanUpgrade has asked Partner Center.
type CheckTenantInput struct {
	Upgrade string         `json:"upgrade"`
	Order   upgrade.Order  `json:"order"`
	Policy  upgrade.Policy `json:"policy"`
	Facts   string         `json:"facts"`
	Grant   upgrade.Grant  `json:"grant"`
}

// CheckTenantOutput is the plan document.
type CheckTenantOutput struct {
	Plan     upgrade.Plan      `json:"plan,omitzero"`
	Holdings []upgrade.Holding `json:"holdings,omitempty"` // of the offers that the plan names, as they are now
	Again    bool              `json:"again,omitempty"`    // what Partner Center said is too old, or gone: ask it again
}

// CheckTenant looks into the tenant and makes the plan document of that and of what Partner Center has said. It only reads, but
// for the plan that the register keeps, which a repeat keeps again.
func (a *Activities) CheckTenant(ctx context.Context, in CheckTenantInput) (CheckTenantOutput, error) {
	g, err := a.gathered(ctx, in.Upgrade, in.Facts, in.Order.Tenant)
	if err != nil {
		return CheckTenantOutput{}, err
	}
	if !g.Complete {
		return CheckTenantOutput{Again: true}, nil
	}
	f := g.facts(a, in.Order, in.Policy)
	if f.NoCustomer == "" {
		if f.Prices, err = a.Register.Prices(ctx, f.Market()); err != nil {
			return CheckTenantOutput{}, fmt.Errorf("reading the price list: %w", err)
		}
		if err := a.gatherDirectory(ctx, in.Grant, &f); err != nil {
			return CheckTenantOutput{}, err
		}
	}
	plan := planning.Make(f)
	if plan.Eligible() {
		if err := a.checkUsers(ctx, in.Grant, f, &plan); err != nil {
			return CheckTenantOutput{}, err
		}
	}
	out := CheckTenantOutput{Plan: plan, Holdings: a.holdings(f.Subscriptions, plan.Lines)}
	users := a.usersOf(f.TenantSKUs, offersOf(out.Holdings))
	for i, h := range out.Holdings {
		if n, ok := users[h.Offer]; ok {
			out.Holdings[i].Users = n
		}
	}
	err = a.conclude(ctx, in.Upgrade, &out.Plan)
	return out, err
}

// gather asks Partner Center what is not known yet. Each answer is written down at once, so that an execution that has made its
// share of requests leaves the rest to the next one.
func (a *Activities) gather(ctx context.Context, g *gathered, f *planning.Facts) error {
	if err := a.gatherCustomer(ctx, g, f); err != nil || f.NoCustomer != "" {
		return err
	}
	if g.Subscriptions == nil {
		subs, err := a.Commerce.Subscriptions(ctx, f.Order.Tenant)
		if err != nil {
			return fmt.Errorf("reading the subscriptions: %w", err)
		}
		g.Subscriptions, f.Subscriptions = &subs, subs
		g.Requests++
	}
	for _, id := range planning.Sources(*f) {
		if err := a.gatherTargets(ctx, id, g, f); err != nil {
			return err
		}
	}
	if err := a.gatherSKUs(ctx, g, f); err != nil {
		return err
	}
	g.Complete = true
	return nil
}

func (a *Activities) gatherCustomer(ctx context.Context, g *gathered, f *planning.Facts) error {
	if g.Customer != nil {
		return nil
	}
	customer, err := a.Commerce.Customer(ctx, f.Order.Tenant)
	switch upgrade.KindOf(err) {
	case upgrade.NotFound, upgrade.Refused:
		if err != nil {
			g.NoCustomer, g.Complete = err.Error(), true
			f.NoCustomer = g.NoCustomer
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("reading the customer: %w", err)
	}
	g.Customer, f.Customer = &customer, customer
	g.Requests++
	return nil
}

// gatherTargets asks what a subscription may become: today, by the call for traditional ones where it is one, and at its
// renewal where the order may take it down.
func (a *Activities) gatherTargets(ctx context.Context, id string, g *gathered, f *planning.Facts) error {
	tenant := f.Order.Tenant
	if _, known := g.Today[id]; !known {
		targets, err := a.Commerce.TransitionTargets(ctx, tenant, id)
		if err != nil && upgrade.KindOf(err) != upgrade.Refused {
			return fmt.Errorf("asking for the eligible transitions: %w", err)
		}
		g.Today[id] = targets
		g.Requests++
	}
	f.Targets[id] = g.Today[id]
	legacy := slices.ContainsFunc(f.Subscriptions, func(s upgrade.Subscription) bool { return s.ID == id && !s.NewCommerce })
	if legacy && len(g.Today[id]) == 0 {
		if _, known := g.Legacy[id]; !known {
			targets, err := a.Commerce.LegacyUpgrades(ctx, tenant, id)
			g.NoPartnerUser = g.NoPartnerUser || upgrade.CodeOf(err) == noUserToken
			if err != nil && upgrade.KindOf(err) != upgrade.Refused && !g.NoPartnerUser {
				return fmt.Errorf("asking for the traditional upgrades: %w", err)
			}
			g.Legacy[id] = targets
			g.Requests++
		}
		f.Targets[id], f.NoPartnerUser = g.Legacy[id], g.NoPartnerUser
	}
	if !planning.Falls(*f, id) {
		return nil
	}
	if _, known := g.Renewal[id]; !known {
		targets, err := a.Commerce.RenewalTargets(ctx, tenant, id)
		if err != nil && upgrade.KindOf(err) != upgrade.Refused {
			return fmt.Errorf("asking for the transitions at the renewal: %w", err)
		}
		g.Renewal[id] = targets
		g.Requests++
	}
	return nil
}

// gatherSKUs asks for the vendor's own seat limits of what the order ends with, and for which terms it is sold where a plan made of
// what is known would buy it.
func (a *Activities) gatherSKUs(ctx context.Context, g *gathered, f *planning.Facts) error {
	offers := planning.TargetOffers(f.Catalog, f.Order)
	for _, id := range offers {
		offer, ok := f.Catalog.Offer(catalog.OfferID(id))
		if _, known := g.SKUs[id]; known || !ok || offer.ProductSKU == "" {
			continue
		}
		sku, err := a.Commerce.SKU(ctx, offer.ProductSKU, f.Market())
		switch upgrade.KindOf(err) {
		case upgrade.NotFound, upgrade.Refused:
			if err != nil {
				g.SKUs[id] = nil // the catalogue's own limits hold
				g.Requests++
				continue
			}
		}
		if err != nil {
			return fmt.Errorf("asking for the offer's limits: %w", err)
		}
		g.SKUs[id], f.SKUs[id] = &sku, sku
		g.Requests++
	}
	for _, step := range planning.Make(*f).Steps {
		if step.Work != upgrade.Buy || g.SKUs[step.Offer] == nil {
			continue
		}
		if err := a.gatherTerms(ctx, step.Offer, g, f); err != nil {
			return err
		}
	}
	return nil
}

// gatherTerms asks for which terms an offer is sold.
func (a *Activities) gatherTerms(ctx context.Context, id string, g *gathered, f *planning.Facts) error {
	offer, ok := f.Catalog.Offer(catalog.OfferID(id))
	if _, known := g.Terms[id]; known || !ok {
		return nil
	}
	sold, err := a.Commerce.Availabilities(ctx, offer.ProductSKU, f.Market())
	if k := upgrade.KindOf(err); err != nil && k != upgrade.NotFound && k != upgrade.Refused {
		return fmt.Errorf("asking for the offer's terms: %w", err)
	}
	g.Requests++
	if err != nil {
		g.Terms[id] = nil // the purchase would be refused
		return nil
	}
	g.Terms[id] = []string{}
	for _, s := range sold {
		g.Terms[id] = append(g.Terms[id], s.Terms...)
	}
	f.Terms[id] = g.Terms[id]
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
