package config

import (
	"maps"
	"slices"
	"strings"

	"uplift/internal/keyfile"
	"uplift/upgrade"
)

const (
	flagIssuer       = "oidc-issuer"
	flagPortalClient = "oidc-client-id"
	flagPortalSecret = "oidc-client-secret-file"

	// noIssuer turns an identity provider off that the profile or the environment gives.
	noIssuer = "none"
)

// takeIssuer keeps the URL as it is written: tokens name their issuer character for character, with a slash at the end or
// without.
func takeIssuer(s *Settings, text string) *upgrade.Problem {
	if text == noIssuer {
		s.OIDCIssuer = ""
		return nil
	}
	if _, problem := webURL(text); problem != nil {
		return problem
	}
	s.OIDCIssuer = text
	return nil
}

func takePortalSecret(s *Settings, text string) *upgrade.Problem {
	data, err := keyfile.Read(text)
	if err != nil {
		return fileProblem(err)
	}
	secret := strings.TrimSpace(string(data))
	if secret == "" {
		return wrong("%s is empty", text)
	}
	s.OIDCClientSecret = upgrade.Secret(secret)
	return nil
}

// roleNames are the roles of the portal; service holds that they are those of package access.
func roleNames() []string { return []string{"operator", "helpdesk", "reseller", "engineer", "billing"} }

func takeRoleNames(s *Settings, text string) *upgrade.Problem {
	names := map[string]string{}
	for _, one := range list(text) {
		said, role, _ := strings.Cut(one, "=")
		said, role = strings.TrimSpace(said), strings.TrimSpace(role)
		if said == "" || !slices.Contains(roleNames(), role) {
			return wrong("%q is not of the form value=role, with a role of %s", one, strings.Join(roleNames(), ", "))
		}
		names[said] = role
	}
	s.OIDCRoleNames = maps.Clone(names)
	return nil
}

// checkIdentityProvider holds serve to this machine where nobody can be asked who they are.
func (s *Settings) checkIdentityProvider(problems *upgrade.Problems) {
	switch {
	case s.OIDCIssuer == "" && s.Listen != "" && !loopbackAddress(s.Listen):
		problems.Add("-listen", "no_identity_provider", "without an identity provider serve listens on loopback only: whoever reached it could decide about upgrades",
			"give -oidc-issuer and -oidc-client-id, or listen on 127.0.0.1")
	case s.OIDCIssuer != "" && s.OIDCClientID == "":
		problems.Add("-"+flagPortalClient, "missing_setting", "is needed with -"+flagIssuer, "give -"+flagPortalClient+" or UPLIFT_OIDC_CLIENT_ID")
	}
	if s.OIDCIssuer == "" {
		s.OIDCClientID, s.OIDCClientSecret = "", ""
	} else if s.Dev() && s.OIDCClientSecret == "" && s.OIDCClientID == DevPortalClientID {
		s.OIDCClientSecret = DevPortalSecret
	}
}
