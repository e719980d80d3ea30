package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

func TestSlowProvisioning(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.SetLag(5 * time.Hour)
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	told := l.world.When("letter slow operator@provider.example")
	changed := l.world.When("seats")[0]
	if len(told) != 1 {
		t.Fatalf("the operator was told %d times", len(told))
	}
	if after := told[0].Sub(changed); after < 50*time.Minute || after > 65*time.Minute {
		t.Errorf("the operator was told after %s", after)
	}
	if n := len(l.world.Letters(upgrade.LetterParked)); n != 0 {
		t.Errorf("%d letters about parking", n)
	}
}

func TestProvisioningThatNeverEndsParks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.SetLag(100 * time.Hour)
	l.after(4*day, func() {
		p := l.status().Parked
		if p == nil {
			t.Error("it is not parked after four days")
			return
		}
		if after := p.Since.Sub(start); after < 47*time.Hour || after > 49*time.Hour {
			t.Errorf("it parked after %s", after)
		}
		l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	l.effects("seats", "seats "+id+" 10→15")
	if n := len(l.world.When("letter slow")); n != 1 {
		t.Errorf("the operator was told %d times", n)
	}
}

// Where Partner Center keeps the provisioning status to tokens with a user, subscription and directory decide.
func TestProvisioningStatusIsNotOpenToUs(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.Provisioned", 1<<30, &upgrade.Error{Kind: upgrade.Act, Code: "900329", Message: "not open to a token without a user"})
	l.world.SetLag(30 * time.Minute)
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if after := r.EndedAt.Sub(l.world.When("seats")[0]); after < 30*time.Minute {
		t.Errorf("it completed after %s, before the directory showed the seats", after)
	}
}

// A reply that is lost after its effect changes nothing twice.
func TestReplyLostAfterTheEffect(t *testing.T) {
	t.Parallel()
	for _, method := range []string{
		"Commerce.SetSeats", "Commerce.StartTransition", "Directory.AssignLicenses", "Directory.SetUsageLocation", "Register.Claim",
		"Register.SaveSnapshots", "Register.Journal", "Register.SaveTokens", "Register.RecordEnd", "Mailer.Send",
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.customer.NoTransfer = "not here"
			id := l.transition(6, 8)
			l.staff()
			l.world.AddUser(l.customer, "fred", "business-basic").UsageLocation = ""
			l.signsIn()
			l.world.LoseReply(method, 2)
			r := l.run()
			l.ends(r, upgrade.Completed)
			l.seats(id, "business-premium", 8)
			l.staffMoved()
			l.effects("transition", "transition "+id+" transition_only")
			l.effects("seats", "seats "+id+" 6→8")
			if got := l.world.Effects("licences"); len(got) != 5 {
				t.Errorf("the licences were moved as %v", got)
			}
			if r.Users.Moved != 5 || r.Users.Failed != 0 {
				t.Errorf("the users: %+v", r.Users)
			}
			if n := len(l.world.Letters(upgrade.LetterInvitation)); n != 1 {
				t.Errorf("%d invitations", n)
			}
		})
	}
}

// Throttling is waited for as long as Microsoft says.
func TestThrottled(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 1, &upgrade.Error{Kind: upgrade.Throttled, Code: "429", RetryAfter: 17 * time.Minute})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if at := l.world.When("seats")[0].Sub(start); at < 17*time.Minute {
		t.Errorf("the seats were changed after %s", at)
	}
}

// The reply to the transition is lost, Microsoft lists it late and meanwhile refuses another one: that no is not definite,
// and nothing is undone under the transition that runs.
func TestTransitionThatIsListedLate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.customer.ListedLate = time.Hour
	id := l.transition(20, 15)
	l.returnable(5)
	l.staff()
	l.signsIn()
	l.world.SetLag(3 * time.Hour)
	l.world.LoseReply("Commerce.StartTransition", 1)
	var said *answer
	l.before("StartTransition", func() {
		l.env.RegisterDelayedCallback(func() { said = l.update(upgrade.UpdateCancel, nil) }, 10*time.Minute)
	})
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-premium", 15)
	l.staffMoved()
	l.effects("transition", "transition "+id+" transition_with_license_transfer")
	l.effects("seats", "seats "+id+" 20→15")
	said.refused("past_no_return")
}

// A request that was answered with a definite no has started nothing, and what came before it can be undone.
func TestTransitionThatNeedsAPerson(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(20, 15)
	l.returnable(5)
	l.signsIn()
	l.world.Fail("Commerce.StartTransition", 1, act())
	l.after(day, func() { l.update(upgrade.UpdateResolve, object{"answer": "undo"}) })
	l.ends(l.run(), upgrade.FailedUndone, "800023")
	l.seats(id, "business-basic", 20)
	l.effects("transition")
}
