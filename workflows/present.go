package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// enter goes to a stage, for everybody to see.
func (u *upgradeRun) enter(ctx workflow.Context, s upgrade.Stage, more ...attribute) {
	if u.status.Stage == s {
		return
	}
	u.status.Stage = s
	u.status.Stages = append(u.status.Stages, upgrade.StageTime{Stage: s, At: workflow.Now(ctx)})
	u.log(ctx).Info("stage", "stage", s, "end", u.status.End)
	u.attributes(append(more, keyword(upgrade.AttributeStage, string(s)))...)
	u.batch.slow = false
	u.stand(ctx)
	u.details(ctx)
}

// needOperator marks the upgrade for those who look for work.
func (u *upgradeRun) needOperator(ctx workflow.Context, yes bool) {
	u.batch.needs = yes
	u.stand(ctx)
	u.details(ctx)
	u.attributes(truth(upgrade.AttributeNeedsOperator, yes))
}

// noOperator takes the mark away from an upgrade that a cancel took out of an operator's hands.
func (u *upgradeRun) noOperator(ctx workflow.Context, ending error) error {
	u.needOperator(ctx, false)
	return ending
}

// showPlan copies into the status what people read of the plan.
func (u *upgradeRun) showPlan(ctx workflow.Context) {
	p := u.plan
	u.status.Customer, u.status.Headline, u.status.Digest = p.Customer.Name, p.Headline, p.Digest
	u.status.Gains, u.status.Losses, u.status.Permissions = p.Gains, p.Losses, p.Permissions
	u.status.Undo = p.Undo.Words
	u.status.Steps = nil
	for _, s := range p.Steps {
		u.status.Steps = append(u.status.Steps, upgrade.StepStatus{ID: s.ID, Words: s.Words, State: "pending"})
	}
	u.details(ctx)
	u.attributes(
		keyword(upgrade.AttributeSourceOffer, p.Source),
		keyword(upgrade.AttributeTargetOffer, p.Target),
	)
}

// mark shows how far a step is.
func (u *upgradeRun) mark(ctx workflow.Context, i int, state string) {
	u.status.Steps[i].State, u.status.Steps[i].At = state, workflow.Now(ctx)
	u.details(ctx)
}

// await waits for a condition, for a time at most. A cancel that may be obeyed ends the wait with its ending.
func (u *upgradeRun) await(ctx workflow.Context, most time.Duration, summary string, condition func() bool) (bool, error) {
	ok, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{Timeout: most, TimerOptions: workflow.TimerOptions{Summary: summary}}, func() bool {
		return condition() || u.mayStop()
	})
	if u.mayStop() {
		return false, u.cancelled()
	}
	return ok, err
}

// addressed completes a letter with what every letter says, and gives it an id that is the same at every attempt.
func (u *upgradeRun) addressed(in activities.SendLetterInput) activities.SendLetterInput {
	in.Upgrade = u.status.Upgrade
	l := &in.Letter
	l.Order, l.WorkflowID, l.Company, l.Headline = u.status.Order, u.status.WorkflowID, u.status.Customer, u.status.Headline
	l.Gains, l.Losses, l.Permissions = u.plan.Gains, u.plan.Losses, u.plan.Permissions
	l.Undo = u.plan.Undo.Words
	if admin := u.order.Administrator; admin != nil && !in.Operator {
		l.To, l.ToName, l.Language = admin.Mail, admin.Name, admin.Language
	}
	l.ID = upgrade.UUID(u.status.Upgrade, u.status.WorkflowID, string(l.Kind), string(u.status.Stage), fmt.Sprint(in.Operator, in.Invitation, l.Number), l.Digest, u.running(), stepOf(l.Parked))
	return in
}

// running is the step that is being carried out.
func (u *upgradeRun) running() string {
	for _, s := range u.status.Steps {
		if s.State == "running" {
			return s.ID
		}
	}
	return ""
}

func stepOf(p *upgrade.Parked) string {
	if p == nil {
		return ""
	}
	return p.Step + p.Since.String()
}

// letter sends a mail, already addressed, that nothing depends on: one that cannot be sent is logged and the upgrade goes on.
func (u *upgradeRun) letter(ctx workflow.Context, in activities.SendLetterInput) error {
	to := "administrator"
	if in.Operator {
		to = "operator"
	}
	_, err := do(post(ctx, fmt.Sprintf("Mail to the %s: %s", to, in.Letter.Kind)), a.SendLetter, in)
	if err != nil {
		u.log(ctx).Warn("a mail could not be sent", "kind", in.Letter.Kind, "error", failureOf(err).Message)
	}
	return err
}

// aside sends a letter beside the story, which does not wait for it.
func (u *upgradeRun) aside(ctx workflow.Context, in activities.SendLetterInput) {
	in = u.addressed(in)
	workflow.Go(ctx, func(ctx workflow.Context) { _ = u.letter(ctx, in) })
}

// notify tells the administrator and the operator how it ended. Nobody is written to about an upgrade that they never
// heard of.
func (u *upgradeRun) notify(ctx workflow.Context, end ending) {
	l := upgrade.Letter{
		Kind: upgrade.LetterCouldNot, End: end.end, Reasons: end.reasons,
		Before: u.status.Before, After: u.status.After, Users: u.status.Users, Residue: u.status.Residue,
	}
	if end.end.Succeeded() {
		l.Kind = upgrade.LetterDone
	}
	letters := []activities.SendLetterInput{u.addressed(activities.SendLetterInput{Operator: true, Letter: l})}
	if u.order.Administrator != nil && (u.status.Invitation != nil || end.end.Succeeded()) {
		customers := l
		customers.Reasons = l.Reasons.ForCustomer()
		letters = append([]activities.SendLetterInput{u.addressed(activities.SendLetterInput{Letter: customers})}, letters...)
	}
	u.lastLetters(ctx, letters)
}

// close is the last thing that the workflow says.
func (u *upgradeRun) close(ctx workflow.Context, end ending) upgrade.Result {
	u.forgetClaims(ctx, "too_late", "the upgrade ended meanwhile")
	u.status.End, u.status.Reasons, u.status.Parked = end.end, end.reasons, nil
	u.enter(ctx, upgrade.Ended, keyword(upgrade.AttributeEnd, string(end.end)))
	u.flushAttributes(ctx)
	return u.result(ctx, end)
}

func (u *upgradeRun) result(ctx workflow.Context, end ending) upgrade.Result {
	return upgrade.Result{
		Order: u.status.Order, Upgrade: u.status.Upgrade, End: end.end, Reasons: end.reasons, First: u.status.First, FirstRun: u.status.FirstRun,
		Before: u.status.Before, After: u.status.After, Users: u.status.Users, Undone: u.undone,
		Plan: u.plan.Digest, Residue: u.status.Residue, EndedAt: workflow.Now(ctx),
	}
}

// log writes with the upgrade's id, so that one grep finds its story.
func (u *upgradeRun) log(ctx workflow.Context) log.Logger {
	return log.With(workflow.GetLogger(ctx), "upgrade", u.status.Upgrade)
}
