package access

import (
	"slices"
	"strings"
)

// claims are a verified token's.
type claims map[string]any

// who reads a person, or a system, from a verified token. A role that is none of ours counts for nothing; the role reseller
// without a reseller's id neither.
func (g *Guard) who(c claims) Who {
	w := Who{
		// Entra's oid is the same for all applications, where sub is not.
		Subject: c.first("oid", "sub"),
		// The user name is nobody else's, which a name may be, and the register tells people apart by it.
		Name: c.first("preferred_username", "upn", "email", "name", "app_displayname", "azp", "appid", "client_id"),
	}
	for _, said := range c.list(g.RolesClaim) {
		role := Role(said)
		if meant, ok := g.RoleNames[said]; ok {
			role = meant
		}
		if slices.Contains(Roles(), role) && !slices.Contains(w.Roles, role) {
			w.Roles = append(w.Roles, role)
		}
	}
	if ids := c.list(g.ResellerClaim); w.Has(Reseller) && len(ids) == 1 {
		w.Reseller = strings.TrimSpace(ids[0])
	}
	if w.Reseller == "" {
		w.Roles = slices.DeleteFunc(w.Roles, func(r Role) bool { return r == Reseller })
	}
	return w
}

// first is the first of some claims that is a word.
func (c claims) first(names ...string) string {
	for _, name := range names {
		if s, ok := c[name].(string); ok && strings.TrimSpace(s) != "" {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// list is a claim as a list of words, whether it is one word or several. A point in its name leads into an object, where no
// claim has the whole name.
func (c claims) list(name string) []string {
	value, ok := c[name]
	if !ok {
		if outer, inner, found := strings.Cut(name, "."); found {
			if object, isObject := c[outer].(map[string]any); isObject {
				return claims(object).list(inner)
			}
		}
		return nil
	}
	var words []string
	switch v := value.(type) {
	case string:
		words = append(words, v)
	case []any:
		for _, one := range v {
			if s, isString := one.(string); isString {
				words = append(words, s)
			}
		}
	}
	return words
}
