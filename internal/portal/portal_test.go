package portal_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/internal/portal"
	"uplift/upgrade"
)

const (
	token  = "tok-SECRET-0123456789"
	target = "/consent/" + token
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fake is one upgrade, and what the page asked of it.
type fake struct {
	mu       sync.Mutex
	status   upgrade.Status
	err      error // of Status
	startErr error
	started  []upgrade.StartAuthentication
	consents []upgrade.Consent
	ids      map[string]bool
}

func (f *fake) Status(_ context.Context, id string) (upgrade.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[id] = true
	return f.status, f.err
}

func (f *fake) StartAuthentication(_ context.Context, id string, in upgrade.StartAuthentication) (upgrade.Authentication, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[id] = true
	if f.startErr != nil {
		return upgrade.Authentication{}, f.startErr
	}
	f.started = append(f.started, in)
	f.status.Invitation.Code = code()
	return *f.status.Invitation.Code, nil
}

func (f *fake) Consent(_ context.Context, id string, c upgrade.Consent) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[id] = true
	f.consents = append(f.consents, c)
	f.status.Stage, f.status.End = upgrade.Ended, upgrade.Declined
	return nil
}

func (f *fake) set(change func(*upgrade.Status)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.status)
}

// asked tells whether anything was asked that changes the upgrade.
func (f *fake) asked() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.started)+len(f.consents) > 0
}

func code() *upgrade.Authentication {
	return &upgrade.Authentication{UserCode: "ABCD-1234", VerificationURI: "https://login.example/device",
		ExpiresAt: now.Add(15 * time.Minute), Invitation: 2}
}

// links knows one token: the second invitation of an upgrade whose id is no order's.
type links struct{}

func (links) Parse(t string) (string, int, error) {
	if t != token {
		return "", 0, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_link"}
	}
	return "somebody's own id", 2, nil
}

func invited() upgrade.Status {
	return upgrade.Status{
		Order: "A-1", Customer: "Contoso <GmbH>", Headline: "Business Basic ×20 → Business Premium ×25", Stage: upgrade.Invited,
		Invitation:  &upgrade.Invitation{Number: 2, SentAt: now.Add(-time.Hour), Deadline: now.Add(time.Hour)},
		Gains:       []string{"Intune"},
		Permissions: []string{"LicenseAssignment.ReadWrite.All", "Something.New"},
	}
}

type world struct {
	*fake
	handler http.Handler
	log     bytes.Buffer
}

func newWorld(change ...func(*portal.Options)) *world {
	w := &world{fake: &fake{status: invited(), ids: map[string]bool{}}}
	o := portal.Options{
		Upgrades: w.fake, Links: links{}, Provider: portal.Provider{Name: "Example Cloud", Support: "help@example.com"},
		Log: slog.New(slog.NewTextHandler(&w.log, nil)), Now: func() time.Time { return now }, Every: 5 * time.Millisecond,
	}
	for _, c := range change {
		c(&o)
	}
	w.handler = portal.New(o)
	return w
}

func (w *world) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

func (w *world) get(path string) *httptest.ResponseRecorder {
	return w.do(http.MethodGet, path, "")
}

func contains(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(body, s) {
			t.Errorf("the page lacks %q:\n%s", s, body)
		}
	}
}

