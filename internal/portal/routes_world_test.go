package portal_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
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

	"uplift/catalog"
	"uplift/internal/portal"
	"uplift/internal/portal/access"
	"uplift/internal/portal/api"
	"uplift/internal/portal/consent"
	"uplift/internal/portal/desk"
	"uplift/internal/portal/provider"
	"uplift/internal/portal/web"
	"uplift/internal/seal"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
)

// The customer of the test is harbor-it's; quayside is another reseller.
const (
	customerTenant = sim.ContosoTenant
	customerName   = "Contoso Dental of Harbor"
	ownReseller    = sim.DemoResellerID
	testPortal     = "0b000000-0000-4000-8000-000000000009"
)

// apps are the application of each role that calls the API.
func appOf(role access.Role) string {
	return fmt.Sprintf("0b000000-0000-4000-8000-0000000001%02d", slices.Index(access.Roles(), role))
}

// world is the whole portal, with a probe in front of every handler and the simulated partner tenant as identity provider.
type world struct {
	*testing.T
	cloud   *sim.Cloud
	fakes   *fakes
	routes  []access.Route
	server  *httptest.Server
	mu      sync.Mutex
	ahead   time.Duration // our clock before the true one
	later   time.Duration // likewise, the issuer's
	reached bool
	real    bool // hand a request on to the handler itself
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, fakes: &fakes{}}
	var handler http.Handler
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(w.server.Close)
	ms, err := sim.Start(context.Background(), sim.Options{Faults: cloud.Polite(), Fill: func(c *cloud.Cloud) { w.fill(c) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ms.Close)
	w.cloud = ms
	clock := func(d *time.Duration) func() time.Time {
		return func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return time.Now().Add(*d)
		}
	}
	guard := access.New(access.Options{Issuer: ms.URLs().Entra + "/" + sim.DemoPartnerTenant + "/v2.0", ClientID: testPortal, ClientSecret: "s",
		RedirectURL: w.server.URL + access.CallbackPath, Sealer: seal.Dev("link"), Now: clock(&w.ahead), TokenNow: clock(&w.later),
		Address: func(*http.Request) string { return rand.Text() }}) // so that nobody here is counted
	book := book{w.fakes}
	decides := desk.New(desk.Options{Upgrades: temporal{w.fakes}, Register: book, Links: noLinks{}})
	pages := provider.Routes(provider.Options{
		Desk:    decides,
		Catalog: catalog.Load(), Drafts: drafts{w.fakes}, Sealer: seal.Dev("link"), FormToken: access.FormToken,
	})
	w.routes = portal.Routes(portal.Options{Access: guard, Pages: pages, API: api.Routes(api.Options{Desk: decides}), Codec: http.NotFoundHandler(),
		Consent: consent.Options{Links: noLinks{}, Address: func(*http.Request) string { return rand.Text() }}})
	mux := http.NewServeMux()
	for _, r := range w.routes {
		r.Handler = w.probe(r.Handler)
		mux.Handle(r.Pattern, guard.Enforce(r))
	}
	handler = web.Headers(mux)
	return w
}

// fill adds an application for this test's portal to the partner's tenant, and one of each role that calls the API.
func (w *world) fill(c *cloud.Cloud) {
	sim.SeedDemo(c)
	assigned := map[string][]string{sim.DemoOperator: {"operator"}, sim.DemoHelpdesk: {"helpdesk"}, sim.DemoEngineer: {"engineer"},
		sim.DemoReseller: {"reseller"}, sim.DemoSecondReseller: {"reseller"}, sim.DemoSecondOperator: {"billing"}}
	for _, role := range access.Roles() {
		assigned[appOf(role)] = []string{string(role)}
		c.AddApp(cloud.AppSpec{ClientID: appOf(role), Tenant: sim.DemoPartnerTenant, Secret: "s"})
	}
	c.AddApp(cloud.AppSpec{ClientID: testPortal, Name: "Portal", Tenant: sim.DemoPartnerTenant, Secret: "s", RedirectURIs: []string{w.server.URL + access.CallbackPath},
		Claims: map[string]string{"reseller": "extensionAttribute1"}, Assigned: assigned})
	c.GrantConsentNow(sim.DemoPartnerTenant, testPortal, []string{"openid", "profile", "email"}, nil)
}

func (w *world) probe(real http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.reached = true
		on := w.real || strings.HasPrefix(r.URL.Path, "/sign")
		w.mu.Unlock()
		if on {
			real.ServeHTTP(rw, r)
			return
		}
		_, _ = io.WriteString(rw, access.FormToken(r.Context()))
	})
}

