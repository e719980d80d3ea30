package workflows_test

import (
	"fmt"
	"strings"
	"testing"

	"uplift/upgrade"
)

// held says what Partner Center counts of all of the customer's subscriptions, such as "business-basic 6, business-premium 4
// until renewal"; what has ended is left out.
func (l *lab) held() string {
	var all []string
	for _, id := range l.world.Subscriptions(l.customer) {
		s := l.world.Held(l.customer, id)
		if s.Status == "deleted" || s.Status == "expired" {
			continue
		}
		o, ok := l.world.Catalog.OfferByProductSKU(s.ProductSKU)
		if !ok || s.ProductSKU == "" {
			o, _, _ = l.world.Catalog.Resolve(s.Name)
		}
		words := fmt.Sprintf("%s %d", o.ID, s.Seats)
		switch {
		case !s.AutoRenew:
			words += " ends"
		case s.Scheduled != nil:
			to, _ := l.world.Catalog.OfferByProductSKU(s.Scheduled.ProductID + ":" + s.Scheduled.SKUID)
			words += fmt.Sprintf(" then %s %d", to.ID, s.Scheduled.Seats)
		}
		all = append(all, words)
	}
	return strings.Join(all, ", ")
}

func (l *lab) holdsInAll(want string) {
	l.Helper()
	if got := l.held(); got != want {
		l.Errorf("the customer holds %q, not %q", got, want)
	}
}

// cancellable opens the cancellation window of a subscription.
func cancellable(s *upgrade.Subscription) { s.CancelUntil = start.Add(3 * day) }

// kindCase is an order of one kind, how it must end, what the customer holds then, and what two of its users do.
type kindCase struct {
	name  string
	given func(l *lab)
	end   upgrade.End
	held  string
	anna  string
	dora  string
}

