package entra_test

import (
	"context"
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

	"uplift/internal/entra"
	sim "uplift/internal/sim/entra"
	"uplift/upgrade"
)

const (
	contoso  = "11111111-aaaa-4aaa-8aaa-000000000001"
	fabrikam = "11111111-aaaa-4aaa-8aaa-000000000002"
	provider = "11111111-aaaa-4aaa-8aaa-000000000003"
	appID    = "22222222-bbbb-4bbb-8bbb-000000000001"
)

// cloud is what the simulated sign-in service asks for: three tenants, some people, one application.
type cloud struct {
	mu     sync.Mutex
	now    time.Time
	public bool
	// redirects are the application's registered addresses.
	redirects []string
	der       []byte
	granted   map[string][2][]string
	faults    map[string]bool
}

func (c *cloud) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *cloud) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func (c *cloud) set(fault string, on bool) { c.mu.Lock(); defer c.mu.Unlock(); c.faults[fault] = on }

func (c *cloud) TenantByIDOrDomain(s string) (id, name string, ok bool) {
	name, ok = map[string]string{contoso: "Contoso", fabrikam: "Fabrikam", provider: "Provider"}[s]
	return s, name, ok
}

func (c *cloud) people() []sim.Person {
	admin := []string{sim.RoleGlobalAdministrator}
	return []sim.Person{
		{ObjectID: "o-admin", UPN: "admin@contoso.example", Name: "Ada", TenantID: contoso, Enabled: true, Roles: admin},
		{ObjectID: "o-guest", UPN: "admin@fabrikam.example", Name: "Finn", TenantID: contoso, Enabled: true, Guest: true, Roles: admin},
		{ObjectID: "o-fabrikam", UPN: "admin@fabrikam.example", Name: "Finn", TenantID: fabrikam, Enabled: true, Roles: admin},
	}
}

func (c *cloud) CheckPassword(tenant, upn, password string) (sim.Person, bool) {
	for _, p := range c.people() {
		if p.UPN == upn && password == "pw" && (tenant == p.TenantID || tenant == "" && !p.Guest) {
			return p, true
		}
	}
	return sim.Person{}, false
}

func (c *cloud) Person(tenant, oid string) (sim.Person, bool) {
	for _, p := range c.people() {
		if p.TenantID == tenant && p.ObjectID == oid {
			return p, true
		}
	}
	return sim.Person{}, false
}

func (c *cloud) AppByClientID(id string) (sim.App, bool) {
	return sim.App{ClientID: appID, Name: "Uplift", TenantID: provider, PublicClient: c.public, RedirectURIs: c.redirects}, id == appID
}

func (c *cloud) CheckAppSecret(_, secret string) bool { return secret == "s3cret/+ &" }

func (c *cloud) AppCertificate(string) ([]byte, bool) { return c.der, c.der != nil }

func (c *cloud) Consented(tenant, id string) (delegated, application []string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got, ok := c.granted[tenant+id]
	return got[0], got[1], ok
}

func (c *cloud) GrantConsent(tenant, id string, delegated, application []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.granted[tenant+id]
	c.granted[tenant+id] = [2][]string{append(got[0], delegated...), append(got[1], application...)}
}

func (c *cloud) Fault(name, _ string) bool { c.mu.Lock(); defer c.mu.Unlock(); return c.faults[name] }

func (c *cloud) Record(_, _, _, _ string) {}

// lab is the simulator, our client of it, and a person's browser.
type lab struct {
	*testing.T
	cloud   *cloud
	server  *sim.Server
	url     string
	client  *entra.Client
	browser *http.Client
}

func newLab(t *testing.T, change func(*entra.Options, *cloud)) *lab {
	l := &lab{T: t, cloud: &cloud{now: time.Now().UTC(), public: true, granted: map[string][2][]string{}, faults: map[string]bool{}}}
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.server.ServeHTTP(w, r) }))
	t.Cleanup(ts.Close)
	l.url, l.server = ts.URL, sim.New(sim.Options{State: l.cloud, Issuer: ts.URL})
	jar, _ := cookiejar.New(nil)
	l.browser = &http.Client{Jar: jar, Timeout: 10 * time.Second}
	o := entra.Options{BaseURL: ts.URL, ClientID: appID, ClientSecret: "s3cret/+ &", PartnerTenant: provider, Now: l.cloud.Now}
	if change != nil {
		change(&o, l.cloud)
	}
	var err error
	if l.client, err = entra.New(o); err != nil {
		t.Fatal(err)
	}
	return l
}

