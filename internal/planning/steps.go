package planning

import (
	"fmt"
	"slices"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// steps goes from what the customer holds to what the order ends with, in the fewest steps: a resize where the offer is
// held, else a transition of the one subscription that can become it.
func (m *maker) steps() {
	m.checkPlan()
	m.checkSources()
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
	m.reversibleFirst()
	if len(m.plan.Steps)+len(m.plan.Reasons)+len(m.refused) > 0 {
		return
	}
	if m.Order.Licenses.Who == upgrade.Listed {
		m.notOffered("licenses", "an order that only assigns licences is not carried out by this version")
		return
	}
	m.no("target", "nothing_to_do", "check the target; it says totals, not increments", "the customer already holds what is ordered")
}

// checkPlan asks whether the provider sells the plan, and here.
func (m *maker) checkPlan() {
	id := m.Order.Target.Plan
	if id == "" {
		return
	}
	plan, ok := m.Catalog.Plan(catalog.PlanID(id))
	switch {
	case !ok:
		m.no("target.plan", "unknown_plan", "`starter catalog` lists the plans", "there is no plan %q", id)
	case !plan.SoldIn(m.Market()):
		m.no("market", "not_sold_in_market", "choose the market's own plan", "%s is not sold in %s", plan.Name, m.Market())
	}
}

// checkSources asks whether the subscriptions that the order names can be sources at all.
func (m *maker) checkSources() {
	candidates := m.candidates()
	for i, id := range m.Order.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		n := slices.IndexFunc(candidates, func(s upgrade.Subscription) bool { return s.ID == id })
		if n < 0 {
			m.no(at, "source_not_found", "take the subscription's id from Partner Center", "Partner Center lists no subscription %s for this customer", id)
			continue
		}
		s := candidates[n]
		m.touched[s.ID] = s
		if !s.NewCommerce {
			m.refused[s.ID] = true // with the subscription
		}
		if s.Seats == 0 {
			m.no(at, "source_has_no_seats", "name a subscription that has seats", "the subscription %s (%s) has no seats", s.ID, s.Name)
		}
		if s.AddOnOf != "" {
			m.no(at, "source_is_add_on", "name the subscription that it hangs on", "the subscription %s (%s) is an add-on of %s", s.ID, s.Name, s.AddOnOf)
		}
		if _, ok := m.offerOf(s); !ok && s.NewCommerce {
			m.no(at, "offer_unknown", "add the offer to the catalogue file", "the catalogue does not know what the subscription %s is (%s, %s)", s.ID, s.Name, s.CatalogItem)
		}
	}
	if len(m.Order.Sources) > 1 {
		m.notOffered("sources", "moving several subscriptions in one order is not carried out by this version")
	}
}

// reach brings one offer to its total.
func (m *maker) reach(at string, offer catalog.Offer, seats int) {
	held := m.holding(offer.ID)
	falling := m.falling(offer, seats)
	switch {
	case len(held) > 0 && len(m.feeders(offer)) > 0:
		for _, s := range m.feeders(offer) {
			m.touched[s.ID], m.refused[s.ID] = s, true
		}
		m.notOffered(at, "moving seats into the existing subscription of %s is not carried out by this version", offer.Name)
	case falling != "":
		m.notOffered(at, "moving a part of %s to %s is not carried out by this version", falling, offer.Name)
	case len(held) > 1 && slices.ContainsFunc(held, m.named):
		m.notOffered(at, "changing one of several subscriptions of %s is not carried out by this version: %s", offer.Name, list(held))
	case len(held) > 1:
		m.no(at, "source_ambiguous", "bring them together in one subscription first; changing one of several is for a later version", "the customer holds several subscriptions of %s: %s", offer.Name, list(held))
	case len(held) == 1:
		m.resize(held[0], offer, held[0].Seats, seats)
	case m.bundled(offer):
		m.notOffered(at, "buying %s, which the plan bundles and the customer does not hold, is not carried out by this version (replace)", offer.Name)
	case m.source != nil:
		m.notOffered(at, "an order that moves seats to more than one offer is not carried out by this version (%s)", offer.Name)
	default:
		m.transition(at, offer, seats)
	}
}

func (m *maker) named(s upgrade.Subscription) bool { return slices.Contains(m.Order.Sources, s.ID) }

// bundled tells whether the offer follows the licence of the order's plan.
func (m *maker) bundled(o catalog.Offer) bool {
	plan, ok := m.Catalog.Plan(catalog.PlanID(m.Order.Target.Plan))
	return ok && plan.Licence != o.ID
}

// feeders are the subscriptions that the order ends or names and that could give their seats to an offer held already.
func (m *maker) feeders(to catalog.Offer) []upgrade.Subscription {
	return slices.DeleteFunc(m.candidates(), func(s upgrade.Subscription) bool {
		from, ok := m.offerOf(s)
		if !ok || from.ID == to.ID {
			return true
		}
		_, err := m.Catalog.Path(from.ID, to.ID, m.Market())
		return err != nil
	})
}

// falling names an offer whose total falls without reaching zero and that could give seats to the target, which rises.
func (m *maker) falling(to catalog.Offer, seats int) string {
	if seats <= seatsOf(m.holding(to.ID)) {
		return ""
	}
	for _, t := range m.Order.Target.Totals {
		offer, ok := m.offer(t.Offer)
		if !ok || t.Seats == 0 || offer.ID == to.ID || seatsOf(m.holding(offer.ID)) <= t.Seats {
			continue
		}
		if _, err := m.Catalog.Path(offer.ID, to.ID, m.Market()); err == nil {
			return offer.Name
		}
	}
	return ""
}

func seatsOf(subs []upgrade.Subscription) int {
	seats := 0
	for _, s := range subs {
		seats += s.Seats
	}
	return seats
}

// leftovers refuses what the order ends or names and no step uses.
func (m *maker) leftovers() {
	for i, t := range m.Order.Target.Totals {
		if t.Seats > 0 {
			continue
		}
		for _, s := range m.holding(catalog.OfferID(t.Offer)) {
			if !m.refused[s.ID] && (m.source == nil || m.source.ID != s.ID) {
				m.notOffered(fmt.Sprintf("target.totals[%d]", i), "ending the subscription %s of %s without a successor is not carried out by this version", s.ID, s.Name)
			}
		}
	}
	if len(m.plan.Reasons) > 0 {
		return // a source may be unused for one of them
	}
	for i, id := range m.Order.Sources {
		if !m.refused[id] && !slices.ContainsFunc(m.plan.Steps, func(s upgrade.Step) bool { return s.Subscription == id }) {
			m.no(fmt.Sprintf("sources[%d]", i), "source_not_used", "leave it out, or name the subscription that the target is made of", "nothing that is ordered is made of the subscription %s", id)
		}
	}
}

// reversibleFirst puts what can be undone before the transition, after which the upgrade only goes forward.
func (m *maker) reversibleFirst() {
	slices.SortStableFunc(m.plan.Steps, func(a, b upgrade.Step) int { return m.late(a) - m.late(b) })
}

func (m *maker) late(s upgrade.Step) int {
	if m.source != nil && s.Subscription == m.source.ID {
		return 1
	}
	return 0
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
