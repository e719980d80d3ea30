package entra

import (
	"net/http"
	"net/url"
	"strings"
)

// Kinds of client authentication, the values of azpacr.
const (
	clientPublic      = "0"
	clientSecret      = "1"
	clientCertificate = "2"
)

// assertionType is the only client_assertion_type (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// client is an application that has shown who it is.
type client struct {
	app  App
	kind string
}

// credentials are what a token request shows of the client.
type credentials struct {
	id, secret, assertion string
}

// credentialsOf reads the form, or HTTP Basic, whose parts are form-encoded
// (RFC 6749 section 2.3.1).
func credentialsOf(r *http.Request) credentials {
	got := credentials{
		id:     r.PostForm.Get("client_id"),
		secret: r.PostForm.Get("client_secret"),
	}
	if r.PostForm.Get("client_assertion_type") == assertionType {
		got.assertion = r.PostForm.Get("client_assertion")
	}
	if user, password, ok := r.BasicAuth(); ok {
		got.id, got.secret = unescape(user), unescape(password)
	}
	return got
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// authenticate says which application calls. Without a credential only a public
// client passes, and never for client credentials (7000218).
func (s *Server) authenticate(r *http.Request, a authority, grant string) (client, *problem) {
	got := credentialsOf(r)
	s.store.note(ClientSecret, got.secret)
	s.store.note(ClientAssertion, got.assertion)
	if got.id == "" {
		return client{}, problemOf(90014, "invalid_request").because("'client_id'.")
	}
	app, ok := s.state.AppByClientID(got.id)
	if !ok {
		return client{}, notInDirectory(got.id)
	}
	switch {
	case got.assertion != "":
		if p := s.checkAssertion(got.assertion, app.ClientID, a); p != nil {
			return client{}, p
		}
		return client{app, clientCertificate}, nil
	case got.secret != "":
		if !s.state.CheckAppSecret(app.ClientID, got.secret) {
			return client{}, wrongSecret(app, grant)
		}
		return client{app, clientSecret}, nil
	case app.PublicClient && grant != grantClient:
		return client{app, clientPublic}, nil
	}
	return client{}, problemOf(7000218, "invalid_client")
}

// wrongSecret tells a public client to show none (700025), and others that
// theirs is wrong (7000215).
func wrongSecret(app App, grant string) *problem {
	if app.PublicClient && grant != grantClient {
		return problemOf(700025, "invalid_client")
	}
	return problemOf(7000215, "invalid_client").because("App '" + app.ClientID + "'.")
}

// notInDirectory is 700016 for an application.
func notInDirectory(clientID string) *problem {
	return problemOf(700016, "unauthorized_client").because("Application '" + strings.TrimSpace(clientID) + "'.")
}
