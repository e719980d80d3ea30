package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
	"uplift/internal/sim/graph"
)

const (
	tenant    = "0c000000-0000-4000-8000-0000000000cc"
	planTeams = "57ff2da0-773e-42df-b2af-ffb7a2317929"
	day       = 24 * time.Hour
	// frozen is a pace at which only Advance moves the clock: a slow machine must
	// not make a lag pass.
	frozen = 1e-9
)

// lab is one tenant behind a Graph on a real socket: Business Basic with three
// seats and Business Standard with two.
type lab struct {
	t     *testing.T
	state *cloud.Cloud
	url   string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	state := cloud.New(cloud.Options{Start: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Pace: frozen, Faults: cloud.Polite()})
	state.AddTenant(cloud.TenantSpec{ID: tenant, Domain: "customer.example", Company: "Customer"})
	state.AddSubscription(tenant, cloud.SubscriptionSpec{ID: "basic", Part: cloud.BusinessBasic, Quantity: 3, Age: 60 * day})
	state.AddSubscription(tenant, cloud.SubscriptionSpec{ID: "standard", Part: cloud.BusinessStandard, Quantity: 2, Age: 60 * day})
	state.AddUser(tenant, cloud.UserSpec{ID: "admin", UPN: "admin@customer.example", Roles: []string{cloud.GlobalAdministrator}})
	state.AddUser(tenant, cloud.UserSpec{ID: "nobody", UPN: "nobody@customer.example"})
	server := httptest.NewServer(graph.New(graph.Options{State: state, Verify: verify}))
	t.Cleanup(server.Close)
	return &lab{t, state, server.URL + "/v1.0"}
}

// verify reads tokens of the form "app Permission …" and "user:<oid> Scope …".
func verify(_ context.Context, bearer string) (entra.Token, error) {
	words := strings.Split(bearer, "+")
	token := entra.Token{Tenant: tenant, ClientID: "client", Audience: graph.Audience}
	switch who, oid, _ := strings.Cut(words[0], ":"); who {
	case "app":
		token.Roles = words[1:]
	case "user":
		token.ObjectID, token.Scopes = oid, words[1:]
	default:
		return token, errors.New("no such token")
	}
	return token, nil
}

const all = "app+Organization.Read.All+User.ReadWrite.All+LicenseAssignment.ReadWrite.All+Group.ReadWrite.All"

func sku(part string) string { o, _ := cloud.OfferByPart(part); return o.SKU }

func (l *lab) user(id string, location string, parts ...string) {
	spec := cloud.UserSpec{ID: id, UPN: id + "@customer.example", UsageLocation: location}
	for _, part := range parts {
		spec.Licences = append(spec.Licences, cloud.LicenceChange{SKU: sku(part)})
	}
	l.state.AddUser(tenant, spec)
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    []byte
}

func (l *lab) send(token, method, path string, body any) answer {
	l.t.Helper()
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			l.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	target := path
	if !strings.HasPrefix(path, "http") {
		target = l.url + path
	}
	r, err := http.NewRequestWithContext(l.t.Context(), method, target, payload)
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("ConsistencyLevel", "eventual")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		l.t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body)
	return a
}

// want checks the status and a part of the error's text.
func (a answer) want(t *testing.T, status int, text string) {
	t.Helper()
	if a.status != status || !strings.Contains(string(a.raw), text) {
		t.Fatalf("got %d %s, want %d with %q", a.status, a.raw, status, text)
	}
}

func licences(add []map[string]any, remove ...string) map[string]any {
	if add == nil {
		add = []map[string]any{}
	}
	return map[string]any{"addLicenses": add, "removeLicenses": append([]string{}, remove...)}
}

func add(part string, disabled ...string) []map[string]any {
	return []map[string]any{{"skuId": sku(part), "disabledPlans": append([]string{}, disabled...)}}
}

func values(a answer) []any {
	v, _ := a.body["value"].([]any)
	return v
}

func filter(f, rest string) string { return "/users?$filter=" + url.QueryEscape(f) + rest }
