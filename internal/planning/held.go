package planning

import (
	"fmt"
	"slices"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// checkHeldServices refuses to add services that the customer holds already, from whatever channel: they would be paid
// twice, and Microsoft would refuse the licence transfer. What is free, suspended, deleted or has no seats does not count;
// nor do offers that the order itself names. An order that says `beside` leaves the decision to Microsoft.
func (m *maker) checkHeldServices() {
	if m.Order.Beside {
		return
	}
	for _, g := range m.goals {
		if len(g.held) > 0 || g.subscription == "" && g.step == "" {
			continue // a resize, a move into what is held, or nothing
		}
		m.checkHeldBeside(g)
	}
}

// checkHeldBeside looks at everything that would stand beside a new offer.
func (m *maker) checkHeldBeside(g *goal) {
	var before []catalog.Offer
	for _, s := range m.sources {
		if slices.ContainsFunc(s.moves, func(v move) bool { return v.goal == g }) {
			before = append(before, s.offer)
		}
	}
	added := catalog.ServicesAdded(before, []catalog.Offer{g.offer})
	for _, s := range m.Subscriptions {
		offer, ok := m.offerOf(s)
		if !ok || !counts(s) || s.Trial || m.sourceOf(s.ID) != nil || m.goalOf(offer) != nil {
			continue
		}
		m.checkHeld(offer.Name, fmt.Sprintf("subscription %s from this provider", s.ID), offer.ID == g.offer.ID, catalog.Included(offer, added))
	}
	for _, t := range m.TenantSKUs {
		seats, where := m.elsewhere(t)
		if seats == 0 || slices.ContainsFunc(before, func(o catalog.Offer) bool { return strings.EqualFold(t.SKUID, m.skuOf(o)) }) {
			continue
		}
		name := t.PartNumber
		if offer, ok := m.Catalog.OfferBySKUID(t.SKUID); ok {
			name = offer.Name
		} else if free(t) {
			continue // what the catalogue sells is never free, however many seats a tenant has of it
		}
		m.checkHeld(name, where, strings.EqualFold(t.SKUID, m.skuOf(g.offer)), heldOf(t, added))
	}
}

// elsewhere is how many paid seats of a product the tenant holds beside the subscriptions of this provider that the
// catalogue knows, and where from. The directory's subscriptions say it exactly; where they are silent on a product it is
// somebody else's when no subscription of ours explains it.
func (m *maker) elsewhere(t upgrade.TenantSKU) (seats int, where string) {
	if t.Status != "Enabled" || t.Enabled == 0 {
		return 0, ""
	}
	listed := false
	where = "from another partner or channel"
	for _, d := range m.TenantSubscriptions {
		if !strings.EqualFold(d.SKUID, t.SKUID) {
			continue
		}
		listed = true
		ours, known := m.oursOf(d.CommerceID)
		if known || d.Trial || d.Status != "Enabled" {
			continue
		}
		seats += d.Seats
		if ours {
			where = fmt.Sprintf("subscription %s from this provider", d.CommerceID)
		}
	}
	if !listed && !slices.ContainsFunc(m.Subscriptions, func(s upgrade.Subscription) bool {
		offer, ok := m.offerOf(s)
		return ok && counts(s) && strings.EqualFold(m.skuOf(offer), t.SKUID)
	}) {
		seats = t.Enabled
	}
	return seats, upgrade.Seats(seats) + ", " + where
}

// oursOf tells whether a commerce subscription is this provider's, and whether the catalogue knows what it is.
func (m *maker) oursOf(commerce string) (ours, known bool) {
	for _, s := range m.Subscriptions {
		if strings.EqualFold(s.ID, commerce) {
			_, known := m.offerOf(s)
			return true, known
		}
	}
	return false, false
}

func (m *maker) checkHeld(name, where string, same bool, services []catalog.ServicePlan) {
	switch {
	case same:
		m.no("target", "target_already_held", "raise the seats of the existing subscription instead, or end it first", "the customer already holds %s (%s)", name, where)
	case len(services) > 0:
		names := make([]string, len(services))
		for i, s := range services {
			names[i] = s.Friendly
		}
		m.no("target", "services_already_held", "end that subscription first, or choose a target without these services", "%s (%s) already includes %s", name, where, strings.Join(names, ", "))
	}
}

// heldOf are those of the services that the tenant's product contains by the tenant's own word.
func heldOf(t upgrade.TenantSKU, services []catalog.ServicePlan) []catalog.ServicePlan {
	var in []catalog.ServicePlan
	for _, s := range services {
		for _, id := range t.ServicePlans {
			if strings.EqualFold(id, s.ID) {
				in = append(in, s)
			}
		}
	}
	return in
}

// freeSeats is the number of seats from which on Microsoft's own free products are counted; nobody buys so many in CSP.
const freeSeats = 10_000

func free(t upgrade.TenantSKU) bool {
	name := strings.ToUpper(t.PartNumber)
	return t.Enabled >= freeSeats || slices.ContainsFunc([]string{"FREE", "VIRAL", "TRIAL", "EXPLORATORY"}, func(word string) bool { return strings.Contains(name, word) })
}
