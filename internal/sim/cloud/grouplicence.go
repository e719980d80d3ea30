package cloud

import (
	"slices"
	"strings"
)

// AssignGroupLicense changes a group's licences. The call is only accepted here;
// members follow after Lags.GroupLicensing, and what goes wrong is written on
// them instead of being answered (page "group: assignLicense").
func (c *Cloud) AssignGroupLicense(tenant, id string, add []LicenceChange, remove []string, o Origin) (Group, *Refusal) {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil || t.group(id) == nil {
		return Group{}, notFound(id)
	}
	g := t.group(id)
	if c.roll(ConcurrencyViolation, o) {
		return Group{}, concurrency()
	}
	if len(add) == 0 && len(remove) == 0 {
		return Group{}, badRequest("No license changes provided.")
	}
	licences := slices.Clone(g.Licences)
	for _, sku := range remove {
		i := slices.IndexFunc(licences, func(l LicenceChange) bool { return strings.EqualFold(l.SKU, sku) })
		if i < 0 {
			return Group{}, badRequest("Group does not have a corresponding license.")
		}
		licences = slices.Delete(licences, i, i+1)
	}
	for _, l := range add {
		if !t.owns(l.SKU) {
			return Group{}, badRequest("License %s does not correspond to a valid company License.", l.SKU)
		}
		licences = slices.DeleteFunc(licences, func(h LicenceChange) bool { return strings.EqualFold(h.SKU, l.SKU) })
		licences = append(licences, LicenceChange{strings.ToLower(l.SKU), lower(l.Disabled)})
	}
	c.record(GroupLicenceChanged, t.ID, g.ID, skus(g.Licences), skus(licences), o)
	g.Licences, g.Processing = licences, "QueuedForProcessing"
	c.after(c.lag(c.faults.Lags.GroupLicensing), func() { c.process(t, g, o) })
	return g.copy(), nil
}

func skus(l []LicenceChange) []string {
	var out []string
	for _, x := range l {
		out = append(out, x.SKU)
	}
	return out
}

// process brings every member in line with the group's licences.
func (c *Cloud) process(t *Tenant, g *Group, o Origin) {
	for _, id := range g.Members {
		if u := t.user(id); u != nil {
			c.inherit(t, g, u, o)
		}
	}
	g.Processing = "ProcessingComplete"
}

func (c *Cloud) inherit(t *Tenant, g *Group, u *User, o Origin) {
	before := u.copy()
	t.held = nil
	u.Assignments = slices.DeleteFunc(u.Assignments, func(a Assignment) bool { return a.Group == g.ID })
	for _, l := range g.Licences {
		a := Assignment{SKU: l.SKU, Disabled: slices.Clone(l.Disabled), Group: g.ID, State: "Active", Error: "None", Updated: c.at}
		after := u.copy()
		after.assign(a)
		switch r := violation(u.enabledPlans(), after.enabledPlans()); {
		case r != nil && strings.Contains(r.Text, "exclusive"):
			a.State, a.Error = "Error", "MutuallyExclusiveViolation"
		case r != nil:
			a.State, a.Error = "Error", "DependencyViolation"
		case !before.holds(l.SKU) && t.free(l.SKU) <= 0:
			a.State, a.Error = "Error", "CountViolation"
		}
		u.assign(a)
		t.held = nil
	}
	c.recordLicences(t, &before, u, o)
}

// Reprocess tries a user's inherited licences again
// (page "user: reprocessLicenseAssignment").
func (c *Cloud) Reprocess(tenant, idOrUPN string, o Origin) (User, *Refusal) {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil || t.user(idOrUPN) == nil {
		return User{}, notFound(idOrUPN)
	}
	u := t.user(idOrUPN)
	for _, g := range t.groups {
		if slices.Contains(g.Members, u.ID) {
			c.inherit(t, g, u, o)
		}
	}
	return u.copy(), nil
}
