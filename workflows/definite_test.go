package workflows_test

import (
	"slices"
	"testing"
	"time"

	"uplift/upgrade"
)

func lost() error {
	return &upgrade.Error{Kind: upgrade.Ambiguous, Code: "no_answer", Message: "the connection broke"}
}

// A read that is refused while a transition runs says nothing about the transition: retried, it goes on, and is neither
// started again nor undone.
func TestReadRefusedWhileATransitionRuns(t *testing.T) {
	t.Parallel()
	for name, times := range map[string]int{"by the poll": 1, "by the look after the retry, too": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(20, 15)
			l.returnable(5)
			l.staff()
			l.signsIn()
			l.world.SetLag(30 * time.Minute)
			l.before("AwaitProvisioning", func() {}) // of the lowering
			l.before("AwaitProvisioning", func() { l.world.Fail("Commerce.Transitions", times, no("900279")) })
			var undo, cancel *answer
			for i := range times {
				l.after(time.Duration(i+1)*day, func() {
					if p := l.status().Parked; p == nil || p.Code != "900279" {
						t.Errorf("parked with %+v", p)
					}
					undo = l.update(upgrade.UpdateResolve, object{"answer": "undo"})
					cancel = l.update(upgrade.UpdateCancel, nil)
					l.update(upgrade.UpdateResolve, object{"answer": "retry"})
				})
			}
			l.ends(l.run(), upgrade.Completed)
			l.seats(id, "business-premium", 15)
			l.staffMoved()
			l.effects("transition", "transition "+id+" transition_with_license_transfer")
			l.effects("seats", "seats "+id+" 20→15")
			undo.refused("answer_not_possible")
			cancel.refused("past_no_return")
		})
	}
}

// Partner Center is down for the look before the transition: nothing was sent, so a cancel is accepted, and the lowered
// seats are put back.
func TestCancelBeforeATransitionThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(20, 15)
	l.returnable(5)
	l.staff()
	l.signsIn()
	var said *answer
	l.before("CheckTransition", func() {
		l.world.Fail("Commerce.Transitions", 1<<30, outage())
		l.env.RegisterDelayedCallback(func() { said = l.update(upgrade.UpdateCancel, object{"by": "Olga"}) }, 10*time.Minute)
	})
	r := l.run()
	l.ends(r, upgrade.Cancelled)
	said.well(nil)
	l.seats(id, "business-basic", 20)
	l.effects("transition")
	l.effects("seats", "seats "+id+" 20→15", "seats "+id+" 15→20")
	l.holds("bert", "business-basic -SWAY -YAMMER_ENTERPRISE")
	if n := len(l.world.Requests("Commerce.StartTransition")); n != 0 {
		t.Errorf("%d transitions were asked for", n)
	}
	if took := r.EndedAt.Sub(start); took > 2*time.Hour {
		t.Errorf("the cancel was carried out after %s", took)
	}
}

// An unanswered request is repeated under its own id; after a definite answer, an operator's retry has a new one.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	for method, order := range map[string]func(*lab) string{
		"Commerce.SetSeats":        func(l *lab) string { return l.resize(10, 15) },
		"Commerce.StartTransition": func(l *lab) string { return l.transition(6, 6) },
	} {
		for _, c := range []struct {
			name string
			errs []error
			want []int // which of the ids are the same
		}{
			{"unanswered", []error{lost(), outage()}, []int{0, 0, 0}},
			{"throttled", []error{&upgrade.Error{Kind: upgrade.Throttled, Code: "429", RetryAfter: time.Minute}}, []int{0, 0}},
			{"answered", []error{act()}, []int{0, 1}},
			{"answered twice", []error{act(), act()}, []int{0, 1, 2}},
		} {
			t.Run(method+" "+c.name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				order(l)
				l.signsIn()
				l.world.FailOnce(method, c.errs...)
				for i := range c.want {
					l.after(time.Duration(i+1)*day, func() { l.update(upgrade.UpdateResolve, object{"answer": "retry"}) })
				}
				l.ends(l.run(), upgrade.Completed)
				l.sameIDs(method, c.want)
			})
		}
	}
}

// sameIDs asserts which of a method's requests had the same id.
func (l *lab) sameIDs(method string, want []int) {
	l.Helper()
	ids := l.world.Requests(method)
	seen := []string{}
	got := make([]int, len(ids))
	for i, id := range ids {
		if !slices.Contains(seen, id) {
			seen = append(seen, id)
		}
		got[i] = slices.Index(seen, id)
	}
	if !slices.Equal(got, want) {
		l.Errorf("the requests %v had ids in the pattern %v, not %v", ids, got, want)
	}
}

// A no after an unanswered request is none while the earlier request may still show; then it is one, and the next request
// has a new id.
func TestRefusalAfterAnUnansweredRequest(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	errs := []error{lost()}
	for range 500 {
		errs = append(errs, act())
	}
	l.world.FailOnce("Commerce.SetSeats", errs...)
	var before []string
	l.after(day, func() {
		p := l.status().Parked
		if p == nil || p.Code != "800023" || p.Since.Sub(start) < time.Hour || p.Since.Sub(start) > 2*time.Hour {
			t.Errorf("parked with %+v", p)
		}
		before = l.world.Requests("Commerce.SetSeats")
		l.world.Mend("Commerce.SetSeats")
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	l.effects("seats", "seats "+id+" 10→15")
	if len(before) < 2 || len(slices.Compact(slices.Clone(before))) != 1 {
		t.Errorf("the requests before the answer: %v", before)
	}
	if after := l.world.Requests("Commerce.SetSeats"); len(after) != len(before)+1 || slices.Contains(before, after[len(before)]) {
		t.Errorf("the requests after the answer: %v", after[len(before):])
	}
}
