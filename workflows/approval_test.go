package workflows_test

import (
	"strings"
	"testing"
	"time"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// guarded is a resize above the provider's limit, which a second person has to approve.
func guarded(t *testing.T, g planning.Guards) (*lab, string) {
	world, customer := newWorld()
	world.Guards = g
	l := labIn(t, world, customer)
	id := l.resize(10, 15)
	l.order["placedBy"] = "Olga"
	l.signsIn()
	return l, id
}

// shows asserts what the upgrade tells in Temporal's UI.
func (l *lab) shows(words ...string) {
	l.Helper()
	for _, w := range words {
		if !strings.Contains(l.watch.details, w) {
			l.Errorf("the UI lacks %q:\n%s", w, l.watch.details)
		}
	}
}

func TestSecondPersonApproves(t *testing.T) {
	t.Parallel()
	l, id := guarded(t, planning.Guards{ApproveSeats: 4})
	var stale, self, nobody, second, again, confirm *answer
	var waiting upgrade.Status
	l.after(2*day, func() {
		waiting = l.status()
		l.shows("Waits for a second person", "Update `approve` with that digest")
		confirm = l.update(upgrade.UpdateConfirm, object{"digest": waiting.Digest, "seats": 40, "by": "Petra"})
		stale = l.update(upgrade.UpdateApprove, object{"digest": "0000000000000000", "by": "Petra"})
		self = l.update(upgrade.UpdateApprove, object{"digest": waiting.Digest, "by": " olga "})
		nobody = l.update(upgrade.UpdateApprove, object{"digest": waiting.Digest})
		second = l.update(upgrade.UpdateApprove, object{"digest": waiting.Digest, "by": "Petra", "reason": "agreed by telephone"})
		again = l.update(upgrade.UpdateApprove, object{"digest": waiting.Digest, "by": "Paul"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	l.shows("A second person approved the plan `" + waiting.Digest + "` at ")
	if strings.Contains(l.watch.details, "Petra") {
		t.Errorf("the UI names a person:\n%s", l.watch.details)
	}
	if waiting.Stage != upgrade.Confirming || waiting.Approval == nil || waiting.Approval.Why == "" {
		t.Errorf("it waited as %+v", waiting)
	}
	confirm.refused("approval_needed", "second person")
	stale.refused("stale_plan", "digest")
	self.refused("second_person_needed", "placed the order")
	if nobody.rejected == nil {
		t.Error("an approval without a name was taken")
	}
	second.well(nil)
	if again.rejected == nil {
		t.Error("it was approved twice")
	}
	if a := l.world.Recorded("order-1#1").Answers; len(a) != 1 || a[0].What != "approve" || a[0].By != "Petra" || a[0].Reason != "agreed by telephone" {
		t.Errorf("recorded: %+v", a)
	}
	if letters := l.world.Letters(upgrade.LetterApprove); len(letters) < 2 || letters[0].Digest != waiting.Digest {
		t.Errorf("%d letters in two days: %+v", len(letters), letters)
	}
}

// Who confirms the plan cannot approve it as well; and the seats that a confirmation changes count.
func TestWhoConfirmsDoesNotApprove(t *testing.T) {
	t.Parallel()
	l, id := guarded(t, planning.Guards{ApproveSeats: 5})
	l.order["finish"] = "confirm"
	var own *answer
	l.after(day, func() {
		l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest, "seats": 16, "by": "Quinn"})
	})
	l.after(2*day, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest, "by": "Quinn"}) })
	l.after(3*day, func() {
		own = l.update(upgrade.UpdateApprove, object{"digest": l.status().Digest, "by": "Quinn"})
		l.update(upgrade.UpdateApprove, object{"digest": l.status().Digest, "by": "Petra"})
	})
	l.ends(l.run(), upgrade.Completed)
	own.refused("second_person_needed", "confirmed the plan")
	l.seats(id, "business-basic", 16)
}

func TestCancelledWhileApprovalIsWaitedFor(t *testing.T) {
	t.Parallel()
	l, _ := guarded(t, planning.Guards{ApproveSeats: 4})
	l.after(day, func() { l.update(upgrade.UpdateCancel, object{"by": "Petra"}) })
	l.ends(l.run(), upgrade.Cancelled)
	l.untouched()
}

func TestSeatRiseAboveTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	l, _ := guarded(t, planning.Guards{MaxSeatRise: 4})
	l.ends(l.run(), upgrade.Ineligible, "seat_rise_too_large")
	l.untouched()
}

