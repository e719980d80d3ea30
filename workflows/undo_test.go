package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

func no(code string) error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: code, Message: "Microsoft says no", Correlation: "corr-1"}
}

func outage() error {
	return &upgrade.Error{Kind: upgrade.Transient, Code: "503", Message: "Microsoft has trouble of its own"}
}

func TestSeatsRaisedAreGivenBack(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.Provisioned", 1, no("900279"))
	r := l.run()
	l.ends(r, upgrade.FailedUndone, "900279")
	l.seats(id, "business-basic", 10)
	l.effects("seats", "seats "+id+" 10→15", "seats "+id+" 15→10")
	if len(r.Undone) != 1 || len(r.After) != 1 || r.After[0].Seats != 10 {
		t.Errorf("undone %v, after %v", r.Undone, r.After)
	}
	if s := l.status().Steps[0].State; s != "undone" {
		t.Errorf("the step is shown as %s", s)
	}
	if letters := l.world.Letters(upgrade.LetterCouldNot); len(letters) != 2 || letters[0].End != upgrade.FailedUndone {
		t.Errorf("the letters: %v", letters)
	}
}

// A change that Microsoft refuses at once has nothing to undo, and undo finds that out by reading.
func TestRefusedChangeLeavesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 1, no("800089"))
	l.ends(l.run(), upgrade.FailedUndone, "800089")
	l.seats(id, "business-basic", 10)
	l.effects("seats")
}

func TestSeatsLoweredAreRaisedAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(20, 15)
	l.world.Amend(l.customer, id, func(s *upgrade.Subscription) {
		s.Refundable = []upgrade.SeatBlock{{Seats: 5, Until: start.Add(3 * day)}}
	})
	l.staff()
	l.signsIn()
	l.world.Fail("Commerce.StartTransition", 1, no("400046"))
	r := l.run()
	l.ends(r, upgrade.FailedUndone, "400046")
	l.seats(id, "business-basic", 20)
	l.effects("seats", "seats "+id+" 20→15", "seats "+id+" 15→20")
	l.effects("transition")
	l.holds("bert", "business-basic -SWAY -YAMMER_ENTERPRISE")
	l.effects("licences")
}

// scheduled gives a subscription a change that waits for the renewal.
func (l *lab) scheduled(id string) {
	l.world.Amend(l.customer, id, func(s *upgrade.Subscription) {
		s.Scheduled = &upgrade.ScheduledChange{ProductID: "CFQ7TTC0LDPB", SKUID: "0001", AvailabilityID: "CFQAVAIL0001", Term: "P1Y", Seats: 12}
	})
}

func TestScheduledChangeIsRestored(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]bool{"after success": false, "after undo": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			l.scheduled(id)
			l.signsIn()
			want, seats := upgrade.Completed, 15
			if fails {
				l.world.Fail("Commerce.Provisioned", 1, no("900279"))
				want, seats = upgrade.FailedUndone, 10
			}
			l.ends(l.run(), want)
			l.seats(id, "business-basic", seats)
			l.effects("scheduled", "scheduled "+id)
			if s := l.world.Held(l.customer, id).Scheduled; s == nil || s.Seats != 12 || s.ProductID != "CFQ7TTC0LDPB" {
				t.Errorf("what is scheduled now: %+v", s)
			}
		})
	}
}

func TestScheduledChangeOfTheOldProductIsNotRestored(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 6)
	l.scheduled(id)
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.effects("scheduled")
	if s := l.world.Held(l.customer, id).Scheduled; s != nil {
		t.Errorf("what is scheduled now: %+v", s)
	}
}

// Too many users failed: licences, usage locations and seats are put back, in this order.
func TestTooManyUsersFailed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(1, 3)
	l.world.AddUser(l.customer, "anna", "business-basic", "SWAY")
	l.world.AddUser(l.customer, "bert", "").UsageLocation = ""
	l.world.AddUser(l.customer, "carl", "")
	l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example", "bert@contoso.example", "carl@contoso.example"}}
	l.order["onUserFailure"] = object{"action": "undo", "share": 0.1}
	l.signsIn()
	l.before("AssignLicenses", func() { l.world.RemoveUser(l.customer, "carl") })
	r := l.run()
	l.ends(r, upgrade.FailedUndone, "too_many_users_failed")
	l.seats(id, "business-basic", 1)
	l.holds("anna", "business-basic -SWAY")
	l.holds("bert", "")
	if got := l.world.User(l.customer, "bert").UsageLocation; got != "" {
		t.Errorf("bert's usage location is %q, where he had none", got)
	}
	l.effects("location", `location bert "DE"`, `location bert ""`)
	l.effects("licences", "licences bert +1 -0", "licences bert +0 -1")
	back, lowered := l.world.When("licences")[1], l.world.When("seats")[1]
	if lowered.Before(back) {
		t.Error("the seats were lowered while the licence was still in use")
	}
	if len(r.Undone) != 3 || r.Users.Restored != 1 {
		t.Errorf("undone %v, users %+v", r.Undone, r.Users)
	}
}

func TestFewEnoughUsersFailed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(1, 3)
	l.world.AddUser(l.customer, "anna", "")
	l.world.AddUser(l.customer, "bert", "")
	l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example", "bert@contoso.example"}}
	l.order["onUserFailure"] = object{"action": "undo", "share": 0.5}
	l.signsIn()
	l.before("AssignLicenses", func() { l.world.RemoveUser(l.customer, "bert") })
	l.ends(l.run(), upgrade.CompletedWithExceptions)
	l.seats(id, "business-basic", 3)
	l.holds("anna", "business-basic")
}

// The window closed while the upgrade was parked: the undo is refused, goes on with the rest, and waits for an operator.
func TestUndoOutsideTheWindowParks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.world.AddUser(l.customer, "anna", "")
	l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example"}}
	l.signsIn()
	l.world.Fail("Directory.AssignLicenses", 1, &upgrade.Error{Kind: upgrade.Act, Code: "Authorization_RequestDenied", Message: "a permission is missing"})
	var parked upgrade.Status
	l.after(8*day, func() {
		l.update(upgrade.UpdateResolve, object{"answer": "undo", "by": "Olga"})
	})
	l.after(9*day, func() {
		parked = l.status()
		l.update(upgrade.UpdateResolve, object{"answer": "abandon", "by": "Olga", "reason": "kept until the renewal"})
	})
	r := l.run()
	l.ends(r, upgrade.Abandoned, "not_undone", "800090")
	l.seats(id, "business-basic", 15)
	l.holds("anna", "")
	if parked.Stage != upgrade.Undoing || parked.Parked == nil || parked.Parked.Code != "800090" {
		t.Fatalf("after the undo failed: stage %s, parked %+v", parked.Stage, parked.Parked)
	}
	if len(r.After) != 1 || r.After[0].Seats != 15 {
		t.Errorf("the difference is not written down: after %v", r.After)
	}
}

// An undo that fails is tried again on an operator's word, and only what is left of it.
func TestUndoIsTriedAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.before("AwaitProvisioning", func() {
		l.world.Fail("Commerce.SetSeats", 1, no("900280"))
		l.update(upgrade.UpdateCancel, object{"by": "Olga"})
	})
	l.after(2*day, func() {
		if p := l.status().Parked; p == nil {
			t.Error("the failed undo of a cancelled upgrade did not wait for an operator")
		}
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	r := l.run()
	l.ends(r, upgrade.Cancelled, "cancelled")
	l.seats(id, "business-basic", 10)
	if r.EndedAt.Sub(start) < 2*day-time.Hour {
		t.Errorf("it ended at %s, before anybody answered", r.EndedAt)
	}
}
