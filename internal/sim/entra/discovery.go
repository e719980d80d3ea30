package entra

import (
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

// discovery answers the OpenID Connect metadata of an authority (page
// "v2-protocols-oidc"). Authorities without a tenant name their issuer by the
// template {tenantid}, which no token carries literally.
func (s *Server) discovery(w http.ResponseWriter, r *http.Request) {
	a, p := s.authority(r.PathValue("tenant"))
	if p != nil {
		p.Error = "invalid_tenant"
		s.fail(w, r, p)
		return
	}
	issuerTenant := a.tenant
	switch a.segment {
	case authCommon, authOrganizations:
		issuerTenant = "{tenantid}"
	case authConsumers:
		issuerTenant = ConsumerTenant
	}
	base := s.issuer + "/" + a.key()
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                s.idIssuer(issuerTenant),
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"device_authorization_endpoint":         base + "/oauth2/v2.0/devicecode",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"claims_supported": []string{"sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username",
			"name", "tid", "ver", "oid", "wids", "roles"},
		"request_uri_parameter_supported": false,
	})
}

// keys answers the public signing key. One key serves all tenants, as Entra's do.
func (s *Server) keys(w http.ResponseWriter, r *http.Request) {
	if _, p := s.authority(r.PathValue("tenant")); p != nil {
		p.Error = "invalid_tenant"
		s.fail(w, r, p)
		return
	}
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key:       &s.key.PublicKey,
		KeyID:     s.keyID,
		Algorithm: string(jose.RS256),
		Use:       "sig",
	}}})
}

// idIssuer is the iss of a v2.0 token.
func (s *Server) idIssuer(tenant string) string { return s.issuer + "/" + tenant + "/v2.0" }
