package entra_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
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

// assertion makes a certificate credential.
func assertion(t *testing.T, key *rsa.PrivateKey, alg jose.SignatureAlgorithm, header, thumb, aud string, now time.Time) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader(jose.HeaderKey(header), thumb))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: appID, Subject: appID, ID: uuid.NewString(),
		Audience: jwt.Audience{aud}, NotBefore: jwt.NewNumericDate(now), IssuedAt: jwt.NewNumericDate(now),
		Expiry: jwt.NewNumericDate(now.Add(5 * time.Minute))}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestCertificateCredential(t *testing.T) {
	l := newLab(t)
	l.cloud.GrantConsent(contoso, appID, nil, []string{"Organization.Read.All"})
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	stranger, _ := rsa.GenerateKey(rand.Reader, 2048)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "uplift"}, NotAfter: time.Now().Add(time.Hour)}
	l.cloud.der, _ = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	sum256, sum1 := sha256.Sum256(l.cloud.der), sha1.Sum(l.cloud.der)
	new256, old1 := base64.RawURLEncoding.EncodeToString(sum256[:]), base64.RawURLEncoding.EncodeToString(sum1[:])
	aud := l.url + "/" + contoso + "/oauth2/v2.0/token"
	now := l.cloud.Now()
	cases := []struct {
		name, raw string
		code      int
	}{
		{"PS256", assertion(t, key, jose.PS256, "x5t#S256", new256, aud, now), 0},
		{"RS256 with the old thumbprint", assertion(t, key, jose.RS256, "x5t", old1, aud, now), 0},
		{"wall clock", assertion(t, key, jose.PS256, "x5t#S256", new256, aud, time.Now()), 0},
		{"other key", assertion(t, stranger, jose.PS256, "x5t#S256", new256, aud, now), 700027},
		{"other certificate", assertion(t, key, jose.PS256, "x5t#S256", old1, aud, now), 700027},
		{"other audience", assertion(t, key, jose.PS256, "x5t#S256", new256, "https://example.com", now), 700023},
		{"stale", assertion(t, key, jose.PS256, "x5t#S256", new256, aud, now.Add(-time.Hour)), 700024},
		{"no JWT", "abc", 700027},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := &lab{t: t, cloud: l.cloud, sim: l.sim, url: l.url, http: l.http}
			got := l.post("/"+contoso+"/oauth2/v2.0/token", "grant_type", "client_credentials", "client_id", appID, "scope", graphAll,
				"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", c.raw)
			if c.code != 0 {
				l.want(got, 401, "invalid_client", c.code)
				return
			}
			l.verify(got.Access)
		})
	}
}

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

// idClaims verifies an id token as a client does: discovery, keys, signature.
func (l *lab) idClaims(raw, tenant string) map[string]any {
	l.t.Helper()
	var metadata struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	l.fetch(l.url+"/"+tenant+"/v2.0/.well-known/openid-configuration", &metadata)
	var keys jose.JSONWebKeySet
	l.fetch(metadata.JWKSURI, &keys)
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		l.t.Fatal(err)
	}
	claims := map[string]any{}
	if err := token.Claims(keys, &claims); err != nil {
		l.t.Fatal(err)
	}
	if claims["iss"] != metadata.Issuer || claims["aud"] != appID || claims["tid"] != tenant {
		l.t.Fatalf("claims %v, issuer %s", claims, metadata.Issuer)
	}
	return claims
}

func (l *lab) fetch(address string, into any) {
	l.t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if err := json.Unmarshal(body, into); err != nil {
		l.t.Fatalf("%s: %s", address, body)
	}
}