// kindCases has every kind of work.
func kindCases() []kindCase {
	atRenewal := func(l *lab) { l.order["residue"] = "at-renewal" }
	list := func(l *lab, users ...string) {
		names := []string{}
		for _, u := range users {
			names = append(names, u+"@contoso.example")
		}
		l.order["licenses"] = object{"who": "users", "users": names}
	}
	return []kindCase{
		{"more seats", func(l *lab) { l.resize(6, 9); l.staff() }, upgrade.Completed, "business-basic 9", "", "business-basic -TEAMS1"},
		{"all of it to another offer", func(l *lab) { l.transition(6, 6); l.staff() }, upgrade.Completed, "business-premium 6", "business-premium", "business-premium -TEAMS1"},
		{"all of it, a group's licence too", func(l *lab) {
			l.customer.NoTransfer = "not here"
			l.transition(6, 6)
			l.staffed()
		}, upgrade.Completed, "business-premium 6", "business-premium -SWAY", "business-premium -TEAMS1"},
		{"a traditional subscription", func(l *lab) {
			l.world.AddLegacy(l.customer, "business-basic", 6)
			l.staff()
			l.totals("business-basic", 0, "business-standard", 6)
		}, upgrade.Completed, "business-standard 6", "business-standard", "business-standard -TEAMS1"},
		{"a part to a new subscription, for the listed", func(l *lab) {
			l.resize(6, 0)
			l.staff()
			l.totals("business-basic", 4, "business-premium", 2)
			list(l, "anna", "bert")
		}, upgrade.Completed, "business-basic 4, business-premium 2", "business-premium", "business-basic -TEAMS1"},
		{"a part, and more seats of the target", func(l *lab) {
			l.resize(6, 0)
			l.staff()
			l.totals("business-basic", 4, "business-premium", 5)
			list(l, "anna")
		}, upgrade.Completed, "business-basic 4, business-premium 5", "business-premium", "business-basic -TEAMS1"},
		{"into the existing", func(l *lab) {
			l.resize(6, 0)
			l.world.AddSubscription(l.customer, "business-premium", 3)
			l.staff()
			l.totals("business-basic", 0, "business-premium", 10)
		}, upgrade.Completed, "business-premium 10", "business-premium", "business-premium -TEAMS1"},
		{"a purchase alone", func(l *lab) { l.totals("business-premium", 5) }, upgrade.Completed, "business-premium 5", "", ""},
		{"a purchase without renewal", func(l *lab) {
			l.totals("business-premium", 5)
			l.order["purchase"] = object{"term": "P1M", "billingCycle": "monthly", "autoRenew": false}
		}, upgrade.Completed, "business-premium 5 ends", "", ""},
		{"a plan with Teams Phone following", func(l *lab) {
			l.resize(6, 0)
			l.staff()
			l.order["target"] = object{"plan": "hosted-pro", "seats": 6}
		}, upgrade.Completed, "business-premium 6, teams-phone-standard 6", "business-premium, teams-phone-standard", ""},
		{"a replacement inside the window", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-basic", 6, cancellable)
			l.staff()
			l.customer.Unlisted = []string{"business-premium"}
			l.totals("business-basic", 0, "business-premium", 6)
		}, upgrade.Completed, "business-premium 6", "business-premium", "business-premium -TEAMS1"},
		{"a replacement outside the window", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-basic", 6)
			l.staff()
			l.customer.Unlisted = []string{"business-premium"}
			l.totals("business-basic", 0, "business-premium", 6)
			atRenewal(l)
		}, upgrade.CompletedWithResidue, "business-basic 6 ends, business-premium 6", "business-premium", "business-premium -TEAMS1"},
		{"fewer seats at the renewal", func(l *lab) { l.resize(10, 6); atRenewal(l) }, upgrade.CompletedWithResidue, "business-basic 10 then business-basic 6", "", ""},
		{"fewer seats, some of them today", func(l *lab) {
			l.resize(10, 6)
			l.returnable(3)
			atRenewal(l)
		}, upgrade.CompletedWithResidue, "business-basic 7 then business-basic 6", "", ""},
		{"an end inside the window", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-basic", 6, cancellable)
			l.totals("business-basic", 0)
		}, upgrade.Completed, "", "", ""},
		{"an end at the renewal", func(l *lab) { l.resize(6, 0); l.totals("business-basic", 0); atRenewal(l) }, upgrade.CompletedWithResidue, "business-basic 6 ends", "", ""},
		{"down at the renewal, the users on the day", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-premium", 6, func(s *upgrade.Subscription) { s.TermEnds = start.Add(30 * day) })
			for _, name := range []string{"anna", "dora"} {
				l.world.AddUser(l.customer, name, "business-premium")
			}
			l.totals("business-premium", 0, "business-basic", 4)
			atRenewal(l)
		}, upgrade.Completed, "business-basic 4", "business-basic", "business-basic"},
		{"down at the renewal, nobody moves", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-premium", 6, func(s *upgrade.Subscription) { s.TermEnds = start.Add(30 * day) })
			l.totals("business-premium", 0, "business-basic", 4)
			l.order["licenses"] = object{"who": "nobody"}
			atRenewal(l)
		}, upgrade.CompletedWithResidue, "business-premium 6 then business-basic 4", "", ""},
		{"licences only", func(l *lab) {
			l.resize(6, 6)
			l.staff()
			l.world.AddUser(l.customer, "fred", "")
			list(l, "fred")
		}, upgrade.Completed, "business-basic 6", "business-basic", "business-basic -TEAMS1"},
		{"to two offers, nobody", func(l *lab) {
			l.resize(10, 0)
			l.totals("business-basic", 0, "business-premium", 4, "business-standard", 6)
			l.order["licenses"] = object{"who": "nobody"}
		}, upgrade.Completed, "business-standard 6, business-premium 4", "", ""},
	}
}

// TestKindsOfWork carries every kind of work through and looks at what the customer holds in the end.
func TestKindsOfWork(t *testing.T) {
	t.Parallel()
	for _, c := range kindCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c.given(l)
			l.signsIn()
			r := l.run()
			l.ends(r, c.end)
			l.holdsInAll(c.held)
			if c.anna != "" {
				l.holds("anna", c.anna)
			}
			if c.dora != "" {
				l.holds("dora", c.dora)
			}
			if (len(r.Residue) > 0) != (c.end == upgrade.CompletedWithResidue) {
				t.Errorf("the residue is %+v at the end %s", r.Residue, r.End)
			}
		})
	}
}
