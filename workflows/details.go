package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
)

// details tells the upgrade's story in Temporal's own UI: a headline, what it waits for, the steps as a table, and what may
// be answered. It names no person and carries no link and no code.
func (u *upgradeRun) details(ctx workflow.Context) {
	var b strings.Builder
	s := &u.status
	fmt.Fprintf(&b, "## %s\n\n", or(s.Headline, "Upgrade"))
	if s.Customer != "" {
		fmt.Fprintf(&b, "**Customer:** %s · **Order:** %s\n\n", plain(s.Customer), plain(s.Order))
	}
	fmt.Fprintf(&b, "**%s**\n\n", u.sentence())
	for _, r := range s.Reasons {
		fmt.Fprintf(&b, "- %s%s\n", plain(r.Message), remedyWords(r.Remedy))
	}
	if p := s.Parked; p != nil {
		writeParked(&b, p)
	}
	if len(s.Steps) > 0 {
		b.WriteString("\n| Step | State | Since (UTC) |\n|---|---|---|\n")
		for _, step := range s.Steps {
			at := ""
			if !step.At.IsZero() {
				at = moment(step.At)
			}
			state := step.State
			if s.End != "" && state == "pending" {
				state = "not begun"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", plain(step.Words), state, at)
		}
	}
	b.WriteString("\n| Stage | Entered (UTC) |\n|---|---|\n")
	for _, stage := range s.Stages {
		fmt.Fprintf(&b, "| %s | %s |\n", stage.Stage, moment(stage.At))
	}
	if c := s.Users; c.Photographed > 0 {
		fmt.Fprintf(&b, "\nUsers: %d in all, %d moved, %d needed nothing, %d failed, %d put back.\n", c.Photographed, c.Moved, c.Unchanged, c.Failed, c.Restored)
	}
	if a := s.Approval; a != nil && a.By != "" { // by whom, the status and the register know
		fmt.Fprintf(&b, "\nA second person approved the plan `%s` at %s UTC.\n", plain(a.Digest), moment(a.At))
	}
	for _, r := range s.Residue {
		name := plain(or(r.Name, r.Offer))
		fmt.Fprintf(&b, "\n%s until %s.\n", upgrade.Counted(r.Seats, "seat of "+name+" stays", "seats of "+name+" stay"), r.Until.Format("2 Jan 2006"))
	}
	if n := len(s.Ignored); n > 0 {
		last := s.Ignored[n-1]
		fmt.Fprintf(&b, "\nIgnored at %s UTC: %s\n", moment(last.At), plain(last.Reasons[0].Message))
	}
	workflow.SetCurrentDetails(ctx, b.String())
}

// sentence says where the upgrade stands and what it waits for.
func (u *upgradeRun) sentence() string {
	s := &u.status
	switch {
	case s.End != "":
		return "Ended: " + s.End.Words() + "."
	case s.Parked != nil:
		return fmt.Sprintf("Parked in stage %s: waits for an operator.", s.Stage)
	case s.Cancelling != nil && s.Stage != upgrade.Undoing:
		return "A cancel is being carried out."
	}
	if s.Turn.Waits() && s.Stage != upgrade.Queued {
		return "Waits for a slot before the next change of a subscription; nobody else changes this customer meanwhile."
	}
	switch s.Stage {
	case upgrade.Planning:
		return "The plan is being made; nobody has been asked anything yet."
	case upgrade.Invited:
		if inv := s.Invitation; inv != nil {
			words := fmt.Sprintf("Waits for the administrator's consent until %s (invitation %d, reminders sent: %d).", inv.Deadline.Format("2 Jan 2006 15:04 MST"), inv.Number, inv.Reminders)
			if inv.Unsent != nil {
				words += " " + inv.Unsent.Message + " Update resend tries again and answers the link."
			}
			if inv.Refused != nil {
				words += " The last claim was not believed: " + inv.Refused.Message
			}
			return words
		}
	case upgrade.Consented:
		return "The consent is being verified."
	case upgrade.Checking:
		return "Eligibility is being checked with Microsoft."
	case upgrade.Confirming:
		if u.asksSecondPerson() {
			return "Waits for a second person to approve the plan with digest " + u.plan.Digest + ". " + plain(u.plan.Approval) +
				" Update `approve` with that digest, by somebody who neither placed nor confirmed the order."
		}
		return "Waits for an operator to confirm the plan with digest " + u.plan.Digest + ": update `confirm` with that digest."
	case upgrade.Queued:
		return "Waits for its turn: a slot of the installation, and this customer to itself."
	case upgrade.Changing:
		if s.NoReturn {
			return "The subscription is being changed. The transition has started: this upgrade only goes forward."
		}
		return "The subscription is being changed; everything can still be undone."
	case upgrade.Scheduled:
		if at := s.Wakes; at != nil {
			return "Stands by until the renewal on " + at.Format("2 Jan 2006 15:04 MST") + "; then the users move. A cancel takes back what is scheduled."
		}
		return "Stands by until the renewal."
	case upgrade.Assigning:
		return "The users' licences are being moved."
	case upgrade.Settling:
		return "What the tenant holds is being compared with the plan."
	case upgrade.Undoing:
		return "What was done is being undone."
	case upgrade.Notifying:
		return "The mails are being sent."
	}
	return string(s.Stage)
}

func writeParked(b *strings.Builder, p *upgrade.Parked) {
	fmt.Fprintf(b, "- Step: %s\n- Reason: %s\n- Since: %s UTC\n", plain(p.Step), plain(p.Reason), moment(p.Since))
	if p.Code != "" {
		fmt.Fprintf(b, "- Code: `%s`\n", plain(p.Code))
	}
	if p.Correlation != "" {
		fmt.Fprintf(b, "- Microsoft's correlation id: `%s`\n", plain(p.Correlation))
	}
	if p.Page != "" {
		fmt.Fprintf(b, "- Microsoft's page: %s\n", plain(p.Page))
	}
	words := make([]string, len(p.Answers))
	for i, a := range p.Answers {
		words[i] = "`" + string(a) + "`"
	}
	fmt.Fprintf(b, "- %s Update `resolve` with %s.\n", plain(p.Remedy), strings.Join(words, ", "))
}

func remedyWords(remedy string) string {
	if remedy == "" {
		return ""
	}
	return " → " + plain(remedy)
}

// moment names the year as well: an upgrade may stand by until a renewal.
func moment(at time.Time) string { return at.UTC().Format("2 Jan 2006 15:04:05") }

// plain keeps text from outside from being read as Markdown.
func plain(s string) string {
	return strings.NewReplacer("|", "¦", "\n", " ", "`", "'", "<", "‹", ">", "›", "[", "(", "]", ")", "*", "∗").Replace(s)
}

// theyEnd begins a sentence about seats that end.
func theyEnd(seats int) string {
	if seats == 1 {
		return "it ends"
	}
	return "they end"
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
