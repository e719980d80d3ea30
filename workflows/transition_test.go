package workflows_test

import (
	"slices"
	"strings"
	"testing"

	"uplift/upgrade"
)

// staff gives Contoso users of Business Basic, one of them with services switched off.
func (l *lab) staff() {
	l.world.AddUser(l.customer, "anna", "business-basic")
	l.world.AddUser(l.customer, "bert", "business-basic", "SWAY", "YAMMER_ENTERPRISE")
	l.world.AddUser(l.customer, "carl", "business-basic")
	l.world.AddUser(l.customer, "dora", "business-basic", "TEAMS1")
	l.world.AddUser(l.customer, "emil", "")
}

func (l *lab) staffMoved() {
	l.Helper()
	l.holds("anna", "business-premium")
	l.holds("bert", "business-premium -SWAY -YAMMER_ENTERPRISE")
	l.holds("carl", "business-premium")
	l.holds("emil", "")
}

func TestTransitionWithLicenceTransfer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 6)
	l.staff()
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-premium", 6)
	l.staffMoved()
	l.effects("transition", "transition "+id+" transition_with_license_transfer")
	l.effects("seats")
	if r.Users.Photographed != 4 || r.Users.Moved != 4 || r.Users.Failed != 0 {
		t.Errorf("the users: %+v", r.Users)
	}
}

func TestTransitionWithoutLicenceTransfer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.customer.NoTransfer = "users hold the licence through a group"
	id := l.transition(6, 6)
	l.staff()
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-premium", 6)
	l.staffMoved()
	l.holds("dora", "business-premium -TEAMS1")
	l.effects("transition", "transition "+id+" transition_only")
	l.effects("licences",
		"licences "+l.byID(0)+" +1 -1", "licences "+l.byID(1)+" +1 -1", "licences "+l.byID(2)+" +1 -1", "licences "+l.byID(3)+" +1 -1")
}

// byID names the holders of a licence in the order of their ids, which is the order of the work.
func (l *lab) byID(i int) string {
	var names []string
	for _, name := range []string{"anna", "bert", "carl", "dora"} {
		names = append(names, l.world.User(l.customer, name).ID+" "+name)
	}
	slices.Sort(names)
	return strings.Fields(names[i])[1]
}

// Microsoft's transfer may forget users altogether; those are moved by us.
func TestTransferThatForgetsUsers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.customer.LosesTransfers = true
	id := l.transition(6, 6)
	l.staff()
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-premium", 6)
	l.staffMoved()
	l.holds("dora", "business-premium -TEAMS1")
}

func TestTransitionThenRaise(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(20, 25)
	l.staff()
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-premium", 25)
	l.staffMoved()
	l.effects("transition", "transition "+id+" transition_with_license_transfer")
	l.effects("seats", "seats "+id+" 20→25")
	if started, raised := l.world.When("transition")[0], l.world.When("seats")[0]; raised.Before(started) {
		t.Error("the seats were raised before the transition")
	}
	if r.Before[0].Offer != "business-basic" || r.Before[0].Seats != 20 || r.After[0].Offer != "business-premium" || r.After[0].Seats != 25 {
		t.Errorf("before %+v, after %+v", r.Before, r.After)
	}
}

func TestLowerThenTransition(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(20, 15)
	l.world.Amend(l.customer, id, func(s *upgrade.Subscription) {
		s.Refundable = []upgrade.SeatBlock{{Seats: 5, Until: start.Add(3 * day)}}
	})
	l.staff()
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-premium", 15)
	l.staffMoved()
	l.effects("seats", "seats "+id+" 20→15")
	if lowered, started := l.world.When("seats")[0], l.world.When("transition")[0]; started.Before(lowered) {
		t.Error("the transition began before the seats were lowered")
	}
}

// Somebody may give a user the old licence while the upgrade is under way; the holders are listed again.
func TestNewcomers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.customer.NoTransfer = "not here"
	l.transition(8, 8)
	l.staff()
	l.signsIn()
	l.before("AssignLicenses", func() { l.world.AddUser(l.customer, "fred", "business-basic", "SWAY") })
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.holds("fred", "business-premium -SWAY")
	if r.Users.Photographed != 5 {
		t.Errorf("the users: %+v", r.Users)
	}
}

// An order that moves nobody may not take a licence away from anybody.
func TestNobodyMoves(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 6)
	l.order["licenses"] = object{"who": "nobody"}
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-premium", 6)
	l.effects("licences")
	l.effects("transition", "transition "+id+" transition_only")
}

func TestNobodyMovesWhereSomebodyHolds(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.transition(6, 6)
	l.world.AddUser(l.customer, "anna", "business-basic", "SWAY")
	l.order["licenses"] = object{"who": "nobody"}
	l.signsIn()
	l.ends(l.run(), upgrade.Ineligible, "seats_below_users")
	l.untouched()
}

// It is looked at a transition beside the photographs. Where those speak against the change, that is the end, whatever the look says.
func TestLookBesidePhotographs(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 6)
	l.staff()
	l.signsIn()
	zoe := l.world.AddUser(l.customer, "zoe", "")
	l.before("TakeSnapshot", func() { l.world.AddGroup(l.customer, "Reception", []*upgrade.User{zoe}, "business-basic") })
	looked := false
	l.before("CheckTransition", func() {
		looked = true
		l.world.Fail("Commerce.Transitions", 1<<30, &upgrade.Error{Kind: upgrade.Unknown, Code: "900999", Message: "not documented"})
	})
	l.ends(l.run(), upgrade.Ineligible, "group_licence")
	if !looked {
		t.Error("it was looked only after the photographs")
	}
	l.seats(id, "business-basic", 6)
	l.untouched()
	if parked := l.world.Letters(upgrade.LetterParked); len(parked) != 0 {
		t.Errorf("an operator was called: %v", parked)
	}
}
