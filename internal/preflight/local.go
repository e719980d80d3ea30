package preflight

import (
	"context"
	"fmt"
	stdmail "net/mail"
	"net/url"
	"os"
	"strings"

	"uplift/upgrade"
)

// settingsInOrder has a line for each problem: the settings are where most of them are.
func settingsInOrder(_ context.Context, x *examination) []Finding {
	var found []Finding
	for _, p := range x.Broken {
		found = append(found, Finding{Verdict: Fail, Says: fmt.Sprintf("%s: %s [%s]", p.Path, p.Message, p.Code), Remedy: p.Remedy})
	}
	switch {
	case len(found) > 0:
		return found
	case x.Settings.Dev():
		return ok("the development profile: its keys and credentials are public, and it takes addresses of this machine only")
	}
	return ok("every setting is there and can be read")
}

func catalogueReads(_ context.Context, x *examination) []Finding {
	said, err := x.Catalogue()
	if err != nil {
		return fail("the catalogue cannot be used: "+words(err), "correct the file that -catalog names; `starter catalog -catalog FILE` reads it alone")
	}
	return ok("%s", said)
}

func codecKeysOpen(_ context.Context, x *examination) []Finding {
	said, err := x.CodecKeys()
	if err != nil {
		return fail("the key ring of the payloads does not open: "+words(err), "name a file that `keys` has made in -codec-key; every program needs the same")
	}
	return ok("%s", said)
}

func linkKeysOpen(_ context.Context, x *examination) []Finding {
	said, err := x.LinkKeys()
	if err != nil {
		return fail("the keys of the links do not open: "+words(err), "name a file that `keys` has made in -link-key; workers and serve need the same")
	}
	return ok("%s", said)
}

func registerThere(ctx context.Context, x *examination) []Finding {
	state, err := x.Register(ctx)
	switch {
	case err != nil:
		return fail(words(err), "correct -register or -register-key, or mend the database; workers need the right to make tables there")
	case !state.Exists:
		return ok("not made yet; the first worker makes it")
	case state.Schema > state.Newest:
		return fail(fmt.Sprintf("a newer release has migrated it to schema %d, and this one knows %d", state.Schema, state.Newest), "run the newer release")
	case state.Schema < state.Newest:
		return warn(fmt.Sprintf("it has schema %d; the next worker migrates it to %d", state.Schema, state.Newest),
			"stop the workers of the earlier release first, start one of this, and look again")
	}
	return ok("schema %d, which is current", state.Schema)
}

// registerReadable tries the sealed records: a key that was forgotten in a move is found before it is needed.
func registerReadable(ctx context.Context, x *examination) []Finding {
	state, err := x.Register(ctx)
	switch {
	case err != nil:
		return fail(words(err), "mend the database")
	case state.Unreadable > 0:
		return fail(fmt.Sprintf("%d of the %d latest sealed records do not open with the keys of -register-key", state.Unreadable, state.Sealed),
			"put the key file back with which they were sealed; a rotated file keeps its old keys. Without it the sign-ins in them are lost, and have to be made again")
	case state.Sealed == 0:
		return ok("nothing sealed is stored yet")
	}
	return ok("%d sealed records were tried, and open", state.Sealed)
}

// placeholder knows addresses of documentation: RFC 2606.
func placeholder(address string) bool {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	for _, name := range []string{"example", "example.com", "example.net", "example.org", "invalid", "test"} {
		if domain == name || strings.HasSuffix(domain, "."+name) {
			return true
		}
	}
	return false
}

func addressesReal(_ context.Context, x *examination) []Finding {
	s := x.Settings
	for _, one := range []struct {
		flag, address string
		optional      bool
	}{{"-mail-from", s.MailFrom, false}, {"-operator-mail", s.OperatorMail, false}, {"-engineer-mail", s.EngineerMail, true}, {"-reply-to", s.ReplyTo, true}} {
		if one.optional && one.address == "" {
			continue
		}
		parsed, err := stdmail.ParseAddress(one.address)
		if err != nil {
			return fail(one.flag+" is no mail address", "correct it")
		}
		if placeholder(parsed.Address) && !s.Dev() {
			return fail(fmt.Sprintf("%s is %s, an address for documentation, which nobody can receive or answer", one.flag, parsed.Address), "give a real one")
		}
	}
	return ok("from %s; operators read %s", s.MailFrom, s.OperatorMail)
}

func mailTaken(ctx context.Context, x *examination) []Finding {
	err := x.Mail(ctx)
	server := x.Settings.SMTP.URL()
	if err == nil {
		how := "takes connections without a sign-in"
		if x.Settings.SMTP.Username != "" {
			how = "takes our sign-in"
		}
		return ok("%s %s; nothing was sent", server, how)
	}
	remedy := "correct -smtp-url, or let this machine through to the server"
	switch upgrade.CodeOf(err) {
	case "mail_denied":
		remedy = "correct the user and the password in -smtp-url; some servers want an app password, or SMTP AUTH switched on for the account"
	case "mail_no_tls":
		remedy = "use a server that offers STARTTLS with a certificate that this machine trusts, or smtps://"
	}
	return fail(server+": "+words(err), remedy)
}

// portalAnswers looks from here, which need not be where customers are.
func portalAnswers(ctx context.Context, x *examination) []Finding {
	address, err := url.Parse(x.Settings.PublicURL)
	if err != nil || address.Host == "" {
		return fail("-public-url is no address", "correct it")
	}
	if address.Scheme != "https" && !x.Settings.Dev() {
		return warn(x.Settings.PublicURL+" is this machine's own: no customer reaches it", "give the https address at which customers reach `starter serve`")
	}
	status, body, err := x.Portal(ctx)
	switch {
	case err != nil:
		return warn("nobody answers at "+x.Settings.PublicURL+" from here: "+words(err), "start `starter serve`, and let customers' browsers through to it")
	case status != 200 || strings.TrimSpace(body) != "ok":
		return fail(fmt.Sprintf("what answers at %s/healthz is not `starter serve` (HTTP %d)", x.Settings.PublicURL, status),
			"correct -public-url, or the proxy in front of `starter serve`: every path must reach it")
	}
	return ok("%s answers, seen from %s", x.Settings.PublicURL, hostname())
}

func hostname() string {
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "here"
}
