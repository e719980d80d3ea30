package access_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"uplift/internal/portal/access"
)

func TestSignInAndOut(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	answer, _ := b.do(http.MethodGet, "/desk?customer=contoso&x=%2F", nil)
	if answer.StatusCode != http.StatusOK || answer.Request.URL.RequestURI() != "/desk?customer=contoso&x=%2F" {
		t.Fatalf("it ended at %s: %d", answer.Request.URL, answer.StatusCode)
	}
	want := access.Who{Subject: "oid-1", Name: "olga@provider.example", Roles: []access.Role{access.Operator}}
	if l.who.Subject != want.Subject || l.who.Name != want.Name || !slices.Equal(l.who.Roles, want.Roles) || l.who.Local || l.who.Reseller != "" {
		t.Errorf("%+v", l.who)
	}
	asked := l.idp.asked[0]
	for name, want := range map[string]string{"response_type": "code", "client_id": clientID, "code_challenge_method": "S256", "redirect_uri": l.server.URL + "/signin/callback"} {
		if asked.Get(name) != want {
			t.Errorf("%s is %q", name, asked.Get(name))
		}
	}
	if len(asked.Get("state")) < 20 || len(asked.Get("nonce")) < 20 || asked.Get("state") == asked.Get("nonce") || !strings.Contains(asked.Get("scope"), "openid") {
		t.Errorf("%v", asked)
	}
	if status, done := b.posts(b.form); status != http.StatusOK || !done {
		t.Errorf("a post: %d", status)
	}
	// Signed in, the sign-in leads on at once.
	if answer, _ := b.do(http.MethodGet, "/signin?to=/desk?a=b", nil); answer.Request.URL.RequestURI() != "/desk?a=b" || len(l.idp.asked) != 1 {
		t.Errorf("it leads to %s, asked %d times", answer.Request.URL, len(l.idp.asked))
	}
	cookie, form := b.cookie("uplift_session"), b.form
	answer, text := b.do(http.MethodPost, "/signout", url.Values{access.FormField: {form}})
	if answer.Request.URL.Path != "/signedout" || answer.StatusCode != http.StatusOK || !strings.Contains(text, "You are signed out") || b.cookie("uplift_session") != "" {
		t.Errorf("the sign-out ended at %s: %d", answer.Request.URL, answer.StatusCode)
	}
	// Who kept the cookie and the form has nothing.
	b.setCookie("uplift_session", cookie)
	if status, done := b.posts(form); status != http.StatusUnauthorized || done {
		t.Errorf("a replayed form after the sign-out: %d", status)
	}
	l.noSecrets(cookie, form, "customer=contoso")
	for _, line := range []string{"signed in", "signed out"} {
		if !strings.Contains(l.log.String(), line) {
			t.Errorf("the log lacks %q", line)
		}
	}
}

func TestCookies(t *testing.T) {
	l := newLab(t, func(o *access.Options) { o.Secure = true })
	rec := httptest.NewRecorder()
	l.server.Config.Handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, l.server.URL+"/signin", nil))
	for _, c := range rec.Result().Cookies() {
		if c.Name != "__Host-uplift_signin" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%+v", c)
		}
	}
	if len(rec.Result().Cookies()) != 1 {
		t.Error("no cookie of the sign-in")
	}
	plain := newLab(t)
	b := plain.browser()
	b.http.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.Response != nil {
			for _, c := range r.Response.Cookies() {
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
					t.Errorf("%+v", c)
				}
			}
		}
		return nil
	}
	b.signIn()
	if b.cookie("uplift_session") == "" || b.cookie("uplift_signin") != "" {
		t.Error("the sign-in's cookie is left, or the session's is missing")
	}
}

