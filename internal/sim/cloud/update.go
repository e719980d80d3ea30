package cloud

import "cmp"

// Update is the whole body of PATCH /subscriptions/{id}: what is left out by the
// caller arrives here as its zero value and resets the field, as Microsoft's does.
type Update struct {
	Quantity     int
	Status       string // empty leaves it
	FriendlyName string // empty returns to the offer's name
	AutoRenew    bool
	Next         *NextTerm
	PartnerID    string
	BillingCycle string // empty leaves it; another than the present is refused
	ETag         string // traditional subscriptions only
}

// UpdateSubscription applies a PATCH. Accepted means: answered 202, done later.
func (c *Cloud) UpdateSubscription(tenant, id string, up Update, o Origin) (sub Subscription, accepted bool, r *Refusal) {
	c.enter()
	defer c.leave()
	t, s, r := c.own(tenant, id)
	if r != nil {
		return Subscription{}, false, r
	}
	if r := c.writable(t, s, o); r != nil {
		return Subscription{}, false, r
	}
	if r := c.mayUpdate(s, up, o); r != nil {
		return Subscription{}, false, r
	}
	if c.roll(Accepted, o) {
		lag := c.lag(c.faults.Lags.Accepted)
		s.lockedUntil = c.at.Add(lag)
		c.after(lag, func() { c.update(t, s, up, o) })
		return s.copy(), true, nil
	}
	c.update(t, s, up, o)
	return s.copy(), false, nil
}

// writable is what stands in the way of any write to a subscription.
func (c *Cloud) writable(t *Tenant, s *Subscription, o Origin) *Refusal {
	switch {
	case t.Locked:
		return refuse(403, "900416", "The customer account is locked for transactions.")
	case s.Status == Deleted:
		return refuse(400, "2011", "The subscription is deleted and cannot be updated.")
	case s.Updates >= maxUpdates:
		return refuse(400, "900311", "The subscription has been updated too many times.")
	case s.renewing && !s.AutoRenew:
		return refuse(400, "900277", "The subscription is being expired.")
	case s.renewing, s.moving != "", c.at.Before(s.lockedUntil):
		return refuse(409, "900278", "The subscription has a pending operation. Try again after 24 hours.")
	case c.at.Before(s.readyAt), c.roll(NotReady, o):
		return refuse(409, "800082", "Subscription is not ready to be updated. Please try again after sometime.")
	}
	if c.roll(PendingOperation, o) {
		s.lockedUntil = c.at.Add(c.lag(c.faults.Lags.PendingLock))
		return refuse(409, "900278", "The subscription has a pending operation. Try again after 24 hours.")
	}
	return nil
}

func (c *Cloud) mayUpdate(s *Subscription, up Update, o Origin) *Refusal {
	status := cmp.Or(up.Status, s.Status)
	switch {
	case s.Legacy && up.ETag != s.ETag():
		return refuse(400, "2055", "The etag is no longer valid.")
	case up.BillingCycle != "" && up.BillingCycle != s.BillingCycle:
		return refuse(400, "2054", "The billing cycle cannot be changed by updating the subscription.")
	case status != Active && status != Suspended && status != Deleted && status != s.Status:
		return refuse(400, "800040", "The asset status cannot be changed to %s from %s.", status, s.Status)
	}
	if status == Deleted {
		if !s.Legacy && !c.at.Before(s.CancelUntil) {
			return refuse(400, "900117", "The cancellation window of 7 days has passed.")
		}
		return nil
	}
	if up.Quantity != s.Quantity {
		if r := c.mayResize(s, up, o); r != nil {
			return r
		}
	}
	if up.Next != nil && !sameTerm(up.Next, s.Next) {
		return c.mayRenewAs(s, up)
	}
	return nil
}

func (c *Cloud) mayResize(s *Subscription, up Update, o Origin) *Refusal {
	switch {
	case s.Status == Suspended && up.Status == Active:
		return refuse(400, "800081", "Activate the subscription before updating it.")
	case s.Status == Suspended:
		return refuse(400, "800091", "A suspended subscription cannot be updated.")
	case up.Status == Suspended:
		return refuse(400, "2001", "The quantity cannot be changed while the subscription is being suspended.")
	case up.Quantity < s.Offer.MinSeats || up.Quantity > s.Offer.MaxSeats:
		return refuse(400, "2002", "The quantity must be between %d and %d.", s.Offer.MinSeats, s.Offer.MaxSeats)
	case up.Quantity > s.Quantity || s.Legacy:
		return nil
	}
	returnable := 0
	for _, b := range s.Refundable(c.at) {
		returnable += b.Quantity
	}
	if s.Quantity-up.Quantity <= returnable {
		return nil
	}
	if c.roll(PlainDecreaseRefusal, o) {
		return refuse(400, "800090", "Subscription quantity can't be decreased.")
	}
	return refuse(400, "900257", "Seats can be reduced within the 7-day window only; %d of the %d seats can be returned now.", returnable, s.Quantity)
}

