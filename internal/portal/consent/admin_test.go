package consent_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"uplift/internal/portal/consent"
	"uplift/internal/seal"
	"uplift/upgrade"
)

const (
	tenant        = "11111111-1111-1111-1111-111111111111"
	administrator = "62e90394-69f5-4237-9190-012177145e10"
	service       = "4d6ac14f-3453-41d0-bef9-a3e0c569773a" // accepted by configuration
)

// microsoft is its pages: who signs in, and what is answered.
type microsoft struct {
	who      upgrade.Identity
	err      error
	verifier string
	redeemed int
}

func (*microsoft) Origin() string { return "https://login.example" }

func (m *microsoft) SignInURL(tenant, state, nonce, verifier string) (string, error) {
	m.verifier = verifier
	return "https://login.example/" + tenant + "/authorize?" + url.Values{"state": {state}, "nonce": {nonce}}.Encode(), nil
}

func (m *microsoft) SignedIn(_ context.Context, _, nonce, verifier string, answer url.Values) (upgrade.Identity, error) {
	m.redeemed++
	if nonce == "" || verifier != m.verifier {
		return upgrade.Identity{}, errors.New("another visit's secrets")
	}
	if e := answer.Get("error"); e != "" {
		return upgrade.Identity{}, &upgrade.Error{Kind: upgrade.Refused, Code: e, Message: "inner words"}
	}
	return m.who, m.err
}

func (*microsoft) ConsentURL(tenant, state string) (string, error) {
	return "https://login.example/" + tenant + "/v2.0/adminconsent?" + url.Values{"state": {state}}.Encode(), nil
}

func (*microsoft) Consented(answer url.Values) error {
	if e := answer.Get("error"); e != "" {
		return &upgrade.Error{Kind: upgrade.Refused, Code: e, Message: "inner words"}
	}
	return nil
}

// browser is a world with Microsoft's pages, and one browser's cookie.
type browser struct {
	*world
	t      *testing.T
	ms     *microsoft
	cookie string
	now    time.Time
}

func newBrowser(t *testing.T) *browser {
	b := &browser{t: t, now: now, ms: &microsoft{who: upgrade.Identity{Tenant: tenant, Name: "Ada", Roles: []string{administrator}, RolesSaid: true}}}
	b.world = newWorld(func(o *consent.Options) {
		o.Admin, o.Sealer, o.ConsentRoles, o.Secure = b.ms, seal.Dev("link"), []string{service}, true
		o.Now = func() time.Time { return b.now }
	})
	b.status.Tenant = tenant
	return b
}

// ask makes a request with the browser's cookie, and keeps the answer's.
func (b *browser) ask(method, path string) *httptest.ResponseRecorder {
	b.t.Helper()
	rec := b.do(method, path, "", "Cookie", b.cookie)
	for _, c := range rec.Result().Cookies() {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != consent.CallbackPath {
			b.t.Errorf("the cookie is %+v", c)
		}
		b.cookie = c.Name + "=" + c.Value
	}
	return rec
}

// goes is where an answer leads, and the state in it.
func goes(rec *httptest.ResponseRecorder) (to *url.URL, state string) {
	to, err := url.Parse(rec.Header().Get("Location"))
	if err != nil || rec.Code != http.StatusSeeOther {
		return &url.URL{}, ""
	}
	return to, to.Query().Get("state")
}

// back is an answer of Microsoft's.
func (b *browser) back(values ...string) *httptest.ResponseRecorder {
	q := url.Values{}
	for i := 0; i < len(values); i += 2 {
		q.Set(values[i], values[i+1])
	}
	return b.ask(http.MethodGet, consent.CallbackPath+"?"+q.Encode())
}

// begin presses the button, and returns the state.
func (b *browser) begin() string {
	b.t.Helper()
	to, state := goes(b.ask(http.MethodPost, target+"/admin"))
	if to.Host != "login.example" || to.Path != "/"+tenant+"/authorize" || state == "" {
		b.t.Fatalf("the button leads to %s", to)
	}
	return state
}

