package entra

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
)

// authGrant is an authorization code.
type authGrant struct {
	clientID, redirectURI string
	challenge, method     string
	nonce                 string
	ask                   asked
	person                Person
	home                  string
	granted               []string
	expires               time.Time
	spent                 bool
}

// authorize starts a sign-in by authorization code (page
// "v2-oauth2-auth-code-flow"). A wrong client or address is told to the person
// and never redirected: the address is not to be trusted.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	in, p := s.newInteraction(r, flowAuthorize, false)
	if p != nil {
		s.showProblem(w, p)
		return
	}
	in.nonce, in.challenge, in.method = q.Get("nonce"), q.Get("code_challenge"), q.Get("code_challenge_method")
	in.prompt, in.hint = q.Get("prompt"), q.Get("login_hint")
	if p := s.checkAuthorize(q, &in); p != nil {
		in.back(w, r, url.Values{"error": {p.Error}, "error_description": {p.sentence()}})
		return
	}
	s.store.putInteraction(in)
	s.showSignIn(w, in, nil)
}

// checkAuthorize finds what is wrong with a request whose sender is known.
func (s *Server) checkAuthorize(q url.Values, in *interaction) *problem {
	ask, p := parseScope(q.Get("scope"))
	if p != nil {
		return p
	}
	in.ask, in.wanted = ask, s.wanted(in.app.ClientID, ask)
	mode := q.Get("response_mode")
	switch {
	case q.Get("response_type") != "code":
		return &problem{Error: "unsupported_response_type", Code: 700054, Text: "Only response_type 'code' is enabled for the application."}
	case mode != "" && mode != "query":
		return problemOf(90014, "invalid_request").because("Only response_mode 'query' is offered here.")
	case in.challenge != "" && in.method != "S256" && in.method != "plain" && in.method != "":
		return problemOf(90014, "invalid_request").because("'code_challenge_method'.")
	case in.prompt == "none":
		return problemOf(50058, "login_required")
	}
	return nil
}

// finishAuthorize sends the browser back with a code.
func (s *Server) finishAuthorize(w http.ResponseWriter, r *http.Request, in interaction) {
	code := s.secret(AuthorizationCode, "1.A")
	s.store.putAuthCode(code, authGrant{
		clientID: in.app.ClientID, redirectURI: in.redirectURI, challenge: in.challenge, method: in.method,
		nonce: in.nonce, ask: in.ask, person: in.person, home: in.home, granted: in.wanted,
		expires: s.state.Now().Add(s.life(AuthCodeLife)),
	})
	in.back(w, r, url.Values{"code": {code}, "session_state": {uuid.NewString()}})
}

// redeemAuthCode makes tokens of a code. It counts once: 54005 afterwards.
func (s *Server) redeemAuthCode(t tokenRequest) (tokenReply, *problem) {
	form := t.r.PostForm
	code := form.Get("code")
	s.store.note(CodeVerifier, form.Get("code_verifier"))
	grant, ok := s.store.authCode(code)
	tenant := grant.person.TenantID
	switch {
	case !ok || grant.clientID != t.client.app.ClientID:
		return tokenReply{}, problemOf(70000, "invalid_grant")
	case t.authority.tenant != "" && t.authority.tenant != tenant:
		return tokenReply{}, problemOf(70000, "invalid_grant").because("The code was issued in another tenant.")
	case grant.spent:
		return tokenReply{}, problemOf(54005, "invalid_grant")
	case !s.state.Now().Before(grant.expires):
		return tokenReply{}, problemOf(70008, "invalid_grant")
	case form.Get("redirect_uri") != grant.redirectURI:
		return tokenReply{}, problemOf(500112, "invalid_client")
	case !verifierMatches(grant, form.Get("code_verifier")):
		return tokenReply{}, problemOf(501481, "invalid_grant")
	}
	if p := s.slowConsent(tenant, grant.clientID); p != nil {
		return tokenReply{}, p
	}
	if !s.store.spendAuthCode(code) {
		return tokenReply{}, problemOf(54005, "invalid_grant")
	}
	return s.userReply(session{
		client: t.client, person: grant.person, tenant: tenant, home: grant.home, wids: grant.person.Roles,
		granted: grant.granted, ask: grant.ask, nonce: grant.nonce, v1: t.v1,
	}), nil
}

// verifierMatches is PKCE (RFC 7636). A code made without a challenge takes no
// verifier.
func verifierMatches(grant authGrant, verifier string) bool {
	if grant.challenge == "" {
		return verifier == ""
	}
	got := verifier
	if grant.method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(grant.challenge)) == 1
}

// redirectAllowed compares an address with the registered ones: exactly, or,
// for the first generation of adminconsent, also below one.
func redirectAllowed(app App, uri string, below bool) bool {
	if uri == "" {
		return false
	}
	return slices.ContainsFunc(app.RedirectURIs, func(registered string) bool {
		return uri == registered || below && isBelow(registered, uri)
	})
}