// mayRenewAs judges instructions for the next term.
func (c *Cloud) mayRenewAs(s *Subscription, up Update) *Refusal {
	n := up.Next
	target, ok := OfferByKey(n.ProductID, n.SkuID)
	switch {
	case s.Legacy:
		return refuse(403, "900263", "The operation is not supported for legacy subscriptions.")
	case !up.AutoRenew:
		return refuse(400, "800093", "The subscription is not eligible for scheduled changes without auto-renew.")
	case !ok:
		return refuse(404, "400018", "The SKU was not found.")
	case n.AvailabilityID != c.availability(target) && !(target == s.Offer && n.AvailabilityID == s.Availability):
		return refuse(404, "400019", "The availability was not found.")
	case target != s.Offer && !contains(offersOf(scheduled(s.Offer.PartNumber)), target):
		return refuse(403, "800020", "The catalog item is not eligible for purchase.")
	case n.Quantity < target.MinSeats || n.Quantity > target.MaxSeats:
		return refuse(400, "900275", "The quantity is not within the allowed range for line item 0.")
	case n.Term != "" && months(n.Term) == 0:
		return refuse(400, "900268", "The term duration is invalid.")
	case n.BillingCycle != "" && months(n.BillingCycle) > months(cmp.Or(n.Term, s.Term)):
		return refuse(400, "900270", "The billing cycle is longer than the term.")
	}
	return nil
}

func contains(list []*Offer, o *Offer) bool {
	for _, x := range list {
		if x == o {
			return true
		}
	}
	return false
}

func sameTerm(a, b *NextTerm) bool { return a == b || a != nil && b != nil && *a == *b }

// update commits a PATCH that was allowed.
func (c *Cloud) update(t *Tenant, s *Subscription, up Update, o Origin) {
	s.Updates++
	s.Version++
	changed := false
	if status := cmp.Or(up.Status, s.Status); status != s.Status {
		c.record(StatusChanged, t.ID, s.ID, s.Status, status, o)
		s.Status, changed = status, true
	}
	before := settings(s)
	s.AutoRenew, s.PartnerID, s.FriendlyName = up.AutoRenew, up.PartnerID, cmp.Or(up.FriendlyName, s.Offer.Name)
	dropped := s.Next
	s.Next = up.Next
	if s.Status != Deleted && up.Quantity != s.Quantity {
		c.record(QuantityChanged, t.ID, s.ID, s.Quantity, up.Quantity, o)
		c.resize(s, up.Quantity)
		if dropped != nil { // a change of seats in mid-term removes what was scheduled
			c.record(NextTermDropped, t.ID, s.ID, *dropped, nil, o)
			s.Next = nil
		}
		changed = true
	}
	if after := settings(s); after != before {
		c.record(SubscriptionUpdated, t.ID, s.ID, before, after, o)
	}
	if changed {
		c.push(t, s)
	}
}

func settings(s *Subscription) string {
	next := "none"
	if s.Next != nil {
		next = text(*s.Next)
	}
	return "autoRenew=" + text(s.AutoRenew) + " name=" + s.FriendlyName + " partner=" + s.PartnerID + " next=" + next
}

// resize keeps the windows: new seats get their own, returned seats come out of
// the youngest blocks.
func (c *Cloud) resize(s *Subscription, quantity int) {
	if more := quantity - s.Quantity; more > 0 {
		s.Blocks = append(s.Blocks, Block{more, c.at.Add(returnWindow)})
	}
	for less := s.Quantity - quantity; less > 0 && len(s.Blocks) > 0; {
		last := &s.Blocks[len(s.Blocks)-1]
		take := min(less, last.Quantity)
		last.Quantity -= take
		if less -= take; last.Quantity == 0 {
			s.Blocks = s.Blocks[:len(s.Blocks)-1]
		}
	}
	s.Quantity = quantity
}
