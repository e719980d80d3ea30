package planning

import (
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// users says whose licences move, from what to what.
func (m *maker) users() {
	o := m.Order
	l := upgrade.LicensePlan{Who: o.Licenses.Who, Users: o.Licenses.Users, Group: o.Licenses.Group, File: o.Licenses.File, Location: o.UsageLocation}
	to, from := m.movesTo(), m.movesFrom()
	m.nameEnds(to, from)
	for _, s := range from {
		l.Remove = append(l.Remove, m.skuOf(s.offer))
		l.Ends = l.Ends || s.ends
	}
	l.Remove = slices.Compact(l.Remove)
	for _, offer := range to {
		l.Add = append(l.Add, m.skuOf(offer))
	}
	l.Seats = m.seatsThatMove()
	if l.Location == "" && m.Organization != nil {
		l.Location = m.Organization.Country
	}
	if o.OnUserFailure.Action == upgrade.UndoUsers {
		l.UndoOnFailure, l.UndoShare = true, o.OnUserFailure.Share
		if slices.ContainsFunc(m.plan.Steps, func(s upgrade.Step) bool { return s.Work == upgrade.Transit }) {
			m.no("onUserFailure", "undo_after_transition", `choose "action": "report"`, "a transition cannot be undone, so single users who fail cannot undo this upgrade")
		}
	}
	m.plan.Licenses = l
	m.permissions(l)
}

// permissions are the smallest set that the plan needs in the tenant.
func (m *maker) permissions(l upgrade.LicensePlan) {
	m.plan.Permissions = []string{"Organization.Read.All"}
	if l.Moves() {
		m.plan.Permissions = append(m.plan.Permissions, "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All")
	}
	if l.Moves() && l.Who == upgrade.Grouped {
		m.plan.Permissions = append(m.plan.Permissions, "GroupMember.Read.All")
	}
	if !m.sees() {
		m.plan.Unknown = []string{
			"which users hold the licences, and whether any holds one through a group",
			"what the tenant holds through other channels",
			"which users lack a usage location",
		}
		for _, s := range m.sources {
			if !s.sub.NewCommerce {
				m.plan.Unknown = append(m.plan.Unknown, "whether the traditional subscription "+s.sub.ID+" is what its name says")
			}
		}
	}
}

// movesFrom are the sources whose users move.
func (m *maker) movesFrom() []*source {
	var from []*source
	for _, s := range m.sources {
		if len(s.moves) > 0 && !slices.ContainsFunc(from, func(o *source) bool { return o.offer.ID == s.offer.ID }) {
			from = append(from, s)
		}
	}
	return from
}

// movesTo are the offers whose licences users receive: the one that takes the place of what they give up, with what its plan
// bundles. Where nobody gives anything up, listed users receive what the order raises, buys or names.
func (m *maker) movesTo() []catalog.Offer {
	var to []catalog.Offer
	add := func(o catalog.Offer) {
		if !slices.ContainsFunc(to, func(have catalog.Offer) bool { return have.ID == o.ID }) {
			to = append(to, o)
		}
	}
	for _, s := range m.sources {
		for _, v := range s.moves {
			add(v.goal.offer)
		}
	}
	who := m.Order.Licenses.Who
	if len(to) > 1 && who != upgrade.Nobody {
		m.no("licenses", "licences_ambiguous", `choose "who": "nobody", and assign by a later order for each offer`, "the seats go to several offers, and one list of users cannot tell who receives which")
	}
	if len(to) > 0 {
		for _, g := range m.goals {
			if m.Order.Target.Plan != "" {
				add(g.offer)
			}
		}
		return to
	}
	if who == upgrade.Holders {
		return nil
	}
	bases := 0
	for _, g := range m.goals {
		if m.stays(g) {
			continue
		}
		add(g.offer)
		if !g.offer.AddOn {
			bases++
		}
	}
	if bases > 1 && who != upgrade.Nobody {
		m.no("licenses", "licences_ambiguous", "order the offers one after another, each with its users", "the order names several licences, and one list of users cannot tell who receives which")
	}
	return to
}

// stays tells whether an offer is named for what is left of it only: nobody receives it.
func (m *maker) stays(g *goal) bool {
	return slices.ContainsFunc(m.sources, func(s *source) bool { return s.offer.ID == g.offer.ID })
}

// nameEnds names what users come from and end with, for whoever looks for upgrades.
func (m *maker) nameEnds(to []catalog.Offer, from []*source) {
	switch {
	case len(to) > 0:
		m.plan.Target, m.plan.TargetSKU = string(to[0].ID), m.skuOf(to[0])
	case len(m.goals) > 0:
		m.plan.Target, m.plan.TargetSKU = string(m.goals[0].offer.ID), m.skuOf(m.goals[0].offer)
	}
	if len(from) > 0 {
		m.plan.Source, m.plan.SourceSKU = string(from[0].offer.ID), m.skuOf(from[0].offer)
		m.checkSKU(from[0].offer)
	}
}

// seatsThatMove is how many users can move where only a part of the seats does; 0: the totals decide.
func (m *maker) seatsThatMove() int {
	seats, part := 0, false
	for _, s := range m.sources {
		for _, v := range s.moves {
			seats += v.seats
			part = part || !s.ends
		}
	}
	if !part {
		return 0
	}
	return seats
}
