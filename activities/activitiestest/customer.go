package activitiestest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// Customer is one customer's tenant, at Partner Center and in its directory. A test fills it before the run, and changes it
// during the run by World.Change.
type Customer struct {
	upgrade.Customer
	DirectoryCountry string // of the organisation in the directory; as Country unless said
	// AppRoles are the permissions that our application has in the tenant; nil: nobody consented.
	AppRoles []string
	// Delegation is what the customer grants to the provider's own user; nil: there is no GDAP relationship.
	Delegation *Delegation
	// NoTransfer says why Microsoft does not offer transition_with_license_transfer here; empty: it does.
	NoTransfer string
	// NoTransition says why Microsoft refuses every transition; empty: it does not.
	NoTransition string
	// Unlisted are catalogue offers that Microsoft does not list as targets.
	Unlisted []string
	// LosesTransfers lets Microsoft's licence transfer forget every second user.
	LosesTransfers bool
	// ListedLate is how long Microsoft's list of transitions does not show a new one.
	ListedLate time.Duration
	// ShownLate is how long Partner Center still shows a subscription as it was after it accepted a change of it.
	ShownLate time.Duration
	// CountedLate is how long Partner Center's list of subscriptions does, beside the single subscription.
	CountedLate time.Duration
	// GrantDead lets the directory refuse every grant.
	GrantDead bool

	subscriptions []*subscription
	others        []upgrade.TenantSKU // of other channels
	users         []*upgrade.User
	groups        []*group
}

// subscription is a commerce subscription, and what the directory shows of it.
type subscription struct {
	upgrade.Subscription
	old        upgrade.Subscription // before the last change
	changed    time.Time            // when that was
	due        time.Time            // when the directory will show the present state; zero: it does
	shownSeats int
	shownSKU   string
}

// AddCustomer makes a customer of this provider with all formalities done.
func (w *World) AddCustomer(tenant, name, country string) *Customer {
	c := &Customer{Customer: upgrade.Customer{
		Tenant: tenant, Name: name, Country: country, Relationship: "reseller", AgreementAccepted: true,
	}, DirectoryCountry: country}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.customers[tenant] = c
	return c
}

// AddSubscription gives the customer an active new-commerce subscription that renews in 200 days. Its id is returned.
func (w *World) AddSubscription(c *Customer, offer string, seats int, change ...func(*upgrade.Subscription)) string {
	o, ok := w.Catalog.Offer(catalog.OfferID(offer))
	if !ok {
		panic("no offer " + offer)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &subscription{Subscription: upgrade.Subscription{
		ID:         upgrade.UUID(c.Tenant, offer, fmt.Sprint(len(c.subscriptions))),
		ProductSKU: o.ProductSKU, CatalogItem: o.ProductSKU + ":CFQAVAIL0001", Name: o.Name, NewCommerce: true, Seats: seats, Status: "active",
		AutoRenew: true, Term: "P1Y", BillingCycle: "monthly", TermEnds: w.Now().Add(200 * 24 * time.Hour),
	}}
	for _, f := range change {
		f(&s.Subscription)
	}
	s.shownSeats, s.shownSKU = s.Seats, o.SKUID
	c.subscriptions = append(c.subscriptions, s)
	return s.ID
}

// AddOther gives the tenant a product of another partner or channel.
func (w *World) AddOther(c *Customer, offer string, seats int) {
	o, _ := w.Catalog.Offer(catalog.OfferID(offer))
	w.mu.Lock()
	defer w.mu.Unlock()
	c.others = append(c.others, upgrade.TenantSKU{
		SKUID: o.SKUID, PartNumber: o.SKUPartNumber, Status: "Enabled", AppliesTo: "User", Enabled: seats, ServicePlans: o.PlanIDs(),
	})
}

// AddUser gives the tenant a user who holds an offer ("": none) with some service plans, by name, switched off.
func (w *World) AddUser(c *Customer, name, offer string, off ...string) *upgrade.User {
	u := &upgrade.User{
		ID: upgrade.UUID(c.Tenant, name), UPN: name + "@" + strings.ToLower(strings.ReplaceAll(c.Name, " ", "")) + ".example", Name: name,
		Enabled: true, UsageLocation: c.Country,
	}
	if offer != "" {
		o, _ := w.Catalog.Offer(catalog.OfferID(offer))
		u.Licenses = []upgrade.License{{SKUID: o.SKUID, DisabledPlans: w.plans(o, off)}}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c.users = append(c.users, u)
	slices.SortFunc(c.users, func(a, b *upgrade.User) int { return strings.Compare(a.ID, b.ID) })
	return u
}

// plans are the ids of an offer's service plans, by name.
func (w *World) plans(o catalog.Offer, names []string) []string {
	var ids []string
	for _, p := range o.ServicePlans {
		if slices.Contains(names, p.Name) {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) != len(names) {
		panic(fmt.Sprintf("%s has not all of %v", o.ID, names))
	}
	return sorted(ids)
}

// Change changes the world while it runs.
func (w *World) Change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// Held is a subscription as Partner Center counts it now.
func (w *World) Held(c *Customer, id string) upgrade.Subscription {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	if s := c.find(id); s != nil {
		return s.Subscription
	}
	return upgrade.Subscription{}
}

// User is a user as the directory shows it now, by name.
func (w *World) User(c *Customer, name string) upgrade.User {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	for _, u := range c.users {
		if u.Name == name {
			return copyOf(u, w.Catalog)
		}
	}
	return upgrade.User{}
}

// Licence says what a user holds: offers by id, each with the names of the switched-off plans, such as
// "business-premium -SWAY -TEAMS1".
func (w *World) Licence(c *Customer, name string) string {
	var held []string
	for _, l := range w.User(c, name).Licenses {
		o, _ := w.Catalog.OfferBySKUID(l.SKUID)
		var off []string
		for _, id := range l.DisabledPlans {
			p, _ := w.Catalog.ServicePlan(id)
			off = append(off, " -"+p.Name)
		}
		held = append(held, string(o.ID)+strings.Join(sorted(off), ""))
	}
	return strings.Join(sorted(held), ", ")
}

func (c *Customer) find(id string) *subscription {
	for _, s := range c.subscriptions {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Amend changes a subscription behind our back: at Partner Center and in the directory.
func (w *World) Amend(c *Customer, id string, change func(*upgrade.Subscription)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := c.find(id)
	change(&s.Subscription)
	s.shownSeats, s.shownSKU = s.Seats, w.skuOf(s.Subscription)
}

// RemoveUser deletes a user, by name.
func (w *World) RemoveUser(c *Customer, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.users = slices.DeleteFunc(c.users, func(u *upgrade.User) bool { return u.Name == name })
}

// Subscriptions are the ids of a customer's subscriptions, in the order in which they were added.
func (w *World) Subscriptions(c *Customer) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []string
	for _, s := range c.subscriptions {
		ids = append(ids, s.ID)
	}
	return ids
}
