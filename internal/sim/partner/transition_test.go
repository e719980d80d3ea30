package partner_test

import (
	"testing"
	"time"

	"uplift/internal/sim/cloud"
)

const planTeams = "57ff2da0-773e-42df-b2af-ffb7a2317929"

func sku(part string) string { o, _ := cloud.OfferByPart(part); return o.SKU }

func (l *lab) holder(name string, disabled ...string) {
	l.state.AddUser(customer, cloud.UserSpec{UPN: name + "@customer.example", UsageLocation: "GB",
		Licences: []cloud.LicenceChange{{SKU: sku(cloud.BusinessBasic), Disabled: disabled}}})
}

func move(to string, quantity int, kind string) map[string]any {
	return map[string]any{"toCatalogItemId": item(to), "quantity": quantity, "transitionType": kind}
}

// holders counts who sits on a SKU.
func (l *lab) holders(part string) (n int, disabled []string) {
	for _, h := range l.state.HoldingsOf(customer) {
		if h.PartNumber == part {
			for _, holder := range h.Holders {
				disabled = append(disabled, holder.Disabled...)
			}
			return len(h.Holders), disabled
		}
	}
	return 0, nil
}

func TestFullTransitionKeepsTheSubscription(t *testing.T) {
	for _, kind := range []string{cloud.TransitionOnly, cloud.TransferLicences} {
		t.Run(kind, func(t *testing.T) {
			l := newLab(t)
			sub := l.basic(20, 60*day)
			l.holder("ana")
			l.holder("jo", planTeams)

			a := l.app("POST", path(sub, "/transitions"), move(cloud.BusinessStandard, 20, kind))
			a.want(t, 200, "")
			if a.body["toSubscriptionId"] != nil {
				t.Error("a full move keeps the id and names no other")
			}
			l.app("PATCH", path(sub), l.resized(sub, 21)).want(t, 409, "900278")
			l.app("POST", path(sub, "/transitions"), move(cloud.BusinessStandard, 20, kind)).want(t, 409, "900278")

			l.state.Advance(time.Minute)
			got := l.app("GET", path(sub), nil)
			if got.body["offerId"] != item(cloud.BusinessStandard) || got.body["quantity"] != 20.0 {
				t.Errorf("after the move: %s", got.raw)
			}
			for _, e := range l.history(sub)[0].(map[string]any)["events"].([]any) {
				if e.(map[string]any)["status"] != "Completed" {
					t.Errorf("event %v", e)
				}
			}
			l.app("POST", path(sub, "/transitions"), move(cloud.BusinessStandard, 20, kind)).want(t, 400, "900259")
			l.wantHolders(kind)
		})
	}
}

func (l *lab) history(sub string) []any {
	l.t.Helper()
	a := l.app("GET", path(sub, "/transitions"), nil)
	a.want(l.t, 200, "")
	return a.body["items"].([]any)
}

func (l *lab) wantHolders(kind string) {
	l.t.Helper()
	old, _ := l.holders(cloud.BusinessBasic)
	moved, off := l.holders(cloud.BusinessStandard)
	if kind == cloud.TransitionOnly && (old != 2 || moved != 0) {
		l.t.Errorf("%d and %d holders: nobody should have moved", old, moved)
	}
	if kind == cloud.TransferLicences && (old != 0 || moved != 2 || len(off) != 1) {
		l.t.Errorf("%d and %d holders, switched off %v: all should have moved as they were", old, moved, off)
	}
}

func TestPartialTransitionMakesASecondSubscription(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)
	a := l.app("POST", path(sub, "/transitions"), move(cloud.BusinessPremium, 5, cloud.TransitionOnly))
	a.want(t, 200, "")
	second, _ := a.body["toSubscriptionId"].(string)
	l.app("GET", path(second), nil).want(t, 404, "20003")
	l.state.Advance(time.Minute)
	if got := l.app("GET", path(second), nil); got.body["quantity"] != 5.0 || got.body["offerId"] != item(cloud.BusinessPremium) {
		t.Errorf("the new subscription: %s", got.raw)
	}
	if got := l.app("GET", path(sub), nil); got.body["quantity"] != 15.0 {
		t.Errorf("the source: %s", got.raw)
	}
	// Another request id starts another one.
	l.app("POST", path(sub, "/transitions"), move(cloud.BusinessPremium, 5, cloud.TransitionOnly)).want(t, 200, "")
	if got := len(l.state.Ledger(cloud.Query{Kind: cloud.TransitionStarted})); got != 2 {
		t.Errorf("%d transitions started, want 2", got)
	}
}

func TestLostReplyOfATransition(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)
	l.state.Inject(cloud.ReplyLost, cloud.Matcher{Path: "/transitions", Method: "POST"}, 1)
	body := move(cloud.BusinessPremium, 5, cloud.TransitionOnly)
	if _, err := l.send("app", "POST", path(sub, "/transitions"), "once", body); err == nil {
		t.Fatal("the reply should have been lost")
	}
	if len(l.history(sub)) != 1 {
		t.Fatal("the transition must have started all the same")
	}
	a, err := l.send("app", "POST", path(sub, "/transitions"), "once", body)
	if err != nil {
		t.Fatal(err)
	}
	a.want(t, 200, "")
	if n := len(l.history(sub)); n != 1 {
		t.Errorf("%d transitions, want 1", n)
	}
}

