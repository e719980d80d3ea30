package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

// confirming orders the operator's confirmation.
func confirming(t *testing.T) (*lab, string) {
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["finish"] = "confirm"
	l.signsIn()
	return l, id
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	l, id := confirming(t)
	var stale, right *answer
	l.after(day, func() {
		stale = l.update(upgrade.UpdateConfirm, object{"digest": "0000000000000000"})
		right = l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest, "by": "Olga"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	stale.refused("stale_plan", "digest")
	right.well(nil)
	if a := l.world.Recorded("order-1#1").Answers; len(a) != 1 || a[0].What != "confirm" || a[0].By != "Olga" {
		t.Errorf("recorded: %+v", a)
	}
	if letters := l.world.Letters(upgrade.LetterConfirm); len(letters) == 0 || letters[0].To != "operator@provider.example" || letters[0].Digest != l.status().Digest {
		t.Errorf("the operator was told %v", letters)
	}
}

func TestConfirmReminds(t *testing.T) {
	t.Parallel()
	l, _ := confirming(t)
	l.after(3*day+time.Hour, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest}) })
	l.ends(l.run(), upgrade.Completed)
	if n := len(l.world.Letters(upgrade.LetterConfirm)); n != 4 {
		t.Errorf("%d letters in three days", n)
	}
}

// Other seats make a new plan, which is checked and shown for confirmation once more.
func TestConfirmOtherSeats(t *testing.T) {
	t.Parallel()
	l, id := confirming(t)
	var first string
	var again *answer
	l.after(day, func() {
		first = l.status().Digest
		l.update(upgrade.UpdateConfirm, object{"digest": first, "seats": 18})
	})
	l.after(2*day, func() {
		if s := l.status(); s.Stage != upgrade.Confirming || s.Digest == first || s.Headline != "Microsoft 365 Business Basic ×10 → ×18" {
			t.Errorf("stage %s, headline %q, digest %s", s.Stage, s.Headline, s.Digest)
		}
		again = l.update(upgrade.UpdateConfirm, object{"digest": first})
		l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 18)
	l.effects("seats", "seats "+id+" 10→18")
	again.refused("stale_plan")
}

func TestConfirmSeatsThatAreNotAllowed(t *testing.T) {
	t.Parallel()
	l, _ := confirming(t)
	l.after(day, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest, "seats": 400}) })
	l.ends(l.run(), upgrade.Ineligible, "seats_outside_limits")
	l.untouched()
}

// Whoever finds another plan than the invitation's asks an operator, also where the order does not.
func TestAnotherPlanNeedsAWord(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.before("AwaitSignIn", func() {
		l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Seats = 12 })
	})
	asked := false
	l.after(day, func() {
		s := l.status()
		asked = s.Stage == upgrade.Confirming
		l.update(upgrade.UpdateConfirm, object{"digest": s.Digest})
	})
	l.ends(l.run(), upgrade.Completed)
	if !asked {
		t.Error("the plan was changed and nobody was asked")
	}
	l.effects("seats", "seats "+id+" 12→15")
}

func TestNotBefore(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["notBefore"] = start.Add(5 * day)
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if at := l.world.When("seats")[0]; at.Before(start.Add(5 * day)) {
		t.Errorf("the seats were changed at %s", at)
	}
}

func TestNotAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		notAfter time.Duration
		invited  int
	}{"while waiting": {2 * day, 1}, "at once": {-day, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			l.order["notAfter"] = start.Add(c.notAfter)
			l.order["finish"] = "confirm"
			l.signsIn()
			l.after(3*day, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest}) })
			l.ends(l.run(), upgrade.Cancelled, "too_late")
			l.untouched()
			if n := len(l.world.Letters(upgrade.LetterInvitation)); n != c.invited {
				t.Errorf("%d invitations", n)
			}
		})
	}
}
