package planning

import (
	"fmt"

	"uplift/upgrade"
)

// Guards are the provider's limits on what one order may do by itself. Zero is no limit.
type Guards struct {
	MaxSeatRise  int    // an order that adds more seats is refused
	ApproveSeats int    // an order that adds more seats waits for a second person
	ApproveMinor int64  // an order that costs more a month waits for a second person, in the currency's minor unit
	Currency     string // of ApproveMinor, ISO 4217
}

// guard holds the plan against the provider's limits.
func (m *maker) guard() {
	rise := 0
	for _, line := range m.plan.Lines {
		if line.Touched {
			rise += line.Then - line.Now
		}
	}
	g := m.Guards
	if g.MaxSeatRise > 0 && rise > g.MaxSeatRise {
		m.no("target", "seat_rise_too_large", "check the number, which is a total; order in parts, or have the provider's limit raised",
			"the order adds %s, and the provider's limit for one order is %d", upgrade.Seats(rise), g.MaxSeatRise)
	}
	cost := m.plan.Cost
	switch {
	case g.ApproveSeats > 0 && rise > g.ApproveSeats:
		m.plan.Approval = fmt.Sprintf("It adds %s; more than %d need the approval of a second person.", upgrade.Seats(rise), g.ApproveSeats)
	case g.ApproveMinor == 0 || len(m.plan.Steps) == 0:
	case cost == nil || len(cost.Missing) > 0 || cost.Currency != g.Currency:
		m.plan.Approval = fmt.Sprintf("What it costs is not known by the price list in %s, so a second person has to approve it.", g.Currency)
	case cost.Difference() > g.ApproveMinor:
		m.plan.Approval = fmt.Sprintf("It costs about %s more a month; more than %s needs the approval of a second person.",
			upgrade.Money(cost.Difference(), cost.Currency), upgrade.Money(g.ApproveMinor, g.Currency))
	}
}
