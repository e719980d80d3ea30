package workflows

import (
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
)

// maxIgnored and maxClaims bound what a flood of signals can fill.
const (
	maxIgnored = 20
	maxClaims  = 10
	maxReasons = 5 // of one that was ignored
)

// receiveSignals takes every consent signal raw, in a coroutine that does nothing else. A typed receive in a selector, or
// with a timeout, would let one malformed signal stop the upgrade for good, with its expiry never firing.
func (u *upgradeRun) receiveSignals(ctx workflow.Context) {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	channel := workflow.GetSignalChannel(ctx, upgrade.SignalConsent)
	workflow.Go(detached, func(ctx workflow.Context) {
		for {
			var raw converter.RawValue
			channel.Receive(ctx, &raw)
			data, err := jsonOf(raw)
			if err != nil {
				u.ignore(ctx, upgrade.SignalConsent, upgrade.Problems{{Code: "unreadable_signal", Message: err.Error(), Remedy: "send one JSON object"}})
				continue
			}
			c, problems := upgrade.ParseConsent(data)
			if len(problems) > 0 {
				u.ignore(ctx, upgrade.SignalConsent, problems)
				continue
			}
			u.acceptConsent(ctx, c)
		}
	})
}

// letOthersRun lets every coroutine run that can, before an execution ends or hands over. A signal that came in the same workflow task
// as what woke the caller has been handed to the coroutine that waits for signals: it is no longer in the channel, and not yet where
// that coroutine puts it.
func letOthersRun(ctx workflow.Context) {
	ran := workflow.NewChannel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) { ran.Send(ctx, true) }) // it runs after all that there are
	ran.Receive(ctx, nil)
}

// acceptConsent takes a claim that fits the stage and the invitation. One that comes before the invitation is kept for it.
func (u *upgradeRun) acceptConsent(ctx workflow.Context, c upgrade.Consent) {
	switch u.status.Stage {
	case upgrade.Planning, upgrade.Invited, upgrade.Consented:
	default:
		u.ignoreCode(ctx, "wrong_stage", "consent belongs to stage invited; this upgrade is in stage %s", u.stageWords())
		return
	}
	switch inv := u.status.Invitation; {
	case inv != nil && c.Invitation != 0 && c.Invitation != inv.Number:
		u.ignoreCode(ctx, "invitation_void", "invitation %d was replaced by %d", c.Invitation, inv.Number)
	case u.grant != nil:
		u.ignoreCode(ctx, "already_granted", "the consent was verified already")
	case len(u.claims) >= maxClaims:
		u.ignoreCode(ctx, "too_many_claims", "%d claims wait already", len(u.claims))
	default:
		u.claims = append(u.claims, c)
	}
}

func (u *upgradeRun) ignoreCode(ctx workflow.Context, code, format string, args ...any) {
	u.ignore(ctx, upgrade.SignalConsent, upgrade.Problems{{Code: code, Message: fmt.Sprintf(format, args...)}})
}

// ignore records a signal, or a raw cancellation, that changes nothing, and why. Only the newest are kept.
func (u *upgradeRun) ignore(ctx workflow.Context, what string, why upgrade.Problems) {
	if len(why) > maxReasons {
		why = why[:maxReasons:maxReasons]
	}
	u.status.Ignored = append(u.status.Ignored, upgrade.IgnoredSignal{Signal: what, At: workflow.Now(ctx), Reasons: why})
	if over := len(u.status.Ignored) - maxIgnored; over > 0 {
		u.status.Ignored = u.status.Ignored[over:]
	}
	u.log(ctx).Info("a message was ignored", "message", what, "code", why[0].Code)
	u.details(ctx)
}

// forgetClaims records the claims that were not needed any more.
func (u *upgradeRun) forgetClaims(ctx workflow.Context, code, message string) {
	for range u.claims {
		u.ignoreCode(ctx, code, "%s", message)
	}
	u.claims = nil
}
