package entra

import (
	"strings"

	"github.com/google/uuid"
)

// authority is the first segment of the path, resolved.
type authority struct {
	// segment is what the caller wrote.
	segment string
	// tenant and name are empty for the authorities without a tenant.
	tenant, name string
}

// The authorities without a tenant.
const (
	authCommon        = "common"
	authOrganizations = "organizations"
	authConsumers     = "consumers"
)

// authority resolves a path segment; the problem is 90002 or 900023.
func (s *Server) authority(segment string) (authority, *problem) {
	switch strings.ToLower(segment) {
	case authCommon, authOrganizations, authConsumers:
		return authority{segment: strings.ToLower(segment)}, nil
	}
	if id, name, ok := s.state.TenantByIDOrDomain(segment); ok {
		return authority{segment: segment, tenant: id, name: name}, nil
	}
	if _, err := uuid.Parse(segment); err != nil && !strings.Contains(segment, ".") {
		return authority{}, problemOf(900023, "invalid_request").because("'" + segment + "'.")
	}
	return authority{}, problemOf(90002, "invalid_request").because("'" + segment + "'.")
}

// key is what two calls of one flow must have in common: the same segment, or
// the same tenant written in another way.
func (a authority) key() string {
	if a.tenant != "" {
		return a.tenant
	}
	return a.segment
}

// signIn finds who may sign in here with a name and a password. home is the
// person's own tenant, which differs from Person.TenantID for a guest.
func (s *Server) signIn(a authority, upn, password string) (person Person, home string, _ *problem) {
	own, known := s.state.CheckPassword("", upn, password)
	if a.tenant == "" {
		return s.signInAnywhere(a, own, known)
	}
	person, ok := s.state.CheckPassword(a.tenant, upn, password)
	switch {
	case !ok && known:
		return Person{}, "", problemOf(50020, "invalid_grant").because("User '" + upn + "', tenant '" + a.name + "'.")
	case !ok:
		return Person{}, "", problemOf(50126, "invalid_grant")
	case !person.Enabled:
		return Person{}, "", problemOf(50057, "invalid_grant")
	}
	home = person.TenantID
	if person.Guest && known && !own.Guest {
		home = own.TenantID
	}
	return person, home, nil
}

// signInAnywhere is the sign-in at an authority without a tenant: personal
// accounts are for common and consumers, the others for common and organizations.
func (s *Server) signInAnywhere(a authority, own Person, known bool) (Person, string, *problem) {
	if !known {
		return Person{}, "", problemOf(50126, "invalid_grant")
	}
	personal := own.TenantID == ConsumerTenant
	if personal && a.segment == authOrganizations || !personal && a.segment == authConsumers {
		return Person{}, "", problemOf(50020, "invalid_grant").because("User '" + own.UPN + "'.")
	}
	if !own.Enabled {
		return Person{}, "", problemOf(50057, "invalid_grant")
	}
	return own, own.TenantID, nil
}
