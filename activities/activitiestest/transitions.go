package activitiestest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// transit is a transition under way or done.
type transit struct {
	upgrade.Transition
	tenant  string
	request string // MS-RequestId
	due     time.Time
}

// TransitionTargets lists what the catalogue's new-commerce paths allow, with the customer's own obstacles.
func (c Commerce) TransitionTargets(_ context.Context, tenant, id string) (out []upgrade.TransitionTarget, err error) {
	end, err := c.w.begin("Commerce.TransitionTargets")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	customer, err := c.customer(tenant)
	if err != nil {
		return nil, err
	}
	s, err := c.find(tenant, id)
	if err != nil {
		return nil, err
	}
	return c.w.targets(customer, s), nil
}

func (w *World) targets(customer *Customer, s *subscription) []upgrade.TransitionTarget {
	from, ok := w.offer(s)
	running := slices.ContainsFunc(w.transits, func(t *transit) bool { return t.FromSubscription == s.ID && t.State == upgrade.StepRunning })
	if !ok || !s.Active() || running || !s.NewCommerce {
		return nil
	}
	var out []upgrade.TransitionTarget
	for _, p := range w.Catalog.PathsFrom(from.ID, "") {
		to, _ := w.Catalog.Offer(p.To)
		if p.Commerce != catalog.NewCommerce || !p.Allows(catalog.Transition) || to.ProductSKU == "" || slices.Contains(customer.Unlisted, string(to.ID)) {
			continue
		}
		out = append(out, upgrade.TransitionTarget{
			CatalogItem: item(to.ProductSKU), ProductSKU: to.ProductSKU, Title: to.Name, Seats: s.Seats, Into: w.into(customer, s, to.ProductSKU),
			Types: []upgrade.TransitionChoice{
				choice(upgrade.TransitionOnly, customer.NoTransition),
				choice(upgrade.TransitionWithLicenses, customer.NoTransition+customer.NoTransfer),
			},
		})
	}
	return out
}

// into judges the customer's subscriptions of a target, as Microsoft's page does.
func (w *World) into(customer *Customer, source *subscription, product string) []upgrade.IntoChoice {
	var out []upgrade.IntoChoice
	for _, s := range customer.subscriptions {
		if s.ProductSKU != product || s.Status == "deleted" || s == source {
			continue
		}
		c := upgrade.IntoChoice{Subscription: s.ID, Eligible: true}
		no := func(message string) { c.Eligible = false; c.Reasons.Add("", "target_not_ready", message, "wait") }
		switch {
		case !s.Active():
			no("the subscription is not active")
		case s.CancelUntil.After(w.Now()):
			no("the subscription is in its cancellation window")
		case s.TermEnds.Before(source.TermEnds):
			no("the subscription's term ends before the source's")
		}
		out = append(out, c)
	}
	return out
}

func choice(kind upgrade.TransitionType, why string) upgrade.TransitionChoice {
	c := upgrade.TransitionChoice{Type: kind, Eligible: why == ""}
	if why != "" {
		c.Reasons = upgrade.Problems{{Code: "18", Message: why, Remedy: "look at the subscription in Partner Center"}}
	}
	return c
}

// Transitions lists those of a subscription, oldest first.
func (c Commerce) Transitions(_ context.Context, tenant, id string) (out []upgrade.Transition, err error) {
	end, err := c.w.begin("Commerce.Transitions")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	customer, err := c.customer(tenant)
	if err != nil {
		return nil, err
	}
	if _, err := c.find(tenant, id); err != nil {
		return nil, err
	}
	for _, t := range c.w.transits {
		if t.tenant == tenant && t.FromSubscription == id && !c.w.Now().Before(t.StartedAt.Add(customer.ListedLate)) {
			out = append(out, t.Transition)
		}
	}
	return out, nil
}

