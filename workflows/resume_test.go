package workflows_test

import (
	"encoding/json"
	"testing"
	"time"

	"uplift/activities"
	"uplift/upgrade"
)

// breaksOff has an earlier attempt at the order start its first step, and then be terminated.
func (l *lab) breaksOff() {
	l.Helper()
	raw, err := json.Marshal(l.order)
	if err != nil {
		l.Fatal(err)
	}
	o, problems := upgrade.ParseOrder(raw)
	if len(problems) > 0 {
		l.Fatal(problems)
	}
	acts, ctx := l.world.Activities(), l.Context()
	if _, err := acts.Register.Claim(ctx, upgrade.ClaimRequest{Order: o, WorkflowID: "terminated", FirstRun: "run"}, false); err != nil {
		l.Fatal(err)
	}
	planned, err := acts.PlanUpgrade(ctx, activities.PlanUpgradeInput{Upgrade: "order-1#1", Order: o, Policy: upgrade.DefaultPolicy()})
	if err != nil || !planned.Plan.Eligible() {
		l.Fatal(err, planned.Plan.Reasons)
	}
	l.customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
	grant := upgrade.Grant{Kind: upgrade.GrantApplication, Tenant: contoso, Upgrade: "order-1#1"}
	if _, err := acts.TakeSnapshot(ctx, activities.TakeSnapshotInput{Upgrade: "order-1#1", Grant: grant, Licenses: planned.Plan.Licenses}); err != nil {
		l.Fatal(err)
	}
	step := planned.Plan.Steps[0]
	if step.Work == upgrade.Transit {
		_, err = acts.StartTransition(ctx, activities.StartTransitionInput{Requests: activities.Requests{Upgrade: "order-1#1"}, Tenant: contoso, Step: step})
	} else {
		_, err = acts.ChangeSeats(ctx, activities.ChangeSeatsInput{Requests: activities.Requests{Upgrade: "order-1#1"}, Tenant: contoso, Step: step.ID, Subscription: step.Subscription, From: step.From, To: step.To})
	}
	if err != nil {
		l.Fatal(err)
	}
	l.world.Close("terminated")
	l.order["attempt"] = 2
}

// An attempt that was terminated in its change leaves users behind. The next one goes on with its plan: nothing is started
// twice, and everybody is moved.
func TestNextAttemptGoesOnWithTheChange(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 8)
	l.staff()
	l.breaksOff()
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-premium", 8)
	l.staffMoved()
	if n := len(l.world.Effects("transition")); n != 1 {
		t.Errorf("%d transitions were started", n)
	}
}

// Until the change goes on nothing can be cancelled, and an administrator who declines leaves it to a person.
func TestNextAttemptThatIsDeclined(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.breaksOff()
	var cancel *answer
	l.after(time.Hour, func() { cancel = l.update(upgrade.UpdateCancel, nil) })
	l.after(2*time.Hour, func() { l.signal(jsonPayload(`{"decision":"declined"}`)) })
	l.ends(l.run(), upgrade.Abandoned, "left_unfinished")
	cancel.refused("change_begun")
}

// An activity may outlive its terminated workflow. Once the next attempt has claimed the order, it sends nothing any more: the undo
// of the first attempt does not take from the second one what that goes on with.
func TestOutlivedActivitySendsNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.breaksOff()
	late := activities.ChangeSeatsInput{Requests: activities.Requests{Upgrade: "order-1#1"}, Tenant: contoso, Step: "undo-raise", Subscription: id, From: 15, To: 10}
	var err error
	l.before("VerifyConsent", func() { _, err = l.world.Activities().ChangeSeats(l.Context(), late) })
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
	if upgrade.CodeOf(err) != "attempt_superseded" {
		t.Errorf("the late request: %v", err)
	}
	l.seats(id, "business-basic", 15)
	l.effects("seats", "seats "+id+" 10→15")
}