func TestTransitionIntoAnExistingSubscription(t *testing.T) {
	l := newLab(t)
	source := l.basic(10, 60*day)
	premium := l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 3, Age: 30 * day})
	body := move(cloud.BusinessPremium, 10, cloud.TransitionOnly)
	body["toSubscriptionId"] = premium
	l.app("POST", path(source, "/transitions"), body).want(t, 200, "")
	l.state.Advance(time.Minute)
	if got := l.app("GET", path(premium), nil); got.body["quantity"] != 13.0 {
		t.Errorf("the target: %s", got.raw)
	}
	if got := l.app("GET", path(source), nil); got.body["status"] != "deleted" {
		t.Errorf("the source: %s", got.raw)
	}
}

func TestIntoRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		target cloud.SubscriptionSpec
		code   string
	}{
		"ends earlier":        {cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 3, Age: 100 * day}, "900236"},
		"shorter term":        {cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 3, Age: 10 * day, Term: "P1M"}, "900267"},
		"not active":          {cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 3, Age: 10 * day, Status: cloud.Suspended}, "900258"},
		"another offer":       {cloud.SubscriptionSpec{Part: cloud.BusinessStandard, Quantity: 3, Age: 10 * day}, "900260"},
		"cancellation window": {cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 3, Age: day}, "900261"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			source := l.basic(10, 60*day)
			body := move(cloud.BusinessPremium, 10, cloud.TransitionOnly)
			body["toSubscriptionId"] = l.state.AddSubscription(customer, tc.target)
			l.app("POST", path(source, "/transitions"), body).want(t, 400, tc.code)
		})
	}
}

func TestEligibilityNamesTheConflict(t *testing.T) {
	l := newLab(t)
	sub := l.basic(10, 60*day)
	l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessStandard, Quantity: 3, Age: 30 * day, Channel: "another partner"})
	a := l.app("GET", path(sub, "/transitionEligibilities"), nil)
	a.want(t, 200, "")
	for _, raw := range a.body["items"].([]any) {
		it := raw.(map[string]any)
		kinds := it["eligibilities"].([]any)
		transfer := kinds[1].(map[string]any)
		conflict := it["catalogItemId"] == item(cloud.BusinessStandard)
		if transfer["isEligible"] == conflict {
			t.Errorf("%v: %v", it["title"], transfer)
		}
	}
	l.app("POST", path(sub, "/transitions"), move(cloud.BusinessStandard, 10, cloud.TransferLicences)).want(t, 400, "800002")
	l.app("POST", path(sub, "/transitions"), move(cloud.Microsoft365E5, 10, cloud.TransitionOnly)).want(t, 403, "800020")

	down := l.app("GET", path(l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 3, Age: 30 * day}),
		"/transitionEligibilities?eligibilityType=scheduled"), nil)
	found := false
	for _, raw := range down.body["items"].([]any) {
		found = found || raw.(map[string]any)["catalogItemId"] == item(cloud.BusinessBasic)
	}
	if !found {
		t.Error("a downgrade should be possible at renewal")
	}
}

func TestFailuresOfATransition(t *testing.T) {
	l := newLab(t)
	sub := l.basic(4, 60*day)
	for _, name := range []string{"a", "b", "c", "d"} {
		l.holder(name, planTeams)
	}
	l.state.Inject(cloud.TransitionFails, cloud.Matcher{}, 1)
	l.app("POST", path(sub, "/transitions"), move(cloud.BusinessStandard, 4, cloud.TransferLicences)).want(t, 200, "")
	l.state.Advance(time.Minute)
	if got := l.app("GET", path(sub), nil); got.body["offerId"] != item(cloud.BusinessBasic) {
		t.Fatalf("a failed conversion changes nothing: %s", got.raw)
	}
	l.state.Inject(cloud.TransferFails, cloud.Matcher{}, 1)
	l.state.Inject(cloud.TransferWipesPlans, cloud.Matcher{}, 1)
	l.app("POST", path(sub, "/transitions"), move(cloud.BusinessStandard, 4, cloud.TransferLicences)).want(t, 200, "")
	l.state.Advance(time.Minute)
	left, _ := l.holders(cloud.BusinessBasic)
	moved, off := l.holders(cloud.BusinessStandard)
	if left == 0 || left+moved != 4 || len(off) != 0 {
		t.Errorf("%d left behind, %d moved, switched off %v", left, moved, off)
	}
}

func TestSpellingsOfTheHistory(t *testing.T) {
	l := newLab(t)
	sub := l.basic(10, 60*day)
	for _, f := range []cloud.Fault{cloud.StartedBlank, cloud.EventsCapital, cloud.HistoryWrapper, cloud.ByteOrderMark, cloud.NumberCodes} {
		l.state.Inject(f, cloud.Matcher{}, -1)
	}
	a := l.app("POST", path(sub, "/transitions"), move(cloud.BusinessStandard, 10, cloud.TransitionOnly))
	if a.raw[0] != 0xEF || a.body["Events"].([]any)[0].(map[string]any)["status"] != "Started " {
		t.Errorf("transition: %q", a.raw)
	}
	if got := l.app("GET", path(sub, "/transitions"), nil); got.body["transition"] == nil {
		t.Errorf("history: %s", got.raw)
	}
	if got := l.app("GET", path("nothing"), nil); got.body["code"] != 20003.0 {
		t.Errorf("error: %s", got.raw)
	}
}
