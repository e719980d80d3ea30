package workflows_test

import (
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// moment is a moment in the story at which a test interferes.
type moment struct {
	name    string
	prepare func(l *lab) (subscription string)
	at      func(l *lab, f func())
	changed bool // something was changed at Microsoft by then
}

func inStage(s upgrade.Stage) func(*lab, func()) { return func(l *lab, f func()) { l.when(s, f) } }
func atActivity(name string) func(*lab, func())  { return func(l *lab, f func()) { l.before(name, f) } }

func resizing(l *lab) string {
	id := l.resize(2, 5)
	l.world.AddUser(l.customer, "anna", "").UsageLocation = ""
	l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example"}}
	l.signsIn()
	return id
}

func confirmed(l *lab) string {
	l.order["finish"] = "confirm"
	return resizing(l)
}

func waiting(l *lab) string {
	l.order["notBefore"] = start.Add(2 * day)
	return resizing(l)
}

// moments are every stage before the end, with the order that passes through it.
func moments() []moment {
	return []moment{
		{"the very beginning", resizing, inStage(upgrade.Planning), false},
		{"claiming", resizing, atActivity("ClaimOrder"), false},
		{"planning", resizing, atActivity("PlanUpgrade"), false},
		{"invited", resizing, inStage(upgrade.Invited), false},
		{"a code is being typed", resizing, atActivity("AwaitSignIn"), false},
		{"consented", resizing, inStage(upgrade.Consented), false},
		{"checking", resizing, inStage(upgrade.Checking), false},
		{"confirming", confirmed, inStage(upgrade.Confirming), false},
		{"queued", waiting, inStage(upgrade.Queued), false},
		{"photographing", resizing, atActivity("TakeSnapshot"), false},
		{"changing", resizing, atActivity("ChangeSeats"), true},
		{"provisioning", resizing, atActivity("AwaitProvisioning"), true},
		{"assigning", resizing, atActivity("AssignLicenses"), true},
		{"confirming licences", resizing, atActivity("ConfirmLicenses"), true},
		{"settling", resizing, inStage(upgrade.Settling), true},
	}
}

func TestCancelAtEveryStage(t *testing.T) {
	t.Parallel()
	ways := map[string]func(l *lab) *answer{
		"by update": func(l *lab) *answer {
			return l.update(upgrade.UpdateCancel, object{"by": "Olga", "reason": "wrong customer"})
		},
		"raw": func(l *lab) *answer { l.env.CancelWorkflow(); return nil },
	}
	for _, m := range moments() {
		for way, cancel := range ways {
			t.Run(m.name+" "+way, func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				id := m.prepare(l)
				var said *answer
				reached := false
				m.at(l, func() { reached, said = true, cancel(l) })
				r := l.run()
				if !reached {
					t.Fatal("the moment never came")
				}
				l.ends(r, upgrade.Cancelled, "cancelled")
				if l.world.Calls("Register.Claim") > 0 && r.Upgrade == "" {
					t.Error("the order stays claimed without an end")
				}
				l.seats(id, "business-basic", 2)
				l.holds("anna", "")
				if got := l.world.User(l.customer, "anna").UsageLocation; got != "" {
					t.Errorf("anna's usage location is %q, where she had none", got)
				}
				if !m.changed {
					l.untouched()
				}
				if said == nil {
					return
				}
				var reply upgrade.Reply
				said.well(&reply)
				if said := strings.Contains(reply.Message, "was touched"); said == (m.changed || m.name == "photographing") {
					t.Errorf("the cancel was answered %q", reply.Message)
				}
				if !strings.Contains(r.Reasons[0].Message, "Olga") || !strings.Contains(r.Reasons[0].Message, "wrong customer") {
					t.Errorf("who and why are lost: %v", r.Reasons)
				}
			})
		}
	}
}

func TestCancelBeforeTheClaimClaimsNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(2, 5)
	l.world.Fail("Register.Claim", 3, outage())
	l.before("ClaimOrder", func() { l.update(upgrade.UpdateCancel, nil) })
	r := l.run()
	l.ends(r, upgrade.Cancelled)
	l.untouched()
	if n := len(l.world.Letters("")); n > 1 {
		t.Errorf("%d letters about an upgrade that nobody heard of", n)
	}
}

// Past the point of no return a cancel is refused with the reason, and the upgrade goes to its end.
func TestCancelPastThePointOfNoReturn(t *testing.T) {
	t.Parallel()
	for _, activity := range []string{"AwaitProvisioning", "AssignLicenses", "ConfirmLicenses"} {
		t.Run(activity, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.transition(6, 8)
			l.staff()
			l.signsIn()
			var said *answer
			l.before(activity, func() {
				said = l.update(upgrade.UpdateCancel, object{"by": "Olga"})
				l.env.CancelWorkflow()
			})
			l.ends(l.run(), upgrade.Completed)
			l.seats(id, "business-premium", 8)
			l.staffMoved()
			said.refused("past_no_return", "cannot be undone")
			l.ignored(upgrade.UpdateCancel, "cancel_refused")
		})
	}
}

// ignored asserts that something was recorded as ignored, with a code.
func (l *lab) ignored(what, code string) {
	l.Helper()
	for _, one := range l.status().Ignored {
		if one.Signal == what && one.Reasons.Has(code) {
			return
		}
	}
	l.Errorf("nothing of %s was recorded as ignored with %s: %v", what, code, l.status().Ignored)
}

func TestCancelTooLate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	var said *answer
	l.when(upgrade.Notifying, func() { said = l.update(upgrade.UpdateCancel, nil); l.env.CancelWorkflow() })
	l.ends(l.run(), upgrade.Completed)
	said.refused("wrong_stage", "notifying")
	l.ignored(upgrade.UpdateCancel, "cancel_refused")
}

func TestCancelTwice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	var second *answer
	l.before("AwaitProvisioning", func() {
		l.update(upgrade.UpdateCancel, nil)
		second = l.update(upgrade.UpdateCancel, nil)
	})
	l.ends(l.run(), upgrade.Cancelled)
	second.refused("cancelling_already")
}

// A cancel reaches an upgrade that is parked, without anybody resolving it.
func TestCancelOfAParkedUpgrade(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 1, &upgrade.Error{Kind: upgrade.Act, Code: "800023", Message: "the credit line does not allow this"})
	l.after(3*day, func() { l.update(upgrade.UpdateCancel, nil) })
	r := l.run()
	l.ends(r, upgrade.Cancelled)
	l.seats(id, "business-basic", 10)
	if days := r.EndedAt.Sub(start).Round(time.Hour); days != 3*day {
		t.Errorf("it ended after %s", days)
	}
}

// A cancel does not sit out what only reads: an outage before the change, or a provisioning that takes long, of which the
// undo awaits an hour at most, so that it does not take the old number for its own work.
func TestCancelInterruptsReading(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(l *lab){
		"outage while planning": func(l *lab) {
			l.world.Fail("Commerce.Customer", 1<<30, outage())
			l.after(10*time.Minute, func() { l.update(upgrade.UpdateCancel, nil) })
		},
		"slow provisioning": func(l *lab) {
			l.signsIn()
			l.world.SetLag(10 * time.Hour)
			l.before("AwaitProvisioning", func() {
				l.world.SetLag(time.Minute)
				l.update(upgrade.UpdateCancel, nil)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			prepare(l)
			r := l.run()
			l.ends(r, upgrade.Cancelled)
			l.seats(id, "business-basic", 10)
			if after := r.EndedAt.Sub(start); after > 90*time.Minute {
				t.Errorf("it ended after %s", after)
			}
		})
	}
}
