package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"

	"uplift/internal/portal/web"
	"uplift/upgrade"
)

// A state is what the page shows. Its title and text are texts of the catalogue: state.NAME.title, state.NAME.text.
type state string

const (
	stateForged    state = "forged"    // no link of ours
	stateVoid      state = "void"      // replaced by a newer link
	stateForgotten state = "forgotten" // Temporal no longer knows the upgrade
	stateForeign   state = "foreign"   // a post from another origin
	stateTooMany   state = "too_many"
	stateTooLarge  state = "too_large"
	stateTrouble   state = "trouble" // our own
	stateStray     state = "stray"   // an answer of Microsoft's that belongs to no visit

	statePreparing state = "preparing"
	stateOffer     state = "offer"     // Start authentication or Decline
	stateDeclining state = "declining" // asked for the reason
	stateSent      state = "sent"      // declined, and not yet taken up
	stateCode      state = "code"      // a device code waits to be typed
	stateVerifying state = "verifying" // signed in
	stateVerified  state = "verified"
	stateScheduled state = "scheduled"
	stateChanging  state = "changing"
	stateUndoing   state = "undoing"
	stateFinishing state = "finishing"

	stateCompleted  state = "completed"
	stateResidue    state = "completed_with_residue"
	stateExceptions state = "completed_with_exceptions"
	stateDeclined   state = "declined"
	stateExpired    state = "expired"
	stateCancelled  state = "cancelled"
	stateRevoked    state = "revoked" // the invitation was withdrawn
	stateIneligible state = "ineligible"
	stateUndone     state = "failed_undone"
	stateAbandoned  state = "abandoned"
	stateEnded      state = "ended" // any other way
)

// states lists all of them, for the tests to hold the catalogue of texts against.
func states() []state {
	return []state{
		stateForged, stateVoid, stateForgotten, stateForeign, stateTooMany, stateTooLarge, stateTrouble, stateStray, statePreparing,
		stateOffer, stateDeclining, stateSent, stateCode, stateVerifying, stateVerified, stateScheduled, stateChanging,
		stateUndoing, stateFinishing, stateCompleted, stateResidue, stateExceptions, stateDeclined, stateExpired,
		stateCancelled, stateRevoked, stateIneligible, stateUndone, stateAbandoned, stateEnded,
	}
}

// view is everything that the page shows. It holds no token but in Path.
type view struct {
	State    state
	Path     string // of the page; empty where there is no way back
	Company  string
	Headline string
	Digest   string        // of the plan that is shown
	Plan     template.HTML `json:"-"` // the plan document; where it is another, so is its digest
	// Permissions are what the sign-in permits: the smallest set that the plan needs.
	Permissions []string `json:"-"`
	Deadline    time.Time
	Code        *upgrade.Authentication
	CodeLink    string // the verification link, where it is one
	Problem     *upgrade.Problem
	Start       string // why no code was given: the refusal in words
	Reasons     upgrade.Problems
	Parked      bool
	Admin       bool             `json:"-"` // consenting in the browser is offered
	Said        *upgrade.Problem `json:"-"` // what became of it, of this browser's visit
}

// viewOf decides what a link shows of an upgrade. An invitation that was replaced, or that belongs
// to an earlier attempt at the order, shows nothing of it.
func viewOf(s upgrade.Status, o opened, now time.Time) view {
	if s.Upgrade != "" && s.Upgrade != o.upgradeID || s.Invitation != nil && s.Invitation.Number != o.invitation {
		return view{State: stateVoid}
	}
	v := view{State: stateOf(s, now), Path: o.path(), Company: s.Customer}
	switch v.State {
	case stateOffer, stateCode:
		v.Digest = s.Digest
		v.Deadline, v.Problem = s.Invitation.Deadline, s.Invitation.Refused
	case stateIneligible, stateUndone:
		v.Reasons = s.Reasons.ForCustomer()
	}
	if v.State == stateCode {
		v.Code, v.CodeLink = s.Invitation.Code, web.Link(s.Invitation.Code.VerificationURI)
	}
	v.Parked = s.Parked != nil && s.Stage != upgrade.Ended
	return v
}

