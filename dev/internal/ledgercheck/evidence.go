package ledgercheck

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/mailbox"
	"uplift/upgrade"
)

// Evidence is all that a run has left behind.
type Evidence struct {
	Customers []Customer
	Orders    []Order
	Ledger    []cloud.Entry // oldest first
	// Recorded are the ends that the register has, by the first run of the upgrade.
	Recorded map[string]upgrade.Result
	Mails    []mailbox.Message
	Texts    []Text   // in which no secret may stand: histories, logs
	Secrets  []string // that the simulator has issued
	Slots    int      // how many upgrades may change subscriptions at a time; 0 leaves this out
	Raised   *Raised  // nil: it stayed so
}

// Raised is another number of slots, from a moment on.
type Raised struct {
	At    time.Time // the machine's
	Slots int
}

// Customer is a tenant before the first order and after the last end.
type Customer struct {
	Tenant        string
	Administrator []string // object ids of those who may consent
	Before, After State
}

// State is what a tenant holds.
type State struct {
	At            time.Time // of Microsoft's clock
	Subscriptions []cloud.Subscription
	Holdings      []cloud.Holding
	Locations     map[string]string // usage location by user
}

// Order is an order, and what has become of it.
type Order struct {
	ID, Tenant string
	// Want are the totals that it ends with, by part number; what it does not name stays.
	Want map[string]int
	// From and To are the part numbers of the licence that its users give up and receive; both empty where nobody moves.
	From, To string
	// Bundled are what they receive besides, such as a plan's telephone.
	Bundled []string
	// Users are those who receive it; nil: everybody who holds From.
	Users    []string
	Attempts []Attempt // in the order of their start, those that met somebody else's claim included
}

// Attempt is one run of the workflow.
type Attempt struct {
	Workflow, Run string
	Started       time.Time // the machine's
	Ended         time.Time // when that it had closed was seen, by the same clock
	// Closed says how the execution closed: completed, terminated, failed. Empty: it is open still.
	Closed string
	Result upgrade.Result // where it is completed
	Status upgrade.Status // as it was last seen
}

// Text is something in which no secret may stand.
type Text struct{ Where, Body string }

// Violation is something that must never be.
type Violation struct {
	Never                 int // of the product's ten; 0: beside them
	Order, Tenant         string
	What, Expected, Found string
}

func (v Violation) String() string {
	return fmt.Sprintf("never %d: %s: order %s, tenant %s: expected %s, found %s", v.Never, v.What, cmp.Or(v.Order, "-"), cmp.Or(v.Tenant, "-"), v.Expected, v.Found)
}

// checker is the evidence, sorted.
type checker struct {
	Evidence
	owners  map[int]string // the order of an entry
	byOrder map[string][]cloud.Entry
	found   []Violation
}

// Check answers every violation.
func Check(e Evidence) []Violation {
	c := &checker{Evidence: e}
	c.own()
	for _, o := range c.Orders {
		c.ended(o)
		c.effects(o)
		c.inTime(o)
	}
	for _, customer := range c.Customers {
		c.settled(customer)
		c.people(customer)
		c.alone(customer)
	}
	c.slots()
	c.secrets()
	c.letters()
	slices.SortStableFunc(c.found, func(a, b Violation) int { return cmp.Compare(a.Never, b.Never) })
	return c.found
}

func (c *checker) violation(never int, order, tenant, what string, expected, found any) {
	c.found = append(c.found, Violation{Never: never, Order: order, Tenant: tenant, What: what, Expected: fmt.Sprint(expected), Found: fmt.Sprint(found)})
}

// orders are those of one tenant.
func (c *checker) orders(tenant string) []Order {
	var out []Order
	for _, o := range c.Orders {
		if o.Tenant == tenant {
			out = append(out, o)
		}
	}
	return out
}

// seats are the active seats of a state by part number, without what other partners sold.
func (s State) seats() map[string]int {
	out := map[string]int{}
	for _, one := range s.Subscriptions {
		if one.Status == cloud.Active && one.Channel == "" {
			out[one.Offer.PartNumber] += one.Quantity
		}
	}
	return out
}

// licences are what each user holds, and what of it is switched off.
func (s State) licences() map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for _, h := range s.Holdings {
		for _, holder := range h.Holders {
			if out[holder.UserID] == nil {
				out[holder.UserID] = map[string][]string{}
			}
			off := slices.Clone(holder.Disabled)
			slices.Sort(off)
			out[holder.UserID][h.PartNumber] = off
		}
	}
	return out
}
