package workflows_test

import (
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
