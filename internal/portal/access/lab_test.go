package access_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"uplift/internal/portal/access"
	"uplift/internal/portal/web"
	"uplift/internal/seal"
)

const (
	clientID     = "portal-client"
	clientSecret = "SECRET-of-the-portal"
)

// idp is an identity provider that can be made to misbehave.
type idp struct {
	t      *testing.T
	server *httptest.Server
	now    func() time.Time

	mu     sync.Mutex
	key    *rsa.PrivateKey
	kid    string
	down   string         // "" or the part of a path that is answered 503
	claims map[string]any // what every token says beside the usual; nil leaves a claim out
	sign   func(map[string]any) string
	codes  map[string]url.Values // the authorize requests
	asked  []url.Values
	issued []string // every code and token
	noID   bool
}

func newIDP(t *testing.T, now func() time.Time) *idp {
	p := &idp{t: t, now: now, claims: map[string]any{}, codes: map[string]url.Values{}}
	p.key, p.kid = firstKey(), "first"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": p.server.URL, "authorization_endpoint": p.server.URL + "/authorize",
			"token_endpoint": p.server.URL + "/token", "jwks_uri": p.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: p.kid, Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.down != "" && strings.Contains(r.URL.Path, p.down) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	return p
}

func (p *idp) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// firstKey signs at first in every lab: to make one takes a while.
var firstKey = sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// rotate takes another signing key.
func (p *idp) rotate() { p.key, p.kid = newKey(), rand.Text() }

// authorize signs everybody in at once.
func (p *idp) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.asked = append(p.asked, q)
	code := "CODE-" + rand.Text()
	p.codes[code] = q
	p.issued = append(p.issued, code)
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

// token redeems a code once, for the client and the verifier that it was made for.
func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("code")
	asked, ok := p.codes[code]
	delete(p.codes, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	user, password, basic := r.BasicAuth()
	if !basic {
		user, password = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if !ok || asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) ||
		asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") || user != clientID || password != clientSecret {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": "the code " + code})
		return
	}
	answer := map[string]any{"access_token": "opaque-SECRET", "token_type": "Bearer", "expires_in": 3600}
	if !p.noID {
		answer["id_token"] = p.make(map[string]any{"nonce": asked.Get("nonce")})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// make makes a token of the usual claims and those given; the lab's own overrule both.
func (p *idp) make(given map[string]any) string {
	now := p.now()
	claims := map[string]any{"iss": p.server.URL, "aud": clientID, "sub": "pairwise", "oid": "oid-1", "iat": now.Unix(), "nbf": now.Unix(),
		"exp": now.Add(time.Hour).Unix(), "preferred_username": "olga@provider.example", "name": "Olga", "roles": []string{"operator"}}
	maps.Copy(claims, given)
	maps.Copy(claims, p.claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	var token string
	if p.sign != nil {
		token = p.sign(claims)
	} else {
		token = signed(p.t, jose.RS256, jose.JSONWebKey{Key: p.key, KeyID: p.kid}, claims)
	}
	p.issued = append(p.issued, token)
	return token
}

// access is an access token.
func (p *idp) access(given map[string]any) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.make(given)
}

func signed(t *testing.T, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// unsigned is a token with the algorithm none.
func unsigned(claims map[string]any) string {
	payload, _ := json.Marshal(claims)
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
}

// lab is a portal of a few routes behind a guard, with the identity provider.
type lab struct {
	*testing.T
	idp    *idp
	guard  *access.Guard
	server *httptest.Server
	log    bytes.Buffer

	mu  sync.Mutex
	at  time.Time
	who access.Who // of the last request that reached a handler
	did int        // posts that reached their handler
}

func (l *lab) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

func (l *lab) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = l.at.Add(d)
}

func newLab(t *testing.T, change ...func(*access.Options)) *lab {
	l := &lab{T: t, at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	l.idp = newIDP(t, l.now)
	var handler http.Handler
	l.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(l.server.Close)
	o := access.Options{Issuer: l.idp.server.URL, ClientID: clientID, ClientSecret: clientSecret, RedirectURL: l.server.URL + access.CallbackPath,
		Sealer: seal.Dev("link"), Home: "/desk", Now: l.now, Log: slog.New(slog.NewTextHandler(&l.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Provider: web.Provider{Name: "Example Cloud", Support: "help@example.com"}}
	for _, c := range change {
		c(&o)
	}
	l.guard = access.New(o)
	mux := http.NewServeMux()
	for _, r := range append(l.guard.Routes(), l.routes()...) {
		mux.Handle(r.Pattern, l.guard.Enforce(r))
	}
	handler = web.Headers(mux)
	return l
}

func (l *lab) routes() []access.Route {
	reached := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := access.FormToken(r.Context())
		l.mu.Lock()
		defer l.mu.Unlock()
		l.who, _ = access.From(r.Context())
		if r.Method == http.MethodPost {
			l.did++
		}
		_, _ = io.WriteString(w, "token="+token)
	})
	rule := func(d access.Door, roles ...access.Role) access.Rule { return access.Rule{Door: d, Roles: roles} }
	return []access.Route{
		{Pattern: "GET /desk", Rule: rule(access.Pages, access.Roles()...), Handler: reached},
		{Pattern: "POST /desk/do", Rule: rule(access.Pages, access.Operator, access.Reseller), Handler: reached, MaxBody: 2000},
		{Pattern: "GET /v1/things", Rule: rule(access.API, access.Billing, access.Operator), Handler: reached},
		{Pattern: "POST /v1/things", Rule: rule(access.API, access.Billing, access.Operator), Handler: reached},
	}
}

// browser is one browser.
type browser struct {
	*lab
	http *http.Client
	form string // the token of the last page
}

func (l *lab) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{lab: l, http: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

// do makes a request; headers are name, value, ….
func (b *browser) do(method, path string, form url.Values, headers ...string) (*http.Response, string) {
	b.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, b.server.URL+path, body)
	if err != nil {
		b.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.http.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if token, ok := strings.CutPrefix(string(text), "token="); ok && token != "" {
		b.form = token
	}
	return answer, string(text)
}

// cookie is the value of the browser's cookie of a name.
func (b *browser) cookie(name string) string {
	u, _ := url.Parse(b.server.URL)
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) setCookie(name, value string) {
	u, _ := url.Parse(b.server.URL)
	b.http.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// signIn goes to a page by way of the identity provider.
func (b *browser) signIn() {
	b.Helper()
	answer, text := b.do(http.MethodGet, "/desk", nil)
	if answer.StatusCode != http.StatusOK || b.form == "" {
		b.Fatalf("the sign-in ended at %s: %d %s", answer.Request.URL, answer.StatusCode, text)
	}
}

// posts sends the form with a token, and tells the status and whether it was carried out.
func (b *browser) posts(token string, headers ...string) (status int, done bool) {
	b.Helper()
	before := b.did
	answer, _ := b.do(http.MethodPost, "/desk/do", url.Values{access.FormField: {token}, "x": {"y"}}, headers...)
	return answer.StatusCode, b.did > before
}

// noSecrets holds the log to what may stand in it.
func (l *lab) noSecrets(more ...string) {
	l.Helper()
	l.idp.mu.Lock()
	defer l.idp.mu.Unlock()
	for _, secret := range append(append(l.idp.issued, clientSecret, "opaque-SECRET"), more...) {
		if secret != "" && strings.Contains(l.log.String(), secret) {
			l.Errorf("the log has a secret, %.30s…:\n%s", secret, l.log.String())
		}
	}
}
