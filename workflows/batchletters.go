package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"uplift/activities"
)

// tell writes to the operator where the batch stands. Nothing depends on the letter: one that cannot be sent is logged.
func (b *batchRun) tell(ctx workflow.Context) {
	_, err := do(post(ctx, fmt.Sprintf("Mail to the operator: the batch is %s", b.status.State)), a.SendBatchLetter, activities.SendBatchLetterInput{
		Batch: b.start.Batch, State: b.status.State, FirstRun: workflow.GetInfo(ctx).FirstRunID,
	})
	if err != nil {
		workflow.GetLogger(ctx).Warn("a mail about the batch could not be sent", "state", string(b.status.State), "error", failureOf(err).Message)
	}
}
