package planning

import (
	"cmp"
	"fmt"
	"slices"

	"uplift/upgrade"
)

// replace buys the target; the users move, and then the source is given back.
func (m *maker) replace(s *source, v move) {
	g := v.goal
	s.rest += v.seats
	m.why(fmt.Sprintf("No transition leads from %s to %s, so the target is bought, the users move, and the source is given back.", s.offer.Name, g.offer.Name))
	switch {
	case len(g.held) > 0:
		g.need += v.seats
	case g.step != "":
		m.enlarge(g, v.seats)
	default:
		m.buyFor(g, v.seats+g.need, s.sub)
		g.need = 0
	}
}

// replaceInto raises what the customer holds of the target already, or finds it large enough; the users move, and then the
// source is given back.
func (m *maker) replaceInto(s *source, v move) {
	s.rest += v.seats
	v.goal.need += v.seats
	m.why(fmt.Sprintf("%s is held already, so its seats are raised, the users move, and %s is given back.", v.goal.offer.Name, s.offer.Name))
}

// enlarge adds seats to a purchase that the plan makes already.
func (m *maker) enlarge(g *goal, seats int) {
	for i := range m.plan.Steps {
		if step := &m.plan.Steps[i]; step.ID == g.step && step.Work == upgrade.Buy {
			step.To += seats
			step.Words = buyWords(g, *step)
			g.now = step.To
			return
		}
	}
	g.need += seats
}

// buy buys what the customer does not hold and nothing can become.
func (m *maker) buy(g *goal, seats int) {
	m.why(fmt.Sprintf("%s is not held, and nothing that the order ends can become it, so it is bought.", g.offer.Name))
	m.noteLegacy()
	m.buyFor(g, seats, m.termGiver())
	g.need = 0
}

// noteLegacy names what may be the reason why nothing fits.
func (m *maker) noteLegacy() {
	for _, s := range m.where(counts) {
		if _, ok := m.offerOf(s); !s.NewCommerce && !ok {
			m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("The subscription %s (%s) is not in new commerce, and the catalogue does not know what it is.", s.ID, s.Name))
		}
	}
}

// termGiver is the subscription whose term and billing a purchase takes over: the first source's, else that of the licence
// that is held.
func (m *maker) termGiver() upgrade.Subscription {
	for _, s := range m.sources {
		return s.sub
	}
	for _, g := range m.goals {
		if len(g.held) > 0 {
			return g.held[0]
		}
	}
	return upgrade.Subscription{AutoRenew: true}
}

// buyFor adds the purchase, with the term of the order, else of the subscription that it takes the place of.
func (m *maker) buyFor(g *goal, seats int, like upgrade.Subscription) {
	asked := upgrade.Purchase{}
	if m.Order.Purchase != nil {
		asked = *m.Order.Purchase
	}
	step := upgrade.Step{
		Work: upgrade.Buy, Offer: string(g.offer.ID), ProductSKU: g.offer.ProductSKU, SKU: m.skuOf(g.offer), To: seats,
		Term: cmp.Or(asked.Term, like.Term, "P1Y"), BillingCycle: cmp.Or(asked.BillingCycle, like.BillingCycle, "monthly"), AutoRenew: like.AutoRenew,
	}
	if asked.AutoRenew != nil {
		step.AutoRenew = *asked.AutoRenew
	}
	step.Words = buyWords(g, step)
	m.checkPurchase(g, step)
	g.step, g.now = m.add(reversible, m.stepName("buy", g), step), seats
}

func (m *maker) stepName(base string, g *goal) string {
	if len(m.goals) > 1 {
		return base + "-" + string(g.offer.ID)
	}
	return base
}

func buyWords(g *goal, s upgrade.Step) string {
	words := fmt.Sprintf("Buy %s of %s (%s, billed %s)", upgrade.Seats(s.To), g.offer.Name, termWords(s.Term), s.BillingCycle)
	if !s.AutoRenew {
		words += ", without renewal"
	}
	return words
}

// termWords is a term as a person says it.
func termWords(term string) string {
	switch term {
	case "P1M":
		return "one month"
	case "P1Y":
		return "one year"
	case "P3Y":
		return "three years"
	}
	return term
}

// checkPurchase asks what Microsoft would refuse at the checkout.
func (m *maker) checkPurchase(g *goal, s upgrade.Step) {
	if g.offer.ProductSKU == "" {
		m.no(g.at, "product_unknown", "add the offer's productSku to the catalogue file", "the catalogue does not know under which product Partner Center sells %s", g.offer.Name)
	}
	for _, field := range m.Customer.Missing {
		m.no("tenant", "registration_missing", "complete the customer's company profile in Partner Center", "Microsoft sells nothing in %s without the customer's %s", m.Customer.Country, field)
	}
	said, asked := m.Terms[string(g.offer.ID)]
	if asked && !slices.Contains(said, s.Term+"/"+s.BillingCycle) {
		m.no("purchase", "term_not_sold", "choose a term and a billing cycle that Microsoft sells", "%s is not sold for %s billed %s; it is sold for %v", g.offer.Name, termWords(s.Term), s.BillingCycle, said)
	}
	m.checkSKU(g.offer)
}
