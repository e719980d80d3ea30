package ledgercheck

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/mailbox"
	"uplift/upgrade"
)

const (
	tenant = "0c000000-0000-4000-8000-000000000001"
	user   = "1e000000-0000-4000-8000-000000000001"
	admin  = "1e000000-0000-4000-8000-000000000009"
	source = "5c000000-0000-4000-8000-000000000001"
	teams  = "57ff2da0-773e-42df-b2af-ffb7a2317929"
)

var began = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// story is the evidence of one order that went well: Business Basic for 5 with one holder becomes Business Premium for 8.
type story struct{ Evidence }

func offer(t *testing.T, part string) *cloud.Offer {
	t.Helper()
	o, ok := cloud.OfferByPart(part)
	if !ok {
		t.Fatalf("no offer %s", part)
	}
	return o
}

func newStory(t *testing.T) *story {
	basic, premium := offer(t, cloud.BusinessBasic), offer(t, cloud.BusinessPremium)
	hold := func(o *cloud.Offer, seats int, off ...string) State {
		return State{At: began, Subscriptions: []cloud.Subscription{{ID: source, Offer: o, Quantity: seats, Status: cloud.Active}},
			Holdings: []cloud.Holding{{SKU: o.SKU, PartNumber: o.PartNumber, Enabled: seats, Holders: []cloud.Holder{{UserID: user, Direct: true, Disabled: off}}}}}
	}
	s := &story{Evidence{Slots: 10,
		Customers: []Customer{{Tenant: tenant, Administrator: []string{admin}, Before: hold(basic, 5, teams), After: hold(premium, 8, teams)}},
		Orders: []Order{{ID: "A-1", Tenant: tenant, Want: map[string]int{cloud.BusinessBasic: 0, cloud.BusinessPremium: 8}, From: cloud.BusinessBasic, To: cloud.BusinessPremium,
			Attempts: []Attempt{{Workflow: "upgrade/A-1", Run: "run-1", Started: began, Closed: "completed",
				Result: upgrade.Result{Order: "A-1", Upgrade: "A-1#1", End: upgrade.Completed, EndedAt: began.Add(time.Hour)},
				Status: upgrade.Status{Evidence: &upgrade.Evidence{Tenant: tenant, ObjectID: admin}, Stages: []upgrade.StageTime{
					{Stage: upgrade.Checking, At: began.Add(2 * time.Minute)}, {Stage: upgrade.Changing, At: began.Add(3 * time.Minute)}}}}}}},
	}}
	s.entry(1, cloud.Entry{Kind: cloud.ConsentGranted})
	s.by("A-1#1", "1", 4, cloud.Entry{Kind: cloud.TransitionStarted, Object: source, After: "SPB 5 transition_only "})
	s.entry(5, cloud.Entry{Kind: cloud.TransitionCompleted, Object: source})
	s.graph("A-1#1", "assign/"+user, 6, cloud.Entry{Kind: cloud.LicenceRemoved, Object: user, Before: basic.SKU})
	s.graph("A-1#1", "assign/"+user, 6, cloud.Entry{Kind: cloud.LicenceAssigned, Object: user, After: premium.SKU})
	s.by("A-1#1", "2", 8, cloud.Entry{Kind: cloud.QuantityChanged, Object: source, Before: "5", After: "8"})
	return s
}

// entry adds a line, so many minutes after the beginning.
func (s *story) entry(minute int, e cloud.Entry) {
	e.Seq, e.Tenant = len(s.Ledger)+1, tenant
	e.At, e.Real = began.Add(time.Duration(minute)*time.Minute), began.Add(time.Duration(minute)*time.Minute)
	s.Ledger = append(s.Ledger, e)
}

// by adds a write of an upgrade to a subscription; graph one to a user.
func (s *story) by(of, step string, minute int, e cloud.Entry) {
	id := upgrade.WriteIDOf(of, step, 0)
	e.Method, e.RequestID, e.CorrelationID = "PATCH", id.Request, id.Correlation
	s.entry(minute, e)
}

func (s *story) graph(of, step string, minute int, e cloud.Entry) {
	e.Method, e.ClientRequestID = "POST", upgrade.UUID(upgrade.WriteIDOf(of, step, 1).Request, "1")
	s.entry(minute, e)
}

func (s *story) attempt() *Attempt { return &s.Orders[0].Attempts[0] }

func TestSound(t *testing.T) {
	if found := Check(newStory(t).Evidence); len(found) > 0 {
		t.Error(found)
	}
}

