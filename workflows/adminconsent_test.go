package workflows_test

import (
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// A consent in the browser is a claim like any other. What proves it, the application's own token, may come minutes later.
func TestAdminConsent(t *testing.T) {
	t.Parallel()
	needed := []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
	for name, c := range map[string]struct {
		spreads time.Duration // until tokens know of the consent
		refusal string        // what Microsoft says meanwhile
		roles   []string      // nil: nobody consented
		shown   string        // why the claim was not believed; "": it was
	}{
		"known at once":                    {0, "", needed, ""},
		"the application is not yet there": {4 * time.Minute, "AADSTS700016", needed, ""},
		"the consent is not yet there":     {8 * time.Minute, "AADSTS65001", needed, ""},
		"two were creating it":             {2 * time.Minute, "AADSTS650051", needed, ""},
		"more than needed":                 {0, "", []string{"Directory.ReadWrite.All"}, ""},
		"less than needed":                 {0, "", needed[:1], "permission_missing"},
		"false":                            {0, "", nil, "no_grant"},
		"never spreads":                    {24 * time.Hour, "AADSTS700016", needed, "no_grant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(6, 6)
			l.staff()
			claimed := start.Add(time.Hour)
			lost := &upgrade.Error{Kind: upgrade.GrantLost, Code: c.refusal, Message: "not known yet"}
			l.after(time.Hour, func() {
				if c.spreads > 0 {
					l.world.Fail("Authority.ApplicationRoles", 1<<20, lost)
				}
				l.world.Change(func() { l.customer.AppRoles = c.roles })
				l.consent(object{"decision": "granted", "method": "admin_consent", "by": "Ada Admin", "invitation": 1})
			})
			l.after(time.Hour+c.spreads, func() { l.world.Mend("Authority.ApplicationRoles") })
			var back upgrade.Status
			l.after(2*time.Hour, func() { back = l.status() })
			r := l.run()
			if c.shown != "" {
				l.ends(r, upgrade.Expired)
				l.untouched()
				if back.Stage != upgrade.Invited || back.Invitation.Refused == nil || back.Invitation.Refused.Code != c.shown || back.Invitation.Refused.Remedy == "" {
					t.Errorf("after the claim: stage %s, %+v", back.Stage, back.Invitation.Refused)
				}
				return
			}
			l.ends(r, upgrade.Completed)
			l.seats(id, "business-premium", 6)
			l.staffMoved()
			e := l.world.Recorded("order-1#1").Evidence
			if len(e) != 1 || e[0].Method != upgrade.AdminConsent || e[0].By != "Ada Admin" || e[0].Tenant != contoso || len(e[0].Scopes) == 0 {
				t.Fatalf("the evidence is %+v", e)
			}
			if took := e[0].VerifiedAt.Sub(claimed); took < c.spreads || took > c.spreads+5*time.Minute {
				t.Errorf("it was believed after %s", took)
			}
		})
	}
}

// An application's consent that is withdrawn before anything has changed leads back to the administrator.
func TestAdminConsentWithdrawnWhileWaiting(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["notBefore"] = start.Add(3 * day)
	consent := func() {
		l.world.Change(func() { l.customer.AppRoles = []string{"Directory.ReadWrite.All"} })
		l.consent(object{"decision": "granted", "method": "admin_consent"})
	}
	l.after(time.Hour, consent)
	l.after(day, func() { l.world.Change(func() { l.customer.AppRoles = nil }) })
	var again upgrade.Status
	l.after(5*day, func() {
		again = l.status()
		consent()
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if again.Stage != upgrade.Invited || again.Invitation.Number != 2 || again.Invitation.Refused == nil || again.Invitation.Refused.Code != "grant_lost" {
		t.Errorf("nobody was asked again: stage %s, %+v", again.Stage, again.Invitation)
	}
	if n := len(l.world.Letters(upgrade.LetterInvitation)); n != 2 {
		t.Errorf("%d invitations were sent", n)
	}
}

// Where a rule of the organisation ends a sign-in that was given, the administrator who is asked again reads why and what to do.
func TestSecurityRuleEndsTheGrant(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["notBefore"] = start.Add(3 * day)
	l.signsIn()
	l.after(day, func() {
		l.world.FailAfter("Directory.SKUs", 0, 1, &upgrade.Error{Kind: upgrade.GrantLost, Code: "AADSTS53003", Message: "blocked"})
	})
	var again upgrade.Status
	l.after(5*day, func() {
		again = l.status()
		l.world.Change(func() { l.customer.AppRoles = []string{"Directory.ReadWrite.All"} })
		l.consent(object{"decision": "granted", "method": "admin_consent"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	why := again.Invitation.Refused
	if again.Stage != upgrade.Invited || why == nil || why.Code != "grant_blocked" || !strings.Contains(why.Message, "AADSTS53003") || !strings.Contains(why.Remedy, "browser") {
		t.Errorf("stage %s, %+v", again.Stage, why)
	}
}
