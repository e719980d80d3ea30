package mail

import (
	"strconv"
	"strings"
)

// callbackFailed tells the engineer which callback its destination has not taken, why, and how it is sent again. What the
// callback says stands in the register, and not here.
func (a *author) callbackFailed() {
	d := *a.letter.Delivery
	a.head("callback", "type", string(d.Type))
	a.paragraph(a.say("op.callback.intro", "destination", d.Destination))
	said := []fact{
		{a.say("op.order"), a.letter.Order},
		{a.say("op.callback.type"), string(d.Type)},
		{a.say("op.callback.sequence"), strconv.Itoa(d.Sequence)},
		{a.say("op.callback.id"), d.ID},
		{a.say("op.callback.destination"), d.Destination},
		{a.say("op.callback.attempts"), strconv.Itoa(d.Attempts)},
	}
	if !d.At.IsZero() {
		said = append(said, fact{a.say("op.callback.last"), a.at(d.At)})
	}
	if p := d.Problem; p != nil {
		said = append(said, fact{a.say("op.callback.problem"), strings.TrimSpace(p.Message + " [" + p.Code + "]")}, fact{a.say("op.callback.remedy"), p.Remedy})
	}
	a.facts(said)
	a.run(a.say("op.callback.look"), "callbacks")
	a.run(a.say("op.callback.replay"), "callbacks", "replay")
	a.add(part{Shape: quiet, Text: a.say("op.callback.again")})
}
