package workflows

import (
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// WatchPartnerWorkflow keeps the sign-in of the partner's own user alive, and writes to the operator when it has died or
// is about to. A schedule starts it every day; a second run of the same day sends the same mail, which a mail program
// shows once. That nobody has signed in is no fault: only some kinds of work need it.
func WatchPartnerWorkflow(ctx workflow.Context) (upgrade.PartnerSignIn, error) {
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Renew the sign-in of the partner's user"), a.WatchPartner, activities.WatchPartnerInput{})
	if err != nil {
		problem := upgrade.Problem{Code: failureOf(err).Code, Message: failureOf(err).Message}
		workflow.GetLogger(ctx).Warn("the sign-in of the partner's user could not be looked at", "problem", problem.String())
		return upgrade.PartnerSignIn{State: upgrade.PartnerSignInUnknown, Problem: &problem}, nil
	}
	found := out.SignIn
	if found.Problem != nil {
		workflow.GetLogger(ctx).Warn("the sign-in of the partner's user needs looking after",
			"state", string(found.State), "lastUsed", found.UsedAt, "diesAt", found.DiesAt(), "problem", found.Problem.String())
	}
	if found.NeedsOperator() {
		_, err = do(post(ctx, "Tell the operator about the partner's sign-in"), a.SendLetter, activities.SendLetterInput{
			Operator: true,
			Letter: upgrade.Letter{Kind: upgrade.LetterPartnerSignIn, ID: "partner-sign-in-" + workflow.Now(ctx).UTC().Format("2006-01-02"),
				SignIn: &found},
		})
		if err != nil {
			workflow.GetLogger(ctx).Warn("the mail about the partner's sign-in was not sent", "problem", failureOf(err).Message)
		}
	}
	return found, nil
}
