package entra_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/entra"
)

func (l *lab) refresh(tenant, token string, more ...string) reply {
	l.t.Helper()
	return l.post("/"+tenant+"/oauth2/v2.0/token", append([]string{"grant_type", "refresh_token", "client_id", appID,
		"refresh_token", token}, more...)...)
}

func TestRefreshRotation(t *testing.T) {
	l := newLab(t)
	device := l.startDevice(contoso)
	l.press(l.enter(device, "admin@contoso.example"), "accept")
	first := l.poll(contoso, device).Refresh
	second := l.refresh(contoso, first)
	if second.Refresh == "" || second.Refresh == first || second.Access == "" || second.ID == "" {
		t.Fatalf("second: %+v", second)
	}
	if again := l.refresh(contoso, first); again.Access == "" {
		t.Errorf("the old token died at once: %+v", again)
	}
	l.cloud.set(entra.FaultOldRefreshRefused, true)
	l.want(l.refresh(contoso, first), 400, "invalid_grant", 70008)
	l.cloud.set(entra.FaultOldRefreshRefused, false)

	l.want(l.refresh(contoso, first, "scope", "https://graph.microsoft.com/Mail.Send"), 400, "invalid_grant", 65001)
	l.want(l.refresh(contoso, first, "scope", "https://api.partnercenter.microsoft.com/.default"), 400, "invalid_grant", 65001)
	l.want(l.refresh(fabrikam, first), 400, "invalid_grant", 50020)
	l.want(l.refresh(contoso, "nothing"), 400, "invalid_grant", 70000)
	for fault, code := range map[string]int{entra.FaultRefreshRevoked: 50173, entra.FaultRefreshExpired: 700082} {
		l.cloud.set(fault, true)
		l.want(l.refresh(contoso, first), 400, "invalid_grant", code)
		l.cloud.set(fault, false)
	}
	for fault, code := range map[string]int{entra.FaultMFARequired: 50076, entra.FaultConditionalAccess: 53003} {
		l.cloud.set(fault, true)
		l.want(l.refresh(contoso, first), 400, "interaction_required", code)
		l.cloud.set(fault, false)
	}
	l.cloud.advance(91 * 24 * time.Hour)
	l.want(l.refresh(contoso, second.Refresh), 400, "invalid_grant", 700082)
}

func TestRevoke(t *testing.T) {
	l := newLab(t)
	token, err := l.sim.IssueRefreshToken(appID, partner, "o-agent")
	if err != nil {
		t.Fatal(err)
	}
	l.sim.Revoke(partner, "o-agent")
	l.want(l.refresh(partner, token), 400, "invalid_grant", 50173)
	if _, err := l.sim.IssueRefreshToken(appID, partner, "nobody"); err == nil {
		t.Error("a token for nobody")
	}
}

func TestPartnerRefreshToken(t *testing.T) {
	l := newLab(t)
	token, err := l.sim.IssueRefreshToken(appID, partner, "o-agent")
	if err != nil {
		t.Fatal(err)
	}
	got := l.post("/"+partner+"/oauth2/token", "grant_type", "refresh_token", "client_id", appID,
		"client_secret", "s3cret/+", "refresh_token", token, "resource", entra.PartnerAudience)
	if v := l.verify(got.Access); v.Audience != entra.PartnerAudience || v.ObjectID != "o-agent" || !slices.Contains(v.AMR, "mfa") {
		t.Errorf("partner token %+v", v)
	}
	l.want(l.refresh(contoso, token, "scope", graphAll), 400, "invalid_grant", 65001)
	l.cloud.set(entra.FaultNotPreconsented, true)
	l.want(l.refresh(contoso, token, "scope", graphAll), 400, "invalid_grant", 90099)
	l.cloud.set(entra.FaultNotPreconsented, false)
	l.cloud.GrantConsent(contoso, appID, []string{"User.ReadWrite.All"}, nil)
	abroad := l.refresh(contoso, token, "scope", graphAll)
	if v := l.verify(abroad.Access); v.Tenant != contoso || v.ObjectID != "o-agent" || !slices.Equal(v.Scopes, []string{"User.ReadWrite.All"}) {
		t.Errorf("token abroad %+v", v)
	}
	if home := l.refresh(partner, abroad.Refresh, "scope", "https://api.partnercenter.microsoft.com/user_impersonation"); home.Access == "" {
		t.Errorf("the new token forgot its home: %+v", home)
	}
}

func TestVerifyRefuses(t *testing.T) {
	l := newLab(t)
	l.cloud.GrantConsent(contoso, appID, nil, nil)
	token := l.appToken(contoso).Access
	id := strings.Split(token, ".")
	id[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"aud":"https://graph.microsoft.com","exp":9999999999}`))
	if _, err := l.sim.Verify(t.Context(), strings.Join(id, ".")); !errors.Is(err, entra.ErrTokenMalformed) {
		t.Errorf("forged: %v", err)
	}
	device := l.startDevice(contoso)
	l.press(l.enter(device, "admin@contoso.example"), "accept")
	if _, err := l.sim.Verify(t.Context(), l.poll(contoso, device).ID); !errors.Is(err, entra.ErrTokenAudience) {
		t.Errorf("id token: %v", err)
	}
	l.cloud.advance(time.Hour)
	if _, err := l.sim.Verify(t.Context(), token); !errors.Is(err, entra.ErrTokenExpired) {
		t.Errorf("expired: %v", err)
	}
}
