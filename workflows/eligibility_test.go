package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

// reason is one reason why not, and the customer who meets it.
type reason struct {
	code string
	when func(l *lab)
}

// amended lets the customer's Business Basic be as it should not.
func amended(change func(*upgrade.Subscription)) func(*lab) {
	return func(l *lab) { l.world.Amend(l.customer, l.transition(10, 10), change) }
}

// totals orders offers and seats, in pairs.
func (l *lab) totals(pairs ...any) {
	var all []object
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, object{"offer": pairs[i], "seats": pairs[i+1]})
	}
	l.order["target"] = object{"totals": all}
}

// seen are the reasons that show before anybody is bothered.
func seen() map[string]reason {
	return map[string]reason{
		"no customer of ours": {"customer_unknown", func(l *lab) { l.transition(10, 10); l.order["tenant"] = "99999999-9999-9999-9999-999999999999" }},
		"no relationship":     {"no_relationship", func(l *lab) { l.transition(10, 10); l.customer.Relationship = "advisor" }},
		"no agreement":        {"agreement_missing", func(l *lab) { l.transition(10, 10); l.customer.AgreementAccepted = false }},
		"suspended": {"source_not_active", func(l *lab) {
			id := l.resize(10, 15)
			l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Status = "suspended" })
		}},
		"an operation pending": {"source_locked", amended(func(s *upgrade.Subscription) { s.Locked = true })},
		"a trial":              {"source_is_trial", amended(func(s *upgrade.Subscription) { s.Trial = true })},
		"legacy":               {"source_is_legacy", amended(func(s *upgrade.Subscription) { s.NewCommerce = false })},
		"renewal tomorrow":     {"renewal_too_near", amended(func(s *upgrade.Subscription) { s.TermEnds = start.Add(20 * time.Hour) })},
		"renewed an hour ago":  {"renewal_too_near", amended(func(s *upgrade.Subscription) { s.TermEnds = start.Add(-time.Hour) })},
		"an add-on in the way": {"add_ons_present", addOn},
		"no path": {"path_not_in_catalogue", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-basic", 5)
			l.totals("business-basic", 0, "apps-for-enterprise", 5)
		}},
		"not in this market": {"not_sold_in_market", func(l *lab) {
			l.resize(10, 15)
			l.order["market"] = "US"
			l.customer.Country = "US"
			l.totals("business-basic-eea-no-teams", 10)
		}},
		"window closed": {"window_closed", func(l *lab) { l.resize(15, 10) }},
		"too many seats": {"seats_outside_limits", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-premium", 5)
			l.order["target"] = object{"plan": "business-premium", "seats": 301}
		}},
		"services held here": {"services_already_held", func(l *lab) { l.transition(10, 10); l.world.AddSubscription(l.customer, "microsoft-365-e3", 3) }},
		"Microsoft says no": {"microsoft_not_eligible", func(l *lab) {
			l.transition(10, 10)
			l.customer.NoTransition = "the subscription was transitioned before"
		}},
		"Microsoft lists it not": {"microsoft_not_listed", func(l *lab) { l.transition(10, 10); l.customer.Unlisted = []string{"business-premium"} }},
		"several could be meant": {"source_ambiguous", func(l *lab) {
			l.transition(10, 10)
			l.world.AddSubscription(l.customer, "business-basic", 4)
			l.order["target"] = object{"plan": "business-premium", "seats": 10}
		}},
		"source not there": {"source_not_found", func(l *lab) {
			l.transition(10, 10)
			l.order["sources"] = []string{"88888888-8888-8888-8888-888888888888"}
		}},
		"held as ordered":      {"nothing_to_do", func(l *lab) { l.resize(10, 10) }},
		"undo of a transition": {"undo_after_transition", func(l *lab) { l.transition(10, 10); l.order["onUserFailure"] = object{"action": "undo", "share": 0.1} }},
		"ended, no successor":  {"window_closed", func(l *lab) { l.resize(10, 15); l.totals("business-basic", 0) }},
		"into one that is not ready": {"target_not_ready", func(l *lab) {
			l.transition(10, 12)
			l.world.AddSubscription(l.customer, "business-premium", 2, func(s *upgrade.Subscription) { s.CancelUntil = start.Add(3 * day) })
		}},
		"down before the renewal": {"only_at_renewal", func(l *lab) {
			l.world.AddSubscription(l.customer, "business-premium", 5)
			l.totals("business-premium", 0, "business-basic", 5)
		}},
	}
}

