package upgrade

import "time"

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

// CallbackLine is one subscription before and after.
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
