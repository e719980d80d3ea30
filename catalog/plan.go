package catalog

import (
	"slices"
	"strings"
)

// PlanID names a plan of the provider: a slug such as "hosted-pro".
type PlanID string

// Plan is what the provider sells: one licence, and resources that follow the licence's seats.
type Plan struct {
	ID      PlanID    `json:"id"`
	Name    string    `json:"name"`
	Licence OfferID   `json:"licence"`           // the offer with a limit
	Bundled []OfferID `json:"bundled,omitempty"` // as many seats of each as of the licence
	Markets []string  `json:"markets,omitempty"` // ISO 3166-1 alpha-2; empty: everywhere
}

// Offers are the licence, and then the bundled offers.
func (p Plan) Offers() []OfferID { return append([]OfferID{p.Licence}, p.Bundled...) }

// SoldIn tells whether the plan is sold in a market, an ISO code; an empty market is answered true.
func (p Plan) SoldIn(market string) bool { return inMarket(market, p.Markets, nil) }

func (p Plan) clone() Plan {
	p.Bundled = slices.Clone(p.Bundled)
	p.Markets = slices.Clone(p.Markets)
	return p
}

// Commerce is the side of Microsoft's shop on which a path is open.
type Commerce string

// The two sides. Most legacy steps are closed since March 2022.
const (
	Legacy      Commerce = "legacy"
	NewCommerce Commerce = "new-commerce"
)

var commerces = []Commerce{NewCommerce, Legacy}

// Kind is the kind of work by which a path can be gone.
type Kind string

// The kinds of work, in the order in which they are preferred.
const (
	Transition Kind = "transition" // Microsoft moves the seats; it cannot be undone
	Replace    Kind = "replace"    // buy the target, move the users, release the source
	AtRenewal  Kind = "at-renewal" // a scheduled change
)

var kinds = []Kind{Transition, Replace, AtRenewal}

// Path is a step from one offer to another that we know how to go. Whether this subscription may go it today is
// Microsoft's to say (transitionEligibilities).
type Path struct {
	From            OfferID  `json:"from"`
	To              OfferID  `json:"to"`
	Commerce        Commerce `json:"commerce"`
	Kinds           []Kind   `json:"kinds"` // in order of preference
	Markets         []string `json:"markets,omitempty"`
	ExcludedMarkets []string `json:"excludedMarkets,omitempty"`
	Verified        Trust    `json:"verified"`
	Source          string   `json:"source"`
}

// OpenIn tells whether the path is open in a market, an ISO code; an empty market is answered true.
func (p Path) OpenIn(market string) bool { return inMarket(market, p.Markets, p.ExcludedMarkets) }

// Allows tells whether the path can be gone by this kind of work.
func (p Path) Allows(k Kind) bool { return slices.Contains(p.Kinds, k) }

// Upward tells whether the path can be gone before the renewal. What is left for the renewal is a downgrade.
func (p Path) Upward() bool { return p.Allows(Transition) || p.Allows(Replace) }

func (p Path) clone() Path {
	p.Kinds = slices.Clone(p.Kinds)
	p.Markets = slices.Clone(p.Markets)
	p.ExcludedMarkets = slices.Clone(p.ExcludedMarkets)
	return p
}

func inMarket(market string, markets, excluded []string) bool {
	if market == "" {
		return true
	}
	market = strings.ToUpper(market)
	return (len(markets) == 0 || slices.Contains(markets, market)) && !slices.Contains(excluded, market)
}
