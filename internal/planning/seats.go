package planning

import (
	"fmt"
	"slices"

	"uplift/upgrade"
)

// checkSeatsInUse refuses to take seats from under their users, as far as the directory can be seen. Seats that users move
// away from first are counted when they have moved.
func (m *maker) checkSeatsInUse() {
	if !m.sees() {
		return
	}
	for _, s := range m.plan.Steps {
		less := m.less(s)
		if less <= 0 || m.moved(s) {
			continue
		}
		for _, t := range m.TenantSKUs {
			if t.SKUID == s.SKU && t.Enabled-less < t.Consumed {
				m.no("target", "seats_below_users", "take licences away first, move the users, or order more seats", "%s %s, and %s would be left", hold(t.Consumed), t.PartNumber, upgrade.Seats(max(0, t.Enabled-less)))
			}
		}
	}
}

// less is how many seats a step takes from those who sit on them. A transition does where nobody's licence moves with it.
func (m *maker) less(s upgrade.Step) int {
	switch {
	case s.Work == upgrade.Transit && !m.plan.Licenses.Moves():
		return s.Moving()
	case s.Work == upgrade.Resize, s.Work == upgrade.Release, s.Work == upgrade.AtRenewal && s.ToOffer == "":
		return s.From - s.To
	}
	return 0
}

// moved tells whether users leave the licence of a step before it is carried out.
func (m *maker) moved(s upgrade.Step) bool {
	return s.After && m.plan.Licenses.Moves() && slices.Contains(m.plan.Licenses.Remove, s.SKU)
}

// CheckSeatsForUsers holds the seats that the plan ends with against the users who must hold one, once they are known.
func CheckSeatsForUsers(p *upgrade.Plan, users int) {
	if !p.Licenses.Moves() {
		return
	}
	seats, known := 0, false
	for _, line := range p.Lines {
		if line.Touched && (line.ThenOffer == p.Target || line.ThenOffer == "" && line.Offer == p.Target) {
			seats += line.Then
			known = true
		}
	}
	if known && users > seats {
		p.Reasons.Add("target", "seats_below_users", fmt.Sprintf("%s must hold a licence, and the order ends with %s", upgrade.Counted(users, "user", "users"), upgrade.Seats(seats)), "order more seats, or take licences away first")
	}
}
