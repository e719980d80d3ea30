package planning

import (
	"fmt"

	"uplift/catalog"
	"uplift/upgrade"
)

// resize changes the quantity of what the customer holds.
func (m *maker) resize(s upgrade.Subscription, offer catalog.Offer, from, to int) {
	if from == to {
		m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("%s has %d seats already.", offer.Name, to))
		return
	}
	m.touched[s.ID] = s
	if m.from.ID == "" {
		m.from = offer
	}
	if to < from {
		m.checkWindow(s, offer, from-to)
	}
	m.resizeStep(s.ID, offer, s.ProductSKU, from, to)
}

func (m *maker) resizeStep(subscription string, offer catalog.Offer, product string, from, to int) {
	id, verb := "raise", "Raise"
	if to < from {
		id, verb = "lower", "Lower"
	}
	if len(TargetOffers(m.Catalog, m.Order)) > 1 {
		id += "-" + string(offer.ID) // the id names the idempotency key, so no two steps may share one
	}
	m.add(upgrade.Step{
		ID: id, Work: upgrade.Resize, Subscription: subscription, Offer: string(offer.ID), ProductSKU: product, SKU: m.skuOf(offer),
		From: from, To: to, Words: fmt.Sprintf("%s %s from %d to %d seats", verb, offer.Name, from, to),
	})
}
