package activities

import (
	"cmp"
	"context"

	"go.temporal.io/sdk/activity"

	"uplift/upgrade"
)

// SendLetterInput is a letter without its secrets: the link is made here, so that no history holds it.
type SendLetterInput struct {
	Upgrade    string         `json:"upgrade,omitempty"`
	Letter     upgrade.Letter `json:"letter"`
	Invitation int            `json:"invitation,omitempty"` // the letter carries this invitation's link; 0: none
	Operator   bool           `json:"operator,omitempty"`   // to the operator's address of the worker's settings
	Engineer   bool           `json:"engineer,omitempty"`   // to the engineer's address of the worker's settings
	// Also are letters that go out with it. None of them waits for another one's server, nor has any of its own.
	Also []SendLetterInput `json:"also,omitempty"`
}

// SendLetterOutput says whether there was anybody to write to.
type SendLetterOutput struct {
	Sent bool `json:"sent"`
	// Unsent are those of several, by number from 0, that could not be sent and that are worth trying again later.
	Unsent []int `json:"unsent,omitempty"`
}

// lettersTried is how often several letters are tried before the answer says which have not gone out: about as long as one that is
// sent alone.
const lettersTried = 11

// SendLetter writes to the administrator or the operator. A repeat carries the same Message-ID, so that a mail program
// shows it once. An operator without an address is not written to.
// Of several, an attempt after a failure sends those that have not gone out.
func (a *Activities) SendLetter(ctx context.Context, in SendLetterInput) (SendLetterOutput, error) {
	if len(in.Also) == 0 {
		return a.sendLetter(ctx, in)
	}
	all := append([]SendLetterInput{in}, in.Also...)
	done := make([]bool, len(all)) // sent, or never to be
	if activity.IsActivity(ctx) && activity.HasHeartbeatDetails(ctx) {
		var before []bool
		if activity.GetHeartbeatDetails(ctx, &before) == nil && len(before) == len(all) {
			done = before
		}
	}
	out := SendLetterOutput{Sent: true}
	var later, never error
	for i, one := range all {
		if done[i] {
			continue
		}
		_, err := a.sendLetter(ctx, one)
		switch upgrade.KindOf(err) {
		case upgrade.Refused, upgrade.Invalid, upgrade.NotFound: // the reader's own server says no, and will
			if done[i] = true; err != nil {
				never = err
			}
		default:
			if done[i] = err == nil; err != nil {
				later = err
				out.Unsent = append(out.Unsent, i)
			}
		}
		if i < len(all)-1 || later != nil {
			say(ctx, done) // whoever takes over sends none of them again
		}
	}
	if later != nil && attemptOf(ctx) < lettersTried {
		return SendLetterOutput{}, later
	}
	if len(out.Unsent) == 0 {
		return SendLetterOutput{Sent: never == nil}, never
	}
	return out, nil
}

func (a *Activities) sendLetter(ctx context.Context, in SendLetterInput) (SendLetterOutput, error) {
	l := in.Letter
	l.Link, l.Plan = "", nil
	if in.Operator {
		l.To, l.Operator, l.Language = a.Settings.OperatorMail, true, "en"
	}
	if in.Engineer {
		l.To, l.Operator, l.Language = cmp.Or(a.Settings.EngineerMail, a.Settings.OperatorMail), true, "en"
	}
	if l.To == "" {
		return SendLetterOutput{}, nil
	}
	if in.Invitation > 0 {
		link, err := a.Links.Link(l.WorkflowID, in.Upgrade, in.Invitation)
		if err != nil {
			return SendLetterOutput{}, err
		}
		l.Link = link
	}
	if err := a.addPlan(ctx, in.Upgrade, &l); err != nil {
		return SendLetterOutput{}, err
	}
	return SendLetterOutput{Sent: true}, a.Mailer.Send(ctx, l)
}

// addPlan gives a letter that writes the plan out the one that the register has. A letter about a digest gets the plan of that
// digest or none: nobody confirms what is not written there.
func (a *Activities) addPlan(ctx context.Context, upgradeID string, l *upgrade.Letter) error {
	if upgradeID == "" || !showsPlan(*l) {
		return nil
	}
	p, err := a.Register.Plan(ctx, upgradeID)
	switch {
	case err != nil && upgrade.KindOf(err) == upgrade.NotFound:
		return nil // a further attempt that goes on with the plan of an earlier one
	case err != nil:
		return err
	case l.Digest == "" || l.Digest == p.Digest:
		l.Plan = &p
	}
	return nil
}

// showsPlan tells whether a letter writes the plan out: to the administrator who is asked, and to operators who decide or look
// back.
func showsPlan(l upgrade.Letter) bool {
	switch l.Kind {
	case upgrade.LetterInvitation, upgrade.LetterReminder:
		return !l.Operator
	case upgrade.LetterConfirm, upgrade.LetterApprove, upgrade.LetterParked:
		return true
	case upgrade.LetterDone, upgrade.LetterScheduled:
		return l.Operator
	}
	return false
}

// MakeLinkInput names an invitation.
type MakeLinkInput struct {
	Upgrade    string `json:"upgrade,omitempty"`
	WorkflowID string `json:"workflowId"`
	Invitation int    `json:"invitation"`
}

// MakeLinkOutput carries the link to an operator who copies it; it is a capability and stands only in an encrypted
// answer.
type MakeLinkOutput struct {
	Link string `json:"link"`
}

// MakeLink answers the consent page's address for an invitation. It has no effect.
func (a *Activities) MakeLink(_ context.Context, in MakeLinkInput) (MakeLinkOutput, error) {
	link, err := a.Links.Link(in.WorkflowID, in.Upgrade, in.Invitation)
	return MakeLinkOutput{Link: link.Reveal()}, err
}
