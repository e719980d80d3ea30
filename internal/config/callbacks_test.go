package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uplift/internal/config"
	"uplift/upgrade"
)

const whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// callbacksOf loads a callbacks file as a development worker does.
func callbacksOf(t *testing.T, text string) ([]config.Destination, upgrade.Problems) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{"callbacks.json": text, "a.secret": whsec + "\n", "b.secret": "hunter2"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "open.secret"), []byte(whsec), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := config.Parse("worker", config.Worker, []string{"-profile", "dev", "-callbacks", filepath.Join(dir, "callbacks.json")}, func(string) string { return "" }, os.Stderr)
	var problems upgrade.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(err)
	}
	if s == nil {
		return nil, problems
	}
	return s.Callbacks, problems
}

func TestCallbacksFile(t *testing.T) {
	got, problems := callbacksOf(t, `{"destinations": [
		{"name": "billing", "url": "https://billing.example.com/uplift?key=1", "secretFiles": ["a.secret"]},
		{"name": "audit", "url": "http://127.0.0.1:9999", "secretFiles": ["a.secret", "a.secret"], "types": ["upgrade.completed"]}]}`)
	if len(problems) > 0 || len(got) != 2 || got[0].Name != "billing" || got[0].URL != "https://billing.example.com/uplift?key=1" ||
		got[0].Secrets[0].Reveal() != whsec || len(got[1].Secrets) != 2 || got[1].Types[0] != "upgrade.completed" {
		t.Errorf("%+v %v", got, problems)
	}
}

func TestBadCallbacksFile(t *testing.T) {
	_, problems := callbacksOf(t, `{"destinations": [
		{"name": "Billing", "url": "http://billing.example.com", "secretFiles": []},
		{"name": "a", "url": "https://user:pass@example.com", "secretFiles": ["b.secret", "open.secret", "none.secret"], "types": ["upgrade.paid"]},
		{"name": "a", "url": "", "secretFiles": ["a.secret"]}]}`)
	told := problems.Error()
	for _, place := range []string{"[0].name", "[0].url", "[0].secretFiles", "[1].url", "[1].secretFiles[0]", "[1].secretFiles[1]", "[1].secretFiles[2]", "[1].types[0]", "[2].name", "[2].url"} {
		if strings.Count(told, "destinations"+place+":") != 1 {
			t.Errorf("no problem at %s", place)
		}
	}
	if strings.Contains(told, "hunter2") || strings.Contains(told, "pass@") || len(problems) != 10 || t.Failed() {
		t.Error(told)
	}
	for _, text := range []string{"", "{}", `{"destinations": [{"nmae": "x"}]}`} {
		if _, problems := callbacksOf(t, text); len(problems) == 0 {
			t.Errorf("%q is accepted", text)
		}
	}
	_, err := config.Parse("worker", config.Worker, []string{"-profile", "dev", "-callbacks", "/does/not/exist"}, func(string) string { return "" }, os.Stderr)
	if err == nil || !strings.Contains(err.Error(), "-callbacks") {
		t.Error(err)
	}
}
