package consent_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/internal/portal/consent"
	"uplift/internal/portal/web"
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
	plan     upgrade.Plan
	planErr  error
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

func (f *fake) PlanOf(_ context.Context, id string) (upgrade.Plan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[id] = true
	return f.plan, f.planErr
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

func (links) Parse(t string) (string, string, int, error) {
	if t != token {
		return "", "", 0, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_link"}
	}
	return "somebody's own id", "A-1#2", 2, nil
}

func invited() upgrade.Status {
	return upgrade.Status{
		Order: "A-1", Upgrade: "A-1#2", Customer: "Contoso <GmbH>", Headline: "Business Basic ×20 → Business Premium ×25", Stage: upgrade.Invited,
		Invitation: &upgrade.Invitation{Number: 2, SentAt: now.Add(-time.Hour), Deadline: now.Add(time.Hour)},
	}
}

// planned is the plan of what invited describes.
func planned() upgrade.Plan {
	return upgrade.Plan{
		Order: "A-1", Headline: "Business Basic ×20 → Business Premium ×25", Digest: "0123456789abcdef",
		Steps:       []upgrade.Step{{ID: "transition", Work: upgrade.Transit, Words: "Move all 20 seats", From: 20, To: 25}},
		Lines:       []upgrade.PlanLine{{Subscription: "s-1", Offer: "basic", Name: "Business <Basic>", Now: 20, Then: 25, Touched: true, Term: "P1Y"}},
		Gains:       []string{"Intune"},
		Undo:        upgrade.UndoPlan{Words: "It can be undone until 2026-12-07."},
		Cost:        &upgrade.Cost{Currency: "EUR", Now: 11200, Then: 50000},
		Notes:       []string{"a note between operators"},
		Permissions: []string{"LicenseAssignment.ReadWrite.All", "Something.New"},
	}
}

type world struct {
	*fake
	handler http.Handler
	log     bytes.Buffer
}

func newWorld(change ...func(*consent.Options)) *world {
	w := &world{fake: &fake{status: invited(), plan: planned(), ids: map[string]bool{}}}
	o := consent.Options{
		Upgrades: w.fake, Links: links{}, Provider: web.Provider{Name: "Example Cloud", Support: "help@example.com"},
		Log: slog.New(slog.NewTextHandler(&w.log, nil)), Now: func() time.Time { return now }, Every: 5 * time.Millisecond,
	}
	for _, c := range change {
		c(&o)
	}
	mux := http.NewServeMux()
	for _, r := range consent.Routes(o) {
		mux.Handle(r.Pattern, r.Handler)
	}
	w.handler = web.Headers(mux)
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
		for _, path := range []string{target, target + "/decline", target + "?answer=declined"} {
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
	for _, path := range []string{target, "/consent/forged", target + "/decline"} {
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
	for name, kind := range map[string]string{"consent.css": "text/css", "consent.js": "javascript"} {
		rec := w.get("/assets/" + name)
		if rec.Code != 200 || !strings.Contains(rec.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Header().Get("Content-Type"))
		}
	}
	if rec := w.get("/assets/nothing"); rec.Code != 404 {
		t.Errorf("%d", rec.Code)
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
	if rec := w.get(target); rec.Code != 200 {
		t.Errorf("a stranger behind the same proxy closed the page for everybody: %d", rec.Code)
	}
	w = newWorld(func(o *consent.Options) { o.Address = func(r *http.Request) string { return r.Header.Get("X-Client") } })
	for range 201 {
		w.do(http.MethodGet, "/consent/x", "", "X-Client", "one")
	}
	if rec := w.do(http.MethodGet, target, "", "X-Client", "two"); rec.Code != 200 {
		t.Errorf("one client's requests count for another: %d", rec.Code)
	}
}
