package upgrade_test

import (
	"context"
	"math"
	"testing"

	"uplift/upgrade"
)

func TestCalls(t *testing.T) {
	free := context.Background()
	if err := upgrade.SpendCall(free); err != nil || upgrade.CallsLeft(free) != math.MaxInt {
		t.Errorf("without a number: %v, %d left", err, upgrade.CallsLeft(free))
	}
	ctx := upgrade.WithCalls(free, 2)
	for range 2 {
		if err := upgrade.SpendCall(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // what was refused is not counted
		if err := upgrade.SpendCall(ctx); upgrade.CodeOf(err) != upgrade.CallsSpent || !upgrade.KindOf(err).Retryable() {
			t.Errorf("the third: %v", err)
		}
	}
	upgrade.CountCall(ctx)
	if left := upgrade.CallsLeft(ctx); left != 0 {
		t.Errorf("%d are left", left)
	}
	if upgrade.CallsLeft(upgrade.WithCalls(ctx, 3)) != 3 {
		t.Error("an execution within another has its own")
	}
}

// TestQueues pins the names of the task queues: running activities, workers of other builds and operators' commands know them.
func TestQueues(t *testing.T) {
	got := [...]string{upgrade.TaskQueue, upgrade.QueuePartnerWrites, upgrade.QueuePartnerReads, upgrade.QueueGraph}
	if want := [...]string{"uplift", "uplift-partner-writes", "uplift-partner-reads", "uplift-graph"}; got != want {
		t.Errorf("the queues are %q, not %q", got, want)
	}
}
