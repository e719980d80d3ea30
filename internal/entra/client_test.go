package entra

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"uplift/upgrade"
)

func TestOptions(t *testing.T) {
	_, err := New(Options{BaseURL: "http://login.example.com", GraphScope: "ftp://x", PartnerResource: "https://x?y", PartnerTenant: "contoso.com",
		ClientSecret: "hidden", CertificatePEM: []byte("hidden")})
	var ps upgrade.Problems
	if !errors.As(err, &ps) || upgrade.KindOf(err) != upgrade.Invalid || strings.Contains(err.Error(), "hidden") {
		t.Fatalf("%v", err)
	}
	for _, code := range []string{"bad_url", "no_client_id", "bad_tenant", "two_credentials", "bad_certificate"} {
		if !ps.Has(code) {
			t.Errorf("%s is missing in %v", code, ps)
		}
	}
	for _, base := range []string{"", "https://login.microsoftonline.us/", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"} {
		if _, err := New(Options{BaseURL: base, ClientID: appID}); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	pemBytes, _ := certificate(t)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, _ := x509.MarshalPKCS8PrivateKey(other)
	_, rest := pem.Decode(pemBytes)
	for name, bad := range map[string][]byte{"no key": rest, "no RSA key": append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), rest...)} {
		if _, err := New(Options{ClientID: appID, CertificatePEM: bad}); upgrade.KindOf(err) != upgrade.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStartDeviceCode(t *testing.T) {
	f := newFake(t, reply{status: 200, body: `{"user_code":"ABC123DEF","device_code":"secret-code","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5,"message":"…"}`})
	got, err := f.client(nil).StartDeviceCode(context.Background(), contoso, []string{"Organization.Read.All", "https://graph.microsoft.com/User.Read", "openid"})
	want := upgrade.PendingCode{DeviceCode: "secret-code", UserCode: "ABC123DEF", VerificationURI: "https://microsoft.com/devicelogin",
		Interval: 5 * time.Second, ExpiresAt: f.now.Add(15 * time.Minute)}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	form := f.form(0)
	if form.Get(":path") != "/"+contoso+"/oauth2/v2.0/devicecode" || form.Get("client_id") != appID || form.Has("client_secret") ||
		form.Get("scope") != "openid profile offline_access https://graph.microsoft.com/Organization.Read.All https://graph.microsoft.com/User.Read" {
		t.Errorf("%v", form)
	}
	for _, body := range []string{
		`{"user_code":"A","device_code":"d","verification_uri":"javascript:alert(1)"}`,
		`{"user_code":"A","device_code":"d","verification_uri":"http://evil.example/"}`,
		`{"user_code":"","device_code":"d","verification_uri":"https://x"}`,
		`{"device_code":"","user_code":"A","verification_uri":"https://x"}`, `nonsense`,
	} {
		if _, err := newFake(t, reply{status: 200, body: body}).client(nil).StartDeviceCode(context.Background(), contoso, nil); upgrade.KindOf(err) != upgrade.Unknown {
			t.Errorf("%s: %v", body, err)
		}
	}
	for tenant, kind := range map[string]upgrade.Kind{"common": upgrade.Invalid, "": upgrade.Invalid, "../x": upgrade.Invalid, personalTenant: upgrade.Refused} {
		if _, err := f.client(nil).StartDeviceCode(context.Background(), tenant, nil); upgrade.KindOf(err) != kind {
			t.Errorf("%q: %v", tenant, err)
		}
	}
}

func TestRedeemDeviceCode(t *testing.T) {
	f := newFake(t, refusal(400, "authorization_pending", 70016), tokens("access", `,"refresh_token":"refresh","id_token":"id"`))
	c := f.client(nil)
	if _, err := c.RedeemDeviceCode(context.Background(), contoso, "code"); upgrade.KindOf(err) != upgrade.Waiting {
		t.Errorf("%v", err)
	}
	got, err := c.RedeemDeviceCode(context.Background(), contoso, "code")
	if err != nil || got.Access != "access" || got.Refresh != "refresh" || got.ID != "id" || !slices.Equal(got.Scopes, []string{"User.Read", "openid"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if left := got.ExpiresAt.Sub(f.now); left < 59*time.Minute || left > time.Hour {
		t.Errorf("expires in %v", left)
	}
	form := f.form(1)
	if form.Get("grant_type") != grantDevice || form.Get("device_code") != "code" || form.Has("client_secret") || form.Get(":path") != "/"+contoso+"/oauth2/v2.0/token" {
		t.Errorf("%v", form)
	}
}

// TestConfidentialDeviceFlow: the credential is shown only after Entra demanded it, and no longer after it refused it.
func TestConfidentialDeviceFlow(t *testing.T) {
	f := newFake(t, refusal(401, "invalid_client", 7000218), refusal(400, "authorization_pending", 70016), tokens("a", ""),
		refusal(401, "invalid_client", 700025), tokens("b", ""), tokens("c", ""))
	c := f.client(nil)
	if _, err := c.RedeemDeviceCode(context.Background(), contoso, "code"); upgrade.KindOf(err) != upgrade.Waiting {
		t.Errorf("%v", err)
	}
	for _, want := range []upgrade.Secret{"a", "b", "c"} {
		if got, err := c.RedeemDeviceCode(context.Background(), contoso, "code"); err != nil || got.Access != want {
			t.Errorf("%v, %v", got.Access.Reveal(), err)
		}
	}
	for i, shown := range []bool{false, true, true, true, false, false} {
		if got := f.form(i).Get("client_secret") == "the-secret"; got != shown {
			t.Errorf("request %d showed the secret: %v", i, got)
		}
	}
	bare := newFake(t, refusal(401, "invalid_client", 7000218))
	if _, err := bare.client(func(o *Options) { o.ClientSecret = "" }).RedeemDeviceCode(context.Background(), contoso, "code"); upgrade.KindOf(err) != upgrade.Act || bare.count() != 1 {
		t.Errorf("%v after %d requests", err, bare.count())
	}
}

func TestRefresh(t *testing.T) {
	f := newFake(t, tokens("a1", `,"refresh_token":"r2"`), tokens("a2", ""))
	c := f.client(nil)
	if got, err := c.Refresh(context.Background(), contoso, "r1", []string{"User.Read", "openid"}); err != nil || got.Refresh != "r2" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := c.Refresh(context.Background(), contoso, "r2", nil); err != nil || got.Refresh != "r2" || got.Access != "a2" {
		t.Errorf("%+v, %v", got, err)
	}
	for i, want := range []string{"openid profile offline_access https://graph.microsoft.com/User.Read", "openid profile offline_access https://graph.microsoft.com/.default"} {
		if form := f.form(i); form.Get("scope") != want || form.Get("grant_type") != "refresh_token" || form.Get("refresh_token") != fmt.Sprint("r", i+1) {
			t.Errorf("%v", form)
		}
	}
	if _, err := c.Refresh(context.Background(), contoso, "", nil); upgrade.KindOf(err) != upgrade.GrantLost {
		t.Errorf("%v", err)
	}
}

// TestAppToken: many at once make one request; a minute before the end there is a new one.
func TestAppToken(t *testing.T) {
	f := newFake(t, tokens("one", ""), tokens("two", ""), refusal(400, "unauthorized_client", 700016), tokens("three", ""))
	c := f.client(nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got, _, err := c.AppToken(context.Background(), contoso, "https://graph.microsoft.com/.default"); err != nil || got != "one" {
				t.Errorf("%v, %v", got.Reveal(), err)
			}
		})
	}
	all.Wait()
	if f.count() != 1 {
		t.Errorf("%d requests", f.count())
	}
	f.advance(3599*time.Second - early - time.Second)
	if got, err := c.GraphToken(context.Background(), contoso); err != nil || got != "one" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
	f.advance(time.Second)
	if got, err := c.GraphToken(context.Background(), contoso); err != nil || got != "two" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
	c.Forget(contoso)
	if _, err := c.GraphToken(context.Background(), contoso); upgrade.KindOf(err) != upgrade.GrantLost {
		t.Errorf("%v", err)
	}
	if got, err := c.PartnerToken(context.Background()); err != nil || got != "three" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
	form := f.form(3)
	if form.Get("grant_type") != "client_credentials" || form.Get("client_secret") != "the-secret" ||
		form.Get("scope") != "https://api.partnercenter.microsoft.com/.default" || form.Get(":path") != "/"+provider+"/oauth2/v2.0/token" {
		t.Errorf("%v", form)
	}
	bare := f.client(func(o *Options) { o.ClientSecret, o.PartnerTenant = "", "" })
	_, err := bare.GraphToken(context.Background(), contoso)
	_, err2 := bare.PartnerToken(context.Background())
	if upgrade.CodeOf(err) != "no_client_credential" || upgrade.CodeOf(err2) != "no_partner_tenant" {
		t.Errorf("%v, %v", err, err2)
	}
}

func TestApplicationRoles(t *testing.T) {
	token := func(claims map[string]any) reply { return tokens(sign(t, jose.RS256, testKey(), "k1", claims), "") }
	f := newFake(t, token(map[string]any{"tid": contoso, "roles": []string{"User.ReadWrite.All"}}),
		token(map[string]any{"tid": contoso}), token(map[string]any{"tid": fabrikam, "roles": []string{"x"}}), tokens("opaque", ""))
	c := f.client(nil)
	if got, err := c.ApplicationRoles(context.Background(), contoso); err != nil || !slices.Equal(got, []string{"User.ReadWrite.All"}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, want := range []string{"no_roles", "wrong_tenant", "opaque_token"} { // each asks anew, although a token is in memory
		if _, err := c.ApplicationRoles(context.Background(), contoso); upgrade.CodeOf(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestCertificate checks the assertion as Entra does.
func TestCertificate(t *testing.T) {
	f := newFake(t, tokens("a", ""))
	pemBytes, leaf := certificate(t)
	c := f.client(func(o *Options) { o.ClientSecret, o.CertificatePEM = "", pemBytes })
	if _, err := c.GraphToken(context.Background(), contoso); err != nil {
		t.Fatal(err)
	}
	form := f.form(0)
	if form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || form.Has("client_secret") || form.Get("client_id") != appID {
		t.Errorf("%v", form)
	}
	token, err := jwt.ParseSigned(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.PS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := token.Claims(leaf.PublicKey, &claims); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(leaf.Raw)
	if got := token.Headers[0].ExtraHeaders["x5t#S256"]; got != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("x5t#S256 %v", got)
	}
	if claims.Issuer != appID || claims.Subject != appID || !claims.Audience.Contains(f.url+"/"+contoso+"/oauth2/v2.0/token") || claims.ID == "" ||
		claims.Expiry.Time().Sub(claims.NotBefore.Time()) != assertionLife {
		t.Errorf("%+v", claims)
	}
}
