package activities

import (
	"context"
	"errors"

	"uplift/upgrade"
)

// WatchPartnerInput is empty.
type WatchPartnerInput struct{}

// WatchPartnerOutput is how the sign-in of the partner's own user stands.
type WatchPartnerOutput struct {
	SignIn upgrade.PartnerSignIn `json:"signIn"`
}

// WatchPartner renews the sign-in of the partner's own user, so that it does not die of disuse, and says how it stands. A
// repeat renews it once more, which does no harm: each refresh token is stored before it is used.
func (a *Activities) WatchPartner(ctx context.Context, _ WatchPartnerInput) (WatchPartnerOutput, error) {
	if a.Partner == nil {
		return WatchPartnerOutput{SignIn: upgrade.PartnerSignIn{State: upgrade.PartnerSignInNone}}, nil
	}
	signedIn, used, err := a.Partner.SignedIn(ctx)
	if upgrade.CodeOf(err) == "no_partner_sign_in" {
		return WatchPartnerOutput{SignIn: upgrade.PartnerSignIn{State: upgrade.PartnerSignInNone}}, nil
	}
	if err != nil {
		return WatchPartnerOutput{}, err
	}
	out := upgrade.PartnerSignIn{State: upgrade.PartnerSignInGood, SignedInAt: signedIn, UsedAt: used}
	if err = a.Partner.Renew(ctx); err == nil {
		out.UsedAt = a.now()
		return WatchPartnerOutput{SignIn: out}, nil
	}
	out.Problem = problemOf(err)
	switch {
	case upgrade.CodeOf(err) == "partner_sign_in_lost":
		out.State = upgrade.PartnerSignInHasDied
	case a.now().Sub(used) > upgrade.PartnerSignInOld:
		out.State = upgrade.PartnerSignInOldAge
	case upgrade.KindOf(err) == upgrade.Act:
		out.State = upgrade.PartnerSignInOff // trying again by itself would not help; tomorrow's watch looks again
	default:
		return WatchPartnerOutput{}, err
	}
	return WatchPartnerOutput{SignIn: out}, nil
}

// problemOf puts an error into a result. Messages of adapters name nobody and hold no secret.
func problemOf(err error) *upgrade.Problem {
	var e *upgrade.Error
	if !errors.As(err, &e) {
		return &upgrade.Problem{Code: "unknown", Message: "an error that nobody foresaw"}
	}
	return &upgrade.Problem{Code: e.Code, Message: e.Message}
}
