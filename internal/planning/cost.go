package planning

import (
	"fmt"
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// cost estimates what the plan changes in the customer's bill, by the provider's own price list. It looks at the finished
// plan, and must be asked before the guards, which hold the cost against the provider's limits.
func (m *maker) cost() { m.plan.Cost = estimate(m.Facts, m.plan) }

// estimate is the cost of a plan; nil where nothing changes, or where the price list knows nothing of it.
func estimate(f Facts, p upgrade.Plan) *upgrade.Cost {
	e := estimator{prices: f.Prices, market: f.Market(), catalog: f.Catalog}
	e.currency = e.currencyHere()
	for _, l := range p.Lines {
		if !l.Touched {
			continue
		}
		then := l.Offer
		if l.ThenOffer != "" {
			then = l.ThenOffer
		}
		e.add(&e.now, l.Offer, l, l.Now)
		e.add(&e.then, then, l, l.Then)
	}
	e.later(p)
	if !e.known || e.currency == "" {
		return nil
	}
	return &upgrade.Cost{Currency: e.currency, Now: e.now.Minor(), Then: e.then.Minor(), Residue: e.residue.Minor(), Missing: e.missing}
}

// estimator adds up what seats cost a month.
type estimator struct {
	prices    []upgrade.Price
	market    string
	catalog   *catalog.Catalog
	currency  string
	now, then upgrade.Monthly
	residue   upgrade.Monthly
	missing   []string
	known     bool // the price of something
}

// currencyHere is the currency of the market, else of everywhere. One market has one.
func (e *estimator) currencyHere() string {
	general := ""
	for _, p := range e.prices {
		switch p.Market {
		case e.market:
			return p.Currency
		case "":
			general = p.Currency
		}
	}
	return general
}

// later takes into account what changes at the renewal only: seats that stay until then are told apart, and what they become
// is counted as what the plan ends with.
func (e *estimator) later(p upgrade.Plan) {
	for _, s := range p.Steps {
		line, ok := lineOf(p, s.Subscription)
		if s.Work == upgrade.AtRenewal && s.ToOffer != "" && ok && line.ThenOffer == "" {
			e.add(&e.then, s.ToOffer, upgrade.PlanLine{Term: s.Term, BillingCycle: s.BillingCycle}, s.To)
		}
	}
	for _, r := range p.Residue {
		if line, ok := lineOf(p, r.Subscription); ok {
			e.add(&e.residue, r.Offer, line, r.Seats)
		}
	}
	e.then -= e.residue
}

func lineOf(p upgrade.Plan, subscription string) (upgrade.PlanLine, bool) {
	i := slices.IndexFunc(p.Lines, func(l upgrade.PlanLine) bool { return l.Subscription == subscription })
	if i < 0 {
		return upgrade.PlanLine{}, false
	}
	return p.Lines[i], true
}

// add adds seats of an offer with the term and the billing cycle of a line. What has no price is named, once.
func (e *estimator) add(total *upgrade.Monthly, offer string, line upgrade.PlanLine, seats int) {
	if seats == 0 {
		return
	}
	for _, market := range []string{e.market, ""} {
		for _, p := range e.prices {
			if p.Offer != offer || p.Market != market || p.Term != line.Term || p.BillingCycle != line.BillingCycle || p.Currency != e.currency {
				continue
			}
			if amount, ok := p.PerMonth(seats); ok {
				*total += amount
				e.known = true
				return
			}
		}
	}
	name := line.Name
	if o, ok := e.catalog.Offer(catalog.OfferID(offer)); ok {
		name = o.Name
	}
	if words := fmt.Sprintf("%s (%s, billed %s)", name, termWords(line.Term), line.BillingCycle); !slices.Contains(e.missing, words) {
		e.missing = append(e.missing, words)
	}
}
