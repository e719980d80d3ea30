package service

import (
	"context"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"uplift/internal/preflight"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	simentra "uplift/internal/sim/entra"
	"uplift/upgrade"
)

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
		"answers to nobody":           {nil, set("reply-to", "help@example.com"), "mail addresses", preflight.Fail, "-reply-to"},
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
