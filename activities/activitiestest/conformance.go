package activitiestest

import (
	"context"
	"slices"
	"testing"
	"time"

	"uplift/activities"
	"uplift/upgrade"
)

// CommerceLab is a Partner Center with one customer who has one subscription of Business Basic: 10 seats, none of which can
// be given back, and nothing scheduled.
type CommerceLab struct {
	activities.Commerce
	Tenant       string
	Subscription string
	Premium      string // PRODUCT:SKU of Business Premium, which the subscription may become
	Now          func() time.Time
	Settle       func() // lets Microsoft finish what is under way
}

// CommerceConformance runs what every Partner Center must do, the fake and a client alike, each part in a lab of its own.
func CommerceConformance(t *testing.T, open func(t *testing.T) CommerceLab) {
	for name, part := range map[string]func(*testing.T, CommerceLab){
		"reading": readCommerce, "seats": changeSeats, "renewal": changeRenewal, "transition": startTransition,
		"purchase": buy, "renewal as a whole": setRenewal, "cancelling": cancel, "listing": listCustomers,
	} {
		t.Run(name, func(t *testing.T) { part(t, open(t)) })
	}
}

func kind(t *testing.T, what string, err error, want upgrade.Kind) {
	t.Helper()
	if err == nil || upgrade.KindOf(err) != want {
		t.Errorf("%s: %v, where %s is expected", what, err, want)
	}
}

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func (l CommerceLab) read(t *testing.T) upgrade.Subscription {
	t.Helper()
	s, err := l.Commerce.Subscription(t.Context(), l.Tenant, l.Subscription)
	ok(t, "reading the subscription", err)
	return s
}

func readCommerce(t *testing.T, l CommerceLab) {
	c, err := l.Customer(t.Context(), l.Tenant)
	ok(t, "customer", err)
	if c.Tenant != l.Tenant || c.Name == "" || c.Country == "" || !c.AgreementAccepted {
		t.Errorf("the customer is %+v", c)
	}
	if s := l.read(t); s.Seats != 10 || !s.Active() || !s.NewCommerce || s.ProductSKU == "" || s.TermEnds.IsZero() || s.Scheduled != nil {
		t.Errorf("the subscription is %+v", s)
	}
	_, err = l.Commerce.Subscription(t.Context(), l.Tenant, "99999999-9999-9999-9999-999999999999")
	kind(t, "an unknown subscription", err, upgrade.NotFound)
	done, seats, _, err := l.Provisioned(t.Context(), l.Tenant, l.Subscription)
	ok(t, "provisioned", err)
	if !done || seats != 10 {
		t.Errorf("provisioned %t with %d seats", done, seats)
	}
}

