package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// obtainConsent gives the run a verified grant, or ends it. An existing grant is only verified; otherwise the
// administrator is invited and a claim awaited, as often as claims turn out false.
func (u *upgradeRun) obtainConsent(ctx workflow.Context) error {
	if !u.order.Invites() {
		u.enter(ctx, upgrade.Consented)
		refusal, err := u.preconsent(ctx)
		if err == nil && refusal == nil {
			refusal, err = u.verify(ctx, upgrade.Consent{Decision: upgrade.Granted, Method: standing[u.order.Consent]})
		}
		if err == nil && refusal != nil {
			return ending{end: upgrade.Ineligible, reasons: upgrade.Problems{*refusal}}
		}
		return err
	}
	if err := u.invite(ctx); err != nil {
		return err
	}
	err := u.awaitGrant(ctx)
	if inv := u.status.Invitation; inv.Unsent != nil { // its mail needs nobody any more
		inv.Unsent = nil
		return u.noOperator(ctx, err)
	}
	return err
}

// standing says how a consent is proved that nobody has to be asked for.
var standing = map[upgrade.ConsentWay]upgrade.Method{
	upgrade.ByExisting: upgrade.Existing, upgrade.ByGDAP: upgrade.DelegatedAdmin, upgrade.ByPartner: upgrade.Preconsented,
}

// preconsent has the partner consent in the customer's place, where the order says so. A refusal is the reason why Microsoft
// does not let it.
func (u *upgradeRun) preconsent(ctx workflow.Context) (refusal *upgrade.Problem, err error) {
	if u.order.Consent != upgrade.ByPartner {
		return nil, nil
	}
	err = u.attempt(ctx, "consent for the customer", func(ctx workflow.Context) error {
		out, err := do(steady(ctx, u.policy, "Consent for the customer by the partner's own user"), a.Preconsent, activities.PreconsentInput{
			Upgrade: u.status.Upgrade, Tenant: u.order.Tenant, Permissions: u.plan.Permissions,
		})
		refusal = out.Refusal
		return err
	})
	return refusal, err
}

// awaitGrant takes claims until one is proven.
func (u *upgradeRun) awaitGrant(ctx workflow.Context) error {
	for u.grant == nil {
		claim, err := u.awaitClaim(ctx)
		if err != nil {
			return err
		}
		u.enter(ctx, upgrade.Consented)
		refusal, err := u.verify(ctx, claim)
		switch {
		case err != nil:
			return err
		case refusal != nil:
			u.status.Invitation.Refused = refusal
			// A claim without any proof, or of a grant given elsewhere, must not spoil a sign-in that is under way.
			if claim.Method == upgrade.DeviceCode && refusal.Code != "no_proof" {
				u.status.Invitation.Code = nil
				u.dropGrant(ctx)
			}
			u.enter(ctx, upgrade.Invited)
		}
	}
	u.forgetClaims(ctx, "already_granted", "the consent was verified already")
	return nil
}

// invite sends the invitation and starts its clock. A dead grant leads here again, with a new invitation.
func (u *upgradeRun) invite(ctx workflow.Context) error {
	number := 1
	if old := u.status.Invitation; old != nil {
		number = old.Number + 1
	}
	now := workflow.Now(ctx)
	u.status.Invitation = &upgrade.Invitation{Number: number, SentAt: now, Deadline: now.Add(u.policy.Expiry.D()), Refused: u.died}
	u.enter(ctx, upgrade.Invited)
	u.tell(ctx, upgrade.CallbackInvited, nil)
	u.attributes(instant(upgrade.AttributeConsentDeadline, u.status.Invitation.Deadline))
	return u.sendFirst(ctx)
}

// sendFirst sends the invitation. A mail that cannot be sent does not stop the clock: the operator is called, the reminders
// try again, and resend does so at once.
func (u *upgradeRun) sendFirst(ctx workflow.Context) error {
	err := u.sendInvitation(ctx, upgrade.LetterInvitation, u.status.Invitation.Number, 0)
	if err == nil || u.mayStop() {
		return nil
	}
	u.log(ctx).Warn("the invitation could not be sent", "error", failureOf(err).Message)
	u.needOperator(ctx, true)
	return nil
}

// sendInvitation writes to the administrator, or hands the link to the operator where the order says so.
func (u *upgradeRun) sendInvitation(ctx workflow.Context, kind upgrade.LetterKind, number, reminder int) error {
	in := activities.SendLetterInput{Invitation: number}
	in.Letter = upgrade.Letter{Kind: kind, Number: reminder, Deadline: u.status.Invitation.Deadline}
	if u.order.Consent == upgrade.ByLink {
		in.Operator = true
		if kind == upgrade.LetterInvitation {
			in.Letter.Kind = upgrade.LetterLink
		}
	}
	_, err := do(post(ctx, fmt.Sprintf("Mail: %s %d", kind, number)), a.SendLetter, u.addressed(in))
	inv := u.status.Invitation
	if inv.Number != number {
		return err // replaced meanwhile
	}
	if inv.Unsent != nil && err == nil {
		inv.Unsent = nil
		u.needOperator(ctx, false)
		return nil
	}
	if err != nil {
		f := failureOf(err)
		inv.Unsent = &upgrade.Problem{Code: orCode(f.Code), Message: "The mail could not be sent: " + f.Message, Remedy: "resend, or resend and hand on the link"}
	}
	u.details(ctx)
	return err
}