// Whatever the identity provider, or somebody in its place, sends back: nobody is signed in who was not proved.
func TestSignInsThatAreNotBelieved(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(*idp) { return func(p *idp) { p.claims[name] = value } }
	for name, c := range map[string]struct {
		change func(*idp)
		status int
		says   string
	}{
		"algorithm none": {func(p *idp) { p.sign = unsigned }, 403, "could not be verified"},
		"signed with the client's secret": {func(p *idp) {
			p.sign = func(c map[string]any) string {
				return signed(t, jose.HS256, []byte(strings.Repeat(clientSecret, 3)), c)
			}
		}, 403, "could not be verified"},
		"a wrong key": {func(p *idp) {
			p.sign = func(c map[string]any) string {
				return signed(t, jose.RS256, jose.JSONWebKey{Key: other, KeyID: p.kid}, c)
			}
		}, 403, "could not be verified"},
		"another audience":    {claim("aud", "somebody-else"), 403, "could not be verified"},
		"another issuer":      {claim("iss", "https://login.evil.example"), 403, "could not be verified"},
		"expired":             {claim("exp", 1_000_000), 403, "could not be verified"},
		"not yet valid":       {claim("nbf", 4_000_000_000), 403, "could not be verified"},
		"another nonce":       {claim("nonce", "of-another-sign-in"), 403, "could not be verified"},
		"no nonce":            {claim("nonce", nil), 403, "could not be verified"},
		"no id token":         {func(p *idp) { p.noID = true }, 403, "could not be verified"},
		"no JWT":              {func(p *idp) { p.sign = func(map[string]any) string { return "<script>" } }, 403, "could not be verified"},
		"a code nobody knows": {func(p *idp) { clear(p.codes) }, 403, "could not be verified"},
		"no role":             {claim("roles", nil), 403, "have no role here"},
		"a role of others":    {claim("roles", []string{"admin", "Operator", "operator "}), 403, "have no role here"},
		"roles of no kind":    {claim("roles", map[string]any{"operator": true}), 403, "have no role here"},
		"a reseller of none":  {claim("roles", "reseller"), 403, "have no role here"},
		"a reseller of two":   {func(p *idp) { p.claims["roles"], p.claims["reseller"] = "reseller", []string{"a", "b"} }, 403, "have no role here"},
		"keys are away":       {func(p *idp) { p.down = "/keys" }, 503, "Nobody can sign in just now"},
		"tokens are away":     {func(p *idp) { p.down = "/token" }, 503, "Nobody can sign in just now"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.idp.t = t
			b := l.browser()
			// The change comes between the redirect to the identity provider and the answer.
			b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
				if r.URL.Path == "/signin/callback" {
					l.idp.set(func() { c.change(l.idp) })
				}
				return nil
			}
			answer, text := b.do(http.MethodGet, "/desk", nil)
			if answer.StatusCode != c.status || !strings.Contains(text, c.says) || l.who.Subject != "" || b.cookie("uplift_session") != "" {
				t.Errorf("%d at %s:\n%s", answer.StatusCode, answer.Request.URL.Path, text)
			}
			if strings.Contains(text, "CODE-") || strings.Contains(text, "<script") {
				t.Errorf("the page repeats the answer:\n%s", text)
			}
			l.noSecrets()
		})
	}
}

func TestNoRoleSaysWhatToAskFor(t *testing.T) {
	l := newLab(t, func(o *access.Options) { o.RolesClaim = "realm_access.roles" })
	_, text := l.browser().do(http.MethodGet, "/desk", nil)
	for _, want := range []string{"olga@provider.example", "realm_access.roles", "operator", "billing", "reseller", "/signin?to=%2fdesk&amp;other=1", "help@example.com"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

func TestWhoIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		claims  map[string]any
		options func(*access.Options)
		want    access.Who
	}{
		"several roles": {map[string]any{"roles": []string{"helpdesk", "engineer", "helpdesk", "x"}}, nil,
			access.Who{Subject: "oid-1", Name: "olga@provider.example", Roles: []access.Role{access.Helpdesk, access.Engineer}}},
		"a reseller": {map[string]any{"roles": "reseller", "reseller": "harbor-it"}, nil,
			access.Who{Subject: "oid-1", Name: "olga@provider.example", Roles: []access.Role{access.Reseller}, Reseller: "harbor-it"}},
		"an operator who is said to be of a reseller": {map[string]any{"reseller": "harbor-it"}, nil,
			access.Who{Subject: "oid-1", Name: "olga@provider.example", Roles: []access.Role{access.Operator}}},
		"another issuer's habits": {map[string]any{"oid": nil, "preferred_username": nil, "roles": nil, "email": "o@x.example",
			"realm": map[string]any{"roles": []string{"App.Operators"}}}, func(o *access.Options) {
			o.RolesClaim, o.RoleNames = "realm.roles", map[string]access.Role{"App.Operators": access.Operator}
		}, access.Who{Subject: "pairwise", Name: "o@x.example", Roles: []access.Role{access.Operator}}},
		"no name": {map[string]any{"preferred_username": nil, "name": " "}, nil, access.Who{Subject: "oid-1", Roles: []access.Role{access.Operator}}},
	} {
		t.Run(name, func(t *testing.T) {
			var change []func(*access.Options)
			if c.options != nil {
				change = append(change, c.options)
			}
			l := newLab(t, change...)
			l.idp.claims = c.claims
			l.browser().signIn()
			got := l.who
			if got.Subject != c.want.Subject || got.Name != c.want.Name || got.Reseller != c.want.Reseller || !slices.Equal(got.Roles, c.want.Roles) {
				t.Errorf("%+v, not %+v", got, c.want)
			}
		})
	}
}

