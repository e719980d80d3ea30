package entra_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/entra"
)

const verifier = "a-verifier-that-is-long-enough-for-rfc-7636-and-then-some"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (l *lab) authorize(more ...string) reply {
	l.t.Helper()
	return l.get("/"+contoso+"/oauth2/v2.0/authorize", append([]string{"client_id", appID, "response_type", "code",
		"redirect_uri", redirect, "scope", "openid profile", "state", "s t&te", "nonce", "n-1",
		"code_challenge", challenge(), "code_challenge_method", "S256"}, more...)...)
}

func (l *lab) redeem(code string, more ...string) reply {
	l.t.Helper()
	return l.post("/"+contoso+"/oauth2/v2.0/token", append([]string{"grant_type", "authorization_code", "client_id", appID,
		"code", code, "redirect_uri", redirect, "code_verifier", verifier}, more...)...)
}

func TestAuthorizationCode(t *testing.T) {
	l := newLab(t)
	page := l.signIn(l.authorize(), "admin@contoso.example")
	back := l.location(l.press(page, "accept"))
	if back.Get("state") != "s t&te" || back.Get("code") == "" {
		t.Fatalf("redirect %v", back)
	}
	code := back.Get("code")
	l.want(l.redeem(code, "code_verifier", "wrong"), 400, "invalid_grant", 501481)
	l.want(l.redeem(code, "redirect_uri", redirect+"/x"), 401, "invalid_client", 500112)
	got := l.redeem(code)
	claims := l.idClaims(got.ID, contoso)
	wids, _ := claims["wids"].([]any)
	if claims["nonce"] != "n-1" || claims["oid"] != "o-admin" || claims["preferred_username"] != "admin@contoso.example" ||
		len(wids) != 1 || wids[0] != entra.RoleGlobalAdministrator {
		t.Errorf("claims %v", claims)
	}
	if got.Refresh != "" {
		t.Error("a refresh token without offline_access")
	}
	l.want(l.redeem(code), 400, "invalid_grant", 54005)

	// The second visit asks for nothing: the tenant has consented.
	l.cloud.set(entra.FaultNoWIDs, true)
	code = l.location(l.signIn(l.authorize(), "user@contoso.example")).Get("code")
	if claims := l.idClaims(l.redeem(code).ID, contoso); claims["wids"] != nil {
		t.Errorf("wids %v", claims["wids"])
	}
	code = l.location(l.signIn(l.authorize(), "user@contoso.example")).Get("code")
	l.cloud.advance(11 * time.Minute)
	l.want(l.redeem(code), 400, "invalid_grant", 70008)
}

func TestAuthorizeRefusals(t *testing.T) {
	l := newLab(t)
	l.has(l.authorize("redirect_uri", "https://evil.example"), "AADSTS50011")
	l.has(l.authorize("client_id", "nobody"), "AADSTS700016")
	for want, more := range map[string][]string{
		"login_required":            {"prompt", "none"},
		"unsupported_response_type": {"response_type", "token"},
		"invalid_resource":          {"scope", "https://example.com/x"},
		"invalid_request":           {"response_mode", "form_post"},
	} {
		if got := l.location(l.authorize(more...)); got.Get("error") != want || got.Get("state") == "" {
			t.Errorf("%v: %v", more, got)
		}
	}
	l.cloud.set(entra.FaultConditionalAccess, true)
	l.has(l.signIn(l.authorize(), "admin@contoso.example"), "AADSTS53003")
	l.cloud.set(entra.FaultConditionalAccess, false)
	got := l.location(l.press(l.signIn(l.authorize(), "admin@contoso.example"), "deny"))
	if got.Get("error") != "access_denied" || !strings.HasPrefix(got.Get("error_description"), "AADSTS65004") {
		t.Errorf("deny: %v", got)
	}
}

