package catalog

import (
	"fmt"
	"slices"
	"strings"

	"uplift/upgrade"
)

// PlanMap says, for every service plan of the source licence, which service plans of the target licence are the same
// service for the user who holds it; ids in and out, in lower case and sorted. A plan without a counterpart is left out.
//
// A plan that both licences contain is its own counterpart. An edition that only the target contains (Exchange Online
// Plan 2 after Plan 1) is the counterpart of the biggest edition of that service in the source, since that is the one
// whose switch decided what the user had.
func (c *Catalog) PlanMap(source, target []string) map[string][]string {
	source, target = lowered(source), lowered(target)
	biggest := map[string]string{} // by service
	for _, id := range source {
		l, known := c.lines[id]
		if !known {
			continue
		}
		if first, found := biggest[l.name]; !found || c.lines[first].rank < l.rank {
			biggest[l.name] = id
		}
	}
	same := map[string][]string{}
	for _, id := range target {
		from := id
		if !slices.Contains(source, id) {
			var found bool
			if from, found = biggest[c.lines[id].name]; !found {
				continue // a service that is new to the user
			}
		}
		same[from] = append(same[from], id)
	}
	return same
}

// MapDisabled gives the service plans of the target licence that must be switched off, so that what was switched off
// stays off: the counterparts ([Catalog.PlanMap]) of the disabled plans, and those plans, new to the user, that need
// a plan of which nothing is left on. The latter would make Graph refuse the whole assignment. All are ids, and every
// returned one is a plan of the target, as Graph requires of disabledPlans.
//
// Disabled plans that the source does not contain say nothing about this user and are left out.
//
// https://learn.microsoft.com/graph/api/user-assignlicense
func (c *Catalog) MapDisabled(source, target, disabled []string) []string {
	source, target = lowered(source), lowered(target)
	same := c.PlanMap(source, target)
	off := map[string]bool{}
	for _, id := range lowered(disabled) {
		for _, counterpart := range same[id] {
			off[counterpart] = true
		}
	}
	for again := len(off) > 0; again; {
		again = false
		for _, id := range target {
			if !off[id] && !slices.Contains(source, id) && c.starved(id, target, off) {
				off[id], again = true, true
			}
		}
	}
	var out []string
	for _, id := range target {
		if off[id] {
			out = append(out, id)
		}
	}
	return out
}

// starved tells whether a plan needs something that the target licence contains only switched off. A need that the
// target does not contain at all is met by another licence, or not our doing.
func (c *Catalog) starved(id string, target []string, off map[string]bool) bool {
	for _, anyOf := range c.needs[id] {
		contained, on := false, false
		for _, need := range anyOf {
			if slices.Contains(target, need) {
				contained = true
				on = on || !off[need]
			}
		}
		if contained && !on {
			return true
		}
	}
	return false
}

// MapDisabledPlans is [Catalog.MapDisabled] for two SKUs of the catalogue, by their skuId. Where the tenant's own
// service plans are at hand (subscribedSkus), use MapDisabled with those. The error is an [upgrade.Error] of kind
// NotFound, code unknown_sku: to go on without the mapping would switch services on.
func (c *Catalog) MapDisabledPlans(sourceSKU, targetSKU string, disabled []string) ([]string, error) {
	var plans [2][]string
	for i, sku := range []string{sourceSKU, targetSKU} {
		o, known := c.OfferBySKUID(sku)
		if !known {
			return nil, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_sku",
				Message: fmt.Sprintf("the catalogue has no offer with the SKU %s", sku)}
		}
		plans[i] = o.PlanIDs()
	}
	return c.MapDisabled(plans[0], plans[1], disabled), nil
}

// lowered is a copy in lower case, sorted, without doubles.
func lowered(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strings.ToLower(id)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