var (
	flow = regexp.MustCompile(`name="flow" value="([^"]+)"`)
	form = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// press fills in the form of a page and presses a button.
func (l *lab) press(page, action string, pairs ...string) string {
	l.Helper()
	to := form.FindStringSubmatch(page)
	if to == nil {
		l.Fatalf("no form on the page: %s", page)
	}
	values := url.Values{"action": {action}}
	if hidden := flow.FindStringSubmatch(page); hidden != nil {
		values.Set("flow", hidden[1])
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return l.page(l.browser.PostForm(l.url+to[1], values))
}

func (l *lab) page(resp *http.Response, err error) string {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		l.Fatal(err)
	}
	return string(body)
}

// start asks for a code, and answer lets a person type it and press a button.
func (l *lab) start(scopes ...string) upgrade.PendingCode {
	l.Helper()
	code, err := l.client.StartDeviceCode(context.Background(), contoso, scopes)
	if err != nil {
		l.Fatal(err)
	}
	return code
}

func (l *lab) answer(code upgrade.PendingCode, upn, action string) {
	l.Helper()
	page := l.press(l.page(l.browser.Get(code.VerificationURI)), "", "code", code.UserCode)
	page = l.press(page, "signin", "username", upn, "password", "pw")
	l.press(page, action)
}

func (l *lab) redeem(code upgrade.PendingCode) (upgrade.Tokens, error) {
	l.cloud.advance(code.Interval)
	return l.client.RedeemDeviceCode(context.Background(), contoso, code.DeviceCode)
}

// signedIn is a whole sign-in.
func (l *lab) signedIn(upn string) upgrade.Tokens {
	l.Helper()
	code := l.start("Organization.Read.All", "User.ReadWrite.All")
	l.answer(code, upn, "accept")
	tokens, err := l.redeem(code)
	if err != nil {
		l.Fatal(err)
	}
	return tokens
}

func (l *lab) want(err error, kind upgrade.Kind, code string) {
	l.Helper()
	if err == nil || upgrade.KindOf(err) != kind || upgrade.CodeOf(err) != code {
		l.Errorf("%v, want %s %s", err, kind, code)
		return
	}
	for _, secret := range l.server.Issued() {
		if strings.Contains(err.Error(), secret) {
			l.Errorf("the error quotes a secret: %v", err)
		}
	}
	if strings.Contains(err.Error(), "contoso.example") {
		l.Errorf("the error names a person: %v", err)
	}
}

func TestSimDeviceFlow(t *testing.T) {
	for name, public := range map[string]bool{"public": true, "confidential": false} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, func(_ *entra.Options, c *cloud) { c.public = public })
			code := l.start("Organization.Read.All", "User.ReadWrite.All")
			_, err := l.redeem(code)
			l.want(err, upgrade.Waiting, "authorization_pending")
			l.answer(code, "admin@contoso.example", "accept")
			tokens, err := l.redeem(code)
			if err != nil {
				t.Fatal(err)
			}
			who, err := l.client.Identify(context.Background(), contoso, tokens.ID)
			if err != nil || who.Tenant != contoso || who.ObjectID != "o-admin" || who.Name != "Ada" || !who.RolesSaid ||
				!slices.Equal(who.Roles, []string{sim.RoleGlobalAdministrator}) || who.Guest {
				t.Errorf("%+v, %v", who, err)
			}
			if access, err := l.server.Verify(context.Background(), tokens.Access.Reveal()); err != nil || access.Audience != sim.GraphAudience {
				t.Errorf("%+v, %v", access, err)
			}
			if _, err = l.redeem(code); upgrade.KindOf(err) != upgrade.Refused {
				t.Errorf("a spent code: %v", err)
			}
			l.cloud.advance(time.Hour)
			renewed, err := l.client.Refresh(context.Background(), contoso, tokens.Refresh, tokens.Scopes)
			if err != nil || renewed.Access == tokens.Access || renewed.Refresh == "" {
				t.Errorf("%+v, %v", renewed, err)
			}
			_, err = l.client.Identify(context.Background(), contoso, tokens.ID)
			l.want(err, upgrade.Refused, "token_expired")
		})
	}
}

func TestSimRefusals(t *testing.T) {
	l := newLab(t, nil)
	code := l.start("Organization.Read.All")
	l.answer(code, "admin@contoso.example", "deny")
	_, err := l.redeem(code)
	l.want(err, upgrade.Refused, "authorization_declined")

	code = l.start("Organization.Read.All")
	l.cloud.advance(16 * time.Minute)
	_, err = l.redeem(code)
	l.want(err, upgrade.Refused, "expired_token")

	_, err = l.client.RedeemDeviceCode(context.Background(), contoso, "unheard-of")
	l.want(err, upgrade.Refused, "AADSTS70018")

	_, err = l.client.StartDeviceCode(context.Background(), "99999999-aaaa-4aaa-8aaa-000000000009", nil)
	l.want(err, upgrade.Refused, "AADSTS90002")

	guest := l.signedIn("admin@fabrikam.example")
	if who, err := l.client.Identify(context.Background(), contoso, guest.ID); err != nil || !who.Guest {
		t.Errorf("%+v, %v", who, err)
	}
	_, err = l.client.Identify(context.Background(), fabrikam, guest.ID)
	l.want(err, upgrade.Refused, "wrong_tenant")

	l.cloud.set(sim.FaultNoWIDs, true)
	if who, err := l.client.Identify(context.Background(), contoso, l.signedIn("admin@contoso.example").ID); err != nil || who.RolesSaid {
		t.Errorf("%+v, %v", who, err)
	}
}

