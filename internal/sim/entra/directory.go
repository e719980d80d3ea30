package entra

import (
	"log/slog"
	"time"
)

// Person is a user as the directory of one tenant sees it. A guest has one
// Person per tenant: its own at home, and one with Guest set elsewhere.
type Person struct {
	// ObjectID is the object id in the tenant named by TenantID.
	ObjectID string
	// UPN is the name typed on the sign-in page.
	UPN string
	// Name is the display name.
	Name string
	// TenantID is the tenant this Person belongs to. The tenant of Microsoft's
	// consumer accounts, ConsumerTenant, marks a personal account.
	TenantID string
	// Guest says that the home of this person is another tenant.
	Guest bool
	// Enabled is false for a blocked account.
	Enabled bool
	// Roles holds role template ids, for example RoleGlobalAdministrator.
	Roles []string
}

// App is an application registration.
type App struct {
	ClientID string
	Name     string
	// TenantID is the home of the registration; other tenants see a service
	// principal once they have consented.
	TenantID string
	// PublicClient is the portal's "allow public client flows", without which the
	// device flow needs a client credential (AADSTS7000218).
	PublicClient bool
	RedirectURIs []string
}

// State is what the sign-in service needs to know about the simulated cloud.
// Implementations must be safe for concurrent use.
type State interface {
	// Now is the virtual clock; every lifetime is measured on it.
	Now() time.Time
	// TenantByIDOrDomain resolves a path segment such as a GUID or contoso.com.
	TenantByIDOrDomain(s string) (id, name string, ok bool)
	// CheckPassword finds a person; an empty tenant searches all of them.
	CheckPassword(tenant, upn, password string) (Person, bool)
	// Person finds a person by object id.
	Person(tenant, oid string) (Person, bool)
	// AppByClientID finds an application registration in any tenant.
	AppByClientID(clientID string) (App, bool)
	// CheckAppSecret compares a client secret with the registered ones.
	CheckAppSecret(clientID, secret string) bool
	// AppCertificate returns the registered certificate, if there is one.
	AppCertificate(clientID string) (der []byte, ok bool)
	// Consented returns what a tenant has granted to an application. A consent
	// that has not propagated yet is not ok.
	Consented(tenant, clientID string) (delegated, application []string, ok bool)
	// GrantConsent adds to what a tenant has granted.
	GrantConsent(tenant, clientID string, delegated, application []string)
	// Fault rolls the dice for one of the Fault constants.
	Fault(name string, tenant string) bool
	// Record writes a line of the simulator's ledger.
	Record(kind, tenant, object, detail string)
}

// Options configures a Server.
type Options struct {
	// State is required.
	State State
	// Issuer is the base URL under which the caller serves the handler, without a
	// final slash, such as http://127.0.0.1:9001.
	Issuer string
	// LeastLife is the shortest life of codes and tokens, on the virtual clock: on a fast one Microsoft's own figures
	// leave a person no time to type. Zero keeps those.
	LeastLife time.Duration
	// Log may be nil, which discards.
	Log *slog.Logger
}

// Token is what a verified access token says.
type Token struct {
	Tenant   string
	ClientID string
	// ObjectID is empty for a token of the application itself.
	ObjectID string
	// Audience is GraphAudience or PartnerAudience.
	Audience string
	Scopes   []string
	Roles    []string
	WIDs     []string
	AMR      []string
	Expires  time.Time
}

// Registrations may be implemented by a State that knows which permissions an
// application registration lists. They are what "/.default" and the first
// generation of adminconsent ask for. A State without it gets a default set:
// what an upgrade of licences needs.
type Registrations interface {
	AppPermissions(clientID string) (delegated, application []string)
}

// Delegations may be implemented by a State that knows granular delegated
// administration (GDAP): which roles a partner's user has in a customer's
// tenant. A State without it lets every user of the application's home tenant
// into each tenant that consented, with no role.
type Delegations interface {
	DelegatedRoles(homeTenant, oid, tenant string) (roles []string, ok bool)
}

// Assignments may be implemented by a State that knows app roles and custom claims (pages
// "howto-add-app-roles-in-apps" and "saml-claims-customization"). A State without it
// gives nobody a role.
type Assignments interface {
	// AppRoles are the values of an application's roles that a principal has: a
	// person by object id, or another application by client id.
	AppRoles(clientID, principal string) []string
	// CustomClaims are what the application's claims policy adds to a person's
	// id token.
	CustomClaims(clientID, tenant, oid string) map[string]string
}
