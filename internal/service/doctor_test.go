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
	"io"
	"maps"
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
	simentra "uplift/internal/sim/entra"
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

// TestHealthy: with everything in order every line is ok, and none shows a secret.
func TestHealthy(t *testing.T) {
	p := newPatient(t, nil)
	p.signIn()
	report := p.examine()
	for _, f := range report.Findings {
		if f.Verdict != preflight.OK {
			t.Errorf("%s: %s %s → %s", f.Check, f.Verdict, f.Says, f.Remedy)
		}
	}
	if !report.OK || len(report.Findings) != 29 {
		t.Errorf("ok %t with %d lines", report.OK, len(report.Findings))
	}
	if sent := p.cloud.Mailbox.Messages(); len(sent) != 0 {
		t.Errorf("%d mails were sent", len(sent))
	}
	p.noSecret(report)
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

// TestEveryPreconditionBroken breaks one thing in each case. The doctor names exactly the check that is meant, each with a
// remedy; what waits for it is skipped, and whatever does not is still ok.
func TestEveryPreconditionBroken(t *testing.T) {
	nobody := "http://" + freeAddress(t)
	fault := func(name string) func(*patient) {
		return func(p *patient) { p.cloud.State.Inject(cloud.Fault(name), cloud.Matcher{}, 1000) }
	}
	set := func(flag, value string) func(*patient) { return func(p *patient) { p.args[flag] = value } }
	customer := func(tenant string) func(*patient) { return func(p *patient) { p.customer = tenant } }
	app := func(change func(*cloud.AppSpec)) func(*cloud.Cloud) {
		return func(c *cloud.Cloud) {
			spec := cloud.AppSpec{ClientID: sim.DemoClientID, Name: "Northstar Upgrades", Tenant: sim.DemoPartnerTenant, Secret: sim.DemoClientSecret, PublicClient: true,
				RedirectURIs: []string{publicURL + "/consent/callback", DefaultPartnerRedirect}, Delegated: somePermissions, Application: somePermissions}
			change(&spec)
			c.AddApp(spec)
		}
	}
	for name, test := range map[string]struct {
		fill    func(*cloud.Cloud)
		harm    func(*patient)
		check   string
		verdict preflight.Verdict
		says    string // in what it says or in the remedy
	}{
		"a setting is missing":     {nil, func(p *patient) { delete(p.args, "operator-mail") }, "settings", preflight.Fail, "-operator-mail"},
		"no credential":            {nil, func(p *patient) { p.secret = "" }, "settings", preflight.Fail, "credential"},
		"a bad catalogue":          {nil, func(p *patient) { p.args["catalog"] = p.file("offers.json", "{") }, "catalogue", preflight.Fail, "-catalog"},
		"no codec key ring":        {nil, func(p *patient) { p.args["codec-key"] = p.file("bad.key", "not a ring") }, "codec keys", preflight.Fail, "-codec-key"},
		"no link keys":             {nil, func(p *patient) { p.args["link-key"] = p.file("bad.key", "not a key set") }, "link keys", preflight.Fail, "-link-key"},
		"the register is a folder": {nil, func(p *patient) { p.args["register"] = "file:" + p.dir }, "register", preflight.Fail, "folder"},
		"a register out of reach":  {nil, set("register", "postgres://uplift:smtp-password@127.0.0.1:1/uplift?connect_timeout=1"), "register", preflight.Fail, "-register"},
		"a newer register":         {nil, (*patient).newerRegister, "register", preflight.Fail, "newer release"},
		"other register keys":      {nil, (*patient).otherKeys, "register keys", preflight.Fail, "-register-key"},

		"no Temporal": {nil, func(p *patient) {
			p.dial = &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unreachable", Message: "no Temporal server answers"}
		}, "Temporal", preflight.Fail, "TEMPORAL_ADDRESS"},
		"no namespace":            {nil, func(p *patient) { p.temporal.err = &upgrade.Error{Kind: upgrade.Act, Code: "no_namespace"} }, "namespace", preflight.Fail, "starter setup -create"},
		"a short retention":       {nil, func(p *patient) { p.temporal.retention = 72 * time.Hour }, "retention", preflight.Fail, "3 days"},
		"an attribute is missing": {nil, func(p *patient) { p.temporal.missing = []string{"UpliftStage"} }, "search attributes", preflight.Fail, "starter setup"},
		"an attribute is another": {nil, func(p *patient) { p.temporal.wrong = []string{"UpliftStage"} }, "search attributes", preflight.Fail, "search-attribute remove"},
		"no worker":               {nil, func(p *patient) { p.temporal.pollers = 0 }, "worker", preflight.Warn, "start one"},

		"no Entra":             {nil, set("entra-url", nobody), "Microsoft Entra", preflight.Fail, "-entra-url"},
		"an unknown tenant":    {nil, set("partner-tenant", "0a000000-0000-4000-8000-00000000000f"), "Microsoft Entra", preflight.Fail, "-partner-tenant"},
		"a fast clock":         {nil, func(p *patient) { p.now = func() time.Time { return p.cloud.State.Now().Add(10 * time.Minute) } }, "clock", preflight.Fail, "NTP"},
		"a clock somewhat off": {nil, func(p *patient) { p.now = func() time.Time { return p.cloud.State.Now().Add(-90 * time.Second) } }, "clock", preflight.Warn, "NTP"},
		"a wrong secret":       {nil, func(p *patient) { p.secret = "Wr0ng~secret" }, "client credential", preflight.Fail, "make a new client secret"},
		"a secret's id":        {nil, func(p *patient) { p.secret = "3f2504e0-4f89-41d3-9a0c-0305e82c3301" }, "client credential", preflight.Fail, "column Value"},
		"an expired secret":    {nil, fault(simentra.FaultSecretExpired), "client credential", preflight.Fail, "expired"},
		"another certificate":  {nil, func(p *patient) { p.secret, p.args["client-certificate"] = "", p.certificate() }, "client credential", preflight.Fail, "upload the certificate"},
		"no public client":     {app(func(a *cloud.AppSpec) { a.PublicClient = false }), nil, "device code", preflight.Fail, "Allow public client flows"},
		"no redirect":          {app(func(a *cloud.AppSpec) { a.RedirectURIs = a.RedirectURIs[1:] }), nil, "redirect address", preflight.Fail, publicURL + "/consent/callback"},
		"no sign-in redirect":  {app(func(a *cloud.AppSpec) { a.RedirectURIs = a.RedirectURIs[:1] }), nil, "sign-in address", preflight.Warn, DefaultPartnerRedirect},
		"no Graph":             {nil, set("graph-url", nobody+"/v1.0"), "Microsoft Graph", preflight.Fail, "-graph-url"},
		"no Partner Center":    {nil, set("partner-url", nobody+"/v1"), "Partner Center", preflight.Fail, "-partner-url"},

		"nobody signed in":       {nil, func(p *patient) { p.signedIn = "" }, "partner sign-in", preflight.Warn, "starter partner sign-in"},
		"the sign-in has died":   {nil, fault(simentra.FaultRefreshExpired), "partner sign-in", preflight.Fail, "starter partner sign-in"},
		"the sign-in is revoked": {nil, fault(simentra.FaultRefreshRevoked), "partner sign-in", preflight.Fail, "starter partner sign-in"},
		"the sign-in is old":     {nil, func(p *patient) { p.lastUsed = 70 * 24 * time.Hour }, "partner sign-in", preflight.Warn, "70 days"},
		"no second factor":       {nil, fault(simentra.FaultNoMFA), "second factor", preflight.Fail, "multi-factor"},
		"no role":                {nil, func(p *patient) { p.signedIn, p.customer = "sales@"+sim.DemoPartnerDomain, "" }, "partner role", preflight.Fail, "Admin agent"},

		"no relationship":         {nil, customer(sim.ProsewareTenant), "relationship", preflight.Fail, "reseller relationship"},
		"no agreement":            {nil, customer(sim.LitwareTenant), "agreement", preflight.Fail, "Customer Agreement"},
		"no delegated consent":    {nil, customer(sim.WoodgroveTenant), "delegated administration", preflight.Fail, "applicationconsents"},
		"a delegation that reads": {nil, customer(readersTenant), "delegated administration", preflight.Fail, "License Administrator"},
		"no pre-consent":          {nil, fault(simentra.FaultNotPreconsented), "delegated administration", preflight.Fail, "applicationconsents"},
		"no application consent":  {nil, customer(sim.LakesideTenant), "application consent", preflight.Warn, "existing"},

		"an address of documentation": {nil, set("operator-mail", "operators@example.com"), "mail addresses", preflight.Fail, "-operator-mail"},
		"no mail server":              {nil, set("smtp-url", "smtp://"+freeAddress(t)), "mail server", preflight.Fail, "-smtp-url"},
		"a mail server that asks for no sign-in": {nil, func(p *patient) {
			p.args["smtp-url"] = "smtp://uplift:smtp-password@" + p.cloud.URLs().SMTP
		}, "mail server", preflight.Fail, "SMTP AUTH"},
		"no portal": {nil, func(p *patient) {
			p.change = func(in *preflight.Installation) {
				in.Portal = func(context.Context) (int, string, error) { return 0, "", io.ErrUnexpectedEOF }
			}
		}, "public address", preflight.Warn, "starter serve"},
		"another portal": {nil, func(p *patient) {
			p.change = func(in *preflight.Installation) {
				in.Portal = func(context.Context) (int, string, error) { return 200, "<html>Welcome", nil }
			}
		}, "public address", preflight.Fail, "proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPatient(t, test.fill)
			args := maps.Clone(p.args)
			if test.harm != nil {
				test.harm(p)
			}
			harmed := p.args
			p.args = args // the sign-in was made while all was well
			p.signIn()
			p.args = harmed
			if p.late != nil {
				p.late()
			}
			report := p.examine()
			named := false
			for _, f := range report.Findings {
				if f.Verdict == preflight.OK || f.Verdict == preflight.Skipped {
					continue
				}
				if strings.HasSuffix(f.Check, test.check) && f.Verdict == test.verdict && f.Remedy != "" && strings.Contains(f.Says+f.Remedy, test.says) {
					named = true
					continue
				}
				t.Errorf("%s: %s %s → %s", f.Check, f.Verdict, f.Says, f.Remedy)
			}
			if !named || report.OK != (test.verdict == preflight.Warn) {
				t.Errorf("%q was not named, ok %t: %+v", test.check, report.OK, report.Findings)
			}
			p.noSecret(report)
		})
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
