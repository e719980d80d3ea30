package workflows

import (
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// lastPost is how long the last letter of an upgrade is tried: as long as mail servers themselves keep a mail that they cannot
// deliver (RFC 5321, 4.5.4.1, speaks of four to five days).
const lastPost = 5 * 24 * time.Hour

// lastLetters sends, together, what no reminder repeats. What the mail server does not take now is handed to a workflow of its own,
// so that the upgrade closes and the letter is not lost with it.
func (u *upgradeRun) lastLetters(ctx workflow.Context, letters []activities.SendLetterInput) {
	in := letters[0]
	in.Also = letters[1:]
	out, err := do(post(ctx, fmt.Sprintf("The last mails: %s", in.Letter.Kind)), a.SendLetter, in)
	if err != nil {
		u.log(ctx).Warn("the last mails could not be sent", "kind", in.Letter.Kind, "error", failureOf(err).Message)
	}
	for i, one := range letters {
		if err != nil && worthTrying(err) || slices.Contains(out.Unsent, i) {
			u.tryLater(ctx, one)
		}
	}
}

// tryLater hands a letter on.
func (u *upgradeRun) tryLater(ctx workflow.Context, in activities.SendLetterInput) {
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: "letter/" + in.Letter.ID, ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary: "Goes on trying to send the last letter of " + u.status.Upgrade,
	})
	// It must have started before this execution closes; a run that was reset finds the one of the first run, which will do.
	err := workflow.ExecuteChildWorkflow(child, upgrade.PostLetterWorkflow, in).GetChildWorkflowExecution().Get(ctx, nil)
	if err != nil {
		u.log(ctx).Warn("the last letter is not tried again", "kind", in.Letter.Kind, "error", err)
	}
}

// worthTrying tells whether a letter may still go out: the mail server comes back, or somebody mends the settings. Only what
// the reader's own server refuses, and what is no letter, will never go out.
func worthTrying(err error) bool {
	switch failureOf(err).Kind {
	case upgrade.Refused, upgrade.Invalid, upgrade.NotFound:
		return false
	}
	return true
}

// PostLetterWorkflow tries to send a letter for five days, about an upgrade that has ended. A letter that is sent twice carries
// the same Message-ID. It answers whether the letter went out, and never fails for that: nobody waits for it.
func PostLetterWorkflow(ctx workflow.Context, in activities.SendLetterInput) (activities.SendLetterOutput, error) {
	until := workflow.Now(ctx).Add(lastPost)
	for pause := 5 * time.Minute; ; pause = min(2*pause, time.Hour) {
		if err := workflow.Sleep(ctx, pause); err != nil {
			return activities.SendLetterOutput{}, err
		}
		out, err := do(post(ctx, "Send the last letter"), a.SendLetter, in)
		switch {
		case err == nil:
			return out, nil
		case !worthTrying(err), workflow.Now(ctx).After(until):
			workflow.GetLogger(ctx).Error("the last letter of an upgrade did not go out", "upgrade", in.Upgrade, "kind", in.Letter.Kind, "error", failureOf(err).Message)
			return activities.SendLetterOutput{}, nil
		}
	}
}
