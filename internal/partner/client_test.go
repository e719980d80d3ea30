package partner

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

var _ activities.Commerce = (*Client)(nil)

const (
	tenant       = "6c1f0b1e-0000-4000-8000-00000000c001"
	subscriptID  = "5a0f3c52-0000-4000-8000-0000000000a1"
	subscriptURL = "/v1/customers/" + tenant + "/subscriptions/" + subscriptID
)

var (
	now   = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	write = upgrade.WriteID{Request: "11111111-0000-4000-8000-000000000001", Correlation: "22222222-0000-4000-8000-000000000002"}
)

// received is one request that the test's service got.
type received struct {
	method, path string
	header       http.Header
	body         string
}

// service answers by a script: the n-th request of "METHOD path?query" gets the n-th answer, the last one for ever.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	script map[string][]answer
	got    []received
}

type answer struct {
	status int
	body   string
	header map[string]string
	drop   bool // close the connection instead of answering
}

func serve(t *testing.T, script map[string][]answer) (*service, *Client) {
	t.Helper()
	s := &service{script: script}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s, s.client(t, Options{})
}

func (s *service) client(t *testing.T, o Options) *Client {
	t.Helper()
	o.BaseURL = s.URL + "/v1"
	o.Now = func() time.Time { return now }
	if o.Token == nil {
		o.Token = func(context.Context) (upgrade.Secret, error) { return "the-token", nil }
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.sleep = func(context.Context, time.Duration) error { return nil }
	return c
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Method + " " + r.URL.RequestURI()
	s.mu.Lock()
	s.got = append(s.got, received{r.Method, r.URL.RequestURI(), r.Header.Clone(), string(body)})
	answers := s.script[key]
	if len(answers) > 1 {
		s.script[key] = answers[1:]
	}
	s.mu.Unlock()
	if len(answers) == 0 {
		w.WriteHeader(http.StatusTeapot)
		_, _ = fmt.Fprintf(w, "no script for %s", key)
		return
	}
	a := answers[0]
	if a.drop {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
		return
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (s *service) requests(method string) []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []received
	for _, r := range s.got {
		if r.method == method {
			out = append(out, r)
		}
	}
	return out
}

// wantError checks an error's kind and code, and that it holds no secret.
func wantError(t *testing.T, err error, kind upgrade.Kind, code string) *upgrade.Error {
	t.Helper()
	var e *upgrade.Error
	if !errors.As(err, &e) {
		t.Fatalf("error = %v, want an upgrade.Error %s %s", err, kind, code)
	}
	if e.Kind != kind || e.Code != code {
		t.Fatalf("error = %v, want %s %s", err, kind, code)
	}
	if strings.Contains(err.Error(), "the-token") || strings.Contains(err.Error(), tenant) {
		t.Errorf("the error tells too much: %v", err)
	}
	return e
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	token := func(context.Context) (upgrade.Secret, error) { return "", nil }
	for _, o := range []Options{{}, {BaseURL: "partner.example", Token: token}, {BaseURL: "ftp://h/v1", Token: token}, {BaseURL: "https://h/v1"}} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%q) gave no error", o.BaseURL)
		}
	}
}

func TestReadsCarryTheHeaders(t *testing.T) {
	s, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: "\xef\xbb\xbf" + subscriptionJSON}}})
	for range 2 {
		if _, err := c.Subscription(t.Context(), tenant, subscriptID); err != nil {
			t.Fatal(err)
		}
	}
	got := s.requests("GET")
	h := got[0].header
	for name, want := range map[string]string{"Authorization": "Bearer the-token", "Accept": "application/json", "X-Locale": "en-US"} {
		if h.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, h.Get(name), want)
		}
	}
	for _, name := range []string{"MS-RequestId", "MS-CorrelationId"} {
		if a, b := h.Get(name), got[1].header.Get(name); !upgrade.IsGUID(a) || !upgrade.IsGUID(b) || a == b {
			t.Errorf("%s = %q and %q, want two ids", name, a, b)
		}
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	denied := answer{status: 401, body: `{"code":"400","description":"Access denied"}`}
	s, _ := serve(t, map[string][]answer{"GET " + subscriptURL: {denied, {body: subscriptionJSON}, denied, denied}})
	var tokens, forgotten int
	c := s.client(t, Options{
		Token: func(context.Context) (upgrade.Secret, error) {
			tokens++
			return upgrade.Secret(fmt.Sprint("t", tokens)), nil
		},
		Forget: func(_ context.Context, refused upgrade.Secret) { forgotten++ },
	})
	if _, err := c.Subscription(t.Context(), tenant, subscriptID); err != nil {
		t.Fatal(err)
	}
	if h := s.requests("GET")[1].header.Get("Authorization"); h != "Bearer t2" || forgotten != 1 {
		t.Errorf("second call by %q after %d forgotten", h, forgotten)
	}
	_, err := c.Subscription(t.Context(), tenant, subscriptID)
	wantError(t, err, upgrade.Act, "400")
	if n := len(s.requests("GET")); n != 4 {
		t.Errorf("%d calls, want 4", n)
	}
}

