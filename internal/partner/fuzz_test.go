package partner

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"uplift/upgrade"
)

// theirs is an id by which Microsoft finds a call.
const theirs = "7e1f0000-0000-4000-8000-000000000001"

func FuzzSubscription(f *testing.F) {
	f.Add([]byte(subscriptionJSON))
	f.Add([]byte(`{"id":1,"quantity":"3","refundableQuantity":{"details":[{"quantity":1,"allowedUntilDateTime":"x"}]}}`))
	f.Add([]byte(`{"items":[null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := parseSubscription(body, now)
		if err != nil {
			return
		}
		if s.Seats < 0 || s.Seats > maxCount {
			t.Errorf("%d seats", s.Seats)
		}
		if n, _ := s.ReturnableAt(now); n < 0 {
			t.Errorf("%d seats returnable", n)
		}
		// What was read can be changed and sent back.
		var all raw
		if json.Unmarshal(body, &all) != nil || all == nil {
			return
		}
		if err := all.set(fieldQuantity, 7); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseSubscription(data, now); err != nil || again.Seats != 7 {
			t.Errorf("%d seats, %v: %s", again.Seats, err, data)
		}
	})
}

func FuzzTransitions(f *testing.F) {
	f.Add([]byte(`{"transition":[` + historyEntry + `]}`))
	f.Add([]byte(`{"items":[` + historyEntry + `]}`))
	f.Add([]byte(`[{"events":[null,{"errors":[null]}]}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := parseTransitions(body, "s")
		if err != nil {
			return
		}
		for _, one := range all {
			if one.State == "" || one.FromSubscription == "" {
				t.Errorf("%+v", one)
			}
		}
	})
}

func FuzzEligibilities(f *testing.F) {
	f.Add([]byte(`{"items":[{"catalogItemId":"P:S:A","quantity":3,"eligibilities":[{"isEligible":true,"transitionType":"x","errors":[{"code":3}]}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var page collection[eligibility]
		if json.Unmarshal(body, &page) != nil {
			return
		}
		for _, e := range page.Items {
			if n := e.noun(); n.Seats < 0 {
				t.Errorf("%+v", n)
			}
		}
	})
}

func FuzzCatalogueAndCustomer(f *testing.F) {
	f.Add([]byte(`{"title":"x","minimumQuantity":"1","catalogItemId":"P:S:A","terms":[{"duration":"P1Y"}],"companyProfile":{"tenantId":"t"},"dateAgreed":"2026-01-01","skuId":"a","status":1,"quantity":2}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var s sku
		var a availability
		var c customer
		var g agreement
		var p provisioning
		for _, v := range []any{&s, &a, &c, &g, &p} {
			_ = decode(body, v)
		}
		if out := c.noun("t"); out.Tenant == "" {
			t.Error("a customer without a tenant")
		}
		_ = a.noun("P:S")
		if s.Min < 0 || s.Max < 0 || p.Quantity < 0 {
			t.Error("negative seats")
		}
	})
}

func FuzzFault(f *testing.F) {
	f.Add(400, "", []byte(`{"code":"800090","description":"x"}`))
	f.Add(429, "Wed, 21 Oct 2026 07:28:00 GMT", []byte(`{"statusCode":429,"message":"Try again in 57 seconds."}`))
	f.Add(200, "12", []byte(`{"code":400072,"description":"ada@fabrikam.example"}`))
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		c := &Client{notReady: 1}
		err := c.classify(true, &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {after}}}, body, "id")
		if err == nil {
			return
		}
		e, ok := err.(*upgrade.Error)
		if !ok || e.Kind == "" || e.Kind == done || e.Code == "" || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
			t.Errorf("%#v", err)
		}
		if len(e.Message) > 2000 || !utf8.ValidString(e.Message) || strings.Contains(e.Message, "@") {
			t.Errorf("message %q", e.Message)
		}
	})
}
