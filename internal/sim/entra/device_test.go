package entra_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/entra"
)

const deviceScope = "openid profile offline_access https://graph.microsoft.com/Organization.Read.All https://graph.microsoft.com/User.ReadWrite.All"

func (l *lab) startDevice(authority string) reply {
	l.t.Helper()
	got := l.post("/"+authority+"/oauth2/v2.0/devicecode", "client_id", appID, "scope", deviceScope)
	if got.Status != 200 || got.DeviceCode == "" || got.UserCode == "" || got.Interval != 5 || got.VerificationURI != l.url+"/devicelogin" {
		l.t.Fatalf("devicecode: %+v", got)
	}
	return got
}

func (l *lab) poll(authority string, device reply) reply {
	l.t.Helper()
	l.cloud.advance(5 * time.Second)
	return l.pollNow(authority, device)
}

func (l *lab) pollNow(authority string, device reply) reply {
	l.t.Helper()
	return l.post("/"+authority+"/oauth2/v2.0/token", "client_id", appID, "device_code", device.DeviceCode,
		"grant_type", "urn:ietf:params:oauth:grant-type:device_code")
}

// enter types the code in a clumsy way and signs in.
func (l *lab) enter(device reply, upn string) reply {
	l.t.Helper()
	code := device.UserCode
	page := l.press(l.get("/devicelogin"), "", "code", " "+strings.ToLower(code[:4])+"-"+code[4:])
	return l.signIn(page, upn)
}

func TestDeviceFlowAccepted(t *testing.T) {
	l := newLab(t)
	device := l.startDevice(contoso)
	l.want(l.poll(contoso, device), 400, "authorization_pending", 70016)

	page := l.enter(device, "admin@contoso.example")
	for _, words := range []string{"Uplift", "Contoso", "User.ReadWrite.All", `id="accept"`, `id="deny"`} {
		l.has(page, words)
	}
	l.has(l.press(page, "accept"), `id="done"`)

	got := l.poll("contoso.example", device)
	if got.Status != 200 || got.Refresh == "" || got.ID == "" {
		t.Fatalf("token: %+v", got)
	}
	if want := "https://graph.microsoft.com/Organization.Read.All https://graph.microsoft.com/User.ReadWrite.All openid profile"; got.Scope != want {
		t.Errorf("scope %q, want %q", got.Scope, want)
	}
	token := l.verify("Bearer " + got.Access)
	if token.Tenant != contoso || token.ObjectID != "o-admin" || token.Audience != entra.GraphAudience ||
		!slices.Equal(token.WIDs, []string{entra.RoleGlobalAdministrator}) || !slices.Contains(token.AMR, "mfa") ||
		!slices.Equal(token.Scopes, []string{"Organization.Read.All", "User.ReadWrite.All"}) {
		t.Errorf("token: %+v", token)
	}
	l.want(l.poll(contoso, device), 400, "invalid_grant", 70018)
	l.cloud.set(entra.FaultSpentCode54005, true)
	l.want(l.poll(contoso, device), 400, "invalid_grant", 54005)
	l.has(l.press(l.get("/devicelogin"), "", "code", device.UserCode), "AADSTS90120")

	issued := l.sim.Issued()
	for _, secret := range []string{device.DeviceCode, got.Access, got.Refresh, got.ID} {
		if !slices.Contains(issued, secret) {
			t.Errorf("a secret is missing from Issued")
		}
		if strings.Contains(strings.Join(l.cloud.lines(), "\n"), secret) {
			t.Errorf("the ledger holds a secret")
		}
	}
}

func TestDeviceFlowEnds(t *testing.T) {
	cases := []struct {
		name   string
		person string
		fault  string
		answer string // button pressed after the sign-in
		page   string // words on the last page
		wait   time.Duration
		oauth  string
		code   int
	}{
		{name: "declined", person: "admin@contoso.example", answer: "deny", page: "You declined", oauth: "authorization_declined", code: 65004},
		{name: "expired", wait: 16 * time.Minute, oauth: "expired_token", code: 70019},
		{name: "accepted but never fetched", person: "admin@contoso.example", answer: "accept", wait: 16 * time.Minute, oauth: "expired_token", code: 70019},
		{name: "no administrator", person: "user@contoso.example", page: "AADSTS90094", oauth: "authorization_pending", code: 70016},
		{name: "no administrator, posts accept all the same", person: "user@contoso.example", answer: "accept", page: "AADSTS90094", oauth: "authorization_pending", code: 70016},
		{name: "other tenant", person: "admin@fabrikam.example", page: "AADSTS50020", oauth: "authorization_pending", code: 70016},
		{name: "personal account", person: "me@outlook.example", page: "AADSTS50020", oauth: "authorization_pending", code: 70016},
		{name: "unknown", person: "nobody@contoso.example", page: "AADSTS50126", oauth: "authorization_pending", code: 70016},
		{name: "disabled", person: "off@contoso.example", page: "AADSTS50057", oauth: "authorization_pending", code: 70016},
		{name: "blocked on the page", person: "admin@contoso.example", fault: entra.FaultDeviceCodeBlocked, page: "AADSTS53003", oauth: "authorization_pending", code: 70016},
		{name: "blocked at the token", person: "admin@contoso.example", fault: entra.FaultDeviceTokenBlocked, answer: "accept", page: "signed in", oauth: "interaction_required", code: 53003},
		{name: "second factor", person: "admin@contoso.example", fault: entra.FaultMFARequired, page: "AADSTS50076", oauth: "authorization_pending", code: 70016},
		{name: "wrong data centre", fault: entra.FaultWrongDataCentre, oauth: "invalid_grant", code: 50134},
		{name: "slow down", fault: entra.FaultSlowDown, oauth: "slow_down"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t)
			l.cloud.set(c.fault, true)
			device := l.startDevice(contoso)
			if c.person != "" {
				page := l.enter(device, c.person)
				if c.answer != "" {
					page = l.press(page, c.answer)
				}
				l.has(page, c.page)
			}
			l.cloud.advance(c.wait)
			l.want(l.poll(contoso, device), 400, c.oauth, c.code)
		})
	}
}

