package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// authentication is the device code: when codes were minted, and who follows the present one.
type authentication struct {
	minting workflow.Mutex // two requests at once get the same code
	minted  []time.Time
	stop    workflow.CancelFunc // ends the following of a code that is void
}

// codeGood tells whether the code that was shown can still be typed.
func (u *upgradeRun) codeGood(now time.Time) bool {
	inv := u.status.Invitation
	return inv != nil && inv.Code != nil && inv.Code.ExpiresAt.After(now)
}

// mayMint holds requests for new codes to a few in a window.
func (u *upgradeRun) mayMint(now time.Time) error {
	recent := 0
	for _, at := range u.auth.minted {
		if now.Sub(at) < u.policy.CodeWindow.D() {
			recent++
		}
	}
	if recent >= u.policy.CodesPerWindow {
		return rejected("too_many_codes", "%d codes were asked for in the last %s; wait a little", recent, u.policy.CodeWindow.D())
	}
	return nil
}

// startAuthentication answers a code to type: the present one while it is good, else a new one.
func (u *upgradeRun) startAuthentication(ctx workflow.Context, in upgrade.StartAuthentication) (upgrade.Authentication, error) {
	if err := u.auth.minting.Lock(ctx); err != nil {
		return upgrade.Authentication{}, err
	}
	defer u.auth.minting.Unlock()
	// While this handler waited for another one, the stage may have passed.
	if err := u.mayStart(in, workflow.Now(ctx)); err != nil {
		return upgrade.Authentication{}, err
	}
	if u.codeGood(workflow.Now(ctx)) {
		return *u.status.Invitation.Code, nil
	}
	number := u.status.Invitation.Number
	out, err := do(quick(ctx, u.policy, "Ask Entra for a device code"), a.StartDeviceCode, activities.StartDeviceCodeInput{
		Upgrade: u.status.Upgrade, Tenant: u.order.Tenant, Invitation: number, Scopes: u.plan.Permissions,
	})
	if err != nil {
		f := failureOf(err)
		return upgrade.Authentication{}, rejected(orCode(f.Code), "Microsoft gave no code: %s", f.Message)
	}
	if err := u.mayStart(in, workflow.Now(ctx)); err != nil || u.status.Invitation.Number != number {
		return upgrade.Authentication{}, rejected("invitation_void", "the invitation was replaced meanwhile; use the new link")
	}
	u.auth.minted = append(u.auth.minted, workflow.Now(ctx))
	inv := u.status.Invitation
	inv.Started, inv.Code, inv.Refused = true, &out.Authentication, nil
	u.details(ctx)
	u.follow(ctx, number)
	return out.Authentication, nil
}

// mayStart is the update's validator, too.
func (u *upgradeRun) mayStart(in upgrade.StartAuthentication, now time.Time) error {
	if u.status.Stage != upgrade.Invited || u.revoked != nil {
		return u.wrongStage(upgrade.UpdateStartAuthentication, upgrade.Invited)
	}
	if in.Invitation != 0 && in.Invitation != u.status.Invitation.Number {
		return rejected("invitation_void", "invitation %d was replaced by %d; use the link of the newest mail", in.Invitation, u.status.Invitation.Number)
	}
	if u.codeGood(now) {
		return nil
	}
	return u.mayMint(now)
}

// follow watches a code in a coroutine of its own. What comes of it enters by the same door as the signal.
func (u *upgradeRun) follow(ctx workflow.Context, invitation int) {
	u.stopFollowing()
	following, stop := workflow.WithCancel(ctx)
	u.auth.stop = stop
	workflow.Go(following, func(ctx workflow.Context) {
		out, err := do(human(ctx, "Wait for the administrator to sign in"), a.AwaitSignIn, activities.AwaitSignInInput{
			Upgrade: u.status.Upgrade, Tenant: u.order.Tenant, Invitation: invitation,
		})
		if ctx.Err() != nil {
			return // a newer code is followed
		}
		if u.status.Invitation.Number != invitation || u.grant != nil || !u.beforeChange() {
			return // the invitation has moved on
		}
		switch {
		case err != nil:
			u.status.Invitation.Code = nil
			u.status.Invitation.Refused = &upgrade.Problem{Code: "sign_in_lost", Message: "The sign-in could not be followed to its end.", Remedy: "Press Start authentication for a new code."}
			u.log(ctx).Warn("following a device code failed", "error", failureOf(err).Message)
		case out.Problem != nil:
			u.status.Invitation.Code, u.status.Invitation.Refused = nil, out.Problem
		default:
			u.acceptConsent(ctx, upgrade.Consent{Decision: upgrade.Granted, Method: upgrade.DeviceCode, Invitation: invitation})
		}
	})
}

// stopFollowing ends the following of a code that is void.
func (u *upgradeRun) stopFollowing() {
	if u.auth.stop != nil {
		u.auth.stop()
		u.auth.stop = nil
	}
}

// newInvitation makes the old link and its code void. The deadline stays where it was.
func (u *upgradeRun) newInvitation() {
	u.stopFollowing()
	inv := u.status.Invitation
	inv.Number++
	inv.Started, inv.Code, inv.Refused = false, nil, nil
}

func (u *upgradeRun) wrongStage(update string, wanted upgrade.Stage) error {
	return rejected("wrong_stage", "%s belongs to stage %s; this upgrade is in stage %s", update, wanted, u.stageWords())
}

func (u *upgradeRun) stageWords() string {
	if u.status.End != "" {
		return fmt.Sprintf("%s (%s)", u.status.Stage, u.status.End.Words())
	}
	return string(u.status.Stage)
}
