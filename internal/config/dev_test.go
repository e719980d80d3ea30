package config_test

import (
	"bytes"
	"flag"
	"strings"
	"testing"

	"uplift/internal/config"
)

func TestDevProfileNeedsNothing(t *testing.T) {
	for _, role := range []config.Role{config.Worker, config.Serve, config.CLI, config.Worker | config.Serve | config.CLI} {
		s, err := parse(role, env{}, "-profile", "dev")
		if err != nil {
			t.Errorf("role %d: %v", role, err)
			continue
		}
		if !s.Dev() || s.TemporalAddress != "127.0.0.1:7233" || s.TemporalNamespace != "default" || s.LogFormat != "console" || s.CodecKeyFile != "" {
			t.Errorf("role %d: %+v", role, s)
		}
	}
	s, err := parse(config.Worker|config.Serve, env{}, "-profile", "dev")
	if err != nil {
		t.Fatal(err)
	}
	if s.GraphURL != "http://127.0.0.1:9002/v1.0" || s.PartnerURL != "http://127.0.0.1:9003/v1" || s.SMTP.URL() != "smtp://127.0.0.1:9025" ||
		s.PublicURL != "http://127.0.0.1:8080" || s.ClientSecret.Reveal() != config.DevClientSecret || s.ClientID != config.DevClientID ||
		s.PartnerTenant != config.DevPartnerTenant || !strings.HasPrefix(s.RegisterDSN.Reveal(), "file:") || len(s.CodecOrigins) != 2 {
		t.Errorf("%+v", s)
	}
}

func TestDevProfileStaysOnThisMachine(t *testing.T) {
	for _, c := range []struct{ env, value, path string }{
		{"UPLIFT_ENTRA_URL", "https://login.microsoftonline.com", "-entra-url"},
		{"UPLIFT_GRAPH_URL", "https://graph.microsoft.com/v1.0", "-graph-url"},
		{"UPLIFT_PARTNER_URL", "https://api.partnercenter.microsoft.com/v1", "-partner-url"},
		{"UPLIFT_PUBLIC_URL", "https://upgrades.example.com", "-public-url"},
		{"UPLIFT_SMTP_URL", "smtp://mail.example.com", "-smtp-url"},
		{"UPLIFT_LISTEN", ":8080", "-listen"},
		{"UPLIFT_LISTEN", "0.0.0.0:8080", "-listen"},
		{"UPLIFT_CODEC_ORIGINS", "https://ui.example.com", "-codec-origins"},
		{"UPLIFT_REGISTER", "postgres://db.example.com/uplift", "-register"},
		{"UPLIFT_REGISTER", "postgres://127.0.0.1,db.example.com:5432/uplift", "-register"},
		{"UPLIFT_REGISTER", "postgres:///uplift?host=db.example.com", "-register"},
		{"UPLIFT_REGISTER", "postgres://127.0.0.1/uplift?host=db.example.com", "-register"},
		{"UPLIFT_REGISTER", "postgres://127.0.0.1/uplift?hostaddr=192.0.2.1", "-register"},
		{"UPLIFT_REGISTER", "postgres://u@127.0.0.1/db?service=x", "-register"},
		{"UPLIFT_REGISTER", "postgres://u@127.0.0.1/db?servicefile=/tmp/x", "-register"},
		{"UPLIFT_REGISTER", "postgres://127.0.0.1:1,db.example.com:2x/uplift", "-register"},
		{"UPLIFT_REGISTER", "postgres://127.0.0.1,/uplift", "-register"},
		{"UPLIFT_REGISTER", "postgres:///uplift", "-register"},
		{"UPLIFT_REGISTER", "postgres:///uplift?host=", "-register"},
		{"UPLIFT_REGISTER", "postgresql://:5432/uplift", "-register"},
		{"UPLIFT_REGISTER", "host=db.example.com dbname=uplift", "-register"},
		{"UPLIFT_REGISTER", "host = 'db.example.com' dbname=uplift", "-register"},
		{"UPLIFT_REGISTER", "host=127.0.0.1 service=x", "-register"},
		{"UPLIFT_REGISTER", "host=127.0.0.1 hostaddr=192.0.2.1", "-register"},
		{"UPLIFT_REGISTER", "dbname=uplift", "-register"},
		{"TEMPORAL_ADDRESS", "temporal.example.com:7233", "TEMPORAL_ADDRESS"},
		{"TEMPORAL_ADDRESS", "localhost.example.com:7233", "TEMPORAL_ADDRESS"},
	} {
		_, err := parse(config.Worker|config.Serve, env{c.env: c.value}, "-profile", "dev")
		if err == nil {
			t.Errorf("%s=%s was accepted", c.env, c.value)
			continue
		}
		if all := problems(t, err); len(all) != 1 || all[0].Path != c.path || all[0].Code != "not_loopback" {
			t.Errorf("%s=%s: %v", c.env, c.value, all)
		}
	}
	for _, c := range []struct{ env, value string }{
		{"UPLIFT_REGISTER", "postgres://uplift@localhost:5432/uplift"},
		{"UPLIFT_REGISTER", "postgres://uplift@[::1]:5432/uplift"},
		{"UPLIFT_REGISTER", "postgres:///uplift?host=/var/run/postgresql"},
		{"UPLIFT_REGISTER", "host=127.0.0.1 dbname=uplift"},
		{"UPLIFT_REGISTER", "postgres://127.0.0.1,localhost:5432/uplift?sslmode=disable"},
		{"UPLIFT_REGISTER", "file:dev.db"},
		{"UPLIFT_REGISTER", "file:dev.db?_pragma=x"},
		{"UPLIFT_REGISTER", "sqlite::memory:"},
		{"UPLIFT_LISTEN", "[::1]:0"},
		{"TEMPORAL_ADDRESS", "localhost:17233"},
	} {
		if _, err := parse(config.Worker|config.Serve, env{c.env: c.value}, "-profile", "dev"); err != nil {
			t.Errorf("%s=%s: %v", c.env, c.value, err)
		}
	}
}

