package entra

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// flow is why a person is at the sign-in page.
type flow string

const (
	flowDevice       flow = "device"
	flowAuthorize    flow = "authorize"
	flowAdminConsent flow = "adminconsent"
)

// interaction is one visit of a person: everything the pages need from one step
// to the next. The browser holds its id only, in a hidden field.
type interaction struct {
	id        string
	flow      flow
	authority authority
	app       App
	ask       asked
	// wanted are the delegated, application the application permissions asked.
	wanted, application []string
	deviceCode          string
	redirectURI, state  string
	nonce               string
	challenge, method   string
	prompt, hint        string
	v1                  bool
	// signedIn, person and home are set by the sign-in.
	signedIn bool
	person   Person
	home     string
}

// newInteraction reads what authorize and adminconsent have in common.
func (s *Server) newInteraction(r *http.Request, why flow, below bool) (interaction, *problem) {
	q := r.URL.Query()
	a, p := s.authority(r.PathValue("tenant"))
	if p != nil {
		return interaction{}, p
	}
	app, ok := s.state.AppByClientID(q.Get("client_id"))
	if !ok {
		return interaction{}, notInDirectory(q.Get("client_id"))
	}
	redirect := q.Get("redirect_uri")
	if !redirectAllowed(app, redirect, below) {
		return interaction{}, problemOf(50011, "invalid_request").because("'" + redirect + "'.")
	}
	return interaction{
		id: uuid.NewString(), flow: why, authority: a, app: app, redirectURI: redirect, state: q.Get("state"),
	}, nil
}

// back redirects to the application, with the state unchanged.
func (in interaction) back(w http.ResponseWriter, r *http.Request, answer url.Values) {
	target, err := url.Parse(in.redirectURI)
	if err != nil {
		http.Error(w, "the redirect address is not an address", http.StatusBadRequest)
		return
	}
	query := target.Query()
	for name, values := range answer {
		query[name] = values
	}
	if in.state != "" {
		query.Set("state", in.state)
	}
	target.RawQuery = query.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// deviceLogin is the page that verification_uri names.
func (s *Server) deviceLogin(w http.ResponseWriter, _ *http.Request) { s.showCode(w, "", nil) }

// deviceLoginCode takes the short code and goes on to the sign-in.
func (s *Server) deviceLoginCode(w http.ResponseWriter, r *http.Request) {
	typed := r.PostFormValue("code")
	grant, ok := s.store.deviceByUserCode(normalCode(typed))
	switch {
	case !ok:
		s.showCode(w, typed, problemOf(90119, "invalid_request"))
		return
	case grant.status != devicePending:
		s.showCode(w, typed, problemOf(90120, "invalid_request"))
		return
	case !s.state.Now().Before(grant.expires):
		s.showCode(w, typed, problemOf(70019, "expired_token"))
		return
	}
	in := interaction{
		id: uuid.NewString(), flow: flowDevice, authority: grant.authority, app: grant.app, ask: grant.ask,
		wanted: s.wanted(grant.app.ClientID, grant.ask), deviceCode: grant.deviceCode,
	}
	s.store.putInteraction(in)
	s.showSignIn(w, in, nil)
}

// login takes every further step of a visit.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	in, ok := s.store.interaction(r.PostFormValue("flow"))
	if !ok {
		s.showProblem(w, &problem{Error: "invalid_request", Text: "This page is out of date. Please start again."})
		return
	}
	switch action := r.PostFormValue("action"); {
	case action == "accept" && in.signedIn:
		s.accept(w, r, in)
	case action == "deny" && in.signedIn:
		s.deny(w, r, in)
	case action == "switch":
		in.signedIn, in.person = false, Person{}
		s.store.putInteraction(in)
		s.showSignIn(w, in, nil)
	default:
		s.passwordStep(w, r, in)
	}
}

// passwordStep signs in and goes on to consent, to the way back, or to a page
// that says what stands in the way.
func (s *Server) passwordStep(w http.ResponseWriter, r *http.Request, in interaction) {
	in.hint = r.PostFormValue("username")
	s.store.note(Password, r.PostFormValue("password"))
	person, home, p := s.signIn(in.authority, in.hint, r.PostFormValue("password"))
	if p != nil {
		s.showSignIn(w, in, p)
		return
	}
	in.signedIn, in.person, in.home = true, person, home
	s.state.Record(RecordSignIn, person.TenantID, person.ObjectID, string(in.flow)+" for app "+in.app.ClientID)
	if p := s.rolled(person.TenantID, signInFaults(in.flow)); p != nil {
		s.showProblem(w, p)
		return
	}
	s.store.putInteraction(in)
	switch need := s.need(in); {
	case need.admin && !mayConsent(person, len(in.application) > 0):
		s.showApproval(w, in)
	case in.flow == flowAuthorize && !need.consent && in.prompt != "consent":
		s.accept(w, r, in)
	default:
		s.showConsent(w, in)
	}
}

// signInFaults are the refusals shown after a right password.
func signInFaults(why flow) []faultRule {
	rules := []faultRule{{FaultMFARequired, problemOf(50076, "interaction_required")}}
	if why == flowDevice {
		return append(rules, faultRule{FaultDeviceCodeBlocked, problemOf(53003, "access_denied")})
	}
	return append(rules, faultRule{FaultConditionalAccess, problemOf(53003, "access_denied")})
}
