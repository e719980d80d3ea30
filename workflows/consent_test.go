package workflows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

func TestConsentAfterThirteenDays(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.world.SignIn(activitiestest.Administrator(l.customer))
	l.after(13*day, func() { l.update(upgrade.UpdateStartAuthentication, nil) })
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	reminders := l.world.When("letter reminder admin@contoso.example")
	if len(reminders) != 3 {
		t.Fatalf("%d reminders", len(reminders))
	}
	sent := l.world.When("letter invitation admin@contoso.example")[0]
	for i, after := range []time.Duration{day, 3 * day, 6 * day} {
		if got := reminders[i].Sub(sent).Round(time.Second); got != after {
			t.Errorf("reminder %d came after %s, not %s", i+1, got, after)
		}
	}
	if changed := l.world.When("seats")[0]; changed.Sub(start) < 13*day {
		t.Errorf("the seats were changed at %s, before the consent", changed)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	r := l.run()
	l.ends(r, upgrade.Expired, "expired")
	if after := r.EndedAt.Sub(start).Round(time.Minute); after != 14*day {
		t.Errorf("it expired after %s", after)
	}
	if n := len(l.world.Letters(upgrade.LetterReminder)); n != 3 {
		t.Errorf("%d reminders", n)
	}
	l.untouched()
}

func TestDecline(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.after(2*day, func() { l.consent(object{"decision": "declined", "by": "Ada", "reason": "not this year"}) })
	r := l.run()
	l.ends(r, upgrade.Declined, "declined")
	if !strings.Contains(r.Reasons[0].Message, "not this year") {
		t.Errorf("the reason is lost: %v", r.Reasons)
	}
	l.untouched()
	if n := len(l.world.Letters(upgrade.LetterReminder)); n != 1 {
		t.Errorf("%d reminders, where the decline came after two days", n)
	}
}

func TestConsentBeforeTheInvitationIsKept(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.before("PlanUpgrade", func() { l.consent(object{"decision": "declined"}) })
	l.ends(l.run(), upgrade.Declined)
}

// A claim without proof goes back to the invitation, and the code that somebody is typing just now stays good.
func TestFalseClaimSpoilsNothing(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"device_code", "existing", "admin_consent"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			admin := activitiestest.Administrator(l.customer)
			admin.Polls = 8
			l.world.SignIn(admin)
			l.after(time.Hour, func() { l.update(upgrade.UpdateStartAuthentication, nil) })
			var invited, refused, typing bool
			l.before("AwaitSignIn", func() { l.consent(object{"decision": "granted", "method": method, "by": "a stranger"}) })
			l.when(upgrade.Consented, func() {})
			l.when(upgrade.Invited, func() {})
			l.when(upgrade.Invited, func() { // back from the false claim
				l.env.RegisterDelayedCallback(func() {
					s := l.status()
					invited, refused, typing = s.Stage == upgrade.Invited, s.Invitation.Refused != nil, s.Invitation.Code != nil
				}, 0)
			})
			l.ends(l.run(), upgrade.Completed)
			l.seats(id, "business-basic", 15)
			// An application's consent is waited for, so that the sign-in is through before it is refused.
			if method == "device_code" && (!invited || !refused || !typing) {
				t.Errorf("after the false claim: invited %t, reason shown %t, code still shown %t", invited, refused, typing)
			}
			if n := l.world.Calls("Authority.StartDeviceCode"); n != 1 {
				t.Errorf("%d codes were minted", n)
			}
		})
	}
}

// Whoever may not consent is refused in words, no token is kept, and the invitation goes on to its expiry.
func TestWhoMayNotConsent(t *testing.T) {
	t.Parallel()
	for code, change := range map[string]func(*activitiestest.Person){
		"wrong_tenant":           func(p *activitiestest.Person) { p.Tenant = "22222222-2222-2222-2222-222222222222" },
		"personal_account":       func(p *activitiestest.Person) { p.Tenant = activitiestest.PersonalAccounts },
		"guest":                  func(p *activitiestest.Person) { p.Guest = true },
		"role_missing":           func(p *activitiestest.Person) { p.Roles = []string{"fe930be7-5e62-47db-91af-98c3a49a38b1"} },
		"permission_missing":     func(p *activitiestest.Person) { p.Withhold = []string{"Organization.Read.All"} },
		"authorization_declined": func(p *activitiestest.Person) { p.Problem = "authorization_declined" },
		"AADSTS53003":            func(p *activitiestest.Person) { p.Problem = "AADSTS53003" },
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			p := activitiestest.Administrator(l.customer)
			change(&p)
			l.world.SignIn(p)
			l.after(time.Hour, func() { l.update(upgrade.UpdateStartAuthentication, nil) })
			var shown upgrade.Invitation
			var left int
			l.after(2*day, func() {
				shown = *l.status().Invitation
				left = l.world.Recorded("order-1#1").Tokens
			})
			r := l.run()
			l.ends(r, upgrade.Expired)
			l.untouched()
			if shown.Refused == nil || shown.Refused.Code != code || shown.Refused.Message == "" || shown.Refused.Remedy == "" {
				t.Errorf("the page says %+v", shown.Refused)
			}
			if shown.Code != nil {
				t.Error("the page still shows the code")
			}
			if left != 0 && p.Problem == "" {
				t.Errorf("%d codes and tokens were kept", left)
			}
			if after := r.EndedAt.Sub(start).Round(time.Minute); after != 14*day {
				t.Errorf("it expired after %s", after)
			}
		})
	}
}

