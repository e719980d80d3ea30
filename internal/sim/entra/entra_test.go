package entra_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/internal/sim/entra"
)

const (
	contoso  = "11111111-aaaa-4aaa-8aaa-000000000001"
	fabrikam = "11111111-aaaa-4aaa-8aaa-000000000002"
	partner  = "11111111-aaaa-4aaa-8aaa-000000000003"
	appID    = "22222222-bbbb-4bbb-8bbb-000000000001"
	redirect = "http://127.0.0.1:7777/consent/callback"
	graphAll = "https://graph.microsoft.com/.default"
)

// cloud is a small State; the fields are guarded by mu.
type cloud struct {
	mu      sync.Mutex
	now     time.Time
	people  []entra.Person
	apps    map[string]entra.App
	der     []byte
	granted map[string]consent
	// delay is how long a consent needs to be seen.
	delay  time.Duration
	faults map[string]bool
	ledger []string
}

type consent struct {
	delegated, application []string
	at                     time.Time
}

func newCloud() *cloud {
	person := func(tenant, oid, upn string, roles ...string) entra.Person {
		return entra.Person{ObjectID: oid, UPN: upn, Name: strings.Split(upn, "@")[0], TenantID: tenant, Enabled: true, Roles: roles}
	}
	guest := person(contoso, "o-guest", "agent@partner.example", entra.RoleGlobalAdministrator)
	guest.Guest = true
	off := person(contoso, "o-off", "off@contoso.example")
	off.Enabled = false
	return &cloud{
		now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC),
		people: []entra.Person{
			person(contoso, "o-admin", "admin@contoso.example", entra.RoleGlobalAdministrator),
			person(contoso, "o-user", "user@contoso.example"),
			off,
			person(fabrikam, "o-fab", "admin@fabrikam.example", entra.RoleGlobalAdministrator),
			person(partner, "o-agent", "agent@partner.example"),
			person(entra.ConsumerTenant, "o-home", "me@outlook.example"),
			guest,
		},
		apps: map[string]entra.App{appID: {ClientID: appID, Name: "Uplift", TenantID: partner, PublicClient: true,
			RedirectURIs: []string{redirect}}},
		granted: map[string]consent{},
		faults:  map[string]bool{},
	}
}

func (c *cloud) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *cloud) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func (c *cloud) set(fault string, on bool) { c.mu.Lock(); defer c.mu.Unlock(); c.faults[fault] = on }

func (c *cloud) TenantByIDOrDomain(s string) (string, string, bool) {
	for id, name := range map[string]string{contoso: "Contoso", fabrikam: "Fabrikam", partner: "Partner"} {
		if s == id || s == strings.ToLower(name)+".example" {
			return id, name, true
		}
	}
	return "", "", false
}

func (c *cloud) CheckPassword(tenant, upn, password string) (entra.Person, bool) {
	for _, p := range c.people {
		if p.UPN == upn && password == "pw" && (tenant == p.TenantID || tenant == "" && !p.Guest) {
			return p, true
		}
	}
	return entra.Person{}, false
}

func (c *cloud) Person(tenant, oid string) (entra.Person, bool) {
	for _, p := range c.people {
		if p.TenantID == tenant && p.ObjectID == oid {
			return p, true
		}
	}
	return entra.Person{}, false
}

func (c *cloud) AppByClientID(id string) (entra.App, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	app, ok := c.apps[id]
	return app, ok
}

func (c *cloud) CheckAppSecret(id, secret string) bool { return secret == "s3cret/+" }

func (c *cloud) AppCertificate(string) ([]byte, bool) { return c.der, c.der != nil }

func (c *cloud) Consented(tenant, id string) (delegated, application []string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got, ok := c.granted[tenant+id]
	if !ok || c.now.Before(got.at.Add(c.delay)) {
		return nil, nil, false
	}
	return got.delegated, got.application, true
}

func (c *cloud) GrantConsent(tenant, id string, delegated, application []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.granted[tenant+id]
	c.granted[tenant+id] = consent{slices.Concat(old.delegated, delegated), slices.Concat(old.application, application), c.now}
}

func (c *cloud) Fault(name, _ string) bool { c.mu.Lock(); defer c.mu.Unlock(); return c.faults[name] }

