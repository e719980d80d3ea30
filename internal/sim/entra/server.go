package entra

import (
	"context"
	"errors"
	"net/http"
)

// Server is the simulated sign-in service.
type Server struct {
	opts Options
	mux  *http.ServeMux
}

// New makes a Server. It does no I/O.
func New(opts Options) *Server {
	return &Server{opts: opts, mux: http.NewServeMux()}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Verify checks signature, audience and expiry of an access token.
func (s *Server) Verify(_ context.Context, _ string) (Token, error) {
	return Token{}, errors.New("no token is known yet")
}

// Issued returns every secret the server has ever issued.
func (s *Server) Issued() []string { return nil }
