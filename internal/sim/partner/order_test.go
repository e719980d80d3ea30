package partner_test

import (
	"testing"
	"time"

	"uplift/internal/sim/cloud"
)

func cart(part string, quantity int) map[string]any {
	return map[string]any{"lineItems": []any{map[string]any{"id": 0, "catalogItemId": item(part), "quantity": quantity,
		"billingCycle": "monthly", "termDuration": "P1Y"}}}
}

func TestCartBecomesASubscription(t *testing.T) {
	l := newLab(t)
	carts := "/customers/" + customer + "/carts"
	a := l.app("POST", carts, cart(cloud.BusinessPremium, 7))
	a.want(t, 201, "")
	checkout := carts + "/" + a.body["id"].(string) + "/checkout"
	first := l.app("POST", checkout, nil)
	first.want(t, 201, "")
	again := l.app("POST", checkout, nil)
	if string(first.raw) != string(again.raw) {
		t.Errorf("repeating a checkout must give the same order:\n%s\n%s", first.raw, again.raw)
	}
	order := first.body["orders"].([]any)[0].(map[string]any)["id"].(string)
	l.app("GET", "/customers/"+customer+"/orders/"+order, nil).want(t, 404, "20000")
	l.state.Advance(5 * time.Second)
	got := l.app("GET", "/customers/"+customer+"/orders/"+order, nil)
	got.want(t, 200, "")
	sub := got.body["lineItems"].([]any)[0].(map[string]any)["subscriptionId"].(string)
	if s := l.app("GET", path(sub), nil); s.body["quantity"] != 7.0 || s.body["orderId"] != order {
		t.Errorf("the subscription: %s", s.raw)
	}
	if n := len(l.state.Ledger(cloud.Query{Kind: cloud.SubscriptionCreated})); n != 1 {
		t.Errorf("%d subscriptions created", n)
	}
}

func TestPurchaseRefusals(t *testing.T) {
	l := newLab(t)
	carts := "/customers/" + customer + "/carts"
	l.app("POST", carts, cart(cloud.BusinessBasic, 301)).want(t, 403, "800067")
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoAgreement = true })
	l.app("POST", carts, cart(cloud.BusinessBasic, 3)).want(t, 403, "13605")
	agreement := map[string]any{"primaryContact": map[string]any{"firstName": "A", "lastName": "B"}}
	l.app("POST", "/customers/"+customer+"/agreements", agreement).want(t, 403, "900329")
	if a, err := l.send("user", "POST", "/customers/"+customer+"/agreements", "", agreement); err != nil || a.status != 201 {
		t.Fatalf("agreement: %s %v", a.raw, err)
	}
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.Country = "IN" })
	l.app("POST", carts, cart(cloud.BusinessBasic, 3)).want(t, 400, "600049")
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoRelationship = true })
	l.app("POST", carts, cart(cloud.BusinessBasic, 3)).want(t, 403, "20002")
}

func TestCatalogueJoinsTheDirectory(t *testing.T) {
	l := newLab(t)
	for _, o := range cloud.Offers() {
		a := l.app("GET", "/products/"+o.ProductID+"/skus/"+o.SkuID+"?country=IN", nil)
		a.want(t, 200, "")
		if got := a.body["dynamicAttributes"].(map[string]any)["provisioningId"]; got != o.SKU {
			t.Errorf("%s: provisioningId %v", o.Name, got)
		}
	}
	basic, _ := cloud.OfferByPart(cloud.BusinessBasic)
	l.state.RotateAvailability(basic)
	l.app("POST", "/customers/"+customer+"/carts", cart(cloud.BusinessBasic, 3)).want(t, 404, "400019")
	l.state.Inject(cloud.BusinessErrorOK, cloud.Matcher{}, 1)
	l.app("GET", "/products/"+basic.ProductID+"/skus/"+basic.SkuID, nil).want(t, 200, "400072")
}

func TestWhoMayCall(t *testing.T) {
	l := newLab(t)
	for token, want := range map[string]int{"": 401, "nonsense": 401, "graph": 401, "stranger": 403, "user without mfa": 403, "user": 200, "app": 200} {
		a, err := l.send(token, "GET", "/customers", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.status != want {
			t.Errorf("token %q: %d %s, want %d", token, a.status, a.raw, want)
		}
	}
}

func TestFaultsOfTheWire(t *testing.T) {
	l := newLab(t)
	sub := l.basic(20, 60*day)
	l.state.Inject(cloud.Throttled, cloud.Matcher{Method: "GET"}, 1)
	if a := l.app("GET", path(sub), nil); a.status != 429 || a.header.Get("Retry-After") != "1" {
		t.Errorf("throttled: %d %v", a.status, a.header)
	}
	l.state.Inject(cloud.ThrottledDate, cloud.Matcher{Method: "GET"}, 1)
	if a := l.app("GET", path(sub), nil); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("throttled with a date: %d %v", a.status, a.header)
	} else if _, err := time.Parse(time.RFC1123, a.header.Get("Retry-After")); err != nil {
		t.Error(err)
	}
	l.state.Inject(cloud.MalformedBody, cloud.Matcher{Method: "GET"}, 1)
	if a := l.app("GET", path(sub), nil); a.status != 200 || a.body != nil {
		t.Errorf("malformed: %s", a.raw)
	}
	body := l.resized(sub, 25)
	l.state.Inject(cloud.ErrorAfterEffect, cloud.Matcher{Method: "PATCH"}, 1)
	l.app("PATCH", path(sub), body).want(t, 500, "800094")
	if got := l.app("GET", path(sub), nil).body["quantity"]; got != 25.0 {
		t.Errorf("quantity %v: the effect must have happened", got)
	}
	l.state.Inject(cloud.PendingOperation, cloud.Matcher{}, 1)
	l.app("PATCH", path(sub), body).want(t, 409, "900278")
}
