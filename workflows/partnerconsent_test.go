package workflows_test

import (
	"slices"
	"testing"
	"time"

	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// everything is what a pre-consent asks for.
var everything = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "GroupMember.Read.All"}

// By delegated administration nobody is invited; what is missing for it ends the order before anything changes.
func TestDelegatedAdministration(t *testing.T) {
	t.Parallel()
	good := func() *activitiestest.Delegation {
		return &activitiestest.Delegation{Roles: []string{activitiestest.DirectoryWriters}, Consented: everything}
	}
	for name, c := range map[string]struct {
		setUp func(*lab)
		code  string // "": completed
	}{
		"as needed":                {func(*lab) {}, ""},
		"silent about roles":       {func(l *lab) { l.customer.Delegation.Roles = nil }, ""},
		"roles that only read":     {func(l *lab) { l.customer.Delegation.Roles = []string{"88d8e3e3-8f55-4a1e-953a-9b9898b8876b"} }, "gdap_role_missing"},
		"no relationship":          {func(l *lab) { l.customer.Delegation = nil }, "no_gdap"},
		"not consented":            {func(l *lab) { l.customer.Delegation.Consented = nil }, "not_consented"},
		"too little consented":     {func(l *lab) { l.customer.Delegation.Consented = everything[:1] }, "permission_missing"},
		"blocked by a policy":      {func(l *lab) { l.customer.Delegation.Refusal = "AADSTS53003" }, "partner_blocked"},
		"nobody signed in":         {func(l *lab) { l.world.SignPartnerOut() }, "no_partner_sign_in"},
		"the sign-in has died":     {func(l *lab) { l.world.SignPartnerIn("partner_sign_in_lost") }, "partner_sign_in_lost"},
		"the directory refuses it": {func(l *lab) { l.customer.GrantDead = true }, "no_gdap"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(6, 6)
			l.staff()
			l.order["consent"] = "gdap"
			l.customer.Delegation = good()
			l.world.SignPartnerIn("")
			c.setUp(l)
			r := l.run()
			if n := len(l.world.Letters(upgrade.LetterInvitation)); n != 0 {
				t.Errorf("%d invitations were sent", n)
			}
			if c.code != "" {
				l.ends(r, upgrade.Ineligible, c.code)
				l.untouched()
				l.explained(r)
				return
			}
			l.ends(r, upgrade.Completed)
			l.seats(id, "business-premium", 6)
			l.staffMoved()
			e := l.world.Recorded("order-1#1").Evidence
			if len(e) != 1 || e[0].Method != upgrade.DelegatedAdmin || e[0].Name != "Pat Partner" || e[0].Tenant != contoso {
				t.Errorf("the evidence is %+v", e)
			}
		})
	}
}

// Seats alone need no role in which licences can be moved.
func TestDelegatedAdministrationThatReadsSufficesForSeats(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["consent"] = "gdap"
	l.order["licenses"] = object{"who": "nobody"}
	l.customer.Delegation = &activitiestest.Delegation{Roles: []string{"88d8e3e3-8f55-4a1e-953a-9b9898b8876b"}, Consented: everything[:1]}
	l.world.SignPartnerIn("")
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
}

func TestPartnerPreconsent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setUp func(*lab)
		code  string
		made  int // pre-consents
	}{
		"made and waited for":   {func(l *lab) { l.customer.Delegation.Spread = 4 * time.Minute }, "", 1},
		"there already":         {func(l *lab) { l.customer.Delegation.Consented = everything }, "", 0},
		"its reply was lost":    {func(l *lab) { l.world.LoseReply("Commerce.Preconsent", 1) }, "", 1},
		"never spreads":         {func(l *lab) { l.customer.Delegation.Spread = 40 * time.Minute }, "not_consented", 1},
		"there, and too little": {func(l *lab) { l.customer.Delegation.Consented = everything[:1] }, "permission_missing", 0},
		"no relationship":       {func(l *lab) { l.customer.Delegation = nil }, "preconsent_refused", 0},
		"nobody signed in":      {func(l *lab) { l.world.SignPartnerOut() }, "no_partner_sign_in", 0},
		"the sign-in has died":  {func(l *lab) { l.world.SignPartnerIn("partner_sign_in_lost") }, "partner_sign_in_lost", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(6, 6)
			l.staff()
			l.order["consent"] = "partner_preconsent"
			l.customer.Delegation = &activitiestest.Delegation{Roles: []string{activitiestest.DirectoryWriters}}
			l.world.SignPartnerIn("")
			c.setUp(l)
			r := l.run()
			if n := len(l.world.Effects("preconsent")); n != c.made {
				t.Errorf("%d pre-consents were made", n)
			}
			switch c.code {
			case "":
				l.ends(r, upgrade.Completed)
				l.seats(id, "business-premium", 6)
				l.staffMoved()
				if held := l.world.Recorded("order-1#1").Evidence[0]; held.Method != upgrade.Preconsented || !slices.Equal(held.Scopes, everything) {
					t.Errorf("the evidence is %+v", held)
				}
			default:
				l.ends(r, upgrade.Ineligible, c.code)
				l.explained(r)
				if n := len(l.world.Effects("transition")) + len(l.world.Effects("seats")); n != 0 {
					t.Error("something was changed without a grant")
				}
			}
		})
	}
}

// A relationship that ends between the consent and the change stops the upgrade with a reason; restored, it goes on.
func TestDelegatedAdministrationEndsUnderWay(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]upgrade.Stage{"before the change": upgrade.Queued, "in the change": upgrade.Changing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(6, 6)
			l.staff()
			l.order["consent"] = "gdap"
			if stage == upgrade.Queued {
				l.order["notBefore"] = start.Add(3 * day)
			}
			l.customer.Delegation = &activitiestest.Delegation{Roles: []string{activitiestest.DirectoryWriters}, Consented: everything}
			l.world.SignPartnerIn("")
			ended := func() { l.world.Change(func() { l.customer.Delegation.Refusal = "AADSTS50020" }) }
			if stage == upgrade.Queued {
				l.after(day, ended)
			} else {
				l.when(upgrade.Changing, ended)
			}
			var parked *upgrade.Parked
			l.after(5*day, func() {
				parked = l.status().Parked
				l.world.Change(func() { l.customer.Delegation.Refusal = "" })
				l.update(upgrade.UpdateResolve, object{"answer": "retry", "by": "Olga"})
			})
			r := l.run()
			if parked == nil || parked.Code != "AADSTS50020" || parked.Remedy == "" {
				t.Fatalf("it did not stand still with a reason: %+v", parked)
			}
			l.ends(r, upgrade.Completed)
			l.seats(id, "business-premium", 6)
			l.staffMoved()
		})
	}
}
