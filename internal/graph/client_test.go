package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/activities"
	"uplift/upgrade"
)

var _ activities.Directory = (*Client)(nil)

const (
	userA   = "5f0c0000-0000-4000-8000-00000000000a"
	userB   = "5f0c0000-0000-4000-8000-00000000000b"
	basic   = "3b555118-da6a-4418-894f-7df1e2096870"
	premium = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
	teams   = "57ff2da0-773e-42df-b2af-ffb7a2317929"
)

var (
	grant = upgrade.Grant{Kind: upgrade.GrantDelegated, Tenant: "6c1f0b1e-0000-4000-8000-00000000c001", Upgrade: "u1", Invitation: 1}
	write = upgrade.WriteID{Request: "11111111-0000-4000-8000-000000000001", Correlation: "22222222-0000-4000-8000-000000000002"}
)

type received struct {
	method, path string
	header       http.Header
	body         string
}

type scripted struct {
	status int
	body   string
	header map[string]string
	drop   bool
}

// service answers by a script: the n-th request of "METHOD path?query" (query unescaped) gets the n-th answer, the
// last one for ever.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	script map[string][]scripted
	got    []received
}

func serve(t *testing.T, script map[string][]scripted) (*service, *Client) {
	t.Helper()
	s := &service{script: script}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s, s.client(t, Options{})
}

func (s *service) client(t *testing.T, o Options) *Client {
	t.Helper()
	o.BaseURL = s.URL + "/v1.0"
	if o.Token == nil {
		o.Token = func(_ context.Context, g upgrade.Grant) (upgrade.Secret, error) {
			return upgrade.Secret("token-of-" + g.Upgrade), nil
		}
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Method + " " + r.URL.EscapedPath()
	if q := r.URL.Query(); len(q) > 0 {
		var parts []string
		for _, name := range []string{"$filter", "$select", "$top", "$skiptoken"} {
			if v := q.Get(name); v != "" {
				parts = append(parts, name+"="+v)
			}
		}
		key += "?" + strings.Join(parts, "&")
	}
	s.mu.Lock()
	s.got = append(s.got, received{r.Method, key, r.Header.Clone(), string(body)})
	answers := s.script[key]
	if len(answers) > 1 {
		s.script[key] = answers[1:]
	}
	s.mu.Unlock()
	if len(answers) == 0 {
		w.WriteHeader(http.StatusTeapot)
		_, _ = fmt.Fprintf(w, `{"error":{"code":"NoScript","message":%q}}`, key)
		return
	}
	a := answers[0]
	if a.drop {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("request-id", theirs)
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, strings.ReplaceAll(a.body, "BASE", s.URL+"/v1.0"))
}

func (s *service) requests() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received{}, s.got...)
}

func wantError(t *testing.T, err error, kind upgrade.Kind, code string) *upgrade.Error {
	t.Helper()
	var e *upgrade.Error
	if !errors.As(err, &e) {
		t.Fatalf("error = %v, want an upgrade.Error %s %s", err, kind, code)
	}
	if e.Kind != kind || e.Code != code {
		t.Fatalf("error = %v, want %s %s", err, kind, code)
	}
	for _, secret := range []string{"token-of", "fabrikam.example", "http://"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells too much: %v", err)
		}
	}
	return e
}

func faultJSON(code, message string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":%q,"innerError":{"date":"2026-01-05T09:14:22","request-id":"0f0e"}}}`, code, message)
}

const organizationAt = "GET /v1.0/organization?$select=id,displayName,countryLetterCode"

func TestNewRefusesWhatCannotWork(t *testing.T) {
	token := func(context.Context, upgrade.Grant) (upgrade.Secret, error) { return "", nil }
	for _, o := range []Options{{}, {BaseURL: "graph.example", Token: token}, {BaseURL: "ftp://h/v1.0", Token: token}, {BaseURL: "https://h/v1.0"}} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%q) gave no error", o.BaseURL)
		}
	}
}

