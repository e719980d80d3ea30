package cloud

import (
	"cmp"
	"slices"
	"time"
)

// Move is the body of POST /transitions.
type Move struct {
	ToItem, FromItem, FromSubscription, ToSubscription string
	Quantity                                           int
	Type                                               string
	Term, BillingCycle, PromotionID                    string
}

// TransitionEvent is one step of a transition.
type TransitionEvent struct {
	Name   string // Conversion, LicenseReassignment
	Status string // Started, InProgress, Completed, Failed
	At     time.Time
	Errors []TransitionError
}

// Transition is a move that Microsoft has begun; it cannot be taken back.
type Transition struct {
	Move
	OperationID string
	Source      string // subscription id
	// Target is the subscription that ends up with the seats; Microsoft names it
	// only where it is not the source.
	Target string
	Events []TransitionEvent
}

func (tr *Transition) copy() Transition {
	out := *tr
	out.Events = slices.Clone(tr.Events)
	return out
}

func (tr *Transition) event(name, status string, at time.Time, errs ...TransitionError) {
	i := slices.IndexFunc(tr.Events, func(e TransitionEvent) bool { return e.Name == name })
	if i < 0 {
		tr.Events = append(tr.Events, TransitionEvent{Name: name})
		i = len(tr.Events) - 1
	}
	tr.Events[i].Status, tr.Events[i].At, tr.Events[i].Errors = status, at, errs
}

// Transitions is the history of a subscription's transitions.
func (c *Cloud) Transitions(tenant, id string) ([]Transition, *Refusal) {
	c.enter()
	defer c.leave()
	t, s, r := c.own(tenant, id)
	if r != nil {
		return nil, r
	}
	out := []Transition{}
	for _, tr := range t.moves {
		if tr.Source == s.ID {
			out = append(out, tr.copy())
		}
	}
	return out, nil
}

// StartTransition begins a transition. Every call that is allowed begins one:
// only MS-RequestId protects against a second.
func (c *Cloud) StartTransition(tenant, id string, m Move, o Origin) (Transition, *Refusal) {
	c.enter()
	defer c.leave()
	t, s, r := c.own(tenant, id)
	if r != nil {
		return Transition{}, r
	}
	target, into, r := c.mayMove(t, s, m, o)
	if r != nil {
		return Transition{}, r
	}
	tr := &Transition{Move: m, OperationID: c.newID(), Source: s.ID}
	tr.FromItem = s.CatalogItem()
	switch {
	case into != nil:
		tr.Target, into.moving = into.ID, tr.OperationID
	case m.Quantity < s.Quantity:
		tr.Target = c.newID()
	}
	tr.event("Conversion", "Started", c.at)
	t.moves = append(t.moves, tr)
	s.moving = tr.OperationID
	c.record(TransitionStarted, t.ID, s.ID, s.Offer.PartNumber+" "+text(s.Quantity),
		target.PartNumber+" "+text(m.Quantity)+" "+m.Type+" "+tr.Target, o)
	lag := c.lag(c.faults.Lags.Transition)
	fails := c.roll(TransitionFails, o)
	answer := tr.copy()
	c.after(lag/3, func() { tr.event("Conversion", "InProgress", c.at) })
	c.after(lag, func() {
		if fails {
			c.failMove(t, s, into, tr, o)
			return
		}
		c.convert(t, s, target, into, tr, o)
	})
	return answer, nil
}

func (c *Cloud) mayMove(t *Tenant, s *Subscription, m Move, o Origin) (target *Offer, into *Subscription, r *Refusal) {
	if s.Legacy {
		return nil, nil, refuse(403, "900263", "The operation is not supported for legacy subscriptions.")
	}
	if r := c.writable(t, s, o); r != nil {
		return nil, nil, r
	}
	target, r = c.resolve(m.ToItem, o)
	if r != nil {
		return nil, nil, r
	}
	path := c.path(t, s, target, false)
	switch {
	case s.Status != Active:
		return nil, nil, refuse(400, "800091", "The subscription is not active.")
	case target == s.Offer:
		return nil, nil, refuse(400, "900259", "The transition target is the same as the source.")
	case !contains(offersOf(upgrades(s.Offer.PartNumber)), target):
		return nil, nil, refuse(403, "800020", "The catalog item is not eligible for a transition of this subscription.")
	case m.Type != TransitionOnly && m.Type != TransferLicences:
		return nil, nil, refuse(400, "900126", "The value %q of transitionType could not be parsed.", m.Type)
	case m.Quantity < 1 || m.Quantity > s.Quantity || m.Quantity > target.MaxSeats:
		return nil, nil, refuse(400, "900275", "The quantity is not within the allowed range for line item 0.")
	case s.pushes > 0:
		return nil, nil, refuse(409, "800082", "Subscription is not ready to be updated. Please try again after sometime.")
	case len(path.Only) > 0:
		return nil, nil, refuse(400, "800002", "%s", path.Only[0].Text)
	case m.Type == TransferLicences && len(path.Transfer) > 0:
		return nil, nil, refuse(400, "800002", "%s", path.Transfer[0].Text)
	}
	if r := mayRetermBy(s, m); r != nil {
		return nil, nil, r
	}
	if m.ToSubscription == "" {
		return target, nil, nil
	}
	into, r = c.mayMoveInto(t, s, target, m)
	return target, into, r
}

func mayRetermBy(s *Subscription, m Move) *Refusal {
	term := cmp.Or(m.Term, s.Term)
	switch {
	case months(term) == 0:
		return refuse(400, "900268", "The term duration is invalid.")
	case months(term) < months(s.Term):
		return refuse(400, "900267", "The term of the target is shorter than the source's.")
	case m.BillingCycle != "" && months(m.BillingCycle) == 0:
		return refuse(400, "900269", "The billing cycle is invalid.")
	case months(cmp.Or(m.BillingCycle, s.BillingCycle)) > months(term):
		return refuse(400, "900270", "The billing cycle is longer than the term.")
	}
	return nil
}

func (c *Cloud) mayMoveInto(t *Tenant, s *Subscription, target *Offer, m Move) (*Subscription, *Refusal) {
	into := t.subscription(m.ToSubscription)
	switch {
	case into == nil:
		return nil, refuse(404, "20003", "The subscription was not found.")
	case into == s:
		return nil, refuse(400, "900259", "The transition target is the same as the source.")
	case into.Status != Active:
		return nil, refuse(400, "900258", "The transition target is not active.")
	case into.Offer != target:
		return nil, refuse(400, "900260", "The transition target has another catalog item.")
	case months(into.Term) < months(s.Term):
		return nil, refuse(400, "900267", "The term of the target is shorter than the source's.")
	case into.End.Before(s.End):
		return nil, refuse(400, "900236", "The transition target ends before the source.")
	case into.pushes > 0, into.moving != "", c.at.Before(into.CancelUntil), c.at.Before(into.readyAt):
		return nil, refuse(400, "900261", "The transition target is not ready to be upgraded. Try again later.")
	case into.Quantity+m.Quantity > target.MaxSeats:
		return nil, refuse(403, "800088", "%d seats exceed the remaining %d allowed per subscription.", m.Quantity, target.MaxSeats-into.Quantity)
	}
	return into, nil
}

func (c *Cloud) failMove(t *Tenant, s, into *Subscription, tr *Transition, o Origin) {
	s.moving = ""
	if into != nil {
		into.moving = ""
	}
	tr.event("Conversion", "Failed", c.at, TransitionError{0, "The conversion failed."})
	c.record(TransitionFailed, t.ID, s.ID, nil, tr.OperationID, o)
}
