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
	"uplift/internal/portal"
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

// NewServer connects to Temporal, listens and serves. Close ends it.
func NewServer(ctx context.Context, s *config.Settings, log *zap.Logger) (*Server, error) {
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
	server := &Server{client: c, listener: listener, stop: make(chan struct{}), done: make(chan error, 1)}
	handler := portal.New(portal.Options{
		Upgrades: temporalclient.NewUpgrades(c, codec.DataConverter(codecKeys)).Exact(),
		Links:    links{tokens: seal.NewLinks(linking)},
		Ready: func(ctx context.Context) error {
			_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		},
		Provider: portal.Provider{Name: s.ProviderName},
		Codec:    codec.Handler(codecKeys, codec.Options{Origins: s.CodecOrigins}),
		Log:      slog.New(zapslog.NewHandler(log.Core())),
		Stop:     server.stop,
	})
	server.http = &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: zap.NewStdLog(log.Named("http")),
	}
	go func() { server.done <- server.http.Serve(listener) }()
	return server, nil
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
