package access_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"uplift/internal/portal/access"
)

// Without an identity provider only this machine is let in, and no web page that a browser on it shows.
func TestThisMachineOnly(t *testing.T) {
	l := newLab(t, func(o *access.Options) { o.Issuer = "" })
	ask := func(method, path, peer, host string, form url.Values, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://"+host+path, strings.NewReader(form.Encode()))
		r.RemoteAddr = peer
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		l.who = access.Who{}
		rec := httptest.NewRecorder()
		l.server.Config.Handler.ServeHTTP(rec, r)
		return rec
	}
	page := ask(http.MethodGet, "/desk", "127.0.0.1:5000", "127.0.0.1:8080", nil)
	token, ok := strings.CutPrefix(page.Body.String(), "token=")
	if page.Code != 200 || !ok || token == "" || !l.who.Local || !l.who.Has(access.Operator) || !l.who.Has(access.Engineer) || !l.who.Has(access.Billing) || l.who.By() != "local" {
		t.Fatalf("%d %s %+v", page.Code, page.Body, l.who)
	}
	for name, c := range map[string]struct {
		peer, host string
		headers    []string
		in         bool
	}{
		"this machine":       {"127.0.0.1:1", "localhost:8080", nil, true},
		"by the new address": {"[::1]:1", "[::1]:8080", nil, true},
		"another machine":    {"192.0.2.7:1", "127.0.0.1:8080", nil, false},
		"a public name":      {"127.0.0.1:1", "upgrades.example.com", nil, false},
		"a rebound name":     {"127.0.0.1:1", "127.0.0.1.evil.example", nil, false},
		"forwarded":          {"127.0.0.1:1", "127.0.0.1", []string{"X-Forwarded-For", "127.0.0.1"}, false},
		"forwarded, too":     {"127.0.0.1:1", "127.0.0.1", []string{"Forwarded", "for=127.0.0.1"}, false},
		"via a proxy":        {"127.0.0.1:1", "127.0.0.1", []string{"Via", "1.1 x"}, false},
		"a real address":     {"127.0.0.1:1", "127.0.0.1", []string{"X-Real-Ip", "127.0.0.1"}, false},
		"a forwarded port":   {"127.0.0.1:1", "127.0.0.1", []string{"X-Forwarded-Port", "443"}, false},
	} {
		for _, path := range []string{"/desk", "/v1/things"} {
			rec := ask(http.MethodGet, path, c.peer, c.host, nil, c.headers...)
			if (rec.Code == 200) != c.in || (l.who.Subject != "") != c.in || !c.in && rec.Code != http.StatusForbidden {
				t.Errorf("%s, %s: %d", name, path, rec.Code)
			}
		}
	}
	var p access.Problem
	if rec := ask(http.MethodGet, "/v1/things", "192.0.2.7:1", "127.0.0.1", nil); json.Unmarshal(rec.Body.Bytes(), &p) != nil || p.Code != "this_machine_only" {
		t.Errorf("%s", rec.Body)
	}
	if rec := ask(http.MethodGet, "/desk", "192.0.2.7:1", "127.0.0.1", nil); !strings.Contains(rec.Body.String(), "-oidc-issuer") {
		t.Errorf("%s", rec.Body)
	}
	const peer, host = "127.0.0.1:1", "127.0.0.1:8080"
	for name, c := range map[string]struct {
		path    string
		token   string
		headers []string
		status  int
	}{
		"a form of ours":               {"/desk/do", token, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"a form without a token":       {"/desk/do", "", nil, 403},
		"a made-up token":              {"/desk/do", "AAAA", nil, 403},
		"a form of another site":       {"/desk/do", token, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a program":                    {"/v1/things", "", nil, 200},
		"a page of another site":       {"/v1/things", "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a page of another origin":     {"/v1/things", "", []string{"Origin", "http://localhost:3000"}, 403},
		"a page from an opaque origin": {"/v1/things", "", []string{"Origin", "null"}, 403},
	} {
		if rec := ask(http.MethodPost, c.path, peer, host, url.Values{access.FormField: {c.token}}, c.headers...); rec.Code != c.status {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
	l.pass(access.SessionLife)
	if rec := ask(http.MethodPost, "/desk/do", peer, host, url.Values{access.FormField: {token}}); rec.Code != 403 {
		t.Errorf("a form of yesterday: %d", rec.Code)
	}
	for _, path := range []string{"/signin", "/signin/callback", "/signedout"} {
		if rec := ask(http.MethodGet, path, peer, host, nil); rec.Code != 404 {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}
