package activitiestest

import (
	"context"
	"slices"
	"strconv"
	"time"

	"uplift/upgrade"
)

// Inventory is the copy of all customers, in memory. It passes the conformance test of the real one.
type Inventory struct{ w *World }

type inventoryEntry struct {
	row    upgrade.InventoryRow
	listed time.Time
}

// BeginInventory implements activities.Inventory, as every method here does.
func (i Inventory) BeginInventory(_ context.Context, began time.Time) (err error) {
	end, err := i.w.begin("Inventory.BeginInventory")
	if err != nil {
		return err
	}
	defer end(&err)
	if began.After(i.w.taken.BeganAt) {
		i.w.taken = upgrade.Inventory{BeganAt: began}
	}
	return nil
}

// SaveListed keeps customers by name.
func (i Inventory) SaveListed(_ context.Context, page []upgrade.Customer, at time.Time) (err error) {
	end, err := i.w.begin("Inventory.SaveListed")
	if err != nil {
		return err
	}
	defer end(&err)
	for _, c := range page {
		i.w.list(c, at)
	}
	return nil
}

// list keeps a customer; the world is locked.
func (w *World) list(c upgrade.Customer, at time.Time) *inventoryEntry {
	e := w.inventory[c.Tenant]
	if e == nil {
		e = &inventoryEntry{row: upgrade.InventoryRow{Tenant: c.Tenant}}
		w.inventory[c.Tenant] = e
	}
	if !at.Before(e.listed) {
		e.row.Name, e.row.Domain, e.listed = c.Name, c.Domain, at
	}
	return e
}

// SaveInventoryRow keeps a customer's subscriptions.
func (i Inventory) SaveInventoryRow(_ context.Context, row upgrade.InventoryRow) (err error) {
	end, err := i.w.begin("Inventory.SaveInventoryRow")
	if err != nil {
		return err
	}
	defer end(&err)
	e := i.w.list(upgrade.Customer{Tenant: row.Tenant, Name: row.Name, Domain: row.Domain}, row.SeenAt)
	if !row.SeenAt.Before(e.row.SeenAt) {
		e.row.Subscriptions, e.row.SeenAt = slices.Clone(row.Subscriptions), row.SeenAt
	}
	return nil
}

// EndInventory keeps how it went.
func (i Inventory) EndInventory(_ context.Context, taken upgrade.Inventory) (err error) {
	end, err := i.w.begin("Inventory.EndInventory")
	if err != nil {
		return err
	}
	defer end(&err)
	if taken.BeganAt.Equal(i.w.taken.BeganAt) {
		i.w.taken = taken
	}
	if taken.Problem != nil {
		return nil
	}
	for tenant, e := range i.w.inventory {
		if e.listed.Before(taken.BeganAt) {
			delete(i.w.inventory, tenant)
		}
	}
	return nil
}

// InventoryOf is one customer, with the recorded plans.
func (i Inventory) InventoryOf(_ context.Context, tenant string) (out upgrade.InventoryRow, err error) {
	end, err := i.w.begin("Inventory.InventoryOf")
	if err != nil {
		return out, err
	}
	defer end(&err)
	e := i.w.inventory[tenant]
	if e == nil {
		return out, notFound("customer")
	}
	out = e.row
	out.Subscriptions = slices.Clone(out.Subscriptions)
	for n := range out.Subscriptions {
		l := &out.Subscriptions[n]
		if m := i.w.members[l.Subscription]; m.Plan != "" && (m.Offer == "" || l.Offer == "" || m.Offer == l.Offer) {
			l.Plan, l.Inferred = m.Plan, nil
		}
	}
	for id, r := range i.w.resellers {
		if slices.Contains(r.Tenants, tenant) {
			out.Reseller = id
		}
	}
	return out, nil
}

// LastInventory tells how the last one went.
func (i Inventory) LastInventory(context.Context) (upgrade.Inventory, error) {
	i.w.mu.Lock()
	defer i.w.mu.Unlock()
	return i.w.taken, nil
}

// ListPages lets a page of Partner Center's list of customers have so many.
func (w *World) ListPages(size int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listed = size
}

// Customers is a page of the provider's customers, in the order of their tenants.
func (c Commerce) Customers(_ context.Context, cursor string) (page []upgrade.Customer, next string, err error) {
	end, err := c.w.begin("Commerce.Customers")
	if err != nil {
		return nil, "", err
	}
	defer end(&err)
	var tenants []string
	for tenant, one := range c.w.customers {
		if one.Relationship == "reseller" {
			tenants = append(tenants, tenant)
		}
	}
	slices.Sort(tenants)
	begin := 0
	if cursor != "" {
		if begin, err = strconv.Atoi(cursor); err != nil {
			return nil, "", &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_cursor", Message: "the cursor is none of ours"}
		}
	}
	stop := min(begin+c.w.listed, len(tenants))
	for _, tenant := range tenants[min(begin, stop):stop] {
		known := c.w.customers[tenant].Customer
		page = append(page, upgrade.Customer{Tenant: tenant, Name: known.Name, Domain: known.Domain, Relationship: known.Relationship})
	}
	if stop < len(tenants) {
		next = strconv.Itoa(stop)
	}
	return page, next, nil
}

// SubscribedSKUs are the tenant's licences, for the provider's own user.
func (c Commerce) SubscribedSKUs(_ context.Context, tenant string) (out []upgrade.TenantSKU, err error) {
	end, err := c.w.begin("Commerce.SubscribedSKUs")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	customer, err := c.customer(tenant)
	if err != nil {
		return nil, err
	}
	if err := c.w.partnerToken(); err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Act, Code: "900329", Message: "the call is open to a user only", Err: err}
	}
	at := map[string]int{}
	for _, s := range customer.subscriptions {
		o, ok := c.w.offer(s)
		if !ok || s.Status == "deleted" {
			continue
		}
		if _, known := at[o.SKUID]; !known {
			at[o.SKUID] = len(out)
			out = append(out, upgrade.TenantSKU{SKUID: o.SKUID, PartNumber: o.SKUPartNumber, Status: "Enabled", AppliesTo: "User"})
		}
		out[at[o.SKUID]].Enabled += s.Seats
	}
	for _, u := range customer.users {
		for _, l := range u.Licenses {
			if n, ok := at[l.SKUID]; ok {
				out[n].Consumed++
			}
		}
	}
	return out, nil
}
