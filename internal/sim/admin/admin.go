// Package admin is the simulator's own API: what no Microsoft page has. It reads
// tenants, holdings and the ledger, moves the clock, injects faults, and adds to
// the state. It asks for no credentials and is meant for the loopback only.
package admin

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"uplift/internal/sim/cloud"
)

// Options configure the API.
type Options struct {
	// State is required.
	State *cloud.Cloud
	// Seed fills the state again after a reset; nil leaves it empty.
	Seed func(*cloud.Cloud)
	// Links are shown at the root, such as the addresses of the other services.
	Links map[string]string
	// Refresh issues what a person's sign-in to an application would leave; nil
	// leaves the route out.
	Refresh func(clientID, tenant, person string) (string, error)
}

// New makes the API. All its routes are here:
//
//	GET  /                                where everything is, the clock and the fault profile
//	GET  /tenants                         every tenant
//	POST /tenants                         add one (cloud.TenantSpec) → {"id"}
//	GET  /tenants/{id}/holdings           seats and holders per SKU, without replica lag
//	GET  /tenants/{id}/subscriptions      commerce subscriptions of the partner
//	POST /tenants/{id}/subscriptions      add one (cloud.SubscriptionSpec; ages in nanoseconds) → {"id"}
//	GET  /tenants/{id}/users              users with their assignments
//	POST /tenants/{id}/users              add one (cloud.UserSpec) → {"id"}
//	POST /tenants/{id}/groups             add one (cloud.GroupSpec) → {"id"}
//	POST /tenants/{id}/consents {"clientId","delegated","application"}  as if an administrator had consented long ago
//	GET  /ledger?kind=&tenant=&object=&requestId=&since=   effects, oldest first
//	POST /clock {"advance":"36h"}         move the virtual clock → {"now"}
//	GET  /faults                          every fault's name, the profile's chances, and how often each has struck
//	POST /faults {"fault","method","path","tenant","times"}   make it strike the next times
//	PUT  /faults {"profile":"polite"|"misbehaving"}  replace the profile, drop what was injected
//	POST /refreshtokens {"clientId","tenant","user"}  as if that person had signed in → {"refreshToken"}
//	POST /reset                           empty the state, and seed it again
func New(o Options) http.Handler {
	a := &api{o}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.root)
	mux.HandleFunc("GET /tenants", a.tenants)
	mux.HandleFunc("POST /tenants", a.addTenant)
	mux.HandleFunc("GET /tenants/{id}/holdings", a.holdings)
	mux.HandleFunc("GET /tenants/{id}/subscriptions", a.subscriptions)
	mux.HandleFunc("POST /tenants/{id}/subscriptions", a.addSubscription)
	mux.HandleFunc("GET /tenants/{id}/users", a.users)
	mux.HandleFunc("POST /tenants/{id}/users", a.addUser)
	mux.HandleFunc("POST /tenants/{id}/groups", a.addGroup)
	mux.HandleFunc("POST /tenants/{id}/consents", a.consent)
	mux.HandleFunc("GET /ledger", a.ledger)
	mux.HandleFunc("POST /clock", a.clock)
	mux.HandleFunc("GET /faults", a.faults)
	mux.HandleFunc("POST /faults", a.inject)
	mux.HandleFunc("PUT /faults", a.profile)
	mux.HandleFunc("POST /reset", a.reset)
	if o.Refresh != nil {
		mux.HandleFunc("POST /refreshtokens", a.refreshToken)
	}
	return mux
}

type api struct{ o Options }

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v)
}

func fail(w http.ResponseWriter, status int, text string) {
	write(w, status, map[string]string{"error": text})
}

// read decodes a body strictly: a misspelt member in a test is a mistake.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return false
	}
	return true
}

func (a *api) root(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]any{"now": a.o.State.Now(), "pace": a.o.State.Pace(), "profile": a.o.State.Profile().Name, "links": a.o.Links})
}

// public leaves passwords out of what is shown.
func public(u cloud.User) map[string]any {
	return map[string]any{"id": u.ID, "userPrincipalName": u.UPN, "displayName": u.DisplayName, "guest": u.Guest, "enabled": !u.Disabled,
		"usageLocation": u.UsageLocation, "roles": u.Roles, "assignments": u.Assignments}
}

