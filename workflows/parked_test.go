package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

func act() error {
	return &upgrade.Error{Kind: upgrade.Act, Code: "800023", Message: "the partner's credit line does not allow this", Correlation: "corr-7"}
}

// parking is a resize that parks at the change.
func parking(t *testing.T) (*lab, string) {
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 1, act())
	return l, id
}

func TestParkedAndRetried(t *testing.T) {
	t.Parallel()
	l, id := parking(t)
	var parked upgrade.Status
	var skip, second *answer
	l.after(2*day+time.Hour, func() {
		parked = l.status()
		skip = l.update(upgrade.UpdateResolve, object{"answer": "skip"})
		l.update(upgrade.UpdateResolve, object{"answer": "retry", "by": "Olga", "reason": "the credit line was raised"})
		second = l.update(upgrade.UpdateResolve, object{"answer": "undo"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	p := parked.Parked
	if p == nil || p.Code != "800023" || p.Correlation != "corr-7" || p.Reason == "" || p.Remedy == "" || p.Step == "" || len(p.Answers) != 3 {
		t.Fatalf("parked with %+v", p)
	}
	skip.refused("answer_not_possible", "retry, undo, abandon")
	second.refused("not_parked")
	letters := l.world.When("letter parked operator@provider.example")
	if len(letters) != 3 {
		t.Fatalf("%d letters in two days", len(letters))
	}
	for i := range 2 {
		if apart := letters[i+1].Sub(letters[i]).Round(time.Second); apart != day {
			t.Errorf("reminder %d came after %s", i+1, apart)
		}
	}
	a := l.world.Recorded("order-1#1").Answers
	if len(a) != 1 || a[0].What != "retry" || a[0].By != "Olga" || a[0].Reason != "the credit line was raised" || a[0].Step != p.Step || a[0].At.IsZero() {
		t.Errorf("recorded: %+v", a)
	}
	if l.status().Parked != nil {
		t.Error("it is still shown as parked")
	}
}

func TestParkedAndUndone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.Provisioned", 1, &upgrade.Error{Kind: upgrade.Unknown, Code: "4711", Message: "nobody knows this"})
	l.after(day, func() { l.update(upgrade.UpdateResolve, object{"answer": "undo"}) })
	l.ends(l.run(), upgrade.FailedUndone, "4711")
	l.seats(id, "business-basic", 10)
}

func TestParkedAndAbandoned(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.Provisioned", 1, &upgrade.Error{Kind: upgrade.Unknown, Code: "4711", Message: "nobody knows this"})
	l.after(day, func() { l.update(upgrade.UpdateResolve, object{"answer": "abandon"}) })
	r := l.run()
	l.ends(r, upgrade.Abandoned, "4711", "left_running")
	l.seats(id, "business-basic", 15)
	if len(r.Before) != 1 || r.Before[0].Seats != 10 || len(r.After) != 1 || r.After[0].Seats != 15 {
		t.Errorf("the difference is not written down: before %v, after %v", r.Before, r.After)
	}
}

// Before anything has changed there is nothing to undo, and the answers say so.
func TestParkedBeforeTheChange(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.world.Fail("Commerce.Subscriptions", 1, act())
	var undo *answer
	l.after(day, func() {
		undo = l.update(upgrade.UpdateResolve, object{"answer": "undo"})
		l.update(upgrade.UpdateResolve, object{"answer": "abandon"})
	})
	l.ends(l.run(), upgrade.Abandoned, "800023")
	undo.refused("answer_not_possible", "retry, abandon")
	l.untouched()
}

// Past the point of no return it only goes forward: retry or abandon.
func TestParkedPastThePointOfNoReturn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 8)
	l.staff()
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 1, no("800089"))
	var undo *answer
	l.after(day, func() {
		undo = l.update(upgrade.UpdateResolve, object{"answer": "undo"})
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	undo.refused("answer_not_possible")
	l.seats(id, "business-premium", 8)
	l.staffMoved()
}

// A transition that fails at Microsoft is started again only on an operator's word, and then by a new request: the old one would
// be answered as it was before. Requests that were refused earlier have no part in it.
func TestTransitionFailsAtMicrosoft(t *testing.T) {
	t.Parallel()
	for name, refusals := range map[string]int{"the first request": 0, "a request after others that were refused": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(6, 6)
			l.staff()
			l.signsIn()
			l.world.Fail("Commerce.StartTransition", refusals, &upgrade.Error{Kind: upgrade.Transient, Code: "800082", Message: "the subscription is not ready"})
			l.before("AwaitProvisioning", func() { l.world.FailTransition("the order could not be placed") })
			started := 0
			l.after(day, func() {
				started = len(l.world.Effects("transition"))
				l.update(upgrade.UpdateResolve, object{"answer": "retry"})
			})
			l.after(2*day, func() { l.update(upgrade.UpdateResolve, object{"answer": "abandon"}) })
			l.ends(l.run(), upgrade.Completed)
			if started != 1 {
				t.Errorf("%d transitions were started before anybody answered", started)
			}
			l.seats(id, "business-premium", 6)
			l.staffMoved()
		})
	}
}

// Somebody else changed the subscription between plan and change.
func TestConflictParks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.before("ChangeSeats", func() {
		l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Seats = 11 })
	})
	l.after(day, func() {
		if p := l.status().Parked; p == nil || p.Code != "seats_changed" {
			t.Errorf("parked with %+v", p)
		}
		l.update(upgrade.UpdateResolve, object{"answer": "abandon"})
	})
	l.ends(l.run(), upgrade.Abandoned, "seats_changed")
	l.effects("seats")
}

// What the tenant holds in the end is not what the plan says: nobody calls that completed.
func TestDifferenceInTheEndParks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.when(upgrade.Settling, func() {
		l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Seats = 14 })
	})
	l.after(day, func() {
		if p := l.status().Parked; p == nil || p.Code != "not_as_planned" {
			t.Errorf("parked with %+v", p)
		}
		l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Seats = 15 })
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
}

// An outage is sat out for six hours before anybody is asked.
func TestOutage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 50, outage())
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	l.effects("seats", "seats "+id+" 10→15")
	if n := len(l.world.Letters(upgrade.LetterParked)); n != 0 {
		t.Errorf("%d letters about an outage that passed", n)
	}
}

func TestOutageThatLastsParks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 1<<30, outage())
	l.after(day, func() {
		if p := l.status().Parked; p == nil || p.Since.Sub(start) > 7*time.Hour || p.Since.Sub(start) < 5*time.Hour {
			t.Errorf("parked with %+v", p)
		}
		l.update(upgrade.UpdateResolve, object{"answer": "undo"})
	})
	l.after(2*day, func() {
		l.world.Mend("Commerce.SetSeats")
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.FailedUndone)
	l.effects("seats")
}

// A grant that dies once the change has begun parks; restored, the upgrade goes on.
func TestGrantDiesWhileChanging(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 6)
	l.staff()
	l.signsIn()
	l.before("AwaitProvisioning", func() { l.world.Change(func() { l.customer.GrantDead = true }) })
	l.after(day, func() {
		if s := l.status(); s.Parked == nil || s.Parked.Code != "InvalidAuthenticationToken" || s.Stage != upgrade.Changing {
			t.Errorf("stage %s, parked with %+v", s.Stage, s.Parked)
		}
		l.world.Change(func() { l.customer.GrantDead = false })
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-premium", 6)
	l.staffMoved()
}
