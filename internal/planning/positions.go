package planning

import (
	"fmt"
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// goal is an offer that the order ends with seats of.
type goal struct {
	at    string // its place in the order
	offer catalog.Offer
	seats int // the total that the customer ends with
	held  []upgrade.Subscription
	need  int // seats that are still to come

	// Where the seats are, as far as the plan goes: a subscription, or the step that makes it, with so many seats.
	subscription, step string
	product            string
	now                int
}

// source is a subscription of which seats go.
type source struct {
	at    string
	sub   upgrade.Subscription
	offer catalog.Offer
	gives int // seats that go
	left  int // seats that the subscription has, as far as the plan goes
	rest  int // seats that go and have no goal yet
	ends  bool
	named bool // by the order's sources only, and not by a total
	moves []move
	// instead says why the better way was not open, in case the other one is not open either.
	instead upgrade.Problems
}

// move is a number of seats that go from a source to a goal.
type move struct {
	goal  *goal
	seats int
}

// setGoals finds what the order ends with. The licence of a plan stands before what is bundled with it.
func (m *maker) setGoals() {
	for i, t := range totals(m.Catalog, m.Order) {
		at := "target"
		if m.Order.Target.Plan == "" {
			at = fmt.Sprintf("target.totals[%d]", i)
		}
		offer, ok := m.offer(t.Offer)
		if !ok {
			m.no(at, "unknown_offer", "`starter catalog` lists the offers", "there is no offer %q", t.Offer)
			continue
		}
		if t.Seats == 0 {
			continue // a source, or nothing
		}
		g := &goal{at: at, offer: offer, seats: t.Seats, held: m.holding(offer.ID), product: offer.ProductSKU}
		g.now = seatsOf(g.held)
		g.need = max(0, t.Seats-g.now)
		m.goals = append(m.goals, g)
	}
}

// setSources finds the subscriptions of which seats go: those that the order names, those of offers whose total falls, and
// for a plan the one from which the licence can be reached.
func (m *maker) setSources() {
	if m.Order.Target.Plan != "" {
		m.sourcesOfPlan()
	} else {
		m.sourcesOfTotals()
	}
	for i, id := range m.Order.Sources {
		if n := slices.IndexFunc(m.Subscriptions, func(s upgrade.Subscription) bool { return s.ID == id }); n >= 0 {
			m.nameSource(fmt.Sprintf("sources[%d]", i), m.Subscriptions[n])
		}
	}
}

// nameSource makes a source of a subscription that the order names, unless it is one already, or a subscription that is
// resized.
func (m *maker) nameSource(at string, s upgrade.Subscription) {
	offer, ok := m.offerOf(s)
	if !ok || s.Seats == 0 || s.AddOnOf != "" || m.sourceOf(s.ID) != nil || m.goalOf(offer) != nil {
		return // said by checkSources, or a subscription that is resized
	}
	m.addSource(at, s, offer, s.Seats)
	m.sources[len(m.sources)-1].named = true
}

func (m *maker) addSource(at string, s upgrade.Subscription, offer catalog.Offer, gives int) {
	m.touched[s.ID] = s
	m.sources = append(m.sources, &source{at: at, sub: s, offer: offer, gives: gives, rest: gives, left: s.Seats, ends: gives == s.Seats})
}

func (m *maker) sourceOf(subscription string) *source {
	for _, s := range m.sources {
		if s.sub.ID == subscription {
			return s
		}
	}
	return nil
}

func (m *maker) goalOf(o catalog.Offer) *goal {
	for _, g := range m.goals {
		if g.offer.ID == o.ID {
			return g
		}
	}
	return nil
}

// sourcesOfPlan is the one licence that can become the plan's, where the plan's licence is not held and none is named.
func (m *maker) sourcesOfPlan() {
	if len(m.Order.Sources) > 0 || len(m.goals) == 0 {
		return
	}
	switch candidates := m.candidates(); {
	case len(candidates) > 1:
		m.refusedSources = true
		m.no("sources", "source_ambiguous", "name one of them in sources", "several subscriptions could become %s: %s", m.goals[0].offer.Name, list(candidates))
	case len(candidates) == 1:
		offer, _ := m.offerOf(candidates[0])
		m.addSource("target", candidates[0], offer, candidates[0].Seats)
	}
}

// sourcesOfTotals are the subscriptions of offers whose total falls. Where an offer has several, all of them go, or one
// that is named, or the choice is the provider's.
func (m *maker) sourcesOfTotals() {
	for i, t := range m.Order.Target.Totals {
		at := fmt.Sprintf("target.totals[%d]", i)
		offer, ok := m.offer(t.Offer)
		if !ok {
			continue
		}
		held := m.preferred(func(s upgrade.Subscription) bool {
			o, ok := m.offerOf(s)
			return ok && o.ID == offer.ID && (t.Seats == 0 || counts(s))
		})
		excess := seatsOf(held) - t.Seats
		if excess <= 0 {
			continue
		}
		if named := slices.DeleteFunc(slices.Clone(held), func(s upgrade.Subscription) bool { return !m.named(s) }); len(named) > 0 {
			held = named
		}
		switch {
		case seatsOf(held) == excess:
			for _, s := range held {
				m.addSource(at, s, offer, s.Seats)
			}
		case len(held) == 1 && held[0].Seats > excess:
			m.addSource(at, held[0], offer, excess)
		default:
			m.refusedSources = true
			m.no("sources", "source_ambiguous", "name the one that gives its seats in sources", "%s of %s %s to go, and the customer holds several subscriptions of it: %s", upgrade.Seats(excess), offer.Name, isOrAre(excess), list(held))
		}
	}
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
	default:
		m.checkPlanSources()
	}
}

