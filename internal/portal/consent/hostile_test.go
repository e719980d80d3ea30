package consent_test

import (
	"encoding/base64"
	"encoding/json"
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

// TestBoundsOfPosts lists what a post may be, at each of the three places that take one.
func TestBoundsOfPosts(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"as browsers send it":     {form, "reason=x", http.StatusSeeOther},
		"with a charset":          {form + "; charset=utf-8", "reason=x", http.StatusSeeOther},
		"nothing":                 {"", "", http.StatusSeeOther},
		"an empty form":           {form, "", http.StatusSeeOther},
		"as large as may be":      {form, "reason=" + strings.Repeat("x", 16<<10-7), http.StatusSeeOther},
		"too large by one":        {form, "reason=" + strings.Repeat("x", 16<<10-6), http.StatusRequestEntityTooLarge},
		"far too large":           {form, "reason=" + strings.Repeat("x", 5<<20), http.StatusRequestEntityTooLarge},
		"malformed":               {form, "reason=%zz", http.StatusBadRequest},
		"JSON":                    {"application/json", `{"reason":"x"}`, http.StatusUnsupportedMediaType},
		"text":                    {"text/plain", "reason=x", http.StatusUnsupportedMediaType},
		"parts":                   {"multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType},
		"a body of no type":       {"-", "reason=x", http.StatusUnsupportedMediaType},
		"a type that is none":     {"a/b/c;;", "reason=x", http.StatusUnsupportedMediaType},
		"large and of no type":    {"-", strings.Repeat("x", 5<<20), http.StatusUnsupportedMediaType},
		"another type, but empty": {"application/json", "", http.StatusUnsupportedMediaType},
	} {
		for _, path := range []string{"/start", "/decline", "/admin"} {
			b := newBrowser(t)
			r := httptest.NewRequest(http.MethodPost, target+path, strings.NewReader(c.body))
			if c.kind != "" && c.kind != "-" {
				r.Header.Set("Content-Type", c.kind)
			}
			rec := httptest.NewRecorder()
			b.handler.ServeHTTP(rec, r)
			if rec.Code != c.status {
				t.Errorf("%s to %s: %d, not %d", name, path, rec.Code, c.status)
			}
			if c.status >= 400 && (b.asked() || rec.Header().Get("Set-Cookie") != "") {
				t.Errorf("%s to %s: something was done", name, path)
			}
		}
	}
}

// A browser keeps a visit in its cookie; the visits below are sealed with the right keys, and wrong.
func cookieOf(t testing.TB, plain string) string {
	sealed, err := seal.Dev("link").Seal(upgrade.Secret(plain), "consent-visit")
	if err != nil {
		t.Fatal(err)
	}
	return "uplift_visit=" + base64.RawURLEncoding.EncodeToString(sealed)
}

// FuzzCallback: anybody may call the address to which Microsoft sends browsers, with any query and any cookie. Without a visit
// of this browser's that bears the state, nothing is asked or claimed; with one, only what Microsoft's consent page says
// makes a claim, once, and every redirect leads to our own page or to Microsoft's sign-in. Nothing of the query comes back.
func FuzzCallback(f *testing.F) {
	visit := func(change map[string]any) string {
		v := map[string]any{"link": token, "state": "s-1", "nonce": "n", "verifier": "v", "until": now.Add(time.Minute)}
		for name, value := range change {
			v[name] = value
		}
		data, _ := json.Marshal(v)
		return string(data)
	}
	f.Add("state=s-1&code=c", visit(nil), true)
	f.Add("state=s-1&admin_consent=True&tenant="+tenant, visit(map[string]any{"consenting": true}), true)
	f.Add("state=s-1&admin_consent=True&tenant=other", visit(map[string]any{"consenting": true}), true)
	f.Add("state=s-1&error=access_denied&error_description=%3Cscript%3E", visit(nil), true)
	f.Add("state=&code=c", visit(map[string]any{"state": ""}), true)
	f.Add("state=s-1&code=c", visit(map[string]any{"link": "another"}), true)
	f.Add("state=s-1&code=c", visit(map[string]any{"until": now.Add(-time.Minute)}), true)
	f.Add("state=s-1&state=s-2&code=%0d%0aX:y", `{"link":7}`, true)
	f.Add("state=s-1&code=c", "uplift_visit=AAAA", false)
	f.Fuzz(func(t *testing.T, query, cookie string, sealed bool) {
		if strings.ContainsAny(query, " \r\n\x00#") {
			return // no server hands on such a request line
		}
		address, err := url.Parse(consent.CallbackPath)
		if err != nil {
			t.Fatal(err)
		}
		address.RawQuery = query
		b := &browser{t: &testing.T{}, now: now, ms: &microsoft{verifier: "v", who: upgrade.Identity{Tenant: tenant, Name: "Ada", Roles: []string{administrator}, RolesSaid: true}}}
		b.world = newWorld(func(o *consent.Options) {
			o.Admin, o.Sealer, o.Secure, o.Now = b.ms, seal.Dev("link"), true, func() time.Time { return now }
		})
		b.status.Tenant = tenant
		var said struct {
			Link       string    `json:"link"`
			State      string    `json:"state"`
			Until      time.Time `json:"until"`
			Consenting bool      `json:"consenting"`
		}
		mine := false
		header := cookie
		if sealed {
			header = cookieOf(t, cookie)
			mine = json.Unmarshal([]byte(cookie), &said) == nil && said.State != "" && address.Query().Get("state") == said.State && now.Before(said.Until)
		}
		ask := func() *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodGet, consent.CallbackPath, nil)
			r.URL.RawQuery = query
			r.Header.Set("Cookie", header)
			rec := httptest.NewRecorder()
			b.handler.ServeHTTP(rec, r)
			return rec
		}
		rec := ask()
		to, _ := url.Parse(rec.Header().Get("Location"))
		switch {
		case !mine && (rec.Code != http.StatusBadRequest || b.asked() || b.ms.redeemed > 0):
			t.Errorf("%d, though it belongs to no visit; %v", rec.Code, b.consents)
		case mine && said.Link != token && (rec.Code != http.StatusNotFound || b.asked()):
			t.Errorf("%d for a link that nobody made", rec.Code)
		case len(b.consents) > 0 && (!said.Consenting || address.Query().Get("error") != ""):
			t.Errorf("a claim was made of %q", query)
		case rec.Code == http.StatusSeeOther && to.Host != "login.example" && (to.Host != "" || !strings.HasPrefix(to.Path, target)):
			t.Errorf("it leads to %s", to)
		case rec.Code >= 500:
			t.Errorf("%d", rec.Code)
		}
		for _, c := range []string{"code", "error_description"} {
			if value := address.Query().Get(c); len(value) > 12 && strings.Contains(rec.Body.String()+rec.Header().Get("Location")+b.log.String(), value) {
				t.Errorf("%s comes back: %q", c, value)
			}
		}
		before := len(b.consents)
		if ask(); len(b.consents) != before || b.ms.redeemed > 1 {
			t.Error("an answer was taken twice")
		}
	})
}

// FuzzLinkPaths: whatever stands in the place of the link's token, no page is shown by it but the one for a link that nobody
// made, and nothing is asked.
func FuzzLinkPaths(f *testing.F) {
	for _, s := range []string{"x", "../healthz", token + "x", "%00", strings.Repeat("A", 5000), "<script>", token + "/../" + token} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == token {
			return
		}
		w := newWorld()
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequest(method, "/consent/x", nil)
			r.URL.Path = "/consent/" + s
			if method == http.MethodPost {
				r.URL.Path += "/start"
			}
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			if strings.Contains(rec.Body.String(), "<script>") || w.asked() || len(w.ids) > 0 && !strings.Contains(r.URL.Path, token) {
				t.Errorf("%s %q: %d, %v", method, r.URL.Path, rec.Code, w.ids)
			}
		}
	})
}
