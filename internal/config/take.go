package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"uplift/internal/keyfile"
	"uplift/upgrade"
)

// The functions here turn a setting's text into its field. They get trimmed text that is not empty, and leave the
// problem's path to their caller.

func wrong(format string, args ...any) *upgrade.Problem {
	return &upgrade.Problem{Code: "bad_setting", Message: fmt.Sprintf(format, args...)}
}

func takeText(field func(*Settings) *string) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		*field(s) = text
		return nil
	}
}

func takeOneOf(field func(*Settings) *string, allowed []string) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		if !slices.Contains(allowed, text) {
			return wrong("%q is not one of %s", text, strings.Join(allowed, ", "))
		}
		*field(s) = text
		return nil
	}
}

func takeProfile(s *Settings, text string) *upgrade.Problem {
	if text != profileDev {
		return wrong("%q is no profile: there is only %s", text, profileDev)
	}
	s.Profile = text
	return nil
}

// takeURL wants https, or http to this machine. version is an example of the version that the path must end with, empty
// when none is asked for.
func takeURL(field func(*Settings) *string, version string) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		parsed, problem := webURL(text)
		if problem != nil {
			return problem
		}
		base := path.Base(parsed.Path)
		if version != "" && (len(base) < 2 || base[0] != 'v' && base != "beta") {
			return wrong("the URL must end with its version, such as %s", version)
		}
		*field(s) = strings.TrimRight(parsed.String(), "/")
		return nil
	}
}

// webURL never repeats the text: somebody may have put a password into it.
func webURL(text string) (*url.URL, *upgrade.Problem) {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Hostname() == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return nil, wrong("is no absolute http or https URL")
	case parsed.User != nil || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return nil, wrong("may not have a user, a query or a fragment")
	case parsed.Scheme == "http" && !loopbackHost(parsed.Hostname()):
		return nil, &upgrade.Problem{Code: "plain_http", Message: "plain http is allowed to this machine only", Remedy: "use https"}
	}
	return parsed, nil
}

func takeOrigins(s *Settings, text string) *upgrade.Problem {
	var origins []string
	for _, one := range list(text) {
		parsed, problem := webURL(one)
		if problem != nil {
			return problem
		}
		if one != parsed.Scheme+"://"+parsed.Host {
			return wrong("%s is no origin: write it as browsers do, scheme://host:port in lower case, without a path", parsed)
		}
		origins = append(origins, one)
	}
	s.CodecOrigins = origins
	return nil
}

func takeSMTP(s *Settings, text string) *upgrade.Problem {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" || parsed.Scheme != "smtp" && parsed.Scheme != "smtps" ||
		strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return wrong("is no URL of the form smtp://host:port or smtps://user:password@host:port")
	}
	server := SMTP{Implicit: parsed.Scheme == "smtps", Host: parsed.Hostname(), Port: 587}
	if server.Implicit {
		server.Port = 465
	}
	if text := parsed.Port(); text != "" {
		if server.Port, err = strconv.Atoi(text); err != nil || server.Port < 1 || server.Port > 65535 {
			return wrong("the port is not between 1 and 65535")
		}
	}
	if parsed.User != nil {
		password, ok := parsed.User.Password()
		if server.Username = parsed.User.Username(); server.Username == "" || !ok {
			return wrong("a sign-in needs a user and a password")
		}
		server.Password = upgrade.Secret(password)
	}
	s.SMTP = server
	return nil
}

func takeMailFrom(s *Settings, text string) *upgrade.Problem {
	if _, err := mail.ParseAddress(text); err != nil {
		return wrong("is no mail address")
	}
	s.MailFrom = text
	return nil
}

// takeAddress keeps the bare address: it goes into mails as a reader, where a name has no place.
func takeAddress(field func(*Settings) *string) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		parsed, err := mail.ParseAddress(text)
		if err != nil {
			return wrong("is no mail address")
		}
		*field(s) = parsed.Address
		return nil
	}
}

// takeLogo wants https, since a mail is read anywhere: a picture of this machine would be seen by nobody. It may have a
// query, as addresses of files with a version have.
func takeLogo(s *Settings, text string) *upgrade.Problem {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Scheme != "https" || parsed.Hostname() == "":
		return wrong("is no absolute https URL")
	case parsed.User != nil:
		return wrong("may not have a user")
	}
	s.LogoURL = parsed.String()
	return nil
}

func takeListen(s *Settings, text string) *upgrade.Problem {
	_, port, err := net.SplitHostPort(text)
	if number, e := strconv.Atoi(port); err != nil || e != nil || number < 0 || number > 65535 {
		return wrong("%q is not of the form host:port", text)
	}
	s.Listen = text
	return nil
}

func takeTenant(s *Settings, text string) *upgrade.Problem {
	if !isGUID(text) {
		return wrong("%q is no tenant id: it must be a GUID", text)
	}
	s.PartnerTenant = strings.ToLower(text)
	return nil
}

func takeClientID(s *Settings, text string) *upgrade.Problem {
	if !isGUID(text) {
		return wrong("%q is no application id: it must be a GUID", text)
	}
	s.ClientID = strings.ToLower(text)
	return nil
}

func takeRoles(s *Settings, text string) *upgrade.Problem {
	roles := list(strings.ToLower(text))
	for _, one := range roles {
		if !isGUID(one) {
			return wrong("%q is no role template id: it must be a GUID", one)
		}
	}
	s.ConsentRoles = roles
	return nil
}

func takeRegister(s *Settings, text string) *upgrade.Problem {
	s.RegisterDSN = upgrade.Secret(text)
	return nil
}

// checkPolicy reports what is wrong with the waits with everything else; the worker parses them again when it starts.
func (s *Settings) checkPolicy(problems *upgrade.Problems) {
	_, err := upgrade.ParsePolicy(s.Policy)
	if err == nil {
		return
	}
	var all upgrade.Problems
	if !errors.As(err, &all) {
		all = upgrade.Problems{{Code: "bad_setting", Message: strings.TrimPrefix(err.Error(), "policy: ")}}
	}
	for _, one := range all {
		if one.Path != "" {
			one.Message = one.Path + ": " + one.Message
		}
		if one.Path = "-policy"; one.Remedy == "" {
			one.Remedy = "correct -policy or UPLIFT_POLICY"
		}
		*problems = append(*problems, one)
	}
}

// takeKey looks at the file, so that a missing or unsafe one is reported with everything else and not after it.
func takeKey(field func(*Settings) *string) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		if err := keyfile.Check(text); err != nil {
			return fileProblem(err)
		}
		*field(s) = text
		return nil
	}
}

// list splits at commas and drops what is empty.
func list(text string) []string {
	var items []string
	for _, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			items = append(items, one)
		}
	}
	return items
}

// isGUID accepts the one form in which Microsoft writes ids.
func isGUID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }
