package main

import (
	"bytes"
	"slices"
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

// A watcher who looks seldom still reads things in the order in which they happened, and a claim that was refused names
// nobody: the evidence is that of the claim which was believed later.
func TestProgressAfterAQuickChange(t *testing.T) {
	at := func(seconds int) time.Time {
		return time.Date(2026, 11, 23, 12, 0, seconds, 0, time.Local)
	}
	claimed := upgrade.Status{
		Headline: "Basic → Premium", Evidence: nil,
		Stages: []upgrade.StageTime{
			{Stage: upgrade.Planning, At: at(0)}, {Stage: upgrade.Invited, At: at(2)}, {Stage: upgrade.Consented, At: at(4)},
			{Stage: upgrade.Invited, At: at(6)}, {Stage: upgrade.Consented, At: at(8)},
		},
	}
	done := claimed
	done.Evidence = &upgrade.Evidence{Name: "Adele Vance", Method: upgrade.DeviceCode}
	done.Stages = append(slices.Clone(claimed.Stages), upgrade.StageTime{Stage: upgrade.Checking, At: at(10)},
		upgrade.StageTime{Stage: upgrade.Changing, At: at(12)}, upgrade.StageTime{Stage: upgrade.Assigning, At: at(16)},
		upgrade.StageTime{Stage: upgrade.Ended, At: at(20)})
	done.Steps = []upgrade.StepStatus{
		{ID: "b", Words: "move the users", State: "done", At: at(20)}, {ID: "a", Words: "raise the seats", State: "done", At: at(16)},
		{ID: "c", Words: "tell them", State: "running", At: at(16)},
	}
	done.End = upgrade.Completed
	const before = "00 planning,02   plan Basic → Premium,02 invited,04 consented,06 invited,08 consented,"
	const after = "10   verified by Adele Vance (device_code),10 checking,12 changing,16   done raise the seats,16 assigning," +
		"16   running tell them,20   done move the users,20 ended"
	for name, looks := range map[string][]upgrade.Status{"once": {done}, "before and after": {claimed, claimed, done, done}} {
		var out bytes.Buffer
		p := progress{to: &out, steps: map[string]string{}}
		for _, s := range looks {
			p.see(s)
		}
		want := strings.Split(before+after, ",")
		got := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(got) != len(want) {
			t.Errorf("%s: %d lines, want %d:\n%s", name, len(got), len(want), out.String())
			continue
		}
		for i, line := range got {
			second, what, _ := strings.Cut(want[i], " ")
			indent := what[:len(what)-len(strings.TrimLeft(what, " "))]
			if !strings.HasPrefix(line, "12:00:"+second+"  "+indent) || !strings.HasPrefix(strings.Join(strings.Fields(line)[1:], " "), strings.TrimSpace(what)) {
				t.Errorf("%s: line %d is %q, want %q", name, i, line, want[i])
			}
		}
	}
	var out bytes.Buffer
	refused := done
	refused.Stages = done.Stages[:4]
	(&progress{to: &out, steps: map[string]string{}}).see(refused)
	if strings.Contains(out.String(), "Adele") {
		t.Errorf("a refused claim names a person:\n%s", out.String())
	}
}
