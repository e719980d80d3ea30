package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"uplift/internal/config"
)

// Without an identity provider nobody can be asked who they are, so that serve listens on loopback only.
func TestIdentityProvider(t *testing.T) {
	dir := t.TempDir()
	secret, open := filepath.Join(dir, "secret"), filepath.Join(dir, "open")
	for file, mode := range map[string]os.FileMode{secret: 0o600, open: 0o644} {
		if err := os.WriteFile(file, []byte("s3cret\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	const issuer = "https://login.example.com/tenant/v2.0"
	for name, c := range map[string]struct {
		env  env
		path string // of the problem; empty: none
		code string
	}{
		"nothing, on loopback":      {env{"UPLIFT_LISTEN": "127.0.0.1:8080"}, "", ""},
		"nothing, by default":       {env{}, "", ""},
		"nothing, for everybody":    {env{"UPLIFT_LISTEN": "0.0.0.0:8080"}, "-listen", "no_identity_provider"},
		"nothing, on every address": {env{"UPLIFT_LISTEN": ":8080"}, "-listen", "no_identity_provider"},
		"nothing, on a name":        {env{"UPLIFT_LISTEN": "upgrades.example.com:80"}, "-listen", "no_identity_provider"},
		"turned off":                {env{"UPLIFT_LISTEN": ":8080", "UPLIFT_OIDC_ISSUER": "none", "UPLIFT_OIDC_CLIENT_ID": "c"}, "-listen", "no_identity_provider"},
		"one, for everybody":        {env{"UPLIFT_LISTEN": ":8080", "UPLIFT_OIDC_ISSUER": issuer, "UPLIFT_OIDC_CLIENT_ID": "c", "UPLIFT_OIDC_CLIENT_SECRET_FILE": secret}, "", ""},
		"one without a client":      {env{"UPLIFT_OIDC_ISSUER": issuer}, "-oidc-client-id", "missing_setting"},
		"in plain http":             {env{"UPLIFT_OIDC_ISSUER": "http://login.example.com", "UPLIFT_OIDC_CLIENT_ID": "c"}, "-oidc-issuer", "plain_http"},
		"no address":                {env{"UPLIFT_OIDC_ISSUER": "login.example.com", "UPLIFT_OIDC_CLIENT_ID": "c"}, "-oidc-issuer", "bad_setting"},
		"a secret for everybody":    {env{"UPLIFT_OIDC_ISSUER": issuer, "UPLIFT_OIDC_CLIENT_ID": "c", "UPLIFT_OIDC_CLIENT_SECRET_FILE": open}, "-oidc-client-secret-file", ""},
		"a role of nobody":          {env{"UPLIFT_OIDC_ROLE_NAMES": "admins=root"}, "-oidc-role-names", "bad_setting"},
		"a role without a name":     {env{"UPLIFT_OIDC_ROLE_NAMES": "=operator"}, "-oidc-role-names", "bad_setting"},
	} {
		t.Run(name, func(t *testing.T) {
			given := env{"UPLIFT_PUBLIC_URL": "https://upgrades.example.com", "UPLIFT_LINK_KEY_FILE": secret, "UPLIFT_CODEC_KEY_FILE": secret, "UPLIFT_REGISTER": "file:x"}
			for k, v := range c.env {
				given[k] = v
			}
			s, err := parse(config.Serve, given)
			if c.path == "" {
				if err != nil {
					t.Fatal(err)
				}
				if want := c.env["UPLIFT_OIDC_ISSUER"]; s.OIDCIssuer != want || want != "" && s.OIDCClientSecret.Reveal() != "s3cret" {
					t.Errorf("%+v", s)
				}
				return
			}
			if all := problems(t, err); len(all) != 1 || all[0].Path != c.path || c.code != "" && all[0].Code != c.code || all[0].Remedy == "" {
				t.Errorf("%v", all)
			}
		})
	}
}

func TestTheSimulatorIsTheDevelopmentIssuer(t *testing.T) {
	s, err := parse(config.Serve, env{}, "-profile", "dev")
	if err != nil || s.OIDCIssuer != "http://127.0.0.1:9001/"+config.DevPartnerTenant+"/v2.0" || s.OIDCClientID != config.DevPortalClientID ||
		s.OIDCClientSecret.Reveal() != config.DevPortalSecret || s.OIDCRolesClaim != "roles" || s.OIDCResellerClaim != "reseller" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := parse(config.Serve, env{}, "-profile", "dev", "-oidc-issuer", "none"); err != nil || s.OIDCIssuer != "" || s.OIDCClientID != "" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := parse(config.Serve, env{}, "-profile", "dev", "-oidc-issuer", "https://login.example.com"); err == nil {
		t.Error("the dev profile takes an issuer elsewhere")
	}
}
