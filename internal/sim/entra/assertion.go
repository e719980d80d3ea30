package entra

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// clockSkew is how far a client's clock may be off.
const clockSkew = 5 * time.Minute

// assertionLife is the longest time between nbf and exp of an assertion (page
// "certificate-credentials"); the page says 5 to 10 minutes.
const assertionLife = 10 * time.Minute

// checkAssertion verifies a certificate credential: PS256, or RS256 of older
// clients, the certificate named by thumbprint, and the claims.
func (s *Server) checkAssertion(raw, clientID string, a authority) *problem {
	der, ok := s.state.AppCertificate(clientID)
	if !ok {
		return problemOf(700027, "invalid_client").because("The application has no certificate.")
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return problemOf(700027, "invalid_client").because("The registered certificate is damaged.")
	}
	if !thumbprintMatches(raw, der) {
		return problemOf(700027, "invalid_client").because("The key was not found by its thumbprint.")
	}
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.PS256, jose.RS256})
	if err != nil {
		return problemOf(700027, "invalid_client").because("The assertion is not a signed JWT.")
	}
	var claims jwt.Claims
	if err := token.Claims(certificate.PublicKey, &claims); err != nil {
		return problemOf(700027, "invalid_client")
	}
	return s.checkAssertionClaims(claims, clientID, a)
}

func (s *Server) checkAssertionClaims(claims jwt.Claims, clientID string, a authority) *problem {
	if claims.Issuer != clientID || claims.Subject != clientID || claims.ID == "" {
		return problemOf(700021, "invalid_client")
	}
	audiences := s.assertionAudiences(a)
	if !slices.ContainsFunc(claims.Audience, func(aud string) bool { return slices.Contains(audiences, aud) }) {
		return problemOf(700023, "invalid_client")
	}
	if claims.NotBefore == nil || claims.Expiry == nil {
		return problemOf(700024, "invalid_client")
	}
	from, until := claims.NotBefore.Time(), claims.Expiry.Time()
	// The stamps are the client's, whose clock may be the wall while the
	// simulator's runs a thousand times faster: either clock is accepted.
	if until.Sub(from) > assertionLife || !within(s.state.Now(), from, until) && !within(time.Now(), from, until) {
		return problemOf(700024, "invalid_client")
	}
	return nil
}

func within(now, from, until time.Time) bool {
	return now.After(from.Add(-clockSkew)) && now.Before(until.Add(clockSkew))
}

// assertionAudiences are the token addresses of an authority, old and new, by
// the segment as called and by the tenant's id.
func (s *Server) assertionAudiences(a authority) []string {
	var out []string
	for _, segment := range []string{a.segment, a.tenant} {
		base := s.issuer + "/" + segment
		out = append(out, base+"/oauth2/v2.0/token", base+"/oauth2/token", base+"/v2.0")
	}
	return out
}

// thumbprintMatches compares x5t#S256 or, of older clients, x5t with the
// certificate. One of the two must be there.
func thumbprintMatches(raw string, der []byte) bool {
	head, _, _ := strings.Cut(raw, ".")
	plain, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return false
	}
	var header struct {
		SHA256 string `json:"x5t#S256"`
		SHA1   string `json:"x5t"`
	}
	if err := json.Unmarshal(plain, &header); err != nil {
		return false
	}
	if header.SHA256 != "" {
		sum := sha256.Sum256(der)
		return sameThumbprint(header.SHA256, sum[:])
	}
	sum := sha1.Sum(der)
	return sameThumbprint(header.SHA1, sum[:])
}

// sameThumbprint accepts padded and unpadded base64url, as Entra does.
func sameThumbprint(got string, want []byte) bool {
	return strings.TrimRight(got, "=") == base64.RawURLEncoding.EncodeToString(want)
}
