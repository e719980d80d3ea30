package cloud

import (
	"cmp"
	"time"
)

// scheduleRenewal lets the term end: at midnight UTC after its last day the
// subscription is being renewed and refuses writes, and some hours later it is
// done ("scheduled changes").
func (c *Cloud) scheduleRenewal(t *Tenant, s *Subscription) {
	generation := s.term
	c.schedule(midnightAfter(s.End), func() {
		if s.term != generation || s.Status == Deleted {
			return
		}
		s.renewing = true
		c.after(c.lag(c.faults.Lags.Renewal), func() { c.renew(t, s) })
	})
}

func midnightAfter(t time.Time) time.Time {
	day := t.UTC().Truncate(24 * time.Hour)
	if day.Equal(t) {
		return day
	}
	return day.Add(24 * time.Hour)
}

func (c *Cloud) renew(t *Tenant, s *Subscription) {
	s.renewing = false
	if s.Status == Deleted {
		return
	}
	if !s.AutoRenew {
		c.record(SubscriptionExpired, t.ID, s.ID, s.Status, Expired, Origin{})
		s.Status = Expired
		c.push(t, s)
		return
	}
	before := s.Offer.PartNumber + " " + text(s.Quantity)
	if n := s.Next; n != nil {
		if target, ok := OfferByKey(n.ProductID, n.SkuID); ok {
			s.rename(target)
			s.Offer, s.Availability = target, n.AvailabilityID
		}
		s.Quantity, s.Term = n.Quantity, cmp.Or(n.Term, s.Term)
		s.BillingCycle, s.PromotionID = cmp.Or(n.BillingCycle, s.BillingCycle), n.PromotionID
		s.Next = nil
	}
	c.begin(s, s.End)
	s.Version++
	c.record(SubscriptionRenewed, t.ID, s.ID, before, s.Offer.PartNumber+" "+text(s.Quantity), Origin{})
	c.scheduleRenewal(t, s)
	c.push(t, s)
}

// rename follows a change of offer where the name was the offer's own.
func (s *Subscription) rename(to *Offer) {
	if s.FriendlyName == s.Offer.Name {
		s.FriendlyName = to.Name
	}
}
