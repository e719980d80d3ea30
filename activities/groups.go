package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"uplift/upgrade"
)

// groupHeld is a group through which users hold a licence that is given up. Who they are, and what the group has switched off,
// stands in the users' own assignment states, so that no permission to read groups is asked for.
type groupHeld struct {
	sku     string
	members int
	meant   int
	outside string // a member who is not meant, by user principal name
	mixed   bool   // the group gives several of the licences that are given up
}

func (u *userProblems) byGroup(group, sku string, user upgrade.User, meant bool) {
	held := u.groups[group]
	if held == nil {
		held = &groupHeld{sku: sku}
		u.groups[group] = held
	}
	held.members++
	if meant {
		held.meant++
	}
	held.mixed = held.mixed || held.sku != sku
	if !meant {
		held.outside = user.UPN
	}
}

// finishGroups decides for each group: its licence moves on the group when every member who holds it is meant; else nothing is
// half removed, and it is reported.
func (u *userProblems) finishGroups() {
	for _, id := range slices.Sorted(maps.Keys(u.groups)) {
		held := u.groups[id]
		switch {
		case u.plan.Moves() && held.meant == 0: // it stays as it is
		case u.plan.Moves() && held.outside != "":
			u.add("group_licence", fmt.Sprintf("%s holds the licence through the group %s and is not in the order, while others of the group are", held.outside, id), "order all members of the group, or assign the licence directly, then order again")
		case held.mixed:
			u.add("group_licence", fmt.Sprintf("the group %s gives several of the licences that are given up", id), "move the licences on the group, then order again")
		case !u.plan.Moves():
			u.add("group_licence", fmt.Sprintf("%s the licence through the group %s, and nobody is to be moved", upgrade.Counted(held.members, "user holds", "users hold"), id), "move the licence on the group, then order again")
		default:
			u.moves = append(u.moves, upgrade.GroupMove{Group: id, SKU: held.sku, Members: held.members})
		}
	}
}

// moveGroups moves the licences of the plan's groups: one call for each adds and removes together. Microsoft accepts it and
// works it off member by member, which the members' own states show. A repeat meets a group without the old licence, which is
// what was asked.
func (m *mover) moveGroups(ctx context.Context) error {
	for _, group := range m.plan.Groups {
		disabled, ok, err := m.groupOff(ctx, group)
		if err != nil {
			return err
		}
		if !ok {
			continue // every member has moved
		}
		var add []upgrade.License
		for i, sku := range m.plan.Add {
			add = append(add, upgrade.License{SKUID: sku, DisabledPlans: m.mapped(group.SKU, i, disabled)})
		}
		id := graphWrite(m.upgrade, "group", group, add)
		err = m.a.Directory.AssignGroupLicenses(ctx, m.grant, id, group.Group, add, []string{group.SKU})
		if err != nil && upgrade.CodeOf(err) != "license_not_held" {
			return err
		}
	}
	return nil
}

// groupOff is what the group has switched off in the licence that is given up, by the photograph of one of its members, and
// whether any member still holds that through the group.
func (m *mover) groupOff(ctx context.Context, group upgrade.GroupMove) (disabled []string, any bool, err error) {
	err = m.a.eachSnapshot(ctx, m.upgrade, m.beat, func(page []upgrade.Snapshot) error {
		page = slices.DeleteFunc(page, func(s upgrade.Snapshot) bool { return s.User.Group(group.SKU) != group.Group })
		if any || len(page) == 0 {
			return nil
		}
		present, err := m.read(ctx, page)
		if err != nil {
			return err
		}
		for _, s := range page {
			if now, ok := present[s.User.ID]; ok && now.Group(group.SKU) == group.Group {
				any = true
			}
			disabled = s.User.OffByGroup(group.SKU)
		}
		return nil
	})
	return disabled, any, err
}

// restoreGroups puts the licences of the plan's groups back.
func (m *mover) restoreGroups(ctx context.Context) error {
	for _, group := range m.plan.Groups {
		disabled, moved, err := m.groupMoved(ctx, group)
		if err != nil {
			return err
		}
		if !moved {
			continue
		}
		id := graphWrite(m.upgrade, "group-back", group, disabled)
		err = m.a.Directory.AssignGroupLicenses(ctx, m.grant, id, group.Group, []upgrade.License{{SKUID: group.SKU, DisabledPlans: disabled}}, m.plan.Add)
		if err != nil && upgrade.CodeOf(err) != "license_not_held" {
			return err
		}
		return waiting("group_processing", "the licences of the group %s are being put back", group.Group)
	}
	return nil
}

// groupMoved tells whether a member holds the new licence through the group.
func (m *mover) groupMoved(ctx context.Context, group upgrade.GroupMove) (disabled []string, moved bool, err error) {
	err = m.a.eachSnapshot(ctx, m.upgrade, m.beat, func(page []upgrade.Snapshot) error {
		page = slices.DeleteFunc(page, func(s upgrade.Snapshot) bool { return s.User.Group(group.SKU) != group.Group })
		if moved || len(page) == 0 {
			return nil
		}
		present, err := m.read(ctx, page)
		for _, s := range page {
			disabled = s.User.OffByGroup(group.SKU)
			moved = moved || present[s.User.ID].Group(m.plan.Main()) == group.Group
		}
		return err
	})
	return disabled, moved, err
}
