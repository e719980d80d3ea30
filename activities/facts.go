package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// gathered is what Partner Center has said for one plan, as the register keeps it from one execution to the next. A key that is
// there was asked for, whatever the answer.
type gathered struct {
	Tenant        string                                `json:"tenant"`
	At            time.Time                             `json:"at"` // when the first question was asked, by Microsoft's clock
	Complete      bool                                  `json:"complete,omitempty"`
	Requests      int                                   `json:"requests,omitempty"` // questions that were answered
	NoCustomer    string                                `json:"noCustomer,omitempty"`
	Customer      *upgrade.Customer                     `json:"customer,omitempty"`
	Subscriptions *[]upgrade.Subscription               `json:"subscriptions,omitempty"`
	Today         map[string][]upgrade.TransitionTarget `json:"today,omitempty"`
	Legacy        map[string][]upgrade.TransitionTarget `json:"legacy,omitempty"`
	Renewal       map[string][]upgrade.TransitionTarget `json:"renewal,omitempty"`
	NoPartnerUser bool                                  `json:"noPartnerUser,omitempty"`
	SKUs          map[string]*upgrade.SKU               `json:"skus,omitempty"`  // nil: Microsoft has none
	Terms         map[string][]string                   `json:"terms,omitempty"` // nil: it is not sold
}

// gathered is what the register keeps for an upgrade's plan, or a dry run's, or nothing where it is too old to be gone by.
func (a *Activities) gathered(ctx context.Context, upgradeID, name, tenant string) (*gathered, error) {
	g := &gathered{}
	kept, err := a.Register.Facts(ctx, cmp.Or(upgradeID, name), name)
	if err != nil {
		return nil, err
	}
	if len(kept) > 0 && (json.Unmarshal(kept, g) != nil || g.Tenant != tenant || !a.fresh(g.At)) {
		g = &gathered{}
	}
	g.Tenant = tenant
	if g.At.IsZero() {
		g.At = a.now()
	}
	for _, m := range []*map[string][]upgrade.TransitionTarget{&g.Today, &g.Legacy, &g.Renewal} {
		if *m == nil {
			*m = map[string][]upgrade.TransitionTarget{}
		}
	}
	if g.SKUs == nil {
		g.SKUs = map[string]*upgrade.SKU{}
	}
	if g.Terms == nil {
		g.Terms = map[string][]string{}
	}
	return g, nil
}

// keep has the register keep what was gathered, in the place of what it kept before.
func (a *Activities) keep(ctx context.Context, in PlanUpgradeInput, g *gathered) error {
	kept, err := json.Marshal(g)
	if err != nil {
		return fmt.Errorf("keeping what Partner Center has said: %w", err)
	}
	return a.Register.SaveFacts(ctx, cmp.Or(in.Upgrade, in.Facts), in.Facts, in.Order.Tenant, kept)
}

// facts is what planning makes a plan of, without what the tenant's directory and the price list say.
func (g *gathered) facts(a *Activities, order upgrade.Order, policy upgrade.Policy) planning.Facts {
	f := planning.Facts{
		Order: order, Catalog: a.Catalog, Now: a.now(), Guards: a.Settings.Guards, RenewalDistance: policy.RenewalDistance.D(),
		NoCustomer: g.NoCustomer, NoPartnerUser: g.NoPartnerUser, RenewalTargets: g.Renewal,
		Targets: map[string][]upgrade.TransitionTarget{}, SKUs: map[string]upgrade.SKU{}, Terms: map[string][]string{},
	}
	if g.Customer != nil {
		f.Customer = *g.Customer
	}
	if g.Subscriptions != nil {
		f.Subscriptions = *g.Subscriptions
	}
	for id, targets := range g.Today {
		f.Targets[id] = targets
	}
	for id, targets := range g.Legacy {
		f.Targets[id] = targets
	}
	for id, sku := range g.SKUs {
		if sku != nil {
			f.SKUs[id] = *sku
		}
	}
	for id, terms := range g.Terms {
		if terms != nil {
			f.Terms[id] = terms
		}
	}
	return f
}
