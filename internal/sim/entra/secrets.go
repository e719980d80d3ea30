package entra

import "slices"

// SecretKind tells apart what a Secret is.
type SecretKind string

// The kinds. The first five are made here, and nobody ever shows them to a person; the user code is what a person types;
// the rest was shown to the service by who asked.
const (
	AccessToken       SecretKind = "access token"
	RefreshToken      SecretKind = "refresh token"
	IDToken           SecretKind = "id token"
	DeviceCode        SecretKind = "device code"
	AuthorizationCode SecretKind = "authorization code"

	UserCode SecretKind = "user code"

	CodeVerifier    SecretKind = "code verifier"
	ClientSecret    SecretKind = "client secret"
	ClientAssertion SecretKind = "client assertion"
	Password        SecretKind = "password"
)

func (k SecretKind) issued() bool {
	return slices.Contains([]SecretKind{AccessToken, RefreshToken, IDToken, DeviceCode, AuthorizationCode}, k)
}

// Secret is one value that belongs in no history, log or mail.
type Secret struct {
	Kind  SecretKind
	Value string
}

// Secrets returns everything secret that went through the server, oldest first: what Issued returns, the user codes, and
// what applications and persons proved themselves with. It is for a test in this process; the admin API does not tell it.
func (s *Server) Secrets() []Secret { return s.store.noted() }

// Issued returns every secret the server has ever issued, oldest first: access, refresh and id tokens, device codes and
// authorization codes. A test searches histories and logs for them.
func (s *Server) Issued() []string {
	var out []string
	for _, one := range s.store.noted() {
		if one.Kind.issued() {
			out = append(out, one.Value)
		}
	}
	return out
}