// signIn goes as far as the consent page, and returns its state.
func (b *browser) signIn() string {
	b.t.Helper()
	to, state := goes(b.back("state", b.begin(), "code", "c"))
	if to.Path != "/"+tenant+"/v2.0/adminconsent" || state == "" {
		b.t.Fatalf("the sign-in leads to %s", to)
	}
	return state
}

func TestAdminConsentInTheBrowser(t *testing.T) {
	b := newBrowser(t)
	page := b.get(target)
	contains(t, page.Body.String(), target+"/admin", "Sign in with Microsoft")
	if csp := page.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://login.example") {
		t.Errorf("the form's redirect is not allowed: %s", csp)
	}
	state := b.signIn()
	if len(b.consents) != 0 {
		t.Error("a sign-in alone was taken for a consent")
	}
	to, _ := goes(b.back("state", state, "admin_consent", "True", "tenant", tenant))
	if to.Path != target || to.RawQuery != "" {
		t.Errorf("it leads to %s", to)
	}
	want := upgrade.Consent{Decision: upgrade.Granted, Method: upgrade.AdminConsent, By: "Ada", Invitation: 2}
	if len(b.consents) != 1 || b.consents[0] != want || !b.ids["somebody's own id"] {
		t.Errorf("claimed %+v", b.consents)
	}
	if strings.Contains(b.log.String(), token) || strings.Contains(b.log.String(), state) {
		t.Error("the log has a secret")
	}
}

// What does not belong to a visit of this browser, or was answered before, changes nothing, and spoils no visit.
func TestForgedAndReplayedAnswers(t *testing.T) {
	b := newBrowser(t)
	state := b.signIn()
	good := b.cookie
	for name, c := range map[string]struct{ cookie, state string }{
		"another state": {good, "forged"}, "no state": {good, ""}, "another browser": {"", state},
		"a changed cookie": {good[:len(good)-4] + "AAAA", state}, "no sealed cookie": {"uplift_visit=e30", state},
	} {
		b.cookie = c.cookie
		if rec := b.back("state", c.state, "admin_consent", "True", "tenant", tenant); rec.Code != http.StatusBadRequest || len(b.consents) != 0 {
			t.Errorf("%s: %d, claimed %+v", name, rec.Code, b.consents)
		}
	}
	b.cookie = good
	if rec := b.back("state", state, "admin_consent", "True", "tenant", tenant); rec.Code != http.StatusSeeOther || len(b.consents) != 1 {
		t.Errorf("the good one: %d, claimed %+v", rec.Code, b.consents)
	}
	if b.cookie != "uplift_visit=" {
		t.Error("the browser still has the visit")
	}
	b.set(func(s *upgrade.Status) { *s = invited(); s.Tenant = tenant })
	b.cookie = good
	rec := b.back("state", state, "admin_consent", "True", "tenant", tenant)
	if rec.Code != http.StatusBadRequest || len(b.consents) != 1 {
		t.Errorf("replayed: %d, claimed %+v", rec.Code, b.consents)
	}
	contains(t, rec.Body.String(), "not expected here")
	// An answer of the sign-in is none of the consent page, and an old one is none at all.
	state = b.begin()
	b.now = b.now.Add(31 * time.Minute)
	if rec := b.back("state", state, "code", "c"); rec.Code != http.StatusBadRequest || b.ms.redeemed != 1 {
		t.Errorf("too late: %d", rec.Code)
	}
}

