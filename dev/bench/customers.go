package main

import (
	"fmt"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
)

// customer is a tenant that a measure has made.
type customer struct {
	number int
	raised bool // has some seats that nobody uses, and orders more
	large  bool // more users than the plans for small businesses take: from Microsoft 365 E3 to E5, instead of Basic to Premium
}

// moves are the offer that the customer holds, as the simulator names it, and the plan that is ordered.
func (c customer) moves() (part, plan string) {
	if c.large {
		return cloud.Microsoft365E3, "microsoft-365-e5"
	}
	return cloud.BusinessBasic, "business-premium"
}

func (c customer) tenant() string { return fmt.Sprintf("bc000000-0000-4000-8000-%012d", c.number) }
func (c customer) domain() string { return fmt.Sprintf("customer-%d.example", c.number) }
func (c customer) admin() string  { return "admin@" + c.domain() }

// fill gives the customer its offer, a user on each seat, and an administrator besides. A customer that has consented already
// needs no invitation.
func (c customer) fill(state *cloud.Cloud, users int, consented bool) {
	state.AddTenant(cloud.TenantSpec{ID: c.tenant(), Domain: c.domain(), Company: fmt.Sprint("Customer ", c.number), Country: "GB"})
	part, _ := c.moves()
	state.AddSubscription(c.tenant(), cloud.SubscriptionSpec{Part: part, Quantity: c.seats(users), Age: 60 * 24 * hour})
	offer, _ := cloud.OfferByPart(part)
	for n := range users {
		state.AddUser(c.tenant(), cloud.UserSpec{
			ID: fmt.Sprintf("be%06d-0000-4000-8000-%012d", c.number, n), UPN: fmt.Sprintf("user-%d@%s", n, c.domain()), UsageLocation: "GB",
			Licences: []cloud.LicenceChange{{SKU: offer.SKU}},
		})
	}
	state.AddUser(c.tenant(), cloud.UserSpec{ID: fmt.Sprintf("ad%06d-0000-4000-8000-000000000000", c.number), UPN: c.admin(), UsageLocation: "GB",
		Password: sim.DemoPassword, Roles: []string{cloud.GlobalAdministrator}})
	if consented {
		_, application := sim.DemoPermissions()
		state.GrantConsentNow(c.tenant(), sim.DemoClientID, nil, application)
	}
}

// seats are those that the customer has, of which users use some.
func (c customer) seats(users int) int {
	if c.raised {
		return users + 6
	}
	return users
}

// order moves all users.
func (c customer) order(users int, consent string) []byte {
	_, plan := c.moves()
	seats := c.seats(users)
	if c.raised {
		seats += 5
	}
	return fmt.Appendf(nil, `{"order":"BENCH-%d","tenant":%q,"target":{"plan":%q,"seats":%d},"consent":%q,"administrator":{"mail":%q,"name":"Ada"}}`,
		c.number, c.tenant(), plan, seats, consent, c.admin())
}
