package temporalclient_test

import (
	"context"
	"testing"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"uplift/upgrade"
)

// SignalWithStartWorkflow keeps what it was given.
func (f *fake) SignalWithStartWorkflow(_ context.Context, id, signal string, arg any, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	if f.startError != nil {
		return nil, f.startError
	}
	f.signals = append(f.signals, id, signal, arg, o.TaskQueue, workflow, args[0])
	return run{f: f, id: id}, nil
}

func TestReplayCallbacks(t *testing.T) {
	f, u := newFake()
	if err := u.ReplayCallbacks(t.Context(), "A-1#2", 3); err != nil {
		t.Fatal(err)
	}
	given := []any{"callbacks/A-1#2", "replay", upgrade.CallbackDue{Sequence: 3}, "uplift", "NotifyBillingWorkflow", upgrade.NotifyStart{Upgrade: "A-1#2"}}
	for i, one := range given {
		if got, ok := f.signals[i].(upgrade.NotifyStart); ok {
			if got.Upgrade != "A-1#2" {
				t.Errorf("%+v", got)
			}
		} else if f.signals[i] != one {
			t.Errorf("%v, not %v", f.signals[i], one)
		}
	}
	for id, sequence := range map[string]int{"": 1, "A-1#1": -1, "A-1#2": 1 << 30} {
		want(t, u.ReplayCallbacks(t.Context(), id, sequence), upgrade.Invalid, "bad_sequence")
	}
	f.startError = serviceerror.NewUnavailable("gone")
	want(t, u.ReplayCallbacks(t.Context(), "A-1#2", 0), upgrade.Transient, "temporal_unreachable")
}

func TestCallbacks(t *testing.T) {
	f, u := newFake()
	f.answers = map[string]any{upgrade.CallbacksWorkflow: upgrade.CallbacksPage{Upgrade: "A-1#2"}}
	page, err := u.Callbacks(t.Context(), "upgrade/A-1")
	var asked upgrade.CallbacksAsked
	if err != nil || page.Upgrade != "A-1#2" || f.convert.FromPayload(f.inputs[0], &asked) != nil || asked.Order != "A-1" {
		t.Errorf("%+v %v %+v", page, err, asked)
	}
}
