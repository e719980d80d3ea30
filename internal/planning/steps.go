package planning

import (
	"fmt"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// steps goes from what the customer holds to what the order ends with, in the fewest steps: a resize where the offer is
// held, else a transition of the one subscription that can become it.
func (m *maker) steps() {
	for i, t := range totals(m.Catalog, m.Order) {
		at := fmt.Sprintf("target.totals[%d]", i)
		if m.Order.Target.Plan != "" {
			at = "target"
		}
		offer, ok := m.offer(t.Offer)
		if !ok {
			m.no(at, "unknown_offer", "`starter catalog` lists the offers", "there is no offer %q", t.Offer)
			continue
		}
		if t.Seats == 0 {
			continue // a source, or nothing; whether it is used up is asked below
		}
		if m.to.ID == "" {
			m.to = offer // the licence; what is bundled comes after it
		}
		m.reach(at, offer, t.Seats)
	}
	m.leftovers()
	if len(m.plan.Steps) == 0 && len(m.plan.Reasons) == 0 {
		if m.Order.Licenses.Who == upgrade.Listed {
			m.notOffered("licenses", "an order that only assigns licences is not carried out by this version")
			return
		}
		m.no("target", "nothing_to_do", "check the target; it says totals, not increments", "the customer already holds what is ordered")
	}
}

// reach brings one offer to its total.
func (m *maker) reach(at string, offer catalog.Offer, seats int) {
	held := m.holding(offer.ID)
	named := m.namedSource()
	switch {
	case len(held) > 0 && (named != nil && named.ID != held[0].ID || m.fallsToZero()):
		m.notOffered(at, "moving seats into the existing subscription of %s is not carried out by this version", offer.Name)
	case len(held) > 1:
		m.no(at, "source_ambiguous", "name the subscription in sources; several at once are for a later version", "the customer holds several subscriptions of %s: %s", offer.Name, list(held))
	case len(held) == 1:
		m.resize(held[0], offer, held[0].Seats, seats)
	case m.source != nil:
		m.notOffered(at, "an order that moves seats to more than one offer is not carried out by this version (%s)", offer.Name)
	default:
		m.transition(at, offer, seats)
	}
}

// namedSource is the one subscription that the order names, if it names one.
func (m *maker) namedSource() *upgrade.Subscription {
	if c := m.candidates(); len(m.Order.Sources) > 0 && len(c) == 1 {
		return &c[0]
	}
	return nil
}

// fallsToZero tells whether the totals end an offer that the customer holds.
func (m *maker) fallsToZero() bool { return m.Order.Target.Plan == "" && len(m.candidates()) > 0 }

func (m *maker) transition(at string, to catalog.Offer, seats int) {
	candidates := m.candidates()
	switch {
	case len(m.Order.Sources) > len(candidates):
		m.no("sources", "source_not_found", "take the subscription's id from Partner Center", "Partner Center does not list every subscription that the order names for this customer")
		return
	case len(candidates) == 0 && m.partialOf(to) != "":
		m.notOffered(at, "moving a part of %s to %s is not carried out by this version", m.partialOf(to), to.Name)
		return
	case len(candidates) == 0:
		m.notOffered(at, "buying %s anew (replace) is not carried out by this version, and no subscription fits that could become it", to.Name)
		return
	case len(candidates) > 1:
		m.no("sources", "source_ambiguous", "name one of them in sources", "several subscriptions could become %s: %s", to.Name, list(candidates))
		return
	}
	source := candidates[0]
	from, ok := m.offerOf(source)
	if !ok {
		m.no("sources", "offer_unknown", "add the offer to the catalogue file", "the catalogue does not know what the subscription %s is (%s, %s)", source.ID, source.Name, source.CatalogItem)
		return
	}
	m.source, m.from = &source, from
	m.touched[source.ID] = source
	moving := min(source.Seats, seats)
	if moving < source.Seats {
		m.resize(source, from, source.Seats, moving)
		m.why("Seats are given back before the transition, while that can still be undone.")
	}
	m.add(upgrade.Step{
		ID: "transition", Work: upgrade.Transit, Subscription: source.ID,
		Offer: string(from.ID), ToOffer: string(to.ID), ProductSKU: source.ProductSKU, ToProductSKU: to.ProductSKU,
		SKU: m.skuOf(from), ToSKU: m.skuOf(to), From: moving, To: moving,
		Words: fmt.Sprintf("Move all %d seats of %s to %s", moving, from.Name, to.Name),
	})
	m.why(fmt.Sprintf("%s is not held yet and Microsoft can turn %s into it, which keeps the subscription and its term.", to.Name, from.Name))
	m.chooseType(to)
	if seats > moving {
		m.resizeStep(source.ID, to, to.ProductSKU, moving, seats)
		m.why("A transition cannot raise the quantity, so the seats are raised after it.")
	}
}

// partialOf names an offer that the totals lower without ending it and that could give seats to the target.
func (m *maker) partialOf(to catalog.Offer) string {
	for _, t := range m.Order.Target.Totals {
		offer, ok := m.offer(t.Offer)
		if !ok || t.Seats == 0 || offer.ID == to.ID {
			continue
		}
		if _, err := m.Catalog.Path(offer.ID, to.ID, m.Market()); err == nil && len(m.holding(offer.ID)) > 0 {
			return offer.Name
		}
	}
	return ""
}

// chooseType prefers Microsoft's own licence transfer where there are users to move and Microsoft says that it may.
func (m *maker) chooseType(to catalog.Offer) {
	step := &m.plan.Steps[len(m.plan.Steps)-1]
	step.Transition = upgrade.TransitionOnly
	if len(m.Targets[step.Subscription]) == 0 {
		m.no("sources", "microsoft_not_eligible", "look at the subscription in Partner Center", "Microsoft lists nothing that this subscription may become")
		return
	}
	for _, t := range m.Targets[step.Subscription] {
		if t.ProductSKU != to.ProductSKU {
			continue
		}
		step.CatalogItem = t.CatalogItem
		with, only := t.Choice(upgrade.TransitionWithLicenses), t.Choice(upgrade.TransitionOnly)
		switch {
		case with.Eligible && m.Order.Licenses.Who != upgrade.Nobody:
			step.Transition = upgrade.TransitionWithLicenses
			step.Words += "; Microsoft moves the licences, and we repair what it forgets"
		case only.Eligible:
			step.Words += "; we move the licences"
		default:
			m.microsoftSaysNo(to, append(only.Reasons, with.Reasons...))
		}
		if t.Seats > 0 && t.Seats < step.From {
			m.no("target", "microsoft_fewer_seats", "look at the subscription in Partner Center", "Microsoft lets only %d of the %d seats move", t.Seats, step.From)
		}
		return
	}
	m.no("target", "microsoft_not_listed", "choose another target, or look at the subscription in Partner Center", "Microsoft does not list %s among what this subscription may become", to.Name)
}

func (m *maker) microsoftSaysNo(to catalog.Offer, said upgrade.Problems) {
	if len(said) == 0 {
		m.no("target", "microsoft_not_eligible", "look at the subscription in Partner Center", "Microsoft does not let this subscription become %s and gives no reason", to.Name)
	}
	for _, s := range said {
		m.no("target", "microsoft_not_eligible", s.Remedy, "Microsoft does not let this subscription become %s: %s (%s)", to.Name, s.Message, s.Code)
	}
}

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
	if m.Order.Target.Plan == "" && m.source == nil && len(m.Order.Target.Totals) > 1 {
		id += "-" + string(offer.ID)
	}
	m.add(upgrade.Step{
		ID: id, Work: upgrade.Resize, Subscription: subscription, Offer: string(offer.ID), ProductSKU: product, SKU: m.skuOf(offer),
		From: from, To: to, Words: fmt.Sprintf("%s %s from %d to %d seats", verb, offer.Name, from, to),
	})
}

// leftovers refuses what the totals end and no step uses.
func (m *maker) leftovers() {
	for i, t := range m.Order.Target.Totals {
		if t.Seats > 0 {
			continue
		}
		for _, s := range m.holding(catalog.OfferID(t.Offer)) {
			if m.source == nil || m.source.ID != s.ID {
				m.notOffered(fmt.Sprintf("target.totals[%d]", i), "ending the subscription %s of %s without a successor is not carried out by this version", s.ID, s.Name)
			}
		}
	}
}

func (m *maker) add(s upgrade.Step) { m.plan.Steps = append(m.plan.Steps, s) }
func (m *maker) why(words string)   { m.plan.Why = append(m.plan.Why, words) }

// list names subscriptions for a person to choose from.
func list(subs []upgrade.Subscription) string {
	names := make([]string, len(subs))
	for i, s := range subs {
		names[i] = fmt.Sprintf("%s (%s, %d seats)", s.ID, s.Name, s.Seats)
	}
	return strings.Join(names, "; ")
}