// TestSimFaults: each fault of the simulator is classified.
func TestSimFaults(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		fault string
		kind  upgrade.Kind
		code  string
	}{
		{sim.FaultTransient, upgrade.Transient, "AADSTS90033"},
		{sim.FaultThrottled, upgrade.Throttled, "AADSTS90055"},
		{sim.FaultGatewayPage, upgrade.Transient, "http_502"},
		{sim.FaultRequestLost, upgrade.Transient, "entra_unreachable"},
	} {
		l := newLab(t, nil)
		l.cloud.set(test.fault, true)
		_, err := l.client.StartDeviceCode(ctx, contoso, nil)
		l.want(err, test.kind, test.code)
		_, err = l.client.GraphToken(ctx, contoso)
		l.want(err, test.kind, test.code)
	}
	for _, test := range []struct {
		fault string
		kind  upgrade.Kind
		code  string
	}{
		{sim.FaultWrongDataCentre, upgrade.Transient, "AADSTS50134"},
		{sim.FaultSlowDown, upgrade.Waiting, "slow_down"},
		{sim.FaultDeviceTokenBlocked, upgrade.Refused, "AADSTS53003"},
	} {
		l := newLab(t, nil)
		code := l.start("Organization.Read.All")
		l.answer(code, "admin@contoso.example", "accept")
		l.cloud.set(test.fault, true)
		_, err := l.redeem(code)
		l.want(err, test.kind, test.code)
	}
	for fault, code := range map[string]string{sim.FaultRefreshRevoked: "AADSTS50173", sim.FaultRefreshExpired: "AADSTS700082",
		sim.FaultMFARequired: "AADSTS50076", sim.FaultConditionalAccess: "AADSTS53003"} {
		l := newLab(t, nil)
		tokens := l.signedIn("admin@contoso.example")
		l.cloud.set(fault, true)
		_, err := l.client.Refresh(ctx, contoso, tokens.Refresh, tokens.Scopes)
		l.want(err, upgrade.GrantLost, code)
	}
}

// TestSimLostReply: the answer with the tokens is lost, and the code is spent: a new one is the remedy.
func TestSimLostReply(t *testing.T) {
	l := newLab(t, nil)
	code := l.start("Organization.Read.All")
	l.answer(code, "admin@contoso.example", "accept")
	l.cloud.set(sim.FaultTokenReplyLost, true)
	_, err := l.redeem(code)
	l.want(err, upgrade.Transient, "entra_unreachable")
	l.cloud.set(sim.FaultTokenReplyLost, false)
	_, err = l.redeem(code)
	l.want(err, upgrade.Refused, "AADSTS70018")
}

func TestSimApplication(t *testing.T) {
	ctx := context.Background()
	l := newLab(t, nil)
	_, err := l.client.ApplicationRoles(ctx, contoso)
	if upgrade.KindOf(err) != upgrade.GrantLost {
		t.Errorf("before consent: %v", err)
	}
	l.cloud.GrantConsent(contoso, appID, nil, []string{"Organization.Read.All", "User.ReadWrite.All"})
	roles, err := l.client.ApplicationRoles(ctx, contoso)
	if slices.Sort(roles); err != nil || !slices.Equal(roles, []string{"Organization.Read.All", "User.ReadWrite.All"}) {
		t.Errorf("%v, %v", roles, err)
	}
	for fault, code := range map[string]string{sim.FaultServicePrincipalRace: "AADSTS650051", sim.FaultAppNotReplicated: "AADSTS700016", sim.FaultNoRoles: "no_roles"} {
		l.cloud.set(fault, true)
		_, err := l.client.ApplicationRoles(ctx, contoso)
		l.want(err, upgrade.GrantLost, code)
		l.cloud.set(fault, false)
	}
	token, err := l.client.PartnerToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.server.Verify(ctx, token.Reveal()); err != nil || got.Audience != sim.PartnerAudience || got.Tenant != provider {
		t.Errorf("%+v, %v", got, err)
	}
	wrong := newLab(t, func(o *entra.Options, _ *cloud) { o.ClientSecret = "wrong" })
	_, err = wrong.client.PartnerToken(ctx)
	wrong.want(err, upgrade.Act, "AADSTS7000215")
}
