package activitiestest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"uplift/upgrade"
)

// cart is a purchase that was prepared.
type cart struct {
	tenant  string
	request upgrade.PurchaseRequest
	order   string
}

// purchase is an order; its subscription is made when it is due.
type purchase struct {
	upgrade.CommerceOrder
	tenant  string
	request upgrade.PurchaseRequest
	due     time.Time
}

// Orders lists the orders that show by now.
func (c Commerce) Orders(_ context.Context, tenant string) (out []upgrade.CommerceOrder, err error) {
	end, err := c.w.begin("Commerce.Orders")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	customer, err := c.customer(tenant)
	if err != nil {
		return nil, err
	}
	for _, p := range c.w.purchases {
		if p.tenant == tenant && !c.w.Now().Before(p.At.Add(customer.ListedLate)) {
			out = append(out, p.CommerceOrder)
		}
	}
	return out, nil
}

// CreateCart keeps a line.
func (c Commerce) CreateCart(_ context.Context, id upgrade.WriteID, tenant string, r upgrade.PurchaseRequest) (out string, err error) {
	end, err := c.w.begin("Commerce.CreateCart")
	if err != nil {
		return "", err
	}
	defer end(&err)
	customer, err := c.customer(tenant)
	switch offer, ok := c.w.Catalog.OfferByProductSKU(r.CatalogItem); {
	case err != nil:
		return "", err
	case !ok || r.CatalogItem != item(offer.ProductSKU):
		return "", &upgrade.Error{Kind: upgrade.Transient, Code: "400019", Message: "the availability has rotated"}
	case !customer.AgreementAccepted:
		return "", &upgrade.Error{Kind: upgrade.Act, Code: "13605", Message: "the customer has not accepted the Microsoft Customer Agreement"}
	case !offer.Allows(r.Seats) || r.Seats == 0:
		return "", refused("900275", "the quantity is outside what the line item allows")
	}
	out = upgrade.UUID("cart", id.Request)
	c.w.carts[out] = &cart{tenant: tenant, request: r}
	return out, nil
}

// DropCarts forgets every cart, as Microsoft does after seven days.
func (w *World) DropCarts() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, c := range w.carts {
		if c.order == "" {
			delete(w.carts, id)
		}
	}
}

// Checkout buys a cart, once.
func (c Commerce) Checkout(_ context.Context, id upgrade.WriteID, tenant, cartID string) (out upgrade.CommerceOrder, err error) {
	c.w.asked("Commerce.Checkout", id)
	end, err := c.w.begin("Commerce.Checkout")
	if err != nil {
		return out, err
	}
	defer end(&err)
	found := c.w.carts[cartID]
	if found == nil || found.tenant != tenant {
		return out, notFound("cart")
	}
	for _, p := range c.w.purchases {
		if p.ID == found.order {
			return p.CommerceOrder, nil
		}
	}
	p := &purchase{tenant: tenant, request: found.request, due: c.w.Now().Add(c.w.lag), CommerceOrder: upgrade.CommerceOrder{
		ID: upgrade.UUID("order", cartID), Status: "pending", CatalogItem: found.request.CatalogItem, Seats: found.request.Seats, At: c.w.Now(),
	}}
	found.order = p.ID
	c.w.purchases = append(c.w.purchases, p)
	offer, _ := c.w.Catalog.OfferByProductSKU(p.CatalogItem)
	c.w.note(fmt.Sprintf("bought %s %d %s/%s", offer.ID, p.Seats, p.request.Term, p.request.BillingCycle))
	return p.CommerceOrder, nil
}

// settle makes the subscription of an order that is due; the world is locked.
func (p *purchase) settle(w *World, now time.Time) {
	if p.Subscription != "" || now.Before(p.due) {
		return
	}
	customer := w.customers[p.tenant]
	offer, _ := w.Catalog.OfferByProductSKU(p.CatalogItem)
	s := &subscription{Subscription: upgrade.Subscription{
		ID: upgrade.UUID("subscription", p.ID), ProductSKU: offer.ProductSKU, CatalogItem: p.CatalogItem, Name: offer.Name, NewCommerce: true, Seats: p.Seats,
		Status: "active", AutoRenew: true, Term: p.request.Term, BillingCycle: p.request.BillingCycle, TermEnds: termEnd(now, p.request.Term),
		CancelUntil: now.Add(window), Refundable: []upgrade.SeatBlock{{Seats: p.Seats, Until: now.Add(window)}},
	}, due: now.Add(w.lag)}
	p.Subscription, p.Status = s.ID, "completed"
	customer.subscriptions = append(customer.subscriptions, s)
}

