package partner

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

const subscriptionJSON = `{"id":"5a0f3c52-0000-4000-8000-0000000000a1","offerId":"CFQ7TTC0LH18:0001:CFQ7TTC0K971",
 "offerName":"Microsoft 365 Business Basic","friendlyName":"Fabrikam Basic","productType":{"id":"OnlineServicesNCE","displayName":"OnlineServicesNCE"},
 "quantity":25,"unitType":"Licenses","creationDate":"2026-01-02T10:11:12.1234567Z",
 "commitmentEndDate":"2027-01-01T00:00:00Z","commitmentEndDateTime":"2027-01-01T23:59:59Z",
 "cancellationAllowedUntilDate":"2026-01-09T10:11:12Z","status":"active","autoRenewEnabled":true,"isTrial":false,
 "billingCycle":"monthly","termDuration":"P1Y","refundableQuantity":{"totalQuantity":25,"details":[{"quantity":20,"allowedUntilDateTime":"2026-01-09T10:11:12Z"},{"quantity":"5","allowedUntilDateTime":"2026-01-10T10:11:12.1234567Z"}]},
 "scheduledNextTermInstructions":{"product":{"productId":"CFQ7TTC0LDPB","skuId":"0001","availabilityId":"CFQ7TTC0LGNT","billingCycle":"annual","termDuration":"P1Y","promotionId":null},"quantity":20,"customTermEndDate":null},
 "somethingNew":{"deep":[1.500,12345678901234567890]},"attributes":{"objectType":"Subscription","etag":"eyJpZCI6IjEiLCJ2ZXJzaW9uIjoyfQ=="}}`

