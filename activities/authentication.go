package activities

import (
	"context"
	"time"

	"uplift/upgrade"
)

// StartDeviceCodeInput asks for a device code.
type StartDeviceCodeInput struct {
	Upgrade    string   `json:"upgrade"`
	Tenant     string   `json:"tenant"`
	Invitation int      `json:"invitation"`
	Scopes     []string `json:"scopes"`
}

// StartDeviceCodeOutput is what the administrator needs; the device code stays in the register.
type StartDeviceCodeOutput struct {
	Authentication upgrade.Authentication `json:"authentication"`
}

// saveTime is how long storing a token may take, also while the worker is being stopped.
const saveTime = 10 * time.Second

// codeMargin is how long a code must still be good to be shown again.
const codeMargin = 30 * time.Second

// StartDeviceCode obtains a device code at the invited tenant's own authority. A repeat answers the code that the
// register holds while it is good; a code whose reply was lost is never used and expires at Microsoft.
func (a *Activities) StartDeviceCode(ctx context.Context, in StartDeviceCodeInput) (StartDeviceCodeOutput, error) {
	code, err := a.Register.Code(ctx, in.Upgrade, in.Invitation)
	if upgrade.KindOf(err) == upgrade.NotFound || (err == nil && !code.ExpiresAt.After(a.now().Add(codeMargin))) {
		if code, err = a.Authority.StartDeviceCode(ctx, in.Tenant, in.Scopes); err == nil {
			err = a.Register.SaveCode(ctx, in.Upgrade, in.Invitation, code)
		}
	}
	if err != nil {
		return StartDeviceCodeOutput{}, err
	}
	return StartDeviceCodeOutput{Authentication: upgrade.Authentication{
		UserCode: code.UserCode, VerificationURI: code.VerificationURI,
		ExpiresAt: a.ourTime(code.ExpiresAt), Invitation: in.Invitation,
	}}, nil
}

// ourTime is a moment of Microsoft's clock by ours; they differ only where a simulated Microsoft runs at another pace.
func (a *Activities) ourTime(t time.Time) time.Time {
	if a.Settings.Policy.Pace == 0 {
		return t.UTC()
	}
	return time.Now().UTC().Add(a.Settings.Policy.Paced(t.Sub(a.now())))
}

// AwaitSignInInput names the code to follow.
type AwaitSignInInput struct {
	Upgrade    string `json:"upgrade"`
	Tenant     string `json:"tenant"`
	Invitation int    `json:"invitation"`
}

// AwaitSignInOutput says how the sign-in ended.
type AwaitSignInOutput struct {
	SignedIn bool             `json:"signedIn"`
	Problem  *upgrade.Problem `json:"problem,omitempty"` // why not, in words for the administrator
}

// AwaitSignIn asks Entra at the interval that it named until the code is redeemed, refused or expired. Any worker can go
// on: the code is in the register, and the token reaches the register before anything else happens. A token whose
// storing failed is lost with its code, and the administrator is shown a new one.
func (a *Activities) AwaitSignIn(ctx context.Context, in AwaitSignInInput) (AwaitSignInOutput, error) {
	if _, err := a.Register.Tokens(ctx, in.Upgrade, in.Invitation); err == nil {
		return AwaitSignInOutput{SignedIn: true}, nil
	}
	code, err := a.Register.Code(ctx, in.Upgrade, in.Invitation)
	if err != nil {
		if upgrade.KindOf(err) == upgrade.NotFound {
			return signInProblem("code_gone", "The code is no longer known here.", "Press Start authentication for a new one."), nil
		}
		return AwaitSignInOutput{}, err
	}
	interval := code.Interval
	for {
		beat(ctx)
		tokens, err := a.Authority.RedeemDeviceCode(ctx, in.Tenant, code.DeviceCode)
		if err == nil {
			// The code is spent: nothing may keep the token from being stored.
			saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
			defer cancel()
			if err := a.Register.SaveTokens(saving, in.Upgrade, in.Invitation, tokens); err != nil {
				return AwaitSignInOutput{}, err
			}
			return AwaitSignInOutput{SignedIn: true}, nil
		}
		switch kind := upgrade.KindOf(err); kind {
		case upgrade.Waiting, upgrade.Transient, upgrade.Throttled:
			if upgrade.CodeOf(err) == "slow_down" || kind == upgrade.Throttled {
				interval += 5 * time.Second // RFC 8628, section 3.5
			}
			if !code.ExpiresAt.After(a.now().Add(-interval)) {
				return explainSignIn("expired_token"), nil
			}
		case upgrade.Refused, upgrade.Act, upgrade.GrantLost:
			reason := upgrade.CodeOf(err)
			return explainSignIn(reason), a.spend(ctx, in, code)
		default:
			return AwaitSignInOutput{}, err
		}
		if err := a.wait(ctx, max(a.Settings.Policy.Paced(interval), 20*time.Millisecond)); err != nil {
			return AwaitSignInOutput{}, err
		}
	}
}

