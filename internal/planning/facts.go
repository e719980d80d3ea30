// Package planning makes the plan document of an order: which kinds of work it needs, in which order and why, what users
// gain and lose, what cannot be undone, and every reason why not. It is pure: everything that is known of the customer
// comes in as Facts, so that every decision can be tested as a table.
//
// Where to find what:
//
//   - facts.go: what is known, and which subscriptions the order means
//   - make.go: the story of a plan
//   - positions.go: which seats come and which go
//   - steps.go: from now to then in the fewest steps, and their order
//   - resize.go, transit.go, replace.go, giveback.go: the kinds of work
//   - users.go: whose licences move, from what to what
//   - eligible.go, held.go: every reason why not
//   - describe.go: the sentences that a person reads
//   - glossary.go: the names and dates that the document needs
//   - cost.go: what it changes in the customer's bill
//   - seats.go: enough seats for the users
//   - undo.go: until when, and after which step no longer
package planning

import (
	"slices"
	"strings"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// Facts is what the order, the catalogue and Microsoft say at one moment.
type Facts struct {
	Order           upgrade.Order
	Catalog         *catalog.Catalog
	Now             time.Time
	RenewalDistance time.Duration // no change this close before a renewal

	Guards Guards
	// Prices are the provider's own, of the order's market and of everywhere.
	Prices []upgrade.Price

	Customer      upgrade.Customer
	NoCustomer    string // why Partner Center does not know the customer
	Subscriptions []upgrade.Subscription
	Targets       map[string][]upgrade.TransitionTarget // by subscription
	SKUs          map[string]upgrade.SKU                // by catalogue offer
	// NoPartnerUser: Microsoft tells the steps of traditional subscriptions to a signed-in user of the partner alone, and none is.
	NoPartnerUser bool
	// RenewalTargets are what subscriptions may become at their renewal, where that was asked.
	RenewalTargets map[string][]upgrade.TransitionTarget
	// Terms are the terms and billing cycles, such as P1Y/monthly, for which an offer is sold, by catalogue offer, where that
	// was asked.
	Terms map[string][]string

	// The tenant's directory, where a grant lets us look.
	Organization        *upgrade.Organization
	TenantSKUs          []upgrade.TenantSKU
	TenantSubscriptions []upgrade.TenantSubscription
}

// Market is the country that the order is made for.
func (f Facts) Market() string {
	if f.Order.Market != "" {
		return f.Order.Market
	}
	return f.Customer.Country
}

// sees tells whether the tenant's directory could be read.
func (f Facts) sees() bool { return f.Organization != nil }

// TargetOffers are the offers that the order ends with seats of, by catalogue id.
func TargetOffers(c *catalog.Catalog, o upgrade.Order) []string {
	var ids []string
	for _, t := range totals(c, o) {
		if t.Seats > 0 {
			ids = append(ids, t.Offer)
		}
	}
	return ids
}

// totals is the order's target as totals: a plan's licence and what it bundles have the same number of seats.
func totals(c *catalog.Catalog, o upgrade.Order) []upgrade.Total {
	if o.Target.Plan == "" {
		return o.Target.Totals
	}
	plan, ok := c.Plan(catalog.PlanID(o.Target.Plan))
	if !ok {
		return nil
	}
	var all []upgrade.Total
	for _, id := range plan.Offers() {
		all = append(all, upgrade.Total{Offer: string(id), Seats: o.Target.Seats})
	}
	return all
}

// Sources are the subscriptions that the order may move to another offer: those that it names, or those that could be
// meant. Microsoft is asked about each of them.
func Sources(f Facts) []string {
	var ids []string
	for _, s := range f.candidates() {
		ids = append(ids, s.ID)
	}
	return ids
}

// Falls tells whether the order may take a subscription down at its renewal, so that Microsoft has to be asked about that,
// too.
func Falls(f Facts, subscription string) bool {
	for _, s := range f.Subscriptions {
		from, ok := f.offerOf(s)
		if s.ID != subscription || !ok {
			continue
		}
		for _, id := range TargetOffers(f.Catalog, f.Order) {
			if path, err := f.Catalog.Path(from.ID, catalog.OfferID(id), f.Market()); err == nil && !path.Upward() {
				return true
			}
		}
	}
	return false
}

// candidates are the subscriptions that the order names as sources; else those of offers whose totals fall; else, for a plan, every licence from which the catalogue knows a path to the plan's licence. One that cannot be worked
// with is meant only where no other is, so that the answer can say what is wrong with it.
func (f Facts) candidates() []upgrade.Subscription {
	named := func(s upgrade.Subscription) bool { return slices.Contains(f.Order.Sources, s.ID) }
	switch {
	case len(f.Order.Sources) > 0:
		return f.where(named)
	case f.Order.Target.Plan == "":
		return f.preferred(func(s upgrade.Subscription) bool {
			offer, ok := f.offerOf(s)
			return ok && slices.ContainsFunc(f.Order.Target.Totals, func(t upgrade.Total) bool {
				return t.Offer == string(offer.ID) && t.Seats < max(1, seatsOf(f.holding(offer.ID)))
			})
		})
	}
	plan, _ := f.Catalog.Plan(catalog.PlanID(f.Order.Target.Plan))
	if len(f.holding(plan.Licence)) > 0 {
		return nil // the plan's licence is held: it is resized
	}
	if up := f.reaching(plan.Licence, catalog.Path.Upward); len(up) > 0 {
		return up
	}
	return f.reaching(plan.Licence, func(catalog.Path) bool { return true }) // at their renewal
}

// reaching are the subscriptions from which a path of some sort leads to an offer.
func (f Facts) reaching(to catalog.OfferID, fits func(catalog.Path) bool) []upgrade.Subscription {
	return f.preferred(func(s upgrade.Subscription) bool {
		offer, ok := f.offerOf(s)
		if !ok || s.AddOnOf != "" {
			return false
		}
		path, err := f.Catalog.Path(offer.ID, to, f.Market())
		return err == nil && fits(path)
	})
}

// preferred are the paid subscriptions with seats that can be worked with; where there are none, those that cannot but still
// exist.
func (f Facts) preferred(keep func(upgrade.Subscription) bool) []upgrade.Subscription {
	if active := f.where(func(s upgrade.Subscription) bool { return counts(s) && !s.Trial && keep(s) }); len(active) > 0 {
		return active
	}
	return f.where(func(s upgrade.Subscription) bool { return s.Seats > 0 && s.Status != "deleted" && keep(s) })
}

// counts tells whether a subscription is something that the customer holds: suspended, ended and empty ones are not. What
// is pending is on its way, and a status that we do not know is taken seriously.
func counts(s upgrade.Subscription) bool {
	return s.Seats > 0 && !slices.Contains([]string{"suspended", "disabled", "deleted", "expired"}, s.Status)
}

func (f Facts) where(keep func(upgrade.Subscription) bool) []upgrade.Subscription {
	var kept []upgrade.Subscription
	for _, s := range f.Subscriptions {
		if keep(s) {
			kept = append(kept, s)
		}
	}
	slices.SortFunc(kept, func(a, b upgrade.Subscription) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return kept
}

// holding are the subscriptions of an offer that count.
func (f Facts) holding(id catalog.OfferID) []upgrade.Subscription {
	return f.where(func(s upgrade.Subscription) bool {
		offer, ok := f.offerOf(s)
		return ok && offer.ID == id && counts(s)
	})
}

// Holds tells whether the customer holds an offer from this provider.
func (f Facts) Holds(id catalog.OfferID) bool { return len(f.holding(id)) > 0 }

// asleep are the subscriptions of an offer that have seats and exist, but cannot be worked with.
func (f Facts) asleep(id catalog.OfferID) []upgrade.Subscription {
	return f.where(func(s upgrade.Subscription) bool {
		offer, ok := f.offerOf(s)
		return ok && offer.ID == id && s.Seats > 0 && !counts(s) && s.Status != "deleted"
	})
}

// offerOf is the catalogue's offer of a subscription. A traditional one has no product: the directory says what it is, and
// before that can be seen, its name.
func (f Facts) offerOf(s upgrade.Subscription) (catalog.Offer, bool) {
	if s.ProductSKU != "" {
		return f.Catalog.OfferByProductSKU(s.ProductSKU)
	}
	if s.NewCommerce {
		return catalog.Offer{}, false
	}
	for _, t := range f.TenantSubscriptions {
		if strings.EqualFold(t.CommerceID, s.ID) {
			return f.Catalog.OfferBySKUID(t.SKUID)
		}
	}
	o, _, ok := f.Catalog.Resolve(s.Name)
	return o, ok
}

func (f Facts) offer(id string) (catalog.Offer, bool) { return f.Catalog.Offer(catalog.OfferID(id)) }