// checkPlanSources holds the provider's rule for plans: a subscription that is named as the source of a plan has one licence
// resource with seats. What else stands beside it, and the plan does not bundle, has none.
func (m *maker) checkPlanSources() {
	licences := 0
	for _, s := range m.where(func(s upgrade.Subscription) bool { return counts(s) && m.named(s) }) {
		if offer, ok := m.offerOf(s); ok && !offer.AddOn {
			licences++
		}
	}
	if licences > 1 {
		m.refusedSources = true
		m.no("sources", "several_licences", "order them one after another, or give totals for each offer", "a plan has one licence resource, and the sources that are named have %d with seats", licences)
	}
}

// checkSources asks whether the subscriptions that the order names can be sources at all.
func (m *maker) checkSources() {
	candidates := m.candidates()
	before := len(m.plan.Reasons)
	defer func() { m.refusedSources = m.refusedSources || len(m.plan.Reasons) > before }()
	for i, id := range m.Order.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		n := slices.IndexFunc(candidates, func(s upgrade.Subscription) bool { return s.ID == id })
		if n < 0 {
			m.no(at, "source_not_found", "take the subscription's id from Partner Center", "Partner Center lists no subscription %s for this customer", id)
			continue
		}
		s := candidates[n]
		m.touched[s.ID] = s
		if s.Seats == 0 {
			m.no(at, "source_has_no_seats", "name a subscription that has seats", "the subscription %s (%s) has no seats", s.ID, s.Name)
		}
		if s.AddOnOf != "" {
			m.no(at, "source_is_add_on", "name the subscription that it hangs on", "the subscription %s (%s) is an add-on of %s", s.ID, s.Name, s.AddOnOf)
		}
		if _, ok := m.offerOf(s); !ok {
			m.no(at, "offer_unknown", "add the offer to the catalogue file", "the catalogue does not know what the subscription %s is (%s, %s)", s.ID, s.Name, s.CatalogItem)
		}
	}
}

// unusedSources refuses a subscription that the order names and nothing is made of.
func (m *maker) unusedSources() {
	if len(m.plan.Reasons) > 0 {
		return // a source may be unused for one of them
	}
	for i, id := range m.Order.Sources {
		if !slices.ContainsFunc(m.plan.Steps, func(s upgrade.Step) bool { return s.Subscription == id }) {
			m.no(fmt.Sprintf("sources[%d]", i), "source_not_used", "leave it out, or name the subscription that the target is made of", "nothing that is ordered is made of the subscription %s", id)
		}
	}
}

func (m *maker) named(s upgrade.Subscription) bool { return slices.Contains(m.Order.Sources, s.ID) }

func seatsOf(subs []upgrade.Subscription) int {
	seats := 0
	for _, s := range subs {
		seats += s.Seats
	}
	return seats
}
