package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Server is the simulated sign-in service: an http.Handler and the reader of the
// tokens it issued. It is safe for concurrent use.
type Server struct {
	state  State
	issuer string
	log    *slog.Logger
	least  time.Duration // of the lives of codes and tokens
	mux    *http.ServeMux
	key    *rsa.PrivateKey
	keyID  string
	store  *store
	pages  *template.Template
}

// New makes a Server with a signing key of its own. It does no I/O and listens
// nowhere: the caller binds, on loopback. It panics without a State or an
// Issuer, which only a mistake in wiring leaves out.
func New(opts Options) *Server {
	if opts.State == nil || opts.Issuer == "" {
		panic("entra: Options.State and Options.Issuer are required")
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("entra: no randomness for a signing key: " + err.Error())
	}
	s := &Server{
		state:  opts.State,
		issuer: strings.TrimRight(opts.Issuer, "/"),
		log:    opts.Log,
		least:  opts.LeastLife,
		key:    key,
		keyID:  uuid.NewString(),
		store:  newStore(),
		pages:  templates(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.mux = s.routes()
	return s
}

// routes lists every address of the service.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("GET /{tenant}/discovery/v2.0/keys", s.keys)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/devicecode", s.deviceCode)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", s.tokenV2)
	mux.HandleFunc("POST /{tenant}/oauth2/token", s.tokenV1)
	mux.HandleFunc("GET /{tenant}/oauth2/v2.0/authorize", s.authorize)
	mux.HandleFunc("GET /{tenant}/v2.0/adminconsent", s.adminConsentV2)
	mux.HandleFunc("GET /{tenant}/adminconsent", s.adminConsentV1)
	mux.HandleFunc("GET /devicelogin", s.deviceLogin)
	mux.HandleFunc("POST /devicelogin", s.deviceLoginCode)
	mux.HandleFunc("POST /{tenant}/login", s.login)
	return mux
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	w.Header().Set("Date", s.state.Now().UTC().Format(http.TimeFormat)) // virtual, like every time in the tokens
	s.mux.ServeHTTP(w, r)
}

// life is how long a code or a token is good.
func (s *Server) life(microsofts time.Duration) time.Duration { return max(microsofts, s.least) }

// Revoke makes every refresh token of a person useless (AADSTS50173), as a
// changed password does. Access tokens live on until they expire.
func (s *Server) Revoke(tenant, oid string) { s.store.revoke(tenant, oid) }

// secret makes a random string with a prefix that tells people apart what they
// look at, and notes it as issued.
func (s *Server) secret(kind SecretKind, prefix string) string {
	raw := make([]byte, 48)
	_, _ = rand.Read(raw)
	value := prefix + base64.RawURLEncoding.EncodeToString(raw)
	s.store.note(kind, value)
	return value
}
