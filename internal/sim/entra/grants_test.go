package entra_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"uplift/internal/sim/entra"
)

func (l *lab) appToken(tenant string, more ...string) reply {
	l.t.Helper()
	return l.post("/"+tenant+"/oauth2/v2.0/token", append([]string{"grant_type", "client_credentials",
		"client_id", appID, "client_secret", "s3cret/+", "scope", graphAll}, more...)...)
}

func TestClientCredentials(t *testing.T) {
	l := newLab(t)
	l.want(l.appToken(contoso), 400, "unauthorized_client", 700016)
	l.cloud.GrantConsent(contoso, appID, nil, []string{"Organization.Read.All"})
	got := l.appToken(contoso)
	token := l.verify(got.Access)
	if !slices.Equal(token.Roles, []string{"Organization.Read.All"}) || token.ObjectID != "" || got.Refresh != "" || got.ID != "" {
		t.Errorf("token %+v of %+v", token, got)
	}
	cases := []struct {
		name, tenant string
		more         []string
		status       int
		oauth        string
		code         int
	}{
		{"wrong secret", contoso, []string{"client_secret", "no"}, 401, "invalid_client", 7000215},
		{"no credential", contoso, []string{"client_secret", ""}, 401, "invalid_client", 7000218},
		{"unknown application", contoso, []string{"client_id", "nobody"}, 400, "unauthorized_client", 700016},
		{"common", "common", nil, 400, "invalid_request", 9001023},
		{"unknown tenant", uuid.NewString(), nil, 400, "invalid_request", 90002},
		{"unknown domain", "nobody.example", nil, 400, "invalid_request", 90002},
		{"neither", "nobody", nil, 400, "invalid_request", 900023},
		{"single scope", contoso, []string{"scope", "https://graph.microsoft.com/User.Read.All"}, 400, "invalid_scope", 70011},
		{"two resources", contoso, []string{"scope", graphAll + " https://api.partnercenter.microsoft.com/.default"}, 400, "invalid_scope", 70011},
		{"unknown resource", contoso, []string{"scope", "https://example.com/.default"}, 400, "invalid_resource", 500011},
		{"unknown grant", contoso, []string{"grant_type", "password"}, 400, "unsupported_grant_type", 70003},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := &lab{t: t, cloud: l.cloud, sim: l.sim, url: l.url, http: l.http}
			l.want(l.appToken(c.tenant, c.more...), c.status, c.oauth, c.code)
		})
	}
}

func TestClientCredentialsFaults(t *testing.T) {
	l := newLab(t)
	l.cloud.GrantConsent(contoso, appID, nil, []string{"Organization.Read.All"})
	cases := []struct {
		fault  string
		status int
		oauth  string
		code   int
	}{
		{entra.FaultTransient, 503, "temporarily_unavailable", 90033},
		{entra.FaultThrottled, 429, "temporarily_unavailable", 90055},
		{entra.FaultGatewayPage, 502, "", 0},
		{entra.FaultServicePrincipalRace, 401, "invalid_client", 650051},
		{entra.FaultAppNotReplicated, 400, "unauthorized_client", 700016},
		{entra.FaultNoRoles, 200, "", 0},
	}
	for _, c := range cases {
		t.Run(c.fault, func(t *testing.T) {
			l := &lab{t: t, cloud: l.cloud, sim: l.sim, url: l.url, http: l.http}
			l.cloud.set(c.fault, true)
			defer l.cloud.set(c.fault, false)
			got := l.appToken(contoso)
			l.want(got, c.status, c.oauth, c.code)
			if c.fault == entra.FaultNoRoles && len(l.verify(got.Access).Roles) != 0 {
				t.Error("the token has roles")
			}
			if c.status == 429 && got.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
	l.cloud.set(entra.FaultRequestLost, true)
	if got := l.appToken(contoso); !strings.HasPrefix(got.Error, "connection") {
		t.Errorf("the request was answered: %+v", got)
	}
}

func TestErrorEnvelope(t *testing.T) {
	l := newLab(t)
	got := l.appToken(contoso)
	if !strings.HasPrefix(got.Description, "AADSTS700016: ") || !strings.Contains(got.Description, " Trace ID: "+got.TraceID+
		" Correlation ID: "+got.Correlation+" Timestamp: "+got.Timestamp) || got.Timestamp != "2026-01-05 09:00:00Z" {
		t.Errorf("envelope %+v", got)
	}
}

func TestBasicAuthAndFirstGeneration(t *testing.T) {
	l := newLab(t)
	l.cloud.GrantConsent(contoso, appID, nil, []string{"Organization.Read.All"})
	form := url.Values{"grant_type": {"client_credentials"}, "resource": {entra.PartnerAudience}}
	r, _ := http.NewRequest("POST", l.url+"/"+partner+"/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(url.QueryEscape(appID), url.QueryEscape("s3cret/+"))
	got := l.read(l.http.Do(r))
	if got.ExpiresIn != "3599" {
		t.Errorf("expires_in %v, want a string", got.ExpiresIn)
	}
	if token := l.verify(got.Access); token.Audience != entra.PartnerAudience || token.Tenant != partner {
		t.Errorf("token %+v", token)
	}
}
