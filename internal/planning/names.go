package planning

import (
	"fmt"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// CheckNames finds every offer and plan of an order that the catalogue does not know, and every total beyond an offer's limits.
// The command line asks it before it starts anything, the claim before it claims.
func CheckNames(c *catalog.Catalog, o upgrade.Order) upgrade.Problems {
	var ps upgrade.Problems
	if id := o.Target.Plan; id != "" {
		if _, ok := c.Plan(catalog.PlanID(id)); !ok {
			ps.Add("target.plan", "unknown_plan", fmt.Sprintf("there is no plan %q", id), "choose one of "+planNames(c))
		}
	}
	for i, t := range o.Target.Totals {
		offer, ok := c.Offer(catalog.OfferID(t.Offer))
		at := fmt.Sprintf("target.totals[%d]", i)
		switch {
		case !ok:
			ps.Add(at+".offer", "unknown_offer", fmt.Sprintf("there is no offer %q", t.Offer), "`starter catalog` lists the offers")
		case !offer.Allows(t.Seats):
			ps.Add(at+".seats", "seats_outside_limits", fmt.Sprintf("%s allows %s, not %s", offer.Name, limits(offer), upgrade.Seats(t.Seats)), "choose a total within the limits")
		}
	}
	return ps
}

func planNames(c *catalog.Catalog) string {
	var names []string
	for _, p := range c.Plans() {
		names = append(names, string(p.ID))
	}
	return strings.Join(names, ", ")
}

func limits(o catalog.Offer) string {
	if o.MaxSeats == 0 {
		return fmt.Sprintf("%d or more", o.MinSeats)
	}
	return fmt.Sprintf("%d to %d", o.MinSeats, o.MaxSeats)
}
