package activities

import (
	"maps"
	"slices"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// moveOf is what still has to be done for a user to hold what the plan says: nothing when it is so already, which is what
// makes every repeat safe. The switched-off service plans come from the photograph, never from the present state, since
// Microsoft's own licence transfer switches them on.
func (m *mover) moveOf(s upgrade.Snapshot, now upgrade.User) (upgrade.LicenseChange, bool) {
	change := upgrade.LicenseChange{User: now.ID}
	for i, sku := range m.plan.Add {
		if want := m.wantDisabled(s, i); !holdsDirectly(now, sku, want) {
			change.Add = append(change.Add, upgrade.License{SKUID: sku, DisabledPlans: want})
		}
	}
	for _, sku := range m.plan.Remove {
		if _, holds := now.License(sku); holds && now.Group(sku) == "" {
			change.Remove = append(change.Remove, sku)
		}
	}
	return change, len(change.Add)+len(change.Remove) > 0
}

// wantDisabled maps what was switched off before to the i-th licence that is added: a service stays off where the new licence
// has it too. A user who held that licence already keeps what was switched off there. What is bundled stays off where the user
// has switched off what it needs, such as Teams Phone without Teams.
func (m *mover) wantDisabled(s upgrade.Snapshot, i int) []string {
	want := []string{}
	if held, ok := s.User.License(m.plan.Add[i]); ok {
		want = append(want, held.DisabledPlans...)
	}
	for _, sku := range m.plan.Remove {
		if source, ok := s.User.License(sku); ok {
			want = append(want, m.mapped(sku, i, source.DisabledPlans)...)
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if i > 0 {
		want = m.starved(s, i, want)
	}
	return want
}

// mapped is what is switched off of one licence, in the words of the i-th that is added. It is worked out once for each set of
// services: of many users, most have the same switched off.
func (m *mover) mapped(from string, i int, disabled []string) []string {
	key := strings.Join(append([]string{from, m.plan.Add[i]}, disabled...), " ")
	if known, ok := m.mappings.Load(key); ok {
		return known.([]string)
	}
	made := m.a.Catalog.MapDisabled(m.plansOf(from), m.plansOf(m.plan.Add[i]), disabled)
	m.mappings.Store(key, made)
	return made
}

// starved adds to what is switched off of a bundled licence the plans whose needs the user's other licences do not meet: Graph
// would refuse them.
func (m *mover) starved(s upgrade.Snapshot, i int, off []string) []string {
	on := map[string]bool{}
	enable := func(sku string, disabled []string) {
		for _, plan := range m.plansOf(sku) {
			if !slices.Contains(disabled, plan) {
				on[plan] = true
			}
		}
	}
	for _, l := range s.User.Licenses {
		if !slices.Contains(m.plan.Remove, l.SKUID) {
			enable(l.SKUID, l.DisabledPlans)
		}
	}
	enable(m.plan.Add[0], m.wantDisabled(s, 0))
	enable(m.plan.Add[i], off)
	for _, c := range m.a.Catalog.Conflicts(slices.Collect(maps.Keys(on))) {
		if c.Kind == catalog.Dependency && slices.Contains(m.plansOf(m.plan.Add[i]), c.Plan.ID) && !slices.Contains(off, c.Plan.ID) {
			off = append(off, c.Plan.ID)
		}
	}
	slices.Sort(off)
	return off
}

// restoreOf is what has to be done for a user to hold what the photograph shows, as far as our plan touched it.
func (m *mover) restoreOf(s upgrade.Snapshot, now upgrade.User) (upgrade.LicenseChange, bool) {
	change := upgrade.LicenseChange{User: now.ID}
	for _, sku := range slices.Concat(m.plan.Remove, m.plan.Add) {
		if s.User.Group(sku) != "" {
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
