package workflows_test

import (
	"strings"
	"testing"
	"time"

	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// noMail lets no mail out from now on.
func (l *lab) noMail() { l.world.Fail("Mailer.Send", 1<<30, outage()) }

// Mail is down for days: an operator's answer is obeyed at once, and the end is recorded, with no token left, before the
// last letters are given up.
func TestNoMailHoldsUpNothing(t *testing.T) {
	t.Parallel()
	l, id := parking(t)
	l.world.FailOnce("Commerce.SetSeats", act(), act())
	var answered []time.Time
	var again *upgrade.Parked
	retry := func() {
		again = l.status().Parked
		answered = append(answered, l.env.Now())
		l.update(upgrade.UpdateResolve, object{"answer": "retry", "by": "Olga"})
	}
	l.before("ChangeSeats", func() {
		l.noMail()
		l.env.RegisterDelayedCallback(retry, 2*time.Minute) // while the letter is being tried
		l.env.RegisterDelayedCallback(retry, 3*day)
	})
	var recorded []upgrade.End
	var tokens int
	l.when(upgrade.Notifying, func() {
		for range 2 {
			l.before("SendLetter", func() {
				r := l.world.Recorded("order-1#1")
				recorded, tokens = append(recorded, r.End), tokens+r.Tokens
			})
		}
	})
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if again == nil || again.Since.Sub(answered[0]) > time.Minute {
		t.Errorf("answered at %s, parked again with %+v", answered[0], again)
	}
	if took := l.world.When("seats")[0].Sub(answered[1]); took < 0 || took > time.Minute {
		t.Errorf("the seats were changed %s after the answer", took)
	}
	if took := r.EndedAt.Sub(start); took > 3*day+time.Hour {
		t.Errorf("it ended after %s", took)
	}
	if len(recorded) != 2 || recorded[0] != upgrade.Completed || tokens != 0 {
		t.Errorf("before the last letters the register had the ends %v and %d tokens", recorded, tokens)
	}
	if n := len(l.world.Letters(upgrade.LetterDone)); n != 0 {
		t.Errorf("%d letters got out", n)
	}
}

// Mail is down when an upgrade ends: it closes all the same, and the last letters go out when the mail server is back.
func TestLastLettersAreNotLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault error
		back  time.Duration // the mail server's return, after the end
		sent  int
	}{
		"down for two days":          {outage(), 2 * day, 2},
		"a wrong password for a day": {act(), day, 2},
		"gone for good":              {outage(), 30 * day, 0},
		"readers who are not wanted": {&upgrade.Error{Kind: upgrade.Refused, Code: "mail_refused", Message: "no"}, time.Hour, 0},
		"back before it is given up": {outage(), 5 * time.Minute, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			l.signsIn()
			l.when(upgrade.Notifying, func() {
				l.world.Fail("Mailer.Send", 1<<30, c.fault)
				l.env.RegisterDelayedCallback(func() { l.world.Mend("Mailer.Send") }, c.back)
			})
			r := l.run()
			l.ends(r, upgrade.Completed)
			if took := r.EndedAt.Sub(start); took > day {
				t.Errorf("it ended after %s", took)
			}
			if sent := l.world.Letters(upgrade.LetterDone); len(sent) != c.sent {
				t.Errorf("%d letters went out, not %d", len(sent), c.sent)
			}
		})
	}
}

