package desk

import (
	"context"
	"slices"
	"strconv"
	"time"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// Customers lists customers as the last inventory found them, by name.
func (d *Desk) Customers(ctx context.Context, who access.Who, f upgrade.InventoryFilter, cursor string, size int) ([]upgrade.InventoryRow, string, error) {
	own, err := d.tenants(ctx, who)
	if err != nil {
		return nil, "", err
	}
	if own != nil {
		f.Tenants = own
	}
	return d.Register.Inventory(ctx, f, cursor, size)
}

// Customer is one customer as Microsoft says it now.
func (d *Desk) Customer(ctx context.Context, who access.Who, tenant string) (upgrade.CustomerView, error) {
	if err := d.sees(ctx, who, tenant); err != nil {
		return upgrade.CustomerView{}, err
	}
	return d.Upgrades.LookAtCustomer(ctx, tenant)
}

// LastInventory tells how old the list of customers is.
func (d *Desk) LastInventory(ctx context.Context) (upgrade.Inventory, error) {
	return d.Register.LastInventory(ctx)
}

// TakeInventory reads all customers anew, by a worker. Nobody waits for it.
func (d *Desk) TakeInventory(ctx context.Context, who access.Who) error {
	if err := only(who, access.Operator, access.Helpdesk, access.Engineer); err != nil {
		return err
	}
	return d.Upgrades.TakeInventory(ctx)
}

// SetPlan records which plan a subscription is on, which until then was inferred.
func (d *Desk) SetPlan(ctx context.Context, who access.Who, tenant, subscription, plan, offer string) error {
	if err := d.changes(ctx, who, tenant); err != nil {
		return err
	}
	if err := d.Register.SaveMembership(ctx, tenant, subscription, plan, offer, d.Now()); err != nil {
		return err
	}
	return d.did(ctx, who, "plan_recorded", tenant, subscription+" "+plan)
}

// Resellers lists the provider's resellers; to a reseller's people, their own.
func (d *Desk) Resellers(ctx context.Context, who access.Who) ([]upgrade.Reseller, error) {
	all, err := d.Register.Resellers(ctx)
	if err != nil || mayAll(who) {
		return all, err
	}
	return slices.DeleteFunc(all, func(r upgrade.Reseller) bool { return !who.Has(access.Reseller) || r.ID != who.Reseller }), nil
}

// ManagementPlans lists the plans of the kind "customer management".
func (d *Desk) ManagementPlans(ctx context.Context, who access.Who) ([]upgrade.ManagementPlan, error) {
	if err := only(who, access.Operator, access.Helpdesk, access.Engineer); err != nil {
		return nil, err
	}
	return d.Register.ManagementPlans(ctx)
}

// MakeManagementPlan keeps a new plan of that kind.
func (d *Desk) MakeManagementPlan(ctx context.Context, who access.Who, p upgrade.ManagementPlan) error {
	if err := only(who, access.Operator); err != nil {
		return err
	}
	p.MadeBy, p.MadeAt = who.By(), d.Now()
	return d.Register.SaveManagementPlan(ctx, p)
}

// AddReseller keeps a new reseller, or another name for one.
func (d *Desk) AddReseller(ctx context.Context, who access.Who, id, name string) error {
	if err := only(who, access.Operator); err != nil {
		return err
	}
	if err := d.Register.SaveReseller(ctx, upgrade.Reseller{ID: id, Name: name}); err != nil {
		return err
	}
	return d.did(ctx, who, "reseller_saved", id, name)
}

// SetReseller makes a tenant a reseller's customer; empty: the provider's own again.
func (d *Desk) SetReseller(ctx context.Context, who access.Who, tenant, reseller string) error {
	if err := only(who, access.Operator); err != nil {
		return err
	}
	return d.Register.SetReseller(ctx, tenant, reseller, who.By(), d.Now())
}

// Subscribe subscribes a reseller to a management plan, with what the classic form asks.
func (d *Desk) Subscribe(ctx context.Context, who access.Who, reseller, plan string, form upgrade.ResellerForm) error {
	if err := only(who, access.Operator); err != nil {
		return err
	}
	return d.Register.Subscribe(ctx, reseller, upgrade.Entitlement{Plan: plan, Form: form, From: d.Now(), By: who.By()})
}

// EndSubscription ends a reseller's subscription. Upgrades that have begun go on.
func (d *Desk) EndSubscription(ctx context.Context, who access.Who, reseller string) error {
	if err := only(who, access.Operator); err != nil {
		return err
	}
	return d.Register.EndSubscription(ctx, reseller, who.By(), d.Now())
}

// Prices is the provider's price list; of a reseller's people it is nobody's business.
func (d *Desk) Prices(ctx context.Context, who access.Who) ([]upgrade.Price, error) {
	if err := only(who, access.Operator, access.Helpdesk, access.Engineer); err != nil {
		return nil, err
	}
	return d.Register.Prices(ctx, "")
}

// SavePrices puts a whole price list in the place of the one before.
func (d *Desk) SavePrices(ctx context.Context, who access.Who, list []upgrade.Price, at time.Time) error {
	if err := only(who, access.Operator); err != nil {
		return err
	}
	if err := d.Register.SavePrices(ctx, list, at); err != nil {
		return err
	}
	return d.did(ctx, who, "prices_saved", "", strconv.Itoa(len(list))+" rows")
}
