package ledgercheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"uplift/upgrade"
)

// settled holds what a tenant holds in the end against its orders, in the order in which they had their effect: each that was
// carried out sets its totals and moves its users, each that ended without a change changes nothing, and what an end leaves
// open must be written down in its result.
func (c *checker) settled(customer Customer) {
	want, people := customer.Before.seats(), customer.Before.licences()
	slack := map[string]int{} // seats that a result announces until a renewal
	open := ""                // the order whose result writes a difference down
	touched := false          // some order was carried out
	for _, run := range c.carried(customer.Tenant) {
		r := run.attempt.Result
		switch {
		case r.End == upgrade.Abandoned && len(r.Reasons) > 0, r.End == upgrade.CompletedWithExceptions, r.Reasons.Has("skipped"):
			open = run.order.ID // that the difference is written down is all that can be asked
		case r.End.Succeeded():
			touched = true
			maps.Copy(want, run.order.Want)
			move(people, run.order)
			for _, left := range r.Residue {
				slack[partOf(customer, left.Subscription)] += left.Seats
			}
		}
	}
	if open != "" {
		return
	}
	c.sameSeats(customer, want, slack)
	c.samePeople(customer, people)
	if !touched {
		c.sameRest(customer)
	}
}

// sameRest compares what no order speaks of: where nothing was carried out, it is as it was.
func (c *checker) sameRest(customer Customer) {
	for user, was := range customer.Before.Locations {
		if is := customer.After.Locations[user]; is != was {
			c.violation(2, c.names(customer.Tenant), customer.Tenant, "a usage location that was not put back", fmt.Sprintf("%s in %q", user, was), is)
		}
	}
	for _, was := range customer.Before.Subscriptions {
		for _, is := range customer.After.Subscriptions {
			if is.ID == was.ID && (is.AutoRenew != was.AutoRenew || (is.Next == nil) != (was.Next == nil)) {
				c.violation(2, c.names(customer.Tenant), customer.Tenant, "a renewal that was not put back", fmt.Sprintf("%s renews %t, scheduled %v", was.ID, was.AutoRenew, was.Next),
					fmt.Sprintf("renews %t, scheduled %v", is.AutoRenew, is.Next))
			}
		}
	}
}

// run is an attempt that had its order.
type run struct {
	order   Order
	attempt Attempt
	since   time.Time // of its first effect; its end where it had none
}

// carried are the runs that held their orders, in the order of their first effects. One that was terminated after the register
// had its end, and before it had told it, counts with that end.
func (c *checker) carried(tenant string) []run {
	var out []run
	for _, o := range c.orders(tenant) {
		for _, a := range o.Attempts {
			if a.Closed != "completed" {
				a.Result = c.Recorded[a.Run]
			}
			if a.Result.End == "" || a.Result.End == upgrade.Duplicate || a.Result.End == upgrade.RefusedOrder {
				continue
			}
			one := run{o, a, a.Result.EndedAt}
			for _, e := range c.byOrder[o.ID] {
				if write(e) && e.Real.After(a.Started) {
					one.since = e.Real
					break
				}
			}
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b run) int { return a.since.Compare(b.since) })
	return out
}

func (c *checker) sameSeats(customer Customer, want, slack map[string]int) {
	found := customer.After.seats()
	for _, part := range parts(want, found) {
		if found[part] != want[part] && found[part] != want[part]+slack[part] {
			c.violation(2, c.names(customer.Tenant), customer.Tenant, "seats that are not accounted for", fmt.Sprintf("%d seats of %s (and %d until a renewal)", want[part], part, slack[part]), found[part])
		}
	}
}

// names are the orders of a tenant, with their ends.
func (c *checker) names(tenant string) string {
	out := ""
	for _, o := range c.orders(tenant) {
		for _, a := range o.Attempts {
			out += fmt.Sprintf(" %s(%s)", o.ID, cmp.Or(string(a.Result.End), a.Closed))
		}
	}
	return out
}

// partOf is the offer that a subscription is of, at the beginning or else at the end.
func partOf(customer Customer, subscription string) string {
	for _, s := range append(slices.Clone(customer.After.Subscriptions), customer.Before.Subscriptions...) {
		if s.ID == subscription {
			return s.Offer.PartNumber
		}
	}
	return ""
}

func parts(all ...map[string]int) []string {
	var out []string
	for _, one := range all {
		for part := range one {
			if !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	slices.Sort(out)
	return out
}
