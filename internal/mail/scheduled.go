package mail

import "uplift/internal/plandoc"

// scheduled tells the administrator that nothing happens for now, and what does on the renewal's day.
func (a *author) scheduled() {
	a.out.Subject, a.out.Title = a.sayAll("scheduled.subject"), a.say("scheduled.title")
	a.paragraph(a.sayAll("scheduled.intro"))
	a.add(part{Shape: box, Text: a.change()})
	a.add(part{Shape: warning, Text: a.say("scheduled.when", "day", a.day(*a.letter.Wakes))})
	a.items(a.say("scheduled.then"), []string{a.say("scheduled.then1"), a.say("scheduled.then2"), a.say("scheduled.then3")})
	a.paragraph(a.sayAll("scheduled.todo"))
	a.paragraph(a.sayAll("scheduled.access"))
}

// operatorScheduled tells the operator the same, and how to stop it.
func (a *author) operatorScheduled() {
	a.head("scheduled", "day", a.day(*a.letter.Wakes))
	a.paragraph(a.sayAll("op.scheduled.intro"))
	a.about(fact{a.say("op.scheduled.day"), a.at(*a.letter.Wakes)})
	a.run(a.say("op.scheduled.cancel"), "cancel")
	a.run(a.say("op.status"), "status")
	a.plan(a.say("op.plan"), plandoc.Of)
	a.add(part{Shape: quiet, Text: a.say("op.scheduled.late")})
}