func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

var (
	hiddenFlow = regexp.MustCompile(`name="flow" value="([^"]+)"`)
	formToken  = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// visitor is somebody who asks: a browser with or without a session, or a program with or without a token.
type visitor struct {
	cookie, form, bearer string
	headers              []string
}

// signIn signs a person in at Microsoft's page, and returns the browser's session.
func (w *world) signIn(person string) visitor {
	w.Helper()
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	read := func(answer *http.Response, err error) string {
		if err != nil {
			w.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return string(text)
	}
	page := read(browser.Get(w.server.URL + "/upgrades"))
	action, flow := formAction.FindStringSubmatch(page), hiddenFlow.FindStringSubmatch(page)
	if action == nil || flow == nil {
		w.Fatalf("no sign-in page: %s", page)
	}
	form := read(browser.PostForm(w.cloud.URLs().Entra+action[1], url.Values{"flow": {flow[1]}, "action": {"signin"}, "username": {person}, "password": {sim.DemoPassword}}))
	here, _ := url.Parse(w.server.URL)
	for _, c := range jar.Cookies(here) {
		if c.Name == "uplift_session" {
			if hidden := formToken.FindStringSubmatch(form); hidden != nil { // of the page for whose role this is not
				form = hidden[1]
			}
			return visitor{cookie: c.Value, form: form}
		}
	}
	w.Fatalf("%s has no session: %s", person, form)
	return visitor{}
}

// token is an application's for the API.
func (w *world) token(role access.Role) string {
	w.Helper()
	answer, err := http.PostForm(w.cloud.URLs().Entra+"/"+sim.DemoPartnerTenant+"/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"},
		"client_id": {appOf(role)}, "client_secret": {"s"}, "scope": {testPortal + "/.default"}})
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		Token string `json:"access_token"`
	}
	if json.NewDecoder(answer.Body).Decode(&got) != nil || got.Token == "" {
		w.Fatalf("no token for %s: %d", role, answer.StatusCode)
	}
	return got.Token
}

// ask makes one visitor's request to a route.
func (w *world) ask(pattern string, v visitor) (answer *http.Response, body string, reached bool) {
	w.Helper()
	method, path := address(pattern)
	form := url.Values{access.FormField: {v.form}, "reason": {"x"}, "digest": {"d"}, "answer": {"retry"}, "plan": {"business-premium"}, "offer": {"business-premium"},
		"subscription": {"s-1"}, "tenant": {customerTenant}, "customer": {customerTenant}, "reseller": {"quayside"}, "sequence": {"0"}, "row": {"1"}}
	var sent io.Reader
	if method == http.MethodPost {
		sent = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, w.server.URL+path, sent)
	if err != nil {
		w.Fatal(err)
	}
	if sent != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "uplift_session", Value: v.cookie})
	}
	if v.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+v.bearer)
	}
	for i := 0; i < len(v.headers); i += 2 {
		r.Header.Set(v.headers[i], v.headers[i+1])
	}
	w.set(func() { w.reached = false })
	answer, err = (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		w.Fatalf("%s: %v", pattern, err)
	}
	defer answer.Body.Close()
	if answer.Header.Get("Content-Type") == "text/event-stream" {
		for data, err := make([]byte, 4096), error(nil); err == nil && !strings.Contains(body, "version"); {
			var n int
			n, err = answer.Body.Read(data)
			body += string(data[:n])
		}
	} else {
		data, _ := io.ReadAll(answer.Body)
		body = string(data)
	}
	w.set(func() { reached = w.reached })
	return answer, body, reached
}

// address is a route's address of the test's customer.
func address(pattern string) (method, path string) {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		method, path = http.MethodPost, method
	}
	if strings.HasPrefix(path, "/v1/upgrades/") || strings.Contains(path, "/batches/") {
		path = strings.ReplaceAll(path, "{id}", "A-1")
	}
	if strings.HasPrefix(path, "/bulk/") {
		path = strings.ReplaceAll(path, "{id}", "b-sample")
	}
	for name, value := range map[string]string{"{$}": "", "{row}": "1", "{tenant}": customerTenant, "{order}": "A-1", "{id}": "sample", "{token}": "forged", "{name}": "desk.css"} {
		path = strings.ReplaceAll(path, name, value)
	}
	return method, path
}
