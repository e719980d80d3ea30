package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"

	"uplift/internal/codec"
	"uplift/internal/config"
	"uplift/internal/entra"
	"uplift/internal/portal"
	"uplift/internal/portal/access"
	"uplift/internal/portal/consent"
	"uplift/internal/portal/desk"
	"uplift/internal/portal/provider"
	"uplift/internal/portal/web"
	"uplift/internal/register"
	"uplift/internal/seal"
	"uplift/internal/temporalclient"
)

// Server serves the consent page, the provider's pages and the API, the codec endpoint and the health answers.
type Server struct {
	client   client.Client
	register *register.Register
	desk     *desk.Desk
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

// NewServer connects to Temporal, opens the register, listens and serves. Close ends it.
func NewServer(ctx context.Context, s *config.Settings, log *zap.Logger) (*Server, error) {
	return NewServerWith(ctx, ServerOptions{Settings: s, Log: log})
}

// NewServerWith is NewServer with all options.
func NewServerWith(ctx context.Context, o ServerOptions) (_ *Server, err error) {
	s, log := o.Settings, o.Log
	server := &Server{stop: make(chan struct{}), done: make(chan error, 1)}
	defer func() {
		if err != nil {
			server.release()
		}
	}()
	codecKeys, err := ring(s)
	if err != nil {
		return nil, err
	}
	linking, err := keys(s, "link", s.LinkKeyFile, log)
	if err != nil {
		return nil, err
	}
	server.client, err = temporalclient.Dial(ctx, temporalclient.Options{
		Ring: codecKeys, Logger: log, HostPort: s.TemporalAddress, Namespace: s.TemporalNamespace, Local: s.Dev(),
	})
	if err != nil {
		return nil, err
	}
	// It reads the register and writes what people decide, and has no key to the tokens: browsers reach this process.
	if server.register, err = register.Open(ctx, register.Options{DSN: s.RegisterDSN.Reveal(), Keys: register.Keyless()}); err != nil {
		return nil, err
	}
	if server.listener, err = net.Listen("tcp", s.Listen); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", s.Listen, err)
	}
	pages, err := adminPages(s, log)
	if err != nil {
		return nil, err
	}
	offers, err := loadCatalog(s.CatalogFile)
	if err != nil {
		return nil, err
	}
	upgrades := temporalclient.NewUpgrades(server.client, codec.DataConverter(codecKeys))
	made := links{s.PublicURL, seal.NewLinks(linking)}
	server.desk = desk.New(desk.Options{Upgrades: deskUpgrades{upgrades}, Register: deskRegister{server.register}, Links: made, Audit: server.register})
	told := slog.New(zapslog.NewHandler(log.Core()))
	guard := newGuard(o, linking, told)
	options := portal.Options{
		Consent: consent.Options{
			Upgrades: upgrades.Exact(),
			Links:    made,
			Provider: web.Provider{Name: s.ProviderName},
			Log:      told,
			Stop:     server.stop,
			Sealer:   linking, ConsentRoles: s.ConsentRoles, Secure: secure(s),
		},
		Access: guard,
		Pages: provider.Routes(provider.Options{
			Desk: server.desk, Catalog: offers, Drafts: server.register, Sealer: linking, Provider: s.ProviderName,
			FormToken: access.FormToken, TemporalUI: temporalUI(s), Secure: secure(s), Log: told, Stop: server.stop,
		}),
		Ready: server.ready,
		Codec:  codec.Handler(codecKeys, codec.Options{Origins: s.CodecOrigins}),
		Log:    told,
	}
	if pages != nil { // an interface that holds a nil pointer would be no nil
		options.Consent.Admin = pages
	}
	server.http = httpServer(portal.New(options), log.Named("http"))
	go func() { server.done <- server.http.Serve(server.listener) }()
	go reach(guard, s, log)
	return server, nil
}

// ready tells whether Temporal and the register answer.
func (s *Server) ready(ctx context.Context) error {
	_, err := s.client.CheckHealth(ctx, &client.CheckHealthRequest{})
	return errors.Join(err, s.register.Ping(ctx))
}

// temporalUI is where the Temporal UI shows an execution; nil where its address is not known.
func temporalUI(s *config.Settings) func(workflowID, runID string) string {
	if s.TemporalUIURL == "" {
		return nil
	}
	return func(workflowID, runID string) string {
		address := s.TemporalUIURL + "/namespaces/" + url.PathEscape(namespace(s)) + "/workflows/" + url.PathEscape(workflowID)
		if runID != "" {
			address += "/" + url.PathEscape(runID)
		}
		return address
	}
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

// Desk is what the pages and the API ask.
func (s *Server) Desk() *desk.Desk { return s.desk }

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
	s.release()
}

// release closes what is open, as far as the server came.
func (s *Server) release() {
	if s.listener != nil {
		_ = s.listener.Close()
	}
	if s.register != nil {
		_ = s.register.Close()
	}
	if s.client != nil {
		s.client.Close()
	}
}
