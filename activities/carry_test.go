package activities_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// crowd is a tenant with so many holders of Business Basic, photographed and ready to be moved, behind a directory that keeps count.
func crowd(t *testing.T, users int) (*activitiestest.World, *activitiestest.Customer, *activities.Activities, activities.AssignLicensesInput, *counting) {
	t.Helper()
	w, c, acts, grant, plan := lab(t)
	w.AddSubscription(c, "business-basic", users)
	w.AddSubscription(c, "business-premium", users)
	d := &counting{Directory: acts.Directory, sent: map[string]int{}, done: map[string]int{}, flying: map[string]bool{}}
	for i := range users {
		d.users = append(d.users, w.AddUser(c, fmt.Sprintf("user%03d", i), "business-basic"))
	}
	in := activities.AssignLicensesInput{Upgrade: attempt, Grant: grant, Licenses: plan}
	if out, err := acts.TakeSnapshot(t.Context(), activities.TakeSnapshotInput{Upgrade: attempt, Grant: grant, Licenses: plan}); err != nil || out.Users != users {
		t.Fatalf("photographed %+v: %v", out, err)
	}
	acts.Directory = d
	return w, c, acts, in, d
}

// counting is a directory that counts what is asked of it, and answers for some changes what a test says.
type counting struct {
	activities.Directory
	// answer is what a change is answered in the place of the directory's own word; nil: the directory decides.
	answer func(user string, time int) *upgrade.Error

	users []*upgrade.User // to be changed by World.Change

	mu      sync.Mutex
	batches int
	reads   int
	most    int // batches at a time
	now     int
	sent    map[string]int // how often each user's change was sent
	done    map[string]int // and carried out
	flying  map[string]bool
	twice   []string // users of whom two changes were under way together
}

func (d *counting) Users(ctx context.Context, g upgrade.Grant, names []string) ([]upgrade.User, error) {
	d.mu.Lock()
	d.reads += len(names)
	d.mu.Unlock()
	return d.Directory.Users(ctx, g, names)
}

func (d *counting) AssignLicenses(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, changes []upgrade.LicenseChange) ([]upgrade.LicenseOutcome, error) {
	d.mu.Lock()
	d.batches++
	d.now++
	d.most = max(d.most, d.now)
	out := make([]upgrade.LicenseOutcome, len(changes))
	var pass []upgrade.LicenseChange
	var at []int
	for i, change := range changes {
		if d.flying[change.User] {
			d.twice = append(d.twice, change.User)
		}
		d.flying[change.User] = true
		d.sent[change.User]++
		out[i].User = change.User
		if d.answer != nil {
			out[i].Err = d.answer(change.User, d.sent[change.User])
		}
		if out[i].Err == nil {
			pass, at = append(pass, change), append(at, i)
		}
	}
	d.mu.Unlock()
	said, err := d.Directory.AssignLicenses(ctx, g, id, pass)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now--
	for _, change := range changes {
		delete(d.flying, change.User)
	}
	for i, o := range said {
		out[at[i]].Err = o.Err
		if o.Err == nil {
			d.done[o.User]++
		}
	}
	return out, err
}

// allMoved looks at the tenant and at the reports.
func allMoved(t *testing.T, w *activitiestest.World, c *activitiestest.Customer, acts *activities.Activities, users int) {
	t.Helper()
	for i := range users {
		if got := w.Licence(c, fmt.Sprintf("user%03d", i)); got != "business-premium" {
			t.Errorf("user%03d holds %q", i, got)
		}
	}
	reports, err := acts.Register.Reports(t.Context(), attempt, "", 1000)
	if err != nil || len(reports) != users {
		t.Errorf("%d reports of %d users, %v", len(reports), users, err)
	}
	for _, r := range reports {
		if r.Outcome != upgrade.UserMoved {
			t.Errorf("reported %+v", r)
		}
	}
}

func (d *counting) sound(t *testing.T) {
	t.Helper()
	if len(d.twice) > 0 {
		t.Errorf("two changes of one user were under way together: %v", d.twice)
	}
	if d.most > 4 {
		t.Errorf("%d batches at a time", d.most)
	}
	for user, n := range d.done {
		if n != 1 {
			t.Errorf("%s was changed %d times", user, n)
		}
	}
}

// What the photograph shows is believed: nobody is read before the move, and each is written once.
func TestMoveManyWithoutReading(t *testing.T) {
	t.Parallel()
	w, c, acts, in, d := crowd(t, 230)
	out, err := acts.AssignLicenses(t.Context(), in)
	if err != nil || out.Users != (upgrade.UserCounts{Photographed: 230, Moved: 230}) {
		t.Fatalf("%+v, %v", out, err)
	}
	allMoved(t, w, c, acts, 230)
	d.sound(t)
	if d.reads != 0 || d.batches != 12 {
		t.Errorf("%d users read, %d batches of twenty", d.reads, d.batches)
	}
}

