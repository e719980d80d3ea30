package upgrade_test

import (
	"testing"

	"uplift/upgrade"
)

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 seats", 1: "1 seat", 2: "2 seats", -1: "-1 seats", 300: "300 seats"} {
		if got := upgrade.Seats(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := upgrade.Counted(1, "user holds", "users hold"); got != "1 user holds" {
		t.Errorf("%q", got)
	}
}