func TestSubscriptionMapping(t *testing.T) {
	_, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: subscriptionJSON}}})
	got, err := c.Subscription(t.Context(), tenant, subscriptID)
	if err != nil {
		t.Fatal(err)
	}
	want := upgrade.Subscription{
		ID: subscriptID, ProductSKU: "CFQ7TTC0LH18:0001", CatalogItem: "CFQ7TTC0LH18:0001:CFQ7TTC0K971", Name: "Fabrikam Basic",
		NewCommerce: true, Seats: 25, Status: "active", AutoRenew: true, Term: "P1Y", BillingCycle: "monthly",
		TermEnds:    time.Date(2027, 1, 1, 23, 59, 59, 0, time.UTC),
		CancelUntil: time.Date(2026, 1, 9, 10, 11, 12, 0, time.UTC),
		Refundable: []upgrade.SeatBlock{
			{Seats: 20, Until: time.Date(2026, 1, 9, 10, 11, 12, 0, time.UTC)},
			{Seats: 5, Until: time.Date(2026, 1, 10, 10, 11, 12, 123456700, time.UTC)},
		},
		Scheduled: &upgrade.ScheduledChange{ProductID: "CFQ7TTC0LDPB", SKUID: "0001", AvailabilityID: "CFQ7TTC0LGNT", BillingCycle: "annual", Term: "P1Y", Seats: 20},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestSubscriptionVariants(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		check      func(s upgrade.Subscription) bool
	}{
		{"legacy", `{"id":"a","offerId":"031C9E47-4802-4248-838E-778FB1D2CC05","quantity":"7","status":"Active","commitmentEndDate":"2026-12-01T00:00:00"}`,
			func(s upgrade.Subscription) bool {
				return !s.NewCommerce && s.ProductSKU == "" && s.Seats == 7 && s.Status == "active" && s.TermEnds.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
			}},
		{"window instead of blocks", `{"id":"a","quantity":7,"status":"active","cancellationAllowedUntilDate":"2026-01-09T00:00:00Z"}`,
			func(s upgrade.Subscription) bool { return len(s.Refundable) == 1 && s.Refundable[0].Seats == 7 }},
		{"window closed", `{"id":"a","quantity":7,"status":"active","cancellationAllowedUntilDate":"2026-01-04T00:00:00Z","refundableQuantity":null}`,
			func(s upgrade.Subscription) bool { return s.Refundable == nil && !s.CancelUntil.IsZero() }},
		{"suspended has no blocks", `{"id":"a","quantity":7,"status":"suspended","cancellationAllowedUntilDate":"2026-01-09T00:00:00Z","refundableQuantity":null}`,
			func(s upgrade.Subscription) bool { return s.Refundable == nil }},
		{"no blocks in spite of a window", `{"id":"a","quantity":7,"status":"active","cancellationAllowedUntilDate":"2026-01-09T00:00:00Z","refundableQuantity":{"totalQuantity":0,"details":[]}}`,
			func(s upgrade.Subscription) bool { return s.Refundable == nil }},
		{"the year 1 is no date", `{"id":"a","cancellationAllowedUntilDate":"0001-01-01T00:00:00Z","commitmentEndDate":null}`,
			func(s upgrade.Subscription) bool { return s.CancelUntil.IsZero() && s.TermEnds.IsZero() }},
		{"unknown enum values", `{"id":"a","status":"hibernating","billingCycle":"Fortnightly"}`,
			func(s upgrade.Subscription) bool { return s.Status == "hibernating" && s.BillingCycle == "fortnightly" }},
		{"pending", `{"id":"a","status":"pending"}`, func(s upgrade.Subscription) bool { return s.Locked }},
		{"no edit", `{"id":"a","status":"active","actions":["cancel"]}`, func(s upgrade.Subscription) bool { return s.Locked }},
		{"edit", `{"id":"a","status":"active","actions":["Edit","cancel"]}`, func(s upgrade.Subscription) bool { return !s.Locked }},
		{"add-on and trial", `{"id":"a","isTrial":true,"parentSubscriptionId":"b","offerName":"Add-on","friendlyName":null}`,
			func(s upgrade.Subscription) bool { return s.Trial && s.AddOnOf == "b" && s.Name == "Add-on" }},
	} {
		s, err := parseSubscription([]byte(tc.body), now)
		if err != nil || !tc.check(s) {
			t.Errorf("%s: %+v, %v", tc.name, s, err)
		}
	}
	for _, body := range []string{`{"quantity":1.5}`, `{"quantity":-1}`, `{"quantity":"many"}`, `{"quantity":1e30}`, `[]`} {
		_, err := parseSubscription([]byte(body), now)
		if e := wantError(t, err, upgrade.Unknown, "unreadable_reply"); strings.Contains(e.Error(), body) {
			t.Errorf("the error quotes the reply: %v", e)
		}
	}
	for _, body := range []string{`x`, ``, subscriptionJSON[:300]} {
		_, err := parseSubscription([]byte(body), now)
		wantError(t, err, upgrade.Transient, "cut_reply")
	}
}

func TestListingFollowsItsLinks(t *testing.T) {
	list := "GET /v1/customers/" + tenant + "/subscriptions"
	s, c := serve(t, map[string][]answer{
		list:                                {{body: `{"totalCount":2,"items":[{"id":"a"}],"links":{"next":{"uri":"/customers/` + tenant + `/subscriptions?size=1&seekOperation=Next","method":"GET","headers":[{"key":"MS-ContinuationToken","value":"opaque"},{"key":"Authorization","value":"theirs"}]}}}`}},
		list + "?size=1&seekOperation=Next": {{body: `{"items":[{"id":"b"}],"links":{}}`}},
	})
	got, err := c.Subscriptions(t.Context(), tenant)
	if err != nil || len(got) != 2 || got[1].ID != "b" {
		t.Fatalf("%+v, %v", got, err)
	}
	h := s.requests("GET")[1].header
	if h.Get("MS-ContinuationToken") != "opaque" || h.Get("Authorization") != "Bearer the-token" {
		t.Errorf("headers of the second page: %v", h)
	}
}

