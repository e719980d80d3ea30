package activities

import (
	"testing"
	"time"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// An accepted request shows within what Microsoft says of its kind, else within the policy's time; an answer that speaks
// of a longer one makes it longer, and nothing makes it shorter.
func TestSettleTime(t *testing.T) {
	t.Parallel()
	paced := upgrade.DefaultPolicy()
	paced.TellAfter, paced.Pace = upgrade.Wait(time.Minute), 60
	patient := upgrade.DefaultPolicy()
	patient.TellAfter = upgrade.Wait(48 * time.Hour)
	for _, tc := range []struct {
		policy upgrade.Policy
		kind   errorbook.Write
		code   string
		want   time.Duration
	}{
		{upgrade.DefaultPolicy(), errorbook.Seats, "", time.Hour},
		{upgrade.DefaultPolicy(), errorbook.Transition, "", time.Hour},
		{upgrade.DefaultPolicy(), "", "", time.Hour},
		{upgrade.DefaultPolicy(), errorbook.Order, "", 15 * time.Minute},
		{upgrade.DefaultPolicy(), errorbook.Order, "800090", 15 * time.Minute},
		{upgrade.DefaultPolicy(), errorbook.Order, "900278", 24 * time.Hour},
		{upgrade.DefaultPolicy(), errorbook.Seats, "900278", 24 * time.Hour},
		{upgrade.DefaultPolicy(), errorbook.Seats, "20000", time.Hour},
		{patient, errorbook.Seats, "900278", 48 * time.Hour},
		{paced, errorbook.Seats, "", time.Hour},
		{paced, errorbook.Order, "", 15 * time.Minute},
	} {
		a := &Activities{Settings: Settings{Policy: tc.policy}}
		var answer error
		if tc.code != "" {
			answer = &upgrade.Error{Kind: upgrade.Transient, Code: tc.code}
		}
		if got := a.settleTime(tc.kind, answer); got != tc.want {
			t.Errorf("%s answered by %q settles in %v, want %v", tc.kind, tc.code, got, tc.want)
		}
	}
}