func addOn(l *lab) {
	id := l.transition(10, 10)
	l.world.AddSubscription(l.customer, "audio-conferencing", 3, func(s *upgrade.Subscription) { s.AddOnOf = id })
}

// unseen are the reasons that only the tenant's own directory tells, after the consent.
func unseen() map[string]reason {
	return map[string]reason{
		"target from elsewhere":    {"target_already_held", func(l *lab) { l.transition(10, 10); l.world.AddOther(l.customer, "business-premium", 3) }},
		"services from elsewhere":  {"services_already_held", func(l *lab) { l.transition(10, 10); l.world.AddOther(l.customer, "microsoft-365-e3", 3) }},
		"fewer seats than holders": {"seats_below_users", func(l *lab) { l.transition(4, 3); l.returnable(5); l.staff() }},
		"fewer seats than users":   {"seats_below_users", func(l *lab) { l.resize(5, 3); l.returnable(5); l.staff() }},
		"no seat for the listed": {"seats_below_users", func(l *lab) {
			l.resize(5, 6)
			l.staff()
			l.world.AddUser(l.customer, "fred", "")
			l.world.AddUser(l.customer, "gerd", "")
			l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example", "emil@contoso.example", "fred@contoso.example", "gerd@contoso.example"}}
		}},
		"licence through a group": {"group_licence", byGroup},
		"holder not listed": {"holder_not_listed", func(l *lab) {
			l.transition(6, 6)
			l.staff()
			l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example"}}
		}},
		"unknown user": {"user_not_found", func(l *lab) {
			l.resize(6, 8)
			l.order["licenses"] = object{"who": "users", "users": []string{"nobody@contoso.example"}}
		}},
	}
}

// byGroup lists one of two users who hold the licence by a group.
func byGroup(l *lab) {
	l.resize(6, 0)
	l.totals("business-basic", 3, "business-premium", 3)
	members := []*upgrade.User{l.world.AddUser(l.customer, "anna", ""), l.world.AddUser(l.customer, "bert", "")}
	l.world.AddGroup(l.customer, "Reception", members, "business-basic")
	l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example"}}
}

// returnable lets seats of the customer's first subscription be given back.
func (l *lab) returnable(seats int) {
	subs := l.world.Subscriptions(l.customer)
	l.world.Amend(l.customer, subs[0], func(s *upgrade.Subscription) {
		s.Refundable = []upgrade.SeatBlock{{Seats: seats, Until: start.Add(30 * day)}}
	})
}

func TestIneligibleBeforeAnybodyIsBothered(t *testing.T) {
	t.Parallel()
	for name, c := range seen() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c.when(l)
			r := l.run()
			l.ends(r, upgrade.Ineligible, c.code)
			l.explained(r)
			l.untouched()
			for _, letter := range l.world.Letters("") {
				if letter.To == "admin@contoso.example" {
					t.Errorf("the administrator was bothered by %s", letter.Kind)
				}
			}
		})
	}
}

func TestIneligibleAfterConsent(t *testing.T) {
	t.Parallel()
	for name, c := range unseen() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c.when(l)
			l.signsIn()
			r := l.run()
			l.ends(r, upgrade.Ineligible, c.code)
			l.explained(r)
			l.untouched()
			if n := len(l.world.Letters(upgrade.LetterCouldNot)); n != 2 {
				t.Errorf("%d letters say why not, where administrator and operator wait", n)
			}
		})
	}
}

// explained asserts that every reason has a code, a sentence and a remedy.
func (l *lab) explained(r upgrade.Result) {
	l.Helper()
	for _, p := range r.Reasons {
		if p.Code == "" || p.Message == "" || p.Remedy == "" {
			l.Errorf("a reason is not explained: %+v", p)
		}
	}
}

// What became false between consent and turn is found by the check in the turn.
func TestEligibilityIsCheckedAgainInTheTurn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 6)
	l.order["notBefore"] = start.Add(2 * day)
	l.signsIn()
	l.after(day, func() {
		l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Status = "suspended" })
	})
	l.ends(l.run(), upgrade.Ineligible, "source_not_active")
	l.untouched()
}

func TestAllReasonsAreGiven(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(10, 10)
	l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Trial, s.Locked = true, true })
	l.customer.AgreementAccepted = false
	l.customer.NoTransition = "not this one"
	l.ends(l.run(), upgrade.Ineligible, "source_is_trial", "source_locked", "agreement_missing", "microsoft_not_eligible")
}
