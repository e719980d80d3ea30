package partner

import (
	"encoding/json"
	"strings"
	"testing"

	"uplift/upgrade"
)

func withSeats(n string) string {
	return strings.Replace(subscriptionJSON, `"quantity":25,"unitType"`, `"quantity":`+n+`,"unitType"`, 1)
}

func TestSetSeatsSendsTheWholeSubscription(t *testing.T) {
	s, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: subscriptionJSON}}, "PATCH " + subscriptURL: {{body: withSeats("30")}}})
	if err := c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30); err != nil {
		t.Fatal(err)
	}
	sent := s.requests("PATCH")[0]
	if sent.header.Get("MS-RequestId") != write.Request || sent.header.Get("MS-CorrelationId") != write.Correlation || sent.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers: %v", sent.header)
	}
	for _, kept := range []string{`"somethingNew":{"deep":[1.500,12345678901234567890]}`, `"etag":"eyJpZCI6IjEiLCJ2ZXJzaW9uIjoyfQ=="`, `"quantity":30`, `"promotionId":null`} {
		if !strings.Contains(sent.body, kept) {
			t.Errorf("%s is missing in %s", kept, sent.body)
		}
	}
	var before, after map[string]json.RawMessage
	_ = json.Unmarshal([]byte(subscriptionJSON), &before)
	_ = json.Unmarshal([]byte(sent.body), &after)
	if len(before) != len(after) {
		t.Errorf("%d fields became %d", len(before), len(after))
	}
}

func TestSetSeatsReadsBeforeItWrites(t *testing.T) {
	s, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: withSeats(`"30"`)}}})
	if err := c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30); err != nil {
		t.Fatal(err)
	}
	err := c.SetSeats(t.Context(), write, tenant, subscriptID, 20, 28)
	e := wantError(t, err, upgrade.Conflict, "seats_changed")
	for _, n := range []string{"30", "20", "28"} {
		if !strings.Contains(e.Message, n) {
			t.Errorf("%q does not name %s", e.Message, n)
		}
	}
	if n := len(s.requests("PATCH")); n != 0 {
		t.Errorf("%d writes", n)
	}
	wantError(t, c.SetSeats(t.Context(), upgrade.WriteID{}, tenant, subscriptID, 1, 2), upgrade.Invalid, "no_write_id")
	wantError(t, c.SetSeats(t.Context(), write, tenant, subscriptID, 1, -2), upgrade.Invalid, "bad_seats")
}

func TestLostReplyIsNotWrittenTwice(t *testing.T) {
	s, c := serve(t, map[string][]answer{
		"GET " + subscriptURL:   {{body: subscriptionJSON}, {body: withSeats("30")}},
		"PATCH " + subscriptURL: {{drop: true}},
	})
	wantError(t, c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30), upgrade.Ambiguous, "no_reply")
	if err := c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30); err != nil {
		t.Fatal(err)
	}
	if n := len(s.requests("PATCH")); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}

func TestStaleEtagIsReadAgainOnce(t *testing.T) {
	stale := answer{status: 400, body: `{"code":"2055","description":"etag"}`}
	s, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: subscriptionJSON}}, "PATCH " + subscriptURL: {stale, {body: withSeats("30")}, stale}})
	if err := c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30); err != nil {
		t.Fatal(err)
	}
	sent := s.requests("PATCH")
	if a, b := sent[0].header.Get("MS-RequestId"), sent[1].header.Get("MS-RequestId"); a != write.Request || a == b || !upgrade.IsGUID(b) {
		t.Errorf("request ids %s and %s", a, b)
	}
	wantError(t, c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30), upgrade.Transient, "2055")
	if n := len(s.requests("PATCH")); n != 4 {
		t.Errorf("%d writes, want 4", n)
	}
}

