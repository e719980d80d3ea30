package partner_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
)

func TestPreConsent(t *testing.T) {
	l := newLab(t)
	consents := "/customers/" + customer + "/applicationconsents"
	body := map[string]any{"applicationId": "app-1", "applicationGrants": []any{map[string]any{
		"enterpriseApplicationId": "00000003-0000-0000-c000-000000000000", "scope": "Directory.Read.All,User.ReadWrite.All"}}}
	l.app("POST", consents, body).want(t, 403, "900329")
	post := func() answer {
		a, err := l.send("user", "POST", consents, "", body)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	post().want(t, 201, "")
	if _, _, ok := l.state.Consented(customer, "app-1"); ok {
		t.Error("a consent needs time to propagate")
	}
	post().want(t, 409, "")
	l.state.Advance(time.Minute)
	delegated, application, ok := l.state.Consented(customer, "app-1")
	if !ok || len(application) != 0 || !slices.Equal(delegated, []string{"Directory.Read.All", "User.ReadWrite.All"}) {
		t.Errorf("consented: %v %v %v", delegated, application, ok)
	}
	if a, err := l.send("user", "DELETE", consents+"/app-1", "", nil); err != nil || a.status != 204 {
		t.Errorf("removal: %d %v", a.status, err)
	}
}

func TestStrangersAreNoCustomers(t *testing.T) {
	l := newLab(t)
	stranger := l.state.AddTenant(cloud.TenantSpec{Domain: "stranger.example", NoRelationship: true})
	if a := l.app("GET", "/customers", nil); a.body["totalCount"] != 1.0 {
		t.Errorf("customers: %s", a.raw)
	}
	l.app("GET", "/customers/"+stranger+"/subscriptions", nil).want(t, 403, "20002")
	l.app("GET", "/customers/"+home+"/subscriptions", nil).want(t, 404, "60003")
	l.app("GET", "/customers/"+customer+"/nothing", nil).want(t, 404, "1000")
	if a := l.app("GET", "/customers/"+customer, nil); a.body["relationshipToPartner"] != "reseller" {
		t.Errorf("customer: %s", a.raw)
	}
}

func TestObstaclesOfATransition(t *testing.T) {
	l := newLab(t)
	sub := l.basic(10, 60*day)
	codes := func() []any {
		first := l.app("GET", path(sub, "/transitionEligibilities"), nil).body["items"].([]any)[0].(map[string]any)
		var out []any
		for _, e := range first["eligibilities"].([]any)[1].(map[string]any)["errors"].([]any) {
			out = append(out, e.(map[string]any)["code"])
		}
		return out
	}
	if got := codes(); len(got) != 0 {
		t.Errorf("errors at first: %v", got)
	}
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoTransferRights = true })
	l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.TeamsPhone, Quantity: 2, Age: 60 * day, ParentID: sub})
	l.app("PATCH", path(sub), l.resized(sub, 12)).want(t, 200, "")
	if got := codes(); !slices.Equal(got, []any{9.0, 6.0, 13.0}) {
		t.Errorf("codes %v, want not provisioned, add-ons, and no delegated role", got)
	}
	if a := l.app("GET", path(sub, "/addons"), nil); a.body["totalCount"] != 1.0 {
		t.Errorf("add-ons: %s", a.raw)
	}
}

func TestQuotaOfSubscriptions(t *testing.T) {
	l := newLab(t)
	sub := l.basic(10, 60*day)
	l.state.Spend("partner/"+home, 500, 500, time.Minute)
	if a := l.app("GET", path(sub), nil); a.status != 429 || len(a.header.Get("Retry-After")) != 2 { // the rest of the minute
		t.Errorf("%d %v", a.status, a.header)
	}
	l.app("GET", "/customers", nil).want(t, 200, "")
}

// TestCustomersPageByPage: each page links to the next by a token in a header, without which nothing can be read on.
func TestCustomersPageByPage(t *testing.T) {
	l := newLab(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		l.state.AddTenant(cloud.TenantSpec{Domain: name + ".example", Company: name})
	}
	seen, token, address := map[any]bool{}, "", "/customers?size=2"
	for pages := 1; ; pages++ {
		r, err := http.NewRequestWithContext(t.Context(), "GET", l.url+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer app")
		if token != "" {
			r.Header.Set("MS-ContinuationToken", token)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Items []map[string]any
			Links struct {
				Next *struct {
					URI     string
					Headers []struct{ Key, Value string }
				}
			}
		}
		err = json.NewDecoder(res.Body).Decode(&page)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != 200 || len(page.Items) > 2 || len(page.Items) == 0 {
			t.Fatalf("%d %v %+v", res.StatusCode, err, page)
		}
		for _, c := range page.Items {
			seen[c["id"]] = true
		}
		if page.Links.Next == nil {
			if pages != 3 || len(seen) != 5 {
				t.Errorf("%d pages, %d customers", pages, len(seen))
			}
			break
		}
		address, token = page.Links.Next.URI, page.Links.Next.Headers[0].Value
	}
	l.app("GET", "/customers?size=2&seekOperation=Next", nil).want(t, 400, "3000")
	l.app("GET", "/customers?size=none", nil).want(t, 400, "3000")
}

// TestSubscribedSKUs: for a user of the partner whom the customer lets in.
func TestSubscribedSKUs(t *testing.T) {
	l := newLab(t)
	l.basic(10, 60*day)
	address := "/customers/" + customer + "/subscribedskus"
	l.app("GET", address, nil).want(t, 403, "900329")
	read := func() answer {
		a, err := l.send("user", "GET", address, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := read()
	a.want(t, 200, "")
	sku := a.body["items"].([]any)[0].(map[string]any)
	if sku["activeUnits"] != 10.0 || sku["consumedUnits"] != 0.0 || sku["productSku"].(map[string]any)["skuPartNumber"] != cloud.BusinessBasic {
		t.Errorf("%v", sku)
	}
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoDelegation = true })
	read().want(t, 403, "900308")
}
