package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"uplift/internal/config"
)

func TestBadSettings(t *testing.T) {
	loose := file(t, "k3y", 0o644)
	for _, c := range []struct{ env, value, path, code string }{
		{"UPLIFT_PROFILE", "prod", "-profile", "bad_setting"},
		{"UPLIFT_ENTRA_URL", "login.example.com", "-entra-url", "bad_setting"},
		{"UPLIFT_ENTRA_URL", "ftp://login.example.com", "-entra-url", "bad_setting"},
		{"UPLIFT_ENTRA_URL", "https://", "-entra-url", "bad_setting"},
		{"UPLIFT_ENTRA_URL", "https://user:s3cret@login.example.com", "-entra-url", "bad_setting"},
		{"UPLIFT_ENTRA_URL", "https://login.example.com?x=s3cret", "-entra-url", "bad_setting"},
		{"UPLIFT_ENTRA_URL", "http://login.example.com", "-entra-url", "plain_http"},
		{"UPLIFT_ENTRA_URL", "http://127.0.0.1.example.com", "-entra-url", "plain_http"},
		{"UPLIFT_GRAPH_URL", "http://10.0.0.1/v1.0", "-graph-url", "plain_http"},
		{"UPLIFT_GRAPH_URL", "https://graph.microsoft.com", "-graph-url", "bad_setting"},
		{"UPLIFT_PARTNER_URL", "https://api.partnercenter.microsoft.com/", "-partner-url", "bad_setting"},
		{"UPLIFT_PARTNER_URL", "http://partner.example/v1", "-partner-url", "plain_http"},
		{"UPLIFT_PUBLIC_URL", "http://upgrades.example.com", "-public-url", "plain_http"},
		{"UPLIFT_PARTNER_TENANT", "contoso", "-partner-tenant", "bad_setting"},
		{"UPLIFT_PARTNER_TENANT", "contoso.com/x", "-partner-tenant", "bad_setting"},
		{"UPLIFT_CLIENT_ID", "uplift", "-client-id", "bad_setting"},
		{"UPLIFT_SMTP_URL", "mail.example.com:25", "-smtp-url", "bad_setting"},
		{"UPLIFT_SMTP_URL", "smtp://user@mail.example.com", "-smtp-url", "bad_setting"},
		{"UPLIFT_SMTP_URL", "http://user:s3cret@mail.example.com", "-smtp-url", "bad_setting"},
		{"UPLIFT_SMTP_URL", "smtp://user:s3cret%zz@mail.example.com", "-smtp-url", "bad_setting"},
		{"UPLIFT_SMTP_URL", "smtp://mail.example.com:0", "-smtp-url", "bad_setting"},
		{"UPLIFT_MAIL_FROM", "licences", "-mail-from", "bad_setting"},
		{"UPLIFT_MAIL_FROM", "a@example.com\r\nBcc: b@example.com", "-mail-from", "bad_setting"},
		{"UPLIFT_OPERATOR_MAIL", "a@b@c", "-operator-mail", "bad_setting"},
		{"UPLIFT_ENGINEER_MAIL", "engineers", "-engineer-mail", "bad_setting"},
		{"UPLIFT_REPLY_TO", "help@example.com\r\nBcc: b@example.com", "-reply-to", "bad_setting"},
		{"UPLIFT_REPLY_TO", "help@example.com, b@example.com", "-reply-to", "bad_setting"},
		{"UPLIFT_LOGO_URL", "http://example.com/logo.png", "-logo-url", "bad_setting"},
		{"UPLIFT_LOGO_URL", "https:///logo.png", "-logo-url", "bad_setting"},
		{"UPLIFT_LOGO_URL", "logo.png", "-logo-url", "bad_setting"},
		{"UPLIFT_LOGO_URL", "https://user:s3cret@example.com/logo.png", "-logo-url", "bad_setting"},
		{"UPLIFT_LOGO_URL", "data:image/png;base64,AAAA", "-logo-url", "bad_setting"},
		{"UPLIFT_LISTEN", "8080", "-listen", "bad_setting"},
		{"UPLIFT_LISTEN", ":http", "-listen", "bad_setting"},
		{"UPLIFT_LISTEN", ":70000", "-listen", "bad_setting"},
		{"UPLIFT_CODEC_ORIGINS", "https://ui.example.com/", "-codec-origins", "bad_setting"},
		{"UPLIFT_CODEC_ORIGINS", "*", "-codec-origins", "bad_setting"},
		{"UPLIFT_CODEC_ORIGINS", "https://ui.example.com,http://ui.example.com", "-codec-origins", "plain_http"},
		{"UPLIFT_CONSENT_ROLES", "Global Administrator", "-consent-roles", "bad_setting"},
		{"UPLIFT_LOG_LEVEL", "loud", "-log-level", "bad_setting"},
		{"UPLIFT_LOG_FORMAT", "xml", "-log-format", "bad_setting"},
		{"UPLIFT_REGISTER_KEY_FILE", "/nowhere/key", "-register-key", "key_file_missing"},
		{"UPLIFT_LINK_KEY_FILE", loose, "-link-key", "key_file_permissions"},
		{"UPLIFT_CODEC_KEY_FILE", loose, "-codec-key", "key_file_permissions"},
	} {
		_, err := parse(config.Worker|config.Serve|config.CLI, production(t).with(c.env, c.value))
		if c.env == "UPLIFT_PROFILE" && err == nil {
			t.Fatal("an unknown profile was accepted")
		}
		all := problems(t, err)
		if len(all) != 1 || all[0].Path != c.path || all[0].Code != c.code || all[0].Remedy == "" {
			t.Errorf("%s=%s: %v, want %s %s alone", c.env, c.value, all, c.path, c.code)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the problem shows the secret: %v", c.env, err)
		}
	}
}