func TestEachStateHasItsPage(t *testing.T) {
	ended := func(e upgrade.End) func(*upgrade.Status) {
		return func(s *upgrade.Status) { s.Stage, s.End = upgrade.Ended, e }
	}
	at := func(stage upgrade.Stage) func(*upgrade.Status) {
		return func(s *upgrade.Status) { s.Stage = stage }
	}
	for name, c := range map[string]struct {
		change func(*upgrade.Status)
		code   int
		texts  []string
	}{
		"offer": {func(*upgrade.Status) {}, 200, []string{"Example Cloud asks for your consent", "Contoso &lt;GmbH&gt;", "Business Basic ×20",
			"Intune", "Nobody loses a service", "Moves users from the old licence", "Something.New", "Start authentication", ">Decline<", `data-state="offer"`}},
		"losses": {func(s *upgrade.Status) { s.Losses = []string{"Kaizala"} }, 200, []string{"Users lose", "Kaizala"}},
		"code": {func(s *upgrade.Status) { s.Invitation.Code = code() }, 200, []string{">ABCD-1234</output>", `href="https://login.example/device"`,
			`datetime="2026-11-23T12:15:00Z"`, "Copy the code", "Decline instead", `http-equiv="refresh"`, "Waiting for you"}},
		"code gone": {func(s *upgrade.Status) { s.Invitation.Code = code(); s.Invitation.Code.ExpiresAt = now }, 200, []string{"Start authentication"}},
		"no link": {func(s *upgrade.Status) {
			s.Invitation.Code = code()
			s.Invitation.Code.VerificationURI = "javascript:alert(1)"
		}, 200, []string{"javascript:alert(1)</span>"}},
		"refused": {func(s *upgrade.Status) {
			s.Invitation.Refused = &upgrade.Problem{Code: "wrong_tenant", Message: "raw words", Remedy: "raw remedy"}
		}, 200, []string{"could not be accepted", "does not belong to Contoso", "Sign in with an administrator account of", "Start authentication"}},
		"refused, unknown": {func(s *upgrade.Status) {
			s.Invitation.Refused = &upgrade.Problem{Code: "AADSTS1", Message: "raw words", Remedy: "raw remedy"}
		}, 200, []string{"raw words", "raw remedy"}},
		"preparing":    {func(s *upgrade.Status) { s.Stage, s.Invitation = upgrade.Planning, nil }, 200, []string{"being prepared"}},
		"verifying":    {at(upgrade.Consented), 200, []string{"You are signed in", `aria-current="step"`}},
		"verified":     {at(upgrade.Checking), 200, []string{"your consent is verified", "close this window"}},
		"confirming":   {at(upgrade.Confirming), 200, []string{"your consent is verified"}},
		"queued":       {at(upgrade.Queued), 200, []string{"your consent is verified"}},
		"scheduled":    {at(upgrade.Scheduled), 200, []string{"the change is scheduled"}},
		"changing":     {at(upgrade.Changing), 200, []string{"being changed"}},
		"assigning":    {at(upgrade.Assigning), 200, []string{"being changed"}},
		"undoing":      {at(upgrade.Undoing), 200, []string{"being undone"}},
		"notifying":    {at(upgrade.Notifying), 200, []string{"Nearly done"}},
		"parked":       {func(s *upgrade.Status) { s.Stage, s.Parked = upgrade.Changing, &upgrade.Parked{} }, 200, []string{"stands still until Example Cloud"}},
		"completed":    {ended(upgrade.Completed), 200, []string{"The upgrade is complete"}},
		"residue":      {ended(upgrade.CompletedWithResidue), 200, []string{"old seats stay"}},
		"exceptions":   {ended(upgrade.CompletedWithExceptions), 200, []string{"some users could not be moved"}},
		"declined":     {ended(upgrade.Declined), 200, []string{"You declined"}},
		"expired":      {ended(upgrade.Expired), 410, []string{"has expired"}},
		"past":         {func(s *upgrade.Status) { s.Invitation.Deadline = now }, 410, []string{"has expired"}},
		"cancelled":    {ended(upgrade.Cancelled), 200, []string{"was cancelled"}},
		"undone":       {ended(upgrade.FailedUndone), 200, []string{"could not be finished"}},
		"abandoned":    {ended(upgrade.Abandoned), 200, []string{"was given up"}},
		"duplicate":    {ended(upgrade.Duplicate), 200, []string{"has ended"}},
		"without end":  {ended(""), 200, []string{"has ended"}},
		"void":         {func(s *upgrade.Status) { s.Invitation.Number = 3 }, 410, []string{"no longer valid"}},
		"from nowhere": {func(s *upgrade.Status) { s.Invitation.Number = 1 }, 410, []string{"no longer valid"}},
		"ineligible": {func(s *upgrade.Status) {
			s.Stage, s.End, s.Reasons = upgrade.Ended, upgrade.Ineligible, upgrade.Problems{{Message: "The agreement is missing.", Remedy: "Sign it."}}
		}, 200, []string{"not possible as ordered", "The agreement is missing.", "Sign it."}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			c.change(&w.status)
			rec := w.get(target)
			if rec.Code != c.code {
				t.Errorf("%d, want %d", rec.Code, c.code)
			}
			contains(t, rec.Body.String(), append(c.texts, "<title>", `lang="en"`, "help@example.com")...)
			if w.asked() || !w.ids["somebody's own id"] || len(w.ids) != 1 {
				t.Errorf("asked of %v", w.ids)
			}
		})
	}
}

