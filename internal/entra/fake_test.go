package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"uplift/upgrade"
)

const (
	contoso  = "11111111-aaaa-4aaa-8aaa-000000000001"
	fabrikam = "11111111-aaaa-4aaa-8aaa-000000000002"
	provider = "11111111-aaaa-4aaa-8aaa-000000000003"
	appID    = "22222222-bbbb-4bbb-8bbb-000000000001"
)

// reply is a scripted answer.
type reply struct {
	status int
	header map[string]string
	body   string
}

// fake is a sign-in service that answers as told, and signs id tokens.
type fake struct {
	t   *testing.T
	url string
	key *rsa.PrivateKey

	mu      sync.Mutex
	replies []reply // of the token and devicecode endpoints, in order; the last one stays
	forms   []url.Values
	gets    int
	issuer  string // of the discovery document, "" for the right one
	jwks    string // likewise
	down    bool   // discovery and keys answer 503
	now     time.Time
}

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newFake(t *testing.T, replies ...reply) *fake {
	f := &fake{t: t, key: testKey(), replies: replies, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/{endpoint}", f.answer)
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", f.discovery)
	mux.HandleFunc("GET /keys", f.keys)
	ts := httptest.NewServer(mux)
	t.Cleanup(ts.Close)
	f.url = ts.URL
	return f
}

func (f *fake) answer(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	f.mu.Lock()
	defer f.mu.Unlock()
	form := maps.Clone(r.PostForm)
	form.Set(":path", r.URL.Path)
	form.Set(":id", r.Header.Get("client-request-id"))
	f.forms = append(f.forms, form)
	next := f.replies[0]
	if len(f.replies) > 1 {
		f.replies = f.replies[1:]
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for name, value := range next.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(next.status)
	_, _ = w.Write([]byte(next.body))
}

func (f *fake) discovery(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gets++
	if f.down {
		http.Error(w, "<html>busy</html>", http.StatusServiceUnavailable)
		return
	}
	issuer, jwks := f.issuer, f.jwks
	if issuer == "" {
		issuer = f.url + "/" + r.PathValue("tenant") + "/v2.0"
	}
	if jwks == "" {
		jwks = f.url + "/keys"
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"issuer": issuer, "jwks_uri": jwks, "authorization_endpoint": f.url + "/a", "token_endpoint": f.url + "/t"})
}

func (f *fake) keys(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &f.key.PublicKey, KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
}

func (f *fake) form(i int) url.Values {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if i >= len(f.forms) {
		f.t.Fatalf("%d requests came, number %d is missing", len(f.forms), i)
	}
	return f.forms[i]
}

func (f *fake) count() int { f.mu.Lock(); defer f.mu.Unlock(); return len(f.forms) }

func (f *fake) clock() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now }

func (f *fake) advance(d time.Duration) { f.mu.Lock(); defer f.mu.Unlock(); f.now = f.now.Add(d) }

func (f *fake) client(change func(*Options)) *Client {
	f.t.Helper()
	o := Options{BaseURL: f.url + "/", ClientID: appID, ClientSecret: "the-secret", PartnerTenant: provider, Now: f.clock}
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// idToken signs claims; nil values leave the usual ones out.
func (f *fake) idToken(change map[string]any) upgrade.Secret {
	f.t.Helper()
	now := f.clock()
	claims := map[string]any{"iss": f.url + "/" + contoso + "/v2.0", "aud": appID, "tid": contoso, "oid": "o-1", "name": "Ada",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(), "sub": "s", "wids": []string{"role"}}
	for name, value := range change {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return upgrade.Secret(sign(f.t, jose.RS256, f.key, "k1", claims))
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string, claims any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// tokens is a success.
func tokens(access string, more string) reply {
	return reply{status: 200, body: fmt.Sprintf(`{"token_type":"Bearer","scope":"User.Read openid","expires_in":3599,"ext_expires_in":3599,"access_token":%q%s}`, access, more)}
}

const (
	trace       = "0d1f3c9a-2f63-4d8a-9f2d-5b7ae0a1b2c3"
	correlation = "5b7ae0a1-1111-2222-3333-444455556666"
)

// refusal is Microsoft's envelope, whose description names a person and quotes a token.
func refusal(status int, word string, n int) reply {
	codes := ""
	if n > 0 {
		codes = fmt.Sprintf(`"error_codes":[%d],`, n)
	}
	return reply{status: status, body: fmt.Sprintf(`{"error":%q,"error_description":"AADSTS%d: user ada@contoso.example sent leaky-token. Trace ID: x",%s
		"timestamp":"2026-01-05 09:00:05Z","trace_id":%q,"correlation_id":%q,"suberror":"leaky-token"}`, word, n, codes, trace, correlation)}
}

// certificate makes one with its key, as PEM.
func certificate(t *testing.T) (pemBytes []byte, leaf *x509.Certificate) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "uplift"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &testKey().PublicKey, testKey())
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(testKey())
	if err != nil {
		t.Fatal(err)
	}
	leaf, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...), leaf
}
