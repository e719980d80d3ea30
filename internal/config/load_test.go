package config_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uplift/internal/config"
	"uplift/upgrade"
)

type env map[string]string

func (e env) get(name string) string { return e[name] }

// with returns a copy with other values; an empty value unsets.
func (e env) with(pairs ...string) env {
	c := maps.Clone(e)
	for i := 0; i < len(pairs); i += 2 {
		c[pairs[i]] = pairs[i+1]
	}
	return c
}

func file(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// production is an environment in which every role's settings are complete.
func production(t *testing.T) env {
	key := file(t, "k3y", 0o600)
	return env{
		"UPLIFT_PARTNER_TENANT":    "0A000000-0000-4000-8000-0000000000AB",
		"UPLIFT_CLIENT_ID":         "11111111-2222-3333-4444-555555555555",
		"UPLIFT_CLIENT_SECRET":     "client-s3cret",
		"UPLIFT_SMTP_URL":          "smtps://licences:mail-s3cret@mail.example.com",
		"UPLIFT_MAIL_FROM":         "Licences <licences@example.com>",
		"UPLIFT_OPERATOR_MAIL":     "operators@example.com",
		"UPLIFT_PUBLIC_URL":        "https://upgrades.example.com/",
		"UPLIFT_REGISTER":          "postgres://uplift:db-s3cret@db.example.com/uplift",
		"UPLIFT_REGISTER_KEY_FILE": key,
		"UPLIFT_LINK_KEY_FILE":     key,
		"UPLIFT_CODEC_KEY_FILE":    key,
	}
}

func parse(role config.Role, e env, args ...string) (*config.Settings, error) {
	return config.Parse("program", role, args, e.get, io.Discard)
}

func problems(t *testing.T, err error) upgrade.Problems {
	t.Helper()
	var all upgrade.Problems
	if !errors.As(err, &all) {
		t.Fatalf("%v (%T) is no list of problems", err, err)
	}
	return all
}

func TestPrecedence(t *testing.T) {
	const flagURL, envURL = "https://flag.example", "https://env.example"
	const local = "http://127.0.0.1:1"
	for name, c := range map[string]struct {
		args []string
		env  []string
		want string
	}{
		"default":                  {nil, nil, "https://login.microsoftonline.com"},
		"environment":              {nil, []string{"UPLIFT_ENTRA_URL", envURL}, envURL},
		"flag":                     {[]string{"-entra-url", flagURL}, nil, flagURL},
		"flag over environment":    {[]string{"-entra-url", flagURL}, []string{"UPLIFT_ENTRA_URL", envURL}, flagURL},
		"empty environment":        {nil, []string{"UPLIFT_ENTRA_URL", ""}, "https://login.microsoftonline.com"},
		"profile over default":     {[]string{"-profile", "dev"}, nil, "http://127.0.0.1:9001"},
		"profile from environment": {nil, []string{"UPLIFT_PROFILE", "dev"}, "http://127.0.0.1:9001"},
		"environment over profile": {[]string{"-profile", "dev"}, []string{"UPLIFT_ENTRA_URL", local}, local},
		"flag over profile":        {[]string{"-entra-url", local, "-profile", "dev"}, nil, local},
		"flag equal to default":    {[]string{"-entra-url", "https://login.microsoftonline.com"}, []string{"UPLIFT_ENTRA_URL", envURL}, "https://login.microsoftonline.com"},
		"last flag":                {[]string{"-entra-url", envURL, "-entra-url", flagURL}, nil, flagURL},
		"blank environment":        {nil, []string{"UPLIFT_ENTRA_URL", " \t"}, "https://login.microsoftonline.com"},
		"empty flag":               {[]string{"-entra-url", ""}, nil, "https://login.microsoftonline.com"},
		"blank flag":               {[]string{"-entra-url", " "}, []string{"UPLIFT_ENTRA_URL", envURL}, envURL},
		"empty flag in profile":    {[]string{"-profile", "dev", "-entra-url", ""}, nil, "http://127.0.0.1:9001"},
		"blank variable, profile":  {[]string{"-profile", "dev"}, []string{"UPLIFT_ENTRA_URL", " "}, "http://127.0.0.1:9001"},
		"a slash at the end":       {[]string{"-entra-url", flagURL + "/"}, nil, flagURL},
	} {
		t.Run(name, func(t *testing.T) {
			e := production(t).with(c.env...)
			if strings.Contains(name, "profile") {
				e = env{}.with(c.env...)
			}
			s, err := parse(config.Worker, e, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if s.EntraURL != c.want {
				t.Errorf("%s, want %s", s.EntraURL, c.want)
			}
		})
	}
}

// Listening on nothing is listening everywhere, so a variable that expanded to nothing must not come to that.
func TestBlankIsNotGiven(t *testing.T) {
	for _, args := range [][]string{{"-listen", ""}, {"-listen", "  "}, {"-profile", "dev", "-listen", ""}} {
		s, err := parse(config.Serve, production(t).with("UPLIFT_PUBLIC_URL", " http://127.0.0.1:8080", "UPLIFT_REGISTER", "file:register.db"), args...)
		if err != nil || s.Listen != "127.0.0.1:8080" {
			t.Errorf("%q: %+v, %v", args, s, err)
		}
	}
	_, err := parse(config.CLI, production(t), "-codec-key", "\t", "-log-level", " ")
	if err != nil {
		t.Errorf("the environment's key is there: %v", err)
	}
	s, err := parse(config.CLI, env{"TEMPORAL_ADDRESS": " ", "TEMPORAL_NAMESPACE": "\n"}, "-profile", "dev")
	if err != nil || s.TemporalAddress != "127.0.0.1:7233" || s.TemporalNamespace != "default" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestOperatorMailIsABareAddress(t *testing.T) {
	s, err := parse(config.Worker, production(t), "-operator-mail", "Ops <ops@x.example>")
	if err != nil || s.OperatorMail != "ops@x.example" || s.MailFrom != "Licences <licences@example.com>" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestPolicyIsReportedWithEverythingElse(t *testing.T) {
	for policy, want := range map[string]string{
		"expiry":             "has no value",
		"pace=fast":          `pace="fast"`,
		"expiri=7d":          "expiri: ",
		"expiry=1ms":         "expiry",
		"pollFirst=9000000d": "pollFirst",
	} {
		_, err := parse(config.Worker, production(t).with("UPLIFT_LOG_LEVEL", "loud"), "-policy", policy)
		all := problems(t, err)
		if len(all) < 2 || all[0].Path != "-log-level" {
			t.Errorf("%s: %v", policy, all)
		}
		for _, one := range all[1:] {
			if one.Path != "-policy" || one.Code == "" || one.Remedy == "" {
				t.Errorf("%s: %+v", policy, one)
			}
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "policy: policy:") {
			t.Errorf("%s: %v, want %q", policy, err, want)
		}
	}
	s, err := parse(config.Worker, production(t), "-policy", "expiry=7d,reminders=1d/3d")
	if err != nil || s.Policy != "expiry=7d,reminders=1d/3d" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestProductionSettings(t *testing.T) {
	s, err := parse(config.Worker|config.Serve|config.CLI, production(t).with("UPLIFT_CONSENT_ROLES", " 62E90394-69f5-4237-9190-012177145e10 ,"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Dev() || s.TemporalAddress != "" || s.GraphURL != "https://graph.microsoft.com/v1.0" ||
		s.PartnerURL != "https://api.partnercenter.microsoft.com/v1" || s.PublicURL != "https://upgrades.example.com" ||
		s.PartnerTenant != "0a000000-0000-4000-8000-0000000000ab" || s.Listen != "127.0.0.1:8080" || s.LogFormat != "json" || len(s.CodecOrigins) != 0 {
		t.Errorf("%+v", s)
	}
	if s.ClientSecret.Reveal() != "client-s3cret" || s.SMTP.Password.Reveal() != "mail-s3cret" || s.SMTP.Username != "licences" ||
		s.SMTP.URL() != "smtps://mail.example.com:465" || s.SMTP.Loopback() {
		t.Errorf("%+v", s.SMTP)
	}
	if len(s.ConsentRoles) != 1 || s.ConsentRoles[0] != "62e90394-69f5-4237-9190-012177145e10" {
		t.Errorf("%q", s.ConsentRoles)
	}
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", s, *s, *s), string(asJSON)} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("printed settings show a secret: %s", text)
		}
	}
}

func TestEverythingMissingIsReportedAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		role config.Role
		want string
	}{
		"worker": {config.Worker, "-partner-tenant -client-id -smtp-url -mail-from -operator-mail -public-url -register -register-key -link-key -codec-key -client-secret-file"},
		"serve":  {config.Serve, "-public-url -register -link-key -codec-key"},
		"CLI":    {config.CLI, "-codec-key"},
	} {
		_, err := parse(c.role, env{})
		var paths []string
		for _, one := range problems(t, err) {
			paths = append(paths, one.Path)
			if one.Code != "missing_setting" || one.Message == "" || !strings.Contains(one.Remedy, "UPLIFT_") {
				t.Errorf("%s: %+v", name, one)
			}
		}
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// A program with sub-commands registers the same settings with several flag sets; a flag counts wherever it is given.
func TestRegisterWithSeveralFlagSets(t *testing.T) {
	var s config.Settings
	root, sub := flag.NewFlagSet("root", flag.ContinueOnError), flag.NewFlagSet("sub", flag.ContinueOnError)
	s.Register(root, config.CLI)
	s.Register(sub, config.CLI)
	if err := root.Parse([]string{"-profile", "dev"}); err != nil {
		t.Fatal(err)
	}
	if err := sub.Parse([]string{"-log-level", "debug"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Load(config.CLI, env{"UPLIFT_LOG_LEVEL": "error"}.get); err != nil {
		t.Fatal(err)
	}
	if !s.Dev() || s.LogLevel != "debug" || s.TemporalAddress != "127.0.0.1:7233" {
		t.Errorf("%+v", s)
	}
	if root.Lookup("smtp-url") != nil || root.Lookup("register") != nil {
		t.Error("the CLI has flags of the worker")
	}
}

func TestParseRefusesWhatIsNoFlag(t *testing.T) {
	for _, args := range [][]string{{"-nonsense"}, {"word"}, {"-listen", ":1"}} {
		if _, err := parse(config.CLI, production(t), args...); !problems(t, err).Has("bad_flags") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