// What comes back belongs to the visit of one browser, and counts once.
func TestStrayAnswers(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/signin/callback" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	begin := func() string {
		answer, _ := b.do(http.MethodGet, "/signin?to=/desk", nil)
		return strings.TrimPrefix(answer.Header.Get("Location"), l.server.URL)
	}
	good := begin()
	visit := b.cookie("uplift_signin")
	forged := strings.Replace(good, "state=", "state=X", 1)
	for name, c := range map[string]struct{ cookie, path string }{
		"another state": {visit, forged}, "no state": {visit, "/signin/callback?code=x"}, "another browser": {"", good},
		"a changed cookie": {visit[:len(visit)-6] + "AAAAAA", good}, "a session's cookie": {"e30", good},
	} {
		b.setCookie("uplift_signin", c.cookie)
		answer, text := b.do(http.MethodGet, c.path, nil)
		if answer.StatusCode != http.StatusBadRequest || !strings.Contains(text, "not expected here") {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
	b.setCookie("uplift_signin", visit)
	if answer, _ := b.do(http.MethodGet, good, nil); answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/desk" {
		t.Errorf("the good one: %d", answer.StatusCode)
	}
	replay := l.browser()
	replay.setCookie("uplift_signin", visit)
	if answer, _ := replay.do(http.MethodGet, good, nil); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("replayed: %d", answer.StatusCode)
	}
	// Somebody who is signed in is not told of it: it was the button "back".
	if answer, _ := b.do(http.MethodGet, good, nil); answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/desk" {
		t.Errorf("back: %d %s", answer.StatusCode, answer.Request.URL)
	}
	late := l.browser()
	late.http.CheckRedirect = b.http.CheckRedirect
	b = late
	good = begin()
	l.pass(16 * time.Minute)
	if answer, _ := b.do(http.MethodGet, good, nil); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("too late: %d", answer.StatusCode)
	}
}

func TestTheProvidersRefusal(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/signin/callback" {
			q := r.URL.Query()
			q.Del("code")
			q.Set("error", "access_denied")
			q.Set("error_description", "<script>SECRET-words</script>")
			r.URL.RawQuery = q.Encode()
		}
		return nil
	}
	answer, text := b.do(http.MethodGet, "/desk", nil)
	if answer.StatusCode != http.StatusForbidden || !strings.Contains(text, "did not sign you in") || !strings.Contains(text, "access_denied") || strings.Contains(text, "SECRET") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	l.noSecrets("SECRET-words")
}

// The program starts without its identity provider, says so on the page, and signs people in once it is there.
func TestIssuerDownAtTheStart(t *testing.T) {
	l := newLab(t)
	l.idp.set(func() { l.idp.down = "/.well-known" })
	b := l.browser()
	answer, text := b.do(http.MethodGet, "/desk", nil)
	if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "cannot be reached") || answer.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	if l.guard.Reach(t.Context()) == nil {
		t.Error("it is said to be reached")
	}
	l.idp.set(func() { l.idp.down = "" })
	deadline := time.Now().Add(10 * time.Second)
	for l.guard.Reach(t.Context()) != nil {
		if time.Now().After(deadline) {
			t.Fatal("it is not asked again")
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.signIn()
}

// An issuer that calls itself otherwise than it is configured is none.
func TestAnotherIssuersMetadata(t *testing.T) {
	l := newLab(t, func(o *access.Options) { o.Issuer += "/" })
	if answer, _ := l.browser().do(http.MethodGet, "/desk", nil); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d", answer.StatusCode)
	}
}

