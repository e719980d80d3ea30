package activities_test

import (
	"testing"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// located has three users who had no usage location and were moved, which gave them one.
func located(t *testing.T) (*activitiestest.World, *activitiestest.Customer, *activities.Activities, activities.RestoreUsersInput, map[string]*upgrade.User) {
	t.Helper()
	w, c, acts, grant, plan := lab(t)
	users := map[string]*upgrade.User{}
	for _, name := range []string{"anna", "bert", "carl"} {
		users[name] = w.AddUser(c, name, "business-basic")
		users[name].UsageLocation = ""
	}
	if _, err := acts.TakeSnapshot(t.Context(), activities.TakeSnapshotInput{Upgrade: attempt, Grant: grant, Licenses: plan}); err != nil {
		t.Fatal(err)
	}
	if _, err := acts.AssignLicenses(t.Context(), activities.AssignLicensesInput{Upgrade: attempt, Grant: grant, Licenses: plan}); err != nil {
		t.Fatal(err)
	}
	for name := range users {
		if got := w.User(c, name).UsageLocation; got != "DE" {
			t.Fatalf("%s is in %q", name, got)
		}
	}
	return w, c, acts, activities.RestoreUsersInput{Upgrade: attempt, Grant: grant, Licenses: plan}, users
}

// without counts those who have no usage location.
func without(w *activitiestest.World, c *activitiestest.Customer, users map[string]*upgrade.User) (n int) {
	for name := range users {
		if w.User(c, name).UsageLocation == "" {
			n++
		}
	}
	return n
}

// One user who cannot be put back does not keep the others from it, and is not forgotten.
func TestOneLocationThatCannotBePutBack(t *testing.T) {
	t.Parallel()
	w, c, acts, in, users := located(t)
	w.Fail("Directory.SetUsageLocation", 1, &upgrade.Error{Kind: upgrade.Refused, Code: "Authorization_RequestDenied", Message: "no"})
	out, err := acts.RestoreLocations(t.Context(), in)
	if upgrade.CodeOf(err) != "Authorization_RequestDenied" || upgrade.KindOf(err) != upgrade.Refused {
		t.Errorf("the answer is %v", err)
	}
	if n := without(w, c, users); n != 2 || out.Users.Restored != 2 {
		t.Errorf("%d of the other two were put back, and %+v counted", n, out.Users)
	}
	out, err = acts.RestoreLocations(t.Context(), in)
	if n := without(w, c, users); err != nil || n != 3 || out.Users.Restored != 1 {
		t.Errorf("the second time: %d are put back, %+v counted, %v", n, out.Users, err)
	}
}

// What an administrator has set since, also to nothing, is left alone; so is whoever is gone.
func TestLocationThatAnAdministratorChanged(t *testing.T) {
	t.Parallel()
	w, c, acts, in, users := located(t)
	w.Change(func() { users["anna"].UsageLocation, users["bert"].UsageLocation = "AT", "" })
	before := len(w.Effects("location"))
	if _, err := acts.RestoreLocations(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := w.User(c, "anna").UsageLocation; got != "AT" {
		t.Errorf("anna is in %q, where an administrator said AT", got)
	}
	if got := w.Effects("location")[before:]; len(got) != 1 || got[0] != `location carl ""` {
		t.Errorf("put back: %v", got)
	}
	w.RemoveUser(c, "carl")
	if _, err := acts.RestoreLocations(t.Context(), in); err != nil {
		t.Errorf("with a user gone: %v", err)
	}
}
