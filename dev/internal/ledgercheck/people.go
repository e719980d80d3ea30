package ledgercheck

import (
	"fmt"
	"slices"
	"strings"

	"uplift/internal/sim/cloud"
)

// move gives an order's users their new licence, with what was switched off where the new licence has it, too.
func move(people map[string]map[string][]string, o Order) {
	if o.To == "" || o.From == o.To && o.Users == nil {
		return
	}
	users := o.Users
	if users == nil {
		for user, held := range people {
			if _, ok := held[o.From]; ok {
				users = append(users, user)
			}
		}
	}
	target, _ := cloud.OfferByPart(o.To)
	for _, user := range users {
		if people[user] == nil {
			people[user] = map[string][]string{}
		}
		off := slices.Clone(people[user][o.To])
		if o.From != o.To {
			for _, plan := range people[user][o.From] {
				if slices.ContainsFunc(target.Plans, func(p cloud.ServicePlan) bool { return p.ID == plan }) && !slices.Contains(off, plan) {
					off = append(off, plan)
				}
			}
			delete(people[user], o.From)
		}
		people[user][o.To] = off
		for _, part := range o.Bundled {
			if _, has := people[user][part]; !has {
				people[user][part] = nil
			}
		}
	}
}

// samePeople compares who holds what, and what of it is off: what must be off is, more may be where the directory asks for it.
func (c *checker) samePeople(customer Customer, want map[string]map[string][]string) {
	found := customer.After.licences()
	for _, user := range users(want, found) {
		for part, off := range want[user] {
			has, ok := found[user][part]
			if !ok {
				c.violation(2, c.names(customer.Tenant), customer.Tenant, "a user who does not hold what they should", user+" with "+part, keys(found[user]))
				continue
			}
			for _, plan := range off {
				if !slices.Contains(has, plan) {
					c.violation(2, c.names(customer.Tenant), customer.Tenant, "a service that was switched on", fmt.Sprintf("%s of %s off for %s", plan, part, user), has)
				}
			}
		}
		for part := range found[user] {
			if _, ok := want[user][part]; !ok {
				c.violation(2, c.names(customer.Tenant), customer.Tenant, "a user who holds what they should not", fmt.Sprint(user, " with ", keys(want[user])), part)
			}
		}
	}
}

// people walks through the ledger: whoever holds a licence to begin with holds one after every request.
func (c *checker) people(customer Customer) {
	held := map[string]map[string]int{} // how many assignments, by user and SKU
	for _, h := range customer.Before.Holdings {
		for _, u := range h.Holders {
			if held[u.UserID] == nil {
				held[u.UserID] = map[string]int{}
			}
			held[u.UserID][strings.ToLower(h.SKU)] = max(1, len(u.Groups)+map[bool]int{true: 1}[u.Direct])
		}
	}
	since := map[string]cloud.Entry{} // users who hold nothing after a line of a request that may go on
	for _, e := range c.Ledger {
		if e.Tenant != customer.Tenant || !e.At.After(customer.Before.At) {
			continue
		}
		for user, lost := range since {
			if together(lost, e) {
				continue
			}
			c.violation(3, c.owners[lost.Seq], customer.Tenant, "a user without a licence", user+" with one", line(lost))
			delete(since, user)
		}
		before := len(held[e.Object])
		switch e.Kind {
		case cloud.LicenceRemoved:
			if sku := strings.ToLower(e.Before); held[e.Object][sku] > 1 {
				held[e.Object][sku]--
			} else {
				delete(held[e.Object], sku)
			}
		case cloud.LicenceAssigned:
			if held[e.Object] == nil {
				held[e.Object] = map[string]int{}
			}
			held[e.Object][strings.ToLower(e.After)]++
		default:
			continue
		}
		if len(held[e.Object]) > 0 {
			delete(since, e.Object)
		} else if before > 0 && c.heldAtFirst(customer, e.Object) {
			since[e.Object] = e
		}
	}
	for user, lost := range since {
		c.violation(3, c.owners[lost.Seq], customer.Tenant, "a user without a licence", user+" with one", line(lost))
	}
}

// together tells whether two entries are lines of one request on one user, which has its whole effect at once.
func together(a, b cloud.Entry) bool {
	return a.Object == b.Object && a.At.Equal(b.At) && a.ClientRequestID == b.ClientRequestID
}

// heldAtFirst tells whether a user had a licence before the first order: whom an order gives one, its undo may take it from.
func (c *checker) heldAtFirst(customer Customer, user string) bool {
	return len(customer.Before.licences()[user]) > 0
}

func users(all ...map[string]map[string][]string) []string {
	var out []string
	for _, one := range all {
		for user := range one {
			if !slices.Contains(out, user) {
				out = append(out, user)
			}
		}
	}
	slices.Sort(out)
	return out
}

func keys(m map[string][]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
