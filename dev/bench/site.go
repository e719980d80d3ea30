package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"uplift/dev/internal/temporalserver"
	"uplift/internal/service"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
)

// siteOptions say what a measure runs on.
type siteOptions struct {
	// Cloud is the simulated Microsoft; without a profile of faults it is polite, and without Fill it has the provider alone.
	Cloud sim.Options
	// Policy are the waits of upgrades, as -policy takes them.
	Policy string
	// More are further settings of the worker, as flags.
	More []string
}

// site is an embedded Temporal server and a simulated Microsoft, both in this process, and a folder for the register. Workers are
// started on it (process.go).
type site struct {
	temporal *temporalserver.Server
	cloud    *sim.Cloud
	client   client.Client            // with our codec
	upgrades *temporalclient.Upgrades // starts and steers, as the command line does
	args     []string                 // the worker's settings
	log      *slog.Logger
	dir      string
	closers  []func() error
}

// open starts a site of the measure's own.
func (b *bench) open(ctx context.Context, o siteOptions) (*site, error) {
	dir, err := os.MkdirTemp("", "uplift-bench-")
	if err != nil {
		return nil, err
	}
	s := &site{log: b.log, dir: dir, closers: []func() error{func() error { return os.RemoveAll(dir) }}}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *site) start(ctx context.Context, o siteOptions) error {
	if o.Cloud.Faults.Name == "" {
		o.Cloud.Faults = cloud.Polite()
	}
	if o.Cloud.Fill == nil {
		o.Cloud.Fill = func(state *cloud.Cloud) { sim.SeedDemo(state) }
	}
	var err error
	if s.cloud, err = sim.Start(ctx, o.Cloud); err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { s.cloud.Close(); return nil })
	attributes := map[string]enums.IndexedValueType{}
	for _, key := range service.SearchAttributes() {
		attributes[key.GetName()] = key.GetValueType()
	}
	s.temporal, err = temporalserver.Start(ctx, temporalserver.Options{Retention: 30 * 24 * time.Hour, SearchAttributes: attributes, Log: s.log})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.temporal.Close)
	at := s.cloud.URLs()
	s.args = append([]string{
		"-profile", "dev", "-entra-url", at.Entra, "-graph-url", at.Graph, "-partner-url", at.Partner, "-smtp-url", "smtp://" + at.SMTP,
		"-register", "file:" + filepath.Join(s.dir, "register.db"), "-log-level", "error", "-policy", o.Policy,
	}, o.More...)
	connection, err := temporalclient.Connect(ctx, temporalclient.ConnectOptions{Development: true, HostPort: s.temporal.FrontendAddr(), Identity: "bench"})
	if err != nil {
		return err
	}
	s.client, s.upgrades = connection.Client, connection.Upgrades
	s.closers = append(s.closers, func() error { connection.Close(); return nil })
	return nil
}

// close ends everything, the last one first.
func (s *site) close() error {
	var all []error
	for _, closer := range slices.Backward(s.closers) {
		all = append(all, closer())
	}
	return errors.Join(all...)
}
