package workflows_test

import (
	"slices"
	"testing"
	"time"

	"uplift/upgrade"
)

// facts are the types of what the register holds for billing, and all of it.
func (l *lab) facts(upgradeID string) (types []upgrade.CallbackType, all []upgrade.Callback) {
	l.Helper()
	for _, due := range l.world.Notified(upgradeID) {
		c, err := l.world.Activities().Register.Callback(l.Context(), upgradeID, due.Sequence)
		if err != nil || c.Sequence != len(all)+1 {
			l.Fatalf("callback %d is %+v: %v", due.Sequence, c, err)
		}
		types, all = append(types, c.Type), append(all, c)
	}
	return types, all
}

func TestBillingIsTold(t *testing.T) {
	world, customer := newWorld()
	world.AddDestination("billing")
	l := labIn(t, world, customer)
	id := l.transition(20, 25)
	l.world.AddUser(customer, "anna", "business-basic")
	l.order["batch"] = "winter"
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	types, all := l.facts("order-1#1")
	if !slices.Equal(types, []upgrade.CallbackType{upgrade.CallbackInvited, upgrade.CallbackConsented, upgrade.CallbackChanging, "upgrade.completed"}) {
		t.Fatal(types)
	}
	last := all[3]
	if d := last.Data; d.Order != "order-1" || d.Upgrade != "order-1#1" || d.WorkflowID != "upgrade/order-1" || d.Tenant != contoso || d.Batch != "winter" ||
		d.Stage != upgrade.Ended || d.End != upgrade.Completed || d.Users.Moved != 1 || d.Effective == nil || d.Effective.After(last.At) || d.Effective.Before(all[2].At) {
		t.Errorf("%+v", d)
	}
	want := []upgrade.CallbackLine{
		{Offer: "business-basic", Name: last.Data.Lines[0].Name, Subscription: id, Term: "P1Y", BillingCycle: "monthly", SeatsBefore: 20, SeatsAfter: 0},
		{Offer: "business-premium", Name: last.Data.Lines[1].Name, Subscription: id, Term: "P1Y", BillingCycle: "monthly", SeatsBefore: 0, SeatsAfter: 25},
	}
	if !slices.Equal(last.Data.Lines, want) || !slices.Equal(all[0].Data.Lines, want) {
		t.Errorf("in the end %+v\nat first   %+v", last.Data.Lines, all[0].Data.Lines)
	}
}

func TestBillingIsToldOfParkingAndDeclining(t *testing.T) {
	world, customer := newWorld()
	world.AddDestination("billing")
	l := labIn(t, world, customer)
	l.resize(5, 9)
	l.order["consent"] = "existing"
	l.customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
	l.world.Fail("Commerce.SetSeats", 1, &upgrade.Error{Kind: upgrade.Unknown, Code: "4711", Message: "?"})
	l.env.RegisterDelayedCallback(func() {
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	}, time.Hour)
	l.ends(l.run(), upgrade.Completed)
	types, all := l.facts("order-1#1")
	if !slices.Equal(types, []upgrade.CallbackType{upgrade.CallbackConsented, upgrade.CallbackChanging, upgrade.CallbackParked, upgrade.CallbackResumed, "upgrade.completed"}) {
		t.Fatal(types)
	}
	if p := all[2].Data.Parked; p == nil || p.Code != "4711" || all[3].Data.Parked != nil || all[4].Data.Lines[0].SeatsAfter != 9 {
		t.Errorf("%+v", all)
	}

	second := labIn(t, world, customer)
	second.order["order"], second.order["target"] = "order-2", object{"totals": []object{{"offer": "business-basic", "seats": 12}}}
	second.startAs("upgrade/order-2")
	second.before("SendLetter", func() {
		second.after(time.Minute, func() { second.consent(object{"decision": "declined"}) })
	})
	second.ends(second.run(), upgrade.Declined)
	types, all = second.facts("order-2#1")
	if !slices.Equal(types, []upgrade.CallbackType{upgrade.CallbackInvited, "upgrade.declined"}) || all[1].Data.Lines != nil || all[1].Data.Effective != nil || all[0].Data.Lines[0].SeatsAfter != 12 {
		t.Errorf("%v %+v", types, all)
	}
}

// Where the register or Temporal is out of reach, the facts come later, in their order, and the upgrade goes on meanwhile.
func TestBillingIsToldLate(t *testing.T) {
	world, customer := newWorld()
	world.AddDestination("billing")
	l := labIn(t, world, customer)
	l.resize(5, 9)
	l.order["consent"] = "existing"
	l.customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
	away := &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "away"}
	l.world.Fail("Executions.NotifyBilling", 3, away)
	l.world.Fail("Register.SaveCallback", 1, &upgrade.Error{Kind: upgrade.Act, Code: "register_damaged", Message: "disk"})
	l.world.LoseReplyAfter("Register.SaveCallback", 2, 1)
	l.ends(l.run(), upgrade.Completed)
	numbers := []int{}
	for _, due := range l.world.Notified("order-1#1") {
		numbers = append(numbers, due.Sequence)
	}
	if !slices.Equal(numbers, []int{1, 2, 3}) {
		t.Errorf("%v", numbers)
	}
}

// Nobody is called back for an order that was never ours, nor where nobody wants to be.
func TestNobodyIsToldOfForeignOrders(t *testing.T) {
	world, customer := newWorld()
	l := labIn(t, world, customer)
	l.resize(5, 9)
	l.order["consent"] = "existing"
	l.customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
	l.ends(l.run(), upgrade.Completed)
	if got := l.world.Notified("order-1#1"); len(got) != 0 {
		t.Errorf("without destinations: %v", got)
	}
	world.AddDestination("billing")
	twin := labIn(t, world, customer)
	twin.order = l.order
	twin.startAs("twin")
	twin.ends(twin.run(), upgrade.Duplicate)
	if got := l.world.Notified("order-1#1"); len(got) != 0 {
		t.Errorf("of a duplicate: %v", got)
	}
}
