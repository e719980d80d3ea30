package entra

import (
	"fmt"
	"maps"
	"strings"
)

// clientCredentials makes a token of the application itself (page
// "v2-oauth2-client-creds-grant-flow"). In a tenant that never consented, or
// where the consent has not arrived at this replica, the application does not
// exist: 700016. With a consent that holds no application permission the token
// is good and has no roles, and the resource says 403.
func (s *Server) clientCredentials(t tokenRequest) (tokenReply, *problem) {
	tenant, app := t.authority.tenant, t.client.app
	if tenant == "" {
		return tokenReply{}, problemOf(9001023, "invalid_request")
	}
	if api, ok := s.ownAPI(t.r.PostForm.Get("scope")); ok && !t.v1 {
		return s.apiToken(t, api)
	}
	ask, p := t.ask(asked{})
	if p != nil {
		return tokenReply{}, p
	}
	if !ask.dflt {
		return tokenReply{}, problemOf(70011, "invalid_scope").because("Client credentials need exactly one resource with /.default.")
	}
	_, application, ok := s.state.Consented(tenant, app.ClientID)
	if !ok && tenant != app.TenantID {
		return tokenReply{}, notInDirectory(app.ClientID)
	}
	roles := forResource(application, ask.resource)
	if s.state.Fault(FaultNoRoles, tenant) {
		roles = nil
	}
	token := s.sign(AccessToken, s.appClaims(t.client, tenant, ask.resource, roles))
	s.state.Record(RecordToken, tenant, app.ClientID,
		fmt.Sprintf("app token for %s, roles %s", ask.resource, strings.Join(roles, " ")))
	return s.newReply(token, ask.resource, t.v1), nil
}

// appClaims are those of an app-only token. roles is left out when empty, as
// Entra does; oid is the service principal's, which Verify does not pass on.
func (s *Server) appClaims(c client, tenant, resource string, roles []string) map[string]any {
	claims := s.commonClaims(tenant)
	principal := pairwise(c.app.ClientID, tenant)
	maps.Copy(claims, map[string]any{
		"iss":             "https://sts.windows.net/" + tenant + "/",
		"aud":             resource,
		"ver":             "1.0",
		"appid":           c.app.ClientID,
		"appidacr":        c.kind,
		"app_displayname": c.app.Name,
		"idtyp":           "app",
		"oid":             principal,
		"sub":             principal,
	})
	if len(roles) > 0 {
		claims["roles"] = roles
	}
	return claims
}