// An installation that observes plans, and writes nothing at Microsoft; nobody is invited to what will not be done.
func TestObserve(t *testing.T) {
	t.Parallel()
	for name, consent := range map[string]string{"invited": "mail", "consented before": "existing"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, customer := newWorld()
			world.Observe = true
			customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "Directory.Read.All"}
			l := labIn(t, world, customer)
			l.transition(6, 6)
			l.staff()
			l.order["consent"] = consent
			r := l.run()
			l.ends(r, upgrade.Cancelled, "observe_mode")
			l.untouched()
			if r.Plan == "" || len(l.world.Letters(upgrade.LetterInvitation)) > 0 {
				t.Errorf("the plan is %q, and %d invitations went out", r.Plan, len(l.world.Letters(upgrade.LetterInvitation)))
			}
		})
	}
}

// What is only given back can be left out by an operator, who is told what stays; what is ordered cannot.
func TestSkip(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.world.AddSubscription(l.customer, "business-basic", 6, cancellable)
	l.staff()
	l.customer.Unlisted = []string{"business-premium"}
	l.totals("business-basic", 0, "business-premium", 6)
	l.world.Fail("Commerce.Cancel", 1, &upgrade.Error{Kind: upgrade.Unknown, Code: "4711", Message: "nobody knows this"})
	var parked upgrade.Status
	l.signsIn()
	l.after(day, func() {
		parked = l.status()
		l.update(upgrade.UpdateResolve, object{"answer": "skip", "by": "Olga"})
	})
	r := l.run()
	l.holds("anna", "business-premium")
	if parked.Parked == nil || parked.Parked.Code != "4711" {
		t.Fatalf("parked with %+v", parked.Parked)
	}
	if !r.Reasons.Has("skipped") {
		t.Errorf("it ended %s without saying what was left out: %v", r.End, r.Reasons)
	}
	l.holdsInAll("business-basic 6, business-premium 6")
}

// An order that waits for a renewal can be cancelled until its day: what was scheduled is taken back.
func TestCancelledWhileScheduled(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.world.AddSubscription(l.customer, "business-premium", 6, func(s *upgrade.Subscription) { s.TermEnds = start.Add(30 * day) })
	l.world.AddUser(l.customer, "anna", "business-premium")
	l.totals("business-premium", 0, "business-basic", 4)
	l.order["residue"] = "at-renewal"
	l.signsIn()
	var held string
	var stage upgrade.Stage
	var cancel *answer
	l.after(10*day, func() {
		held, stage = l.held(), l.status().Stage
		l.shows("Stands by until the renewal on " + start.Add(30*day).Format("2 Jan 2006"))
		cancel = l.update(upgrade.UpdateCancel, object{"by": "Olga", "reason": "they stay"})
	})
	l.ends(l.run(), upgrade.Cancelled)
	if at := l.status().Wakes; at != nil {
		t.Errorf("it is over, and its status says that it goes on at %s", at)
	}
	letters := l.world.Letters(upgrade.LetterScheduled)
	if len(letters) != 2 {
		t.Fatalf("%d letters told what is scheduled", len(letters))
	}
	for _, one := range letters {
		if one.Wakes == nil || !one.Wakes.Equal(start.Add(30*day)) || one.Operator == (one.To == "admin@contoso.example") || one.Link != "" {
			t.Errorf("the letter to %s, for an operator %t, says %v", one.To, one.Operator, one.Wakes)
		}
	}
	var told upgrade.Reply
	cancel.well(&told)
	if !strings.HasPrefix(told.Message, "What is scheduled for the renewal is taken back") {
		t.Errorf("the cancel was answered with %q", told.Message)
	}
	if stage != upgrade.Scheduled || held != "business-premium 6 then business-basic 4" {
		t.Errorf("in stage %s it held %q", stage, held)
	}
	l.holdsInAll("business-premium 6")
	l.holds("anna", "business-premium")
}

// On the day itself it is too late.
func TestCancelOnTheDayIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.world.AddSubscription(l.customer, "business-premium", 6, func(s *upgrade.Subscription) { s.TermEnds = start.Add(30 * day) })
	l.world.AddUser(l.customer, "anna", "business-premium")
	l.totals("business-premium", 0, "business-basic", 4)
	l.order["residue"] = "at-renewal"
	l.signsIn()
	var late *answer
	l.after(30*day+2*time.Hour, func() { late = l.update(upgrade.UpdateCancel, object{"by": "Olga"}) })
	l.ends(l.run(), upgrade.Completed)
	if late.rejected == nil {
		t.Error("a cancel after the renewal's day was accepted")
	}
	l.holds("anna", "business-basic")
}
