package workflows_test

import (
	"slices"
	"testing"
	"time"

	"uplift/upgrade"
)

// aDayLater moves the world's clock on after the end, so that everything Microsoft still does has happened.
func (l *lab) aDayLater() {
	then := l.env.Now().Add(day)
	l.world.SetClock(func() time.Time { return then })
}

// A cancel while Partner Center still shows the old number of a raise that it accepted: the old number is not taken for
// "undone", the raise is awaited and then taken back.
func TestCancelOfARaiseThatDoesNotShowYet(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.customer.ShownLate = 20 * time.Minute
	l.signsIn()
	l.before("AwaitProvisioning", func() { l.update(upgrade.UpdateCancel, object{"by": "Olga"}) })
	r := l.run()
	l.ends(r, upgrade.Cancelled, "cancelled")
	l.seats(id, "business-basic", 10)
	l.effects("seats", "seats "+id+" 10→15", "seats "+id+" 15→10")
	if waited := l.world.When("seats")[1].Sub(l.world.When("seats")[0]); waited < 20*time.Minute {
		t.Errorf("the raise was taken back after %s, before it showed", waited)
	}
	if len(r.Undone) != 1 || len(r.After) != 1 || r.After[0].Seats != 10 {
		t.Errorf("undone %v, after %v", r.Undone, r.After)
	}
	l.aDayLater()
	l.seats(id, "business-basic", 10)
	l.effects("seats", "seats "+id+" 10→15", "seats "+id+" 15→10")
}

// The same where the reply of the raise was lost, so that nobody knows whether it was accepted.
func TestCancelOfALostRaiseThatDoesNotShowYet(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.customer.ShownLate = 20 * time.Minute
	l.signsIn()
	l.world.LoseReply("Commerce.SetSeats", 1)
	l.before("ChangeSeats", func() {
		l.env.RegisterDelayedCallback(func() { l.update(upgrade.UpdateCancel, nil) }, 500*time.Millisecond)
	})
	l.ends(l.run(), upgrade.Cancelled)
	l.aDayLater()
	l.seats(id, "business-basic", 10)
	l.effects("seats", "seats "+id+" 10→15", "seats "+id+" 15→10")
}

// A cancel that comes while the raise is being asked for does not sit out its provisioning either.
func TestCancelDuringTheRequest(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.SetLag(10 * time.Hour)
	l.before("ChangeSeats", func() { l.update(upgrade.UpdateCancel, nil) })
	l.before("AwaitProvisioning", func() { l.world.SetLag(time.Minute) }) // what is under way keeps its time
	r := l.run()
	l.ends(r, upgrade.Cancelled)
	l.seats(id, "business-basic", 10)
	if took := r.EndedAt.Sub(start); took > 90*time.Minute {
		t.Errorf("it ended after %s", took)
	}
}

// The list of subscriptions lags behind the single ones: that is no difference from the plan.
func TestListThatLags(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.customer.CountedLate = 9 * time.Minute
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if n := len(l.world.Letters(upgrade.LetterParked)); n != 0 {
		t.Errorf("%d letters about parking", n)
	}
	if len(r.After) != 1 || r.After[0].Seats != 15 {
		t.Errorf("after: %v", r.After)
	}
	if took := r.EndedAt.Sub(l.world.When("seats")[0]); took < 9*time.Minute || took > 20*time.Minute {
		t.Errorf("it ended %s after the change", took)
	}
}

// A difference that lasts is shown to an operator, within the hour.
func TestListThatStaysDifferentParks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.customer.CountedLate = 5 * time.Hour
	l.signsIn()
	var parked *upgrade.Parked
	l.after(6*time.Hour, func() {
		parked = l.status().Parked
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if parked == nil || parked.Code != "not_as_planned" || parked.Since.Sub(start) > time.Hour {
		t.Errorf("parked with %+v", parked)
	}
	l.effects("seats", "seats "+id+" 10→15")
}

// A change that is taken back after all was settled: what was scheduled for the renewal is restored both times, each by a
// request of its own, and the result says what is held after the undo.
func TestUndoneAfterSettling(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.scheduled(id)
	l.signsIn()
	l.before("TakeStock", func() { l.update(upgrade.UpdateCancel, object{"by": "Olga"}) })
	r := l.run()
	l.ends(r, upgrade.Cancelled)
	l.seats(id, "business-basic", 10)
	l.effects("scheduled", "scheduled "+id, "scheduled "+id)
	if s := l.world.Held(l.customer, id).Scheduled; s == nil || s.Seats != 12 || s.ProductID != "CFQ7TTC0LDPB" {
		t.Errorf("what is scheduled now: %+v", s)
	}
	ids := l.world.Requests("Commerce.SetScheduled")
	if len(ids) != 2 || ids[0] == ids[1] || slices.Contains(ids, "") {
		t.Errorf("the requests: %v", ids)
	}
	if len(r.Before) != 1 || r.Before[0].Seats != 10 || len(r.After) != 1 || r.After[0].Seats != 10 {
		t.Errorf("before %v, after %v", r.Before, r.After)
	}
}

// The same by a definite no of the comparison.
func TestUndoneAtTheComparison(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.scheduled(id)
	l.signsIn()
	l.when(upgrade.Settling, func() { l.world.Fail("Commerce.Subscriptions", 1, no("900279")) })
	r := l.run()
	l.ends(r, upgrade.FailedUndone, "900279")
	l.seats(id, "business-basic", 10)
	if s := l.world.Held(l.customer, id).Scheduled; s == nil || s.Seats != 12 {
		t.Errorf("what is scheduled now: %+v", s)
	}
	if len(r.After) != 1 || r.After[0].Seats != 10 {
		t.Errorf("after: %v", r.After)
	}
}
