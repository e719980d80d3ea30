package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"

	"uplift/upgrade"
)

func entraAnswers(ctx context.Context, x *examination) []Finding {
	e, err := x.Entra()
	if err != nil {
		return fail(words(err), "correct the settings named")
	}
	if _, err := e.Clock(ctx); err != nil {
		remedy := "let this machine through to " + x.Settings.EntraURL + ", or correct -entra-url"
		if upgrade.KindOf(err) == upgrade.Refused {
			remedy = "correct -partner-tenant: it is the Microsoft ID that Partner Center shows for your own company"
		}
		return fail(words(err), remedy)
	}
	return ok("answers at %s, and knows the partner's tenant", x.Settings.EntraURL)
}

// The skew of clocks that is worth a word, and that with which signatures are refused: certificate-credentials lets an
// assertion live for five minutes or so.
const (
	skewWarn = time.Minute
	skewFail = 4 * time.Minute
)

func clockRight(ctx context.Context, x *examination) []Finding {
	e, err := x.Entra()
	if err != nil {
		return fail(words(err), "correct the settings named")
	}
	theirs, err := e.Clock(ctx)
	if err != nil {
		return fail(words(err), "look again")
	}
	if theirs.IsZero() {
		return warn("Microsoft's answer has no date to compare with", "see that this machine's clock is kept by NTP")
	}
	skew := x.Now().Sub(theirs).Round(time.Second)
	const remedy = "have NTP keep this machine's clock"
	switch {
	case skew.Abs() >= skewFail:
		return fail(fmt.Sprintf("this machine's clock is off by %s: Microsoft will refuse signatures and tokens", skew), remedy)
	case skew.Abs() >= skewWarn:
		return warn(fmt.Sprintf("this machine's clock is off by %s", skew), remedy)
	}
	return ok("within a minute of Microsoft's")
}

func credentialTaken(ctx context.Context, x *examination) []Finding {
	e, err := x.Entra()
	if err != nil {
		return fail(words(err), "correct the settings named")
	}
	if _, err := e.PartnerToken(ctx); err != nil {
		return fail(words(err), x.credentialRemedy(err))
	}
	kind := "client secret"
	if x.Settings.ClientCertificate != "" {
		kind = "certificate"
	}
	return ok("Microsoft takes the %s of application %s", kind, x.Settings.ClientID)
}

// credentialRemedy explains the numbers that a wrong credential is answered with: reference-error-codes.
func (x *examination) credentialRemedy(err error) string {
	const page = "in the app registration, under Certificates & secrets, "
	switch upgrade.CodeOf(err) {
	case "AADSTS7000215":
		if upgrade.IsGUID(strings.ToLower(x.Settings.ClientSecret.Reveal())) {
			return "what is configured looks like the secret's id, a GUID: " + page + "take the column Value, which is shown once, right after a secret was made"
		}
		return page + "make a new client secret and configure its value"
	case "AADSTS7000222":
		return page + "make a new client secret, configure its value, and note when it expires"
	case "AADSTS700027":
		return page + "upload the certificate of -client-certificate, or configure the one that is there"
	case "AADSTS700024", "AADSTS700023":
		return "have NTP keep this machine's clock; see also -entra-url"
	case "AADSTS700016", "AADSTS700011", "AADSTS70001":
		return "correct -client-id: the application must be registered in, or consented to by, the partner's own tenant"
	case "AADSTS90002", "AADSTS900023", "bad_tenant":
		return "correct -partner-tenant"
	case "AADSTS7000218", "no_client_credential":
		return "configure a client secret or a certificate"
	case "AADSTS7000112", "AADSTS7000229":
		return "switch the application on in the partner's tenant (Enterprise applications), and have an administrator consent to it"
	}
	if k := upgrade.KindOf(err); k == upgrade.Transient || k == upgrade.Throttled {
		return "look again later"
	}
	return "look the number up at https://login.microsoftonline.com/error"
}

