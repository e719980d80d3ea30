package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

// The attempt that broke off has started a transition, and Partner Center cannot be asked about it: a cancel of the next
// attempt is not obeyed on the strength of what that attempt itself has sent.
func TestCancelOfAResumedTransitionThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(6, 8)
	l.staff()
	l.world.SetLag(5 * time.Hour)
	l.breaksOff()
	l.signsIn()
	var said *answer
	l.before("CheckTransition", func() {
		l.world.Fail("Commerce.Transitions", 20, outage())
		l.env.RegisterDelayedCallback(func() { said = l.update(upgrade.UpdateCancel, object{"by": "Olga"}) }, 2*time.Minute)
	})
	l.ends(l.run(), upgrade.Completed)
	said.refused("past_no_return")
	l.seats(id, "business-premium", 8)
	l.staffMoved()
	l.effects("transition", "transition "+id+" transition_with_license_transfer")
}

// Where its first step was the last that it did, the transition is looked up, refused, and all can be undone.
func TestResumedTransitionThatIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(20, 15)
	l.returnable(5)
	l.staff()
	l.breaksOff()
	l.signsIn()
	l.before("CheckTransition", func() { l.world.Change(func() { l.customer.NoTransition = "not here" }) })
	l.ends(l.run(), upgrade.FailedUndone, "microsoft_not_eligible")
	l.seats(id, "business-basic", 20)
	l.effects("transition")
}