func (c *cloud) Record(kind, tenant, object, detail string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledger = append(c.ledger, strings.Join([]string{kind, tenant, object, detail}, "|"))
}

func (c *cloud) lines() []string { c.mu.Lock(); defer c.mu.Unlock(); return slices.Clone(c.ledger) }

// lab is a running simulator and a browser that follows no redirect.
type lab struct {
	t     *testing.T
	cloud *cloud
	sim   *entra.Server
	url   string
	http  *http.Client
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, cloud: newCloud()}
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.sim.ServeHTTP(w, r) }))
	t.Cleanup(ts.Close)
	l.sim = entra.New(entra.Options{State: l.cloud, Issuer: ts.URL})
	l.url = ts.URL
	jar, _ := cookiejar.New(nil)
	l.http = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return l
}

// reply is either form of the token endpoint's answer, or a page.
type reply struct {
	Status      int
	Header      http.Header
	Page        string
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Codes       []int  `json:"error_codes"`
	Timestamp   string `json:"timestamp"`
	TraceID     string `json:"trace_id"`
	Correlation string `json:"correlation_id"`
	SubError    string `json:"suberror"`

	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	Interval        int    `json:"interval"`

	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	ID        string `json:"id_token"`
	Scope     string `json:"scope"`
	ExpiresIn any    `json:"expires_in"`
}

func (r reply) code() int {
	if len(r.Codes) == 0 {
		return 0
	}
	return r.Codes[0]
}

func (l *lab) read(resp *http.Response, err error) reply {
	l.t.Helper()
	if err != nil {
		return reply{Error: "connection: " + err.Error()}
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	got := reply{Status: resp.StatusCode, Header: resp.Header, Page: string(body)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(body, &got); err != nil {
			l.t.Fatalf("body %s: %v", body, err)
		}
	}
	return got
}

// post sends pairs of names and values as a form.
func (l *lab) post(path string, pairs ...string) reply {
	l.t.Helper()
	return l.read(l.http.PostForm(l.url+path, values(pairs)))
}

func (l *lab) get(path string, pairs ...string) reply {
	l.t.Helper()
	return l.read(l.http.Get(l.url + path + "?" + values(pairs).Encode()))
}

func values(pairs []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

var (
	hiddenFlow = regexp.MustCompile(`name="flow" value="([^"]+)"`)
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// press fills in the form on a page and presses one of its buttons.
func (l *lab) press(page reply, action string, pairs ...string) reply {
	l.t.Helper()
	to := formAction.FindStringSubmatch(page.Page)
	if to == nil {
		l.t.Fatalf("no form on the page: %s", page.Page)
	}
	if hidden := hiddenFlow.FindStringSubmatch(page.Page); hidden != nil {
		pairs = append(pairs, "flow", hidden[1])
	}
	return l.post(to[1], append(pairs, "action", action)...)
}

// signIn goes from a sign-in page on.
func (l *lab) signIn(page reply, upn string) reply {
	l.t.Helper()
	return l.press(page, "signin", "username", upn, "password", "pw")
}

// location reads the query of a redirect.
func (l *lab) location(r reply) url.Values {
	l.t.Helper()
	target, err := url.Parse(r.Header.Get("Location"))
	if err != nil || r.Status != http.StatusFound {
		l.t.Fatalf("no redirect: %d %s", r.Status, r.Page)
	}
	return target.Query()
}

// want fails unless the reply is the error with the number.
func (l *lab) want(got reply, status int, oauth string, code int) {
	l.t.Helper()
	if got.Status != status || got.Error != oauth || got.code() != code {
		l.t.Fatalf("got %d %q %v %s, want %d %q %d", got.Status, got.Error, got.Codes, got.Description, status, oauth, code)
	}
}

// has fails unless the page contains the words.
func (l *lab) has(page reply, words string) {
	l.t.Helper()
	if !strings.Contains(page.Page, words) {
		l.t.Fatalf("no %q on the page: %s", words, page.Page)
	}
}

func (l *lab) verify(token string) entra.Token {
	l.t.Helper()
	got, err := l.sim.Verify(context.Background(), token)
	if err != nil {
		l.t.Fatal(err)
	}
	return got
}
