package entra

import (
	"net/http"
	"slices"
)

// The grants of the token endpoint.
const (
	grantDevice   = "urn:ietf:params:oauth:grant-type:device_code"
	grantClient   = "client_credentials"
	grantRefresh  = "refresh_token"
	grantAuthCode = "authorization_code"
)

// tokenRequest is a token request whose authority and client are known.
type tokenRequest struct {
	authority authority
	client    client
	r         *http.Request
	// v1 is the first generation of the endpoint, which names a resource instead
	// of scopes.
	v1 bool
}

func (s *Server) tokenV2(w http.ResponseWriter, r *http.Request) { s.token(w, r, false) }
func (s *Server) tokenV1(w http.ResponseWriter, r *http.Request) { s.token(w, r, true) }

// token serves every grant. The order of the checks is that of the real service
// as far as it shows: tenant, grant, client, then the grant's own matter.
func (s *Server) token(w http.ResponseWriter, r *http.Request, v1 bool) {
	reply, tenant, p := s.tokenFor(r, v1)
	if p != nil {
		s.fail(w, r, p)
		return
	}
	s.send(w, tenant, reply)
}

func (s *Server) tokenFor(r *http.Request, v1 bool) (tokenReply, string, *problem) {
	a, p := s.formAndAuthority(r)
	if p != nil {
		return tokenReply{}, "", p
	}
	grant := r.PostForm.Get("grant_type")
	serve := map[string]func(tokenRequest) (tokenReply, *problem){
		grantDevice:   s.redeemDevice,
		grantClient:   s.clientCredentials,
		grantRefresh:  s.redeemRefresh,
		grantAuthCode: s.redeemAuthCode,
	}[grant]
	if serve == nil {
		return tokenReply{}, "", &problem{Status: http.StatusBadRequest, Error: "unsupported_grant_type", Code: 70003,
			Text: "The app requested an unsupported grant type '" + grant + "'."}
	}
	c, p := s.authenticate(r, a, grant)
	if p != nil {
		return tokenReply{}, "", p
	}
	if p := s.rolled(a.tenant, slices.Concat(anyGrantFaults(), grantFaults(grant))); p != nil {
		return tokenReply{}, "", p
	}
	reply, p := serve(tokenRequest{authority: a, client: c, r: r, v1: v1})
	return reply, a.tenant, p
}

// formAndAuthority reads what every POST of a client has.
func (s *Server) formAndAuthority(r *http.Request) (authority, *problem) {
	if err := r.ParseForm(); err != nil {
		return authority{}, problemOf(90014, "invalid_request").because("The body is not a form.")
	}
	return s.authority(r.PathValue("tenant"))
}

// ask reads what the request wants: resource in the first generation, scope in
// the second. fallback serves a refresh that names neither.
func (t tokenRequest) ask(fallback asked) (asked, *problem) {
	form := t.r.PostForm
	if t.v1 {
		name := form.Get("resource")
		resource, ok := resourceOf(name)
		if !ok {
			return asked{}, problemOf(500011, "invalid_resource").because("'" + name + "'.")
		}
		return asked{resource: resource, dflt: true, openid: true, profile: true, offline: true}, nil
	}
	if form.Get("scope") == "" && fallback.resource != "" {
		return fallback, nil
	}
	return parseScope(form.Get("scope"))
}
