package cloud

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
)

// Subscription states (page "subscription resources").
const (
	Active    = "active"
	Suspended = "suspended"
	Deleted   = "deleted"
	Expired   = "expired"
)

// returnWindow is how long seats may be given back after they were bought or
// renewed: 7 days, 168 hours.
const returnWindow = 7 * 24 * time.Hour

// maxUpdates is how many updates one subscription takes (900311).
const maxUpdates = 1200

// Block is a number of seats bought together, with their own return window.
type Block struct {
	Quantity int
	Until    time.Time
}

// NextTerm is what a subscription becomes at renewal.
type NextTerm struct {
	ProductID, SkuID, AvailabilityID string
	BillingCycle, Term, PromotionID  string
	Quantity                         int
	CustomTermEnd                    string
}

// Subscription is a commerce subscription as Partner Center knows it.
type Subscription struct {
	ID, Tenant   string
	Offer        *Offer
	Availability string
	Legacy       bool // from before new commerce
	// Channel names another seller; the partner does not see such a subscription.
	Channel      string
	FriendlyName string
	Quantity     int
	Status       string
	Term         string // P1M, P1Y, P3Y
	BillingCycle string
	AutoRenew    bool
	Trial        bool
	ParentID     string // add-ons
	PartnerID    string
	PromotionID  string
	OrderID      string
	Created      time.Time
	Start        time.Time // of the present term
	End          time.Time // commitment end
	CancelUntil  time.Time
	Blocks       []Block
	Next         *NextTerm
	Version      int // legacy etag
	Updates      int

	pushes        int       // changes on their way to the directory
	provisioned   int       // the quantity that the directory has
	provisionedAt time.Time // when it last arrived
	lockedUntil   time.Time // 900278
	readyAt       time.Time // 800082 before
	moving        string    // operation id of a running transition
	renewing      bool
	term          int // generation of the term, so that an outdated renewal does nothing
}

// SubscriptionSpec describes a subscription that exists from the beginning.
type SubscriptionSpec struct {
	ID, Part     string // Part is the skuPartNumber
	Quantity     int
	Term         string        // P1Y when empty
	BillingCycle string        // monthly when empty
	Age          time.Duration // how long ago it was bought; decides the windows
	Status       string        // active when empty
	NoAutoRenew  bool
	Legacy       bool
	Trial        bool
	Channel      string
	ParentID     string
	PartnerID    string
	FriendlyName string
	Next         *NextTerm
	// RecentSeats of the quantity were added RecentAge ago, with their own window.
	RecentSeats int
	RecentAge   time.Duration
}

// AddSubscription adds a subscription that the directory knows already. It
// returns the id, empty when the tenant or the offer is unknown.
func (c *Cloud) AddSubscription(tenant string, s SubscriptionSpec) string {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	offer, ok := OfferByPart(s.Part)
	if t == nil || !ok {
		return ""
	}
	bought := c.at.Add(-s.Age)
	sub := &Subscription{ID: s.ID, Tenant: t.ID, Offer: offer, Availability: c.availability(offer), Legacy: s.Legacy,
		Channel: s.Channel, FriendlyName: cmp.Or(s.FriendlyName, offer.Name), Quantity: s.Quantity,
		Status: cmp.Or(s.Status, Active), Term: cmp.Or(s.Term, "P1Y"), BillingCycle: cmp.Or(s.BillingCycle, "monthly"),
		AutoRenew: !s.NoAutoRenew, Trial: s.Trial, ParentID: s.ParentID, PartnerID: s.PartnerID, Next: s.Next,
		Created: bought, Version: 1, OrderID: c.newID()[24:]}
	if sub.ID == "" {
		sub.ID = c.newID()
	}
	c.begin(sub, bought)
	for !sub.End.After(c.at) { // an old subscription has been renewed since
		c.begin(sub, sub.End)
	}
	if s.RecentSeats > 0 {
		sub.Blocks = []Block{{s.Quantity - s.RecentSeats, bought.Add(returnWindow)}, {s.RecentSeats, c.at.Add(returnWindow - s.RecentAge)}}
	}
	t.subs = append(t.subs, sub)
	c.scheduleRenewal(t, sub)
	c.deliver(t, sub)
	sub.provisionedAt = bought // long ago: nothing is pending
	return sub.ID
}

