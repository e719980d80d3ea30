package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// park waits for an operator: the step, the reason in words, what Microsoft said, and what may be answered. A cancel is an
// answer, too, while everything can be undone.
func (u *upgradeRun) park(ctx workflow.Context, step string, f failure, skippable bool) (upgrade.Answer, error) {
	u.giveSlotBack(ctx)
	answers := []upgrade.Answer{upgrade.Retry}
	if skippable {
		answers = append(answers, upgrade.Skip)
	}
	if !u.status.NoReturn && !u.beforeChange() && u.status.Stage != upgrade.Undoing {
		answers = append(answers, upgrade.UndoIt)
	}
	answers = append(answers, upgrade.Abandon)
	u.answer = nil
	u.status.Parked = &upgrade.Parked{
		Step: step, Reason: f.Message, Code: f.Code, Correlation: f.Correlation, Remedy: remedyOf(f), Page: f.Page, Answers: answers, Since: workflow.Now(ctx),
	}
	u.log(ctx).Warn("parked", "step", step, "code", f.Code, "reason", f.Message)
	u.tellParked(ctx)
	u.needOperator(ctx, true)
	answered := func() bool { return u.answer != nil }
	for reminder := 0; u.answer == nil; reminder++ {
		u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: upgrade.Letter{Kind: upgrade.LetterParked, Number: reminder, Parked: u.status.Parked}})
		if _, err := u.await(ctx, u.policy.ParkReminder.D(), "remind the operator of the parked step", answered); err != nil {
			u.status.Parked = nil
			return "", u.noOperator(ctx, err)
		}
	}
	answer := u.answer.Answer
	u.status.Parked, u.answer = nil, nil
	u.tell(ctx, upgrade.CallbackResumed, nil)
	u.needOperator(ctx, false)
	return answer, nil
}

func (u *upgradeRun) mayResolve(in upgrade.Resolve) error {
	switch p := u.status.Parked; {
	case p == nil || u.answer != nil:
		return rejected("not_parked", "this upgrade is not parked; it is in stage %s", u.stageWords())
	case !slices.Contains(p.Answers, in.Answer):
		words := make([]string, len(p.Answers))
		for i, one := range p.Answers {
			words[i] = string(one)
		}
		return rejected("answer_not_possible", "%s is not possible here; choose one of %s", in.Answer, strings.Join(words, ", "))
	}
	return nil
}

func resolveWords(a upgrade.Answer, step string) string {
	switch a {
	case upgrade.Retry:
		return fmt.Sprintf("The step %q is tried again.", step)
	case upgrade.Skip:
		return fmt.Sprintf("The step %q is left out and written down; the upgrade goes on.", step)
	case upgrade.UndoIt:
		return "Everything done so far is undone."
	}
	return "The upgrade ends abandoned; what was done is left as it is and written down."
}

// remedyOf is the error book's remedy, as an activity recorded it; a code that is not in the book has the one of its kind.
func remedyOf(f failure) string {
	if f.Remedy != "" {
		return f.Remedy
	}
	switch f.Kind {
	case upgrade.Act:
		return "Mend the cause, then retry."
	case upgrade.GrantLost:
		return "The grant in the customer's tenant has died. Restore the access there, then retry."
	case upgrade.Conflict:
		return "Somebody else changed the subscription. Compare with Partner Center; retry when it is as the plan expects."
	case upgrade.Transient, upgrade.Throttled, upgrade.Ambiguous, upgrade.Waiting:
		return "Microsoft did not answer as it should for a long time. Look at its service health, then retry."
	}
	return "Find out what Microsoft means by the code, then retry."
}
