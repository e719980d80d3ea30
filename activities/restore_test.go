package activities_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

const (
	tenant  = "11111111-1111-1111-1111-111111111111"
	attempt = "order-1#1"
)

// lab is a claimed upgrade in a tenant that holds Business Basic and Business Premium, with an application's grant.
func lab(t *testing.T) (*activitiestest.World, *activitiestest.Customer, *activities.Activities, upgrade.Grant, upgrade.LicensePlan) {
	t.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var ticks atomic.Int64 // time goes on with every look at the clock
	w := activitiestest.New(func() time.Time { return now.Add(time.Duration(ticks.Add(1)) * time.Millisecond) })
	c := w.AddCustomer(tenant, "Contoso", "DE")
	c.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}
	w.AddSubscription(c, "business-basic", 10)
	w.AddSubscription(c, "business-premium", 10)
	acts := w.Activities()
	if _, err := acts.Register.Claim(t.Context(), upgrade.ClaimRequest{Order: upgrade.Order{ID: "order-1"}, WorkflowID: "w", FirstRun: "r", At: now}, false); err != nil {
		t.Fatal(err)
	}
	basic, _ := w.Catalog.Offer("business-basic")
	premium, _ := w.Catalog.Offer("business-premium")
	return w, c, acts, upgrade.Grant{Kind: upgrade.GrantApplication, Tenant: tenant, Upgrade: attempt},
		upgrade.LicensePlan{Who: upgrade.Holders, Remove: []string{basic.SKUID}, Add: []string{premium.SKUID}, Ends: true, Location: "DE"}
}

// A move and its undo end where the photograph was taken: licences, switched-off services, usage location.
func TestMoveAndRestore(t *testing.T) {
	t.Parallel()
	w, c, acts, grant, plan := lab(t)
	ctx := context.Background()
	w.AddUser(c, "anna", "business-basic", "SWAY", "TEAMS1")
	w.AddUser(c, "bert", "business-basic").UsageLocation = ""
	holds := func(name, want string) {
		t.Helper()
		if got := w.Licence(c, name); got != want {
			t.Errorf("%s holds %q, not %q", name, got, want)
		}
	}
	if out, err := acts.TakeSnapshot(ctx, activities.TakeSnapshotInput{Upgrade: attempt, Grant: grant, Licenses: plan}); err != nil || out.Users != 2 || len(out.Problems) != 0 {
		t.Fatalf("photographed %+v: %v", out, err)
	}
	for range 2 { // the second time is a repeat, which changes nothing
		if _, err := acts.AssignLicenses(ctx, activities.AssignLicensesInput{Upgrade: attempt, Grant: grant, Licenses: plan}); err != nil {
			t.Fatal(err)
		}
		holds("anna", "business-premium -SWAY -TEAMS1")
		holds("bert", "business-premium")
	}
	if got := w.Effects("licences"); len(got) != 2 {
		t.Errorf("the moves: %v", got)
	}
	in := activities.RestoreUsersInput{Upgrade: attempt, Grant: grant, Licenses: plan}
	for range 2 {
		if _, err := acts.RestoreLicenses(ctx, in); err != nil {
			t.Fatal(err)
		}
		if _, err := acts.RestoreLocations(ctx, in); err != nil {
			t.Fatal(err)
		}
		holds("anna", "business-basic -SWAY -TEAMS1")
		holds("bert", "business-basic")
	}
	if got := w.Effects("licences"); len(got) != 4 {
		t.Errorf("the moves there and back: %v", got)
	}
	if got := w.User(c, "bert").UsageLocation; got != "" {
		t.Errorf("bert's usage location is %q", got)
	}
}

// A photograph that is taken again after the change began does not replace the first.
func TestSnapshotIsTheFirst(t *testing.T) {
	t.Parallel()
	w, c, acts, grant, plan := lab(t)
	ctx := context.Background()
	u := w.AddUser(c, "anna", "business-basic", "SWAY")
	in := activities.TakeSnapshotInput{Upgrade: attempt, Grant: grant, Licenses: plan}
	if _, err := acts.TakeSnapshot(ctx, in); err != nil {
		t.Fatal(err)
	}
	w.Change(func() { u.Licenses[0].DisabledPlans = nil })
	if _, err := acts.TakeSnapshot(ctx, in); err != nil {
		t.Fatal(err)
	}
	if _, err := acts.AssignLicenses(ctx, activities.AssignLicensesInput{Upgrade: attempt, Grant: grant, Licenses: plan}); err != nil {
		t.Fatal(err)
	}
	if got := w.Licence(c, "anna"); got != "business-premium -SWAY" {
		t.Errorf("anna holds %q", got)
	}
}