// TestNever has each thing that must never be happen to a story that is sound otherwise.
func TestNever(t *testing.T) {
	premium := offer(t, cloud.BusinessPremium)
	for name, test := range map[string]struct {
		never int
		spoil func(*story)
	}{
		"transitioned twice": {1, func(s *story) {
			s.by("A-1#1", "again", 9, cloud.Entry{Kind: cloud.TransitionStarted, Object: source, After: "SPB 5 transition_only "})
		}},
		"raised twice": {1, func(s *story) {
			s.by("A-1#1", "again", 9, cloud.Entry{Kind: cloud.QuantityChanged, Object: source, Before: "5", After: "8"})
		}},
		"bought twice": {1, func(s *story) {
			for i := range 2 {
				s.by("A-1#1", "buy", 9+i, cloud.Entry{Kind: cloud.OrderPlaced, Object: fmt.Sprint("order", i), After: premium.Key() + ":AVAILABLE 8"})
			}
		}},
		"a seat too few": {2, func(s *story) { s.Customers[0].After.Subscriptions[0].Quantity = 7 }},
		"a seat left by a decline": {2, func(s *story) {
			s.Orders[0].Attempts[0].Result.End = upgrade.Declined
		}},
		"a renewal that stays off": {2, func(s *story) {
			s.attempt().Result.End = upgrade.FailedUndone
			s.Customers[0].After = s.Customers[0].Before
			s.Customers[0].After.Subscriptions = []cloud.Subscription{s.Customers[0].Before.Subscriptions[0]}
			s.Customers[0].After.Subscriptions[0].AutoRenew = true
		}},
		"a location that stays": {2, func(s *story) {
			s.attempt().Result.End = upgrade.FailedUndone
			s.Customers[0].Before.Locations = map[string]string{user: ""}
			s.Customers[0].After = s.Customers[0].Before
			s.Customers[0].After.Locations = map[string]string{user: "GB"}
		}},
		"no end":                     {2, func(s *story) { s.attempt().Closed = "" }},
		"a service switched on":      {2, func(s *story) { s.Customers[0].After.Holdings[0].Holders[0].Disabled = nil }},
		"a user who was left behind": {2, func(s *story) { s.Customers[0].After.Holdings = nil }},
		"a user without a licence for a moment": {3, func(s *story) {
			s.Ledger[4].At = s.Ledger[4].At.Add(time.Second)
		}},
		"a change before the check":   {4, func(s *story) { s.attempt().Status.Stages[0].At = began.Add(20 * time.Minute) }},
		"a change before the consent": {4, func(s *story) { s.Ledger = s.Ledger[1:] }},
		"a change before its time":    {4, func(s *story) { s.attempt().Status.Stages[1].At = began.Add(20 * time.Minute) }},
		"a change by another's order in between": {5, func(s *story) {
			s.Orders = append(s.Orders, Order{ID: "A-2", Tenant: tenant, Attempts: []Attempt{{Workflow: "upgrade/A-2", Run: "run-2", Started: began, Closed: "completed",
				Result: upgrade.Result{Upgrade: "A-2#1", End: upgrade.Abandoned, Reasons: upgrade.Problems{{Code: "x"}}}, Status: s.attempt().Status}}})
			s.by("A-2#1", "1", 5, cloud.Entry{Kind: cloud.SubscriptionUpdated, Object: source})
		}},
		"more at work than slots": {6, func(s *story) {
			s.Slots = 1
			s.Orders = append(s.Orders, Order{ID: "B-1", Tenant: "another", Attempts: []Attempt{{Started: began, Closed: "terminated"}}})
			s.by("B-1#1", "1", 4, cloud.Entry{Kind: cloud.TransitionStarted, Object: "other", After: "SPB 5"})
			s.entry(9, cloud.Entry{Kind: cloud.TransitionCompleted, Object: "other"})
		}},
		"a secret in a history": {7, func(s *story) {
			s.Secrets = []string{"D0123456789abcdefghijk"}
			s.Texts = []Text{{"the history of upgrade/A-1", `{"code":"D0123456789abcdefghijk"}`}}
		}},
		"a secret in a mail": {7, func(s *story) {
			s.Secrets = []string{"D0123456789abcdefghijk"}
			s.Mails = []mailbox.Message{{MessageID: "x", Subject: "x", Text: "x", Raw: "type D0123456789abcdefghijk"}}
		}},
		"another tenant's consent": {8, func(s *story) { s.attempt().Status.Evidence.Tenant = "another" }},
		"a stranger's consent":     {8, func(s *story) { s.attempt().Status.Evidence.ObjectID = user }},
		"no evidence":              {8, func(s *story) { s.attempt().Status.Evidence = nil }},
		"a change by what was cancelled in time": {9, func(s *story) {
			s.attempt().Result.End, s.attempt().Status.Stages = upgrade.Cancelled, nil
		}},
		"an order carried out twice": {10, func(s *story) {
			again := *s.attempt()
			again.Workflow, again.Started = "upgrade/A-1-again", began.Add(2*time.Hour)
			s.Orders[0].Attempts = append(s.Orders[0].Attempts, again)
		}},
		"a change that is nobody's": {10, func(s *story) {
			s.entry(9, cloud.Entry{Kind: cloud.QuantityChanged, Object: source, Before: "5", After: "6", Method: "PATCH", CorrelationID: "nobody's"})
		}},
		"a register that says another end": {2, func(s *story) {
			s.Recorded = map[string]upgrade.Result{"run-1": {End: upgrade.FailedUndone}}
		}},
		"an execution that failed": {0, func(s *story) { s.attempt().Closed = "failed" }},
		"a mail without a text":    {0, func(s *story) { s.Mails = []mailbox.Message{{MessageID: "x", Subject: "x"}} }},
		"an end that is not told":  {0, func(s *story) { s.attempt().Status.Invitation = &upgrade.Invitation{Number: 1} }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			test.spoil(s)
			found := Check(s.Evidence)
			for _, v := range found {
				if v.Never == test.never {
					if text := v.String(); !strings.HasPrefix(text, fmt.Sprintf("never %d: ", test.never)) {
						t.Error(text)
					}
					return
				}
			}
			t.Errorf("found %v, and nothing of never %d", found, test.never)
		})
	}
}