func TestDeviceFlowPolledTooFast(t *testing.T) {
	l := newLab(t)
	device := l.startDevice(contoso)
	var last reply
	for range 6 {
		last = l.pollNow(contoso, device)
	}
	l.want(last, 400, "invalid_grant", 50196)
	l.want(l.poll(contoso, device), 400, "authorization_pending", 70016)
}

func TestDeviceCodeOfAnotherAuthority(t *testing.T) {
	l := newLab(t)
	device := l.startDevice("organizations")
	l.want(l.poll(contoso, device), 400, "bad_verification_code", 70018)
	l.want(l.poll("organizations", reply{DeviceCode: "unknown"}), 400, "bad_verification_code", 70018)
	l.has(l.press(l.get("/devicelogin"), "", "code", "NONESUCH"), "AADSTS90119")

	l.has(l.enter(device, "me@outlook.example"), "AADSTS50020")
	l.has(l.press(l.enter(device, "admin@fabrikam.example"), "accept"), `id="done"`)
	if got := l.verify(l.poll("organizations", device).Access); got.Tenant != fabrikam {
		t.Errorf("tenant %s", got.Tenant)
	}
}

func TestDeviceFlowPersonalAccountOnCommon(t *testing.T) {
	l := newLab(t)
	device := l.post("/common/oauth2/v2.0/devicecode", "client_id", appID, "scope", "openid profile User.Read")
	l.has(l.press(l.enter(device, "me@outlook.example"), "accept"), `id="done"`)
	if got := l.verify(l.poll("common", device).Access); got.Tenant != entra.ConsumerTenant {
		t.Errorf("tenant %s", got.Tenant)
	}
}

func TestDeviceFlowGuest(t *testing.T) {
	l := newLab(t)
	device := l.startDevice(contoso)
	l.has(l.press(l.enter(device, "agent@partner.example"), "accept"), `id="done"`)
	claims := l.idClaims(l.poll(contoso, device).ID, contoso)
	if claims["oid"] != "o-guest" || claims["idp"] != "https://sts.windows.net/"+partner+"/" {
		t.Errorf("claims %v", claims)
	}
}

func TestDeviceFlowSlowConsent(t *testing.T) {
	l := newLab(t)
	l.cloud.delay = 30 * time.Second
	l.cloud.set(entra.FaultSlowConsent, true)
	device := l.startDevice(contoso)
	l.press(l.enter(device, "admin@contoso.example"), "accept")
	got := l.poll(contoso, device)
	l.want(got, 400, "invalid_grant", 65001)
	if got.SubError != "consent_required" {
		t.Errorf("suberror %q", got.SubError)
	}
	l.cloud.advance(time.Minute)
	if got := l.poll(contoso, device); got.Access == "" {
		t.Errorf("after propagation: %+v", got)
	}
}

func TestDeviceFlowNeedsPublicClient(t *testing.T) {
	l := newLab(t)
	app := l.cloud.apps[appID]
	app.PublicClient = false
	l.cloud.apps[appID] = app
	device := l.startDevice(contoso)
	l.want(l.poll(contoso, device), 401, "invalid_client", 7000218)
}

func TestDeviceTokenReplyLost(t *testing.T) {
	l := newLab(t)
	device := l.startDevice(contoso)
	l.press(l.enter(device, "admin@contoso.example"), "accept")
	l.cloud.set(entra.FaultTokenReplyLost, true)
	if got := l.poll(contoso, device); !strings.HasPrefix(got.Error, "connection") {
		t.Fatalf("the reply arrived: %+v", got)
	}
	l.cloud.set(entra.FaultTokenReplyLost, false)
	l.want(l.poll(contoso, device), 400, "invalid_grant", 70018)
}

func TestOtherAccountAfterApprovalPage(t *testing.T) {
	l := newLab(t)
	device := l.startDevice(contoso)
	page := l.press(l.enter(device, "user@contoso.example"), "switch")
	l.has(l.press(l.signIn(page, "admin@contoso.example"), "accept"), `id="done"`)
}

func TestOneDecisionCounts(t *testing.T) {
	l := newLab(t)
	device := l.startDevice(contoso)
	first, second := l.enter(device, "admin@contoso.example"), l.enter(device, "admin@contoso.example")
	l.has(l.press(first, "deny"), "You declined")
	l.has(l.press(second, "accept"), "AADSTS90120")
	if _, _, ok := l.cloud.Consented(contoso, appID); ok {
		t.Error("the losing page left a consent behind")
	}
	l.want(l.poll(contoso, device), 400, "authorization_declined", 65004)
}

func TestDeviceCodeRefusals(t *testing.T) {
	l := newLab(t)
	start := func(tenant string, more ...string) reply {
		return l.post("/"+tenant+"/oauth2/v2.0/devicecode", append([]string{"client_id", appID, "scope", deviceScope}, more...)...)
	}
	l.want(start("nobody.example"), 400, "invalid_request", 90002)
	l.want(start(contoso, "client_id", "nobody"), 400, "unauthorized_client", 700016)
	l.want(start(contoso, "client_id", ""), 400, "invalid_request", 90014)
	l.want(start(contoso, "scope", "https://example.com/x"), 400, "invalid_resource", 500011)
	l.cloud.set(entra.FaultTransient, true)
	l.want(start(contoso), 503, "temporarily_unavailable", 90033)
}