func stateOf(s upgrade.Status, now time.Time) state {
	switch s.Stage {
	case upgrade.Ended:
		return endState(s)
	case upgrade.Invited:
		return invitedState(s.Invitation, now)
	case upgrade.Consented:
		return stateVerifying
	case upgrade.Checking, upgrade.Confirming, upgrade.Queued:
		return stateVerified
	case upgrade.Scheduled:
		return stateScheduled
	case upgrade.Changing, upgrade.Assigning, upgrade.Settling:
		return stateChanging
	case upgrade.Undoing:
		return stateUndoing
	case upgrade.Notifying:
		if s.End != "" {
			return endState(s)
		}
		return stateFinishing
	}
	return statePreparing
}

func invitedState(i *upgrade.Invitation, now time.Time) state {
	switch {
	case i == nil:
		return statePreparing
	case !i.Deadline.IsZero() && !now.Before(i.Deadline):
		return stateExpired
	case i.Code != nil && now.Before(i.Code.ExpiresAt):
		return stateCode
	}
	return stateOffer
}

func endState(s upgrade.Status) state {
	if s.End == upgrade.Cancelled && slices.ContainsFunc(s.Reasons, func(p upgrade.Problem) bool { return p.Code == "revoked" }) {
		return stateRevoked
	}
	switch s.End {
	case upgrade.Completed, upgrade.CompletedWithResidue, upgrade.CompletedWithExceptions, upgrade.Declined,
		upgrade.Expired, upgrade.Cancelled, upgrade.Ineligible, upgrade.FailedUndone, upgrade.Abandoned:
		return state(s.End)
	}
	return stateEnded
}

// Answerable tells whether the administrator may still start or decline.
func (v view) Answerable() bool { return v.State == stateOffer || v.State == stateCode }

// Blocked tells whether a rule of the organisation refused the code, so that the other way comes first.
func (v view) Blocked() bool {
	return v.Admin && v.Problem != nil && (v.Problem.Code == "grant_blocked" || upgrade.BlockedByPolicy(v.Problem.Code))
}

// told shows what became of a visit at Microsoft; what is none of our words is not shown.
func (v *view) told(what string) {
	if v.Admin && slices.Contains(said(), what) {
		v.Said = &upgrade.Problem{Code: what}
	}
}

// asking turns an answerable view into the first step of declining.
func (v view) asking() view {
	return view{State: stateDeclining, Path: v.Path, Company: v.Company}
}

// sent turns a view into what is shown until the upgrade has taken the answer up.
func (v *view) sent() {
	*v = view{State: stateSent, Path: v.Path, Company: v.Company}
}

// notStarted shows why no code was given, in the upgrade's own words.
func (v *view) notStarted(err error) {
	v.Start = "start.refused"
	var e *upgrade.Error
	if errors.As(err, &e) {
		v.Problem = &upgrade.Problem{Code: e.Code, Message: e.Message}
	}
	var ps upgrade.Problems
	if errors.As(err, &ps) && len(ps) > 0 {
		v.Problem = &ps[0]
	}
}

// Follows tells whether something will happen that an open page should show by itself.
func (v view) Follows() bool {
	switch v.State {
	case statePreparing, stateOffer, stateSent, stateCode, stateVerifying, stateVerified, stateScheduled, stateChanging,
		stateUndoing, stateFinishing, stateTrouble:
		return true
	}
	return false
}

// Refreshes tells whether the page may reload itself where scripts are off: not while somebody reads an offer.
func (v view) Refreshes() bool { return v.Follows() && v.State != stateOffer }

// Version changes when what the page shows has changed.
func (v view) Version() string {
	b, err := json.Marshal(v)
	if err != nil {
		return string(v.State)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// code is the HTTP status of a view that was found out.
func (v view) code() int {
	switch v.State {
	case stateVoid, stateExpired, stateRevoked:
		return http.StatusGone
	}
	return http.StatusOK
}

// Milestone is one step of the way that the page shows as a list.
type Milestone struct {
	Key           string
	Done, Present bool
}

// Milestones are the way from the invitation to the end, and how far it is gone; none where there is no way on.
func (v view) Milestones() []Milestone {
	at, known := map[state]int{
		stateOffer: 0, stateCode: 0, stateVerifying: 1, stateVerified: 2, stateScheduled: 2, stateChanging: 3,
		stateFinishing: 4, stateCompleted: 5, stateResidue: 5, stateExceptions: 5,
	}[v.State]
	if !known {
		return nil
	}
	var all []Milestone
	for i, key := range []string{"waiting", "signed_in", "verified", "changing", "done"} {
		all = append(all, Milestone{Key: "milestone." + key, Done: i < at, Present: i == at})
	}
	return all
}