func TestForeignAndEndlessLinks(t *testing.T) {
	list := "GET /v1/customers/" + tenant + "/subscriptions"
	for link, code := range map[string]string{
		"https://evil.example/v1/customers": "foreign_link", "//evil.example/x": "foreign_link",
		"/v1/customers/" + tenant + "/subscriptions": "endless_listing",
	} {
		_, c := serve(t, map[string][]answer{list: {{body: `{"items":[],"links":{"next":{"uri":"` + link + `"}}}`}}})
		_, err := c.Subscriptions(t.Context(), tenant)
		wantError(t, err, upgrade.Unknown, code)
	}
	s, c := serve(t, nil)
	if _, err := c.below(s.URL + ".evil.example/x"); err == nil {
		t.Error("a host that only begins like ours was taken")
	}
}

func TestCustomer(t *testing.T) {
	const customerJSON = `{"id":"c","companyProfile":{"tenantId":"` + tenant + `","domain":"fabrikam.example","companyName":"Fabrikam"},"billingProfile":{"companyName":"Fabrikam Ltd","defaultAddress":{"country":"in","city":"Pune"}},"relationshipToPartner":"Reseller"}`
	at := "GET /v1/customers/" + tenant
	agreements := at + "/agreements?agreementType=MicrosoftCustomerAgreement"
	for name, tc := range map[string]struct {
		answer answer
		want   bool
	}{
		"accepted": {answer{body: `{"items":[{"type":"MicrosoftCustomerAgreement","dateAgreed":"2025-01-01T00:00:00Z","primaryContact":{"email":"x@y.example"}}]}`}, true},
		"another":  {answer{body: `{"items":[{"type":"MicrosoftCloudAgreement","dateAgreed":"2015-01-01T00:00:00Z"}]}`}, false},
		"none":     {answer{body: `{"totalCount":0,"items":[]}`}, false},
		"unknown":  {answer{status: 404, body: `{"code":1000,"description":"none"}`}, false},
		"app-only": {answer{status: 403, body: `{"code":900329,"description":"app"}`}, true},
	} {
		_, c := serve(t, map[string][]answer{at: {{body: customerJSON}}, agreements: {tc.answer}})
		got, err := c.Customer(t.Context(), tenant)
		want := upgrade.Customer{Tenant: tenant, Name: "Fabrikam", Domain: "fabrikam.example", Country: "IN", Relationship: "reseller", AgreementAccepted: tc.want,
			Missing: []string{"organisation registration number", "telephone number"}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	_, c := serve(t, map[string][]answer{at: {{status: 403, body: `{"code":20002,"description":"x"}`}}})
	_, err := c.Customer(t.Context(), tenant)
	wantError(t, err, upgrade.Act, "20002")
}

func TestProvisioned(t *testing.T) {
	at := "GET " + subscriptURL + "/provisioningstatus"
	for _, tc := range []struct {
		answer answer
		done   bool
		seats  int
		kind   upgrade.Kind
		code   string
	}{
		{answer: answer{body: `{"skuId":"3B555118-DA6A-4418-894F-7DF1E2096870","status":"success","quantity":30}`}, done: true, seats: 30},
		{answer: answer{body: `{"skuId":"3b555118-da6a-4418-894f-7df1e2096870","status":"Pending","quantity":25}`}, seats: 25},
		{answer: answer{body: `{"status":"pondering","quantity":"25"}`}, seats: 25},
		{answer: answer{status: 404, body: `{"code":800007,"description":"x"}`}},
		{answer: answer{body: `{"status":"failed"}`}, kind: upgrade.Unknown, code: "provisioning_failed"},
		{answer: answer{status: 403, body: `{"code":900329,"description":"x"}`}, kind: upgrade.Act, code: "900329"},
	} {
		_, c := serve(t, map[string][]answer{at: {tc.answer}})
		done, seats, sku, err := c.Provisioned(t.Context(), tenant, subscriptID)
		if tc.kind != "" {
			wantError(t, err, tc.kind, tc.code)
			continue
		}
		if err != nil || done != tc.done || seats != tc.seats || sku != strings.ToLower(sku) {
			t.Errorf("%s: %v %d %s, %v", tc.answer.body, done, seats, sku, err)
		}
	}
}
