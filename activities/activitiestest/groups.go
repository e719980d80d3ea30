package activitiestest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// group is a group of a customer's tenant, with the licences that its members have by it.
type group struct {
	upgrade.Group
	members  []string // object ids
	licenses []upgrade.License
	due      time.Time // when the members follow the licences; zero: they do
}

// processing is how long the directory takes until the members of a group follow its licences.
const processing = time.Minute

// AddGroup gives the tenant a group of users, by name, who hold an offer ("": none) by it, with some service plans, by
// name, switched off.
func (w *World) AddGroup(c *Customer, name string, members []*upgrade.User, offer string, off ...string) *upgrade.Group {
	g := &group{Group: upgrade.Group{ID: upgrade.UUID(c.Tenant, "group", name), Name: name}}
	if o, ok := w.Catalog.Offer(catalog.OfferID(offer)); ok {
		g.licenses = []upgrade.License{{SKUID: o.SKUID, DisabledPlans: w.plans(o, off)}}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range members {
		g.members = append(g.members, u.ID)
	}
	c.groups = append(c.groups, g)
	w.follow(c, g)
	return &g.Group
}

// follow gives the members what their group has now.
func (w *World) follow(c *Customer, g *group) {
	g.due = time.Time{}
	for _, u := range c.users {
		if !slices.Contains(g.members, u.ID) {
			continue
		}
		for _, s := range u.States {
			if s.ByGroup == g.ID {
				u.Licenses = slices.DeleteFunc(u.Licenses, func(l upgrade.License) bool { return l.SKUID == s.SKUID })
			}
		}
		u.States = slices.DeleteFunc(u.States, func(s upgrade.LicenseState) bool { return s.ByGroup == g.ID })
		for _, l := range g.licenses {
			state := upgrade.LicenseState{SKUID: l.SKUID, ByGroup: g.ID, Off: slices.Clone(l.DisabledPlans), State: "Active"}
			if err := w.fits(c, u, l); err != nil {
				state.State, state.Error = "Error", "CountViolation"
			} else {
				u.Licenses = append(u.Licenses, upgrade.License{SKUID: l.SKUID, DisabledPlans: slices.Clone(l.DisabledPlans)})
			}
			u.States = append(u.States, state)
		}
	}
}

// Group finds a group by object id or display name.
func (d Directory) Group(_ context.Context, g upgrade.Grant, name string) (out upgrade.Group, err error) {
	end, err := d.w.begin("Directory.Group")
	if err != nil {
		return out, err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return out, err
	}
	var found []upgrade.Group
	for _, g := range c.groups {
		if g.ID == name || strings.EqualFold(g.Name, name) {
			found = append(found, g.Group)
		}
	}
	switch len(found) {
	case 0:
		return out, refused("group_not_found", "the tenant has no such group")
	case 1:
		return found[0], nil
	}
	return out, refused("group_ambiguous", "several groups of the tenant have this name")
}

// Members pages through the users of a group.
func (d Directory) Members(_ context.Context, g upgrade.Grant, id, cursor string) (page []upgrade.User, next string, err error) {
	end, err := d.w.begin("Directory.Members")
	if err != nil {
		return nil, "", err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return nil, "", err
	}
	of := c.group(id)
	if of == nil {
		return nil, "", refused("group_not_found", "the tenant has no such group")
	}
	for _, u := range c.users {
		if !slices.Contains(of.members, u.ID) || u.ID <= cursor {
			continue
		}
		if len(page) == pageSize {
			return page, page[pageSize-1].ID, nil
		}
		page = append(page, upgrade.User{ID: u.ID, UPN: u.UPN})
	}
	return page, "", nil
}

func (c *Customer) group(id string) *group {
	for _, g := range c.groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// AssignGroupLicenses accepts; the members follow a minute later.
func (d Directory) AssignGroupLicenses(_ context.Context, g upgrade.Grant, _ upgrade.WriteID, id string, add []upgrade.License, remove []string) (err error) {
	end, err := d.w.begin("Directory.AssignGroupLicenses")
	if err != nil {
		return err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return err
	}
	of := c.group(id)
	if of == nil {
		return refused("group_not_found", "the tenant has no such group")
	}
	held := slices.Clone(of.licenses)
	for _, sku := range remove {
		at := slices.IndexFunc(held, func(l upgrade.License) bool { return l.SKUID == sku })
		if at < 0 {
			return &upgrade.Error{Kind: upgrade.Conflict, Code: "license_not_held", Message: "the group no longer has the licence"}
		}
		held = slices.Delete(held, at, at+1)
	}
	for _, l := range add {
		held = slices.DeleteFunc(held, func(have upgrade.License) bool { return have.SKUID == l.SKUID })
		held = append(held, upgrade.License{SKUID: l.SKUID, DisabledPlans: sorted(l.DisabledPlans)})
	}
	of.licenses, of.due = held, d.w.Now().Add(processing)
	d.w.note(fmt.Sprintf("group licences %s +%d -%d", of.Name, len(add), len(remove)))
	return nil
}
