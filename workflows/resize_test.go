package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

func TestResizeUp(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-basic", 15)
	l.effects("seats", "seats "+id+" 10→15")
	if len(r.Before) != 1 || r.Before[0].Seats != 10 || len(r.After) != 1 || r.After[0].Seats != 15 {
		t.Errorf("before %v, after %v", r.Before, r.After)
	}
	if m := l.world.MembershipOf(id); m.Offer != "business-basic" {
		t.Errorf("the register has the subscription on %q", m.Offer)
	}
	done := l.world.Letters(upgrade.LetterDone)
	if len(done) != 2 || done[0].To != "admin@contoso.example" || done[1].To != "operator@provider.example" {
		t.Errorf("the last letters went to %v", done)
	}
}

func TestResizeDown(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.world.AddSubscription(l.customer, "business-basic", 20, func(s *upgrade.Subscription) {
		s.Refundable = []upgrade.SeatBlock{{Seats: 6, Until: start.Add(2 * day)}}
	})
	l.order["target"] = object{"totals": []object{{"offer": "business-basic", "seats": 15}}}
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	l.effects("seats", "seats "+id+" 20→15")
}

func TestResizeOfAPlan(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.world.AddSubscription(l.customer, "business-premium", 4)
	l.order["target"] = object{"plan": "business-premium", "seats": 9}
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-premium", 9)
	if m := l.world.MembershipOf(id); m.Plan != "business-premium" {
		t.Errorf("the register has the subscription on plan %q", m.Plan)
	}
}

func TestStagesOfAResize(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	l.run()
	want := []upgrade.Stage{
		upgrade.Planning, upgrade.Invited, upgrade.Consented, upgrade.Checking, upgrade.Queued, upgrade.Changing,
		upgrade.Assigning, upgrade.Settling, upgrade.Notifying, upgrade.Ended,
	}
	s := l.status()
	if len(s.Stages) != len(want) {
		t.Fatalf("the stages were %v", s.Stages)
	}
	for i, stage := range want {
		if s.Stages[i].Stage != stage {
			t.Errorf("stage %d was %s, not %s", i, s.Stages[i].Stage, stage)
		}
	}
	if first := s.Stages[0].At; first.Sub(start).Abs() > time.Minute {
		t.Errorf("the story begins at %s", first)
	}
	if s.Invitation.Code != nil {
		t.Error("the status shows a code that was used")
	}
}
