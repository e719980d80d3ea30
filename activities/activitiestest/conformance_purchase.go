package activitiestest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// buy purchases Business Premium: a cart buys nothing, its checkout buys once however often it is repeated.
func buy(t *testing.T, l CommerceLab) {
	bought := l.buy(t, "purchase")
	all, err := l.Orders(t.Context(), l.Tenant)
	ok(t, "orders", err)
	at := slices.IndexFunc(all, func(o upgrade.CommerceOrder) bool { return o.ID == bought.ID })
	if at < 0 || all[at].Seats != 3 || all[at].Subscription == "" {
		t.Fatalf("the order %s is not listed as it was placed: %+v", bought.ID, all)
	}
	s, err := l.Commerce.Subscription(t.Context(), l.Tenant, all[at].Subscription)
	ok(t, "the new subscription", err)
	if s.ProductSKU != l.Premium || s.Seats != 3 || s.Term != "P1Y" || s.BillingCycle != "monthly" || !s.Active() || !s.AutoRenew || !s.CancelUntil.After(l.Now()) {
		t.Errorf("it is %+v", s)
	}
	held, err := l.Subscriptions(t.Context(), l.Tenant)
	if err != nil || len(held) != 2 {
		t.Errorf("%d subscriptions are held, and two checkouts of one cart were asked for: %v", len(held), err)
	}
}

// buy buys three seats of Business Premium and lets them be provisioned.
func (l CommerceLab) buy(t *testing.T, step string) upgrade.CommerceOrder {
	t.Helper()
	ctx, id := t.Context(), upgrade.WriteIDOf("conformance#1", step, 0)
	offers, err := l.Availabilities(ctx, l.Premium, "DE")
	ok(t, "availabilities", err)
	if len(offers) == 0 {
		t.Fatal("Business Premium is not sold")
	}
	cart, err := l.CreateCart(ctx, id, l.Tenant, upgrade.PurchaseRequest{CatalogItem: offers[0].CatalogItem, Seats: 3, Term: "P1Y", BillingCycle: "monthly"})
	ok(t, "cart", err)
	if held, err := l.Subscriptions(ctx, l.Tenant); err != nil || len(held) != 1 {
		t.Errorf("a cart bought something: %+v, %v", held, err)
	}
	pay := upgrade.WriteIDOf("conformance#1", step+"/checkout", 0)
	bought, err := l.Checkout(ctx, pay, l.Tenant, cart)
	ok(t, "checkout", err)
	again, err := l.Checkout(ctx, pay, l.Tenant, cart)
	ok(t, "checkout again", err)
	if bought.ID == "" || bought.ID != again.ID {
		t.Errorf("the orders are %q and %q", bought.ID, again.ID)
	}
	l.Settle()
	return bought
}

// setRenewal brings the renewal from one state to another, and back.
func setRenewal(t *testing.T, l CommerceLab) {
	ctx, present := t.Context(), l.read(t)
	set := func(step string, from, to upgrade.RenewalState) error {
		return l.SetRenewal(ctx, upgrade.WriteIDOf("conformance#1", step, 0), l.Tenant, l.Subscription, from, to)
	}
	targets, err := l.RenewalTargets(ctx, l.Tenant, l.Subscription)
	ok(t, "renewal targets", err)
	if !slices.ContainsFunc(targets, func(g upgrade.TransitionTarget) bool { return g.ProductSKU == l.Premium }) {
		t.Errorf("Business Premium is not among what it may become at the renewal: %+v", targets)
	}
	on, off := upgrade.RenewalState{AutoRenew: true}, upgrade.RenewalState{}
	fewer := upgrade.RenewalState{AutoRenew: true, Scheduled: &upgrade.ScheduledChange{
		ProductID: "CFQ7TTC0LH18", SKUID: "0001", AvailabilityID: availabilityOf(present), Term: present.Term, BillingCycle: present.BillingCycle, Seats: 8,
	}}
	ok(t, "fewer seats", set("fewer", on, fewer))
	l.Settle()
	if s := l.read(t); s.Scheduled == nil || s.Scheduled.Seats != 8 || !s.AutoRenew {
		t.Errorf("fewer seats at the renewal: %+v", s)
	}
	ok(t, "the same again", set("fewer", on, fewer))
	kind(t, "from a state that is not there", set("elsewhere", on, off), upgrade.Conflict)
	now := fewer
	now.Scheduled = l.read(t).Scheduled
	ok(t, "no renewal", set("off", now, off))
	l.Settle()
	if s := l.read(t); s.AutoRenew || s.Scheduled != nil || s.Seats != 10 {
		t.Errorf("no renewal: %+v", s)
	}
	ok(t, "back", set("on", off, on))
	l.Settle()
	if s := l.read(t); !s.AutoRenew || s.Scheduled != nil {
		t.Errorf("back: %+v", s)
	}
}

// availabilityOf is the third part of a subscription's catalogue item.
func availabilityOf(s upgrade.Subscription) string {
	return s.CatalogItem[strings.LastIndex(s.CatalogItem, ":")+1:]
}

// cancel ends a subscription inside its window, once, and refuses it later.
func cancel(t *testing.T, l CommerceLab) {
	ctx := t.Context()
	kind(t, "an old subscription", l.Cancel(ctx, upgrade.WriteIDOf("conformance#1", "old", 0), l.Tenant, l.Subscription), upgrade.Refused)
	if s := l.read(t); !s.Active() || s.Seats != 10 {
		t.Errorf("after a refused cancellation it is %+v", s)
	}
	bought := l.buy(t, "to cancel")
	all, err := l.Orders(ctx, l.Tenant)
	ok(t, "orders", err)
	at := slices.IndexFunc(all, func(o upgrade.CommerceOrder) bool { return o.ID == bought.ID })
	if at < 0 {
		t.Fatalf("the order is not listed: %+v", all)
	}
	for _, step := range []string{"cancel", "cancel again"} {
		ok(t, step, l.Cancel(ctx, upgrade.WriteIDOf("conformance#1", step, 0), l.Tenant, all[at].Subscription))
		l.Settle()
	}
	s, err := l.Commerce.Subscription(ctx, l.Tenant, all[at].Subscription)
	ok(t, "the cancelled subscription", err)
	if s.Active() || s.CancelUntil.After(l.Now().Add(8*24*time.Hour)) {
		t.Errorf("it is %+v", s)
	}
}
