package workflows_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"uplift/upgrade"
)

// misfortune is one thing that can befall a single call to Microsoft.
type misfortune struct {
	name   string
	writes bool // of writes only
	befall func(l *lab, method string, after int)
}

func misfortunes() []misfortune {
	fail := func(kind upgrade.Kind, code, message string) func(*lab, string, int) {
		return func(l *lab, method string, after int) {
			l.world.FailAfter(method, after, 1, &upgrade.Error{Kind: kind, Code: code, Message: message, Correlation: "walk"})
		}
	}
	return []misfortune{
		{"refused", false, fail(upgrade.Refused, "800999", "Microsoft says no, for a reason that no page describes")},
		{"unknown", false, fail(upgrade.Unknown, "4711", "Microsoft gave an answer that no page describes")},
		{"busy", false, fail(upgrade.Transient, "503", "Microsoft has trouble of its own")},
		{"reply lost", true, func(l *lab, method string, after int) { l.world.LoseReplyAfter(method, after, 1) }},
	}
}

// vendorWrites are the calls that change something at Microsoft.
var vendorWrites = []string{
	"Commerce.SetSeats", "Commerce.SetScheduled", "Commerce.SetAutoRenew", "Commerce.SetRenewal", "Commerce.Cancel", "Commerce.StartTransition",
	"Commerce.StartLegacyUpgrade", "Commerce.CreateCart", "Commerce.Checkout",
	"Directory.SetUsageLocation", "Directory.AssignLicenses", "Directory.AssignGroupLicenses",
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// outcome is what is left of a run.
type outcome struct {
	end     upgrade.End
	held    string
	users   string
	effects []string
}

func (l *lab) outcome(r upgrade.Result) outcome {
	o := outcome{end: r.End, held: l.held()}
	for _, name := range []string{"anna", "bert", "carl", "dora", "emil", "fred"} {
		o.users += name + ": " + l.world.Licence(l.customer, name) + "; "
	}
	for _, e := range l.world.Effects("") {
		if !strings.HasPrefix(e, "letter") {
			o.effects = append(o.effects, anyID.ReplaceAllString(e, "…")) // what is bought has another id in each run
		}
	}
	slices.Sort(o.effects)
	return o
}

// TestEverySingleCallFails walks through all calls to Microsoft of each kind of work, and lets each of them, alone, go wrong in
// every way: the upgrade ends as it would have, or undone, or refused with nothing changed; or it parks with a reason that a
// person understands, and goes on when that person says so. Nothing is done twice.
func TestEverySingleCallFails(t *testing.T) {
	t.Parallel()
	var runs, parks atomic.Int32
	t.Cleanup(func() { t.Logf("%d runs, of which %d parked", runs.Load(), parks.Load()) })
	for _, c := range kindCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := newLab(t)
			c.given(before)
			start := before.outcome(upgrade.Result{})
			clean := newLab(t)
			c.given(clean)
			clean.signsIn()
			want := clean.outcome(clean.run())
			calls := clean.world.AllCalls()
			at := 0
			for _, method := range vendorCalls(calls) {
				for nth := range calls[method] {
					for _, m := range misfortunes() {
						if m.writes && !slices.Contains(vendorWrites, method) {
							continue
						}
						if at++; testing.Short() && at%16 != 0 {
							continue // the race detector needs not all of them
						}
						what := fmt.Sprintf("%s, call %d %s", method, nth+1, m.name)
						l := newLab(t)
						c.given(l)
						l.signsIn()
						m.befall(l, method, nth)
						r, parked := l.tended(what)
						runs.Add(1)
						if parked {
							parks.Add(1)
						}
						l.fits(what, r, start, want)
						if t.Failed() {
							return
						}
					}
				}
			}
		})
	}
}

// vendorCalls are the methods of Microsoft among those that were called.
func vendorCalls(calls map[string]int) []string {
	var out []string
	for method := range calls {
		for _, of := range []string{"Commerce.", "Directory.", "Authority."} {
			if strings.HasPrefix(method, of) {
				out = append(out, method)
			}
		}
	}
	slices.Sort(out)
	return out
}

// tended runs the upgrade beside an operator who answers what parks: at first by retry, and the third time by giving up.
func (l *lab) tended(what string) (r upgrade.Result, parked bool) {
	l.Helper()
	asked := 0
	var look func()
	look = func() {
		if l.env.IsWorkflowCompleted() {
			return
		}
		if s := l.status(); s.Parked != nil {
			p := s.Parked
			if p.Reason == "" || p.Remedy == "" || p.Code == "" || len(p.Answers) == 0 || strings.Contains(p.Reason, "%!") {
				l.Errorf("%s: parked with %+v", what, p)
			}
			answer := upgrade.Retry
			if asked++; asked > 2 || !slices.Contains(p.Answers, answer) {
				answer = p.Answers[len(p.Answers)-1]
			}
			parked = true
			l.update(upgrade.UpdateResolve, object{"answer": answer, "by": "Olga"})
		}
		l.after(6*time.Hour, look)
	}
	l.after(time.Hour, look)
	return l.run(), parked
}

// fits compares what is left of a run with what was before and with what a run without trouble leaves.
func (l *lab) fits(what string, r upgrade.Result, start, want outcome) {
	l.Helper()
	got := l.outcome(r)
	switch {
	case r.End == want.end:
		if got.held != want.held || got.users != want.users {
			l.Errorf("%s: it ended %s, and the customer holds %q, %s; not %q, %s", what, r.End, got.held, got.users, want.held, want.users)
		}
		if strings.HasPrefix(what, "Commerce.Cancel,") { // what Microsoft does not cancel is first kept from being renewed
			got.effects = slices.DeleteFunc(got.effects, func(e string) bool { return e == "renewal … false" })
		}
		if !slices.Equal(got.effects, want.effects) {
			l.Errorf("%s: the effects are\n  %s\nnot\n  %s", what, strings.Join(got.effects, "\n  "), strings.Join(want.effects, "\n  "))
		}
	case len(r.Reasons) == 0 && r.End != upgrade.CompletedWithExceptions:
		l.Errorf("%s: it ended %s without a reason", what, r.End)
	case r.End == upgrade.FailedUndone:
		if got.held != start.held || got.users != start.users {
			l.Errorf("%s: undone, and the customer holds %q, %s; not %q, %s", what, got.held, got.users, start.held, start.users)
		}
	case r.End.ChangedNothing():
		if len(got.effects) > 0 {
			l.Errorf("%s: it ended %s after %v", what, r.End, got.effects)
		}
	case r.End == upgrade.CompletedWithExceptions && r.Users.Failed > 0:
		if got.held != want.held {
			l.Errorf("%s: it ended %s, and the customer holds %q, not %q", what, r.End, got.held, want.held)
		}
	default:
		l.Errorf("%s: it ended %s: %v", what, r.End, r.Reasons)
	}
}
