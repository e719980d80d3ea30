package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"

	"uplift/internal/codec"
	"uplift/internal/config"
	"uplift/internal/entra"
	"uplift/internal/portal"
	"uplift/internal/portal/consent"
	"uplift/internal/portal/web"
	"uplift/internal/seal"
	"uplift/internal/temporalclient"
)

// Server serves the consent page, the codec endpoint and the health answers.
type Server struct {
	client   client.Client
	listener net.Listener
	http     *http.Server
	stop     chan struct{}
	done     chan error
}

// Serve runs a Server until the context ends.
func Serve(ctx context.Context, s *config.Settings, log *zap.Logger) error {
	server, err := NewServer(ctx, s, log)
	if err != nil {
		return err
	}
	defer server.Close()
	log.Info("serving", zap.String("address", server.Address()), zap.String("public", s.PublicURL))
	return server.Run(ctx)
}

// ServerOptions are NewServerWith's.
type ServerOptions struct {
	Settings *config.Settings
	Log      *zap.Logger
	// Now is the identity provider's clock; nil is the system's. A simulated one may go faster.
	Now func() time.Time
}

// NewServer connects to Temporal, listens and serves. Close ends it.
func NewServer(ctx context.Context, s *config.Settings, log *zap.Logger) (*Server, error) {
	return NewServerWith(ctx, ServerOptions{Settings: s, Log: log})
}

// NewServerWith is NewServer with all options.
func NewServerWith(ctx context.Context, o ServerOptions) (*Server, error) {
	s, log := o.Settings, o.Log
	codecKeys, err := ring(s)
	if err != nil {
		return nil, err
	}
	linking, err := keys(s, "link", s.LinkKeyFile, log)
	if err != nil {
		return nil, err
	}
	c, err := temporalclient.Dial(ctx, temporalclient.Options{
		Ring: codecKeys, Logger: log, HostPort: s.TemporalAddress, Namespace: s.TemporalNamespace, Local: s.Dev(),
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("listen on %s: %w", s.Listen, err)
	}
	pages, err := adminPages(s, log)
	if err != nil {
		c.Close()
		_ = listener.Close()
		return nil, err
	}
	server := &Server{client: c, listener: listener, stop: make(chan struct{}), done: make(chan error, 1)}
	told := slog.New(zapslog.NewHandler(log.Core()))
	guard := newGuard(o, linking, told)
	options := portal.Options{
		Consent: consent.Options{
			Upgrades: temporalclient.NewUpgrades(c, codec.DataConverter(codecKeys)).Exact(),
			Links:    links{tokens: seal.NewLinks(linking)},
			Provider: web.Provider{Name: s.ProviderName},
			Log:      told,
			Stop:     server.stop,
			Sealer:   linking, ConsentRoles: s.ConsentRoles, Secure: secure(s),
		},
		Access: guard,
		Ready: func(ctx context.Context) error {
			_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		},
		Codec: codec.Handler(codecKeys, codec.Options{Origins: s.CodecOrigins}),
		Log:   told,
	}
	if pages != nil { // an interface that holds a nil pointer would be no nil
		options.Consent.Admin = pages
	}
	server.http = httpServer(portal.New(options), log.Named("http"))
	go func() { server.done <- server.http.Serve(listener) }()
	go reach(guard, s, log)
	return server, nil
}

// adminPages are Microsoft's pages for a consent in the browser; nil where this process does not know the application.
func adminPages(s *config.Settings, log *zap.Logger) (*entra.AdminPages, error) {
	if s.ClientID == "" {
		log.Info("no application is named, so that consenting in the browser is not offered; give -client-id and its credential for that")
		return nil, nil
	}
	identity, err := newIdentity(s, nil)
	if err != nil {
		return nil, err
	}
	return entra.NewAdminPages(identity, s.PublicURL+consentCallback)
}

// Address is where the server listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Run waits until the context ends or the server fails.
func (s *Server) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.done:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serving: %w", err)
	}
}

// Close ends the streams of open pages, lets other requests finish, and closes everything.
func (s *Server) Close() {
	close(s.stop)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	s.client.Close()
}
