package service

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"uplift/internal/codec"
	"uplift/internal/config"
	"uplift/internal/preflight"
	"uplift/internal/register"
	"uplift/internal/seal"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

const publicURL = "https://upgrades.northstar-telecom.co"

// namespaceState is a Temporal as a test wants it.
type namespaceState struct {
	retention      time.Duration
	missing, wrong []string
	pollers        int
	err            error
}

func (namespaceState) Address() string   { return "127.0.0.1:7233" }
func (namespaceState) Namespace() string { return "uplift" }
func (namespaceState) Close()            {}
func (n namespaceState) Retention(context.Context) (time.Duration, error) {
	return n.retention, n.err
}
func (n namespaceState) SearchAttributes(context.Context) (missing, wrong []string, err error) {
	return n.missing, n.wrong, nil
}
func (n namespaceState) Pollers(context.Context) (workflows, activities int, err error) {
	return n.pollers, n.pollers, nil
}

// patient is an installation in production's form: keys in files, no development profile, everything in order. A test
// breaks one thing, before the settings are read (args), in the simulated cloud, or in what the doctor would open.
type patient struct {
	*testing.T
	dir      string
	args     map[string]string
	secret   string
	cloud    *sim.Cloud
	temporal namespaceState
	dial     error
	customer string
	signedIn string // who signed in for the partner; empty: nobody
	lastUsed time.Duration
	now      func() time.Time
	late     func() // harm that comes after the sign-in was made
	change   func(*preflight.Installation)
}

var somePermissions = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}

func newPatient(t *testing.T, fill func(*cloud.Cloud)) *patient {
	t.Helper()
	ms, err := sim.Start(context.Background(), sim.Options{Faults: cloud.Polite(), Fill: func(c *cloud.Cloud) {
		if fill != nil {
			fill(c) // an application of the same id that is made first is the one that counts
		}
		sim.SeedDemo(c, publicURL+"/consent/callback", DefaultPartnerRedirect)
		c.AddUser(sim.DemoPartnerTenant, cloud.UserSpec{UPN: "sales@" + sim.DemoPartnerDomain, Password: sim.DemoPassword})
		c.GrantConsentNow(sim.LitwareTenant, sim.DemoClientID, somePermissions, somePermissions)
		c.GrantConsentNow(sim.WoodgroveTenant, sim.DemoClientID, nil, somePermissions)
		c.GrantConsentNow(sim.LakesideTenant, sim.DemoClientID, somePermissions, nil)
		c.AddTenant(cloud.TenantSpec{ID: readersTenant, Domain: "readers.example", Company: "Readers", NoTransferRights: true})
		c.GrantConsentNow(readersTenant, sim.DemoClientID, somePermissions, somePermissions)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ms.Close)
	p := &patient{T: t, dir: t.TempDir(), cloud: ms, secret: sim.DemoClientSecret, signedIn: sim.DemoAgent, customer: sim.TailspinTenant,
		temporal: namespaceState{retention: 30 * 24 * time.Hour, pollers: 2}, now: ms.State.Now, change: func(*preflight.Installation) {}}
	for name, generate := range map[string]func(string) error{"register.key": seal.Generate, "link.key": seal.Generate, "codec.key": codec.Generate} {
		if err := generate(filepath.Join(p.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	urls := ms.URLs()
	p.args = map[string]string{"entra-url": urls.Entra, "graph-url": urls.Graph, "partner-url": urls.Partner, "smtp-url": "smtp://" + urls.SMTP,
		"partner-tenant": sim.DemoPartnerTenant, "client-id": sim.DemoClientID, "mail-from": "licences@northstar-telecom.co",
		"operator-mail": "operators@northstar-telecom.co", "public-url": publicURL, "register": "file:" + filepath.Join(p.dir, "register.db"),
		"register-key": filepath.Join(p.dir, "register.key"), "link-key": filepath.Join(p.dir, "link.key"), "codec-key": filepath.Join(p.dir, "codec.key")}
	return p
}

const readersTenant = "0c000000-0000-4000-8000-000000000077"

// signIn leaves behind what a sign-in of long ago would.
func (p *patient) signIn() {
	p.Helper()
	keys, err := seal.Open(p.args["register-key"])
	if err != nil {
		p.Fatal(err)
	}
	r, err := register.Open(context.Background(), register.Options{DSN: p.args["register"], Keys: keys,
		Now: func() time.Time { return p.cloud.State.Now().Add(-p.lastUsed) }})
	if err != nil {
		p.Fatal(err)
	}
	defer r.Close()
	if p.signedIn == "" {
		return
	}
	token, err := p.cloud.RefreshToken(sim.DemoClientID, sim.DemoPartnerTenant, p.signedIn)
	if err != nil {
		p.Fatal(err)
	}
	if err := r.SavePartnerToken(context.Background(), upgrade.Tokens{Refresh: upgrade.Secret(token)}, upgrade.Identity{}, p.cloud.State.Now().Add(-p.lastUsed)); err != nil {
		p.Fatal(err)
	}
}

// examine lets the doctor look.
func (p *patient) examine() preflight.Report {
	p.Helper()
	var args []string
	for name, value := range p.args {
		args = append(args, "-"+name, value)
	}
	s, broken := p.settings(args)
	o := DoctorOptions{Settings: s, Broken: broken, Log: zap.NewNop(), Now: p.now}
	if p.customer != "" {
		o.Customers = []string{p.customer}
	}
	in := o.installation()
	in.PartnerRedirect = DefaultPartnerRedirect
	in.Temporal = func(context.Context) (preflight.Temporal, error) { return p.temporal, p.dial }
	in.Portal = func(context.Context) (int, string, error) { return 200, "ok\n", nil }
	p.change(&in)
	return preflight.Run(context.Background(), in)
}

func (p *patient) settings(args []string) (*config.Settings, upgrade.Problems) {
	p.Helper()
	var s config.Settings
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	s.Register(fs, config.Worker)
	if err := fs.Parse(args); err != nil {
		p.Fatal(err)
	}
	err := s.Load(config.Worker, func(name string) string {
		if name == "UPLIFT_CLIENT_SECRET" {
			return p.secret
		}
		return ""
	})
	broken, _ := err.(upgrade.Problems) //nolint:errorlint // Load returns nothing else
	return &s, broken
}

// noSecret searches a report for all that must not be shown.
func (p *patient) noSecret(report preflight.Report) {
	p.Helper()
	text, err := json.Marshal(report)
	if err != nil {
		p.Fatal(err)
	}
	for _, secret := range append(p.cloud.Entra.Issued(), p.secret, "smtp-password") {
		if secret != "" && strings.Contains(string(text), secret) {
			p.Errorf("the report shows a secret: %s", text)
		}
	}
}

// file writes a file that only we may read.
func (p *patient) file(name, text string) string {
	p.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.Fatal(err)
	}
	return path
}

// otherKeys names a key file that did not seal what is stored.
func (p *patient) otherKeys() {
	path := filepath.Join(p.dir, "other.key")
	if err := seal.Generate(path); err != nil {
		p.Fatal(err)
	}
	p.args["register-key"] = path
}

// newerRegister is one that the next release has migrated.
func (p *patient) newerRegister() {
	p.late = func() {
		db, err := sql.Open("sqlite", filepath.Join(p.dir, "register.db"))
		if err != nil {
			p.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("INSERT INTO schema_version VALUES (99, 0)"); err != nil {
			p.Fatal(err)
		}
	}
}

// certificate is one that the application's registration does not list.
func (p *patient) certificate() string {
	p.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		p.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		p.Fatal(err)
	}
	return p.file("app.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))+
		string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
}
