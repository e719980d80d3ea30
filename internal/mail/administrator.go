package mail

import (
	"strings"

	"uplift/internal/plandoc"
	"uplift/upgrade"
)

func (a *author) invitation() {
	a.out.Subject, a.out.Title = a.sayAll("invitation.subject"), a.say("invitation.title")
	a.invite(a.sayAll("invitation.intro"))
}

func (a *author) reminder() {
	a.out.Subject, a.out.Title = a.sayAll("reminder.subject"), a.say("reminder.title")
	a.invite(a.sayAll("reminder.intro"))
}

// invite is what invitation and reminder have in common: who asks, what will change, what to do, until when, and that
// looking is free.
func (a *author) invite(intro string) {
	a.paragraph(intro)
	a.add(part{Shape: box, Text: a.change()})
	if a.letter.Plan == nil {
		a.effects()
	}
	a.paragraph(a.sayAll("invite.why"))
	a.add(part{Shape: steps, Items: []string{a.say("invite.step1"), a.sayAll("invite.step2"), a.say("invite.step3")}})
	a.add(part{Shape: button, Title: a.say("invite.button"), Text: a.say("invite.link"), Link: a.link})
	if a.letter.Deadline.IsZero() {
		a.paragraph(a.say("invite.nodate"))
	} else {
		a.add(part{Shape: warning, Text: a.say("invite.until", "deadline", a.at(a.letter.Deadline))})
	}
	a.paragraph(a.say("invite.decline"))
	if !a.plan(a.say("invite.plan"), plandoc.ForCustomer) {
		a.items(a.say("invite.permissions"), a.letter.Permissions)
	}
	a.add(part{Shape: quiet, Text: a.sayAll("invite.safe")})
}

// effects is what of the plan must be said where the whole of it is not at hand.
func (a *author) effects() {
	a.items(a.say("invite.gains"), a.letter.Gains)
	a.items(a.say("invite.losses"), a.letter.Losses)
	if len(a.letter.Losses) == 0 {
		a.paragraph(a.say("invite.losses.none"))
	}
	if a.letter.Undo != "" {
		a.paragraph(a.letter.Undo)
	}
}

func (a *author) done() {
	a.out.Subject, a.out.Title = a.sayAll("done.subject"), a.say("done.title")
	a.paragraph(a.sayAll("done.intro"))
	a.add(part{Shape: box, Text: a.change()})
	a.beforeAndAfter()
	if text := a.users(); text != "" {
		a.paragraph(text)
	}
	switch a.letter.End {
	case upgrade.CompletedWithResidue:
		a.reasons(a.say("done.residue"))
	default:
		a.reasons(a.say("done.exceptions"))
	}
	// Where no user's services changed, as when only the number of seats did, nobody needs to sign out.
	if a.letter.Users != (upgrade.UserCounts{}) || len(a.letter.Gains)+len(a.letter.Losses) > 0 {
		a.add(part{Shape: section, Title: a.say("done.signin.title"), Text: a.say("done.signin")})
	}
	a.withdraw()
}

// users says in one paragraph what became of them.
func (a *author) users() string {
	var said []string
	u := a.letter.Users
	if u.Moved > 0 {
		said = append(said, a.count("done.users", u.Moved))
	}
	if u.Unchanged > 0 {
		said = append(said, a.count("done.unchanged", u.Unchanged))
	}
	if u.Failed > 0 {
		said = append(said, a.count("done.failed", u.Failed, "provider", a.provider))
	}
	return strings.Join(said, " ")
}

func (a *author) withdraw() {
	a.add(part{Shape: section, Title: a.say("withdraw.title"), Text: a.sayAll("withdraw")})
}

func (a *author) couldNot() {
	a.out.Subject, a.out.Title = a.sayAll("couldnot.subject"), a.say("couldnot.title")
	if a.letter.End == upgrade.Abandoned {
		a.out.Subject, a.out.Title = a.sayAll("couldnot.part.subject"), a.say("couldnot.part.title")
	}
	a.paragraph(a.sayAll("couldnot.intro"))
	a.add(part{Shape: box, Text: a.change()})
	a.paragraph(a.end())
	a.reasons(a.say("couldnot.reasons"))
	switch end := a.letter.End; {
	case end == upgrade.FailedUndone, end == upgrade.Cancelled && a.letter.Users.Restored > 0:
		a.add(part{Shape: warning, Text: a.say("couldnot.undone")})
	case end.ChangedNothing():
		a.add(part{Shape: warning, Text: a.say("couldnot.nothing")})
	default:
		a.add(part{Shape: warning, Text: a.sayAll("couldnot.part")})
		a.beforeAndAfter()
	}
	if n := a.letter.Users.Restored; n > 0 {
		a.paragraph(a.count("couldnot.restored", n))
	}
	a.paragraph(a.sayAll("couldnot.todo"))
	if a.letter.End != upgrade.Declined && a.letter.End != upgrade.Expired {
		a.withdraw()
	}
}
