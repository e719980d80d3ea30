package partner_test

import (
	"testing"
	"time"

	"uplift/internal/sim/cloud"
)

func TestQuantityFollowsTheReturnWindows(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)

	l.app("PATCH", path(sub), l.resized(sub, 19)).want(t, 400, "900257")
	l.app("PATCH", path(sub), l.resized(sub, 25)).want(t, 200, "")
	l.app("PATCH", path(sub), l.resized(sub, 19)).want(t, 400, "900257")
	l.app("PATCH", path(sub), l.resized(sub, 22)).want(t, 200, "")

	a := l.app("GET", path(sub), nil)
	if got := a.body["refundableQuantity"].(map[string]any)["totalQuantity"]; got != 2.0 {
		t.Errorf("refundable %v seats, want the 2 that are left of the 5 added", got)
	}
	l.state.Advance(7*day + time.Minute)
	l.app("PATCH", path(sub), l.resized(sub, 20)).want(t, 400, "900257")
	l.app("PATCH", path(sub), l.resized(sub, 301)).want(t, 400, "2002")
}

func TestPatchReplacesTheWholeResource(t *testing.T) {
	l := newLab(t)
	standard, _ := cloud.OfferByPart(cloud.BusinessStandard)
	sub := l.basic(20, 60*day)
	body := l.resized(sub, 20)
	body["scheduledNextTermInstructions"] = map[string]any{"quantity": 12, "product": map[string]any{"productId": standard.ProductID,
		"skuId": standard.SkuID, "availabilityId": l.state.Availability(standard), "billingCycle": "annual", "termDuration": "P1Y"}}
	l.app("PATCH", path(sub), body).want(t, 200, "")
	if l.app("GET", path(sub), nil).body["scheduledNextTermInstructions"] == nil {
		t.Fatal("the scheduled change was not kept")
	}

	l.app("PATCH", path(sub), map[string]any{"quantity": 20}).want(t, 200, "")
	a := l.app("GET", path(sub), nil)
	if a.body["autoRenewEnabled"] != false || a.body["scheduledNextTermInstructions"] != nil {
		t.Errorf("what a PATCH leaves out must be reset: %s", a.raw)
	}
	l.app("PATCH", path(sub), map[string]any{"autoRenewEnabled": true}).want(t, 400, "3000")
}

func TestChangeOfSeatsDropsScheduledChange(t *testing.T) {
	l := newLab(t)
	basic, _ := cloud.OfferByPart(cloud.BusinessBasic)
	sub := l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 20, Age: 60 * day,
		Next: &cloud.NextTerm{ProductID: basic.ProductID, SkuID: basic.SkuID, AvailabilityID: l.state.Availability(basic), Quantity: 5}})
	l.app("PATCH", path(sub), l.resized(sub, 21)).want(t, 200, "")
	if next := l.app("GET", path(sub), nil).body["scheduledNextTermInstructions"]; next != nil {
		t.Errorf("the scheduled change survived: %v", next)
	}
}

func TestRenewalAppliesScheduledChange(t *testing.T) {
	l := newLab(t)
	standard, _ := cloud.OfferByPart(cloud.BusinessStandard)
	sub := l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 20, Age: 360 * day,
		Next: &cloud.NextTerm{ProductID: standard.ProductID, SkuID: standard.SkuID, AvailabilityID: l.state.Availability(standard), Quantity: 5}})
	l.state.Advance(10 * day)
	a := l.app("GET", path(sub), nil)
	if a.body["offerName"] != standard.Name || a.body["quantity"] != 5.0 {
		t.Fatalf("after renewal: %s", a.raw)
	}
	l.app("PATCH", path(sub), l.resized(sub, 3)).want(t, 200, "") // renewed seats have a new window
}

func TestRequestIdMakesAWriteHappenOnce(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)
	l.state.Inject(cloud.ReplyLost, cloud.Matcher{Method: "PATCH"}, 1)
	if _, err := l.send("app", "PATCH", path(sub), "request-1", l.resized(sub, 25)); err == nil {
		t.Fatal("the reply should have been lost")
	}
	a, err := l.send("app", "PATCH", path(sub), "request-1", l.resized(sub, 25))
	if err != nil {
		t.Fatal(err)
	}
	a.want(t, 200, "")
	if got := len(l.state.Ledger(cloud.Query{Kind: cloud.QuantityChanged})); got != 1 {
		t.Errorf("%d changes of quantity, want 1", got)
	}
	if got := len(l.state.Ledger(cloud.Query{Kind: cloud.RequestReplayed})); got != 1 {
		t.Errorf("%d replays, want 1", got)
	}
}

