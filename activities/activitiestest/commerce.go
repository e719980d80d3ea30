package activitiestest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// window is how long seats may be given back.
const window = 7 * 24 * time.Hour

// Commerce is Partner Center.
type Commerce struct{ w *World }

func (c Commerce) customer(tenant string) (*Customer, error) {
	if found := c.w.customers[tenant]; found != nil {
		return found, nil
	}
	return nil, notFound("customer")
}

func (c Commerce) find(tenant, id string) (*subscription, error) {
	customer, err := c.customer(tenant)
	if err != nil {
		return nil, err
	}
	if s := customer.find(id); s != nil {
		return s, nil
	}
	return nil, notFound("subscription")
}

// Customer implements activities.Commerce, as every method here does.
func (c Commerce) Customer(_ context.Context, tenant string) (out upgrade.Customer, err error) {
	end, err := c.w.begin("Commerce.Customer")
	if err != nil {
		return out, err
	}
	defer end(&err)
	found, err := c.customer(tenant)
	if err != nil {
		return out, err
	}
	return found.Customer, nil
}

// Subscriptions lists copies.
func (c Commerce) Subscriptions(_ context.Context, tenant string) (out []upgrade.Subscription, err error) {
	end, err := c.w.begin("Commerce.Subscriptions")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	customer, err := c.customer(tenant)
	if err != nil {
		return nil, err
	}
	for _, s := range customer.subscriptions {
		out = append(out, s.shown(c.w.Now(), max(customer.ShownLate, customer.CountedLate)))
	}
	return out, nil
}

