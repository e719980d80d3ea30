package upgrade

import (
	"fmt"
	"slices"
	"time"
)

// CallbackType names what a callback tells, "upgrade." and the fact. The names are on the wire.
type CallbackType string

// The callbacks. An end's is "upgrade." and the end's own name, such as upgrade.completed.
const (
	CallbackInvited   CallbackType = "upgrade.invited"
	CallbackConsented CallbackType = "upgrade.consented"
	CallbackScheduled CallbackType = "upgrade.scheduled"
	CallbackChanging  CallbackType = "upgrade.changing"
	CallbackParked    CallbackType = "upgrade.parked"
	CallbackResumed   CallbackType = "upgrade.resumed"
)

// CallbackOf is the callback of an end.
func CallbackOf(e End) CallbackType { return CallbackType("upgrade." + string(e)) }

// CallbackTypes lists every callback, those of the ends last. An order that was never ours calls nobody.
func CallbackTypes() []CallbackType {
	all := []CallbackType{CallbackInvited, CallbackConsented, CallbackScheduled, CallbackChanging, CallbackParked, CallbackResumed}
	for _, e := range []End{Completed, CompletedWithResidue, CompletedWithExceptions, Declined, Expired, Cancelled, Ineligible, FailedUndone, Abandoned} {
		all = append(all, CallbackOf(e))
	}
	return all
}

// Callback is what billing is told: the fact, and what an invoice needs. A receiver that sees a sequence number twice has
// seen the callback before; one that sees a gap will be told the rest.
type Callback struct {
	Type     CallbackType `json:"type"`
	Sequence int          `json:"sequence"` // from 1, without a gap, of one attempt at an order
	At       time.Time    `json:"timestamp"`
	Data     CallbackData `json:"data"`
}

// CallbackData is what the callback is about.
type CallbackData struct {
	Order      string         `json:"order"`
	Upgrade    string         `json:"upgrade"` // order#attempt
	WorkflowID string         `json:"workflowId"`
	Tenant     string         `json:"tenant"`
	Reseller   string         `json:"reseller,omitempty"`
	Batch      string         `json:"batch,omitempty"`
	Stage      Stage          `json:"stage"`
	End        End            `json:"end,omitempty"`
	Headline   string         `json:"headline,omitempty"`
	Reasons    Problems       `json:"reasons,omitempty"`
	Parked     *Parked        `json:"parked,omitempty"`
	Wakes      *time.Time     `json:"wakes,omitempty"`     // scheduled: when it goes on
	Effective  *time.Time     `json:"effective,omitempty"` // since when the customer has the new totals
	Lines      []CallbackLine `json:"lines,omitempty"`
	Residue    []Residual     `json:"residue,omitempty"`
	Users      UserCounts     `json:"users"`
}

// CallbackLine is one offer of one subscription, before and after. A subscription that becomes another offer has two lines.
type CallbackLine struct {
	Offer        string `json:"offer"`
	Name         string `json:"name"`
	Subscription string `json:"subscription,omitempty"`
	Term         string `json:"term,omitempty"`
	BillingCycle string `json:"billingCycle,omitempty"`
	SeatsBefore  int    `json:"seatsBefore"`
	SeatsAfter   int    `json:"seatsAfter"`
}

// DeliveryState says how far a callback is.
type DeliveryState string

// The states.
const (
	DeliveryPending   DeliveryState = "pending"   // it is tried, or will be tried again
	DeliveryDelivered DeliveryState = "delivered" // the destination said 2xx
	DeliveryFailed    DeliveryState = "failed"    // given up; it can be replayed by hand
)

// Delivery is one callback to one destination.
type Delivery struct {
	Upgrade     string        `json:"upgrade"`
	Sequence    int           `json:"sequence"`
	Type        CallbackType  `json:"type"`
	ID          string        `json:"id"`          // webhook-id, the same at every attempt
	Destination string        `json:"destination"` // the name of it in the settings, never its secret
	State       DeliveryState `json:"state"`
	Attempts    int           `json:"attempts"`
	Problem     *Problem      `json:"problem,omitempty"` // of the last attempt
	At          time.Time     `json:"at"`                // of the last attempt
}

