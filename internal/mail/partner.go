package mail

import (
	"strings"
	"time"

	"uplift/upgrade"
)

// partnerSignIn tells the operator that the sign-in of the partner's own user has died, or is about to. It is about no
// customer and no order.
func (a *author) partnerSignIn() {
	s := *a.letter.SignIn
	if s.State == upgrade.PartnerSignInHasDied {
		a.head("signin.died")
		a.paragraph(a.say("op.signin.died.intro"))
	} else {
		a.head("signin.old")
		a.paragraph(a.say("op.signin.old.intro"))
	}
	var said []fact
	for _, f := range []struct {
		name string
		at   time.Time
	}{{a.say("op.signin.since"), s.SignedInAt}, {a.say("op.signin.used"), s.UsedAt}, {a.say("op.signin.dies"), s.DiesAt()}} {
		if !f.at.IsZero() && (f.at != s.DiesAt() || s.State != upgrade.PartnerSignInHasDied) {
			said = append(said, fact{f.name, a.at(f.at)})
		}
	}
	if s.Problem != nil {
		said = append(said, fact{a.say("op.signin.problem"), strings.TrimSpace(line(s.Problem.Message) + " [" + line(s.Problem.Code) + "]")})
	}
	a.add(part{Shape: facts, Facts: said})
	a.add(part{Shape: command, Title: a.say("op.signin.do"), Text: "starter partner sign-in"})
	a.add(part{Shape: command, Title: a.say("op.signin.look"), Text: "starter doctor"})
	a.add(part{Shape: quiet, Text: a.say("op.signin.again")})
}