// spend notes that a code is dead, so that the next request makes a new one. A newer code stays as it is.
func (a *Activities) spend(ctx context.Context, in AwaitSignInInput, code upgrade.PendingCode) error {
	present, err := a.Register.Code(ctx, in.Upgrade, in.Invitation)
	switch {
	case upgrade.KindOf(err) == upgrade.NotFound, err == nil && present.DeviceCode != code.DeviceCode:
		return nil
	case err != nil:
		return err
	}
	present.ExpiresAt = a.now()
	return a.Register.SaveCode(ctx, in.Upgrade, in.Invitation, present)
}

func signInProblem(code, message, remedy string) AwaitSignInOutput {
	return AwaitSignInOutput{Problem: &upgrade.Problem{Code: code, Message: message, Remedy: remedy}}
}

// otherWay is what to do where the rules of the customer's organisation do not allow the code.
const otherWay = "Sign in with Microsoft in the browser instead, where the page offers it; or let your security administrator allow the device code flow for this sign-in, or ask your provider for another way."

// explainSignIn has the sentences for an administrator whose sign-in did not succeed.
func explainSignIn(code string) AwaitSignInOutput {
	switch code {
	case "expired_token", "AADSTS70019":
		return signInProblem("expired_token", "The code was not used in time.", "Press Start authentication for a new one.")
	case "authorization_declined", "AADSTS65004":
		return signInProblem("authorization_declined", "The sign-in was declined at Microsoft.", "Start again, or decline here if you do not want the upgrade.")
	case "AADSTS53000", "AADSTS53001":
		return signInProblem(code, "Your organisation's Conditional Access rules accept a sign-in only from a device that they know, which signing in with a code does not show.", otherWay)
	case "AADSTS50158":
		return signInProblem(code, "Your organisation's Conditional Access rules ask for a further check, which signing in with a code does not pass.", otherWay)
	case "AADSTS50072", "AADSTS50074", "AADSTS50076", "AADSTS50078", "AADSTS50079":
		return signInProblem(code, "Your organisation asks for a second proof of identity, and the sign-in had none.", "Start again and answer Microsoft's request for it; if Microsoft makes none, sign in with Microsoft in the browser instead.")
	case "AADSTS50020", "AADSTS50177", "AADSTS50034", "wrong_tenant":
		return signInProblem("wrong_tenant", "The account that signed in does not belong to the invited organisation.", "Sign in with an administrator of the invited organisation.")
	case "AADSTS90094", "AADSTS90095", "AADSTS65001":
		return signInProblem("admin_needed", "The account that signed in may not give the permissions.", "Sign in as Global Administrator.")
	case "bad_verification_code", "AADSTS70018":
		return signInProblem("code_used", "The code was used, but its answer was lost.", "Press Start authentication for a new one.")
	}
	if upgrade.BlockedByPolicy(code) {
		return signInProblem(code, "Your organisation's Conditional Access rules block signing in with a code.", otherWay)
	}
	return signInProblem(code, "Microsoft refused the sign-in.", "Start again; if it happens again, tell your provider the code "+code+".")
}
