package workflows_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"uplift/internal/codec"
	"uplift/upgrade"
	"uplift/workflows"
)

// TestRecordedHistoriesReplay runs today's workflows over histories that earlier versions wrote on a real server.
//
// A failure means that upgrades which are running at a customer just now would break at the next deploy: the workflow
// would take another branch than the one that its history records. Do not regenerate the file to make the test pass.
// Either bring the old branch back, or guard the new one with workflow.GetVersion, so that an execution goes on as it
// began.
//
// A history is added, under a name that says the released behaviour, when a release has a new one; once it is released,
// none is ever replaced. "go -C dev run . -record DIR" plays every scenario of the development mode and writes its history;
// any other will do that is the answer of client.GetWorkflowHistory as JSON: one temporal.api.history.v1.History ({"events": [...]}) as protojson writes it, which is also what the official command
// line's "temporal workflow show --output json" prints. Payloads may be plain or encrypted with the development key: a
// replay compares which commands came, and decodes what the workflow reads, so encrypted files need the codec below.
func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "histories", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there is no recorded history in testdata/histories: nothing would notice a change that breaks running upgrades")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if err := replayer(t).ReplayWorkflowHistoryFromJSONFile(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), file); err != nil {
				t.Errorf("%s no longer replays: %v", file, err)
			}
		})
	}
}

func replayer(t *testing.T) worker.WorkflowReplayer {
	t.Helper()
	ring := codec.Dev()
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: codec.DataConverter(ring), FailureConverter: codec.FailureConverter(ring),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.RegisterWorkflowWithOptions(workflows.UpgradeCustomerWorkflow, workflow.RegisterOptions{Name: upgrade.UpgradeWorkflow})
	r.RegisterWorkflowWithOptions(workflows.PlanUpgradeWorkflow, workflow.RegisterOptions{Name: upgrade.PlanWorkflow})
	return r
}