// listCustomers finds the customer in the list of all, once, and how many users hold what it has.
func listCustomers(t *testing.T, l CommerceLab) {
	found := 0
	for cursor := ""; ; {
		page, next, err := l.Customers(t.Context(), cursor)
		ok(t, "listing customers", err)
		for _, c := range page {
			if c.Tenant == l.Tenant {
				found++
			}
			if c.Name == "" || c.Relationship != "reseller" {
				t.Errorf("%+v is listed", c)
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if found != 1 {
		t.Errorf("the customer is listed %d times", found)
	}
	_, _, err := l.Customers(t.Context(), "nowhere")
	kind(t, "a cursor that is none", err, upgrade.Invalid)
	skus, err := l.SubscribedSKUs(t.Context(), l.Tenant)
	ok(t, "seats used", err)
	if len(skus) != 1 || skus[0].Enabled != 10 || skus[0].Consumed != 0 || skus[0].SKUID == "" {
		t.Errorf("the tenant has %+v", skus)
	}
}

func changeSeats(t *testing.T, l CommerceLab) {
	ctx, id := t.Context(), upgrade.WriteIDOf("conformance#1", "raise", 0)
	for range 2 { // the second is a repeat after a lost reply
		ok(t, "raise", l.SetSeats(ctx, id, l.Tenant, l.Subscription, 10, 15))
	}
	l.Settle()
	s := l.read(t)
	if back, until := s.ReturnableAt(l.Now()); s.Seats != 15 || back != 5 || until.After(l.Now().Add(7*24*time.Hour+time.Minute)) {
		t.Errorf("%d seats, of which %d can be given back until %s", s.Seats, back, until)
	}
	done, seats, _, err := l.Provisioned(ctx, l.Tenant, l.Subscription)
	if err != nil || !done || seats != 15 {
		t.Errorf("provisioned %t with %d seats: %v", done, seats, err)
	}
	kind(t, "a number that somebody else changed", l.SetSeats(ctx, upgrade.WriteIDOf("conformance#1", "other", 0), l.Tenant, l.Subscription, 10, 12), upgrade.Conflict)
	ok(t, "lower", l.SetSeats(ctx, upgrade.WriteIDOf("conformance#1", "lower", 0), l.Tenant, l.Subscription, 15, 10))
	l.Settle()
	kind(t, "below what can be given back", l.SetSeats(ctx, upgrade.WriteIDOf("conformance#1", "below", 0), l.Tenant, l.Subscription, 10, 9), upgrade.Refused)
	if s := l.read(t); s.Seats != 10 {
		t.Errorf("%d seats in the end", s.Seats)
	}
}

func changeRenewal(t *testing.T, l CommerceLab) {
	ctx, present := t.Context(), l.read(t)
	change := upgrade.ScheduledChange{ProductID: "CFQ7TTC0LH18", SKUID: "0001", AvailabilityID: availabilityOf(present), Term: present.Term, BillingCycle: present.BillingCycle, Seats: 8}
	ok(t, "schedule", l.SetScheduled(ctx, upgrade.WriteIDOf("conformance#1", "renewal", 0), l.Tenant, l.Subscription, change))
	l.Settle()
	later := change
	later.Seats = 3
	ok(t, "schedule where something is scheduled", l.SetScheduled(ctx, upgrade.WriteIDOf("conformance#1", "later", 0), l.Tenant, l.Subscription, later))
	if s := l.read(t); s.Scheduled == nil || s.Scheduled.Seats != 8 || !s.AutoRenew {
		t.Errorf("scheduled: %+v", s.Scheduled)
	}
	ok(t, "raise", l.SetSeats(ctx, upgrade.WriteIDOf("conformance#1", "raise", 0), l.Tenant, l.Subscription, 10, 11))
	l.Settle()
	if s := l.read(t); s.Scheduled != nil {
		t.Errorf("a change in mid-term left what was scheduled: %+v", s.Scheduled)
	}
}

func startTransition(t *testing.T, l CommerceLab) {
	ctx := t.Context()
	targets, err := l.TransitionTargets(ctx, l.Tenant, l.Subscription)
	ok(t, "targets", err)
	at := slices.IndexFunc(targets, func(g upgrade.TransitionTarget) bool { return g.ProductSKU == l.Premium })
	if at < 0 || !targets[at].Choice(upgrade.TransitionOnly).Eligible {
		t.Fatalf("Business Premium is not among the targets: %+v", targets)
	}
	id := upgrade.WriteIDOf("conformance#1", "transition", 0)
	r := upgrade.TransitionRequest{Subscription: l.Subscription, ToCatalogItem: targets[at].CatalogItem, Seats: 10, Type: upgrade.TransitionOnly}
	first, err := l.StartTransition(ctx, id, l.Tenant, r)
	ok(t, "start", err)
	again, err := l.StartTransition(ctx, id, l.Tenant, r)
	ok(t, "start again with the same id", err)
	if first.Operation == "" || first.Operation != again.Operation {
		t.Errorf("the operations are %q and %q", first.Operation, again.Operation)
	}
	l.Settle()
	all, err := l.Transitions(ctx, l.Tenant, l.Subscription)
	ok(t, "transitions", err)
	if len(all) != 1 || all[0].Operation != first.Operation || all[0].State != upgrade.StepCompleted {
		t.Errorf("the transitions are %+v", all)
	}
	if s := l.read(t); s.ProductSKU != l.Premium || s.Seats != 10 {
		t.Errorf("the subscription is %+v", s)
	}
}

// DirectoryLab is the directory of a tenant that has Business Basic with exactly one free seat.
type DirectoryLab struct {
	activities.Directory
	Grant  upgrade.Grant
	SKU    string // Business Basic in the directory
	Off    string // id of a service plan of it
	Holder string // object id of a user who holds it directly, with a usage location
	Bare   string // object id of a user without licences and without a usage location
	Other  string // object id of a user without licences, with a usage location
}

// DirectoryConformance runs what every directory must do, the fake and a client alike, each part in a lab of its own.
func DirectoryConformance(t *testing.T, open func(t *testing.T) DirectoryLab) {
	for name, part := range map[string]func(*testing.T, DirectoryLab){"reading": readDirectory, "licences": changeLicences, "locations": changeLocation} {
		t.Run(name, func(t *testing.T) { part(t, open(t)) })
	}
}

func (l DirectoryLab) user(t *testing.T, id string) upgrade.User {
	t.Helper()
	users, err := l.Users(t.Context(), l.Grant, []string{id})
	ok(t, "reading a user", err)
	if len(users) != 1 {
		t.Fatalf("there are %d users %s", len(users), id)
	}
	return users[0]
}

func readDirectory(t *testing.T, l DirectoryLab) {
	ctx := t.Context()
	org, err := l.Organization(ctx, l.Grant)
	if err != nil || org.Tenant != l.Grant.Tenant || org.Country == "" {
		t.Errorf("the organisation is %+v: %v", org, err)
	}
	var holders []string
	for cursor := ""; ; {
		page, next, err := l.Holders(ctx, l.Grant, l.SKU, cursor)
		ok(t, "holders", err)
		for _, u := range page {
			holders = append(holders, u.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if !slices.Contains(holders, l.Holder) || slices.Contains(holders, l.Bare) {
		t.Errorf("the holders are %v", holders)
	}
	var full []upgrade.User
	for cursor := ""; ; {
		page, next, err := l.Licensed(ctx, l.Grant, l.SKU, cursor)
		ok(t, "holders with their services", err)
		full = append(full, page...)
		if cursor = next; cursor == "" {
			break
		}
	}
	if at := slices.IndexFunc(full, func(u upgrade.User) bool { return u.ID == l.Holder }); at < 0 || len(full[at].Services) == 0 || len(full[at].States) == 0 {
		t.Errorf("the holders with their services are %+v", full)
	}
	users, err := l.Users(ctx, l.Grant, []string{l.Bare, "nobody@nowhere.example"})
	if err != nil || len(users) != 1 || users[0].ID != l.Bare || users[0].UPN == "" {
		t.Errorf("an unknown user is not left out: %+v, %v", users, err)
	}
	skus, err := l.SKUs(ctx, l.Grant)
	ok(t, "products", err)
	at := slices.IndexFunc(skus, func(s upgrade.TenantSKU) bool { return s.SKUID == l.SKU })
	if at < 0 || skus[at].Enabled-skus[at].Consumed != 1 || !slices.Contains(skus[at].ServicePlans, l.Off) {
		t.Errorf("the products are %+v", skus)
	}
}

// assign makes one change and returns its outcome.
func (l DirectoryLab) assign(t *testing.T, step, user string, add []upgrade.License, remove ...string) *upgrade.Error {
	t.Helper()
	out, err := l.AssignLicenses(context.WithoutCancel(t.Context()), l.Grant, upgrade.WriteIDOf("conformance#1", step, 0), []upgrade.LicenseChange{{User: user, Add: add, Remove: remove}})
	ok(t, step, err)
	if len(out) != 1 {
		t.Fatalf("%d outcomes of one change", len(out))
	}
	return out[0].Err
}

func changeLicences(t *testing.T, l DirectoryLab) {
	basic := []upgrade.License{{SKUID: l.SKU, DisabledPlans: []string{l.Off}}}
	if e := l.assign(t, "no location", l.Bare, basic); e == nil || e.Code != "no_usage_location" || e.Kind != upgrade.Refused {
		t.Errorf("without a usage location: %v", e)
	}
	if e := l.assign(t, "not held", l.Other, nil, l.SKU); e == nil || e.Kind != upgrade.Conflict {
		t.Errorf("taking what is not held: %v", e)
	}
	if e := l.assign(t, "last seat", l.Other, basic); e != nil {
		t.Fatalf("the last seat: %v", e)
	}
	if got, _ := l.user(t, l.Other).License(l.SKU); !slices.Equal(got.DisabledPlans, []string{l.Off}) {
		t.Errorf("the licence is %+v", got)
	}
	ok(t, "location", l.SetUsageLocation(t.Context(), l.Grant, upgrade.WriteIDOf("conformance#1", "location", 0), l.Bare, "DE"))
	if e := l.assign(t, "no seat", l.Bare, basic); e == nil || e.Code != "no_seats" || e.Kind != upgrade.Refused {
		t.Errorf("without a free seat: %v", e)
	}
	if e := l.assign(t, "other plans", l.Other, []upgrade.License{{SKUID: l.SKU}}); e != nil {
		t.Errorf("switching a service on needs no seat: %v", e)
	}
	if e := l.assign(t, "take", l.Holder, nil, l.SKU); e != nil {
		t.Errorf("taking a licence: %v", e)
	}
	if _, holds := l.user(t, l.Holder).License(l.SKU); holds {
		t.Error("the licence is still there")
	}
}

func changeLocation(t *testing.T, l DirectoryLab) {
	for _, country := range []string{"AT", ""} {
		ok(t, "location", l.SetUsageLocation(t.Context(), l.Grant, upgrade.WriteIDOf("conformance#1", "location "+country, 0), l.Bare, country))
		if got := l.user(t, l.Bare).UsageLocation; got != country {
			t.Errorf("the usage location is %q, not %q", got, country)
		}
	}
}
