package partner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
	"uplift/internal/sim/partner"
)

const (
	home     = "0a000000-0000-4000-8000-0000000000aa"
	customer = "0c000000-0000-4000-8000-0000000000cc"
	agent    = "0e000000-0000-4000-8000-0000000000ee"
	day      = 24 * time.Hour
	// frozen is a pace at which only Advance moves the clock: a slow machine must
	// not make a lag pass.
	frozen = 1e-9
)

// lab is a partner with one customer behind a Partner Center on a real socket.
type lab struct {
	t     *testing.T
	state *cloud.Cloud
	url   string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	return newLabOn(t, cloud.Options{Start: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Pace: frozen, Faults: cloud.Polite()})
}

func newLabOn(t *testing.T, o cloud.Options) *lab {
	t.Helper()
	state := cloud.New(o)
	state.AddPartner(cloud.TenantSpec{ID: home, Domain: "partner.example", Company: "Partner"})
	state.AddUser(home, cloud.UserSpec{ID: agent, UPN: "agent@partner.example", AdminAgent: true})
	state.AddTenant(cloud.TenantSpec{ID: customer, Domain: "customer.example", Company: "Customer"})
	server := httptest.NewServer(partner.New(partner.Options{State: state, Verify: verify}))
	t.Cleanup(server.Close)
	return &lab{t, state, server.URL + "/v1"}
}

// verify accepts the words that the tests use as tokens.
func verify(_ context.Context, bearer string) (entra.Token, error) {
	token := entra.Token{Tenant: home, ClientID: "client", Audience: partner.Audience}
	switch bearer {
	case "app":
	case "user":
		token.ObjectID, token.AMR = agent, []string{"pwd", "mfa"}
	case "user without mfa":
		token.ObjectID, token.AMR = agent, []string{"pwd"}
	case "graph":
		token.Audience = "https://graph.microsoft.com"
	case "stranger":
		token.Tenant = customer
	default:
		return token, errors.New("no such token")
	}
	return token, nil
}

func (l *lab) basic(quantity int, age time.Duration) string {
	return l.state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: quantity, Age: age})
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    []byte
}

// send makes a request; an empty request id sends none.
func (l *lab) send(token, method, path, requestID string, body any) (answer, error) {
	l.t.Helper()
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			l.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(l.t.Context(), method, l.url+path, payload)
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if requestID != "" {
		r.Header.Set("MS-RequestId", requestID)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		l.t.Fatal(err)
	}
	_ = json.Unmarshal(bytes.TrimPrefix(a.raw, []byte("\xef\xbb\xbf")), &a.body)
	return a, nil
}

// app sends as the application and demands an answer.
func (l *lab) app(method, path string, body any) answer {
	l.t.Helper()
	a, err := l.send("app", method, path, "", body)
	if err != nil {
		l.t.Fatal(err)
	}
	return a
}

func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status || code != "" && a.body["code"] != code {
		t.Fatalf("got %d %s, want %d %s", a.status, a.raw, status, code)
	}
}

func path(sub string, more ...string) string {
	return "/customers/" + customer + "/subscriptions/" + sub + strings.Join(more, "")
}

// resized is the whole resource with another quantity.
func (l *lab) resized(sub string, quantity int) map[string]any {
	l.t.Helper()
	a := l.app("GET", path(sub), nil)
	a.want(l.t, 200, "")
	a.body["quantity"] = quantity
	return a.body
}

func item(part string) string {
	o, _ := cloud.OfferByPart(part)
	return cloud.New(cloud.Options{Faults: cloud.Polite()}).CatalogItem(o)
}