func TestNoPageLinksToAScript(t *testing.T) {
	w := newWorld()
	w.status.Invitation.Code = code()
	w.status.Invitation.Code.VerificationURI = "javascript:alert(1)"
	if strings.Contains(w.get(target).Body.String(), `href="javascript`) {
		t.Error("the page links to a script")
	}
}

func TestAVoidLinkShowsNothingOfTheUpgrade(t *testing.T) {
	w := newWorld()
	w.status.Invitation.Number = 3
	if body := w.get(target).Body.String(); strings.Contains(body, "Contoso") || strings.Contains(body, "Premium") {
		t.Error(body)
	}
}

func TestForgedLink(t *testing.T) {
	w := newWorld()
	for _, path := range []string{"/consent/forged-SECRET", "/consent/forged-SECRET/decline", "/consent/forged-SECRET/events"} {
		rec := w.get(path)
		if rec.Code != 404 {
			t.Errorf("%s: %d", path, rec.Code)
		}
		contains(t, rec.Body.String(), "not valid")
	}
	if rec := w.do(http.MethodPost, "/consent/forged-SECRET/start", ""); rec.Code != 404 || w.asked() {
		t.Errorf("%d", rec.Code)
	}
	if strings.Contains(w.log.String(), "SECRET") {
		t.Errorf("the log has the token: %s", w.log.String())
	}
}

func TestOurOwnTrouble(t *testing.T) {
	w := newWorld()
	w.err = &upgrade.Error{Kind: upgrade.Transient, Message: "inner words"}
	rec := w.get(target)
	if rec.Code != 503 || rec.Header().Get("Retry-After") == "" || strings.Contains(rec.Body.String(), "inner words") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	contains(t, rec.Body.String(), "on our side", "Try again")
	w.err = &upgrade.Error{Kind: upgrade.NotFound}
	if rec := w.get(target); rec.Code != 410 {
		t.Errorf("forgotten: %d", rec.Code)
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the log has the token")
	}
}

func TestLookingChangesNothing(t *testing.T) {
	w := newWorld()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, path := range []string{target, target + "/decline", target + "?answer=declined", "/healthz", "/readyz"} {
			if rec := w.do(method, path, ""); rec.Code != 200 {
				t.Errorf("%s %s: %d", method, path, rec.Code)
			}
		}
	}
	w.do(http.MethodHead, target+"/events", "")
	for _, path := range []string{"/start"} {
		if rec := w.get(target + path); rec.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", path, rec.Code)
		}
	}
	if w.asked() {
		t.Error("looking asked something of the upgrade")
	}
}

func TestHeaders(t *testing.T) {
	w := newWorld()
	for _, path := range []string{target, "/consent/forged", target + "/decline", "/healthz"} {
		h := w.get(path).Header()
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
	}
	body := w.get(target).Body.String()
	for _, inline := range []string{"<style", " style=", "onclick", "<script>"} {
		if strings.Contains(body, inline) {
			t.Errorf("the page has %s, which its policy forbids", inline)
		}
	}
}

func TestAssets(t *testing.T) {
	w := newWorld()
	for name, kind := range map[string]string{"consent.css": "text/css", "consent.js": "javascript", "icon.svg": "image/svg"} {
		rec := w.get("/assets/" + name)
		if rec.Code != 200 || !strings.Contains(rec.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Header().Get("Content-Type"))
		}
	}
	if rec := w.get("/assets/nothing"); rec.Code != 404 {
		t.Errorf("%d", rec.Code)
	}
}

