package mail

import (
	"strconv"
	"strings"

	"uplift/internal/plandoc"
	"uplift/upgrade"
)

// id is how commands name the upgrade.
func (a *author) id() string {
	if a.letter.Order != "" {
		return a.letter.Order
	}
	return a.letter.WorkflowID
}

// starter is a command line of the operator's tool, fit to be pasted. The words are ours, or went through shell.
func (a *author) starter(words ...string) string {
	return strings.Join(append(append([]string{"starter"}, words...), shell(a.id())), " ")
}

// run adds a command under a sentence.
func (a *author) run(text string, words ...string) {
	a.add(part{Shape: command, Title: text, Text: a.starter(words...)})
}

// about adds what identifies the upgrade, with more facts after it. Empty values are left out.
func (a *author) about(more ...fact) {
	all := append([]fact{
		{a.say("op.customer"), a.company()},
		{a.say("op.change"), a.change()},
		{a.say("op.order"), a.letter.Order},
		{a.say("op.workflow"), a.letter.WorkflowID},
	}, more...)
	a.facts(all)
}

// facts adds names and values, without those that have none.
func (a *author) facts(all []fact) {
	var said []fact
	for _, f := range all {
		if f.Value != "" {
			said = append(said, f)
		}
	}
	a.add(part{Shape: facts, Facts: said})
}

func (a *author) head(kind string, pairs ...string) {
	a.out.Subject, a.out.Title = a.sayAll("op."+kind+".subject", pairs...), a.say("op."+kind+".title")
}

// deadline is empty where there is none.
func (a *author) deadline() fact {
	f := fact{Name: a.say("op.deadline")}
	if !a.letter.Deadline.IsZero() {
		f.Value = a.at(a.letter.Deadline)
	}
	return f
}

// nth is empty in a first letter.
func (a *author) nth() fact {
	f := fact{Name: a.say("op.number")}
	if a.letter.Number > 0 {
		f.Value = strconv.Itoa(a.letter.Number)
	}
	return f
}

func (a *author) handOn() {
	a.head("link")
	a.paragraph(a.sayAll("op.link.intro"))
	a.linkToHandOn()
}

func (a *author) handOnAgain() {
	a.head("reminder")
	a.paragraph(a.sayAll("op.reminder.intro"))
	a.linkToHandOn()
}

// linkToHandOn shows the address as text: the operator copies it, and need not open it.
func (a *author) linkToHandOn() {
	a.add(part{Shape: command, Text: a.link})
	if a.letter.Deadline.IsZero() {
		a.add(part{Shape: warning, Text: a.say("op.link.care.nodate")})
	} else {
		a.add(part{Shape: warning, Text: a.say("op.link.care", "deadline", a.at(a.letter.Deadline))})
	}
	a.about(a.deadline(), a.nth())
	a.run(a.say("op.link.again"), "resend")
	a.run(a.say("op.status"), "status")
}

func (a *author) operatorDone() {
	word := a.say("op.done.word." + string(a.letter.End))
	a.out.Subject, a.out.Title = a.sayAll("op.done.subject", "word", word), word
	a.paragraph(a.end())
	u := a.letter.Users
	a.about(fact{a.say("op.done.users"), a.say("op.done.counts", "moved", strconv.Itoa(u.Moved),
		"unchanged", strconv.Itoa(u.Unchanged), "failed", strconv.Itoa(u.Failed))})
	a.beforeAndAfter()
	a.residue()
	a.reasons(a.say("op.done.reasons"))
	a.run(a.say("op.status"), "status")
	a.plan(a.say("op.plan.done"), plandoc.Of)
}

