package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"uplift/upgrade"
)

// TestCancelAtEveryActivity cancels each kind of work in the middle of every single activity: by the update, before its effect and
// after it, and by a cancellation of the execution. Either all is as it was at the start, or the cancel is refused by name and
// the order is carried out. What the answer says is true.
func TestCancelAtEveryActivity(t *testing.T) {
	t.Parallel()
	var runs, refusals, parks atomic.Int32
	t.Cleanup(func() {
		t.Logf("%d runs: %d cancels were refused, %d parked", runs.Load(), refusals.Load(), parks.Load())
	})
	for _, c := range kindCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start, want, all := c.measured(t)
			for i, at := range all {
				for j, raw := range []bool{false, true} {
					if raw && !at.after || testing.Short() && (2*i+j)%16 != 0 {
						continue
					}
					what := fmt.Sprintf("cancelled %s, raw %t", at, raw)
					l := newLab(t)
					c.given(l)
					l.signsIn()
					var said *answer
					reached := l.atBoundary(at, func() error {
						l.heard(func() {
							if raw {
								l.env.CancelWorkflow()
								return
							}
							said = l.update(upgrade.UpdateCancel, object{"by": "Olga", "reason": "wrong customer"})
						})
						return nil
					})
					r, parked := l.tended(what)
					runs.Add(1)
					if !reached() {
						t.Errorf("%s: it never came to that", what)
					}
					if parked {
						parks.Add(1)
					}
					if l.cancelHeld(what, at, raw, said, r, start, want) {
						refusals.Add(1)
					}
					if t.Failed() {
						return
					}
				}
			}
		})
	}
}

// measured is what the customer holds before and after a run without trouble, and the boundaries of that run.
func (c kindCase) measured(t *testing.T) (start, want outcome, all []boundary) {
	before := newLab(t)
	c.given(before)
	start = before.outcome(upgrade.Result{})
	clean := newLab(t)
	c.given(clean)
	clean.signsIn()
	want = clean.outcome(clean.run())
	return start, want, clean.boundaries()
}

// cancelHeld checks the end of a run that was cancelled on its way, and tells whether the cancel was refused.
func (l *lab) cancelHeld(what string, at boundary, raw bool, said *answer, r upgrade.Result, start, want outcome) (refused bool) {
	l.Helper()
	got := l.outcome(r)
	asIt := func(o outcome) bool { return got.held == o.held && got.users == o.users }
	var reply upgrade.Reply
	if said != nil && said.rejected == nil {
		if !said.done || said.err != nil {
			l.Errorf("%s: the update was not answered: done %t, %v", what, said.done, said.err)
			return false
		}
		said.well(&reply)
	}
	switch {
	case r.End == upgrade.Cancelled:
		if !asIt(start) {
			l.Errorf("%s: cancelled, and the customer holds %q, %s; not %q, %s", what, got.held, got.users, start.held, start.users)
		}
		if raw {
			return false
		}
		if said.rejected != nil {
			l.Errorf("%s: the cancel was refused (%v), and obeyed", what, said.rejected)
		}
		if strings.Contains(reply.Message, "was touched") && len(got.effects) > 0 {
			l.Errorf("%s: it was answered %q, and these were the effects: %v", what, reply.Message, got.effects)
		}
		return false
	case r.End == want.end && asIt(want) && slices.Equal(got.effects, want.effects):
		switch {
		case raw && !slices.ContainsFunc(l.status().Ignored, func(i upgrade.IgnoredSignal) bool { return i.Reasons.Has("cancel_refused") }):
			l.Errorf("%s: it was carried out, and nothing says why the cancel was not obeyed", what)
		case !raw && said.rejected == nil:
			l.Errorf("%s: it was carried out, and the cancel was answered %q", what, reply.Message)
		case !raw && !named(said.rejected.Error(), "past_no_return", "wrong_stage", "cancelling_already"):
			l.Errorf("%s: the cancel was refused without a name: %v", what, said.rejected)
		}
		return true
	}
	l.Errorf("%s: it ended %s %v and the customer holds %q, %s after %v; answered %q", what, r.End, r.Reasons, got.held, got.users, got.effects, reply.Message)
	return false
}

func named(s string, codes ...string) bool {
	return slices.ContainsFunc(codes, func(code string) bool { return strings.Contains(s, code) })
}