func (a *api) tenants(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]any{"partner": a.o.State.Partner(), "tenants": a.o.State.Tenants()})
}

func (a *api) addTenant(w http.ResponseWriter, r *http.Request) {
	var in cloud.TenantSpec
	if read(w, r, &in) {
		write(w, http.StatusCreated, map[string]string{"id": a.o.State.AddTenant(in)})
	}
}

func (a *api) tenant(w http.ResponseWriter, r *http.Request) (cloud.TenantSpec, bool) {
	t, ok := a.o.State.Tenant(r.PathValue("id"))
	if !ok {
		fail(w, http.StatusNotFound, "no such tenant")
	}
	return t, ok
}

func (a *api) holdings(w http.ResponseWriter, r *http.Request) {
	if t, ok := a.tenant(w, r); ok {
		write(w, http.StatusOK, a.o.State.HoldingsOf(t.ID))
	}
}

func (a *api) subscriptions(w http.ResponseWriter, r *http.Request) {
	t, ok := a.tenant(w, r)
	if !ok {
		return
	}
	list, refused := a.o.State.Subscriptions(t.ID)
	if refused != nil {
		fail(w, refused.Status, refused.Text)
		return
	}
	write(w, http.StatusOK, list)
}

func (a *api) addSubscription(w http.ResponseWriter, r *http.Request) {
	var in cloud.SubscriptionSpec
	t, ok := a.tenant(w, r)
	if !ok || !read(w, r, &in) {
		return
	}
	if id := a.o.State.AddSubscription(t.ID, in); id != "" {
		write(w, http.StatusCreated, map[string]string{"id": id})
		return
	}
	fail(w, http.StatusBadRequest, "no such skuPartNumber: "+in.Part)
}

func (a *api) users(w http.ResponseWriter, r *http.Request) {
	t, ok := a.tenant(w, r)
	if !ok {
		return
	}
	out := []any{}
	for _, u := range a.o.State.Users(t.ID) {
		out = append(out, public(u))
	}
	write(w, http.StatusOK, out)
}

func (a *api) addUser(w http.ResponseWriter, r *http.Request) {
	var in cloud.UserSpec
	if t, ok := a.tenant(w, r); ok && read(w, r, &in) {
		write(w, http.StatusCreated, map[string]string{"id": a.o.State.AddUser(t.ID, in)})
	}
}

func (a *api) addGroup(w http.ResponseWriter, r *http.Request) {
	var in cloud.GroupSpec
	if t, ok := a.tenant(w, r); ok && read(w, r, &in) {
		write(w, http.StatusCreated, map[string]string{"id": a.o.State.AddGroup(t.ID, in)})
	}
}

func (a *api) consent(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ClientID    string   `json:"clientId"`
		Delegated   []string `json:"delegated"`
		Application []string `json:"application"`
	}
	if t, ok := a.tenant(w, r); ok && read(w, r, &in) {
		a.o.State.GrantConsentNow(t.ID, in.ClientID, in.Delegated, in.Application)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (a *api) ledger(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	since, err := strconv.Atoi(cmp.Or(q.Get("since"), "0"))
	if err != nil {
		fail(w, http.StatusBadRequest, "since is not a number")
		return
	}
	write(w, http.StatusOK, a.o.State.Ledger(cloud.Query{Kind: q.Get("kind"), Tenant: q.Get("tenant"), Object: q.Get("object"),
		RequestID: q.Get("requestId"), Since: since}))
}

func (a *api) clock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Advance string `json:"advance"`
	}
	if !read(w, r, &in) {
		return
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil || d < 0 {
		fail(w, http.StatusBadRequest, "advance is a duration such as 36h, and time goes forward")
		return
	}
	a.o.State.Advance(d)
	write(w, http.StatusOK, map[string]any{"now": a.o.State.Now()})
}

func (a *api) refreshToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ClientID string `json:"clientId"`
		Tenant   string `json:"tenant"`
		User     string `json:"user"`
	}
	if !read(w, r, &in) {
		return
	}
	token, err := a.o.Refresh(in.ClientID, in.Tenant, in.User)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	write(w, http.StatusCreated, map[string]string{"refreshToken": token})
}
