package planning

import (
	"fmt"

	"uplift/catalog"
	"uplift/upgrade"
)

// resize changes the quantity of what the customer holds.
func (m *maker) resize(s upgrade.Subscription, offer catalog.Offer, from, to int) {
	m.touched[s.ID] = s
	if from == to {
		m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("%s has %s already.", offer.Name, upgrade.Seats(to)))
		return
	}
	m.resizeStep(reversible, upgrade.Step{Subscription: s.ID, Offer: string(offer.ID), ProductSKU: s.ProductSKU, SKU: m.skuOf(offer), From: from, To: to}, offer)
}

// raise adds the seats that a step before could not bring.
func (m *maker) raise(g *goal) {
	m.resizeStep(forward, upgrade.Step{
		Subscription: g.subscription, Of: g.step, Offer: string(g.offer.ID), ProductSKU: g.product, SKU: m.skuOf(g.offer), From: g.now, To: g.now + g.need,
	}, g.offer)
	m.why("A transition cannot raise the quantity, so the seats are raised after it.")
}

func (m *maker) resizeStep(rank int, s upgrade.Step, offer catalog.Offer) {
	id, verb := "raise", "Raise"
	if s.To < s.From {
		id, verb = "lower", "Lower"
	}
	if len(m.goals) > 1 {
		id += "-" + string(offer.ID)
	}
	s.Work, s.Words = upgrade.Resize, fmt.Sprintf("%s %s from %d to %s", verb, offer.Name, s.From, upgrade.Seats(s.To))
	m.add(rank, id, s)
}

// canLower tells whether Microsoft takes so many seats back today: only in their own window of seven days. Traditional
// subscriptions have no windows.
func (m *maker) canLower(s *source, seats int) bool {
	open, _ := s.sub.ReturnableAt(m.Now)
	return !s.sub.NewCommerce || open >= seats
}

// lowerFirst gives seats back before all others move on.
func (m *maker) lowerFirst(s *source, surplus int) {
	m.resize(s.sub, s.offer, s.left, s.left-surplus)
	s.left -= surplus
	s.rest = 0
	m.why("Seats are given back before the transition, while that can still be undone.")
}
