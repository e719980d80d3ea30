package temporalserver

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// ui is the web UI, served from this process.
type ui struct {
	url     string
	server  *server.Server
	stopped chan struct{}
}

// startUI starts serving. The UI asks nobody for news or newer versions.
func startUI(p *port, frontend string, o Options) *ui {
	host := p.ip
	if net.ParseIP(host).To4() == nil {
		host = "[" + host + "]" // the UI server joins host and port as they are
	}
	u := &ui{
		url:     "http://" + p.addr(),
		stopped: make(chan struct{}),
		server: server.NewServer(server_options.WithConfigProvider(&config.Config{
			Host:                host,
			Port:                p.number,
			TemporalGRPCAddress: frontend,
			DefaultNamespace:    o.Namespace,
			EnableUI:            true,
			Codec:               config.Codec{Endpoint: o.CodecEndpoint},
			CORS:                config.CORS{CookieInsecure: true}, // plain HTTP on loopback
			HideLogs:            true,
			DisableNewsFetch:    true,
			NotifyOnNewVersion:  false,
		})),
	}
	go func() {
		defer close(u.stopped)
		_ = u.server.Start() // always nil: it ends the process when it cannot listen
	}()
	return u
}

// wait returns when the UI answers.
func (u *ui) wait(ctx context.Context) error {
	return poll(ctx, "the Temporal UI", func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url+"/healthz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", req.URL.Path, resp.Status)
		}
		return nil
	})
}

func (u *ui) close() {
	u.server.Stop()
	<-u.stopped
}
