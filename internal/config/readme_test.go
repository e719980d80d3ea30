package config_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"uplift/internal/config"
)

var update = flag.Bool("update", false, "write the table of all settings into the README")

// The README's table of all settings stands between these two lines.
const (
	readme = "../../README.md"
	begins = "<!-- settings: made by `go test ./internal/config -run README -update` -->\n"
	ends   = "<!-- end of settings -->\n"
)

// TestREADME fails when the README's table of all settings is not what -h is made from.
func TestREADME(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begins)
	have, after, closed := strings.Cut(rest, ends)
	if !ok || !closed {
		t.Fatalf("the README has no lines %q and %q with the table between them", begins, ends)
	}
	want := "\n" + config.Markdown() + "\n"
	switch {
	case have == want:
	case *update:
		if err := os.WriteFile(readme, []byte(before+begins+want+ends+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the README's table of settings is not what the programs have; run\n\n\tgo test ./internal/config -run README -update\n\nREADME:\n%s\nprograms:\n%s", have, want)
	}
}
