package entra

import (
	"slices"
	"strings"
)

// asked is what a request asks for: one resource, its permissions, and the
// OpenID Connect scopes, which belong to no resource.
type asked struct {
	resource string
	// names are short names such as Organization.Read.All.
	names []string
	// dflt says that everything on the registration is asked ("/.default").
	dflt bool
	// prefixed says that the names were written with the resource's address, and
	// are answered like that.
	prefixed                        bool
	openid, profile, email, offline bool
}

// partnerScope is the one delegated permission of Partner Center.
const partnerScope = "user_impersonation"

// resourceOf finds the audience behind the ways to name a resource.
func resourceOf(name string) (string, bool) {
	switch strings.TrimRight(name, "/") {
	case GraphAudience, "00000003-0000-0000-c000-000000000000":
		return GraphAudience, true
	case PartnerAudience, "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd":
		return PartnerAudience, true
	case LegacyAudience, "00000002-0000-0000-c000-000000000000":
		return LegacyAudience, true
	}
	return "", false
}

// parseScope reads the scope parameter. Two resources in one request are refused
// with 70011, a resource that nobody knows with 500011.
func parseScope(scope string) (asked, *problem) {
	var ask asked
	for _, field := range strings.Fields(scope) {
		if ask.openIDScope(field) {
			continue
		}
		resource, name := GraphAudience, field
		if cut := strings.LastIndex(field, "/"); cut >= 0 {
			known, ok := resourceOf(field[:cut])
			if !ok {
				return asked{}, problemOf(500011, "invalid_resource").because("'" + field[:cut] + "'.")
			}
			resource, name, ask.prefixed = known, field[cut+1:], true
		}
		if ask.resource != "" && ask.resource != resource || name == "" {
			return asked{}, problemOf(70011, "invalid_scope").because("'" + scope + "'.")
		}
		ask.resource = resource
		if name == ".default" {
			ask.dflt = true
		} else {
			ask.names = append(ask.names, name)
		}
	}
	if ask.dflt && len(ask.names) > 0 {
		return asked{}, problemOf(70011, "invalid_scope").because(".default stands alone.")
	}
	if ask.resource == "" {
		ask.resource = GraphAudience
	}
	return ask, nil
}

func (a *asked) openIDScope(field string) bool {
	switch field {
	case "openid":
		a.openid = true
	case "profile":
		a.profile = true
	case "email":
		a.email = true
	case "offline_access":
		a.offline = true
	default:
		return false
	}
	return true
}

// answer writes the scope field of a token reply. offline_access is not repeated,
// as in Microsoft's samples.
func (a asked) answer(granted []string) string {
	var out []string
	for _, name := range granted {
		if a.prefixed {
			name = a.resource + "/" + name
		}
		out = append(out, name)
	}
	for name, wanted := range map[string]bool{"openid": a.openid, "profile": a.profile, "email": a.email} {
		if wanted {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// registered returns the permissions listed on the registration.
func (s *Server) registered(clientID string) (delegated, application []string) {
	if known, ok := s.state.(Registrations); ok {
		return known.AppPermissions(clientID)
	}
	return defaultPermissions()
}

// wanted returns the short names that a request asks a person to consent to.
func (s *Server) wanted(clientID string, ask asked) []string {
	switch {
	case !ask.dflt:
		return ask.names
	case ask.resource == PartnerAudience:
		return []string{partnerScope}
	}
	delegated, _ := s.registered(clientID)
	return forResource(delegated, ask.resource)
}

// forResource keeps the permissions of one resource and shortens their names.
func forResource(permissions []string, resource string) []string {
	var out []string
	for _, permission := range permissions {
		owner, name := GraphAudience, permission
		if cut := strings.LastIndex(permission, "/"); cut >= 0 {
			owner, _ = resourceOf(permission[:cut])
			name = permission[cut+1:]
		} else if permission == partnerScope {
			owner = PartnerAudience
		}
		if owner == resource || resource == LegacyAudience && owner == GraphAudience {
			out = append(out, name)
		}
	}
	return out
}

// missing returns what of wanted is not in granted; names compare without case.
func missing(wanted, granted []string) []string {
	var out []string
	for _, name := range wanted {
		if !slices.ContainsFunc(granted, func(g string) bool { return strings.EqualFold(g, name) }) {
			out = append(out, name)
		}
	}
	return out
}

// adminRestricted says whether only an administrator may consent to a delegated
// permission. It is the rule of thumb of the permissions reference, not its
// table: all of Directory, what concerns everybody (".All"), with the few
// exceptions an ordinary user may grant.
func adminRestricted(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "user.readbasic.all", "sites.read.all", "files.read.all", "files.readwrite.all":
		return false
	}
	return strings.HasPrefix(lower, "directory.") || strings.HasSuffix(lower, ".all") ||
		lower == partnerScope
}
