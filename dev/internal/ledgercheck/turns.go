package ledgercheck

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"uplift/internal/sim/cloud"
)

// span is a time in which an upgrade was changing something.
type span struct {
	order       string
	from, until time.Time
	first, last cloud.Entry
}

// alone holds that two upgrades never change one customer at a time: between the first and the last write of one attempt
// stands none of another order.
func (c *checker) alone(customer Customer) {
	all := c.spans(customer.Tenant)
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.order != b.order && a.from.Before(b.until) && b.from.Before(a.until) {
				c.violation(5, a.order+" and "+b.order, customer.Tenant, "two upgrades that change a customer at a time", "one after the other",
					fmt.Sprintf("%s … %s and %s … %s", line(a.first), line(a.last), line(b.first), line(b.last)))
			}
		}
	}
}

// spans are the times from the first to the last write of each attempt at each of a tenant's orders.
func (c *checker) spans(tenant string) []span {
	var out []span
	for _, o := range c.orders(tenant) {
		for i, a := range o.Attempts {
			s := span{order: o.ID}
			for _, e := range c.byOrder[o.ID] {
				if !write(e) || e.Real.Before(a.Started) || i+1 < len(o.Attempts) && !e.Real.Before(o.Attempts[i+1].Started) {
					continue
				}
				if s.from.IsZero() {
					s.from, s.first = e.Real, e
				}
				s.until, s.last = e.Real, e
			}
			if !s.from.IsZero() {
				out = append(out, s)
			}
		}
	}
	return out
}

// slots holds that no more upgrades work at subscriptions at a time than the installation has slots, as far as the ledger
// shows it.
func (c *checker) slots() {
	if c.Slots == 0 {
		return
	}
	all, limit := c.working(), c.Slots
	if r := c.Raised; r != nil {
		var before []span
		for _, s := range all {
			if s.from.Before(r.At) {
				s.until = earlier(s.until, r.At)
				before = append(before, s)
			}
		}
		c.within(before, limit)
		limit = r.Slots
	}
	c.within(all, limit)
}

func (c *checker) within(all []span, limit int) {
	if n, at, who := most(all); n > limit {
		c.violation(6, fmt.Sprint(who), "", "more upgrades at work than there are slots", limit, fmt.Sprintf("%d at %s", n, at.Format("15:04:05.000")))
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// working are the times in which something of an upgrade was on its way at Microsoft: from each write to a subscription until
// the directory shows it, or the transition has ended. What takes effect at once takes no time.
func (c *checker) working() []span {
	var out []span
	for _, o := range c.Orders {
		for _, e := range c.byOrder[o.ID] {
			if !commerce(e) {
				continue
			}
			for _, later := range c.Ledger[min(e.Seq, len(c.Ledger)):] {
				if shows(e, later) {
					if later.Real.After(e.Real) {
						out = append(out, span{order: o.ID, from: e.Real, until: later.Real, first: e, last: later})
					}
					break
				}
			}
		}
	}
	return out
}

// shows tells whether a later entry is the one by which a write has come to be seen. An order has another name than the
// subscription that it makes, and a customer has one change at a time.
func shows(e, later cloud.Entry) bool {
	switch {
	case e.Kind == cloud.OrderPlaced:
		return later.Tenant == e.Tenant && later.Kind == cloud.DirectoryUpdated
	case later.Object != e.Object:
		return false
	case later.Kind == cloud.TransitionCompleted, later.Kind == cloud.TransitionFailed:
		return true
	}
	return later.Kind == cloud.DirectoryUpdated && e.Kind != cloud.TransitionStarted
}

// most is how many orders' spans are open at the same time, when, and whose.
func most(all []span) (n int, at time.Time, who []string) {
	type edge struct {
		at    time.Time
		order string
		by    int
	}
	var edges []edge
	for _, s := range all {
		edges = append(edges, edge{s.from, s.order, 1}, edge{s.until, s.order, -1})
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by)) })
	open := map[string]int{}
	for _, e := range edges {
		if open[e.order] += e.by; open[e.order] <= 0 {
			delete(open, e.order)
		}
		if len(open) > n {
			n, at, who = len(open), e.at, nil
			for order := range open {
				who = append(who, order)
			}
			slices.Sort(who)
		}
	}
	return n, at, who
}
