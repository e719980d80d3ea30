package temporalclient_test

import (
	"testing"

	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// An order that the register has no upgrade of is no upgrade that we did not find: scripts tell that from a refusal.
// Whatever else could not be found is a refusal.
func TestReportsOfAnUnknownOrder(t *testing.T) {
	for code, kind := range map[string]upgrade.Kind{"unknown_order": upgrade.NotFound, "list_not_found": upgrade.Refused} {
		f, u := newFake()
		failures := temporal.GetDefaultFailureConverter() // as it comes over the wire
		said := temporal.NewApplicationError("the register knows no such", string(upgrade.NotFound), map[string]string{"code": code})
		f.answers = map[string]any{upgrade.ReportsWorkflow: failures.FailureToError(failures.ErrorToFailure(said))}
		want(t, u.Reports(t.Context(), "NOPE", nil), kind, code)
	}
}
