package portal_test

import (
	"context"
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
	"uplift/internal/portal/consent"
	"uplift/internal/portal/desk"
	"uplift/internal/portal/provider"
	"uplift/internal/portal/web"
	"uplift/internal/seal"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// The customer of the test is harbor-it's; summit-systems is another reseller.
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

// fakes stand for Temporal and the register: one customer, with one upgrade. What changes anything is written down; what is not
// implemented here changes something, too, and panics.
type fakes struct {
	desk.Upgrades
	desk.Register
	mu  sync.Mutex
	did []string
}

func (f *fakes) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, what)
}

type temporal struct{ *fakes }

func (f temporal) Status(_ context.Context, id string) (upgrade.Status, error) {
	if strings.TrimPrefix(id, "upgrade/") != "A-1" {
		return upgrade.Status{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "not_found"}
	}
	return upgrade.Status{Order: "A-1", Upgrade: "A-1#1", WorkflowID: "upgrade/A-1", Tenant: customerTenant, Customer: customerName, Stage: upgrade.Invited,
		Headline: "of " + customerName, Invitation: &upgrade.Invitation{Number: 1, Deadline: time.Now().Add(time.Hour)}}, nil
}

func (f temporal) PlanOf(context.Context, string) (upgrade.Plan, error) {
	return upgrade.Plan{Order: "A-1", Headline: "of " + customerName, Digest: "d"}, nil
}

func (f temporal) Page(_ context.Context, filter upgrade.ListFilter, _ string, _ int) ([]upgrade.ListRow, string, error) {
	if filter.Tenants != nil && !slices.Contains(filter.Tenants, customerTenant) {
		return nil, "", nil
	}
	return []upgrade.ListRow{{WorkflowID: "upgrade/A-1", Order: "A-1", Tenant: customerTenant, Stage: upgrade.Invited}}, "", nil
}

func (f temporal) LookAtCustomer(context.Context, string) (upgrade.CustomerView, error) {
	return upgrade.CustomerView{Customer: upgrade.Customer{Tenant: customerTenant, Name: customerName}, Row: inventoryRow()}, nil
}

func (f temporal) word(w string) (upgrade.Reply, error) { f.note(w); return upgrade.Reply{}, nil }

func (f temporal) Confirm(context.Context, string, upgrade.Confirm) (upgrade.Reply, error) {
	return f.word("confirm")
}
func (f temporal) Approve(context.Context, string, upgrade.Approve) (upgrade.Reply, error) {
	return f.word("approve")
}
func (f temporal) Cancel(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("cancel")
}
func (f temporal) Resend(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("resend")
}
func (f temporal) Revoke(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("revoke")
}
func (f temporal) Resolve(context.Context, string, upgrade.Resolve) (upgrade.Reply, error) {
	return f.word("resolve")
}
func (f temporal) Retry(context.Context, string) (upgrade.Started, error) {
	f.note("again")
	return upgrade.Started{}, nil
}
func (f temporal) ReplayCallbacks(context.Context, string, int) error { f.note("replay"); return nil }

func inventoryRow() upgrade.InventoryRow {
	return upgrade.InventoryRow{Tenant: customerTenant, Name: customerName, Domain: "contoso.example", Reseller: ownReseller,
		Subscriptions: []upgrade.InventoryLine{{Subscription: "s-1", Name: "Business Basic", Offer: "business-basic", Seats: 5, Status: "active"}}}
}

type book struct{ *fakes }

func (f book) Recorded(_ context.Context, filter upgrade.RecordedFilter, _ string, _ int) ([]upgrade.Recorded, string, error) {
	if filter.Tenants != nil && !slices.Contains(filter.Tenants, customerTenant) {
		return nil, "", nil
	}
	return []upgrade.Recorded{{Upgrade: "A-1#1", OrderID: "A-1", Attempt: 1, Tenant: customerTenant, Customer: customerName, WorkflowID: "upgrade/A-1"}}, "", nil
}

func (f book) LastRecorded(_ context.Context, order string) (upgrade.Recorded, error) {
	if order != "A-1" {
		return upgrade.Recorded{}, &upgrade.Error{Kind: upgrade.NotFound}
	}
	return upgrade.Recorded{Upgrade: "A-1#1", OrderID: "A-1", Attempt: 1, Tenant: customerTenant, Customer: customerName, WorkflowID: "upgrade/A-1"}, nil
}

func (f book) Inventory(_ context.Context, filter upgrade.InventoryFilter, _ string, _ int) ([]upgrade.InventoryRow, string, error) {
	if filter.Tenants != nil && !slices.Contains(filter.Tenants, customerTenant) {
		return nil, "", nil
	}
	return []upgrade.InventoryRow{inventoryRow()}, "", nil
}

