package entra

import "net/http"

// The faults. Each is the name given to State.Fault, which rolls the dice; the
// tenant is the id of the authority called, or empty for common and
// organizations. Section numbers are those of the project's facts about
// Microsoft; pages are named where one exists.
const (
	// FaultTransient answers a token or devicecode request with 503
	// temporarily_unavailable, AADSTS90033, before any effect (1.6, 1.7).
	FaultTransient string = "entra.transient"
	// FaultThrottled answers with 429, Retry-After and AADSTS90055 (1.7).
	FaultThrottled string = "entra.throttled"
	// FaultGatewayPage answers with 502 and a page of HTML instead of JSON, as the
	// gateway in front of the service does.
	FaultGatewayPage string = "entra.gateway-page"
	// FaultRequestLost drops the connection before the token request has any effect.
	FaultRequestLost string = "entra.request-lost"
	// FaultTokenReplyLost issues the token, with all effects, and drops the
	// connection. A device code or an authorization code is then spent.
	FaultTokenReplyLost string = "entra.token-reply-lost"

	// FaultThrottledDate is FaultThrottled with Retry-After as an HTTP date, which
	// RFC 9110 section 10.2.3 permits.
	FaultThrottledDate string = "entra.throttled-date"
	// FaultHang accepts the request and never answers; nothing happens.
	FaultHang string = "entra.hang"
	// FaultCutReply does what is asked and cuts the reply short. A device code or an
	// authorization code is then spent.
	FaultCutReply string = "entra.cut-reply"
	// FaultDeviceCodeReplyLost makes a device code and drops the connection.
	FaultDeviceCodeReplyLost string = "entra.device-code-reply-lost"

	// FaultRefused answers with a definite no, AADSTS53003, before any effect; only
	// where it is injected.
	FaultRefused string = "entra.refused"
	// FaultUndocumentedCode answers with a number that no page lists; only where it
	// is injected.
	FaultUndocumentedCode string = "entra.undocumented-code"

	// FaultDeviceCodeBlocked shows AADSTS53003 on the page after the sign-in, as
	// Conditional Access on authentication flows does; the poller hears "pending"
	// until the code expires (1.1).
	FaultDeviceCodeBlocked string = "entra.device-code-blocked"
	// FaultDeviceTokenBlocked lets the person accept and answers the poll with
	// AADSTS53003: the policy is met at the token (1.1, 1.7).
	FaultDeviceTokenBlocked string = "entra.device-token-blocked"
	// FaultWrongDataCentre answers a poll with AADSTS50134; a retry is right (1.7).
	FaultWrongDataCentre string = "entra.wrong-data-centre"
	// FaultSlowDown answers a poll with RFC 8628's slow_down, which Microsoft does
	// not list. UNVERIFIED (1.1).
	FaultSlowDown string = "entra.slow-down"
	// FaultSpentCode54005 answers the second redemption of a device code with
	// AADSTS54005 instead of 70018. Which one Entra sends is UNVERIFIED.
	FaultSpentCode54005 string = "entra.spent-code-54005"

	// FaultSlowConsent makes the redemption of a device code or an authorization
	// code answer AADSTS65001 until State.Consented says yes; the code is not
	// spent by that (5.2, 5.3).
	FaultSlowConsent string = "entra.slow-consent"
	// FaultServicePrincipalRace answers client credentials with AADSTS650051 (1.7).
	FaultServicePrincipalRace string = "entra.service-principal-race"
	// FaultAppNotReplicated answers client credentials with AADSTS700016 although
	// the tenant has consented (5.2).
	FaultAppNotReplicated string = "entra.app-not-replicated"
	// FaultSecretExpired answers client credentials with AADSTS7000222 (1.7).
	FaultSecretExpired string = "entra.secret-expired"
	// FaultNoRoles issues an app-only token without any role (1.2, claim roles).
	FaultNoRoles string = "entra.no-roles"
	// FaultConsentRedirectLost records the consent and never sends the browser
	// back: a blank page instead of the redirect (1.4).
	FaultConsentRedirectLost string = "entra.consent-redirect-lost"

	// FaultNoWIDs leaves wids out of the id token; the access token keeps them (1.2).
	FaultNoWIDs string = "entra.no-wids"
	// FaultNoMFA leaves "mfa" out of amr, which Partner Center refuses (3.1).
	FaultNoMFA string = "entra.no-mfa"
	// FaultMFARequired answers a refresh, or shows at a sign-in, AADSTS50076 (1.7).
	FaultMFARequired string = "entra.mfa-required"
	// FaultConditionalAccess answers a refresh, or shows at a sign-in other than
	// by device code, AADSTS53003 (1.7).
	FaultConditionalAccess string = "entra.conditional-access"
	// FaultRefreshRevoked answers a refresh with AADSTS50173 (1.7, 3.1).
	FaultRefreshRevoked string = "entra.refresh-revoked"
	// FaultRefreshExpired answers a refresh with AADSTS700082 (1.7, 3.1).
	FaultRefreshExpired string = "entra.refresh-expired"
	// FaultOldRefreshRefused refuses, with AADSTS70008, a refresh token that has
	// been redeemed before. Entra does not do so today.
	FaultOldRefreshRefused string = "entra.old-refresh-refused"
	// FaultNotPreconsented answers a refresh at a customer's authority with
	// AADSTS90099 (1.7, 3.1).
	FaultNotPreconsented string = "entra.not-preconsented"
)

