package entra_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

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