func (f book) Evidence(context.Context, string) ([]upgrade.Evidence, error)      { return nil, nil }
func (f book) Answers(context.Context, string) ([]upgrade.OperatorAnswer, error) { return nil, nil }
func (f book) Plan(context.Context, string) (upgrade.Plan, error)                { return upgrade.Plan{}, nil }
func (f book) Reports(context.Context, string, string, int) ([]upgrade.UserReport, error) {
	return []upgrade.UserReport{{User: customerName}}, nil
}
func (f book) Deliveries(context.Context, string) ([]upgrade.Delivery, error)    { return nil, nil }
func (f book) FailedDeliveries(context.Context, int) ([]upgrade.Delivery, error) { return nil, nil }
func (f book) LastInventory(context.Context) (upgrade.Inventory, error) {
	return upgrade.Inventory{}, nil
}
func (f book) ManagementPlans(context.Context) ([]upgrade.ManagementPlan, error) { return nil, nil }
func (f book) Prices(context.Context, string) ([]upgrade.Price, error)           { return nil, nil }
func (f book) ResellerOf(_ context.Context, tenant string) (string, error)       { return ownReseller, nil }
func (f book) SaveMembership(context.Context, string, string, string, string, time.Time) error {
	f.note("plan")
	return nil
}
func (f book) SetReseller(context.Context, string, string, string, time.Time) error {
	f.note("reseller")
	return nil
}

func (f book) CustomersOf(_ context.Context, reseller string) ([]string, error) {
	if reseller == ownReseller {
		return []string{customerTenant}, nil
	}
	return nil, nil
}

// Every reseller is entitled, so that it is not the want of that which keeps another one out.
func (f book) Reseller(_ context.Context, id string) (upgrade.Reseller, error) {
	name := "Summit Systems"
	if id == ownReseller {
		name = "the reseller of " + customerName
	}
	return upgrade.Reseller{ID: id, Name: name, Entitlement: &upgrade.Entitlement{}}, nil
}

func (f book) Resellers(ctx context.Context) ([]upgrade.Reseller, error) {
	one, _ := f.Reseller(ctx, ownReseller)
	return []upgrade.Reseller{one}, nil
}

// drafts has one draft of everybody's.
type drafts struct{ *fakes }

func (d drafts) SaveDraft(_ context.Context, _, _ string, draft json.RawMessage, _ time.Time) error {
	if strings.Contains(string(draft), customerTenant) {
		d.note("draft for the customer")
	}
	return nil
}
func (d drafts) Draft(context.Context, string, string) (json.RawMessage, error) {
	return json.RawMessage(`{}`), nil
}
func (d drafts) DeleteDraft(context.Context, string, string) error { return nil }

type noLinks struct{}

func (noLinks) Parse(string) (string, string, int, error) {
	return "", "", 0, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_link"}
}
func (noLinks) Link(string, string, int) (upgrade.Secret, error) {
	return "https://x/consent/" + customerName, nil
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
		Address: func(r *http.Request) string { return r.RemoteAddr }}) // so that nobody here is counted as one
	book := book{w.fakes}
	pages := provider.Routes(provider.Options{
		Desk:    desk.New(desk.Options{Upgrades: temporal{w.fakes}, Register: book, Links: noLinks{}}),
		Catalog: catalog.Load(), Drafts: drafts{w.fakes}, Sealer: seal.Dev("link"), FormToken: access.FormToken,
	})
	sample := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	api := []access.Route{
		{Pattern: "GET /v1/sample", Rule: access.Rule{Door: access.API, Roles: []access.Role{access.Billing, access.Operator}}, Handler: sample},
		{Pattern: "POST /v1/sample", Rule: access.Rule{Door: access.API, Roles: []access.Role{access.Billing}}, Handler: sample},
	}
	w.routes = portal.Routes(portal.Options{Access: guard, Pages: pages, API: api, Codec: http.NotFoundHandler(),
		Consent: consent.Options{Links: noLinks{}, Address: func(r *http.Request) string { return r.RemoteAddr }}})
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
		"subscription": {"s-1"}, "tenant": {customerTenant}, "customer": {customerTenant}, "reseller": {"summit-systems"}, "sequence": {"0"}}
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
	for name, value := range map[string]string{"{$}": "", "{tenant}": customerTenant, "{order}": "A-1", "{id}": "sample", "{token}": "forged", "{name}": "desk.css"} {
		path = strings.ReplaceAll(path, name, value)
	}
	return method, path
}
