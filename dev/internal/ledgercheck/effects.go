package ledgercheck

import (
	"fmt"
	"strconv"
	"strings"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// ended holds an order to one effect: every run has ended, by a word of the product's, and at most one of them as carried out.
func (c *checker) ended(o Order) {
	carried := 0
	for _, a := range o.Attempts {
		switch {
		case a.Closed == "":
			c.violation(2, o.ID, o.Tenant, "an upgrade that has no end", "an end", fmt.Sprintf("%s in stage %s, parked %v, ignored %d", a.Workflow, a.Status.Stage, a.Status.Parked, len(a.Status.Ignored)))
		case a.Closed == "failed":
			c.violation(0, o.ID, o.Tenant, "an execution failed", "an end", a.Workflow+" "+a.Run)
		case a.Result.End.Succeeded():
			carried++
		}
		if kept, ok := c.Recorded[a.Run]; ok && a.Closed == "completed" && kept.End != a.Result.End {
			c.violation(2, o.ID, o.Tenant, "another end in the register than in the result", a.Result.End, kept.End)
		}
		first := a.Result.First
		if a.Result.End == upgrade.Duplicate && first == "" {
			c.violation(10, o.ID, o.Tenant, "a duplicate that names nobody", "the first upgrade", a.Workflow)
		}
	}
	if carried > 1 {
		c.violation(10, o.ID, o.Tenant, "an order that was carried out twice", 1, carried)
	}
}

// effects counts what an order has bought, raised and transitioned.
func (c *checker) effects(o Order) {
	transitions, purchases, raises := map[string][]cloud.Entry{}, map[string][]cloud.Entry{}, map[string][]cloud.Entry{}
	failed, bought := map[string]int{}, map[string]string{} // bought: the product of what was made, by subscription
	back := map[string]int{}
	for _, e := range c.byOrder[o.ID] {
		switch e.Kind {
		case cloud.TransitionStarted:
			transitions[e.Object] = append(transitions[e.Object], e)
		case cloud.TransitionFailed:
			failed[e.Object]++
		case cloud.OrderPlaced:
			purchases[product(e.After)] = append(purchases[product(e.After)], e)
		case cloud.SubscriptionCreated:
			part, _, _ := strings.Cut(e.After, " ")
			bought[e.Object] = keyOf(part)
		case cloud.StatusChanged:
			if e.After == cloud.Deleted {
				back[bought[e.Object]]++
			}
		case cloud.QuantityChanged:
			from, to := number(e.Before), number(e.After)
			if step := fmt.Sprintf("%s from %d to %d", e.Object, from, to); to > from {
				raises[step] = append(raises[step], e)
			} else {
				back[fmt.Sprintf("%s from %d to %d", e.Object, to, from)]++
			}
		}
	}
	for object, all := range transitions {
		c.once(o, "transitioned twice: "+object, all, failed[object])
	}
	for what, all := range purchases {
		c.once(o, "bought twice: "+what, all, back[what])
	}
	for step, all := range raises {
		c.once(o, "raised twice: "+step, all, back[step])
	}
}

// once holds effects to one more than those that were taken back.
func (c *checker) once(o Order, what string, all []cloud.Entry, back int) {
	if len(all) <= 1+back {
		return
	}
	lines := make([]string, len(all))
	for i, e := range all {
		lines[i] = line(e)
	}
	c.violation(1, o.ID, o.Tenant, what, 1+back, strings.Join(lines, "; "))
}

// product is PRODUCT:SKU of a line such as "PRODUCT:SKU:AVAILABILITY 9".
func product(after string) string {
	item, _, _ := strings.Cut(after, " ")
	parts := strings.Split(item, ":")
	return strings.Join(parts[:min(2, len(parts))], ":")
}

func keyOf(part string) string {
	if o, ok := cloud.OfferByPart(part); ok {
		return o.Key()
	}
	return part
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
