package planning_test

import (
	"testing"

	"uplift/internal/planning"
	"uplift/upgrade"
)

func TestGuards(t *testing.T) {
	pounds := func(minor int64) []upgrade.Price {
		return []upgrade.Price{{Offer: "business-basic", Market: "GB", Term: "P1Y", BillingCycle: "monthly", Currency: "GBP", Minor: minor}}
	}
	for name, c := range map[string]struct {
		guards  planning.Guards
		prices  []upgrade.Price
		seats   int
		refused bool
		asks    bool
	}{
		"no guard":                {planning.Guards{}, nil, 100, false, false},
		"a rise within":           {planning.Guards{MaxSeatRise: 5}, nil, 15, false, false},
		"a rise above":            {planning.Guards{MaxSeatRise: 5}, nil, 16, true, false},
		"fewer seats":             {planning.Guards{MaxSeatRise: 5, ApproveSeats: 1}, nil, 8, false, false},
		"seats within":            {planning.Guards{ApproveSeats: 5}, nil, 15, false, false},
		"seats above":             {planning.Guards{ApproveSeats: 5}, nil, 16, false, true},
		"cost within":             {planning.Guards{ApproveMinor: 2500, Currency: "GBP"}, pounds(500), 15, false, false},
		"cost above":              {planning.Guards{ApproveMinor: 2499, Currency: "GBP"}, pounds(500), 15, false, true},
		"cost in another":         {planning.Guards{ApproveMinor: 1 << 40, Currency: "EUR"}, pounds(500), 15, false, true},
		"cost not known":          {planning.Guards{ApproveMinor: 1 << 40, Currency: "GBP"}, nil, 15, false, true},
		"nothing changes in cost": {planning.Guards{ApproveMinor: 1, Currency: "GBP"}, pounds(0), 15, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := lab()
			f.Customer.Country = "GB"
			f.Subscriptions = []upgrade.Subscription{returnable(sub("11111111-1111-1111-1111-111111111111", "CFQ7TTC0LH18:0001", 10), 10)}
			f.Guards, f.Prices = c.guards, c.prices
			order(f, total("business-basic", c.seats))
			p := planning.Make(*f)
			if got := p.Reasons.Has("seat_rise_too_large"); got != c.refused {
				t.Errorf("refused %t: %v", got, p.Reasons)
			}
			if got := p.Approval != ""; got != c.asks {
				t.Errorf("it asks for an approval: %q; the cost is %+v", p.Approval, p.Cost)
			}
		})
	}
}
