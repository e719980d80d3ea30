package workflows_test

import (
	"strings"
	"testing"
	"time"

	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// A resend makes the old link and its code void; the deadline stays.
func TestResend(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	var resent, old, present *answer
	var before, after upgrade.Invitation
	l.after(5*day, func() {
		before = *l.status().Invitation
		resent = l.update(upgrade.UpdateResend, object{"by": "Hanna"})
	})
	l.after(6*day+time.Hour, func() {
		after = *l.status().Invitation
		old = l.update(upgrade.UpdateStartAuthentication, object{"invitation": 1})
		l.consent(object{"decision": "declined", "invitation": 1})
	})
	l.after(6*day+2*time.Hour, func() { present = l.update(upgrade.UpdateStartAuthentication, object{"invitation": 2}) })
	r := l.run()
	l.ends(r, upgrade.Expired)
	if got := r.EndedAt.Sub(start).Round(time.Minute); got != 14*day {
		t.Errorf("it expired after %s: the resend moved the deadline", got)
	}
	var reply upgrade.Reply
	resent.well(&reply)
	if reply.Invitation != 2 || reply.Link != "https://uplift.example/c/upgrade/order-1/2" {
		t.Errorf("the resend was answered %+v", reply)
	}
	if before.Number != 1 || after.Number != 2 || !before.Deadline.Equal(after.Deadline) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	old.refused("invitation_void", "newest mail")
	present.well(nil)
	l.ignored(upgrade.SignalConsent, "invitation_void")
	letters := l.world.Letters(upgrade.LetterInvitation)
	if len(letters) != 2 || letters[0].Link == letters[1].Link {
		t.Errorf("the invitations: %v", letters)
	}
	if reminders := l.world.Letters(upgrade.LetterReminder); len(reminders) != 3 || reminders[2].Link != letters[1].Link {
		t.Errorf("the last reminder carries the void link: %v", reminders)
	}
	if a := l.world.Recorded("order-1#1").Answers; len(a) != 1 || a[0].What != "resend" || a[0].By != "Hanna" {
		t.Errorf("recorded: %+v", a)
	}
}

// A resend while somebody types the old code: the old sign-in no longer counts.
func TestResendWhileACodeIsTyped(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	admin := activitiestest.Administrator(l.customer)
	admin.Polls = 5
	l.world.SignIn(admin)
	l.after(time.Hour, func() { l.update(upgrade.UpdateStartAuthentication, nil) })
	l.before("AwaitSignIn", func() { l.update(upgrade.UpdateResend, nil) })
	l.ends(l.run(), upgrade.Expired)
	l.untouched()
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	var after *answer
	l.after(3*day+time.Hour, func() {
		l.update(upgrade.UpdateRevoke, object{"by": "Olga", "reason": "sent to the wrong person"})
		after = l.update(upgrade.UpdateStartAuthentication, nil)
	})
	r := l.run()
	l.ends(r, upgrade.Cancelled, "revoked")
	if got := r.EndedAt.Sub(start).Round(time.Hour); got != 3*day+time.Hour {
		t.Errorf("it ended after %s", got)
	}
	if !strings.Contains(r.Reasons[0].Message, "Olga") || !strings.Contains(r.Reasons[0].Message, "wrong person") {
		t.Errorf("the reason: %v", r.Reasons)
	}
	after.refused("wrong_stage")
	l.untouched()
}

func TestTwoRequestsAtOnceGetTheSameCode(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.world.SignIn(activitiestest.Administrator(l.customer))
	var first, second *answer
	l.after(time.Hour, func() {
		first = l.update(upgrade.UpdateStartAuthentication, nil)
		second = l.update(upgrade.UpdateStartAuthentication, object{"invitation": 1})
	})
	l.ends(l.run(), upgrade.Completed)
	var one, two upgrade.Authentication
	first.well(&one)
	second.well(&two)
	if one != two || one.UserCode == "" || one.VerificationURI == "" || one.Invitation != 1 || one.ExpiresAt.Sub(start) != time.Hour+15*time.Minute {
		t.Errorf("the codes are %+v and %+v", one, two)
	}
	if n := l.world.Calls("Authority.StartDeviceCode"); n != 1 || l.watch.began["StartDeviceCode"] != 1 {
		t.Errorf("%d codes were minted, and asked for %d times", n, l.watch.began["StartDeviceCode"])
	}
}

// A code that nobody used is replaced on request, and says so; a few in a quarter of an hour are enough.
func TestCodesExpireAndAreCounted(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	var asked []*answer
	var expired *upgrade.Problem
	for i := range 4 { // each code is given up by Entra before the next is asked for
		l.after(time.Hour+time.Duration(i)*time.Minute, func() {
			if s := l.status(); i > 0 && s.Invitation.Refused != nil {
				expired = s.Invitation.Refused
			}
			asked = append(asked, l.update(upgrade.UpdateStartAuthentication, nil))
		})
	}
	l.after(2*time.Hour, func() { asked = append(asked, l.update(upgrade.UpdateStartAuthentication, nil)) })
	l.ends(l.run(), upgrade.Expired)
	codes := map[string]bool{}
	for _, i := range []int{0, 1, 2, 4} {
		var a upgrade.Authentication
		asked[i].well(&a)
		codes[a.UserCode] = true
	}
	if len(codes) != 4 {
		t.Errorf("the codes were %v", codes)
	}
	asked[3].refused("too_many_codes", "wait a little")
	if expired == nil || expired.Code != "expired_token" {
		t.Errorf("the page says %+v of an unused code", expired)
	}
}

func TestMicrosoftGivesNoCode(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.world.Fail("Authority.StartDeviceCode", 1, &upgrade.Error{Kind: upgrade.Act, Code: "AADSTS7000215", Message: "the client secret is wrong"})
	var asked *answer
	l.after(time.Hour, func() { asked = l.update(upgrade.UpdateStartAuthentication, nil) })
	l.ends(l.run(), upgrade.Expired)
	asked.failed("AADSTS7000215", "Microsoft gave no code")
}