// awaitClaim waits for a consent signal, reminding at the policy's days, until the invitation expires, is declined or
// revoked.
func (u *upgradeRun) awaitClaim(ctx workflow.Context) (upgrade.Consent, error) {
	inv := u.status.Invitation
	for {
		if u.revoked != nil {
			return upgrade.Consent{}, ending{end: upgrade.Cancelled, reasons: upgrade.Problems{{Code: "revoked", Message: "The invitation was revoked" + by(*u.revoked) + "."}}}
		}
		if len(u.claims) > 0 {
			claim := u.claims[0]
			u.claims = u.claims[1:]
			if claim.Decision == upgrade.DeclinedDecision {
				return claim, u.declined(claim)
			}
			return claim, nil
		}
		now := workflow.Now(ctx)
		if err := u.inTime(ctx); err != nil {
			return upgrade.Consent{}, err
		}
		if !now.Before(inv.Deadline) {
			return upgrade.Consent{}, ending{end: upgrade.Expired, reasons: upgrade.Problems{{Code: "expired",
				Message: fmt.Sprintf("Nobody gave the consent until %s.", inv.Deadline.Format(time.RFC3339)), Remedy: "order again, or call the administrator first"}}}
		}
		next, what := u.nextReminder()
		arrived, err := u.await(ctx, next.Sub(now), what, func() bool { return len(u.claims) > 0 || u.revoked != nil })
		if err != nil {
			return upgrade.Consent{}, err
		}
		if now := workflow.Now(ctx); arrived || now.Before(u.reminderAt()) || !now.Before(inv.Deadline) {
			continue
		}
		inv.Reminders++
		inv.RemindedAt = workflow.Now(ctx)
		u.details(ctx)
		if err := u.sendInvitation(ctx, upgrade.LetterReminder, inv.Number, inv.Reminders); err != nil {
			u.log(ctx).Warn("a reminder could not be sent", "error", failureOf(err).Message)
		}
	}
}

// reminderAt is when the next reminder is due: the deadline, where none is left.
func (u *upgradeRun) reminderAt() time.Time {
	inv := u.status.Invitation
	if inv.Reminders < len(u.policy.Reminders) {
		if at := inv.SentAt.Add(u.policy.Reminders[inv.Reminders].D()); at.Before(inv.Deadline) {
			return at
		}
	}
	return inv.Deadline
}

// nextReminder is when to wake, and what for.
func (u *upgradeRun) nextReminder() (time.Time, string) {
	at, what := u.reminderAt(), "reminder"
	if at.Equal(u.status.Invitation.Deadline) {
		what = "consent deadline"
	}
	if after := u.order.NotAfter; after != nil && after.Before(at) {
		at, what = *after, "not after"
	}
	return at, what + " " + at.Format("2 Jan 15:04")
}

func (u *upgradeRun) declined(c upgrade.Consent) ending {
	message := "The administrator declined"
	if c.Reason != "" {
		message += ": " + c.Reason
	}
	return ending{end: upgrade.Declined, reasons: upgrade.Problems{{Code: "declined", Message: message}}}
}

// verify asks for proof of a claim. A refusal is the reason why it is not believed.
func (u *upgradeRun) verify(ctx workflow.Context, c upgrade.Consent) (*upgrade.Problem, error) {
	in := activities.VerifyConsentInput{Upgrade: u.status.Upgrade, Tenant: u.order.Tenant, Method: c.Method, Permissions: u.plan.Permissions, By: c.By}
	if u.status.Invitation != nil {
		in.Invitation = u.status.Invitation.Number
	}
	var out activities.VerifyConsentOutput
	err := u.attempt(ctx, "verify the consent", func(ctx workflow.Context) error {
		var err error
		began := workflow.Now(ctx)
		in.Wait = c.Method != upgrade.DeviceCode && c.Method != upgrade.DelegatedAdmin // an application's consent takes its time to spread
		if in.Wait {
			out, err = do(poll(ctx, u.policy, u.policy.Propagation.D(), "Wait for the consent to spread"), a.VerifyConsent, in)
			if !tookLong(err) {
				return err
			}
			// The waits grow, and one that would have ended too late was not begun.
			if left := u.policy.Propagation.D() - workflow.Now(ctx).Sub(began); left > 0 {
				if err := workflow.Sleep(ctx, left); err != nil {
					return err
				}
			}
			in.Wait = false
		}
		out, err = do(quick(ctx, u.policy, "Verify the consent by our own proof"), a.VerifyConsent, in)
		return err
	})
	if err != nil || out.Refusal != nil {
		return out.Refusal, err
	}
	u.grant, u.status.Evidence = &out.Grant, &out.Evidence
	if u.status.Invitation != nil {
		u.status.Invitation.Code, u.status.Invitation.Refused = nil, nil
	}
	u.tell(ctx, upgrade.CallbackConsented, nil)
	return nil, nil
}

// dropGrant destroys what the register holds of a grant that is not to be used.
func (u *upgradeRun) dropGrant(ctx workflow.Context) {
	mustRecord(ctx, "Destroy the tokens of a grant that is not used", a.DropGrant, activities.DropGrantInput{Upgrade: u.status.Upgrade})
}

func by(r upgrade.Request) string {
	s := ""
	if r.By != "" {
		s += " by " + r.By
	}
	if r.Reason != "" {
		s += " (" + r.Reason + ")"
	}
	return s
}
