package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// A watcher reads each thing that happens once, in the order in which it happened, however often it looks.
func TestProgressPrintsEachThingOnce(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)
	s := upgrade.Status{
		Headline: "Basic ×20 → Premium ×25", Stage: upgrade.Planning,
		Stages: []upgrade.StageTime{{Stage: upgrade.Planning, At: at}},
	}
	var out bytes.Buffer
	p := progress{to: &out, steps: map[string]string{}}
	p.see(s)
	p.see(s)
	s.Stages = append(s.Stages, upgrade.StageTime{Stage: upgrade.Invited, At: at}, upgrade.StageTime{Stage: upgrade.Changing, At: at})
	s.Invitation = &upgrade.Invitation{Number: 1, Deadline: at, Refused: &upgrade.Problem{Message: "Wrong tenant.", Remedy: "Use another."}}
	s.Steps = []upgrade.StepStatus{{ID: "a", Words: "raise the seats", State: "running", At: at}, {ID: "b", State: "pending"}}
	s.Ignored = []upgrade.IgnoredSignal{{Signal: "consent", At: at, Reasons: upgrade.Problems{{Code: "x", Message: "no"}}}}
	s.Parked = &upgrade.Parked{Step: "a", Reason: "the agreement is missing", Answers: []upgrade.Answer{upgrade.Retry, upgrade.UndoIt}, Since: at}
	p.see(s)
	p.see(s)
	s.Parked, s.Steps[0].State = nil, "done"
	s.Stages, s.End = append(s.Stages, upgrade.StageTime{Stage: upgrade.Ended, At: at}), upgrade.FailedUndone
	p.see(s)
	p.see(s)
	for _, once := range []string{"planning", "  plan      Basic ×20 → Premium ×25", "invited     invitation 1", "changing", "  running", "  done", "  ignored   signal consent: no [x]",
		"Wrong tenant. Use another.", "PARKED    a: the agreement is missing (answers: retry, undo)", "  resumed", "ended       failed, undone"} {
		if strings.Count(out.String(), once) != 1 {
			t.Errorf("%q stands %d times in\n%s", once, strings.Count(out.String(), once), out.String())
		}
	}
	if strings.Contains(out.String(), "pending") {
		t.Errorf("a step that has not begun is shown:\n%s", out.String())
	}
}
