package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// ending leaves the story: it is an error only to Go.
type ending struct {
	end     upgrade.End
	reasons upgrade.Problems
	undo    bool // what was done is undone first
}

func (e ending) Error() string { return fmt.Sprintf("%s: %v", e.end, e.reasons) }

// endOf is the end that a story came to. An error that is no ending is a defect of ours.
func (u *upgradeRun) endOf(err error) (ending, error) {
	var e ending
	switch {
	case err == nil && u.status.Users.Failed > 0:
		return ending{end: upgrade.CompletedWithExceptions, reasons: u.skipped}, nil
	case err == nil && len(u.status.Residue) > 0:
		return ending{end: upgrade.CompletedWithResidue, reasons: u.skipped}, nil
	case err == nil:
		return ending{end: upgrade.Completed, reasons: u.skipped}, nil
	case errors.As(err, &e) && u.resumes != "" && u.beforeChange() && e.end.ChangedNothing():
		e.reasons.Add("", "left_unfinished", fmt.Sprintf("The attempt %s broke off in its change, and this one could not go on with it (%s).", u.resumes, e.end.Words()), "compare with Partner Center and finish by hand")
		e.reasons[len(e.reasons)-1].Customer = "An earlier attempt at the change broke off half way."
		e.end = upgrade.Abandoned
		return e, nil
	case errors.As(err, &e):
		return e, nil
	}
	return ending{}, err
}

// cancelled ends an upgrade that somebody asked to stop.
func (u *upgradeRun) cancelled() ending {
	reason := "the upgrade was cancelled"
	if u.cancel.By != "" {
		reason += " by " + u.cancel.By
	}
	if u.cancel.Reason != "" {
		reason += ": " + u.cancel.Reason
	}
	return ending{end: upgrade.Cancelled, undo: true, reasons: upgrade.Problems{{Code: "cancelled", Message: reason}}}
}

// mayStop tells whether a cancel is to be obeyed now. What undoes or ends the upgrade is not to be stopped by it.
func (u *upgradeRun) mayStop() bool {
	switch u.status.Stage {
	case upgrade.Undoing, upgrade.Notifying, upgrade.Ended:
		return false
	}
	return u.cancel != nil && !u.status.NoReturn
}

// attempt runs one step until it succeeds, or until it is clear what its failure leads to: an ending where Microsoft gave a
// definite no and all can still be undone, a cancel that somebody asked for, or the word of an operator.
func (u *upgradeRun) attempt(ctx workflow.Context, step string, try func(ctx workflow.Context) error) error {
	return u.attempting(ctx, step, false, try)
}

// attemptOrSkip is attempt for a step without which the upgrade can come to its end: an operator may leave it out.
func (u *upgradeRun) attemptOrSkip(ctx workflow.Context, step string, try func(ctx workflow.Context) error) error {
	return u.attempting(ctx, step, true, try)
}

func (u *upgradeRun) attempting(ctx workflow.Context, step string, skippable bool, try func(ctx workflow.Context) error) error {
	for {
		if u.mayStop() {
			return u.cancelled()
		}
		err := u.interruptible(ctx, try)
		var e ending
		if err == nil || errors.As(err, &e) {
			return err
		}
		if u.mayStop() {
			return u.cancelled()
		}
		f := failureOf(err)
		switch {
		case f.Kind == upgrade.GrantLost && u.beforeChange() && u.order.Invites():
			return err // the way back to the invitation
		case f.Kind == upgrade.Refused && u.beforeChange():
			return ending{end: upgrade.Ineligible, reasons: f.problems()}
		case f.Kind == upgrade.Refused && !u.status.NoReturn:
			return ending{end: upgrade.FailedUndone, undo: true, reasons: f.problems()}
		}
		answer, err := u.park(ctx, step, f, skippable)
		if err != nil {
			return err
		}
		switch answer {
		case upgrade.Skip:
			u.skipped = append(u.skipped, upgrade.Problem{Path: step, Code: "skipped", Message: fmt.Sprintf("An operator left out %q: %s", step, f.Message), Remedy: "compare with Partner Center and the tenant",
				Customer: "A step was left out by your provider, who looks after it: " + step + "."})
			return nil
		case upgrade.UndoIt:
			return ending{end: upgrade.FailedUndone, undo: true, reasons: f.problems()}
		case upgrade.Abandon:
			return ending{end: upgrade.Abandoned, reasons: append(f.problems(), u.whatStands()...)}
		}
	}
}

