package entra

import "time"

// The audiences of access tokens. A resource must compare Token.Audience with
// its own: Verify only says that the audience is one of these.
const (
	GraphAudience   = "https://graph.microsoft.com"
	PartnerAudience = "https://api.partnercenter.microsoft.com"
	// LegacyAudience is Azure AD Graph. Tokens for it are still issued; Partner
	// Center refuses them with 900420 since 2025-08.
	LegacyAudience = "https://graph.windows.net"
)

// ConsumerTenant is the tenant of personal Microsoft accounts (page
// "id-token-claims-reference", claim tid).
const ConsumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// Role template ids that decide who may consent (page "permissions-reference").
const (
	RoleGlobalAdministrator         = "62e90394-69f5-4237-9190-012177145e10"
	RolePrivilegedRoleAdministrator = "e8611ab8-c189-46e8-94e1-60213ab1f814"
	RoleApplicationAdministrator    = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	// RoleCloudApplicationAdministrator is general knowledge, not from a page.
	RoleCloudApplicationAdministrator = "158c047a-c907-4556-b7ef-446551a6b5f7"
)

// Kinds of ledger lines. Details never contain a secret.
const (
	RecordDeviceCode = "entra.devicecode"
	RecordSignIn     = "entra.signin"
	RecordConsent    = "entra.consent"
	RecordDeclined   = "entra.declined"
	RecordToken      = "entra.token"
)

// Lifetimes, on the virtual clock.
const (
	// DeviceCodeLife is expires_in of the device authorization (page "v2-oauth2-device-code").
	DeviceCodeLife = 15 * time.Minute
	// PollInterval is interval of the device authorization, same page.
	PollInterval = 5 * time.Second
	// AccessTokenLife is the sample's 3599 seconds; the real one varies between 60
	// and 90 minutes.
	AccessTokenLife = 3599 * time.Second
	// RefreshTokenLife is the inactivity after which a refresh token dies with
	// AADSTS700082.
	RefreshTokenLife = 90 * 24 * time.Hour
	// AuthCodeLife is how long an authorization code waits (page "v2-oauth2-auth-code-flow").
	AuthCodeLife = 10 * time.Minute

	// hastyBelow is the gap between two polls that counts as much too fast. It is
	// below the interval since a client's and this clock differ a little.
	hastyBelow = PollInterval * 3 / 5
	// hastyLimit is how many hasty polls in a row are pardoned before AADSTS50196.
	// The real number is UNVERIFIED: reports say "after about two minutes".
	hastyLimit = 3
	// consentSettles is how long an interactive answer is believed without the
	// directory's confirmation when a refresh token is redeemed.
	consentSettles = 10 * time.Minute
)

// defaultPermissions returns the permissions behind "/.default"
// of an application when the State does not implement Registrations.
func defaultPermissions() (delegated, application []string) {
	return []string{"Directory.Read.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All", "User.ReadWrite.All"},
		[]string{"Directory.Read.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All", "User.ReadWrite.All"}
}