func TestOrganization(t *testing.T) {
	s, c := serve(t, map[string][]scripted{organizationAt: {{body: `{"value":[{"id":"6c1f0b1e-0000-4000-8000-00000000c001","displayName":"Fabrikam","countryLetterCode":"in"}]}`}}})
	got, err := c.Organization(t.Context(), grant)
	if err != nil || got != (upgrade.Organization{Tenant: grant.Tenant, Name: "Fabrikam", Country: "IN"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	h := s.requests()[0].header
	if h.Get("Authorization") != "Bearer token-of-u1" || !upgrade.IsGUID(h.Get("client-request-id")) || h.Get("Content-Encoding") != "" {
		t.Errorf("headers: %v", h)
	}
	for _, body := range []string{`{"value":[]}`, `{}`, `null`, `[]`, `{"value":[{"id":7}]}`} {
		_, c := serve(t, map[string][]scripted{organizationAt: {{body: body}}})
		_, err := c.Organization(t.Context(), grant)
		wantError(t, err, upgrade.Unknown, "unreadable_reply")
	}
	_, c = serve(t, map[string][]scripted{organizationAt: {{body: `{"value":[{"id":"6c1f`}}})
	_, err = c.Organization(t.Context(), grant)
	wantError(t, err, upgrade.Transient, "cut_reply")
}

func TestNothingIsRetried(t *testing.T) {
	for status, kind := range map[int]upgrade.Kind{429: upgrade.Throttled, 503: upgrade.Transient, 504: upgrade.Transient} {
		s, c := serve(t, map[string][]scripted{organizationAt: {{status: status, header: map[string]string{"Retry-After": "3"}}}})
		_, err := c.Organization(t.Context(), grant)
		e := wantError(t, err, kind, fmt.Sprint("http_", status))
		if e.RetryAfter != 3*time.Second || e.Correlation != theirs || len(s.requests()) != 1 {
			t.Errorf("retry after %v, correlation %q, %d requests", e.RetryAfter, e.Correlation, len(s.requests()))
		}
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	// The challenge would make the SDK repeat by itself, and its quotes are missing, on which it panics.
	denied := scripted{status: 401, body: faultJSON("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
		header: map[string]string{"WWW-Authenticate": `Bearer realm="", claims=abc`}}
	s, _ := serve(t, map[string][]scripted{organizationAt: {denied, {body: `{"value":[{"id":"t"}]}`}, denied, denied}})
	tokens, forgotten := 0, ""
	c := s.client(t, Options{
		Token: func(context.Context, upgrade.Grant) (upgrade.Secret, error) {
			tokens++
			return upgrade.Secret(fmt.Sprint("t", tokens)), nil
		},
		Forget: func(_ context.Context, _ upgrade.Grant, refused upgrade.Secret) { forgotten += refused.Reveal() },
	})
	if _, err := c.Organization(t.Context(), grant); err != nil || forgotten != "t1" {
		t.Fatalf("%v, forgot %q", err, forgotten)
	}
	_, err := c.Organization(t.Context(), grant)
	wantError(t, err, upgrade.GrantLost, "InvalidAuthenticationToken")
	if n := len(s.requests()); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

func TestTokenErrorPassesUnchanged(t *testing.T) {
	s, _ := serve(t, nil)
	c := s.client(t, Options{Token: func(context.Context, upgrade.Grant) (upgrade.Secret, error) {
		return "", &upgrade.Error{Kind: upgrade.GrantLost, Code: "AADSTS50173"}
	}})
	_, err := c.SKUs(t.Context(), grant)
	wantError(t, err, upgrade.GrantLost, "AADSTS50173")
}

func TestBrokenConnections(t *testing.T) {
	s, c := serve(t, map[string][]scripted{organizationAt: {{drop: true}}, "PATCH /v1.0/users/" + userA: {{drop: true}}, "POST /v1.0/$batch": {{drop: true}}})
	_, err := c.Organization(t.Context(), grant)
	wantError(t, err, upgrade.Transient, "no_reply")
	wantError(t, c.SetUsageLocation(t.Context(), grant, write, userA, "IN"), upgrade.Ambiguous, "no_reply")
	_, err = c.AssignLicenses(t.Context(), grant, write, []upgrade.LicenseChange{{User: userA, Remove: []string{basic}}})
	wantError(t, err, upgrade.Ambiguous, "no_reply")
	_, err = c.Users(t.Context(), grant, []string{userA})
	wantError(t, err, upgrade.Transient, "no_reply")
	s.Close()
	wantError(t, c.SetUsageLocation(t.Context(), grant, write, userA, "IN"), upgrade.Transient, "no_reply")
}

func TestTimeOutOfAWriteIsAmbiguous(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	c, err := New(Options{BaseURL: server.URL + "/v1.0", HTTP: &http.Client{Timeout: 50 * time.Millisecond}, Token: func(context.Context, upgrade.Grant) (upgrade.Secret, error) { return "t", nil }})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, c.SetUsageLocation(t.Context(), grant, write, userA, "IN"), upgrade.Ambiguous, "no_reply")
	_, err = c.Organization(t.Context(), grant)
	wantError(t, err, upgrade.Transient, "no_reply")
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer other.Close()
	_, c := serve(t, map[string][]scripted{organizationAt: {{status: 307, header: map[string]string{"Location": other.URL}}}})
	_, err := c.Organization(t.Context(), grant)
	wantError(t, err, upgrade.Unknown, "http_307")
}

func asMap(t *testing.T, body string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return m
}