func (a *author) operatorCouldNot() {
	a.head("could")
	a.paragraph(a.end())
	u := a.letter.Users
	users := fact{Name: a.say("op.done.users")}
	if u != (upgrade.UserCounts{}) {
		users.Value = a.say("op.could.counts", "moved", strconv.Itoa(u.Moved), "restored", strconv.Itoa(u.Restored),
			"unchanged", strconv.Itoa(u.Unchanged), "failed", strconv.Itoa(u.Failed))
	}
	a.about(users)
	a.reasons(a.say("couldnot.reasons"))
	switch end := a.letter.End; {
	case end.ChangedNothing():
		a.paragraph(a.say("op.could.nothing"))
		a.run(a.say("op.could.retry"), "retry")
	case end != upgrade.Duplicate && end != upgrade.RefusedOrder:
		a.add(part{Shape: warning, Text: a.say("op.could.part")})
		a.beforeAndAfter()
	}
	a.run(a.say("op.status"), "status")
}

func (a *author) parked() {
	p := a.letter.Parked
	a.head("parked")
	a.paragraph(a.sayAll("op.parked.intro"))
	since := fact{Name: a.say("op.parked.since")}
	if !p.Since.IsZero() {
		since.Value = a.at(p.Since)
	}
	code := p.Code
	if code == "" {
		code = a.say("op.parked.unsaid")
	}
	a.about(fact{a.say("op.parked.step"), p.Step}, fact{a.say("op.parked.reason"), p.Reason},
		fact{a.say("op.parked.code"), code}, fact{a.say("op.parked.correlation"), p.Correlation},
		fact{a.say("op.parked.remedy"), p.Remedy}, fact{a.say("op.parked.page"), p.Page}, since, a.nth())
	a.paragraph(a.say("op.parked.answers"))
	for _, answer := range p.Answers {
		if text := a.say("op.parked." + string(answer)); text != "" {
			a.run(text, "resolve", "-answer", shell(string(answer)))
		}
	}
	a.run(a.say("op.status"), "status")
	a.plan(a.say("op.plan"), plandoc.Of)
	a.add(part{Shape: quiet, Text: a.say("op.parked.again")})
}

func (a *author) slow() {
	a.head("slow")
	a.paragraph(a.sayAll("op.slow.intro"))
	a.about(a.nth())
	a.reasons(a.say("op.slow.reasons"))
	a.run(a.say("op.status"), "status")
}

func (a *author) approve() {
	a.head("approve")
	a.paragraph(a.sayAll("op.approve.intro"))
	a.about(fact{a.say("op.approve.why"), a.letter.Approval}, fact{a.say("op.confirm.digest"), a.letter.Digest}, a.nth())
	a.run(a.say("op.confirm.read"), "plan")
	a.run(a.say("op.approve.do"), "approve", "-digest", shell(a.letter.Digest))
	a.run(a.say("op.confirm.cancel"), "cancel")
	a.plan(a.say("op.plan"), plandoc.Of)
	a.add(part{Shape: quiet, Text: a.say("op.confirm.again")})
}

// residue lists the seats that stay until a renewal.
func (a *author) residue() {
	var items []string
	for _, r := range a.letter.Residue {
		items = append(items, a.count("residue.line", r.Seats, "name", r.Name, "until", a.at(r.Until)))
	}
	a.items(a.say("done.residue"), items)
}

func (a *author) confirm() {
	a.head("confirm")
	a.paragraph(a.sayAll("op.confirm.intro"))
	a.about(fact{a.say("op.confirm.digest"), a.letter.Digest}, a.nth())
	if a.letter.Plan == nil {
		a.items(a.say("op.gains"), a.letter.Gains)
		a.items(a.say("op.losses"), a.letter.Losses)
	}
	a.reasons(a.say("couldnot.reasons"))
	a.run(a.say("op.confirm.read"), "plan")
	a.run(a.say("op.confirm.do"), "confirm", "-digest", shell(a.letter.Digest))
	a.run(a.say("op.confirm.seats"), "confirm", "-digest", shell(a.letter.Digest), "-seats", "N")
	a.run(a.say("op.confirm.cancel"), "cancel")
	a.plan(a.say("op.plan"), plandoc.Of)
	a.add(part{Shape: quiet, Text: a.say("op.confirm.again")})
}