func TestAdminConsentSecondGeneration(t *testing.T) {
	l := newLab(t)
	start := func(tenant string) reply {
		return l.get("/"+tenant+"/v2.0/adminconsent", "client_id", appID, "redirect_uri", redirect, "scope", graphAll, "state", "st")
	}
	l.has(start("common"), "AADSTS9001023")
	l.has(l.signIn(start(contoso), "user@contoso.example"), "AADSTS90094")
	l.has(l.signIn(start(contoso), "admin@fabrikam.example"), "AADSTS50020")

	refused := l.location(l.press(l.signIn(start(contoso), "admin@contoso.example"), "deny"))
	if refused.Get("admin_consent") != "True" || refused.Get("error") != "consent_required" || refused.Get("state") != "st" ||
		!strings.HasPrefix(refused.Get("error_description"), "AADSTS65004") {
		t.Errorf("refused: %v", refused)
	}
	if _, _, ok := l.cloud.Consented(contoso, appID); ok {
		t.Fatal("consent without Accept")
	}
	page := l.signIn(start("organizations"), "admin@contoso.example")
	l.has(page, "without a signed-in user")
	done := l.location(l.press(page, "accept"))
	if done.Get("admin_consent") != "True" || done.Get("tenant") != contoso || done.Get("state") != "st" || done.Get("scope") == "" || done.Get("error") != "" {
		t.Errorf("accepted: %v", done)
	}
	if token := l.verify(l.appToken(contoso).Access); len(token.Roles) == 0 {
		t.Error("no roles after consent")
	}
}

func TestAdminConsentFirstGeneration(t *testing.T) {
	l := newLab(t)
	start := func() reply {
		return l.get("/common/adminconsent", "client_id", appID, "redirect_uri", redirect+"/more", "state", "st")
	}
	refused := l.location(l.press(l.signIn(start(), "admin@contoso.example"), "deny"))
	if refused.Get("error") != "permission_denied" || refused.Get("error_description") != "The admin canceled the request" || refused.Has("admin_consent") {
		t.Errorf("refused: %v", refused)
	}
	done := l.location(l.press(l.signIn(start(), "admin@contoso.example"), "accept"))
	if done.Get("tenant") != contoso || done.Get("admin_consent") != "True" || done.Get("state") != "st" || done.Has("scope") {
		t.Errorf("accepted: %v", done)
	}
	l.has(l.get("/common/adminconsent", "client_id", appID, "redirect_uri", redirect+"/../evil"), "AADSTS50011")
}

func TestConsentPropagates(t *testing.T) {
	l := newLab(t)
	l.cloud.delay = 30 * time.Second
	page := l.signIn(l.get("/"+contoso+"/adminconsent", "client_id", appID, "redirect_uri", redirect), "admin@contoso.example")
	l.cloud.set(entra.FaultConsentRedirectLost, true)
	if got := l.press(page, "accept"); got.Status != 200 || got.Page != "" {
		t.Errorf("redirect lost: %+v", got)
	}
	l.has(l.press(page, "accept"), "out of date")
	l.want(l.appToken(contoso), 400, "unauthorized_client", 700016)
	l.cloud.advance(time.Minute)
	l.verify(l.appToken(contoso).Access)
}

func TestDiscoveryOfTheSharedAuthorities(t *testing.T) {
	l := newLab(t)
	var metadata struct {
		Issuer string `json:"issuer"`
	}
	l.fetch(l.url+"/organizations/v2.0/.well-known/openid-configuration", &metadata)
	if metadata.Issuer != l.url+"/{tenantid}/v2.0" {
		t.Errorf("issuer %s", metadata.Issuer)
	}
	l.want(l.get("/nobody.example/v2.0/.well-known/openid-configuration"), 400, "invalid_tenant", 90002)
}

func TestFaultNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range entra.Faults() {
		if seen[name] || !strings.HasPrefix(name, "entra.") {
			t.Errorf("fault %q is doubled or misnamed", name)
		}
		seen[name] = true
	}
}
