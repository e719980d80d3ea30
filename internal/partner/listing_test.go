package partner

import (
	"encoding/base64"
	"testing"

	"uplift/upgrade"
)

// TestCustomersPages: each page's cursor leads to the next, with the token that the link carried and no other header of it.
func TestCustomersPages(t *testing.T) {
	const first, second = "GET /v1/customers?size=100", "GET /v1/customers?size=100&seekOperation=Next"
	one := `{"id":"` + tenant + `","companyProfile":{"tenantId":"` + tenant + `","domain":"fabrikam.example","companyName":"Fabrikam"},"relationshipToPartner":"reseller"}`
	s, c := serve(t, map[string][]answer{
		first:  {{body: `{"items":[` + one + `],"links":{"next":{"uri":"/customers?size=100&seekOperation=Next","headers":[{"key":"ms-continuationtoken","value":"opaque=="},{"key":"Authorization","value":"theirs"}]}}}`}},
		second: {{body: `{"items":[{"id":"B","companyProfile":{}}]}`}},
	})
	page, next, err := c.Customers(t.Context(), "")
	if err != nil || len(page) != 1 || page[0].Name != "Fabrikam" || page[0].Domain != "fabrikam.example" || page[0].Tenant != tenant || next == "" {
		t.Fatalf("%+v, %q, %v", page, next, err)
	}
	page, next, err = c.Customers(t.Context(), next)
	if err != nil || len(page) != 1 || page[0].Tenant != "b" || next != "" {
		t.Fatalf("%+v, %q, %v", page, next, err)
	}
	h := s.requests("GET")[1].header
	if h.Get("MS-ContinuationToken") != "opaque==" || h.Get("Authorization") != "Bearer the-token" {
		t.Errorf("headers of the second page: %v", h)
	}
	for _, text := range []string{"x", "/customers\x00t", "/customers/a?x\x00t", "/orders?\x00t", "/customers?x\x00a\r\nHost: b"} {
		_, _, err := c.Customers(t.Context(), base64.RawURLEncoding.EncodeToString([]byte(text)))
		wantError(t, err, upgrade.Invalid, "bad_cursor")
	}
}

// TestCustomersForeignAndEndlessLinks: neither another host nor the same page again is followed.
func TestCustomersForeignAndEndlessLinks(t *testing.T) {
	const first, second = "GET /v1/customers?size=100", "GET /v1/customers?size=100&seekOperation=Next"
	link := func(uri string) []answer {
		return []answer{{body: `{"items":[],"links":{"next":{"uri":"` + uri + `"}}}`}}
	}
	_, c := serve(t, map[string][]answer{first: link("https://evil.example/v1/customers")})
	_, _, err := c.Customers(t.Context(), "")
	wantError(t, err, upgrade.Unknown, "foreign_link")
	again := "/customers?size=100&seekOperation=Next"
	_, c = serve(t, map[string][]answer{first: link(again), second: link(again)})
	_, next, err := c.Customers(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Customers(t.Context(), next)
	wantError(t, err, upgrade.Unknown, "endless_listing")
}