// Whoever comes back without a consent is told why, and what to do; nothing is claimed.
func TestAdminConsentRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*browser)
		first  []string // of the sign-in
		second []string // of the consent page
		shown  string
	}{
		"sign-in cancelled":        {first: []string{"error", "access_denied"}, shown: "were not accepted"},
		"blocked by a policy":      {first: []string{"error", "AADSTS53003"}, shown: "security rule"},
		"unknown error":            {first: []string{"error", "AADSTS99"}, shown: "without a sign-in"},
		"consent denied":           {second: []string{"admin_consent", "True", "error", "access_denied"}, shown: "were not accepted"},
		"no administrator there":   {second: []string{"error", "AADSTS90094"}, shown: "not an administrator"},
		"another tenant is named":  {second: []string{"admin_consent", "True", "tenant", "22222222-2222-2222-2222-222222222222"}, shown: "does not belong"},
		"another tenant signed in": {change: func(b *browser) { b.ms.who.Tenant = "2" }, shown: "does not belong"},
		"a guest":                  {change: func(b *browser) { b.ms.who.Guest = true }, shown: "only a guest"},
		"no administrator":         {change: func(b *browser) { b.ms.who.Roles = []string{"x"} }, shown: "not an administrator"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t)
			if c.change != nil {
				c.change(b)
			}
			var to *url.URL
			if c.second != nil {
				to, _ = goes(b.back(append(c.second, "state", b.signIn())...))
			} else {
				to, _ = goes(b.back(append(c.first, "state", b.begin(), "code", "c")...))
			}
			if to.Path != target || len(b.consents) != 0 {
				t.Fatalf("it leads to %s, and claimed %+v", to, b.consents)
			}
			body := b.get(to.String()).Body.String()
			contains(t, body, c.shown, "did not succeed", target+"/admin")
			if strings.Contains(body, "inner words") {
				t.Error("the page has somebody else's words")
			}
		})
	}
}

func TestWhoMayGoOnToTheConsentPage(t *testing.T) {
	for name, who := range map[string]upgrade.Identity{
		"an accepted role": {Tenant: tenant, Roles: []string{strings.ToUpper(service)}, RolesSaid: true},
		"a silent token":   {Tenant: tenant}, // Microsoft's page asks
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t)
			b.ms.who = who
			b.signIn()
		})
	}
}

// Where a rule of the organisation blocks the code, the other way comes first.
func TestTheBrowserComesFirstWhereTheCodeIsBlocked(t *testing.T) {
	b := newBrowser(t)
	first := func() bool {
		body := b.get(target).Body.String()
		return strings.Index(body, target+"/admin") < strings.Index(body, target+"/start")
	}
	if first() {
		t.Error("the browser comes first from the beginning")
	}
	b.set(func(s *upgrade.Status) {
		s.Invitation.Refused = &upgrade.Problem{Code: "AADSTS53003", Message: "Blocked.", Remedy: "Do this."}
	})
	if !first() {
		t.Error("the code comes first, though it is blocked")
	}
	contains(t, b.get(target).Body.String(), "Blocked.", "Do this.", "does not allow signing in with a code")
	// Words in the address that are none of ours are not shown.
	if body := b.get(target + "?said=%3Cb%3Eevil").Body.String(); strings.Contains(body, "evil") || strings.Contains(body, "did not succeed") {
		t.Error("the page repeats its address")
	}
}

func TestAdminConsentIsNotOffered(t *testing.T) {
	w := newWorld()
	if strings.Contains(w.get(target).Body.String(), "/admin") {
		t.Error("it is offered without an application")
	}
	if rec := w.do(http.MethodPost, target+"/admin", ""); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != target {
		t.Errorf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
	if rec := w.get(consent.CallbackPath + "?state=x"); rec.Code != http.StatusBadRequest || w.asked() {
		t.Errorf("%d", rec.Code)
	}
	b := newBrowser(t)
	state := b.signIn()
	b.set(func(s *upgrade.Status) { s.Stage, s.End = upgrade.Ended, upgrade.Expired })
	if rec := b.back("state", state, "admin_consent", "True", "tenant", tenant); rec.Code != http.StatusSeeOther || len(b.consents) != 0 {
		t.Errorf("after the end: %d, claimed %+v", rec.Code, b.consents)
	}
	if rec := b.do(http.MethodPost, target+"/admin", "", "Sec-Fetch-Site", "cross-site"); rec.Code != http.StatusForbidden {
		t.Errorf("another site's post: %d", rec.Code)
	}
}
