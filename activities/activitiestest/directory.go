package activitiestest

import (
	"context"
	"slices"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// Directory is Microsoft Graph in the customers' tenants.
type Directory struct{ w *World }

// enter asks of a grant what the directory asks: that it works there.
func (d Directory) enter(g upgrade.Grant) (*Customer, error) {
	c := d.w.customers[g.Tenant]
	dead := &upgrade.Error{Kind: upgrade.GrantLost, Code: "InvalidAuthenticationToken", Message: "Microsoft Graph no longer accepts the grant's token"}
	switch {
	case c == nil || c.GrantDead:
		return nil, dead
	case g.Kind == upgrade.GrantApplication && c.AppRoles == nil:
		return nil, dead
	case g.Kind == upgrade.GrantPartner:
		if err := d.w.partnerToken(); err != nil {
			return nil, err
		}
		if err := d.w.delegated(c); err != nil {
			return nil, err
		}
	case g.Kind == upgrade.GrantDelegated:
		row := d.w.upgrades[g.Upgrade]
		if row == nil {
			return nil, dead
		}
		if _, ok := row.tokens[g.Invitation]; !ok {
			return nil, dead
		}
	}
	return c, nil
}

// Organization implements activities.Directory, as every method here does.
func (d Directory) Organization(_ context.Context, g upgrade.Grant) (out upgrade.Organization, err error) {
	end, err := d.w.begin("Directory.Organization")
	if err != nil {
		return out, err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return out, err
	}
	return upgrade.Organization{Tenant: c.Tenant, Name: c.Name, Country: c.DirectoryCountry}, nil
}

// DirectoryRoles are those of the person who signed in.
func (d Directory) DirectoryRoles(_ context.Context, g upgrade.Grant) (out []string, err error) {
	end, err := d.w.begin("Directory.DirectoryRoles")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if _, err := d.enter(g); err != nil {
		return nil, err
	}
	who, err := d.w.person(d.w.upgrades[g.Upgrade].tokens[g.Invitation].ID)
	if err != nil {
		return nil, err
	}
	return slices.Clone(who.Roles), nil
}

// SKUs are the tenant's products, of every channel, with the seats that the directory shows.
func (d Directory) SKUs(_ context.Context, g upgrade.Grant) (out []upgrade.TenantSKU, err error) {
	end, err := d.w.begin("Directory.SKUs")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return nil, err
	}
	return d.w.skus(c), nil
}

func (w *World) skus(c *Customer) []upgrade.TenantSKU {
	all := slices.Clone(c.others)
	for _, s := range c.subscriptions {
		o, ok := w.Catalog.OfferBySKUID(s.shownSKU)
		if !ok || s.Status == "deleted" {
			continue
		}
		at := slices.IndexFunc(all, func(t upgrade.TenantSKU) bool { return t.SKUID == o.SKUID })
		if at < 0 {
			at = len(all)
			all = append(all, upgrade.TenantSKU{SKUID: o.SKUID, PartNumber: o.SKUPartNumber, Status: "Enabled", AppliesTo: "User", ServicePlans: o.PlanIDs()})
		}
		all[at].SubscriptionIDs = append(slices.Clone(all[at].SubscriptionIDs), directoryID(s))
		if s.Active() {
			all[at].Enabled += s.shownSeats
		} else {
			all[at].Suspended += s.shownSeats
		}
	}
	for i := range all {
		for _, u := range c.users {
			if _, holds := u.License(all[i].SKUID); holds {
				all[i].Consumed++
			}
		}
	}
	return all
}

func directoryID(s *subscription) string { return upgrade.UUID("directory", s.ID) }

// Subscriptions are the directory's own.
func (d Directory) Subscriptions(_ context.Context, g upgrade.Grant) (out []upgrade.TenantSubscription, err error) {
	end, err := d.w.begin("Directory.Subscriptions")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return nil, err
	}
	for _, s := range c.subscriptions {
		status := "Enabled"
		if !s.Active() {
			status = "Suspended"
		}
		out = append(out, upgrade.TenantSubscription{ID: directoryID(s), CommerceID: s.ID, SKUID: s.shownSKU, Status: status, Seats: s.shownSeats})
	}
	for _, o := range c.others {
		out = append(out, upgrade.TenantSubscription{ID: upgrade.UUID("other", o.SKUID), CommerceID: upgrade.UUID("elsewhere", o.SKUID), SKUID: o.SKUID, Status: o.Status, Seats: o.Enabled})
	}
	return out, nil
}

// pageSize is small, so that every test of more than a few users goes through pages.
const pageSize = 3

// Holders pages through those who hold a SKU.
func (d Directory) Holders(_ context.Context, g upgrade.Grant, sku, cursor string) (page []upgrade.User, next string, err error) {
	end, err := d.w.begin("Directory.Holders")
	if err != nil {
		return nil, "", err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return nil, "", err
	}
	for _, u := range c.users {
		if _, holds := u.License(sku); !holds || u.ID <= cursor {
			continue
		}
		if len(page) == pageSize {
			return page, page[pageSize-1].ID, nil
		}
		page = append(page, copyOf(u, d.w.Catalog))
	}
	return page, "", nil
}

// Licensed pages through those who hold a SKU; the fake's users have their services always.
func (d Directory) Licensed(ctx context.Context, g upgrade.Grant, sku, cursor string) (page []upgrade.User, next string, err error) {
	return d.Holders(ctx, g, sku, cursor)
}

// Users reads single users.
func (d Directory) Users(_ context.Context, g upgrade.Grant, names []string) (out []upgrade.User, err error) {
	end, err := d.w.begin("Directory.Users")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return nil, err
	}
	if len(names) > 20 {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "too_many", Message: "at most 20 users fit into one request"}
	}
	for _, name := range names {
		if u := c.user(name); u != nil {
			out = append(out, copyOf(u, d.w.Catalog))
		}
	}
	return out, nil
}

func (c *Customer) user(name string) *upgrade.User {
	for _, u := range c.users {
		if strings.EqualFold(u.ID, name) || strings.EqualFold(u.UPN, name) {
			return u
		}
	}
	return nil
}

// copyOf is a user with the states that follow from the licences: each service is enabled unless it is switched off.
func copyOf(u *upgrade.User, c *catalog.Catalog) upgrade.User {
	out := *u
	out.Licenses, out.States, out.Services = nil, slices.Clone(u.States), nil
	for _, l := range u.Licenses {
		out.Licenses = append(out.Licenses, upgrade.License{SKUID: l.SKUID, DisabledPlans: slices.Clone(l.DisabledPlans)})
		if !slices.ContainsFunc(out.States, func(s upgrade.LicenseState) bool { return s.SKUID == l.SKUID }) {
			out.States = append(out.States, upgrade.LicenseState{SKUID: l.SKUID, State: "Active"})
		}
		o, _ := c.OfferBySKUID(l.SKUID)
		for _, id := range o.PlanIDs() {
			if !slices.Contains(l.DisabledPlans, id) {
				out.Services = append(out.Services, upgrade.ServiceState{PlanID: id, State: "Enabled"})
			}
		}
	}
	return out
}

func byGroup(u *upgrade.User, sku string) bool { return u.Group(sku) != "" }
