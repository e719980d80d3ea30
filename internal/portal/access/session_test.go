package access_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"uplift/internal/portal/access"
	"uplift/internal/seal"
	"uplift/upgrade"
)

// opens tells whether the page opens without another sign-in.
func (b *browser) opens(headers ...string) bool {
	b.Helper()
	before := len(b.idp.asked)
	answer, _ := b.do(http.MethodGet, "/desk", nil, headers...)
	return answer.StatusCode == http.StatusOK && len(b.idp.asked) == before
}

func TestSessionsEnd(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	b.signIn()
	l.pass(access.SessionIdle - time.Second)
	if !b.opens() {
		t.Error("it ended before an idle hour was over")
	}
	l.pass(access.SessionIdle - time.Second)
	if !b.opens() {
		t.Error("use does not prolong it")
	}
	l.pass(access.SessionIdle)
	if b.opens() {
		t.Error("it outlives an idle hour")
	}
	// However much it is used, it ends.
	b = l.browser()
	b.signIn()
	for range 15 {
		l.pass(access.SessionLife / 16)
		if !b.opens() {
			t.Fatal("it ended while it was used")
		}
	}
	l.pass(access.SessionLife / 16)
	if b.opens() {
		t.Error("it has no end")
	}
	// What an open page fetches by itself keeps no session alive, and is led to no sign-in.
	b = l.browser()
	b.signIn()
	for range 3 {
		l.pass(access.SessionIdle / 3)
		answer, _ := b.do(http.MethodGet, "/desk", nil, "Sec-Fetch-Mode", "cors")
		if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%d", answer.StatusCode)
		}
	}
	if answer, _ := b.do(http.MethodGet, "/desk", nil, "Sec-Fetch-Mode", "cors"); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a page that only refreshes itself keeps its session: %d", answer.StatusCode)
	}
}