// Faults returns the name of every fault, for lists and for settings checks.
func Faults() []string {
	return []string{
		FaultTransient, FaultThrottled, FaultGatewayPage, FaultRequestLost, FaultTokenReplyLost,
		FaultThrottledDate, FaultHang, FaultCutReply, FaultDeviceCodeReplyLost, FaultRefused, FaultUndocumentedCode,
		FaultDeviceCodeBlocked, FaultDeviceTokenBlocked, FaultWrongDataCentre, FaultSlowDown, FaultSpentCode54005,
		FaultSlowConsent, FaultServicePrincipalRace, FaultAppNotReplicated, FaultNoRoles, FaultConsentRedirectLost, FaultSecretExpired,
		FaultNoWIDs, FaultNoMFA, FaultMFARequired, FaultConditionalAccess,
		FaultRefreshRevoked, FaultRefreshExpired, FaultOldRefreshRefused, FaultNotPreconsented,
	}
}

// faultRule answers a request with a problem when its fault is rolled.
type faultRule struct {
	fault   string
	problem *problem
}

// anyGrantFaults stand in front of the devicecode and the token endpoint.
func anyGrantFaults() []faultRule {
	return []faultRule{
		{FaultTransient, transient()},
		{FaultThrottled, throttled()},
		{FaultGatewayPage, &problem{Status: http.StatusBadGateway, HTML: true}},
		{FaultRequestLost, &problem{Drop: true}},
		{FaultThrottledDate, throttledDate()},
		{FaultHang, &problem{Hang: true}},
		{FaultRefused, problemOf(53003, "interaction_required").sub("message_only")},
		{FaultUndocumentedCode, problemOf(987654, "not_arranged")},
	}
}

// grantFaults stand in front of one grant each.
func grantFaults(grant string) []faultRule {
	switch grant {
	case grantDevice:
		return []faultRule{
			{FaultWrongDataCentre, problemOf(50134, "invalid_grant")},
			{FaultSlowDown, &problem{Status: http.StatusBadRequest, Error: "slow_down", Text: "Polling is too frequent."}},
		}
	case grantClient:
		return []faultRule{
			{FaultServicePrincipalRace, problemOf(650051, "invalid_client")},
			{FaultAppNotReplicated, problemOf(700016, "unauthorized_client")},
			{FaultSecretExpired, problemOf(7000222, "invalid_client")},
		}
	case grantRefresh:
		return []faultRule{
			{FaultMFARequired, problemOf(50076, "interaction_required").sub("basic_action")},
			{FaultConditionalAccess, problemOf(53003, "interaction_required").sub("message_only")},
			{FaultRefreshRevoked, problemOf(50173, "invalid_grant").sub("bad_token")},
			{FaultRefreshExpired, problemOf(700082, "invalid_grant").sub("bad_token")},
		}
	}
	return nil
}

// rolled returns the problem of the first rule whose fault is rolled, or nil.
func (s *Server) rolled(tenant string, rules []faultRule) *problem {
	for _, rule := range rules {
		if s.state.Fault(rule.fault, tenant) {
			return rule.problem
		}
	}
	return nil
}
