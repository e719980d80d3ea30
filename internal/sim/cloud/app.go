package cloud

import (
	"crypto/subtle"
	"slices"
	"strings"

	"uplift/internal/sim/entra"
)

// AppSpec describes an application registration.
type AppSpec struct {
	ClientID, Name string
	Tenant         string // its home
	Secret         string
	Certificate    []byte // DER, optional
	PublicClient   bool
	RedirectURIs   []string
	// Delegated and Application are the permissions the registration lists: what
	// "/.default" means.
	Delegated, Application []string
	// Assigned are the app roles of this application, by who has them: a person's
	// principal name or object id, or another application's client id.
	Assigned map[string][]string
	// Claims is its claims policy: a claim of the id token, and the attribute of the
	// person that it carries.
	Claims map[string]string
}

type app struct{ AppSpec }

// AddApp registers an application.
func (c *Cloud) AddApp(s AppSpec) {
	c.enter()
	defer c.leave()
	c.apps = append(c.apps, &app{s})
}

func (c *Cloud) app(clientID string) *app {
	for _, a := range c.apps {
		if strings.EqualFold(a.ClientID, clientID) {
			return a
		}
	}
	return nil
}

// The methods below make Cloud the State of package entra.
var (
	_ entra.State         = (*Cloud)(nil)
	_ entra.Registrations = (*Cloud)(nil)
	_ entra.Delegations   = (*Cloud)(nil)
	_ entra.Assignments   = (*Cloud)(nil)
)

// TenantByIDOrDomain resolves an authority.
func (c *Cloud) TenantByIDOrDomain(s string) (id, name string, ok bool) {
	t, ok := c.Tenant(s)
	return t.ID, t.Company, ok
}

// CheckPassword finds who signs in; an empty tenant searches all.
func (c *Cloud) CheckPassword(tenant, upn, password string) (entra.Person, bool) {
	c.enter()
	defer c.leave()
	found, ok := entra.Person{}, false
	for _, t := range c.tenants {
		if tenant != "" && c.tenant(tenant) != t {
			continue
		}
		u := t.user(upn)
		if u == nil || u.Password == "" || subtle.ConstantTimeCompare([]byte(u.Password), []byte(password)) != 1 {
			continue
		}
		if !u.Guest {
			return person(t, u), true
		}
		found, ok = person(t, u), true // a guest is looked for at home first
	}
	return found, ok
}

// AddRedirect registers one more redirect URI of an application.
func (c *Cloud) AddRedirect(clientID, uri string) {
	c.enter()
	defer c.leave()
	if a := c.app(clientID); a != nil && !slices.Contains(a.RedirectURIs, uri) {
		a.RedirectURIs = append(a.RedirectURIs, uri)
	}
}

// Person finds a person by object id.
func (c *Cloud) Person(tenant, oid string) (entra.Person, bool) {
	c.enter()
	defer c.leave()
	if t := c.tenant(tenant); t != nil {
		if u := t.user(oid); u != nil {
			return person(t, u), true
		}
	}
	return entra.Person{}, false
}

func person(t *Tenant, u *User) entra.Person {
	return entra.Person{ObjectID: u.ID, UPN: u.UPN, Name: u.DisplayName, TenantID: t.ID, Guest: u.Guest,
		Enabled: !u.Disabled, Roles: slices.Clone(u.Roles)}
}

// AppByClientID finds an application registration.
func (c *Cloud) AppByClientID(clientID string) (entra.App, bool) {
	c.enter()
	defer c.leave()
	a := c.app(clientID)
	if a == nil {
		return entra.App{}, false
	}
	return entra.App{ClientID: a.ClientID, Name: a.Name, TenantID: a.Tenant, PublicClient: a.PublicClient,
		RedirectURIs: slices.Clone(a.RedirectURIs)}, true
}

// CheckAppSecret compares a client secret.
func (c *Cloud) CheckAppSecret(clientID, secret string) bool {
	c.enter()
	defer c.leave()
	a := c.app(clientID)
	return a != nil && a.Secret != "" && subtle.ConstantTimeCompare([]byte(a.Secret), []byte(secret)) == 1
}

// AppCertificate returns the registered certificate.
func (c *Cloud) AppCertificate(clientID string) (der []byte, ok bool) {
	c.enter()
	defer c.leave()
	a := c.app(clientID)
	if a == nil || len(a.Certificate) == 0 {
		return nil, false
	}
	return slices.Clone(a.Certificate), true
}

// AppPermissions returns what a registration lists.
func (c *Cloud) AppPermissions(clientID string) (delegated, application []string) {
	c.enter()
	defer c.leave()
	if a := c.app(clientID); a != nil {
		return slices.Clone(a.Delegated), slices.Clone(a.Application)
	}
	return nil, nil
}

// AppRoles are the roles of an application that a principal has.
func (c *Cloud) AppRoles(clientID, principal string) []string {
	c.enter()
	defer c.leave()
	a := c.app(clientID)
	if a == nil {
		return nil
	}
	if roles, ok := a.Assigned[principal]; ok {
		return slices.Clone(roles)
	}
	if t := c.tenant(a.Tenant); t != nil {
		if u := t.user(principal); u != nil {
			return slices.Clone(a.Assigned[u.UPN])
		}
	}
	return nil
}

// CustomClaims are what an application's claims policy says of a person.
func (c *Cloud) CustomClaims(clientID, tenant, oid string) map[string]string {
	c.enter()
	defer c.leave()
	a, t := c.app(clientID), c.tenant(tenant)
	if a == nil || t == nil || t.user(oid) == nil {
		return nil
	}
	claims := map[string]string{}
	for name, attribute := range a.Claims {
		if value := t.user(oid).Attributes[attribute]; value != "" {
			claims[name] = value
		}
	}
	return claims
}

// DelegatedRoles are the granular delegated roles of a partner's user in a
// customer's tenant: Directory Writers for an admin agent, Directory Readers
// where the customer withholds it, and none without a relationship.
func (c *Cloud) DelegatedRoles(home, oid, tenant string) (roles []string, ok bool) {
	c.enter()
	defer c.leave()
	t, from := c.tenant(tenant), c.tenant(home)
	if t == nil || from == nil || from != c.partner || t.NoRelationship || t.NoDelegation {
		return nil, false
	}
	if u := from.user(oid); u == nil || !u.AdminAgent {
		return nil, false
	}
	if t.NoTransferRights {
		return []string{DirectoryReaders}, true
	}
	return []string{DirectoryWriters, LicenseAdministrator}, true
}

// Fault rolls the dice for a fault of package entra.
func (c *Cloud) Fault(name, tenant string) bool {
	return c.Roll(Fault(name), Origin{Tenant: tenant, Path: "/" + name})
}

// Record writes a line of the ledger for package entra.
func (c *Cloud) Record(kind, tenant, object, detail string) {
	c.enter()
	defer c.leave()
	c.record(kind, tenant, object, nil, detail, Origin{Tenant: tenant})
}
