package preflight

import (
	"context"
	"time"

	"uplift/internal/config"
	"uplift/upgrade"
)

// Installation is what is examined. Each function may be asked more than once, and may fail: its error is the finding.
type Installation struct {
	Settings *config.Settings
	// Broken is all that is wrong with the settings. What they say is then examined as far as it goes.
	Broken upgrade.Problems
	// Customers are tenants in which the partner's delegated administration and the application's consent are examined.
	Customers []string
	// ConsentRedirect and PartnerRedirect are where Microsoft sends browsers back: those of administrators who consent, and
	// that of the partner's own user.
	ConsentRedirect, PartnerRedirect string
	Now                              func() time.Time // nil: time.Now

	// Catalogue, CodecKeys and LinkKeys read the files, and say in words what was read.
	Catalogue, CodecKeys, LinkKeys func() (string, error)
	Register                       func(context.Context) (upgrade.RegisterState, error)
	Temporal                       func(context.Context) (Temporal, error)
	// Entra is the sign-in service for the application with its credential, and Public for the same application without.
	Entra, Public func() (Entra, error)
	// Graph asks Microsoft Graph something without a token, and returns the answer's HTTP status.
	Graph func(context.Context) (status int, err error)
	// Organization reads a tenant at Microsoft Graph with a person's token.
	Organization func(ctx context.Context, tenant string, token upgrade.Secret) (upgrade.Organization, error)
	// Center is Partner Center for whoever token speaks for.
	Center func(token func(context.Context) (upgrade.Secret, error)) (Center, error)
	// SignIn is the sign-in of the partner's own user, in a register that exists and is up to date.
	SignIn func(context.Context) (SignIn, error)
	// Mail connects and signs in to the mail server.
	Mail func(context.Context) error
	// Portal asks the consent page for its health, from here.
	Portal func(context.Context) (status int, body string, err error)
}

// Temporal is one namespace of a Temporal server.
type Temporal interface {
	// Address and Namespace are what is examined.
	Address() string
	Namespace() string
	// Retention fails with code no_namespace where the namespace does not exist.
	Retention(context.Context) (time.Duration, error)
	SearchAttributes(context.Context) (missing, wrong []string, err error)
	// Pollers counts the workers that ask for work.
	Pollers(context.Context) (workflows, activities int, err error)
	Close()
}

// Entra is the sign-in service, as one application sees it.
type Entra interface {
	Clock(context.Context) (time.Time, error)
	PartnerToken(context.Context) (upgrade.Secret, error)
	ProbeRedirect(ctx context.Context, redirect string) (registered, sure bool, err error)
	StartDeviceCode(ctx context.Context, tenant string, scopes []string) (upgrade.PendingCode, error)
	RedeemDeviceCode(ctx context.Context, tenant string, code upgrade.Secret) (upgrade.Tokens, error)
	// ApplicationRoles are the application permissions that a customer's tenant consented to.
	ApplicationRoles(ctx context.Context, tenant string) ([]string, error)
}

// Center is Partner Center.
type Center interface {
	// Standing tells whether the caller is taken; mfa is "true", "false", or empty where the service does not say.
	Standing(context.Context) (mfa string, date time.Time, err error)
	Customer(ctx context.Context, tenant string) (upgrade.Customer, error)
}

// SignIn is the sign-in of the partner's own user.
type SignIn interface {
	// SignedIn fails with code no_partner_sign_in where nobody has.
	SignedIn(context.Context) (at, used time.Time, err error)
	PartnerCenter(context.Context) (upgrade.Secret, error)
	// Graph is a token for a customer's tenant.
	Graph(ctx context.Context, tenant string) (upgrade.Secret, error)
	// SecondFactor and Roles read what a token says of its person.
	SecondFactor(upgrade.Secret) (said, has bool)
	Roles(upgrade.Secret) (roles []string, said bool)
	Close()
}
