package workflows

import (
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// rejected is the answer to an update that does not fit: the caller reads the reason, nothing else happens.
func rejected(code, format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), code, nil)
}

// update registers one update. Its input is taken raw and parsed strictly before the validator looks at it; a rejected
// update leaves no line in the history.
func update[In, Out any](ctx workflow.Context, name, words string, may func(ctx workflow.Context, in In) error, handle func(ctx workflow.Context, in In) (Out, error)) error {
	parse := func(raw converter.RawValue) (In, error) {
		var in In
		var data []byte
		if raw.Payload() != nil {
			var err error
			if data, err = jsonOf(raw); err != nil {
				return in, rejected("unreadable_input", "%v", err)
			}
		}
		if problems := upgrade.ParseUpdate(data, &in); len(problems) > 0 {
			return in, rejected(problems[0].Code, "%s", problems.Error())
		}
		return in, nil
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, name,
		func(ctx workflow.Context, raw converter.RawValue) (Out, error) {
			in, err := parse(raw)
			if err != nil {
				var none Out
				return none, err
			}
			return handle(detachFrom(ctx), in)
		},
		workflow.UpdateHandlerOptions{
			Description: words,
			Validator: func(ctx workflow.Context, raw converter.RawValue) error {
				in, err := parse(raw)
				if err != nil {
					return err
				}
				return may(ctx, in)
			},
		})
}

// detachFrom keeps a handler running when the execution is cancelled: a cancel is a request like any other.
func detachFrom(ctx workflow.Context) workflow.Context {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	return detached
}

func (u *upgradeRun) setUpdates(ctx workflow.Context) error {
	u.auth.minting = workflow.NewMutex(ctx)
	for _, set := range []func(workflow.Context) error{u.setStart, u.setConfirm, u.setCancel, u.setResend, u.setRevoke, u.setResolve, u.setApprove} {
		if err := set(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (u *upgradeRun) setStart(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateStartAuthentication, "Show the administrator a code to sign in with",
		func(ctx workflow.Context, in upgrade.StartAuthentication) error {
			return u.mayStart(in, workflow.Now(ctx))
		}, u.startAuthentication)
}

func (u *upgradeRun) setConfirm(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateConfirm, "Confirm the plan that was read, by its digest",
		func(ctx workflow.Context, in upgrade.Confirm) error {
			switch {
			case u.asksSecondPerson():
				return rejected("approval_needed", "nothing is left to confirm: the plan %s waits for a second person, who gives the update approve", u.plan.Digest)
			case u.status.Stage != upgrade.Confirming || u.confirm != nil:
				return u.wrongStage(upgrade.UpdateConfirm, upgrade.Confirming)
			case in.Digest != u.plan.Digest:
				return rejected("stale_plan", "the plan has changed: its digest is %s now, not %s; read it and confirm that", u.plan.Digest, in.Digest)
			}
			return nil
		},
		func(ctx workflow.Context, in upgrade.Confirm) (upgrade.Reply, error) {
			u.confirm = &in
			message := "Confirmed: " + u.plan.Headline + "."
			if in.Seats != 0 {
				message = fmt.Sprintf("The plan is made anew for %s and shown for confirmation.", upgrade.Seats(in.Seats))
			}
			return upgrade.Reply{Message: message}, u.recordAnswer(ctx, upgrade.UpdateConfirm, in.Request)
		})
}

func (u *upgradeRun) setResend(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateResend, "Send the invitation again; the old link is void, the deadline stays",
		func(_ workflow.Context, _ upgrade.Request) error {
			if u.status.Stage != upgrade.Invited || u.revoked != nil {
				return u.wrongStage(upgrade.UpdateResend, upgrade.Invited)
			}
			return nil
		},
		func(ctx workflow.Context, in upgrade.Request) (upgrade.Reply, error) {
			u.newInvitation()
			number := u.status.Invitation.Number
			if err := u.recordAnswer(ctx, upgrade.UpdateResend, in); err != nil {
				return upgrade.Reply{}, err
			}
			sent := u.sendInvitation(ctx, upgrade.LetterInvitation, number, 0)
			if u.status.Stage != upgrade.Invited || u.status.Invitation.Number != number {
				return upgrade.Reply{}, rejected("invitation_void", "invitation %d was replaced meanwhile", number)
			}
			link, err := do(quick(ctx, u.policy, "Make the link to copy"), a.MakeLink, activities.MakeLinkInput{Upgrade: u.status.Upgrade, WorkflowID: u.status.WorkflowID, Invitation: number})
			message := fmt.Sprintf("Invitation %d is out, good until %s; the earlier link is void.", number, u.status.Invitation.Deadline.Format("2 Jan 2006 15:04 MST"))
			if sent != nil {
				message += " The mail could not be sent (" + failureOf(sent).Message + "): hand the link on yourself."
			}
			return upgrade.Reply{Message: message, Link: link.Link, Invitation: number}, err
		})
}

func (u *upgradeRun) setRevoke(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateRevoke, "Void the invitation and end the upgrade",
		func(_ workflow.Context, _ upgrade.Request) error {
			if u.status.Stage != upgrade.Invited || u.revoked != nil {
				return u.wrongStage(upgrade.UpdateRevoke, upgrade.Invited)
			}
			return nil
		},
		func(ctx workflow.Context, in upgrade.Request) (upgrade.Reply, error) {
			u.revoked = &in
			u.stopFollowing()
			return upgrade.Reply{Message: "The link is void; the upgrade ends cancelled, and nothing was changed."}, u.recordAnswer(ctx, upgrade.UpdateRevoke, in)
		})
}

func (u *upgradeRun) setResolve(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateResolve, "Answer a parked upgrade: retry, skip, undo or abandon",
		func(_ workflow.Context, in upgrade.Resolve) error { return u.mayResolve(in) },
		func(ctx workflow.Context, in upgrade.Resolve) (upgrade.Reply, error) {
			step := u.status.Parked.Step
			u.answer = &in
			answer := upgrade.OperatorAnswer{What: string(in.Answer), By: in.By, Reason: in.Reason, Step: step}
			return upgrade.Reply{Message: resolveWords(in.Answer, step)}, u.record(ctx, answer)
		})
}

// recordAnswer keeps who said what in the register.
func (u *upgradeRun) recordAnswer(ctx workflow.Context, what string, in upgrade.Request) error {
	return u.record(ctx, upgrade.OperatorAnswer{What: what, By: in.By, Reason: in.Reason})
}

func (u *upgradeRun) record(ctx workflow.Context, answer upgrade.OperatorAnswer) error {
	answer.At = workflow.Now(ctx)
	if info := workflow.GetCurrentUpdateInfo(ctx); info != nil {
		answer.ID = info.ID
	}
	if u.status.Upgrade == "" {
		return nil // not claimed yet: there is nothing to write it beside
	}
	in := activities.RecordAnswerInput{Upgrade: u.status.Upgrade, Answer: answer}
	_, err := do(record(ctx, "Record who said "+answer.What), a.RecordAnswer, in)
	if err == nil {
		return nil
	}
	// What was said holds already, and is carried out. The row follows when the register has been looked after.
	u.log(ctx).Error("the register does not take what was said", "what", answer.What, "error", failureOf(err).Message)
	u.unrecorded++
	workflow.Go(ctx, func(ctx workflow.Context) {
		mustRecord(ctx, "Record who said "+answer.What, a.RecordAnswer, in)
		u.unrecorded--
	})
	return nil
}
