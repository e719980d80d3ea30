package workflows_test

import (
	"testing"

	"uplift/upgrade"
)

// Users without a usage location receive the order's, else the tenant's own country.
func TestMissingUsageLocation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ order, want string }{
		"from the order":  {"AT", "AT"},
		"from the tenant": {"", "DE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.customer.NoTransfer = "not here"
			l.transition(6, 6)
			l.world.AddUser(l.customer, "anna", "business-basic").UsageLocation = ""
			l.world.AddUser(l.customer, "bert", "business-basic")
			if c.order != "" {
				l.order["usageLocation"] = c.order
			}
			l.signsIn()
			l.ends(l.run(), upgrade.Completed)
			l.holds("anna", "business-premium")
			if got := l.world.User(l.customer, "anna").UsageLocation; got != c.want {
				t.Errorf("anna's location is %q", got)
			}
			l.effects("location", `location anna "`+c.want+`"`)
		})
	}
}

func TestUnknownUsageLocationIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.customer.NoTransfer = "not here"
	l.customer.DirectoryCountry = ""
	l.transition(6, 6)
	l.world.AddUser(l.customer, "anna", "business-basic").UsageLocation = ""
	l.signsIn()
	l.ends(l.run(), upgrade.Ineligible, "usage_location_missing")
	l.untouched()
}

func TestListedUsersReceiveALicence(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(2, 5)
	l.world.AddUser(l.customer, "anna", "business-basic", "SWAY")
	l.world.AddUser(l.customer, "bert", "")
	l.world.AddUser(l.customer, "carl", "")
	l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example", "BERT@contoso.example"}}
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-basic", 5)
	l.holds("anna", "business-basic -SWAY")
	l.holds("bert", "business-basic")
	l.holds("carl", "")
	if r.Users.Moved != 1 || r.Users.Unchanged != 1 {
		t.Errorf("the users: %+v", r.Users)
	}
}

// A user who cannot be moved is reported with the reason, and the others are moved.
func TestCompletedWithExceptions(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.customer.NoTransfer = "not here"
	l.transition(4, 4)
	l.staff()
	l.signsIn()
	l.before("AssignLicenses", func() { l.world.RemoveUser(l.customer, "carl") })
	r := l.run()
	l.ends(r, upgrade.CompletedWithExceptions)
	l.holds("anna", "business-premium")
	l.holds("bert", "business-premium -SWAY -YAMMER_ENTERPRISE")
	if r.Users.Failed != 1 || r.Users.Moved != 3 {
		t.Errorf("the users: %+v", r.Users)
	}
	failed := 0
	for _, report := range l.world.Recorded("order-1#1").Reports {
		if report.Outcome == upgrade.UserFailed {
			failed++
			if report.Code != "user_gone" || report.UPN != "carl@contoso.example" || report.Reason == "" || report.Remedy == "" {
				t.Errorf("the report: %+v", report)
			}
		}
	}
	if failed != 1 {
		t.Errorf("%d reports of failure", failed)
	}
}

// A free seat may show late in the directory: that is waited for, and nobody is reported for it.
func TestSeatsThatShowLate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(1, 3)
	l.world.AddUser(l.customer, "anna", "business-basic")
	l.world.AddUser(l.customer, "bert", "")
	l.world.AddUser(l.customer, "gone", "business-basic")
	l.order["licenses"] = object{"who": "users", "users": []string{"bert@contoso.example"}}
	l.signsIn()
	l.before("AssignLicenses", func() {
		l.world.AddUser(l.customer, "late", "business-basic")
		l.env.RegisterDelayedCallback(func() { l.world.RemoveUser(l.customer, "gone") }, 0)
	})
	l.ends(l.run(), upgrade.Completed)
	l.holds("bert", "business-basic")
}

// Seats that the tenant has from somebody else hold their own users, and leave ours to the listed.
func TestSeatsOfAnotherChannel(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(1, 2)
	l.world.AddOther(l.customer, "business-basic", 4)
	l.staff()
	l.order["licenses"] = object{"who": "users", "users": []string{"emil@contoso.example"}}
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.holds("emil", "business-basic")
}