// deviceCodeAllowed asks for a code that nobody will use, and once for its token, without our credential: a public client
// hears that nobody has signed in yet, any other that a credential is missing (v2-oauth2-device-code).
func deviceCodeAllowed(ctx context.Context, x *examination) []Finding {
	e, err := x.Public()
	if err != nil {
		return fail(words(err), "correct the settings named")
	}
	code, err := e.StartDeviceCode(ctx, x.Settings.PartnerTenant, nil)
	if err == nil {
		_, err = e.RedeemDeviceCode(ctx, x.Settings.PartnerTenant, code.DeviceCode)
	}
	switch {
	case err != nil && upgrade.KindOf(err) == upgrade.Waiting:
		return ok("the registration allows it; a customer's own policy may still block it, and the consent page then offers the link")
	case upgrade.CodeOf(err) == "AADSTS7000218":
		return fail("the registration allows no public client flows, so administrators cannot sign in by a code [AADSTS7000218]",
			"in the app registration, under Authentication, set \"Allow public client flows\" to Yes (isFallbackPublicClient)")
	case err != nil:
		return fail(words(err), x.credentialRemedy(err))
	}
	return warn("Microsoft gave a token that nobody signed in for", "report this: it is not what Microsoft documents")
}

func redirectRegistered(ctx context.Context, x *examination) []Finding {
	return x.probe(ctx, x.ConsentRedirect, Fail, "administrators who consent by the link come back there")
}

func signInRegistered(ctx context.Context, x *examination) []Finding {
	return x.probe(ctx, x.PartnerRedirect, Warn, "`starter partner sign-in` needs it, or another one in -redirect")
}

// probe asks the sign-in page about an address. bad is the verdict on one that is not registered.
func (x *examination) probe(ctx context.Context, address string, bad Verdict, why string) []Finding {
	e, err := x.Entra()
	if err != nil {
		return fail(words(err), "correct the settings named")
	}
	registered, sure, err := e.ProbeRedirect(ctx, address)
	remedy := "in the app registration, under Authentication, add " + address + " as a redirect URI, character for character (" + why + ")"
	switch {
	case err != nil:
		return fail(words(err), x.credentialRemedy(err))
	case registered:
		return ok("%s is registered: the sign-in page sends a browser back there", address)
	case sure:
		return []Finding{{Verdict: bad, Says: address + " is not registered, says the sign-in page [AADSTS50011]", Remedy: remedy}}
	}
	return warn("the sign-in page does not say whether "+address+" is registered", "look yourself: "+remedy)
}

func graphAnswers(ctx context.Context, x *examination) []Finding {
	status, err := x.Graph(ctx)
	switch {
	case err != nil:
		return fail(words(err), "let this machine through to "+x.Settings.GraphURL+", or correct -graph-url")
	case status == 404 || status >= 500:
		return fail(fmt.Sprintf("what answers at %s does not answer as Microsoft Graph does (HTTP %d)", x.Settings.GraphURL, status), "correct -graph-url, or look again later")
	}
	return ok("answers at %s", x.Settings.GraphURL)
}

// application is Partner Center for the application itself.
func (x *examination) application() (Center, error) {
	e, err := x.Entra()
	if err != nil {
		return nil, err
	}
	return x.Center(e.PartnerToken)
}

func centerTakesUs(ctx context.Context, x *examination) []Finding {
	c, err := x.application()
	if err != nil {
		return fail(words(err), "correct -partner-url")
	}
	if _, _, err := c.Standing(ctx); err != nil {
		remedy := "in Partner Center, under Account settings, App management, register the application; and have an administrator of the partner's tenant consent to it"
		if k := upgrade.KindOf(err); k == upgrade.Transient || k == upgrade.Throttled {
			remedy = "let this machine through to " + x.Settings.PartnerURL + ", or correct -partner-url, or look again later"
		}
		return fail(words(err), remedy)
	}
	return ok("takes the application's own token at %s", x.Settings.PartnerURL)
}
