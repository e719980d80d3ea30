package portal_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/portal/access"
	"uplift/internal/sim"
)

// TestEveryRoute asks every route in the place of everybody who should not reach it, and of those who should. It fails where a
// route has no row.
func TestEveryRoute(t *testing.T) {
	w := newWorld(t)
	table := rows()
	patterns := map[string]bool{}
	for _, r := range w.routes {
		patterns[r.Pattern] = true
		if _, ok := table[r.Pattern]; !ok {
			t.Errorf("%q has no row: say in routes_table_test.go who may use it", r.Pattern)
		}
	}
	for pattern := range table {
		if !patterns[pattern] {
			t.Errorf("%q has a row and no route", pattern)
		}
	}
	sessions := map[access.Role]visitor{access.Operator: w.signIn(sim.DemoOperator), access.Helpdesk: w.signIn(sim.DemoHelpdesk), access.Engineer: w.signIn(sim.DemoEngineer),
		access.Reseller: w.signIn(sim.DemoReseller), access.Billing: w.signIn(sim.DemoSecondOperator)}
	tokens := map[access.Role]visitor{}
	for _, role := range access.Roles() {
		tokens[role] = visitor{bearer: w.token(role)}
	}
	other, ended := w.signIn(sim.DemoOperator), w.signIn(sim.DemoOperator)
	if answer, _, _ := w.ask("POST /signout", ended); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("the sign-out: %d", answer.StatusCode)
	}
	for _, pattern := range slices.Sorted(maps.Keys(table)) {
		row := table[pattern]
		t.Run(strings.ReplaceAll(pattern, "/", "∕"), func(t *testing.T) {
			w.T = t
			switch row.door {
			case access.Public:
				w.public(pattern, row)
			case access.Pages:
				w.pages(pattern, row, sessions, tokens, other, ended)
			case access.API:
				w.api(pattern, row, sessions, tokens)
			}
		})
	}
}

// wants asks as one visitor, and holds what must come of it.
func (w *world) wants(pattern, who string, v visitor, reach bool, status ...int) {
	w.Helper()
	answer, body, reached := w.ask(pattern, v)
	if reached != reach || len(status) > 0 && !slices.Contains(status, answer.StatusCode) {
		w.Errorf("%s: %d, reached %t, not %t %v\n%.300s", who, answer.StatusCode, reached, reach, status, body)
	}
	if answer.StatusCode == http.StatusSeeOther && !reached && !strings.HasPrefix(answer.Header.Get("Location"), "/signin?to=%2F") {
		w.Errorf("%s is led to %s", who, answer.Header.Get("Location"))
	}
}

// public routes are opened by nothing but what they carry: nobody needs a role, and a forged link opens nothing.
func (w *world) public(pattern string, row row) {
	w.Helper()
	if pattern == "POST /signout" || !row.link {
		return
	}
	w.set(func() { w.real = true })
	defer w.set(func() { w.real = false })
	w.wants(pattern, "with a forged link", visitor{}, true, http.StatusNotFound)
	if method, _ := address(pattern); method == http.MethodPost {
		w.wants(pattern, "from another site", visitor{headers: []string{"Sec-Fetch-Site", "cross-site"}}, true, http.StatusForbidden)
		w.wants(pattern, "from another origin", visitor{headers: []string{"Origin", "https://evil.example"}}, true, http.StatusForbidden)
	}
}

// pages are opened by a session of one of the roles, and changed by a form of that session, from a page of ours.
func (w *world) pages(pattern string, row row, sessions, tokens map[access.Role]visitor, other, ended visitor) {
	w.Helper()
	method, _ := address(pattern)
	post := method == http.MethodPost
	stranger := http.StatusSeeOther
	if post {
		stranger = http.StatusUnauthorized
	}
	w.wants(pattern, "nobody", visitor{}, false, stranger)
	w.wants(pattern, "a session that was signed out", ended, false, stranger)
	for _, role := range access.Roles() {
		v, may := sessions[role], slices.Contains(strings.Fields(row.roles), string(role))
		if pattern == "POST /signout" && may {
			v = w.signIn(map[access.Role]string{access.Operator: sim.DemoOperator, access.Helpdesk: sim.DemoHelpdesk, access.Engineer: sim.DemoEngineer,
				access.Reseller: sim.DemoReseller, access.Billing: sim.DemoSecondOperator}[role])
		}
		if !may {
			w.wants(pattern, string(role), v, false, http.StatusForbidden)
			continue
		}
		w.wants(pattern, string(role), v, true)
		w.wants(pattern, string(role)+", by a bearer token", tokens[role], false, stranger)
		if pattern == "POST /signout" {
			w.wants(pattern, string(role)+", replayed", v, false, stranger)
			continue
		}
		w.wants(pattern, string(role)+", tampered", visitor{cookie: v.cookie[:len(v.cookie)-6] + "AAAAAA", form: v.form}, false, stranger)
		w.later8h(func() { w.wants(pattern, string(role)+", expired", v, false, stranger) })
		if !post {
			continue
		}
		with := func(change func(*visitor)) visitor { c := v; change(&c); return c }
		w.wants(pattern, string(role)+", without a token", with(func(v *visitor) { v.form = "" }), false, http.StatusForbidden)
		w.wants(pattern, string(role)+", another session's form", with(func(v *visitor) { v.form = other.form }), false, http.StatusForbidden)
		w.wants(pattern, string(role)+", a form of before the sign-out", with(func(v *visitor) { v.form = ended.form }), false, http.StatusForbidden)
		w.wants(pattern, string(role)+", cross-site", with(func(v *visitor) { v.headers = []string{"Sec-Fetch-Site", "cross-site"} }), false, http.StatusForbidden)
		w.wants(pattern, string(role)+", from another origin", with(func(v *visitor) { v.headers = []string{"Origin", "https://evil.example"} }), false, http.StatusForbidden)
	}
	w.resellers(pattern, row, sessions)
}

