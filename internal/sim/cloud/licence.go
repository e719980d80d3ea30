package cloud

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// LicenceChange adds a SKU, or replaces its switched-off plans.
type LicenceChange struct {
	SKU      string
	Disabled []string
}

// AssignLicense adds and removes licences of one user in one step: everything is
// checked on the end state, and either all of it happens or none
// (page "user: assignLicense").
func (c *Cloud) AssignLicense(tenant, idOrUPN string, add []LicenceChange, remove []string, o Origin) (User, *Refusal) {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil || t.user(idOrUPN) == nil {
		return User{}, notFound(idOrUPN)
	}
	u := t.user(idOrUPN)
	if c.roll(ConcurrencyViolation, o) {
		return User{}, concurrency()
	}
	if len(add) == 0 && len(remove) == 0 {
		return User{}, badRequest("No license changes provided.")
	}
	after := u.copy()
	for _, sku := range remove {
		if r := after.unassign(sku); r != nil {
			return User{}, r
		}
	}
	for _, l := range add {
		if r := c.mayAssign(t, u, l, remove); r != nil {
			return User{}, r
		}
		after.assign(Assignment{SKU: strings.ToLower(l.SKU), Disabled: lower(l.Disabled), State: "Active", Error: "None", Updated: c.at})
	}
	if r := violation(u.enabledPlans(), after.enabledPlans()); r != nil {
		return User{}, r
	}
	c.touch(u, o)
	c.recordLicences(t, u, &after, o)
	t.count(u, -1)
	u.Assignments = after.Assignments
	t.count(u, 1)
	return u.copy(), nil
}

// mayAssign is what can be wrong with adding one SKU.
func (c *Cloud) mayAssign(t *Tenant, u *User, l LicenceChange, remove []string) *Refusal {
	if uuid.Validate(l.SKU) != nil {
		return badRequest("Cannot convert the literal '%s' to the expected type 'Edm.Guid'.", l.SKU)
	}
	offer, known := OfferBySKU(l.SKU)
	if !known || !t.owns(offer.SKU) && !u.holds(offer.SKU) {
		return badRequest("License %s does not correspond to a valid company License.", l.SKU)
	}
	for _, p := range l.Disabled {
		if _, ok := offer.plan(p); !ok {
			return badRequest("License %s does not contain service plan %s.", l.SKU, p)
		}
	}
	if u.UsageLocation == "" || c.at.Before(u.locationSettles) {
		return badRequest("License assignment cannot be done for user with invalid usage location.")
	}
	if !u.holds(offer.SKU) && t.free(offer.SKU) <= 0 {
		return badRequest("Subscription with SKU %s does not have any available licenses.", offer.SKU)
	}
	return nil
}

// unassign removes a direct licence.
func (u *User) unassign(sku string) *Refusal {
	for i, a := range u.Assignments {
		if strings.EqualFold(a.SKU, sku) && a.Group == "" {
			u.Assignments = slices.Delete(u.Assignments, i, i+1)
			return nil
		}
	}
	if u.holds(sku) {
		return badRequest("User license is inherited from a group membership and it cannot be removed directly from the user.")
	}
	return badRequest("User does not have a corresponding license.")
}

// assign puts one assignment, replacing the one from the same source.
func (u *User) assign(n Assignment) {
	for i, a := range u.Assignments {
		if strings.EqualFold(a.SKU, n.SKU) && a.Group == n.Group {
			u.Assignments[i] = n
			return
		}
	}
	u.Assignments = append(u.Assignments, n)
}

// holds says whether the user occupies a unit of the SKU.
func (u *User) holds(sku string) bool {
	return slices.ContainsFunc(u.Assignments, func(a Assignment) bool { return strings.EqualFold(a.SKU, sku) && a.State == "Active" })
}

// AssignedLicence is one entry of user.assignedLicenses: a SKU, however many
// sources it comes from.
type AssignedLicence struct {
	SKU      string
	Disabled []string
}

// AssignedLicences merges direct and inherited assignments: a plan is off only
// when every source switches it off.
func (u *User) AssignedLicences() []AssignedLicence {
	out := []AssignedLicence{}
	for _, a := range u.Assignments {
		if a.State != "Active" {
			continue
		}
		i := slices.IndexFunc(out, func(l AssignedLicence) bool { return strings.EqualFold(l.SKU, a.SKU) })
		if i < 0 {
			out = append(out, AssignedLicence{a.SKU, append([]string{}, a.Disabled...)})
			continue
		}
		out[i].Disabled = slices.DeleteFunc(out[i].Disabled, func(p string) bool { return !slices.Contains(a.Disabled, p) })
	}
	return out
}

func (u *User) enabledPlans() map[string]bool {
	on := map[string]bool{}
	for _, l := range u.AssignedLicences() {
		offer, ok := OfferBySKU(l.SKU)
		if !ok {
			continue
		}
		for _, p := range offer.Plans {
			if !slices.Contains(l.Disabled, p.ID) {
				on[p.ID] = true
			}
		}
	}
	return on
}

// recordLicences writes what differs between two states of a user.
func (c *Cloud) recordLicences(t *Tenant, before, after *User, o Origin) {
	for _, a := range before.Assignments {
		if !slices.ContainsFunc(after.Assignments, func(b Assignment) bool { return b.SKU == a.SKU && b.Group == a.Group }) {
			c.record(LicenceRemoved, t.ID, before.ID, a.SKU, nil, o)
		}
	}
	for _, a := range after.Assignments {
		i := slices.IndexFunc(before.Assignments, func(b Assignment) bool { return b.SKU == a.SKU && b.Group == a.Group })
		switch {
		case i < 0:
			c.record(LicenceAssigned, t.ID, before.ID, nil, a.SKU, o)
		case !slices.Equal(before.Assignments[i].Disabled, a.Disabled):
			c.record(LicenceChanged, t.ID, before.ID, before.Assignments[i].Disabled, a.Disabled, o)
		}
	}
}

func lower(ids []string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if id = strings.ToLower(id); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
