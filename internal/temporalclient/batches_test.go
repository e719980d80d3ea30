package temporalclient_test

import (
	"testing"

	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// TestReadBatchThatIsNotThere: that the register has no such batch is told as that, since who places one goes on then.
func TestReadBatchThatIsNotThere(t *testing.T) {
	f, u := newFake()
	wire := temporal.GetDefaultFailureConverter() // its details are encoded, as they come from the server
	f.answers = map[string]any{upgrade.ReadBatchWorkflow: wire.FailureToError(wire.ErrorToFailure(
		temporal.NewApplicationError("the register knows no such batch", string(upgrade.NotFound), map[string]string{"code": "unknown_batch"})))}
	_, err := u.ReadBatch(t.Context(), upgrade.BatchAsked{Batch: "spring"})
	want(t, err, upgrade.NotFound, "unknown_batch")
}
