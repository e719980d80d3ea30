package cloud

import (
	"slices"
	"strings"
	"time"
)

// CompanySubscription is what the directory has heard of a commerce subscription
// (Graph: /directory/subscriptions).
type CompanySubscription struct {
	ID         string
	CommerceID string
	Offer      *Offer
	Status     string // Enabled, Warning, Suspended, Deleted, LockedOut
	Total      int
	Trial      bool
	Created    time.Time
	Lifecycle  time.Time
	OwnerID    string // the seller's tenant
}

// push sends the subscription's state to the directory; it arrives after the
// provisioning lag, as it is then.
func (c *Cloud) push(t *Tenant, s *Subscription) {
	s.pushes++
	c.after(c.lag(c.faults.Lags.Provisioning), func() {
		s.pushes--
		c.deliver(t, s)
	})
}

// deliver writes the subscription's present state into the directory.
func (c *Cloud) deliver(t *Tenant, s *Subscription) {
	i := slices.IndexFunc(t.directory, func(d *CompanySubscription) bool { return d.CommerceID == s.ID })
	if i < 0 {
		t.directory = append(t.directory, &CompanySubscription{ID: c.newID(), CommerceID: s.ID, Created: s.Created})
		i = len(t.directory) - 1
	}
	d := t.directory[i]
	before := *d
	d.Offer, d.Status, d.Total, d.Trial, d.Lifecycle = s.Offer, directoryStatus(s.Status), s.Quantity, s.Trial, s.End
	if s.Channel == "" && c.partner != nil {
		d.OwnerID = c.partner.ID
	}
	s.provisioned, s.provisionedAt = s.Quantity, c.at
	if before.Offer != d.Offer || before.Total != d.Total || before.Status != d.Status {
		c.record(DirectoryUpdated, t.ID, s.ID, summary(before), summary(*d), Origin{})
	}
}

func summary(d CompanySubscription) string {
	if d.Offer == nil {
		return ""
	}
	return strings.Join([]string{d.Offer.PartNumber, text(d.Total), d.Status}, " ")
}

func directoryStatus(commerce string) string {
	switch commerce {
	case Suspended:
		return "Suspended"
	case Expired:
		return "Warning"
	case Deleted:
		return "Deleted"
	}
	return "Enabled"
}

// CompanySubscriptions lists the directory's subscriptions of a tenant.
func (c *Cloud) CompanySubscriptions(tenant string) []CompanySubscription {
	c.enter()
	defer c.leave()
	out := []CompanySubscription{}
	if t := c.tenant(tenant); t != nil {
		for _, d := range t.directory {
			out = append(out, *d)
		}
	}
	return out
}

// SubscribedSKU sums up a SKU in the directory (Graph: /subscribedSkus).
type SubscribedSKU struct {
	Offer                                 *Offer
	Status                                string
	Enabled, Warning, Suspended, Consumed int
	LockedOut                             int
	Subscriptions                         []string // ids of company subscriptions
}

// SubscribedSKUs lists what the tenant owns or its users still hold.
func (c *Cloud) SubscribedSKUs(tenant string) []SubscribedSKU {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return nil
	}
	return t.subscribed()
}

func (t *Tenant) subscribed() []SubscribedSKU {
	out := []SubscribedSKU{}
	entry := func(o *Offer) *SubscribedSKU {
		for i := range out {
			if out[i].Offer == o {
				return &out[i]
			}
		}
		out = append(out, SubscribedSKU{Offer: o, Status: "Suspended", Consumed: t.consumed(o.SKU), Subscriptions: []string{}})
		return &out[len(out)-1]
	}
	for _, d := range t.directory {
		e := entry(d.Offer)
		e.Subscriptions = append(e.Subscriptions, d.ID)
		e.count(d)
	}
	for _, o := range offers() {
		if t.consumed(o.SKU) > 0 {
			entry(o) // after a full transition nothing feeds the old SKU, yet it is held
		}
	}
	return out
}

func (e *SubscribedSKU) count(d *CompanySubscription) {
	switch d.Status {
	case "Enabled":
		e.Enabled, e.Status = e.Enabled+d.Total, "Enabled"
	case "Warning":
		e.Warning += d.Total
		if e.Status != "Enabled" {
			e.Status = "Warning"
		}
	case "Suspended":
		e.Suspended += d.Total
	case "Deleted":
		e.LockedOut += d.Total
		if e.Enabled+e.Warning+e.Suspended == 0 {
			e.Status = "Deleted"
		}
	}
}

// consumed is how many users occupy a unit of the SKU, once each. It is counted when it is first asked for, and kept: a tenant may
// have as many users as it has requests.
func (t *Tenant) consumed(sku string) int {
	if t.held == nil {
		t.held = map[string]int{}
		for _, u := range t.users {
			t.count(u, 1)
		}
	}
	return t.held[strings.ToLower(sku)]
}

// count adds a user's licences to what is counted, or takes them away.
func (t *Tenant) count(u *User, by int) {
	if t.held == nil {
		return
	}
	for i, a := range u.Assignments {
		again := slices.ContainsFunc(u.Assignments[:i], func(b Assignment) bool { return strings.EqualFold(a.SKU, b.SKU) && b.State == "Active" })
		if a.State == "Active" && !again {
			t.held[strings.ToLower(a.SKU)] += by
		}
	}
}

// free is how many units may still be assigned. Units in their grace period
// count: tools add them, Microsoft's page does not say.
func (t *Tenant) free(sku string) int {
	for _, e := range t.subscribed() {
		if strings.EqualFold(e.Offer.SKU, sku) {
			return e.Enabled + e.Warning - e.Consumed
		}
	}
	return 0
}

// owns says whether the directory knows a subscription of the SKU that is not gone.
func (t *Tenant) owns(sku string) bool {
	return slices.ContainsFunc(t.directory, func(d *CompanySubscription) bool {
		return strings.EqualFold(d.Offer.SKU, sku) && d.Status != "Deleted"
	})
}