// An invitation that cannot be mailed leaves the upgrade invited, and calls the operator, who sends it again or ends it.
func TestInvitationThatCannotBeMailed(t *testing.T) {
	t.Parallel()
	type seen struct {
		status   upgrade.Status
		operator bool
	}
	invited := func(t *testing.T, l *lab, s seen) {
		t.Helper()
		inv := s.status.Invitation
		if s.status.Stage != upgrade.Invited || s.status.Parked != nil || inv == nil || inv.Unsent == nil || inv.Unsent.Code != "503" || inv.Unsent.Remedy == "" || !s.operator {
			t.Errorf("stage %s, parked %+v, invitation %+v, needs an operator: %t", s.status.Stage, s.status.Parked, inv, s.operator)
		}
	}
	for name, c := range map[string]struct {
		then  func(l *lab) *answer
		check func(t *testing.T, l *lab, said *answer, later seen)
		end   upgrade.End
		after time.Duration
	}{
		"expires": {
			func(*lab) *answer { return nil },
			func(t *testing.T, l *lab, _ *answer, later seen) { invited(t, l, later) },
			upgrade.Expired, 14 * day,
		},
		"revoked": {
			func(l *lab) *answer { return l.update(upgrade.UpdateRevoke, object{"by": "Olga"}) },
			func(t *testing.T, _ *lab, said *answer, _ seen) { said.well(nil) },
			upgrade.Cancelled, 2 * time.Hour,
		},
		"cancelled": {
			func(l *lab) *answer { return l.update(upgrade.UpdateCancel, object{"by": "Olga"}) },
			func(t *testing.T, _ *lab, said *answer, _ seen) { said.well(nil) },
			upgrade.Cancelled, 2 * time.Hour,
		},
		"sent again": {
			func(l *lab) *answer {
				l.world.Mend("Mailer.Send")
				return l.update(upgrade.UpdateResend, object{"by": "Olga"})
			},
			func(t *testing.T, l *lab, said *answer, later seen) {
				var reply upgrade.Reply
				said.well(&reply)
				if reply.Link != "https://uplift.example/c/upgrade/order-1/2" || strings.Contains(reply.Message, "could not be sent") {
					t.Errorf("the resend was answered %+v", reply)
				}
				if n := len(l.world.Letters(upgrade.LetterInvitation)); n != 1 {
					t.Errorf("%d invitations", n)
				}
				if later.status.Invitation.Unsent != nil || later.operator {
					t.Errorf("still unsent %+v, needs an operator: %t", later.status.Invitation.Unsent, later.operator)
				}
			},
			upgrade.Expired, 14 * day,
		},
		"handed on by somebody else": {
			func(l *lab) *answer {
				l.world.SignIn(activitiestest.Administrator(l.customer))
				return l.update(upgrade.UpdateStartAuthentication, nil)
			},
			func(t *testing.T, _ *lab, said *answer, later seen) {
				said.well(nil)
				if later.status.Stage != upgrade.Queued || later.operator {
					t.Errorf("stage %s, needs an operator: %t", later.status.Stage, later.operator)
				}
			},
			upgrade.Cancelled, day,
		},
		"sent again in vain": {
			func(l *lab) *answer { return l.update(upgrade.UpdateResend, object{"by": "Olga"}) },
			func(t *testing.T, l *lab, said *answer, later seen) {
				var reply upgrade.Reply
				said.well(&reply)
				if reply.Link == "" || reply.Invitation != 2 || !strings.Contains(reply.Message, "could not be sent") {
					t.Errorf("the resend was answered %+v", reply)
				}
				invited(t, l, later)
			},
			upgrade.Expired, 14 * day,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			l.before("SendLetter", l.noMail)
			if name == "handed on by somebody else" {
				l.order["notBefore"] = start.Add(2 * day)
				l.after(day, func() { l.update(upgrade.UpdateCancel, nil) })
			}
			look := func() seen { return seen{l.status(), l.watch.needsOperator} }
			var early, later seen
			var said *answer
			l.after(2*time.Hour, func() {
				early = look()
				said = c.then(l)
			})
			l.after(3*time.Hour, func() { later = look() })
			r := l.run()
			l.ends(r, c.end)
			invited(t, l, early)
			c.check(t, l, said, later)
			if took := r.EndedAt.Sub(start).Round(time.Hour); took != c.after {
				t.Errorf("it ended after %s, not %s", took, c.after)
			}
			l.untouched()
		})
	}
}

// Letters of one kind for different plans and steps are different letters: a mail program shows each.
func TestLettersOfOneKind(t *testing.T) {
	t.Parallel()
	t.Run("confirm", func(t *testing.T) {
		t.Parallel()
		l, _ := confirming(t)
		l.after(time.Hour, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest, "seats": 18}) })
		l.after(2*time.Hour, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest}) })
		l.ends(l.run(), upgrade.Completed)
		l.apart(upgrade.LetterConfirm, 2)
	})
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		l := newLab(t)
		id := l.transition(20, 15)
		l.returnable(5)
		l.signsIn()
		l.world.SetLag(3 * time.Hour)
		l.ends(l.run(), upgrade.Completed)
		l.seats(id, "business-premium", 15)
		l.apart(upgrade.LetterSlow, 2)
	})
	t.Run("parked", func(t *testing.T) {
		t.Parallel()
		l := newLab(t)
		l.resize(10, 15)
		l.signsIn()
		l.world.FailOnce("Commerce.SetSeats", act(), act())
		for i := range 2 {
			l.after(time.Duration(i+1)*2*time.Hour, func() { l.update(upgrade.UpdateResolve, object{"answer": "retry"}) })
		}
		l.ends(l.run(), upgrade.Completed)
		l.apart(upgrade.LetterParked, 2)
	})
}

// apart asserts how many letters of a kind arrived, each with an id of its own.
func (l *lab) apart(kind upgrade.LetterKind, want int) {
	l.Helper()
	ids := map[string]bool{}
	letters := l.world.Letters(kind)
	for _, one := range letters {
		ids[one.ID] = true
	}
	if len(letters) != want || len(ids) != want {
		l.Errorf("%d letters %s with %d ids, not %d", len(letters), kind, len(ids), want)
	}
}
