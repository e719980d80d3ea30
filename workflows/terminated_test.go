package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"uplift/upgrade"
)

// TestTerminatedAtEveryActivity terminates each kind of work after every single activity, and has the order's next attempt follow:
// it finishes what was ordered, with every effect once over both attempts, or it refuses by name. No secret of either is left.
func TestTerminatedAtEveryActivity(t *testing.T) {
	t.Parallel()
	var runs, refusals atomic.Int32
	t.Cleanup(func() {
		t.Logf("%d orders were terminated and tried again; %d refused by name", runs.Load(), refusals.Load())
	})
	for _, c := range kindCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start, want, all := c.measured(t)
			for i, at := range all {
				if !at.after || testing.Short() && i%16 != 1 {
					continue
				}
				l := newLab(t)
				c.given(l)
				l.signsIn()
				l.atBoundary(at, l.watch.terminate)
				runs.Add(1)
				if l.broken() && l.triedAgain("terminated "+at.String(), start, want) {
					refusals.Add(1)
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestTerminatedWhileUndoing terminates what was cancelled after every single activity of its undoing.
func TestTerminatedWhileUndoing(t *testing.T) {
	t.Parallel()
	var runs, refusals atomic.Int32
	t.Cleanup(func() {
		t.Logf("%d orders were terminated in their undoing and tried again; %d refused by name", runs.Load(), refusals.Load())
	})
	for _, c := range kindCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start, want, _ := c.measured(t)
			for _, late := range []string{"ConfirmLicenses", "AwaitProvisioning", "ScheduleRenewal"} {
				mind := boundary{late, 1, false}
				cancelled := newLab(t)
				c.given(cancelled)
				cancelled.signsIn()
				cancelled.changesItsMind(mind, nil)
				if r := cancelled.run(); r.End != upgrade.Cancelled || cancelled.watch.began[late] == 0 {
					continue // past the point of no return, or it has no such activity
				}
				for i, at := range cancelled.boundaries() {
					if !at.after || testing.Short() && i%8 != 1 {
						continue
					}
					l := newLab(t)
					c.given(l)
					l.signsIn()
					undoing := l.changesItsMind(mind, &at)
					if !l.broken() || !undoing() {
						continue
					}
					runs.Add(1)
					if l.triedAgain(fmt.Sprintf("cancelled at %s, terminated %s", late, at), start, want) {
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

// changesItsMind cancels at one boundary and, from then on, terminates at another; what it returns tells whether that came.
func (l *lab) changesItsMind(mind boundary, end *boundary) (terminated func() bool) {
	var changed, over atomic.Bool
	l.watch.around = func(name string, nth int, run func() (any, error)) (any, error) {
		if name == mind.activity && nth == mind.nth && changed.CompareAndSwap(false, true) {
			l.heard(func() { l.update(upgrade.UpdateCancel, object{"by": "Olga"}) })
		}
		out, err := run()
		if end != nil && changed.Load() && name == end.activity && nth == end.nth && over.CompareAndSwap(false, true) {
			return nil, l.watch.terminate()
		}
		return out, err
	}
	return over.Load
}

// TestTerminatedWhileParked terminates an upgrade that waits for an operator, in its change and in its undoing.
func TestTerminatedWhileParked(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(l *lab){
		"in the change": func(l *lab) {
			l.world.Fail("Commerce.SetSeats", 1, &upgrade.Error{Kind: upgrade.Act, Code: "800023", Message: "the credit line does not allow this"})
		},
		"in the undoing": func(l *lab) {
			l.before("AwaitProvisioning", func() {
				l.world.Fail("Commerce.SetSeats", 1, &upgrade.Error{Kind: upgrade.Act, Code: "800023", Message: "the account is locked"})
				l.update(upgrade.UpdateCancel, nil)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := kindCases()[0]
			start, want, _ := c.measured(t)
			l := newLab(t)
			c.given(l)
			l.signsIn()
			trouble(l)
			l.after(30*time.Hour, func() {
				if l.status().Parked == nil {
					t.Error("it is not parked")
				}
				_ = l.watch.terminate()
			})
			if !l.broken() {
				t.Fatal("it was not terminated")
			}
			l.triedAgain("terminated while parked "+name, start, want)
		})
	}
}

// broken runs an execution that is terminated on its way, and tells whether it was.
func (l *lab) broken() bool {
	l.Helper()
	l.env.ExecuteWorkflow(upgrade.UpgradeWorkflow, l.input())
	err := l.env.GetWorkflowError()
	if err != nil && !strings.Contains(err.Error(), "terminated") {
		l.Fatal(err)
	}
	return err != nil
}

// triedAgain has the order's next attempt follow in the same world, and tells whether it was refused by name.
func (l *lab) triedAgain(what string, start, want outcome) (refused bool) {
	l.Helper()
	first := len(l.outcome(upgrade.Result{}).effects)
	l.world.Close("upgrade/order-1")
	next := labIn(l.T, l.world, l.customer)
	next.order = l.order
	next.order["attempt"] = 2
	next.startAs("upgrade/order-1-again")
	next.signsIn()
	r, _ := next.tended(what)
	got := next.outcome(r)
	for _, id := range []string{"order-1#1", "order-1#2"} {
		if n := next.world.Recorded(id).Tokens; n > 0 && r.End != upgrade.Duplicate && r.End != upgrade.RefusedOrder {
			next.Errorf("%s: %d secrets of %s are left", what, n, id)
		}
	}
	asIt := func(o outcome) bool { return got.held == o.held && got.users == o.users }
	named := len(r.Reasons) > 0 && !slices.ContainsFunc(r.Reasons, func(p upgrade.Problem) bool { return p.Code == "" || p.Message == "" })
	switch {
	case r.End == want.end && asIt(want) && slices.Equal(got.effects, want.effects):
		return false
	case r.End == want.end && asIt(want) && first > 0 && len(got.effects) > len(want.effects): // some were undone, and done again
		return false
	case !named:
	case r.End == upgrade.Duplicate && (asIt(want) || asIt(start)), r.End == upgrade.RefusedOrder && asIt(start):
		return true // the first attempt has its end, or had not begun
	case r.End == upgrade.FailedUndone && asIt(start), r.End.ChangedNothing() && len(got.effects) == first && asIt(start):
		return true
	}
	next.Errorf("%s: the next attempt ended %s %v and the customer holds\n%q, %s\nnot %q, %s; the effects are\n  %s\nnot\n  %s", what, r.End, r.Reasons,
		got.held, got.users, want.held, want.users, strings.Join(got.effects, "\n  "), strings.Join(want.effects, "\n  "))
	return false
}
