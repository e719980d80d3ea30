package temporalclient

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"uplift/internal/codec"
	"uplift/upgrade"
)

// env is an environment for envconfig.
type env map[string]string

func (e env) LookupEnv(name string) (string, bool) { value, ok := e[name]; return value, ok }

func (e env) Environ() []string {
	var all []string
	for name, value := range e {
		all = append(all, name+"="+value)
	}
	return all
}

func TestLoad(t *testing.T) {
	profiles := filepath.Join(t.TempDir(), "temporal.toml")
	if err := os.WriteFile(profiles, []byte("[profile.default]\naddress = \"cloud:7233\"\nnamespace = \"prod\"\napi_key = \"k3y\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := env{"TEMPORAL_CONFIG_FILE": profiles}
	both := env{"TEMPORAL_CONFIG_FILE": profiles, "TEMPORAL_ADDRESS": "env:1", "TEMPORAL_NAMESPACE": "staging"}
	none := env{"TEMPORAL_CONFIG_FILE": filepath.Join(t.TempDir(), "absent")}
	for name, c := range map[string]struct {
		options         Options
		host, namespace string
		secured         bool
	}{
		"nothing":                   {Options{Env: none}, "localhost:7233", "default", false},
		"profile":                   {Options{Env: file}, "cloud:7233", "prod", true},
		"environment over profile":  {Options{Env: both}, "env:1", "staging", true},
		"override over environment": {Options{Env: both, HostPort: "me:2", Namespace: "mine"}, "me:2", "mine", true},
		"local ignores both":        {Options{Env: both, Local: true, HostPort: "127.0.0.1:7233"}, "127.0.0.1:7233", "default", false},
	} {
		c.options.Ring = codec.Dev()
		got, err := Load(c.options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.HostPort != c.host || got.Namespace != c.namespace {
			t.Errorf("%s: %s %s, want %s %s", name, got.HostPort, got.Namespace, c.host, c.namespace)
		}
		if secured := got.Credentials != nil && got.ConnectionOptions.TLS != nil; secured != c.secured {
			t.Errorf("%s: API key and TLS %v, want %v", name, secured, c.secured)
		}
		if payload, err := got.DataConverter.ToPayload("x"); err != nil || !codec.Encrypted(payload) {
			t.Errorf("%s: payloads are not encrypted: %v, %v", name, payload, err)
		}
		if got.FailureConverter == nil {
			t.Errorf("%s: failures are not encrypted", name)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	if _, err := Load(Options{}); upgrade.CodeOf(err) != "no_codec" {
		t.Errorf("without a ring: %v", err)
	}
	bad := Options{Ring: codec.Dev(), Env: env{"TEMPORAL_PROFILE": "absent", "TEMPORAL_CONFIG_FILE": "absent"}}
	if _, err := Load(bad); upgrade.CodeOf(err) != "temporal_settings" || upgrade.KindOf(err) != upgrade.Invalid {
		t.Errorf("with a profile that is not there: %v", err)
	}
}

func TestDialSaysWhereNobodyAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = Dial(ctx, Options{Ring: codec.Dev(), Local: true, HostPort: address})
	if upgrade.KindOf(err) != upgrade.Transient || !strings.Contains(err.Error(), address) {
		t.Errorf("%v", err)
	}
}

func TestLoggerReachesZap(t *testing.T) {
	core, lines := observer.New(zap.InfoLevel)
	l := logger(zap.New(core))
	l.Debug("too quiet")
	l.Error("lost", "Attempt", 3)
	all := lines.All()
	if len(all) != 1 || all[0].Message != "lost" || all[0].LoggerName != "temporal" || all[0].ContextMap()["Attempt"] != int64(3) || all[0].Stack != "" {
		t.Errorf("%+v", all)
	}
	logger(nil).Error("nothing happens")
}