func TestAfterARefusalTheRightPersonSignsIn(t *testing.T) {
	t.Parallel()
	for _, problem := range []string{"", "authorization_declined"} {
		t.Run("first "+problem, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			l.world.SignIn(activitiestest.Person{Tenant: contoso, Name: "Ulf User", Problem: problem})
			l.world.SignIn(activitiestest.Administrator(l.customer))
			var first, second *answer
			l.after(time.Hour, func() { first = l.update(upgrade.UpdateStartAuthentication, nil) })
			l.after(2*time.Hour, func() { second = l.update(upgrade.UpdateStartAuthentication, nil) })
			l.ends(l.run(), upgrade.Completed)
			l.seats(id, "business-basic", 15)
			var one, two upgrade.Authentication
			first.well(&one)
			second.well(&two)
			if one.UserCode == two.UserCode {
				t.Error("a dead code was shown again")
			}
		})
	}
}

func TestRolesThatTheTokenDoesNotName(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	p := activitiestest.Administrator(l.customer)
	p.Silent = true
	l.world.SignIn(p)
	l.after(time.Hour, func() { l.update(upgrade.UpdateStartAuthentication, nil) })
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	e := l.world.Recorded("order-1#1").Evidence
	if len(e) != 1 || e[0].Name != "Ada Admin" || e[0].Tenant != contoso || e[0].Method != upgrade.DeviceCode || len(e[0].Scopes) == 0 || e[0].VerifiedAt.IsZero() {
		t.Errorf("the evidence is %+v", e)
	}
}

func TestLinkToCopy(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.order["consent"] = "link"
	delete(l.order, "administrator")
	l.ends(l.run(), upgrade.Expired)
	links, reminders := l.world.Letters(upgrade.LetterLink), l.world.Letters(upgrade.LetterReminder)
	if len(links) != 1 || links[0].To != "operator@provider.example" || links[0].Link.Reveal() != "https://uplift.example/c/upgrade/order-1/1" {
		t.Errorf("the operator received %v", links)
	}
	if len(reminders) != 3 || reminders[0].To != "operator@provider.example" {
		t.Errorf("the reminders: %v", reminders)
	}
}

func TestExistingGrant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		roles []string
		end   upgrade.End
		code  string
	}{
		{"as needed", []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}, upgrade.Completed, ""},
		{"more than needed", []string{"Directory.ReadWrite.All"}, upgrade.Completed, ""},
		{"too little", []string{"Organization.Read.All"}, upgrade.Ineligible, "permission_missing"},
		{"none", nil, upgrade.Ineligible, "no_grant"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(6, 6)
			l.staff()
			l.order["consent"] = "existing"
			l.customer.AppRoles = c.roles
			r := l.run()
			if n := len(l.world.Letters(upgrade.LetterInvitation)); n != 0 {
				t.Errorf("%d invitations were sent", n)
			}
			if c.code == "" {
				l.ends(r, c.end)
				l.seats(id, "business-premium", 6)
				l.staffMoved()
				return
			}
			l.ends(r, c.end, c.code)
			l.untouched()
		})
	}
}

// A grant that dies before anything has changed leads back to the administrator, with a new invitation.
func TestGrantDiesWhileWaiting(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["notBefore"] = start.Add(3 * day)
	l.signsIn()
	l.after(day, func() { l.world.Change(func() { l.customer.GrantDead = true }) })
	l.when(upgrade.Invited, func() {})
	l.when(upgrade.Invited, func() { // the second time
		l.world.Change(func() { l.customer.GrantDead = false })
		l.world.SignIn(activitiestest.Administrator(l.customer))
		l.env.RegisterDelayedCallback(func() { l.update(upgrade.UpdateStartAuthentication, nil) }, time.Hour)
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	letters := l.world.Letters(upgrade.LetterInvitation)
	if len(letters) != 2 || letters[0].Link == letters[1].Link {
		t.Errorf("the invitations: %v", fmt.Sprint(letters))
	}
	if s := l.status(); s.Invitation.Number != 2 {
		t.Errorf("the invitation has number %d", s.Invitation.Number)
	}
}

// A consent that was given a moment ago is not refused because not every replica knows it yet.
func TestConsentThatSpreads(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["consent"] = "existing"
	l.before("VerifyConsent", func() {
		l.env.RegisterDelayedCallback(func() {
			l.customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
		}, 3*time.Minute)
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
}

// What Partner Center has said for the plan serves the check as well, where no minute lies between the two; and a check only once.
func TestCheckGoesByThePlansAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late          bool // the consent spreads for some minutes
		finish        string
		plans, checks int
	}{"at once": {plans: 1, checks: 1}, "minutes later": {late: true, plans: 2, checks: 1}, "and once more": {finish: "confirm", plans: 2, checks: 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			l.order["consent"] = "existing"
			roles := []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
			if l.customer.AppRoles = roles; c.late {
				l.customer.AppRoles = nil
				l.before("VerifyConsent", func() { l.env.RegisterDelayedCallback(func() { l.customer.AppRoles = roles }, 3*time.Minute) })
			}
			if c.finish != "" {
				l.order["finish"] = c.finish
				l.after(time.Hour, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest}) })
			}
			l.ends(l.run(), upgrade.Completed)
			l.seats(id, "business-basic", 15)
			if plans, checks := l.watch.ran["PlanUpgrade"], l.watch.ran["CheckTenant"]; plans != c.plans || checks != c.checks {
				t.Errorf("Partner Center was asked %d times and the tenant looked into %d times", plans, checks)
			}
		})
	}
}