func TestTokenErrorPassesUnchanged(t *testing.T) {
	s, _ := serve(t, nil)
	c := s.client(t, Options{Token: func(context.Context) (upgrade.Secret, error) {
		return "", &upgrade.Error{Kind: upgrade.Act, Code: "AADSTS7000222"}
	}})
	_, err := c.Subscription(t.Context(), tenant, subscriptID)
	wantError(t, err, upgrade.Act, "AADSTS7000222")
}

func TestBrokenConnections(t *testing.T) {
	s, c := serve(t, map[string][]answer{
		"GET " + subscriptURL:   {{drop: true}, {drop: true}, {body: subscriptionJSON}},
		"PATCH " + subscriptURL: {{drop: true}},
	})
	_, err := c.Subscription(t.Context(), tenant, subscriptID)
	e := wantError(t, err, upgrade.Transient, "no_reply")
	if strings.Contains(fmt.Sprint(e.Err), "http://") {
		t.Errorf("the cause repeats the address: %v", e.Err)
	}
	s.mu.Lock()
	s.script["GET "+subscriptURL] = []answer{{body: subscriptionJSON}}
	s.mu.Unlock()
	err = c.SetSeats(t.Context(), write, tenant, subscriptID, 25, 30)
	wantError(t, err, upgrade.Ambiguous, "no_reply")
	s.Close()
	c.http.CloseIdleConnections()
	_, err = c.do(t.Context(), call{method: "PATCH", path: "/x", id: write})
	wantError(t, err, upgrade.Transient, "no_reply")
}

func TestTimeOutOfAWriteIsAmbiguous(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	c, err := New(Options{BaseURL: s.URL, HTTP: &http.Client{Timeout: 50 * time.Millisecond}, Token: func(context.Context) (upgrade.Secret, error) { return "t", nil }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.do(t.Context(), call{method: "POST", path: "/x", id: write, body: 1})
	wantError(t, err, upgrade.Ambiguous, "no_reply")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = c.do(ctx, call{method: "GET", path: "/x"})
	wantError(t, err, upgrade.Transient, "no_reply")
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer other.Close()
	_, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{status: 302, header: map[string]string{"Location": other.URL}}}})
	_, err := c.Subscription(t.Context(), tenant, subscriptID)
	wantError(t, err, upgrade.Unknown, "http_found")
}

func TestHugeRepliesAreRefused(t *testing.T) {
	_, c := serve(t, map[string][]answer{"GET " + subscriptURL: {{body: strings.Repeat(" ", maxReply+1)}}})
	_, err := c.Subscription(t.Context(), tenant, subscriptID)
	wantError(t, err, upgrade.Transient, "no_reply")
}

func TestIdsAreNeverEmptyOrWandering(t *testing.T) {
	s, c := serve(t, nil)
	for _, id := range []string{"", ".", ".."} {
		_, err := c.Subscription(t.Context(), tenant, id)
		wantError(t, err, upgrade.Invalid, "missing_id")
	}
	_, _ = c.Subscription(t.Context(), tenant, "a/b?c")
	if p := s.requests("GET")[0].path; !strings.HasSuffix(p, "/a%2Fb%3Fc") {
		t.Errorf("path = %q", p)
	}
}

func asMap(t *testing.T, body string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	return m
}
