package workflows_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
	"uplift/workflows"
)

// badSignals are payloads that any client could send, and the code with which each is recorded as ignored.
func badSignals() map[string]struct {
	encoding, data, code string
} {
	return map[string]struct{ encoding, data, code string }{
		"malformed JSON":     {"json/plain", `{"decision":`, "malformed_json"},
		"no object":          {"json/plain", `"granted"`, "not_an_object"},
		"null":               {"binary/null", ``, "empty"},
		"JSON null":          {"json/plain", `null`, "not_an_object"},
		"unknown field":      {"json/plain", `{"decision":"granted","method":"device_code","token":"x"}`, "unknown_field"},
		"unknown decision":   {"json/plain", `{"decision":"perhaps"}`, "unknown_value"},
		"wrong type":         {"json/plain", `{"decision":7}`, "wrong_type"},
		"twice the same":     {"json/plain", `{"decision":"declined","decision":"granted"}`, "duplicate_field"},
		"undecryptable":      {"binary/encrypted", "\x00\x01\x02", "unreadable_signal"},
		"protobuf":           {"binary/protobuf", "\x0a\x03abc", "unreadable_signal"},
		"bytes":              {"binary/plain", "granted", "unreadable_signal"},
		"the partner's way":  {"json/plain", `{"decision":"granted","method":"gdap"}`, "unknown_value"},
		"another invitation": {"json/plain", `{"decision":"granted","method":"device_code","invitation":7}`, "invitation_void"},
	}
}

// A signal that does not fit is recorded as ignored, and the expiry still fires.
func TestBadSignalsDoNotStopTheExpiry(t *testing.T) {
	t.Parallel()
	for name, bad := range badSignals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			l.after(2*day, func() { l.signal(payload(bad.encoding, bad.data)) })
			r := l.run()
			l.ends(r, upgrade.Expired)
			if after := r.EndedAt.Sub(start).Round(time.Minute); after != 14*day {
				t.Errorf("it expired after %s", after)
			}
			l.ignored(upgrade.SignalConsent, bad.code)
			if n := len(l.world.Letters(upgrade.LetterReminder)); n != 3 {
				t.Errorf("%d reminders", n)
			}
		})
	}
}

// A bad signal in whatever stage changes nothing: the upgrade goes to its end.
func TestBadSignalAtEveryStage(t *testing.T) {
	t.Parallel()
	all := moments()
	for _, stage := range []upgrade.Stage{upgrade.Notifying} {
		all = append(all, moment{string(stage), resizing, inStage(stage), true})
	}
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := m.prepare(l)
			if m.name == "confirming" {
				l.after(2*day, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest}) })
			}
			m.at(l, func() {
				for _, bad := range []string{"malformed JSON", "undecryptable", "protobuf"} {
					b := badSignals()[bad]
					l.signal(payload(b.encoding, b.data))
				}
			})
			l.ends(l.run(), upgrade.Completed)
			l.seats(id, "business-basic", 5)
			l.holds("anna", "business-basic")
			l.ignored(upgrade.SignalConsent, "malformed_json")
			l.ignored(upgrade.SignalConsent, "unreadable_signal")
			if n := len(l.status().Ignored); n != 3 {
				t.Errorf("%d messages were ignored", n)
			}
		})
	}
}

// A well-formed claim in the wrong stage is ignored, too, with the stage's name.
func TestClaimInTheWrongStage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	l.when(upgrade.Changing, func() { l.consent(object{"decision": "declined"}) })
	l.ends(l.run(), upgrade.Completed)
	l.ignored(upgrade.SignalConsent, "wrong_stage")
}

// What fifty signals of a megabyte each (Temporal takes no more into a history) say wrong does not fill the status.
func TestFloodOfLargeSignals(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	large := strings.Repeat("x", 1<<20-100)
	signals := []string{
		`{"decision":"declined","reason":"` + large + `"}`, `{"decision":"` + large + `"}`, `{"` + large + `":1}`, large + large,
		`{` + strings.Repeat(`"a":1,`, 150_000) + `"b":1}`, `{"decision":` + strings.Repeat("[", 1<<20),
	}
	l.when(upgrade.Invited, func() {
		for i := range 50 {
			l.signal(jsonPayload(signals[i%len(signals)]))
		}
		l.signal(payload(large, "{}"))
		l.consent(object{"decision": "granted", "method": "device_code"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	written, err := json.Marshal(l.status().Ignored)
	if n := len(l.status().Ignored); err != nil || n != 20 || len(written) > 128<<10 {
		t.Errorf("%d ignored messages are kept, of %d bytes, %v", n, len(written), err)
	}
}

// A flood fills no memory: only the newest are kept.
func TestFloodOfSignals(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.when(upgrade.Invited, func() {
		for range 200 {
			l.signal(jsonPayload(`{}`))
			l.consent(object{"decision": "granted", "method": "device_code"})
		}
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if n := len(l.status().Ignored); n != 20 {
		t.Errorf("%d ignored messages are kept", n)
	}
}

// A value that a channel has handed to a coroutine which waits for it is where that coroutine puts it, once the others have run. An
// execution that handed over before that lost a signal: an upgrade waited for a turn that nobody knew of.
func TestOthersRunBeforeAnEnd(t *testing.T) {
	t.Parallel()
	env := (&testsuite.WorkflowTestSuite{}).NewTestWorkflowEnvironment()
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context) ([]int, error) {
		signals := workflow.NewChannel(ctx)
		taken := 0
		workflow.Go(ctx, func(ctx workflow.Context) {
			for {
				signals.Receive(ctx, nil)
				taken++
			}
		})
		if err := workflow.Sleep(ctx, time.Minute); err != nil { // the coroutine waits
			return nil, err
		}
		signals.SendAsync("turn")
		before := taken
		workflows.LetOthersRun(ctx)
		return []int{before, taken}, nil
	}, workflow.RegisterOptions{Name: "hands over"})
	env.ExecuteWorkflow("hands over")
	var counts []int
	if err := env.GetWorkflowResult(&counts); err != nil || len(counts) != 2 || counts[0] != 0 || counts[1] != 1 {
		t.Errorf("before and after: %v, %v", counts, err)
	}
}