// begin starts a term: new dates, and a new window for all seats.
func (c *Cloud) begin(s *Subscription, from time.Time) {
	s.Start, s.End = from, termEnd(from, s.Term)
	s.CancelUntil = from.Add(returnWindow)
	s.Blocks = []Block{{s.Quantity, from.Add(returnWindow)}}
	s.term++
}

func termEnd(from time.Time, term string) time.Time {
	switch term {
	case "P1M":
		return from.AddDate(0, 1, 0)
	case "P3Y":
		return from.AddDate(3, 0, 0)
	default:
		return from.AddDate(1, 0, 0)
	}
}

// months is the length of a term or a billing cycle, 0 when unknown.
func months(s string) int {
	switch s {
	case "P1M", "monthly":
		return 1
	case "P1Y", "annual":
		return 12
	case "biennial":
		return 24
	case "P3Y", "triennial":
		return 36
	}
	return 0
}

// Refundable lists the blocks that may still be given back.
func (s *Subscription) Refundable(now time.Time) []Block {
	out := []Block{}
	for _, b := range s.Blocks {
		if b.Quantity > 0 && now.Before(b.Until) {
			out = append(out, b)
		}
	}
	return out
}

// ETag is what a traditional subscription must be sent back with.
func (s *Subscription) ETag() string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"id":"%s","version":%d}`, s.ID, s.Version))
}

// CatalogItem is "product:sku:availability" as bought.
func (s *Subscription) CatalogItem() string { return s.Offer.Key() + ":" + s.Availability }

func (s *Subscription) copy() Subscription {
	out := *s
	out.Blocks = slices.Clone(s.Blocks)
	if s.Next != nil {
		next := *s.Next
		out.Next = &next
	}
	return out
}

func (t *Tenant) subscription(id string) *Subscription {
	for _, s := range t.subs {
		if s.ID == id && s.Channel == "" {
			return s
		}
	}
	return nil
}

// own finds a subscription that the partner sold to a customer.
func (c *Cloud) own(tenant, id string) (*Tenant, *Subscription, *Refusal) {
	t, r := c.customer(tenant)
	if r != nil {
		return nil, nil, r
	}
	if s := t.subscription(id); s != nil {
		return t, s, nil
	}
	return nil, nil, refuse(404, "20003", "The subscription was not found.")
}

// Subscriptions lists what the partner sold to a customer.
func (c *Cloud) Subscriptions(tenant string) ([]Subscription, *Refusal) {
	c.enter()
	defer c.leave()
	t, r := c.customer(tenant)
	if r != nil {
		return nil, r
	}
	out := []Subscription{}
	for _, s := range t.subs {
		if s.Channel == "" {
			out = append(out, s.copy())
		}
	}
	return out, nil
}

// Subscription returns one subscription.
func (c *Cloud) Subscription(tenant, id string) (Subscription, *Refusal) {
	c.enter()
	defer c.leave()
	_, s, r := c.own(tenant, id)
	if r != nil {
		return Subscription{}, r
	}
	return s.copy(), nil
}

// Provisioning is the answer of provisioningstatus: what the directory has, and
// whether something is still on its way.
func (c *Cloud) Provisioning(tenant, id string) (sub Subscription, quantity int, pending bool, r *Refusal) {
	c.enter()
	defer c.leave()
	_, s, r := c.own(tenant, id)
	if r != nil {
		return Subscription{}, 0, false, r
	}
	pending = s.pushes > 0 || c.at.Before(s.provisionedAt.Add(c.faults.Lags.StatusRefresh))
	return s.copy(), s.provisioned, pending, nil
}