func termEnd(from time.Time, term string) time.Time {
	switch term {
	case "P1M":
		return from.AddDate(0, 1, 0)
	case "P3Y":
		return from.AddDate(3, 0, 0)
	}
	return from.AddDate(1, 0, 0)
}

// Cancel ends a subscription inside its window.
func (c Commerce) Cancel(_ context.Context, request upgrade.WriteID, tenant, id string) (err error) {
	c.w.asked("Commerce.Cancel", request)
	end, err := c.w.begin("Commerce.Cancel")
	if err != nil {
		return err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	switch {
	case err != nil:
		return err
	case s.Status == "deleted":
		return nil
	case !s.CancelUntil.After(c.w.Now()):
		return refused("900117", "the cancellation window has closed")
	}
	s.old, s.changed = s.copy(), c.w.Now()
	s.Status, s.AutoRenew, s.Scheduled = "deleted", false, nil
	c.w.change(s)
	c.w.note("cancelled " + id)
	return nil
}

// SetRenewal brings what happens at the renewal from one state to another.
func (c Commerce) SetRenewal(_ context.Context, request upgrade.WriteID, tenant, id string, from, to upgrade.RenewalState) (err error) {
	c.w.asked("Commerce.SetRenewal", request)
	end, err := c.w.begin("Commerce.SetRenewal")
	if err != nil {
		return err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	if err != nil {
		return err
	}
	have := upgrade.RenewalState{AutoRenew: s.AutoRenew, Scheduled: s.Scheduled}
	switch {
	case sameRenewal(have, to):
		return nil
	case !sameRenewal(have, from):
		return &upgrade.Error{Kind: upgrade.Conflict, Code: "renewal_changed", Message: "somebody else has changed what happens at the renewal"}
	}
	s.AutoRenew, s.Scheduled = to.AutoRenew, nil
	words := fmt.Sprintf("renewal %s %t", id, to.AutoRenew)
	if change := to.Scheduled; change != nil {
		copied := *change
		s.Scheduled = &copied
		words += fmt.Sprintf(" %s:%s %d", change.ProductID, change.SKUID, change.Seats)
	}
	c.w.note(words)
	return nil
}

func sameRenewal(a, b upgrade.RenewalState) bool {
	if a.AutoRenew != b.AutoRenew || (a.Scheduled == nil) != (b.Scheduled == nil) {
		return false
	}
	if a.Scheduled == nil {
		return true
	}
	x, y := *a.Scheduled, *b.Scheduled
	x.AvailabilityID, y.AvailabilityID = "", ""
	return x == y
}

// renewalLag is how long Microsoft takes to work a renewal off after the term's end.
const renewalLag = 6 * time.Hour

// renew lets a term end: what was scheduled happens, or the subscription goes on, or it expires; the world is locked.
func (s *subscription) renew(w *World, now time.Time) {
	if !s.NewCommerce || s.Status != "active" || s.TermEnds.IsZero() || now.Before(s.TermEnds.Add(renewalLag)) {
		return
	}
	s.old, s.changed = s.copy(), now
	if !s.AutoRenew {
		s.Status = "expired"
		w.note("expired " + s.ID)
		w.change(s)
		return
	}
	from := s.TermEnds
	if n := s.Scheduled; n != nil {
		product := n.ProductID + ":" + n.SKUID
		if offer, ok := w.Catalog.OfferByProductSKU(product); ok && product != s.ProductSKU {
			s.ProductSKU, s.CatalogItem, s.Name = product, product+":"+n.AvailabilityID, offer.Name
		}
		s.Seats, s.Scheduled = n.Seats, nil
	}
	s.TermEnds, s.CancelUntil = termEnd(from, s.Term), from.Add(window)
	s.Refundable = []upgrade.SeatBlock{{Seats: s.Seats, Until: from.Add(window)}}
	w.note(fmt.Sprintf("renewed %s %d", s.ID, s.Seats))
	w.change(s)
}

// RenewalTargets are every path of new commerce, up and down.
func (c Commerce) RenewalTargets(_ context.Context, tenant, id string) (out []upgrade.TransitionTarget, err error) {
	end, err := c.w.begin("Commerce.RenewalTargets")
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
	from, _ := c.w.offer(s)
	for _, p := range c.w.Catalog.PathsFrom(from.ID, "") {
		to, _ := c.w.Catalog.Offer(p.To)
		if to.ProductSKU != "" && !slices.Contains(customer.Unlisted, string(to.ID)) {
			out = append(out, upgrade.TransitionTarget{CatalogItem: item(to.ProductSKU), ProductSKU: to.ProductSKU, Title: to.Name, Seats: s.Seats,
				Types: []upgrade.TransitionChoice{choice(upgrade.TransitionOnly, customer.NoTransition)}})
		}
	}
	return out, nil
}
