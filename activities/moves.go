package activities

import (
	"slices"

	"uplift/upgrade"
)

// moveOf is what still has to be done for a user to hold what the plan says: nothing when it is so already, which is what
// makes every repeat safe. The switched-off service plans come from the photograph, never from the present state, since
// Microsoft's own licence transfer switches them on.
func (m *mover) moveOf(s upgrade.Snapshot, now upgrade.User) (upgrade.LicenseChange, bool) {
	p := m.plan
	change := upgrade.LicenseChange{User: now.ID}
	if want := m.wantDisabled(s); p.Add != "" && !holdsDirectly(now, p.Add, want) {
		change.Add = []upgrade.License{{SKUID: p.Add, DisabledPlans: want}}
	}
	if p.Remove != "" {
		if _, holds := now.License(p.Remove); holds && now.Group(p.Remove) == "" {
			change.Remove = []string{p.Remove}
		}
	}
	return change, len(change.Add)+len(change.Remove) > 0
}

// wantDisabled maps what was switched off before to the target: a service stays off where the target has it too. A user
// who held the target already keeps what was switched off there.
func (m *mover) wantDisabled(s upgrade.Snapshot) []string {
	want := []string{}
	if held, ok := s.User.License(m.plan.Add); ok {
		want = append(want, held.DisabledPlans...)
	}
	if source, ok := s.User.License(m.plan.Remove); ok && m.plan.Remove != "" {
		want = append(want, m.a.Catalog.MapDisabled(m.sourcePlans, m.targetPlans, source.DisabledPlans)...)
	}
	slices.Sort(want)
	return slices.Compact(want)
}

// restoreOf is what has to be done for a user to hold what the photograph shows, as far as our plan touched it.
func restoreOf(s upgrade.Snapshot, now upgrade.User, p upgrade.LicensePlan) (upgrade.LicenseChange, bool) {
	change := upgrade.LicenseChange{User: now.ID}
	for _, sku := range []string{p.Remove, p.Add} {
		if sku == "" || s.User.Group(sku) != "" {
			continue
		}
		before, held := s.User.License(sku)
		_, holds := now.License(sku)
		switch {
		case held && !holdsDirectly(now, sku, sorted(before.DisabledPlans)):
			change.Add = append(change.Add, upgrade.License{SKUID: sku, DisabledPlans: sorted(before.DisabledPlans)})
		case !held && holds && now.Group(sku) == "":
			change.Remove = append(change.Remove, sku)
		}
	}
	return change, len(change.Add)+len(change.Remove) > 0
}

// holdsDirectly tells whether the user holds the SKU with exactly these service plans switched off.
func holdsDirectly(u upgrade.User, sku string, disabled []string) bool {
	l, ok := u.License(sku)
	return ok && slices.Equal(sorted(l.DisabledPlans), disabled)
}

func sorted(s []string) []string {
	c := append([]string{}, s...)
	slices.Sort(c)
	return c
}
