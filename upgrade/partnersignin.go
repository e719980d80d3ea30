package upgrade

import "time"

// How long the sign-in of the partner's own user lives: Microsoft lets a refresh token die after 90 days without use.
// https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens
const (
	PartnerSignInLife = 90 * 24 * time.Hour
	// PartnerSignInOld is when its disuse is worth a word to the operator.
	PartnerSignInOld = 60 * 24 * time.Hour
)

// PartnerSignInState says how the sign-in of the partner's own user stands.
type PartnerSignInState string

// The states.
const (
	PartnerSignInNone    PartnerSignInState = "none"    // nobody has signed in, which only some kinds of work need
	PartnerSignInGood    PartnerSignInState = "good"    // it was renewed just now
	PartnerSignInOff     PartnerSignInState = "off"     // it could not be renewed now, and has time left
	PartnerSignInOldAge  PartnerSignInState = "old"     // it could not be renewed for more than 60 days
	PartnerSignInHasDied PartnerSignInState = "died"    // Microsoft does not take it any more
	PartnerSignInUnknown PartnerSignInState = "unknown" // it could not be looked at
)

// PartnerSignIn is what the daily watch finds.
type PartnerSignIn struct {
	State      PartnerSignInState `json:"state"`
	SignedInAt time.Time          `json:"signedInAt,omitzero"`
	UsedAt     time.Time          `json:"usedAt,omitzero"` // last redeemed, from which its 90 days count
	Problem    *Problem           `json:"problem,omitempty"`
}

// NeedsOperator tells whether somebody has to sign in, or to mend what keeps the sign-in from being renewed.
func (p PartnerSignIn) NeedsOperator() bool {
	return p.State == PartnerSignInOldAge || p.State == PartnerSignInHasDied
}

// DiesAt is when disuse ends it; zero where it is not known.
func (p PartnerSignIn) DiesAt() time.Time {
	if p.UsedAt.IsZero() {
		return time.Time{}
	}
	return p.UsedAt.Add(PartnerSignInLife)
}
