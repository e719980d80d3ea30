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
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"uplift/internal/sim/entra"
)

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

// idClaims verifies an id token as a client does: discovery, keys, signature.
func (l *lab) idClaims(raw, tenant string) map[string]any {
	l.t.Helper()
	var metadata struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	l.fetch(l.url+"/"+tenant+"/v2.0/.well-known/openid-configuration", &metadata)
	var keys jose.JSONWebKeySet
	l.fetch(metadata.JWKSURI, &keys)
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		l.t.Fatal(err)
	}
	claims := map[string]any{}
	if err := token.Claims(keys, &claims); err != nil {
		l.t.Fatal(err)
	}
	if claims["iss"] != metadata.Issuer || claims["aud"] != appID || claims["tid"] != tenant {
		l.t.Fatalf("claims %v, issuer %s", claims, metadata.Issuer)
	}
	return claims
}

func (l *lab) fetch(address string, into any) {
	l.t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if err := json.Unmarshal(body, into); err != nil {
		l.t.Fatalf("%s: %s", address, body)
	}
}