// interruptible lets a cancel reach what is waiting, as long as nothing has changed or the wait only reads. Writes ignore
// it: they run on the context that attempt was given. So does the claim, which would hold the order without an end.
func (u *upgradeRun) interruptible(ctx workflow.Context, f func(workflow.Context) error) error {
	if !u.beforeChange() || u.status.Upgrade == "" {
		return f(ctx)
	}
	child, stop := workflow.WithCancel(ctx)
	defer stop()
	u.stop = stop
	defer func() { u.stop = nil }()
	return f(child)
}

// beforeChange tells whether the stage is one in which nothing has been changed at Microsoft.
func (u *upgradeRun) beforeChange() bool {
	switch u.status.Stage {
	case upgrade.Planning, upgrade.Invited, upgrade.Consented, upgrade.Checking, upgrade.Confirming, upgrade.Queued:
		return true
	}
	return false
}

// whatStands says, at an abandoned upgrade, what was done and not undone.
func (u *upgradeRun) whatStands() upgrade.Problems {
	var ps upgrade.Problems
	for _, s := range u.status.Steps {
		if s.State == "done" || s.State == "running" || s.State == "failed" {
			ps = append(ps, upgrade.Problem{Path: s.ID, Code: "left_" + s.State, Message: s.Words + ": left as it is (" + s.State + ")", Remedy: "compare with Partner Center", Customer: s.Words + ": " + leftWords[s.State] + "."})
		}
	}
	return ps
}

// leftWords say to the customer what became of a step that was not undone.
var leftWords = map[string]string{"done": "this was done and stays", "running": "this was begun and not finished", "failed": "this did not succeed"}

// failure is an activity's failure as its adapter classified it.
type failure struct{ activities.Failure }

func (f failure) problems() upgrade.Problems {
	return upgrade.Problems{{Code: orCode(f.Code), Message: f.Message, Remedy: f.Remedy, Customer: f.Customer, Billing: f.Billing}}
}

// difference parks an upgrade whose tenant does not hold what the plan ends with.
func difference(ps upgrade.Problems) error {
	return temporal.NewNonRetryableApplicationError(ps.Error(), string(upgrade.Unknown), nil,
		activities.Failure{Kind: upgrade.Unknown, Code: "not_as_planned", Message: ps.Error(), Customer: "Not everything is as it was ordered."})
}

func orCode(code string) string {
	if code == "" {
		return "unknown"
	}
	return code
}

// failureOf reads the classification from the details of the application error. A time-out without one is what Temporal
// itself gave up on.
func failureOf(err error) failure {
	var applied *temporal.ApplicationError
	if errors.As(err, &applied) {
		var f activities.Failure
		if applied.HasDetails() && applied.Details(&f) == nil && f.Kind != "" {
			return failure{f}
		}
		return failure{activities.Failure{Kind: upgrade.Unknown, Code: applied.Type(), Message: applied.Message()}}
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return failure{activities.Failure{Kind: upgrade.Transient, Code: "timeout", Message: "no answer came in time"}}
	}
	return failure{activities.Failure{Kind: upgrade.Unknown, Message: err.Error()}}
}

func isGrantLost(err error) bool {
	var e ending
	return err != nil && !errors.As(err, &e) && failureOf(err).Kind == upgrade.GrantLost
}

// jsonOf is the JSON of a raw payload. Anything else, such as a payload that nobody here can decrypt, is said by name.
func jsonOf(raw converter.RawValue) ([]byte, error) {
	p := raw.Payload()
	if p == nil {
		return nil, errors.New("there is no input")
	}
	switch encoding := string(p.GetMetadata()[converter.MetadataEncoding]); encoding {
	case converter.MetadataEncodingJSON:
		return p.GetData(), nil
	case converter.MetadataEncodingNil:
		return nil, nil
	case "binary/encrypted":
		return nil, errors.New("the payload cannot be decrypted with the keys that this worker has")
	default:
		return nil, fmt.Errorf("the payload is encoded as %.40q, not as JSON", encoding)
	}
}
