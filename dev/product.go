package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"uplift/internal/config"
	"uplift/internal/service"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
)

// startCloud starts the simulated Microsoft cloud with its demonstration customers, and the mailbox.
func startCloud(ctx context.Context, s settings, log *slog.Logger, all *running) error {
	faults := cloud.Polite()
	if s.faults == "misbehaving" {
		faults = cloud.Misbehaving()
	}
	c, err := sim.Start(ctx, sim.Options{
		EntraAddr: s.entra, GraphAddr: s.graph, PartnerAddr: s.partner, AdminAddr: s.simAdmin, SMTPAddr: s.smtp, MailboxAddr: s.mailbox,
		Pace: s.pace, Faults: faults, Log: log, Wrap: s.wrap, MailUser: s.mailUser, MailPassword: s.mailPassword,
		Fill: func(state *cloud.Cloud) {
			sim.SeedDemo(state, append(sim.DemoRedirects(), "http://"+s.portal+"/consent/callback", service.DefaultPartnerRedirect)...)
			state.AddRedirect(sim.DemoPortalClientID, "http://"+s.portal+service.SignInCallback)
			if s.customers > 0 {
				sim.SeedCrowd(state)
				sim.SeedCustomers(state, s.customers)
			}
		},
	})
	if err != nil {
		return err
	}
	all.cloud = c
	all.closers = append(all.closers, func() error { c.Close(); return nil })
	urls := c.URLs()
	all.places = append(all.places,
		place{"Mailbox", urls.Mailbox, "every mail that is sent"},
		place{"Sign-in page", urls.Entra + "/devicelogin", "where an administrator types the code"},
		place{"Microsoft, seen from behind", urls.Admin, "what the simulated tenants hold, and the ledger"})
	return nil
}

// startWorker starts the worker on development keys.
func startWorker(ctx context.Context, s settings, _ *slog.Logger, all *running) error {
	var err error
	if all.settings, err = productSettings(s, all); err != nil {
		return err
	}
	log, err := productLog(s, all)
	if err != nil {
		return err
	}
	w, err := service.NewWorker(ctx, service.WorkerOptions{Settings: all.settings, Log: log, Now: microsoftsClock(s, all)})
	if err != nil {
		return err
	}
	all.worker = w
	all.closers = append(all.closers, func() error { all.worker.Close(); return nil })
	all.places = append(all.places, place{"Register", all.settings.RegisterDSN.Reveal(), "for a second worker: UPLIFT_REGISTER"})
	return nil
}

// microsoftsClock is the simulated cloud's, where its windows and lifetimes pass at another pace; else nil.
func microsoftsClock(s settings, all *running) func() time.Time {
	if s.pace == 1 {
		return nil
	}
	return all.cloud.State.Now
}

// startPortal starts what `starter serve` serves.
func startPortal(ctx context.Context, s settings, _ *slog.Logger, all *running) error {
	log, err := productLog(s, all)
	if err != nil {
		return err
	}
	server, err := service.NewServerWith(ctx, service.ServerOptions{Settings: all.settings, Log: log, Now: microsoftsClock(s, all)})
	if err != nil {
		return err
	}
	all.server = server
	all.closers = append(all.closers, func() error { all.server.Close(); return nil })
	all.places = append(all.places,
		place{"Provider's pages", "http://" + all.portal + "/", "sign in as " + sim.DemoOperator + ", password " + sim.DemoPassword},
		place{"Consent page", "http://" + all.portal, "opened by the link in the mail; /healthz, /readyz"})
	return nil
}

// productLog is where worker and starter log.
func productLog(s settings, all *running) (*zap.Logger, error) {
	if s.log != nil {
		return s.log, nil
	}
	return config.NewLogger(all.settings.LogLevel, all.settings.LogFormat)
}

// productSettings are the settings of worker and starter, made the way a person would give them: by flags.
func productSettings(s settings, all *running) (*config.Settings, error) {
	register, err := registerFile(s, all)
	if err != nil {
		return nil, err
	}
	urls := all.cloud.URLs()
	args := []string{
		"-profile", "dev", "-entra-url", urls.Entra, "-graph-url", urls.Graph, "-partner-url", urls.Partner,
		"-smtp-url", (&url.URL{Scheme: "smtp", User: s.mailLogin(), Host: urls.SMTP}).String(), "-register", "file:" + register,
		"-public-url", "http://" + all.portal, "-listen", all.portal, "-codec-origins", all.temporal.UIURL(), "-temporal-ui-url", all.temporal.UIURL(),
		"-oidc-issuer", urls.Entra + "/" + sim.DemoPartnerTenant + "/v2.0",
		"-log-level", "warn", "-policy", policy(s),
	}
	if s.record != "" {
		args = append(args, "-approve-seats", "15")
	}
	temporal := func(name string) string {
		if name == "TEMPORAL_ADDRESS" {
			return all.temporal.FrontendAddr()
		}
		return ""
	}
	args = append(args, s.more...)
	return config.Parse("dev", config.Worker|config.Serve, args, temporal, io.Discard)
}

// mailLogin is what the mail server asks for; nil where it asks for nothing.
func (s settings) mailLogin() *url.Userinfo {
	if s.mailUser == "" {
		return nil
	}
	return url.UserPassword(s.mailUser, s.mailPassword)
}

// policy looks often, since the simulated cloud answers within seconds; at another pace every wait passes faster. The waits
// for people are so short where scenarios are recorded that each of them can be waited out.
func policy(s settings) string {
	if s.record != "" && s.pace == 1 {
		return "pollFirst=500ms,pollMost=2s,expiry=25s,reminders=2s/4s,patience=4s,parkReminder=2s,confirmReminder=2s,renewalDistance=0s"
	}
	if s.pace != 1 {
		return fmt.Sprintf("pace=%g", s.pace)
	}
	return "pollFirst=500ms,pollMost=5s"
}

// registerFile is where the register lies: with the other data, or in a folder that is deleted at the end.
func registerFile(s settings, all *running) (string, error) {
	if s.data != "" {
		return filepath.Join(s.data, "register.db"), nil
	}
	dir, err := os.MkdirTemp("", "uplift-dev-")
	if err != nil {
		return "", err
	}
	all.closers = append(all.closers, func() error { return os.RemoveAll(dir) })
	return filepath.Join(dir, "register.db"), nil
}

// fixedPort chooses a free port where 0 was asked for: the consent page's address stands in mails before it listens.
func fixedPort(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != "0" {
		return address, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