// Subscription reads one.
func (c Commerce) Subscription(_ context.Context, tenant, id string) (out upgrade.Subscription, err error) {
	end, err := c.w.begin("Commerce.Subscription")
	if err != nil {
		return out, err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	if err != nil {
		return out, err
	}
	return s.shown(c.w.Now(), c.w.customers[tenant].ShownLate), nil
}

// shown is a copy of the subscription as Partner Center shows it, which may lag behind what it has accepted.
func (s *subscription) shown(now time.Time, late time.Duration) upgrade.Subscription {
	if now.Before(s.changed.Add(late)) {
		return s.old
	}
	return s.copy()
}

func (s *subscription) copy() upgrade.Subscription {
	c := s.Subscription
	c.Refundable = slices.Clone(c.Refundable)
	if s.Scheduled != nil {
		scheduled := *s.Scheduled
		c.Scheduled = &scheduled
	}
	return c
}

// SetSeats changes a quantity as Microsoft does: a decrease only out of open windows, an increase opens one, and what was
// scheduled for the renewal is gone. It reads the number first, and Partner Center may show an old one. A request id that
// had its effect has no other.
func (c Commerce) SetSeats(_ context.Context, request upgrade.WriteID, tenant, id string, from, to int) (err error) {
	c.w.asked("Commerce.SetSeats", request)
	end, err := c.w.begin("Commerce.SetSeats")
	if err != nil {
		return err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	if err != nil {
		return err
	}
	old := s.copy()
	switch have := s.shown(c.w.Now(), c.w.customers[tenant].ShownLate).Seats; {
	case have == to, request.Request != "" && c.w.answered[request.Request]:
		return nil
	case have != from:
		return &upgrade.Error{Kind: upgrade.Conflict, Code: "seats_changed", Message: fmt.Sprintf("the subscription has %d seats, where %d were expected", have, from)}
	case to < from && !s.giveBack(from-to, c.w.Now()):
		return refused("800090", "the quantity cannot be decreased")
	}
	c.w.answered[request.Request] = true
	if to > from {
		s.Refundable = append(s.Refundable, upgrade.SeatBlock{Seats: to - from, Until: c.w.Now().Add(window)})
	}
	s.Seats, s.Scheduled = to, nil
	s.old, s.changed = old, c.w.Now()
	c.w.change(s)
	c.w.note(fmt.Sprintf("seats %s %d→%d", id, from, to))
	return nil
}

// change starts the provisioning of what was changed; the world is locked.
func (w *World) change(s *subscription) { s.due = w.Now().Add(w.lag) }

// giveBack takes seats out of the windows that are open, or none at all.
func (s *subscription) giveBack(seats int, now time.Time) bool {
	if open, _ := s.ReturnableAt(now); open < seats {
		return false
	}
	for i := range s.Refundable {
		if b := &s.Refundable[i]; b.Until.After(now) {
			taken := min(b.Seats, seats)
			b.Seats -= taken
			seats -= taken
		}
	}
	s.Refundable = slices.DeleteFunc(s.Refundable, func(b upgrade.SeatBlock) bool { return b.Seats == 0 })
	return true
}

// SetScheduled puts a scheduled change back, where there is none.
func (c Commerce) SetScheduled(_ context.Context, request upgrade.WriteID, tenant, id string, change upgrade.ScheduledChange) (err error) {
	c.w.asked("Commerce.SetScheduled", request)
	end, err := c.w.begin("Commerce.SetScheduled")
	if err != nil {
		return err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	if err != nil || s.Scheduled != nil || request.Request != "" && c.w.answered[request.Request] {
		return err
	}
	c.w.answered[request.Request] = true
	s.Scheduled, s.AutoRenew = &change, true
	c.w.note("scheduled " + id)
	return nil
}

// SetAutoRenew switches the renewal.
func (c Commerce) SetAutoRenew(_ context.Context, _ upgrade.WriteID, tenant, id string, on bool) (err error) {
	end, err := c.w.begin("Commerce.SetAutoRenew")
	if err != nil {
		return err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	if err != nil || s.AutoRenew == on {
		return err
	}
	s.AutoRenew = on
	c.w.note(fmt.Sprintf("renewal %s %t", id, on))
	return nil
}

// Provisioned tells whether what was changed last is through.
func (c Commerce) Provisioned(_ context.Context, tenant, id string) (done bool, seats int, sku string, err error) {
	end, err := c.w.begin("Commerce.Provisioned")
	if err != nil {
		return false, 0, "", err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	if err != nil {
		return false, 0, "", err
	}
	return s.due.IsZero(), s.shownSeats, s.shownSKU, nil
}

// SKU answers the catalogue's limits as the vendor's own.
func (c Commerce) SKU(_ context.Context, productSKU, _ string) (out upgrade.SKU, err error) {
	end, err := c.w.begin("Commerce.SKU")
	if err != nil {
		return out, err
	}
	defer end(&err)
	o, ok := c.w.Catalog.OfferByProductSKU(productSKU)
	if !ok {
		return out, notFound("SKU")
	}
	return upgrade.SKU{ProductSKU: productSKU, Name: o.Name, MinSeats: max(o.MinSeats, 1), MaxSeats: o.MaxSeats, EntraSKU: o.SKUID}, nil
}

// Availabilities answers one.
func (c Commerce) Availabilities(_ context.Context, productSKU, _ string) (out []upgrade.Availability, err error) {
	end, err := c.w.begin("Commerce.Availabilities")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if _, ok := c.w.Catalog.OfferByProductSKU(productSKU); !ok {
		return nil, notFound("SKU")
	}
	return []upgrade.Availability{{CatalogItem: item(productSKU), Terms: []string{"P1Y/monthly", "P1Y/annual", "P1M/monthly"}}}, nil
}

// item is the catalogue item under which a product is bought today.
func item(productSKU string) string { return productSKU + ":CFQAVAIL0001" }

// offer is the catalogue's offer of a subscription; the world is locked.
func (w *World) offer(s *subscription) (catalog.Offer, bool) {
	return w.offerOf(s.Subscription)
}

// offerOf is the catalogue's offer; a traditional subscription tells it by its name alone.
func (w *World) offerOf(s upgrade.Subscription) (catalog.Offer, bool) {
	if s.ProductSKU == "" {
		offer, _, ok := w.Catalog.Resolve(s.Name)
		return offer, ok
	}
	return w.Catalog.OfferByProductSKU(s.ProductSKU)
}
