package workflows_test

import (
	"testing"

	"uplift/upgrade"
)

// staffed gives the customer two users who hold Business Basic by a group that has switched Sway off, one who holds it directly,
// and one in a group without a licence.
func (l *lab) staffed() {
	members := []*upgrade.User{l.world.AddUser(l.customer, "anna", ""), l.world.AddUser(l.customer, "bert", "")}
	l.world.AddGroup(l.customer, "Reception", members, "business-basic", "SWAY")
	dora := l.world.AddUser(l.customer, "dora", "business-basic", "TEAMS1")
	l.world.AddGroup(l.customer, "Dentists", []*upgrade.User{dora}, "")
}

// A licence that users hold by a group moves on the group, in one change, with what the group has switched off; nobody of them
// receives a licence directly.
func TestGroupLicencesMoveOnTheGroup(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]func(*lab){
		"moved by us":                func(l *lab) { l.customer.NoTransfer = "not here" },
		"after Microsoft's transfer": func(*lab) {},
		"a repeat after a lost reply": func(l *lab) {
			l.customer.NoTransfer = "not here"
			l.world.LoseReply("Directory.AssignGroupLicenses", 1)
		},
		"a worker that died after sending": func(l *lab) { l.customer.NoTransfer = "not here"; l.world.LoseReply("Register.SaveReports", 2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.transition(6, 6)
			l.staffed()
			given(l)
			l.signsIn()
			r := l.run()
			l.ends(r, upgrade.Completed)
			l.holds("anna", "business-premium -SWAY")
			l.holds("bert", "business-premium -SWAY")
			l.holds("dora", "business-premium -TEAMS1")
			l.effects("group licences", "group licences Reception +1 -1")
			l.effects("licences anna")
			if group := l.world.User(l.customer, "anna").Group(l.sku("business-premium")); group == "" {
				t.Error("anna holds the licence no longer by the group")
			}
			if r.Users.Moved != 3 {
				t.Errorf("the users: %+v", r.Users)
			}
		})
	}
}

func (l *lab) sku(offer string) string {
	for _, o := range l.world.Catalog.Offers() {
		if string(o.ID) == offer {
			return o.SKUID
		}
	}
	l.Fatalf("no offer %s", offer)
	return ""
}

// The members of a group are the users of the order.
func TestUsersByGroup(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(6, 0)
	l.staffed()
	l.totals("business-basic", 5, "business-premium", 1)
	l.order["licenses"] = object{"who": "group", "group": "dentists"}
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.holds("dora", "business-premium -TEAMS1")
	l.holds("anna", "business-basic -SWAY")
	l.holdsInAll("business-basic 5, business-premium 1")
}

// An uploaded list, longer than one part, names the users of the order.
func TestUsersByFile(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(6, 0)
	l.staffed()
	l.world.AddUser(l.customer, "emil", "business-basic")
	for part, users := range [][]string{{"dora@contoso.example"}, {"emil@contoso.example"}} {
		if err := l.world.Activities().Register.SaveUserList(t.Context(), contoso, "march.csv", part, users, start); err != nil {
			t.Fatal(err)
		}
	}
	l.totals("business-basic", 4, "business-premium", 2)
	l.order["licenses"] = object{"who": "file", "file": "march.csv"}
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.holds("dora", "business-premium -TEAMS1")
	l.holds("emil", "business-premium")
	l.holds("anna", "business-basic -SWAY")
}

// What the order names and the tenant or the register does not have is said before anything changes.
func TestUnknownGroupsAndLists(t *testing.T) {
	t.Parallel()
	for code, licenses := range map[string]object{
		"group_not_found": {"who": "group", "group": "Hygienists"},
		"list_not_found":  {"who": "file", "file": "april.csv"},
	} {
		l := newLab(t)
		l.resize(6, 0)
		l.staffed()
		l.totals("business-basic", 5, "business-premium", 1)
		l.order["licenses"] = licenses
		l.signsIn()
		l.ends(l.run(), upgrade.Ineligible, code)
		l.untouched()
	}
}
