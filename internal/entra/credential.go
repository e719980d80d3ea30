package entra

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"

	"uplift/upgrade"
)

// assertionLife is how long an assertion is valid; certificate-credentials asks for 5 to 10 minutes.
const assertionLife = 5 * time.Minute

// credential is how the application proves who it is: a secret, a certificate, or nothing.
type credential struct {
	secret     upgrade.Secret
	key        *rsa.PrivateKey
	thumbprint string // x5t#S256
}

func newCredential(ps *upgrade.Problems, secret upgrade.Secret, certificate []byte) credential {
	if secret != "" && len(certificate) > 0 {
		ps.Add("CertificatePEM", "two_credentials", "both a client secret and a certificate are given", "keep one of them")
	}
	if len(certificate) == 0 {
		return credential{secret: secret}
	}
	leaf, key := readPEM(certificate)
	switch {
	case leaf == nil || key == nil:
		ps.Add("CertificatePEM", "bad_certificate", "the file does not hold a certificate and its RSA private key", "give both as PEM blocks, the key without a password")
		return credential{}
	case !key.PublicKey.Equal(leaf.PublicKey):
		ps.Add("CertificatePEM", "wrong_key", "the private key is not the certificate's", "give the key that belongs to the certificate")
		return credential{}
	}
	sum := sha256.Sum256(leaf.Raw)
	return credential{key: key, thumbprint: base64.RawURLEncoding.EncodeToString(sum[:])}
}

// readPEM takes the first certificate and the first RSA key.
func readPEM(data []byte) (leaf *x509.Certificate, key *rsa.PrivateKey) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			if c, err := x509.ParseCertificate(block.Bytes); err == nil && leaf == nil {
				leaf = c
			}
		case "RSA PRIVATE KEY":
			if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil && key == nil {
				key = k
			}
		case "PRIVATE KEY":
			if any, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil && key == nil {
				key, _ = any.(*rsa.PrivateKey)
			}
		}
	}
	return leaf, key
}

// none tells whether there is nothing to prove with.
func (c credential) none() bool { return c.secret == "" && c.key == nil }

// add writes the credential into a token request's form, and returns the secret, which oauth2 adds itself.
func (c credential) add(form url.Values, clientID, audience string, now time.Time) (string, error) {
	if c.key == nil {
		return c.secret.Reveal(), nil
	}
	assertion, err := c.assertion(clientID, audience, now)
	if err != nil {
		return "", &upgrade.Error{Kind: upgrade.Act, Code: "bad_certificate", Message: "the certificate's key cannot sign", Err: err}
	}
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", assertion)
	return "", nil
}

// assertion is a JWT by which the certificate speaks: certificate-credentials.
func (c credential) assertion(clientID, audience string, now time.Time) (string, error) {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("x5t#S256", c.thumbprint)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.PS256, Key: c.key}, options)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: clientID, Subject: clientID, Audience: jwt.Audience{audience}, ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
	}).Serialize()
}