func TestStart(t *testing.T) {
	w := newWorld()
	rec := w.do(http.MethodPost, target+"/start", "", "Sec-Fetch-Site", "same-origin")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != target {
		t.Fatalf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
	if len(w.started) != 1 || w.started[0].Invitation != 2 {
		t.Errorf("%+v", w.started)
	}
	contains(t, w.get(target).Body.String(), "ABCD-1234")
	if w.do(http.MethodPost, target+"/start", ""); len(w.started) != 1 {
		t.Error("a second code was asked for while the first is good")
	}
	if strings.Contains(w.log.String(), token) || strings.Contains(w.log.String(), "ABCD") {
		t.Errorf("the log says too much: %s", w.log.String())
	}
}

func TestStartRefused(t *testing.T) {
	w := newWorld()
	w.startErr = &upgrade.Error{Kind: upgrade.Refused, Code: "too_many_codes", Message: "Three codes were made in the last quarter hour."}
	rec := w.do(http.MethodPost, target+"/start", "")
	if rec.Code != 409 {
		t.Errorf("%d", rec.Code)
	}
	contains(t, rec.Body.String(), "No code could be given", "Three codes were made", "Start authentication")
	w.startErr = errors.New("temporal is away")
	if rec := w.do(http.MethodPost, target+"/start", ""); rec.Code != 503 || strings.Contains(rec.Body.String(), "temporal is away") {
		t.Errorf("%d", rec.Code)
	}
}

func TestDeclineInTwoSteps(t *testing.T) {
	w := newWorld()
	contains(t, w.get(target+"/decline").Body.String(), "Decline the upgrade?", "<textarea", "Go back")
	if w.asked() {
		t.Fatal("the first step declined")
	}
	form := url.Values{"reason": {" too dear\x00 " + strings.Repeat("é", 2000)}}.Encode()
	rec := w.do(http.MethodPost, target+"/decline", form, "Sec-Fetch-Site", "same-origin")
	if rec.Code != http.StatusSeeOther || len(w.consents) != 1 {
		t.Fatalf("%d %v", rec.Code, w.consents)
	}
	c := w.consents[0]
	if c.Decision != upgrade.DeclinedDecision || c.Invitation != 2 || !strings.HasPrefix(c.Reason, "too dear é") || len([]rune(c.Reason)) != 1000 {
		t.Errorf("%+v", c)
	}
	contains(t, w.get(rec.Header().Get("Location")).Body.String(), "You declined")
	w.do(http.MethodPost, target+"/decline", form)
	if len(w.consents) != 1 {
		t.Error("declined twice")
	}
	if rec := w.get(target + "/decline"); rec.Code != http.StatusSeeOther {
		t.Errorf("the form is offered after the end: %d", rec.Code)
	}
}

func TestDeclineIsAcknowledgedBeforeItIsTakenUp(t *testing.T) {
	w := newWorld()
	contains(t, w.get(target+"?answer=declined").Body.String(), "Your answer was sent")
}

func TestBodiesAreBounded(t *testing.T) {
	w := newWorld()
	rec := w.do(http.MethodPost, target+"/decline", "reason="+strings.Repeat("x", 20<<10))
	if rec.Code != http.StatusRequestEntityTooLarge || w.asked() {
		t.Errorf("%d", rec.Code)
	}
}

func TestPostsOfOtherOriginsAreRefused(t *testing.T) {
	w := newWorld()
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		for _, path := range []string{"/start", "/decline"} {
			rec := w.do(http.MethodPost, target+path, "reason=x", headers...)
			if rec.Code != http.StatusForbidden {
				t.Errorf("%v %s: %d", headers, path, rec.Code)
			}
			contains(t, rec.Body.String(), "did not come from this page")
		}
	}
	if w.asked() || strings.Contains(w.log.String(), token) {
		t.Error("asked, or logged the token")
	}
}

