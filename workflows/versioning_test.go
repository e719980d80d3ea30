package workflows_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/internal/codec"
	"uplift/upgrade"
	"uplift/workflows"
)

// laterRelease is the workflow as a later release might have it: before the end is recorded it does one thing more. An interceptor
// stands for the changed source.
type laterRelease struct {
	interceptor.WorkerInterceptorBase
	guarded bool // by workflow.GetVersion, as the rules ask for
}

func (a *laterRelease) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &laterIn{a: a}
	i.Next = next
	return i
}

type laterIn struct {
	interceptor.WorkflowInboundInterceptorBase
	a *laterRelease
}

func (i *laterIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &laterOut{a: i.a}
	o.Next = out
	return i.Next.Init(o)
}

type laterOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	a *laterRelease
}

func (o *laterOut) ExecuteLocalActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	if activity == "RecordEnd" && (!o.a.guarded || workflow.GetVersion(ctx, "prune-before-the-end", workflow.DefaultVersion, 1) >= 1) {
		soon := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		if err := o.Next.ExecuteActivity(soon, "PruneRegister", activities.PruneRegisterInput{}).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("not pruned", "error", err)
		}
	}
	return o.Next.ExecuteLocalActivity(ctx, activity, args...)
}

func replayerOf(t *testing.T, a *laterRelease) worker.WorkflowReplayer {
	t.Helper()
	ring := codec.Dev()
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: codec.DataConverter(ring), FailureConverter: codec.FailureConverter(ring), Interceptors: []interceptor.WorkerInterceptor{a},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.RegisterWorkflowWithOptions(workflows.UpgradeCustomerWorkflow, workflow.RegisterOptions{Name: upgrade.UpgradeWorkflow})
	return r
}

// A workflow that was changed by the rules goes on with executions that began before the change, and does the new thing for
// those that begin after it. The same change without its guard breaks them, which shows that a replay would notice.
func TestChangedWorkflowReplays(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "histories", "completed-transition.json")
	quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	if err := replayerOf(t, &laterRelease{guarded: true}).ReplayWorkflowHistoryFromJSONFile(quiet, file); err != nil {
		t.Errorf("the guarded change does not replay: %v", err)
	}
	err := replayerOf(t, &laterRelease{}).ReplayWorkflowHistoryFromJSONFile(quiet, file)
	if err == nil || !strings.Contains(err.Error(), "TMPRL1100") {
		t.Errorf("the unguarded change replays: %v", err)
	}

	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	l.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}, l.watch, l.gate, &laterRelease{guarded: true}}})
	pruned := false
	l.before("PruneRegister", func() { pruned = true })
	l.ends(l.run(), upgrade.Completed)
	if !pruned && l.watch.began["PruneRegister"] == 0 {
		t.Error("a new execution does not do the new thing")
	}
}