func TestUsageIsTheWholeConfiguration(t *testing.T) {
	for _, role := range []config.Role{config.Worker, config.Serve, config.CLI} {
		var out bytes.Buffer
		if _, err := config.Parse("program", role, []string{"-h"}, env{}.get, &out); err != flag.ErrHelp {
			t.Errorf("-h: %v", err)
		}
		reference := config.Reference(role)
		listed := map[string]bool{}
		for _, one := range reference {
			listed[one.Flag] = true
			for _, part := range []string{one.Flag, one.Env, one.Default, one.Help} {
				if !strings.Contains(out.String(), part) {
					t.Errorf("role %d: -h lacks %q", role, part)
				}
			}
			if !strings.HasPrefix(one.Env, "UPLIFT_") || one.Help == "" || strings.Contains(one.Help, "`") {
				t.Errorf("%+v", one)
			}
		}
		var s config.Settings
		fs := flag.NewFlagSet("program", flag.ContinueOnError)
		s.Register(fs, role)
		fs.VisitAll(func(f *flag.Flag) {
			if !listed["-"+f.Name] {
				t.Errorf("role %d: the reference lacks -%s", role, f.Name)
			}
		})
	}
	markdown := config.Markdown()
	for _, row := range []string{
		"| `-codec-key` | `UPLIFT_CODEC_KEY_FILE` |  | worker, serve, CLI |",
		"|  | `UPLIFT_CLIENT_SECRET` |  | worker |",
		"| `-entra-url` | `UPLIFT_ENTRA_URL` | `https://login.microsoftonline.com` |  |",
	} {
		if !strings.Contains(markdown, row) {
			t.Errorf("the README's table lacks %s:\n%s", row, markdown)
		}
	}
}
