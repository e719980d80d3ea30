package planning

import (
	"fmt"

	"uplift/upgrade"
)

// checkSeatsInUse refuses to lower an offer below its users, as far as the directory can be seen.
func (m *maker) checkSeatsInUse() {
	if !m.sees() {
		return
	}
	for _, s := range m.plan.Steps {
		if s.To >= s.From {
			continue
		}
		for _, t := range m.TenantSKUs {
			if t.SKUID == s.SKU && t.Enabled-(s.From-s.To) < t.Consumed {
				m.no("target", "seats_below_users", "take licences away first, or order more seats", "%d users hold %s, and %d seats would be left", t.Consumed, t.PartNumber, t.Enabled-(s.From-s.To))
			}
		}
	}
}

// CheckSeatsForUsers holds the seats that the plan ends with against the users who must hold one, once they are known.
func CheckSeatsForUsers(p *upgrade.Plan, users int) {
	if !p.Licenses.Moves() {
		return
	}
	seats, known := 0, false
	for _, s := range p.Steps {
		if _, _, sku := s.HoldsAfter(); sku == p.Licenses.Main() {
			seats, known = s.To, true
		}
	}
	if known && users > seats {
		p.Reasons.Add("target", "seats_below_users", fmt.Sprintf("%d users must hold a licence, and the order ends with %d seats", users, seats), "order more seats, or take licences away first")
	}
}
