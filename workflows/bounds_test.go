package workflows_test

import (
	"testing"
	"time"

	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// An existing grant that verifies, and with which nothing can be read, waits for an operator instead of going round.
func TestExistingGrantThatReadsNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["consent"] = "existing"
	l.customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
	l.world.Fail("Directory.SKUs", 1<<30, &upgrade.Error{Kind: upgrade.GrantLost, Code: "InvalidAuthenticationToken", Message: "not accepted"})
	var parked *upgrade.Parked
	verified := 0
	l.after(2*day, func() {
		parked, verified = l.status().Parked, l.watch.began["VerifyConsent"]
		l.world.Mend("Directory.SKUs")
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if parked == nil || parked.Code != "InvalidAuthenticationToken" || parked.Since.Sub(start) > time.Hour {
		t.Errorf("parked with %+v", parked)
	}
	if verified != 1 || l.world.Calls("Directory.SKUs") > 20 {
		t.Errorf("the grant was verified %d times, and the tenant read %d times", verified, l.world.Calls("Directory.SKUs"))
	}
	if n := len(l.world.Letters(upgrade.LetterInvitation)); n != 0 {
		t.Errorf("%d invitations", n)
	}
}

// The order's time passes while nobody consents: it ends at that moment, also when that is a reminder's.
func TestTooLateWhileInvited(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"between reminders": 36 * time.Hour, "with a reminder": day, "with the expiry": 14 * day} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			l.order["notAfter"] = start.Add(after)
			r := l.run()
			l.ends(r, upgrade.Cancelled, "too_late")
			if at := r.EndedAt.Sub(start); at < after || at > after+time.Minute {
				t.Errorf("it ended after %s, not %s", at, after)
			}
			if n := len(l.world.Letters(upgrade.LetterReminder)); n > 3 || n > int(after/day) {
				t.Errorf("%d reminders", n)
			}
			l.untouched()
		})
	}
}

// The register refuses the end for a while: the execution waits for it, and ends with its result.
func TestEndThatTheRegisterRefuses(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Register.RecordEnd", "Register.DestroyTokens"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			l.signsIn()
			l.world.Fail(method, 5, &upgrade.Error{Kind: upgrade.Unknown, Code: "disk_full", Message: "no space left"})
			r := l.run() // which looks into the register
			l.ends(r, upgrade.Completed)
			l.seats(id, "business-basic", 15)
			if n := len(l.world.Letters(upgrade.LetterDone)); n != 2 {
				t.Errorf("%d last letters", n)
			}
			if n := l.world.Calls(method); n != 6 {
				t.Errorf("the register was asked %d times", n)
			}
		})
	}
}

// Licences that cannot be moved back keep the seats under their users; retried, both are put back.
func TestSeatsStayUnderUsersWhoCannotBeMovedBack(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(1, 3)
	l.world.AddUser(l.customer, "anna", "business-basic", "SWAY")
	l.world.AddUser(l.customer, "bert", "")
	l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example", "bert@contoso.example"}}
	l.signsIn()
	l.before("ConfirmLicenses", func() { l.update(upgrade.UpdateCancel, object{"by": "Olga"}) })
	l.before("RestoreLicenses", func() { l.world.Fail("Directory.AssignLicenses", 1, act()) })
	l.after(day, func() {
		s := l.status()
		if s.Stage != upgrade.Undoing || s.Parked == nil || s.Parked.Code != "800023" {
			t.Errorf("stage %s, parked %+v", s.Stage, s.Parked)
		}
		l.seats(id, "business-basic", 3)
		l.holds("bert", "business-basic")
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	r := l.run()
	l.ends(r, upgrade.Cancelled)
	l.seats(id, "business-basic", 1)
	l.holds("bert", "")
	l.holds("anna", "business-basic -SWAY")
	l.effects("seats", "seats "+id+" 1→3", "seats "+id+" 3→1")
	if r.After == nil || r.After[0].Seats != 1 {
		t.Errorf("after: %v", r.After)
	}
}

// Whoever still follows an older code does not take the newer one off the page.
func TestOlderCodeIsFollowedNoLonger(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	// The first code expires while it is followed: Microsoft's clock is behind ours until the second is asked for.
	l.world.SetClock(func() time.Time { return l.env.Now().Add(-15*time.Minute + 100*time.Millisecond) })
	var first, second *answer
	l.after(time.Hour, func() { first = l.update(upgrade.UpdateStartAuthentication, nil) })
	var shown, refused bool
	l.before("AwaitSignIn", func() {
		l.env.RegisterDelayedCallback(func() {
			l.world.SetClock(l.env.Now)
			second = l.update(upgrade.UpdateStartAuthentication, nil)
		}, 150*time.Millisecond)
	})
	l.before("AwaitSignIn", func() {
		l.env.RegisterDelayedCallback(func() {
			inv := l.status().Invitation
			shown, refused = inv.Code != nil, inv.Refused != nil
			l.world.SignIn(activitiestest.Administrator(l.customer))
		}, 60*time.Millisecond)
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	var one, two upgrade.Authentication
	first.well(&one)
	second.well(&two)
	if one.UserCode == two.UserCode || !shown || refused {
		t.Errorf("the codes %s and %s; the second is shown %t, refused %t", one.UserCode, two.UserCode, shown, refused)
	}
}