// TestMailSettings: names are dropped from addresses, and a logo may have a version.
func TestMailSettings(t *testing.T) {
	s, err := parse(config.Worker, production(t).with("UPLIFT_ENGINEER_MAIL", "Engineers <on-call@example.com>", "UPLIFT_REPLY_TO", "help@example.com",
		"UPLIFT_LOGO_URL", "https://cdn.example.com/logo.png?v=3"))
	if err != nil || s.EngineerMail != "on-call@example.com" || s.ReplyTo != "help@example.com" || s.LogoURL != "https://cdn.example.com/logo.png?v=3" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestLoopbackMayBePlain(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"} {
		s, err := parse(config.Worker, production(t).with("UPLIFT_ENTRA_URL", url))
		if err != nil || s.EntraURL != url {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestCredential(t *testing.T) {
	secret, certificate := file(t, "from-file\n", 0o400), file(t, keyPair(t), 0o600)
	for name, c := range map[string]struct {
		env          []string
		secret, code string
	}{
		"environment":     {[]string{"UPLIFT_CLIENT_SECRET", "from-env"}, "from-env", ""},
		"file":            {[]string{"UPLIFT_CLIENT_SECRET_FILE", secret}, "from-file", ""},
		"certificate":     {[]string{"UPLIFT_CLIENT_CERTIFICATE_FILE", certificate}, "", ""},
		"two":             {[]string{"UPLIFT_CLIENT_SECRET", "x", "UPLIFT_CLIENT_CERTIFICATE_FILE", certificate}, "", "conflicting_settings"},
		"both secrets":    {[]string{"UPLIFT_CLIENT_SECRET", "x", "UPLIFT_CLIENT_SECRET_FILE", secret}, "", "conflicting_settings"},
		"none":            {nil, "", "missing_setting"},
		"empty file":      {[]string{"UPLIFT_CLIENT_SECRET_FILE", file(t, "\n", 0o600)}, "", "bad_setting"},
		"open file":       {[]string{"UPLIFT_CLIENT_SECRET_FILE", file(t, "x", 0o644)}, "", "key_file_permissions"},
		"no certificate":  {[]string{"UPLIFT_CLIENT_CERTIFICATE_FILE", secret}, "", "bad_setting"},
		"key is not ours": {[]string{"UPLIFT_CLIENT_CERTIFICATE_FILE", file(t, mixed(t), 0o600)}, "", "bad_setting"},
	} {
		s, err := parse(config.Worker, production(t).with("UPLIFT_CLIENT_SECRET", "").with(c.env...))
		if c.code != "" {
			if all := problems(t, err); len(all) != 1 || all[0].Code != c.code {
				t.Errorf("%s: %v, want %s", name, all, c.code)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.ClientSecret.Reveal() != c.secret || (s.ClientCertificate != "") != (name == "certificate") {
			t.Errorf("%s: secret %q, certificate %q", name, s.ClientSecret.Reveal(), s.ClientCertificate.Reveal())
		}
	}
}

// keyPair is a self-signed certificate with its key, as PEM.
func keyPair(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1<<32, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

// mixed has the certificate of one pair and the key of another.
func mixed(t *testing.T) string {
	const end = "-----END CERTIFICATE-----\n"
	one, _, _ := strings.Cut(keyPair(t), end)
	_, two, _ := strings.Cut(keyPair(t), end)
	return one + end + two
}
