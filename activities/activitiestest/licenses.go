package activitiestest

import (
	"context"
	"fmt"
	"slices"

	"uplift/upgrade"
)

// SetUsageLocation sets or clears a user's country.
func (d Directory) SetUsageLocation(_ context.Context, g upgrade.Grant, _ upgrade.WriteID, user, country string) (err error) {
	end, err := d.w.begin("Directory.SetUsageLocation")
	if err != nil {
		return err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return err
	}
	u := c.user(user)
	if u == nil {
		return refused("user_not_found", "the directory does not know this user")
	}
	u.UsageLocation = country
	d.w.note(fmt.Sprintf("location %s %q", u.Name, country))
	return nil
}

// AssignLicenses makes each change as a whole or not at all, as assignLicense does.
func (d Directory) AssignLicenses(_ context.Context, g upgrade.Grant, _ upgrade.WriteID, changes []upgrade.LicenseChange) (out []upgrade.LicenseOutcome, err error) {
	end, err := d.w.begin("Directory.AssignLicenses")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	c, err := d.enter(g)
	if err != nil {
		return nil, err
	}
	if len(changes) > 20 {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "too_many", Message: "at most 20 changes fit into one request"}
	}
	for _, change := range changes {
		out = append(out, upgrade.LicenseOutcome{User: change.User, Err: d.w.assign(c, change)})
	}
	return out, nil
}

// assign makes one change; the world is locked.
func (w *World) assign(c *Customer, change upgrade.LicenseChange) *upgrade.Error {
	no := func(code, message string) *upgrade.Error {
		return &upgrade.Error{Kind: upgrade.Refused, Code: code, Message: message}
	}
	u := c.user(change.User)
	switch {
	case u == nil:
		return no("user_not_found", "the directory does not know this user")
	case len(change.Add) > 0 && u.UsageLocation == "":
		return no("no_usage_location", "the user has no usage location")
	}
	held := slices.Clone(u.Licenses)
	for _, sku := range change.Remove {
		if byGroup(u, sku) {
			return no("inherited_from_group", "the user has the licence by a group")
		}
		at := slices.IndexFunc(held, func(l upgrade.License) bool { return l.SKUID == sku })
		if at < 0 {
			return &upgrade.Error{Kind: upgrade.Conflict, Code: "license_not_held", Message: "the user no longer has the licence"}
		}
		held = slices.Delete(held, at, at+1)
	}
	for _, l := range change.Add {
		if e := w.fits(c, u, l); e != nil {
			return e
		}
		l.DisabledPlans = sorted(l.DisabledPlans)
		if at := slices.IndexFunc(held, func(have upgrade.License) bool { return have.SKUID == l.SKUID }); at >= 0 {
			held[at] = l
		} else {
			held = append(held, l)
		}
	}
	u.Licenses = held
	w.note(fmt.Sprintf("licences %s +%d -%d", u.Name, len(change.Add), len(change.Remove)))
	return nil
}

// fits tells whether a seat is free for a licence, and whether its switched-off plans are the product's own.
func (w *World) fits(c *Customer, u *upgrade.User, l upgrade.License) *upgrade.Error {
	all := w.skus(c)
	at := slices.IndexFunc(all, func(t upgrade.TenantSKU) bool { return t.SKUID == l.SKUID })
	if at < 0 {
		return &upgrade.Error{Kind: upgrade.Refused, Code: "sku_not_owned", Message: "the tenant does not hold the product"}
	}
	for _, id := range l.DisabledPlans {
		if !slices.Contains(all[at].ServicePlans, id) {
			return &upgrade.Error{Kind: upgrade.Refused, Code: "bad_plan", Message: "a switched-off service plan is not the product's"}
		}
	}
	if _, holds := u.License(l.SKUID); !holds && all[at].Consumed >= all[at].Enabled {
		return &upgrade.Error{Kind: upgrade.Refused, Code: "no_seats", Message: "no seat of the product is free"}
	}
	return nil
}