// Parts that the directory puts off are sent again, and only those.
func TestOnlyFailedPartsAgain(t *testing.T) {
	t.Parallel()
	throttled := &upgrade.Error{Kind: upgrade.Throttled, Code: "TooManyRequests", RetryAfter: 3 * time.Millisecond}
	conflict := &upgrade.Error{Kind: upgrade.Transient, Code: "Directory_ConcurrencyViolation"}
	w, c, acts, in, d := crowd(t, 60)
	i, off := 0, map[string]*upgrade.Error{}
	d.answer = func(user string, time int) *upgrade.Error {
		if time == 1 {
			i++
			off[user] = []*upgrade.Error{nil, nil, throttled, conflict}[i%4]
			return off[user]
		}
		if off[user] == throttled && time == 2 {
			return throttled
		}
		return nil
	}
	if _, err := acts.AssignLicenses(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	allMoved(t, w, c, acts, 60)
	d.sound(t)
	for user, n := range d.sent {
		if want := map[*upgrade.Error]int{nil: 1, conflict: 2, throttled: 3}[off[user]]; n != want {
			t.Errorf("%s was sent %d times, not %d", user, n, want)
		}
	}
}

// A long Retry-After is Temporal's to wait for: the attempt ends with it, and sends nothing more.
func TestLongRetryAfterEndsTheAttempt(t *testing.T) {
	t.Parallel()
	_, _, acts, in, d := crowd(t, 300)
	d.answer = func(string, int) *upgrade.Error {
		return &upgrade.Error{Kind: upgrade.Throttled, Code: "TooManyRequests", RetryAfter: time.Hour}
	}
	_, err := acts.AssignLicenses(t.Context(), in)
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Kind != upgrade.Throttled || e.RetryAfter != time.Hour {
		t.Fatalf("%v", err)
	}
	if d.batches > 4 {
		t.Errorf("%d batches were sent", d.batches)
	}
}

// Where the photographs are wrong, since Microsoft has moved the licences itself, the users are read, and few changes are wasted.
func TestPhotographsThatAreWrong(t *testing.T) {
	t.Parallel()
	w, c, acts, in, d := crowd(t, 200)
	premium := in.Licenses.Add[0]
	w.Change(func() {
		for _, u := range d.users[:190] {
			u.Licenses = []upgrade.License{{SKUID: premium}}
		}
	})
	if _, err := acts.AssignLicenses(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	allMoved(t, w, c, acts, 200)
	d.sound(t)
	sent := 0
	for _, n := range d.sent {
		sent += n
	}
	if sent > 100 || d.reads < 190 {
		t.Errorf("%d changes were sent for ten users to move, and %d users read", sent, d.reads)
	}
}

// What a refusal means is found out by looking: a user who is gone, one without a seat, one whose licence somebody took away.
func TestRefusalsAreLookedAt(t *testing.T) {
	t.Parallel()
	w, c, acts, in, d := crowd(t, 30)
	w.RemoveUser(c, "user003")
	d.answer = func(user string, _ int) *upgrade.Error {
		if user == w.User(c, "user007").ID {
			return &upgrade.Error{Kind: upgrade.Refused, Code: "plans_conflict", Message: "the services exclude each other"}
		}
		return nil
	}
	if _, err := acts.AssignLicenses(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	reports, err := acts.Register.Reports(t.Context(), attempt, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]string{}
	for _, r := range reports {
		if r.Outcome == upgrade.UserFailed {
			failed[r.Code] = r.UPN
		}
	}
	if len(failed) != 2 || failed["user_gone"] == "" || failed["plans_conflict"] == "" || len(reports) != 30 {
		t.Errorf("failed: %v of %d", failed, len(reports))
	}
	if n := d.sent[w.User(c, "user007").ID]; n != 1 {
		t.Errorf("a refusal that stands was asked for %d times", n)
	}
}

// A reply that was lost is read before it is sent again.
func TestLostReplyIsRead(t *testing.T) {
	t.Parallel()
	w, c, acts, in, d := crowd(t, 50)
	w.LoseReplyAfter("Directory.AssignLicenses", 1, 1)
	if _, err := acts.AssignLicenses(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	allMoved(t, w, c, acts, 50)
	for user, n := range d.sent {
		if n != 1 {
			t.Errorf("%s was sent %d times", user, n)
		}
	}
	if d.reads == 0 || d.reads > 20 {
		t.Errorf("%d users were read", d.reads)
	}
}

// run executes the activity as Temporal does, with the heartbeat that an attempt before has left, and answers the last of its own.
func run(t *testing.T, acts *activities.Activities, in activities.AssignLicensesInput, left converter.EncodedValues) (converter.EncodedValues, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(acts.AssignLicenses)
	if left != nil {
		var c struct {
			Round  int                `json:"round,omitempty"`
			After  string             `json:"after,omitempty"`
			Counts upgrade.UserCounts `json:"counts"`
		}
		if err := left.Get(&c); err != nil {
			t.Fatal(err)
		}
		env.SetHeartbeatDetails(c)
	}
	var mu sync.Mutex
	var last converter.EncodedValues
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		mu.Lock()
		defer mu.Unlock()
		last = details
	})
	_, err := env.ExecuteActivity(acts.AssignLicenses, in)
	mu.Lock()
	defer mu.Unlock()
	return last, err
}

// A worker that goes away in the middle leaves a heartbeat, and another goes on from there: with several batches in flight the
// cursor never passes a user who is not settled, and nobody is changed twice.
func TestAnotherWorkerGoesOn(t *testing.T) {
	t.Parallel()
	for _, forgets := range []bool{false, true} { // whether the register has lost the last reports, as after a kill between the two
		w, c, acts, in, d := crowd(t, 640)
		lost := &upgrade.Error{Kind: upgrade.GrantLost, Code: "InvalidAuthenticationToken"}
		gone := false
		shots, err := acts.Register.Snapshots(t.Context(), attempt, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		early := map[string]bool{} // those whose batches have come back by then, however slowly one of them is carried
		for _, s := range shots[:200] {
			early[s.User.ID] = true
		}
		d.answer = func(user string, _ int) *upgrade.Error {
			if d.batches > 17 && !gone && !early[user] {
				return lost
			}
			return nil
		}
		left, err := run(t, acts, in, nil)
		if err == nil || left == nil {
			t.Fatalf("the first attempt: %v, heartbeat %v", err, left)
		}
		var cursor struct{ After string }
		if err := left.Get(&cursor); err != nil || cursor.After == "" {
			t.Fatalf("the heartbeat says %+v, %v", cursor, err)
		}
		before := 0
		for _, s := range shots {
			if s.User.ID > cursor.After {
				break
			}
			before++
			if w.User(c, s.User.Name).Licenses[0].SKUID != in.Licenses.Add[0] {
				t.Errorf("%s is before the cursor and has not moved", s.User.Name)
			}
		}
		first := map[string]int{}
		for user, n := range d.done {
			first[user] = n
		}
		if forgets {
			var blank []upgrade.UserReport
			for _, s := range shots[before:] {
				blank = append(blank, upgrade.UserReport{User: s.User.ID, UPN: s.User.UPN, Outcome: upgrade.UserFailed, Code: "lost"})
			}
			if err := acts.Register.SaveReports(t.Context(), attempt, blank); err != nil {
				t.Fatal(err)
			}
		}
		gone = true
		d.sent = map[string]int{}
		if _, err := run(t, acts, in, left); err != nil {
			t.Fatal(err)
		}
		allMoved(t, w, c, acts, 640)
		d.sound(t)
		for i, s := range shots {
			again := first[s.User.ID] > 0 && d.sent[s.User.ID] > 0
			if again && (!forgets || i < before) {
				t.Errorf("%s had moved and was sent again", s.User.Name)
			}
		}
	}
}

// Undo takes the reports' word for who has moved, and reads nobody of them.
func TestUndoBelievesTheReports(t *testing.T) {
	t.Parallel()
	w, c, acts, in, d := crowd(t, 90)
	w.AddUser(c, "late", "business-basic")
	if _, err := acts.AssignLicenses(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	d.sent, d.done, d.reads = map[string]int{}, map[string]int{}, 0
	out, err := acts.RestoreLicenses(t.Context(), activities.RestoreUsersInput{Upgrade: attempt, Grant: in.Grant, Licenses: in.Licenses})
	if err != nil || out.Users.Restored != 91 || out.Users.Photographed != 91 {
		t.Fatalf("%+v, %v", out, err)
	}
	d.sound(t)
	if d.reads != 0 || len(d.sent) != 91 {
		t.Errorf("%d users read, %d written", d.reads, len(d.sent))
	}
	names := []string{}
	for i := range 90 {
		if w.Licence(c, fmt.Sprintf("user%03d", i)) != "business-basic" {
			names = append(names, fmt.Sprintf("user%03d", i))
		}
	}
	if slices.Sort(names); len(names) > 0 {
		t.Errorf("not put back: %v", names)
	}
}

// Hundreds of users who are listed by name are photographed once each, whatever name the list gives them.
func TestPhotographManyByName(t *testing.T) {
	t.Parallel()
	w, c, acts, grant, plan := lab(t)
	w.AddSubscription(c, "business-basic", 300)
	w.AddSubscription(c, "business-premium", 300)
	plan.Who, plan.Ends, plan.Remove = upgrade.Listed, false, nil
	for i := range 250 {
		u := w.AddUser(c, fmt.Sprintf("user%03d", i), "")
		plan.Users = append(plan.Users, u.ID)
		if i%3 == 0 {
			plan.Users = append(plan.Users, u.UPN)
		}
	}
	plan.Users = append(plan.Users, "nobody@contoso.example")
	out, err := acts.TakeSnapshot(t.Context(), activities.TakeSnapshotInput{Upgrade: attempt, Grant: grant, Licenses: plan})
	if err != nil || out.Users != 250 || len(out.Problems) != 1 || out.Problems[0].Code != "user_not_found" {
		t.Errorf("%+v, %v", out, err)
	}
}