// later8h asks when every session is over.
func (w *world) later8h(ask func()) {
	w.set(func() { w.ahead = access.SessionLife + time.Minute })
	defer w.set(func() { w.ahead = 0 })
	ask()
}

// resellers: what is about a reseller's customer is there for its own people, and is not there for another's.
func (w *world) resellers(pattern string, row row, sessions map[access.Role]visitor) {
	w.Helper()
	if !row.names && !row.lists || !slices.Contains(strings.Fields(row.roles), "reseller") {
		return
	}
	w.set(func() { w.real = true })
	defer w.set(func() { w.real = false })
	w.fakes.did = nil
	own, text, _ := w.ask(pattern, sessions[access.Reseller])
	ownDid := slices.Clone(w.fakes.did)
	stranger := w.stranger()
	w.fakes.did = nil
	answer, body, _ := w.ask(pattern, stranger)
	did := slices.Clone(w.fakes.did)
	method, _ := address(pattern)
	where := answer.Header.Get("Location") + strings.Join(answer.Header.Values("Set-Cookie"), "")
	if strings.Contains(body, customerName) || strings.Contains(body, customerTenant) || strings.Contains(where, customerName) || len(did) > 0 {
		w.Errorf("another reseller's people: %d %s, did %v\n%s", answer.StatusCode, where, did, body)
	}
	switch {
	case method == http.MethodGet && own.StatusCode != http.StatusOK:
		w.Errorf("its own people: %d", own.StatusCode)
	case method == http.MethodGet && !strings.Contains(text, customerName) && !strings.Contains(text, "A-1") && !strings.Contains(text, "version"):
		w.Errorf("its own people do not see the customer, so that the test proves nothing:\n%s", text)
	case method == http.MethodPost && len(ownDid) == 0 && !strings.Contains(text, customerName):
		w.Errorf("what its own people send does nothing, so that the test proves nothing: %d %s\n%s", own.StatusCode, own.Header.Get("Location"), text)
	case row.names && method == http.MethodGet && answer.StatusCode != http.StatusNotFound:
		w.Errorf("another reseller's people: %d, not 404", answer.StatusCode)
	}
}

// stranger is one of another reseller, signed in once.
func (w *world) stranger() visitor {
	w.Helper()
	w.set(func() { w.real = false })
	defer w.set(func() { w.real = true })
	return w.signIn(sim.DemoSecondReseller)
}

// The API is opened by a good token of one of the roles, and by nothing that a browser sends by itself.
func (w *world) api(pattern string, row row, sessions, tokens map[access.Role]visitor) {
	w.Helper()
	w.wants(pattern, "nobody", visitor{}, false, http.StatusUnauthorized)
	for _, role := range access.Roles() {
		v, may := tokens[role], slices.Contains(strings.Fields(row.roles), string(role))
		w.wants(pattern, string(role)+"'s session", sessions[role], false, http.StatusUnauthorized)
		if role == access.Reseller {
			continue // no application is a reseller: the token names none, so that the role counts for nothing
		}
		if !may {
			w.wants(pattern, string(role), v, false, http.StatusForbidden)
			continue
		}
		w.wants(pattern, string(role), v, true)
		w.wants(pattern, string(role)+", a forged token", visitor{bearer: v.bearer[:len(v.bearer)-8] + "AAAAAAAA"}, false, http.StatusUnauthorized, http.StatusServiceUnavailable)
		w.set(func() { w.later = 2 * time.Hour })
		w.wants(pattern, string(role)+", an expired token", v, false, http.StatusUnauthorized)
		w.set(func() { w.later = 0 })
	}
	w.wants(pattern, "reseller", tokens[access.Reseller], false, http.StatusForbidden)
	w.callers(pattern, row)
}

// callers: what resellers does, of the API. Their programs are given in person, since no application of the simulated Entra can
// be a reseller's.
func (w *world) callers(pattern string, row row) {
	w.Helper()
	if !row.names && !row.lists || !slices.Contains(strings.Fields(row.roles), "reseller") {
		return
	}
	method, path := address(pattern)
	call := func(reseller string) (code int, text string, did []string) {
		body := row.body
		if body == "" && method == http.MethodPost {
			body = "{}"
		}
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		who := access.Who{Subject: "x", Name: "x", Roles: []access.Role{access.Reseller}, Reseller: reseller}
		rec := httptest.NewRecorder()
		w.fakes.did = nil
		i := slices.IndexFunc(w.routes, func(r access.Route) bool { return r.Pattern == pattern })
		w.routes[i].Handler.ServeHTTP(rec, r.WithContext(access.With(r.Context(), who)))
		return rec.Code, rec.Body.String(), slices.Clone(w.fakes.did)
	}
	code, text, did := call(ownReseller)
	if code >= 300 || len(did) == 0 && !strings.Contains(text, customerName) && !strings.Contains(text, "A-1") {
		w.Errorf("its own people: %d, did %v, so that the test proves nothing:\n%s", code, did, text)
	}
	code, text, did = call(sim.DemoSecondResellerID)
	if strings.Contains(text, customerName) || strings.Contains(text, customerTenant) || len(did) > 0 || row.names && code != http.StatusNotFound {
		w.Errorf("another reseller's people: %d, did %v\n%s", code, did, text)
	}
}