func TestAcceptedIsFollowed(t *testing.T) {
	accepted := answer{status: 202, header: map[string]string{"Location": "/customers/" + tenant + "/subscriptions/" + subscriptID}}
	s, c := serve(t, map[string][]answer{
		"GET " + subscriptURL:   {{body: subscriptionJSON}, {body: subscriptionJSON}, {body: withSeats("30")}},
		"PATCH " + subscriptURL: {accepted},
	})
	if err := c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30); err != nil {
		t.Fatal(err)
	}
	if n := len(s.requests("GET")); n != 3 {
		t.Errorf("%d reads, want 3", n)
	}
	// One that never shows, or points elsewhere, is the caller's to wait for.
	for _, location := range []string{accepted.header["Location"], s.URL + "/v1/customers/x", "https://evil.example/", ""} {
		s, c := serve(t, map[string][]answer{
			"GET " + subscriptURL:   {{body: subscriptionJSON}},
			"PATCH " + subscriptURL: {{status: 202, header: map[string]string{"Location": location}}},
		})
		if err := c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30); err != nil {
			t.Errorf("%q: %v", location, err)
		}
		if n := len(s.requests("GET")); n > 5 {
			t.Errorf("%q: %d reads", location, n)
		}
	}
}

func TestSetAutoRenew(t *testing.T) {
	s, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: subscriptionJSON}}, "PATCH " + subscriptURL: {{body: subscriptionJSON}}})
	if err := c.SetAutoRenew(t.Context(), write, tenant, subscriptID, true); err != nil || len(s.requests("PATCH")) != 0 {
		t.Fatalf("%v after %d writes", err, len(s.requests("PATCH")))
	}
	if err := c.SetAutoRenew(t.Context(), write, tenant, subscriptID, false); err != nil {
		t.Fatal(err)
	}
	if m := asMap(t, s.requests("PATCH")[0].body); m["autoRenewEnabled"] != false || m["quantity"] != 25.0 {
		t.Errorf("sent %v", m)
	}
}

func TestSetScheduled(t *testing.T) {
	change := upgrade.ScheduledChange{ProductID: "CFQ7TTC0LDPB", SKUID: "0001", AvailabilityID: "CFQ7TTC0LGNT", BillingCycle: "annual", Term: "P1Y", Seats: 20}
	bare := `{"id":"a","quantity":25,"autoRenewEnabled":false,"scheduledNextTermInstructions":null,"scheduledActions":[],"attributes":{"etag":"e"}}`
	s, c := serve(t, map[string][]answer{
		"GET " + subscriptURL:   {{body: subscriptionJSON}, {body: strings.Replace(bare, "[]", `[{"a":1}]`, 1)}, {body: bare}},
		"PATCH " + subscriptURL: {{body: bare}},
	})
	for range 3 {
		if err := c.SetScheduled(t.Context(), write, tenant, subscriptID, change); err != nil {
			t.Fatal(err)
		}
	}
	sent := s.requests("PATCH")
	if len(sent) != 1 {
		t.Fatalf("%d writes, want 1: one stands already, one stands in the newer form", len(sent))
	}
	const want = `"scheduledNextTermInstructions":{"customTermEndDate":null,"product":{"availabilityId":"CFQ7TTC0LGNT","billingCycle":"annual","productId":"CFQ7TTC0LDPB","promotionId":null,"skuId":"0001","termDuration":"P1Y"},"quantity":20}`
	if m := asMap(t, sent[0].body); !strings.Contains(sent[0].body, want) || m["autoRenewEnabled"] != true || m["scheduledActions"] != nil || m["quantity"] != 25.0 {
		t.Errorf("sent %s", sent[0].body)
	}
	wantError(t, c.SetScheduled(t.Context(), write, tenant, subscriptID, upgrade.ScheduledChange{}), upgrade.Invalid, "bad_scheduled_change")
}

func TestRefusedDecrease(t *testing.T) {
	_, c := serve(t, map[string][]answer{
		"GET " + subscriptURL:   {{body: subscriptionJSON}},
		"PATCH " + subscriptURL: {{status: 400, body: `{"code":"800090","description":"Subscription quantity can't be decreased."}`}},
	})
	wantError(t, c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 10), upgrade.Refused, "800090")
}

func TestNoSubscriptionInTheReply(t *testing.T) {
	for _, body := range []string{`null`, `{}`, `[]`, `{"id":"a","quantity":"x"}`} {
		_, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: body}}})
		wantError(t, c.SetSeats(t.Context(), write, tenant, subscriptID, 0, 10), upgrade.Unknown, "unreadable_reply")
	}
}