// TestAllowed has what looks like a violation and is none.
func TestAllowed(t *testing.T) {
	for name, change := range map[string]func(*story){
		"a transition that failed and was started again": func(s *story) {
			s.by("A-1#1", "1", 5, cloud.Entry{Kind: cloud.TransitionFailed, Object: source})
			s.by("A-1#1", "again", 6, cloud.Entry{Kind: cloud.TransitionStarted, Object: source, After: "SPB 5 transition_only "})
		},
		"raised, lowered and raised": func(s *story) {
			s.by("A-1#1", "back", 9, cloud.Entry{Kind: cloud.QuantityChanged, Object: source, Before: "8", After: "5"})
			s.by("A-1#1", "again", 10, cloud.Entry{Kind: cloud.QuantityChanged, Object: source, Before: "5", After: "8"})
		},
		"an abandoned upgrade that says why": func(s *story) {
			s.attempt().Result.End, s.attempt().Result.Reasons = upgrade.Abandoned, upgrade.Problems{{Code: "left_done"}}
			s.Customers[0].After.Subscriptions[0].Quantity = 5
		},
		"terminated when its end was recorded and not yet told": func(s *story) {
			s.Recorded = map[string]upgrade.Result{"run-1": s.attempt().Result}
			s.attempt().Closed, s.attempt().Result = "terminated", upgrade.Result{}
		},
		"a residue": func(s *story) {
			s.attempt().Result.End = upgrade.CompletedWithResidue
			s.attempt().Result.Residue = []upgrade.Residual{{Subscription: source, Seats: 2}}
			s.Customers[0].After.Subscriptions[0].Quantity = 10
		},
		"another partner's seats": func(s *story) {
			s.Customers[0].After.Subscriptions = append(s.Customers[0].After.Subscriptions, cloud.Subscription{Offer: s.Customers[0].After.Subscriptions[0].Offer, Quantity: 9, Status: cloud.Active, Channel: "another"})
		},
		"the mail that tells the end": func(s *story) {
			s.attempt().Status.Invitation = &upgrade.Invitation{Number: 1}
			id := upgrade.UUID("A-1#1", "upgrade/A-1", string(upgrade.LetterDone), string(upgrade.Notifying), fmt.Sprint(false, 0, 0), "", "", "")
			s.Mails = []mailbox.Message{{MessageID: id + "@provider.example", Subject: "Done", Text: "It is done.", Copies: 2}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			change(s)
			if found := Check(s.Evidence); len(found) > 0 {
				t.Error(found)
			}
		})
	}
}