// StartTransition starts one. The same request id is the same transition.
func (c Commerce) StartTransition(_ context.Context, id upgrade.WriteID, tenant string, r upgrade.TransitionRequest) (out upgrade.Transition, err error) {
	c.w.asked("Commerce.StartTransition", id)
	end, err := c.w.begin("Commerce.StartTransition")
	if err != nil {
		return out, err
	}
	defer end(&err)
	for _, t := range c.w.transits {
		if t.request == id.Request {
			return t.Transition, nil
		}
	}
	customer, err := c.customer(tenant)
	if err != nil {
		return out, err
	}
	s, err := c.find(tenant, r.Subscription)
	if err != nil {
		return out, err
	}
	allowed := slices.ContainsFunc(c.w.targets(customer, s), func(t upgrade.TransitionTarget) bool {
		into, said := t.IntoOf(r.Into)
		return t.CatalogItem == r.ToCatalogItem && t.Choice(r.Type).Eligible && (r.Into == "" || said && into.Eligible)
	})
	switch {
	case !allowed:
		return out, refused("400046", "the subscription is not eligible for this transition")
	case r.Seats < 1 || r.Seats > s.Seats:
		return out, refused("900275", "the quantity is outside what the line item allows")
	case r.Type == upgrade.TransitionWithLicenses && (r.Seats < s.Seats || r.Into != ""):
		return out, refused("800002", "licences move with whole subscriptions only")
	}
	t := &transit{tenant: tenant, request: id.Request, due: c.w.Now().Add(c.w.lag), Transition: upgrade.Transition{
		Operation: upgrade.UUID("transition", id.Request), FromSubscription: r.Subscription, ToCatalogItem: r.ToCatalogItem,
		Seats: r.Seats, Type: r.Type, State: upgrade.StepRunning, StartedAt: c.w.Now(),
	}}
	if r.Type == upgrade.TransitionWithLicenses {
		t.Licenses = upgrade.StepRunning
	}
	if r.Into != "" || r.Seats < s.Seats {
		t.ToSubscription = r.Into
		if r.Into == "" {
			t.ToSubscription = upgrade.UUID("moved", id.Request)
		}
	}
	s.due = t.due.Add(time.Hour) // nothing is through before the transition is
	c.w.transits = append(c.w.transits, t)
	c.w.note(fmt.Sprintf("transition %s %s", r.Subscription, r.Type))
	return t.Transition, nil
}

// FailTransition lets a transition that is under way fail at Microsoft.
func (w *World) FailTransition(reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.transits {
		if t.State == upgrade.StepRunning {
			t.State, t.Reasons = upgrade.StepFailed, upgrade.Problems{{Code: "failed", Message: reason}}
			if s := w.customers[t.tenant].find(t.FromSubscription); s != nil {
				s.due = time.Time{}
			}
		}
	}
}

// settle carries the transition out when it is due: the subscription becomes another product, and, where it was asked for,
// the licences move, with every service switched on again, as Microsoft's transfer does.
func (t *transit) settle(w *World, now time.Time) {
	if t.State != upgrade.StepRunning || now.Before(t.due) {
		return
	}
	customer := w.customers[t.tenant]
	s := customer.find(t.FromSubscription)
	to, _ := w.Catalog.OfferByProductSKU(t.ToCatalogItem)
	old := w.skuOf(s.Subscription)
	s.old, s.changed = s.copy(), now
	if t.ToSubscription != "" {
		t.split(customer, s, to, now)
		t.State = upgrade.StepCompleted
		return
	}
	s.ProductSKU, s.CatalogItem, s.Name, s.Scheduled = to.ProductSKU, t.ToCatalogItem, to.Name, nil
	s.due, s.shownSeats, s.shownSKU = time.Time{}, s.Seats, to.SKUID
	t.State = upgrade.StepCompleted
	if t.Type != upgrade.TransitionWithLicenses {
		return
	}
	t.Licenses = upgrade.StepCompleted
	for i, u := range customer.users {
		at := slices.IndexFunc(u.Licenses, func(l upgrade.License) bool { return l.SKUID == old })
		if at < 0 || byGroup(u, old) {
			continue
		}
		if customer.LosesTransfers && i%2 == 0 {
			t.Licenses = upgrade.StepFailed
			continue
		}
		u.Licenses[at] = upgrade.License{SKUID: to.SKUID}
	}
}

// split moves seats out of a subscription, into a new one or into one that is there. A source without seats has ended.
func (t *transit) split(customer *Customer, s *subscription, to catalog.Offer, now time.Time) {
	into := customer.find(t.ToSubscription)
	if into == nil {
		into = &subscription{Subscription: s.copy()}
		into.ID, into.Seats, into.Scheduled = t.ToSubscription, 0, nil
		into.ProductSKU, into.CatalogItem, into.Name = to.ProductSKU, t.ToCatalogItem, to.Name
		customer.subscriptions = append(customer.subscriptions, into)
	} else {
		into.old, into.changed = into.copy(), now
	}
	into.Seats += t.Seats
	into.due, into.shownSeats, into.shownSKU = time.Time{}, into.Seats, to.SKUID
	if s.Seats -= t.Seats; s.Seats == 0 {
		s.Status = "deleted"
	}
	s.due, s.shownSeats = time.Time{}, s.Seats
}
