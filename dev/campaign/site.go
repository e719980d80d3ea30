package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"uplift/internal/temporalclient"
)

// site is the product at work, each part of it in a process of its own, and the clients that the campaign acts with.
type site struct {
	s         settings
	dir       string
	temporal  string
	microsoft *microsoft
	processes []*process // those that may be killed
	upgrades  *temporalclient.Upgrades
	client    client.Client
	foreign   client.Client // without our codec, as any Temporal client is

	stop    context.CancelFunc
	kept    sync.WaitGroup
	closers []func() error
}

// workers is how many worker processes there are.
const workers = 2

// waits makes a day last seconds, but leaves to what takes real time (a restart, a connection that hangs) some of it.
const waits = "pace=%g,pollFirst=250ms,pollMost=1500ms,tellAfter=6s,parkAfter=60s,patience=25s,propagation=5s,checkFresh=20s," +
	"licenseSettle=8s,parkReminder=60s,confirmReminder=60s,codeWindow=5s,expiry=100s"

// open starts every process, and answers when all of them are at work.
func open(ctx context.Context, s settings) (*site, error) {
	dir, err := os.MkdirTemp("", "uplift-campaign-")
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	site := &site{s: s, dir: dir, stop: stop}
	if err := site.start(ctx, running); err != nil {
		return nil, errors.Join(err, site.close())
	}
	return site, nil
}

func (s *site) start(ctx, running context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	s.temporal = ports[0]
	base := role{Temporal: s.temporal, Data: s.dir, Portal: ports[1], Pace: s.s.pace, Seed: s.s.seed, Harm: s.s.harm, Careless: s.s.careless}

	simulator, err := s.process(running, cloudRole, cloudRole, base)
	if err != nil {
		return err
	}
	var at opened
	if err := simulator.first(ctx, &at); err != nil {
		return err
	}
	s.microsoft = newMicrosoft(at)
	s.kept.Go(func() { s.microsoft.collect(running) })
	base.Epoch = at.Epoch
	base.Args = []string{
		"-profile", "dev", "-entra-url", at.URLs.Entra, "-graph-url", at.URLs.Graph, "-partner-url", at.URLs.Partner,
		"-smtp-url", "smtp://" + at.URLs.SMTP, "-register", "file:" + filepath.Join(s.dir, "register.db"),
		"-public-url", "http://" + base.Portal, "-listen", base.Portal, "-log-level", "warn", "-operator-mail", "operators@northstar-telecom.example", "-oidc-issuer", "none",
		"-policy", fmt.Sprintf(waits, s.s.pace),
	}
	names := []string{temporalRole}
	for i := range workers {
		names = append(names, fmt.Sprintf("%s-%d", workerRole, i+1))
	}
	for _, name := range append(names, serveRole) {
		kind := name
		if len(name) > len(workerRole) && name[:len(workerRole)] == workerRole {
			kind = workerRole
		}
		p, err := s.process(running, name, kind, base)
		if err != nil {
			return err
		}
		s.processes = append(s.processes, p)
		if err := p.first(ctx, &struct{}{}); err != nil {
			return err
		}
	}
	return s.connect(ctx)
}

// whole tells whether every process is at work.
func (s *site) whole() bool {
	for _, p := range s.processes {
		if !p.atWork() {
			return false
		}
	}
	return true
}

// process starts one, with a log of its own.
func (s *site) process(running context.Context, name, kind string, r role) (*process, error) {
	file, err := os.Create(filepath.Join(s.dir, name+".log"))
	if err != nil {
		return nil, err
	}
	r.Name = kind
	p := &process{name: name, role: r, log: file, said: make(chan json.RawMessage, 1)}
	s.kept.Go(func() { p.keep(running) })
	s.closers = append(s.closers, file.Close)
	return p, nil
}

// connect makes the clients. They outlive every server: gRPC connects again.
func (s *site) connect(ctx context.Context) error {
	connection, err := temporalclient.Connect(ctx, temporalclient.ConnectOptions{Development: true, HostPort: s.temporal, Identity: "campaign"})
	if err != nil {
		return err
	}
	s.upgrades, s.client = connection.Upgrades, connection.Client
	s.closers = append(s.closers, func() error { connection.Close(); return nil })
	s.foreign, err = client.DialContext(ctx, client.Options{HostPort: s.temporal, Logger: quiet{}})
	if err == nil {
		s.closers = append(s.closers, func() error { s.foreign.Close(); return nil })
	}
	return err
}

// close ends every process, and removes what they have written.
func (s *site) close() error {
	s.stop()
	s.kept.Wait()
	var all []error
	for _, closer := range s.closers {
		all = append(all, closer())
	}
	if !s.s.keep {
		all = append(all, os.RemoveAll(s.dir))
	}
	return errors.Join(all...)
}

// freePorts are addresses on which nobody listens now: the processes that take each other's place must have the same.
func freePorts(n int) ([]string, error) {
	var out []string
	var open []net.Listener
	defer func() {
		for _, l := range open {
			_ = l.Close()
		}
	}()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		open, out = append(open, l), append(out, l.Addr().String())
	}
	return out, nil
}

// quiet discards what the SDK says of a server that is down.
type quiet struct{}

var _ log.Logger = quiet{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