func TestLimits(t *testing.T) {
	w := newWorld()
	last := 0
	for range 61 {
		last = w.get(target).Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("one link may ask without bound: %d", last)
	}
	w = newWorld()
	for i := range 201 {
		last = w.get("/consent/guess" + string(rune('a'+i%26)) + strings.Repeat("x", i)).Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("one address may guess without bound: %d", last)
	}
	w = newWorld(func(o *portal.Options) { o.Address = func(r *http.Request) string { return r.Header.Get("X-Client") } })
	for range 201 {
		w.do(http.MethodGet, "/consent/x", "", "X-Client", "one")
	}
	if rec := w.do(http.MethodGet, target, "", "X-Client", "two"); rec.Code != 200 {
		t.Errorf("one client's requests count for another: %d", rec.Code)
	}
}

func TestEvents(t *testing.T) {
	stop := make(chan struct{})
	w := newWorld(func(o *portal.Options) { o.Stop = stop })
	server := httptest.NewServer(w.handler)
	defer server.Close()
	answer, err := http.Get(server.URL + target + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%s", answer.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(answer.Body)
	next := func() (event, data string) {
		for lines.Scan() {
			if e, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = e
			}
			if d, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return event, d
			}
		}
		return "closed", ""
	}
	seen := map[string]bool{}
	for _, change := range []func(*upgrade.Status){
		func(*upgrade.Status) {},
		func(s *upgrade.Status) { s.Invitation.Code = code() },
		func(s *upgrade.Status) { s.Stage = upgrade.Consented },
		func(s *upgrade.Status) { s.Stage = upgrade.Changing },
		func(s *upgrade.Status) { s.Stage, s.End = upgrade.Ended, upgrade.Completed },
	} {
		w.set(change)
		event, version := next()
		if event != "version" || seen[version] {
			t.Fatalf("%s %s", event, version)
		}
		seen[version] = true
		page := w.get(target).Body.String()
		if !strings.Contains(page, `data-version="`+version+`"`) && !strings.Contains(page, `data-state="completed"`) {
			t.Errorf("the page is not of version %s", version)
		}
	}
	if event, _ := next(); event != "over" {
		t.Errorf("%s", event)
	}
	if event, _ := next(); event != "closed" {
		t.Errorf("%s", event)
	}

	w.set(func(s *upgrade.Status) { *s = invited() })
	open, err := http.Get(server.URL + target + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Body.Close()
	close(stop)
	if _, err := io.Copy(io.Discard, open.Body); err != nil {
		t.Errorf("a stream did not end with the server: %v", err)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	w := newWorld()
	server := httptest.NewServer(w.handler)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := 0
	for range 7 {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+target+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		last = answer.StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the seventh stream of a link: %d", last)
	}
}

func TestHealth(t *testing.T) {
	w := newWorld(func(o *portal.Options) {
		o.Ready = func(context.Context) error { return errors.New("10.0.0.7 is away") }
	})
	if rec := w.get("/healthz"); rec.Code != 200 {
		t.Errorf("healthz: %d", rec.Code)
	}
	if rec := w.get("/readyz"); rec.Code != 503 || strings.Contains(rec.Body.String(), "10.0.0.7") {
		t.Errorf("readyz: %d %s", rec.Code, rec.Body)
	}
	if rec := newWorld().get("/readyz"); rec.Code != 200 {
		t.Errorf("readyz: %d", rec.Code)
	}
}

func TestCodecIsMountedAndLeftToGuardItself(t *testing.T) {
	var got string
	w := newWorld(func(o *portal.Options) {
		o.Codec = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Path })
	})
	rec := w.do(http.MethodPost, "/codec/decode", "", "Origin", "http://127.0.0.1:8233", "Sec-Fetch-Site", "cross-site")
	if rec.Code != 200 || got != "/decode" {
		t.Errorf("%d %s", rec.Code, got)
	}
	if rec := newWorld().do(http.MethodPost, "/codec/decode", ""); rec.Code != 404 {
		t.Errorf("without a codec: %d", rec.Code)
	}
}
