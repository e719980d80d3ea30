package temporalserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/temporal"
)

// Options says how to start a Server. The zero value is useful: a server in memory, on free ports,
// with the namespace "default".
type Options struct {
	// FrontendAddr is where Temporal clients connect, a loopback host and port. Empty means
	// 127.0.0.1:0; port 0 picks a free one.
	FrontendAddr string
	// UIAddr is where the web UI is served, in the same form.
	UIAddr string
	// DataFile keeps everything in this SQLite file, which is made when it does not exist; its
	// directory must exist. Empty keeps everything in memory.
	DataFile string
	// Namespace is made when it does not exist. Empty means "default".
	Namespace string
	// Retention is how long the history of a closed workflow is kept. Zero means seven days.
	Retention time.Duration
	// SearchAttributes are registered in the namespace, by name. Those that a data file already
	// has stay; one that it has with another type is an error.
	SearchAttributes map[string]enums.IndexedValueType
	// CodecEndpoint is the URL of the codec server that the UI asks to decode payloads. Empty
	// means none.
	CodecEndpoint string
	// Log receives the server's warnings and errors, and nothing below. Nil discards them.
	Log *slog.Logger
}

// Server is a running Temporal server with its UI.
type Server struct {
	frontend string
	log      *logger
	temporal temporal.Server
	ui       *ui
}

// Start starts a server and returns when it answers. The context bounds the start only: the server
// runs until Close.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.Retention == 0 {
		o.Retention = 7 * 24 * time.Hour
	}
	ports, err := reserve(o.FrontendAddr, o.UIAddr)
	if err != nil {
		return nil, err
	}
	defer ports.release()

	store, err := prepareStore(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Server{frontend: ports.frontend.addr(), log: newLogger(o.Log)}
	ports.release()
	if err := s.startTemporal(serverConfig(ports, store)); err != nil {
		return nil, err
	}
	s.ui = startUI(ports.ui, s.frontend, o)
	if err := errors.Join(s.waitForFrontend(ctx, o.Namespace), s.ui.wait(ctx)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// FrontendAddr is the host and port for Temporal clients.
func (s *Server) FrontendAddr() string { return s.frontend }

// UIURL is the address of the web UI, without a slash at its end.
func (s *Server) UIURL() string { return s.ui.url }

// Close stops the UI and the server, and waits for them. What the server has to say about clients
// that are still connected is not logged.
func (s *Server) Close() error {
	s.log.mute()
	if s.ui != nil {
		s.ui.close()
	}
	if err := s.temporal.Stop(); err != nil {
		return fmt.Errorf("stop the Temporal server: %w", err)
	}
	return nil
}

// startTemporal starts the Temporal server. What the server calls fatal comes back as an error.
func (s *Server) startTemporal(c *config.Config) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("start the Temporal server: %v", p)
		}
	}()
	if s.temporal, err = temporal.NewServer(serverOptions(c, s.log)...); err != nil {
		return fmt.Errorf("configure the Temporal server: %w", err)
	}
	if err = s.temporal.Start(); err != nil {
		return errors.Join(fmt.Errorf("start the Temporal server: %w", err), s.Close())
	}
	return nil
}

// waitForFrontend returns when the frontend serves the namespace.
func (s *Server) waitForFrontend(ctx context.Context, namespace string) error {
	return poll(ctx, "the Temporal server", func(ctx context.Context) error {
		c, err := client.DialContext(ctx, client.Options{HostPort: s.frontend, Namespace: namespace, Logger: noLog})
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
			return err
		}
		_, err = c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{})
		return err
	})
}

// poll calls ready until it succeeds, or for as long as the context allows and half a minute at
// most.
func poll(ctx context.Context, what string, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", what, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
