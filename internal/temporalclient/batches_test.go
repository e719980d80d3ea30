package temporalclient_test

import (
	"testing"

	"uplift/upgrade"
)

// TestReadBatchThatIsNotThere: that the register has no such batch is told as that, since who places one goes on then.
func TestReadBatchThatIsNotThere(t *testing.T) {
	f, u := newFake()
	f.answers = map[string]any{upgrade.ReadBatchWorkflow: upgrade.BatchAnswer{None: true}}
	_, err := u.ReadBatch(t.Context(), upgrade.BatchAsked{Batch: "spring"})
	want(t, err, upgrade.NotFound, "unknown_batch")
}
