package entra

import (
	"fmt"
	"maps"
	"strings"
)

// appRoles are the roles that a principal has in an application.
func (s *Server) appRoles(clientID, principal string) []string {
	if known, ok := s.state.(Assignments); ok {
		return known.AppRoles(clientID, principal)
	}
	return nil
}

// addAppClaims adds to an id token what the application assigned to the person:
// "roles" is left out when there are none (page "id-token-claims-reference").
func (s *Server) addAppClaims(claims map[string]any, in session) {
	if roles := s.appRoles(in.client.app.ClientID, in.person.ObjectID); len(roles) > 0 {
		claims["roles"] = roles
	}
	if known, ok := s.state.(Assignments); ok {
		for name, value := range known.CustomClaims(in.client.app.ClientID, in.tenant, in.person.ObjectID) {
			claims[name] = value
		}
	}
}

// ownAPI finds the application whose own API a scope names, by its application
// ID URI api://CLIENT-ID or by the bare client id.
func (s *Server) ownAPI(scope string) (App, bool) {
	name, ok := strings.CutSuffix(strings.TrimSpace(scope), "/.default")
	if !ok || strings.ContainsAny(name, " ") {
		return App{}, false
	}
	return s.state.AppByClientID(strings.TrimPrefix(name, "api://"))
}

// apiToken makes an application's token for another application's API. Such an
// API asks for v2.0 tokens (accessTokenAcceptedVersion 2, page
// "access-token-claims-reference"): the audience is its client id, the caller
// stands in azp, and the roles are the app roles assigned to the caller, none of
// which is no error.
func (s *Server) apiToken(t tokenRequest, api App) (tokenReply, *problem) {
	tenant, caller := t.authority.tenant, t.client.app
	if tenant != api.TenantID {
		return tokenReply{}, problemOf(500011, "invalid_resource").because("'" + api.ClientID + "'.")
	}
	if tenant != caller.TenantID {
		if _, _, ok := s.state.Consented(tenant, caller.ClientID); !ok {
			return tokenReply{}, notInDirectory(caller.ClientID)
		}
	}
	roles := s.appRoles(api.ClientID, caller.ClientID)
	claims := s.commonClaims(tenant)
	principal := pairwise(caller.ClientID, tenant)
	maps.Copy(claims, map[string]any{
		"iss": s.idIssuer(tenant), "aud": api.ClientID, "ver": "2.0", "azp": caller.ClientID, "azpacr": t.client.kind,
		"oid": principal, "sub": principal,
	})
	if len(roles) > 0 {
		claims["roles"] = roles
	}
	s.state.Record(RecordToken, tenant, caller.ClientID, fmt.Sprintf("app token for %s, roles %s", api.ClientID, strings.Join(roles, " ")))
	return s.newReply(s.sign(AccessToken, claims), api.ClientID, t.v1), nil
}
