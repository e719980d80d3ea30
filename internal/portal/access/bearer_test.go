package access_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"uplift/internal/portal/access"
)

// call makes a request to the API with an Authorization header, and reads the problem.
func (l *lab) call(authorization string, headers ...string) (*httptest.ResponseRecorder, access.Problem) {
	l.Helper()
	l.who = access.Who{}
	r := httptest.NewRequest(http.MethodGet, "/v1/things", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	l.server.Config.Handler.ServeHTTP(rec, r)
	var p access.Problem
	if rec.Code != http.StatusOK && json.Unmarshal(rec.Body.Bytes(), &p) != nil {
		l.Errorf("no problem details: %s", rec.Body)
	}
	return rec, p
}

func TestBearerTokens(t *testing.T) {
	l := newLab(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	billing := map[string]any{"azp": "billing-app", "preferred_username": nil, "name": nil, "roles": []string{"billing"}}
	with := func(change map[string]any) string {
		claims := map[string]any{}
		for k, v := range billing {
			claims[k] = v
		}
		for k, v := range change {
			claims[k] = v
		}
		return l.idp.access(claims)
	}
	good := with(nil)
	raw := func() map[string]any {
		return map[string]any{"iss": l.idp.server.URL, "aud": clientID, "oid": "x", "exp": l.now().Unix() + 600, "iat": l.now().Unix(), "roles": []string{"billing"}}
	}
	b := l.browser()
	b.signIn()
	for name, c := range map[string]struct {
		authorization, code string
		status              int
		headers             []string
	}{
		"good":                    {"Bearer " + good, "", 200, nil},
		"in lower case":           {"bearer  " + good, "", 200, nil},
		"a person's access token": {"Bearer " + l.idp.access(nil), "", 200, nil},
		"nothing":                 {"", "no_token", 401, nil},
		"a session's cookie":      {"", "no_token", 401, []string{"Cookie", "uplift_session=" + b.cookie("uplift_session")}},
		"basic":                   {"Basic " + good, "no_token", 401, nil},
		"no word":                 {good, "no_token", 401, nil},
		"an empty one":            {"Bearer ", "no_token", 401, nil},
		"two":                     {"Bearer " + good, "no_token", 401, []string{"Authorization", "Bearer " + good}},
		"too long":                {"Bearer " + strings.Repeat("x", 20<<10), "no_token", 401, nil},
		"no JWT":                  {"Bearer x.y.z", "token_invalid", 401, nil},
		"expired":                 {"Bearer " + with(map[string]any{"exp": l.now().Unix() - 1}), "token_expired", 401, nil},
		"not yet valid":           {"Bearer " + with(map[string]any{"nbf": l.now().Unix() + 3600}), "token_invalid", 401, nil},
		"another audience":        {"Bearer " + with(map[string]any{"aud": "https://graph.microsoft.com"}), "token_invalid", 401, nil},
		"another issuer":          {"Bearer " + with(map[string]any{"iss": "https://sts.windows.net/x/"}), "token_invalid", 401, nil},
		"names nobody":            {"Bearer " + with(map[string]any{"oid": nil, "sub": nil}), "token_invalid", 401, nil},
		"an id token":             {"Bearer " + with(map[string]any{"nonce": "n"}), "token_invalid", 401, nil},
		"algorithm none":          {"Bearer " + unsigned(raw()), "token_invalid", 401, nil},
		"a wrong key":             {"Bearer " + signed(t, jose.RS256, jose.JSONWebKey{Key: other, KeyID: l.idp.kid}, raw()), "token_invalid", 401, nil},
		"a key of nobody":         {"Bearer " + signed(t, jose.RS256, jose.JSONWebKey{Key: other, KeyID: "x"}, raw()), "token_invalid", 401, nil},
		"signed with a secret":    {"Bearer " + signed(t, jose.HS256, []byte(strings.Repeat(clientSecret, 3)), raw()), "token_invalid", 401, nil},
		"a changed one":           {"Bearer " + good[:len(good)-8] + "AAAAAAAA", "token_invalid", 401, nil},
		"without a role":          {"Bearer " + with(map[string]any{"roles": nil}), "role_missing", 403, nil},
		"with another role":       {"Bearer " + with(map[string]any{"roles": []string{"engineer"}}), "role_missing", 403, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l.T = t
			rec, p := l.call(c.authorization, c.headers...)
			if rec.Code != c.status || p.Code != c.code || (l.who.Subject != "") != (c.status == 200) {
				t.Errorf("%d %s, reached by %q", rec.Code, rec.Body, l.who.Subject)
			}
			challenge := rec.Header().Get("WWW-Authenticate")
			switch {
			case c.status == 200:
			case rec.Header().Get("Content-Type") != "application/problem+json" || p.Title == "" || p.Status != c.status || p.Type != "about:blank":
				t.Errorf("%v %s", rec.Header(), rec.Body)
			case c.code == "no_token" && challenge != `Bearer realm="uplift"`,
				strings.HasPrefix(c.code, "token_") && challenge != `Bearer realm="uplift", error="invalid_token"`,
				c.code == "role_missing" && challenge != `Bearer realm="uplift", error="insufficient_scope"`:
				t.Errorf("%s: the challenge is %s", c.code, challenge)
			}
		})
	}
	l.T = t
	if l.call("Bearer " + good); l.who.Name != "billing-app" || l.who.Subject != "oid-1" {
		t.Errorf("%+v", l.who)
	}
	l.noSecrets(b.cookie("uplift_session"))
}

func TestAudienceIsASetting(t *testing.T) {
	l := newLab(t, func(o *access.Options) { o.Audience = "api://uplift" })
	if rec, _ := l.call("Bearer " + l.idp.access(map[string]any{"aud": []string{"x", "api://uplift"}})); rec.Code != 200 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec, _ := l.call("Bearer " + l.idp.access(nil)); rec.Code != 401 {
		t.Errorf("a token for the sign-in opens the API: %d", rec.Code)
	}
}

// A token is not refused because the issuer's keys cannot be had: who calls shall try again, and not think it bad.
func TestIssuerDownForTheAPI(t *testing.T) {
	for _, part := range []string{"/keys", "/.well-known"} {
		l := newLab(t)
		l.idp.set(func() { l.idp.down = part })
		rec, p := l.call("Bearer " + l.idp.access(nil))
		if rec.Code != http.StatusServiceUnavailable || p.Code != "issuer_unreachable" || rec.Header().Get("Retry-After") == "" || rec.Header().Get("WWW-Authenticate") != "" {
			t.Errorf("%s: %d %s", part, rec.Code, rec.Body)
		}
	}
}

func TestKeyRotationForTheAPI(t *testing.T) {
	l := newLab(t)
	old := "Bearer " + l.idp.access(nil)
	if rec, _ := l.call(old); rec.Code != 200 {
		t.Fatalf("%d", rec.Code)
	}
	l.idp.set(l.idp.rotate)
	if rec, _ := l.call("Bearer " + l.idp.access(nil)); rec.Code != 200 {
		t.Errorf("the new key's: %d %s", rec.Code, rec.Body)
	}
	// The library answers with the new keys a moment before it forgets the old ones.
	code := 0
	for range 200 {
		if rec, _ := l.call(old); rec.Code != 200 {
			code = rec.Code
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if code != 401 {
		t.Errorf("the old key's, which the issuer publishes no more: %d", code)
	}
}

// Whoever tries tokens is told to wait, and cannot make us ask the issuer without end; who has a good one is let in all the while.
func TestFailuresAreCounted(t *testing.T) {
	l := newLab(t)
	good := "Bearer " + l.idp.access(nil)
	if rec, _ := l.call(good); rec.Code != 200 {
		t.Fatal(rec.Code)
	}
	last := 0
	for range 70 {
		rec, _ := l.call("Bearer " + good[7:len(good)-8] + "AAAAAAAA")
		last = rec.Code
	}
	if last != http.StatusTooManyRequests && last != http.StatusServiceUnavailable {
		t.Errorf("%d", last)
	}
	if rec, _ := l.call(good); rec.Code != 200 {
		t.Errorf("a good token: %d", rec.Code)
	}
}