// NotifyStart is the input of NotifyWorkflow.
type NotifyStart struct {
	Upgrade string `json:"upgrade"`
	// Due, Gone and Inbox are what an earlier run of a long history hands on.
	Due   []Delivery    `json:"due,omitempty"`
	Gone  []string      `json:"gone,omitempty"` // destinations that want no more
	Inbox []CallbackDue `json:"inbox,omitempty"`
}

// CallbackDue is the input of the signals callback and replay. It names a callback that stands in the register and carries no fact
// itself, so that a forged one can at most have what is true told once more.
type CallbackDue struct {
	Sequence int  `json:"sequence"`
	Replay   bool `json:"replay,omitempty"`
}

// ParseCallbackDue reads a signal of NotifyWorkflow strictly.
func ParseCallbackDue(data []byte) (CallbackDue, Problems) {
	var due CallbackDue
	ps := decodeStrict(data, &due, MaxMessage)
	if len(ps) == 0 && (due.Sequence < 0 || due.Sequence > MaxCallbacks) {
		ps.Add("sequence", "bad_sequence", fmt.Sprintf("a sequence number lies between 1 and %d", MaxCallbacks), "give the callback's own number, or 0 with replay for all that were not delivered")
	}
	return due, ps
}

// MaxCallbacks bounds how many callbacks one attempt at an order has.
const MaxCallbacks = 100_000

// CallbacksAsked asks for the callbacks of an order's last attempt.
type CallbacksAsked struct {
	Order string `json:"order"`
}

// CallbacksPage is the answer.
type CallbacksPage struct {
	Upgrade    string     `json:"upgrade"`
	Deliveries []Delivery `json:"deliveries,omitempty"`
}

// CallbackID is the id of a callback, which is the same at every attempt, at every replay and for every destination.
func CallbackID(upgrade string, sequence int) string {
	return "msg_" + UUID(upgrade, "callback", fmt.Sprint(sequence))
}

// LinesOfPlan are the lines of a plan that is not carried out yet.
func LinesOfPlan(p Plan) []CallbackLine {
	var lines []CallbackLine
	for _, l := range p.Lines {
		if !l.Touched && l.Now == l.Then {
			continue
		}
		line := CallbackLine{Offer: l.Offer, Name: l.Name, Subscription: l.Subscription, Term: l.Term, BillingCycle: l.BillingCycle, SeatsBefore: l.Now, SeatsAfter: l.Then}
		if l.ThenOffer != "" && l.ThenOffer != l.Offer {
			then := line
			then.Offer, then.Name, then.SeatsBefore = l.ThenOffer, p.NameOf(l.ThenOffer), 0
			line.SeatsAfter = 0
			lines = append(lines, line, then)
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// LinesOf are the lines of what a customer held before and holds after, as far as it differs or the plan touched it.
func LinesOf(p Plan, before, after []Holding) []CallbackLine {
	var lines []CallbackLine
	at := func(h Holding) *CallbackLine {
		i := slices.IndexFunc(lines, func(l CallbackLine) bool { return l.Subscription == h.Subscription && l.Offer == h.Offer })
		if i < 0 {
			line := CallbackLine{Offer: h.Offer, Name: h.Name, Subscription: h.Subscription}
			line.Term, line.BillingCycle = p.termOf(h)
			lines = append(lines, line)
			i = len(lines) - 1
		}
		return &lines[i]
	}
	for _, h := range before {
		at(h).SeatsBefore += h.Seats
	}
	for _, h := range after {
		at(h).SeatsAfter += h.Seats
	}
	return slices.DeleteFunc(lines, func(l CallbackLine) bool {
		return l.SeatsBefore == l.SeatsAfter && !slices.ContainsFunc(p.Lines, func(planned PlanLine) bool {
			return planned.Touched && planned.Subscription == l.Subscription
		})
	})
}

// termOf is the term and the billing cycle of what is held, by the plan: the subscription's own, else those of the purchase that
// made it.
func (p Plan) termOf(h Holding) (term, cycle string) {
	for _, l := range p.Lines {
		if l.Subscription != "" && l.Subscription == h.Subscription {
			return l.Term, l.BillingCycle
		}
	}
	for _, l := range p.Lines {
		if l.Subscription == "" && (l.Offer == h.Offer || l.ThenOffer == h.Offer) {
			return l.Term, l.BillingCycle
		}
	}
	return "", ""
}
