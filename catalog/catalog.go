package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"uplift/upgrade"
)

// Catalog is everything that can be sold and every path between. It never changes after it was read, and may be used
// by many goroutines. What its methods return is the caller's own copy.
type Catalog struct {
	file   file
	digest string

	offers    []Offer // sorted by id
	plans     []Plan  // sorted by id
	paths     []Path  // sorted by from, to, commerce with new commerce first
	bySKU     map[string]OfferID
	byProduct map[string]OfferID
	services  map[string]ServicePlan // by plan id
	byName    map[string]ServicePlan // by plan name
	lines     map[string]line        // by plan id
	within    map[string][]string    // by plan id: the plans that include it
	needs     map[string][][]string  // by plan id: of each list the plan needs one
}

// Offer gives the offer with this id.
func (c *Catalog) Offer(id OfferID) (Offer, bool) {
	i, found := slices.BinarySearchFunc(c.offers, id, func(o Offer, id OfferID) int { return cmp.Compare(o.ID, id) })
	if !found {
		return Offer{}, false
	}
	return c.offers[i].clone(), true
}

// OfferBySKUID gives the offer with this skuId of Entra, written in any case. This is the join to be trusted: part
// numbers mislead (O365_BUSINESS_PREMIUM is Business Standard) and names change.
func (c *Catalog) OfferBySKUID(guid string) (Offer, bool) {
	id, found := c.bySKU[strings.ToLower(guid)]
	if !found {
		return Offer{}, false
	}
	return c.Offer(id)
}

// OfferByProductSKU gives the offer that Partner Center calls "product:sku" or, in a catalogue item's full id,
// "product:sku:availability".
func (c *Catalog) OfferByProductSKU(id string) (Offer, bool) {
	parts := strings.Split(strings.ToUpper(strings.TrimSpace(id)), ":")
	if len(parts) != 2 && len(parts) != 3 {
		return Offer{}, false
	}
	offer, found := c.byProduct[parts[0]+":"+parts[1]]
	if !found {
		return Offer{}, false
	}
	return c.Offer(offer)
}

// Plan gives the provider's plan with this id.
func (c *Catalog) Plan(id PlanID) (Plan, bool) {
	i, found := slices.BinarySearchFunc(c.plans, id, func(p Plan, id PlanID) int { return cmp.Compare(p.ID, id) })
	if !found {
		return Plan{}, false
	}
	return c.plans[i].clone(), true
}

// ServicePlan gives the service plan with this id, written in any case.
func (c *Catalog) ServicePlan(id string) (ServicePlan, bool) {
	p, found := c.services[strings.ToLower(id)]
	return p, found
}

// Offers are all offers, sorted by id.
func (c *Catalog) Offers() []Offer { return cloned(c.offers, Offer.clone) }

// Plans are all plans of the provider, sorted by id.
func (c *Catalog) Plans() []Plan { return cloned(c.plans, Plan.clone) }

// Paths are all paths, sorted by their ends; of two with the same ends the one of new commerce comes first.
func (c *Catalog) Paths() []Path { return cloned(c.paths, Path.clone) }

// PathsFrom are the paths from an offer that are open in a market, sorted as in [Catalog.Paths].
func (c *Catalog) PathsFrom(from OfferID, market string) []Path {
	var open []Path
	for _, p := range c.paths {
		if p.From == from && p.OpenIn(market) {
			open = append(open, p.clone())
		}
	}
	return open
}

// Path gives the path between two offers that is open in a market (an ISO code; empty asks nothing), new commerce
// before legacy. The error is [upgrade.Problems]: unknown_offer, path_not_in_market or path_not_in_catalogue, with the
// offers that can be reached instead.
func (c *Catalog) Path(from, to OfferID, market string) (Path, error) {
	var problems upgrade.Problems
	for _, id := range []OfferID{from, to} {
		if _, known := c.Offer(id); !known {
			problems.Add("", "unknown_offer", fmt.Sprintf("the catalogue has no offer %q", id), "name an offer of the catalogue")
		}
	}
	if len(problems) > 0 {
		return Path{}, problems
	}
	elsewhere := false
	for _, p := range c.paths {
		if p.From != from || p.To != to {
			continue
		}
		if p.OpenIn(market) {
			return p.clone(), nil
		}
		elsewhere = true
	}
	if elsewhere {
		problems.Add("", "path_not_in_market",
			fmt.Sprintf("the step from %s to %s is not open in market %s", from, to, strings.ToUpper(market)), c.reachable(from, market))
	} else {
		problems.Add("", "path_not_in_catalogue",
			fmt.Sprintf("the catalogue has no step from %s to %s", from, to), c.reachable(from, market))
	}
	return Path{}, problems
}

// reachable is the remedy of a missing path.
func (c *Catalog) reachable(from OfferID, market string) string {
	var ids []string
	for _, p := range c.PathsFrom(from, market) {
		if p.Upward() {
			ids = append(ids, string(p.To))
		}
	}
	if ids = slices.Compact(ids); len(ids) == 0 {
		return fmt.Sprintf("no step leads from %s there; choose another source, or add the step to the catalogue", from)
	}
	return fmt.Sprintf("from %s choose one of: %s", from, strings.Join(ids, ", "))
}

// Digest is a stable hash of everything in the catalogue: "sha256:" and 64 hexadecimal digits. Two files with the same
// content in another order or layout have the same digest.
func (c *Catalog) Digest() string { return c.digest }

func cloned[T any](all []T, clone func(T) T) []T {
	out := make([]T, len(all))
	for i, one := range all {
		out[i] = clone(one)
	}
	return out
}