// A cookie that we did not seal, or sealed for something else, is none; and one of the past or the future is none either.
func TestForgedSessions(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	b.signIn()
	good := b.cookie("uplift_session")
	sealed := func(context, plain string) string {
		data, err := seal.Dev("link").Seal(upgrade.Secret(plain), context)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	session := func(change map[string]any) string {
		s := map[string]any{"id": "i", "subject": "s", "roles": []string{"operator"}, "form": "f", "began": l.now(), "seen": l.now()}
		for k, v := range change {
			s[k] = v
		}
		data, _ := json.Marshal(s)
		return string(data)
	}
	b.setCookie("uplift_session", sealed("portal-session", session(nil)))
	if !b.opens() {
		t.Fatal("the pattern of a good session is refused")
	}
	for name, value := range map[string]string{
		"tampered":          good[:len(good)-6] + "AAAAAA",
		"cut":               good[:len(good)/2],
		"plain":             base64.RawURLEncoding.EncodeToString([]byte(session(nil))),
		"empty":             "",
		"of a visit":        sealed("portal-signin", session(nil)),
		"of the consent":    sealed("consent-visit", session(nil)),
		"no JSON":           sealed("portal-session", "operator"),
		"without an id":     sealed("portal-session", session(map[string]any{"id": ""})),
		"without a form":    sealed("portal-session", session(map[string]any{"form": ""})),
		"of the future":     sealed("portal-session", session(map[string]any{"began": l.now().Add(time.Minute), "seen": l.now().Add(time.Minute)})),
		"seen tomorrow":     sealed("portal-session", session(map[string]any{"seen": l.now().Add(24 * time.Hour)})),
		"of yesterday":      sealed("portal-session", session(map[string]any{"began": l.now().Add(-24 * time.Hour)})),
		"without a role":    sealed("portal-session", session(map[string]any{"roles": []string{}})),
		"with another role": sealed("portal-session", session(map[string]any{"roles": []string{"root"}})),
	} {
		r := httptest.NewRequest(http.MethodGet, "/desk", nil)
		r.AddCookie(&http.Cookie{Name: "uplift_session", Value: value})
		rec := httptest.NewRecorder()
		l.server.Config.Handler.ServeHTTP(rec, r)
		if rec.Code == http.StatusOK {
			t.Errorf("%s: it opens the page", name)
		}
	}
}

// TestForms: a form counts for the session whose page carried it, sent from a page of ours.
func TestForms(t *testing.T) {
	l := newLab(t)
	b, other := l.browser(), l.browser()
	b.signIn()
	other.signIn()
	first := b.form
	if b.opens(); b.form == first {
		t.Error("two pages carry the same token")
	}
	for name, c := range map[string]struct {
		token   string
		headers []string
		status  int
	}{
		"this page's":              {b.form, nil, 200},
		"an earlier page's":        {first, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"no token":                 {"", nil, 403},
		"another session's":        {other.form, nil, 403},
		"a changed one":            {b.form[:len(b.form)-4] + "AAAA", nil, 403},
		"half of one":              {b.form[:len(b.form)/2], nil, 403},
		"nothing of base64":        {"***", nil, 403},
		"of zeros":                 {base64.RawURLEncoding.EncodeToString(make([]byte, 52)), nil, 403},
		"of another site":          {b.form, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"of a sibling site":        {b.form, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"of another origin":        {b.form, []string{"Origin", "https://evil.example"}, 403},
		"of an opaque origin":      {b.form, []string{"Origin", "null"}, 403},
		"without a session at all": {b.form, []string{"Cookie", "x=y"}, 401},
	} {
		from := b
		if name == "without a session at all" {
			from = l.browser()
		}
		if status, done := from.posts(c.token, c.headers...); status != c.status || done != (c.status == 200) {
			t.Errorf("%s: %d, carried out %t", name, status, done)
		}
	}
	if answer, text := b.do(http.MethodPost, "/desk/do", url.Values{}); answer.StatusCode != 403 || !strings.Contains(text, "out of date") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	l.noSecrets(b.form, first)
}

func TestBodiesOfForms(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	b.signIn()
	send := func(kind, body string) (int, bool) {
		r := httptest.NewRequest(http.MethodPost, "/desk/do", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.AddCookie(&http.Cookie{Name: "uplift_session", Value: b.cookie("uplift_session")})
		rec, before := httptest.NewRecorder(), l.did
		l.server.Config.Handler.ServeHTTP(rec, r)
		return rec.Code, l.did > before
	}
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	_ = w.WriteField(access.FormField, b.form)
	file, _ := w.CreateFormFile("prices", "prices.csv")
	_, _ = file.Write([]byte("a,b\n"))
	_ = w.Close()
	const form = "application/x-www-form-urlencoded"
	token := url.Values{access.FormField: {b.form}}.Encode()
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"a form": {form, token, 200}, "with a file": {w.FormDataContentType(), parts.String(), 200}, "JSON": {"application/json", `{"csrf":"` + b.form + `"}`, 415},
		"text": {"text/plain", token, 415}, "no type": {"", token, 415}, "malformed": {form, token + "&x=%zz", 400},
		"too large": {form, token + "&x=" + strings.Repeat("x", 2000), 413}, "parts without end": {"multipart/form-data; boundary=x", "--x\r\n", 403},
		"too large, in parts": {w.FormDataContentType(), parts.String() + strings.Repeat("x", 3000), 413},
	} {
		if status, done := send(c.kind, c.body); status != c.status || done != (status == 200) {
			t.Errorf("%s: %d, carried out %t", name, status, done)
		}
	}
}

// Another person who signs in in the same browser takes nothing over, and the first one's session is over.
func TestAnotherPersonInTheSameBrowser(t *testing.T) {
	l := newLab(t)
	b := l.browser()
	b.signIn()
	cookie, form := b.cookie("uplift_session"), b.form
	l.idp.set(func() { l.idp.claims["oid"], l.idp.claims["roles"] = "oid-2", "helpdesk" })
	if answer, _ := b.do(http.MethodGet, "/signin?other=1&to=/desk", nil); answer.StatusCode != http.StatusOK || l.who.Subject != "oid-2" {
		t.Fatalf("%d %+v", answer.StatusCode, l.who)
	}
	if l.idp.asked[len(l.idp.asked)-1].Get("prompt") != "select_account" {
		t.Error("the account is not asked for")
	}
	if status, done := b.posts(b.form); status != http.StatusForbidden || done {
		t.Errorf("the helpdesk may do what operators may: %d", status)
	}
	b.setCookie("uplift_session", cookie)
	if status, done := b.posts(form); status != http.StatusUnauthorized || done {
		t.Errorf("the first session goes on: %d", status)
	}
}
