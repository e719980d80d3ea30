package planning

import (
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// glossary adds to the plan the names of what it speaks of, since who reads it later has no catalogue, and when the terms of
// what it touches end.
func (m *maker) glossary() {
	p := &m.plan
	for _, s := range p.Steps {
		m.name(s.Offer)
		m.name(s.ToOffer)
	}
	for _, l := range p.Lines {
		if l.Touched {
			m.name(l.Offer)
			m.name(l.ThenOffer)
		}
	}
	m.name(p.Source)
	m.name(p.Target)
	for _, sku := range slices.Concat(p.Licenses.Remove, p.Licenses.Add) {
		if o, ok := m.Catalog.OfferBySKUID(sku); ok {
			m.name(string(o.ID))
		}
	}
	for _, l := range p.Lines {
		if s, ok := m.touched[l.Subscription]; ok && l.Touched && !s.TermEnds.IsZero() {
			p.Terms = append(p.Terms, upgrade.TermEnd{Subscription: s.ID, At: s.TermEnds, Renews: s.AutoRenew})
		}
	}
}

// name adds an offer of the catalogue, once.
func (m *maker) name(id string) {
	o, ok := m.Catalog.Offer(catalog.OfferID(id))
	if !ok || slices.ContainsFunc(m.plan.Offers, func(have upgrade.PlanOffer) bool { return have.Offer == id }) {
		return
	}
	m.plan.Offers = append(m.plan.Offers, upgrade.PlanOffer{Offer: id, SKU: m.skuOf(o), Name: o.Name})
}
