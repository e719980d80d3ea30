package preflight

import (
	"context"
	"testing"

	"uplift/internal/config"
)

// TestTable: every check has a name of its own, and waits only for checks that stand before it, or it would wait for ever.
func TestTable(t *testing.T) {
	x := &examination{Installation: Installation{Settings: &config.Settings{}, Customers: []string{"a", "b"}}}
	before := map[string]bool{}
	for _, c := range x.table() {
		if before[c.name] {
			t.Errorf("%q is there twice", c.name)
		}
		for _, need := range c.needs {
			if !before[need] {
				t.Errorf("%q waits for %q, which comes later or never", c.name, need)
			}
		}
		if before[c.name] = true; c.run == nil {
			t.Errorf("%q does nothing", c.name)
		}
	}
}

// TestStopped: an examination that is stopped asks nobody anything, and says so of every check.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	report := Run(ctx, Installation{Settings: &config.Settings{}})
	if len(report.Findings) != 25 || report.Count(Skipped) != 25 || report.OK {
		t.Errorf("%+v", report)
	}
}

func TestPlaceholder(t *testing.T) {
	for address, want := range map[string]bool{"a@example.com": true, "a@mail.example.org": true, "a@b.test": true, "a@contoso.com": false, "a@counterexample.com": false} {
		if placeholder(address) != want {
			t.Errorf("%s: %t", address, !want)
		}
	}
}
