package workflows

import (
	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
)

func (u *upgradeRun) setCancel(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateCancel, "Stop the upgrade; the answer says what will happen",
		func(_ workflow.Context, _ upgrade.Request) error { return u.mayCancel() },
		func(ctx workflow.Context, in upgrade.Request) (upgrade.Reply, error) {
			u.askCancel(ctx, in)
			return upgrade.Reply{Message: u.cancelWords()}, u.recordAnswer(ctx, upgrade.UpdateCancel, in)
		})
}

// mayCancel refuses a cancel that could not be carried out, with the reason.
func (u *upgradeRun) mayCancel() error {
	switch {
	case u.status.NoReturn:
		return rejected("past_no_return", "the transition has started and cannot be undone; the upgrade goes on to its end, and seats can be changed by a new order")
	case u.resumes != "" && u.beforeChange():
		return rejected("change_begun", "an earlier attempt at this order broke off in its change (stage %s now); once the consent is there the change goes on, and can be cancelled and undone then", u.stageWords())
	case u.cancel != nil:
		return rejected("cancelling_already", "the upgrade is being cancelled already")
	}
	switch u.status.Stage {
	case upgrade.Undoing, upgrade.Notifying, upgrade.Ended:
		return rejected("wrong_stage", "this upgrade is in stage %s; there is nothing left to cancel", u.stageWords())
	}
	return nil
}

// askCancel is the one door for the update and for a raw cancellation of the execution. One that cannot be obeyed is
// recorded and changes nothing.
func (u *upgradeRun) askCancel(ctx workflow.Context, in upgrade.Request) {
	if err := u.mayCancel(); err != nil {
		u.ignore(ctx, upgrade.UpdateCancel, upgrade.Problems{{Code: "cancel_refused", Message: err.Error()}})
		return
	}
	u.cancel, u.status.Cancelling = &in, &in
	if u.stop != nil {
		u.stop()
	}
	u.details(ctx)
}

// cancelWords says what will happen, by the stage.
func (u *upgradeRun) cancelWords() string {
	if u.beforeChange() {
		return "The upgrade ends cancelled. No subscription and no licence was touched."
	}
	if u.status.Stage == upgrade.Scheduled {
		return "What is scheduled for the renewal is taken back, and what else was done is undone. The upgrade ends cancelled, or waits for an operator with what could not be undone."
	}
	return "The present step is finished, then everything done so far is undone: seats, licences and usage locations are put back. The upgrade ends cancelled, or waits for an operator with what could not be undone."
}