// Who comes by another name of this machine signs in by the public one, where the cookies are, and gets where they wanted to go.
func TestAnotherNameOfThisSite(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	other := strings.Replace(l.server.URL, "127.0.0.1", "localhost", 1)
	answer, err := b.http.Get(other + "/desk?a=b")
	if err != nil {
		t.Skip("localhost is not this machine's address of the test: ", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Request.URL.String() != l.server.URL+"/desk?a=b" {
		t.Errorf("it ended at %s: %d", answer.Request.URL, answer.StatusCode)
	}
	// A proxy that changes the host leads to no circle.
	r := httptest.NewRequest(http.MethodGet, "http://inside.example/signin?here=1", nil)
	rec := httptest.NewRecorder()
	l.server.Config.Handler.ServeHTTP(rec, r)
	if !strings.HasPrefix(rec.Header().Get("Location"), l.idp.server.URL) {
		t.Errorf("%d to %s", rec.Code, rec.Header().Get("Location"))
	}
}

func TestKeyRotation(t *testing.T) {
	l := newLab(t)
	l.browser().signIn()
	l.idp.set(l.idp.rotate)
	l.browser().signIn()
}

// TestReturnTo: a sign-in leads back into this site, and nowhere else.
func TestReturnTo(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	b.signIn()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for to, want := range map[string]string{
		"/desk/upgrades?stage=invited": "/desk/upgrades?stage=invited", "/x#y": "/x#y", "": "/desk", "desk": "/desk",
		"https://evil.example": "/desk", "//evil.example": "/desk", `/\evil.example`: "/desk", `\\evil.example`: "/desk",
		"/\t/evil.example": "/desk", "/ /evil": "/desk", "javascript:alert(1)": "/desk", "/signin?to=/signin": "/desk", "/signout": "/desk",
		"/%5cevil.example": "/desk", "/%0d%0aX:y": "/desk", "http:/evil": "/desk", "/" + strings.Repeat("x", 2000): "/desk", "/%zz": "/desk",
	} {
		answer, _ := b.do(http.MethodGet, "/signin?"+url.Values{"to": {to}}.Encode(), nil)
		if got := answer.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, not %q", to, got, want)
		}
	}
}

func FuzzReturnTo(f *testing.F) {
	for _, s := range []string{"/desk", "//evil", "/.//evil.example", "/\\/x", "https:/x", "/a/../..//x", "/%2f%2fevil", "/é"} {
		f.Add(s)
	}
	l := newLab(&testing.T{})
	session := l.browser()
	session.signIn()
	cookie := session.cookie("uplift_session")
	f.Fuzz(func(t *testing.T, to string) {
		r := httptest.NewRequest(http.MethodGet, "/signin", nil)
		r.URL.RawQuery = url.Values{"to": {to}}.Encode()
		r.AddCookie(&http.Cookie{Name: "uplift_session", Value: cookie})
		r.RemoteAddr = "192.0.2.1:1"
		l.pass(time.Second) // so that nobody is asking too often
		if l.now().Sub(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)) > 50*time.Minute {
			l.pass(-50 * time.Minute)
		}
		rec := httptest.NewRecorder()
		l.server.Config.Handler.ServeHTTP(rec, r)
		if rec.Code == http.StatusTooManyRequests {
			return
		}
		base, _ := url.Parse("https://here.example/signin")
		at, err := base.Parse(rec.Header().Get("Location"))
		if rec.Code != http.StatusSeeOther || err != nil || at.Host != "here.example" || at.Scheme != "https" || strings.ContainsAny(rec.Header().Get("Location"), "\\\r\n\t ") {
			t.Errorf("%q: %d to %q", to, rec.Code, rec.Header().Get("Location"))
		}
	})
}

func TestSignInsAreCounted(t *testing.T) {
	for _, path := range []string{"/signin", "/signin/callback"} {
		l := newLab(t)
		last := 0
		for range 61 {
			rec := httptest.NewRecorder()
			l.server.Config.Handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
			last = rec.Code
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("%s may be asked without bound: %d", path, last)
		}
	}
}
