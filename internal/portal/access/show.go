package access

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"uplift/internal/portal/web"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Every word stands in texts/LANGUAGE.json. {provider} stands for the provider's name.
//
//go:embed texts/*.json
var textFiles embed.FS

// A state is what a page says. Its title and text are texts of the catalogue: state.NAME.title, state.NAME.text.
type state string

const (
	stateAway        state = "away"        // the identity provider
	stateRefused     state = "refused"     // by the identity provider
	stateDisbelieved state = "disbelieved" // what came back proves nothing
	stateStray       state = "stray"       // what came back belongs to no sign-in
	stateNoRole      state = "no_role"     // signed in, and nobody here
	stateRole        state = "role"        // not for this role
	stateNoSession   state = "no_session"  // a form of somebody who is not signed in
	stateForm        state = "form"        // a form of another session, or none of ours
	stateForeign     state = "foreign"     // a form of another site
	stateElsewhere   state = "elsewhere"   // for this machine only
	stateTooMany     state = "too_many"
	stateSignedOut   state = "signed_out"
	stateUnknown     state = "unknown" // no such page
)

// states lists all of them, for the tests to hold the catalogue of texts against.
func states() []state {
	return []state{stateAway, stateRefused, stateDisbelieved, stateStray, stateNoRole, stateRole, stateNoSession, stateForm,
		stateForeign, stateElsewhere, stateTooMany, stateSignedOut, stateUnknown}
}

// view is everything that a page shows.
type view struct {
	State state
	To    string // where a sign-in leads
	Name  string // who signed in
	Code  string // the identity provider's word for a refusal
	Form  string // the token of a form that signs out; empty: none is shown
}

// SignsIn tells whether another sign-in is the next step.
func (v view) SignsIn() bool {
	switch v.State {
	case stateAway, stateRefused, stateDisbelieved, stateStray, stateNoRole, stateNoSession, stateSignedOut:
		return true
	}
	return false
}

// Other tells whether another account is to be asked for.
func (v view) Other() bool { return v.State == stateNoRole || v.State == stateSignedOut }

// Returns tells whether the next step is to go back to the pages.
func (v view) Returns() bool {
	return v.State == stateRole || v.State == stateForm || v.State == stateForeign || v.State == stateUnknown
}

type pages struct {
	template *template.Template
	texts    web.Texts
	version  string
}

func newPages() *pages {
	p, err := readPages()
	if err != nil {
		// What is read is built in: this fails in the first test run or never.
		panic(fmt.Sprintf("access: %v", err))
	}
	return p
}

func readPages() (*pages, error) {
	p := &pages{}
	var err error
	if p.texts, err = web.LoadTexts(textFiles, "texts"); err != nil {
		return nil, err
	}
	if p.template, err = template.ParseFS(templateFiles, "templates/*.html"); err != nil {
		return nil, err
	}
	shared, err := web.Shared()
	if err != nil {
		return nil, err
	}
	p.version = shared.Version
	return p, nil
}

// page is what the template sees.
type page struct {
	view
	Lang     string
	Provider web.Provider
	Assets   string
	Home     string
	Claims   struct{ Roles, Reseller string }
	Roles    []Role
	texts    web.Texts
}

// T is a text of the catalogue in the page's language.
func (p page) T(key string) string {
	provider := p.Provider.Name
	if provider == "" {
		provider = p.texts.Text(p.Lang, "provider.unnamed")
	}
	return strings.ReplaceAll(p.texts.Text(p.Lang, key), "{provider}", provider)
}

// Title is the state's.
func (p page) Title() string { return p.T("state." + string(p.State) + ".title") }

// Text is the state's sentence or two.
func (p page) Text() string { return p.T("state." + string(p.State) + ".text") }

// Means is what a role is for.
func (p page) Means(r Role) string { return p.T("role." + string(r)) }

// show writes a page.
func (g *Guard) show(w http.ResponseWriter, r *http.Request, code int, v view) {
	if v.To == "" {
		v.To = g.Home
	}
	shown := page{view: v, Lang: g.pages.texts.Language(r), Provider: g.Provider, Assets: g.pages.version, Home: g.Home, texts: g.pages.texts}
	if v.State == stateNoRole {
		shown.Roles, shown.Claims.Roles, shown.Claims.Reseller = Roles(), g.RolesClaim, g.ResellerClaim
	}
	var b bytes.Buffer
	if err := g.pages.template.ExecuteTemplate(&b, "page.html", shown); err != nil {
		g.Log.Error("a page could not be written", "error", err.Error())
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes())
}

// NotFound answers what no route has: a page to people, problem details to programs.
func (g *Guard) NotFound(w http.ResponseWriter, r *http.Request) {
	switch {
	case g == nil:
		http.NotFound(w, r)
	case strings.HasPrefix(r.URL.Path, "/v1/"):
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(Problem{Type: "about:blank", Title: "Not Found", Status: http.StatusNotFound, Code: "no_such_operation",
			Detail: "The API has no such operation, or not by this method; /v1/docs lists all."})
	default:
		g.show(w, r, http.StatusNotFound, view{State: stateUnknown})
	}
}