func TestRefusedRequestIsJudgedAnew(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)
	l.state.Inject(cloud.NotReady, cloud.Matcher{}, 1)
	body := l.resized(sub, 25)
	a, _ := l.send("app", "PATCH", path(sub), "request-1", body)
	a.want(t, 409, "800082")
	a, _ = l.send("app", "PATCH", path(sub), "request-1", body)
	a.want(t, 200, "")
}

func TestAcceptedUpdateFollowsLater(t *testing.T) {
	l := newLab(t)
	f := cloud.Polite()
	f.Lags.Accepted = time.Minute
	l.state.SetFaults(f)
	sub := l.basic(20, 60*day)
	body := l.resized(sub, 25)
	l.state.Inject(cloud.Accepted, cloud.Matcher{}, 1)
	a := l.app("PATCH", path(sub), body)
	a.want(t, 202, "")
	if a.header.Get("Location") != path(sub) {
		t.Errorf("Location %q", a.header.Get("Location"))
	}
	if got := l.app("GET", path(sub), nil).body["quantity"]; got != 20.0 {
		t.Errorf("quantity %v before the update is worked off", got)
	}
	l.app("PATCH", path(sub), body).want(t, 409, "900278")
	l.state.Advance(2 * time.Minute)
	if got := l.app("GET", path(sub), nil).body["quantity"]; got != 25.0 {
		t.Errorf("quantity %v afterwards", got)
	}
}

func TestProvisioningReachesTheDirectoryLater(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)
	l.app("PATCH", path(sub), l.resized(sub, 25)).want(t, 200, "")
	status := func() answer {
		a, err := l.send("user", "GET", path(sub, "/provisioningstatus"), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		a.want(t, 200, "")
		return a
	}
	if a := status(); a.body["status"] != "pending" || l.state.HoldingsOf(customer)[0].Enabled != 20 {
		t.Errorf("before the lag: %s, holdings %+v", a.raw, l.state.HoldingsOf(customer))
	}
	l.state.Advance(3 * time.Second)
	if a := status(); a.body["status"] != "success" || a.body["quantity"] != 25.0 || l.state.HoldingsOf(customer)[0].Enabled != 25 {
		t.Errorf("after the lag: %s, holdings %+v", a.raw, l.state.HoldingsOf(customer))
	}
	l.app("GET", path(sub, "/provisioningstatus"), nil).want(t, 403, "900329")
}

func TestStatesRefuseWhatTheyMust(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)
	body := l.resized(sub, 20)
	body["status"] = "deleted"
	l.app("PATCH", path(sub), body).want(t, 400, "900117")
	body["status"] = "suspended"
	l.app("PATCH", path(sub), body).want(t, 200, "")
	body["quantity"] = 22
	l.app("PATCH", path(sub), body).want(t, 400, "800091")
	body["status"] = "active"
	l.app("PATCH", path(sub), body).want(t, 400, "800081")
	body["quantity"] = 20
	l.app("PATCH", path(sub), body).want(t, 200, "")
	body["billingCycle"] = "annual"
	l.app("PATCH", path(sub), body).want(t, 400, "2054")

	young := l.basic(5, day)
	cancel := l.resized(young, 5)
	cancel["status"] = "deleted"
	l.app("PATCH", path(young), cancel).want(t, 200, "")
	cancel["status"] = "active"
	l.app("PATCH", path(young), cancel).want(t, 400, "2011")
}

func TestLegacyNeedsItsEtag(t *testing.T) {
	l := newLab(t)
	sub := l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 12, Age: 60 * day, Legacy: true})
	body := l.resized(sub, 10)
	if body["productType"] != nil {
		t.Error("a traditional subscription has no productType")
	}
	l.app("PATCH", path(sub), body).want(t, 200, "")
	l.app("PATCH", path(sub), body).want(t, 400, "2055")
	l.app("GET", path(sub, "/transitionEligibilities"), nil).want(t, 403, "900263")
	a, err := l.send("user", "GET", path(sub, "/upgrades"), "", nil)
	if err != nil || a.body["totalCount"] != 4.0 {
		t.Fatalf("upgrades: %s, %v", a.raw, err)
	}
	l.state.Advance(time.Minute)
	chosen := a.body["items"].([]any)[0]
	a, err = l.send("user", "POST", path(sub, "/upgrades"), "", chosen)
	if err != nil || a.status != 200 || a.body["targetSubscriptionId"] == "" {
		t.Fatalf("upgrade: %s, %v", a.raw, err)
	}
}
