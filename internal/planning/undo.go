package planning

import (
	"fmt"
	"strings"
	"time"

	"uplift/upgrade"
)

// returnWindow is how long seats may be given back. https://learn.microsoft.com/partner-center/customers/new-commerce-cancellation-policy
const returnWindow = 7 * 24 * time.Hour

// undo says what can be given back and until when, before anybody commits to the plan.
func (m *maker) undo() {
	u := &m.plan.Undo
	if len(m.plan.Steps) == 0 {
		u.Words = "Nothing changes, so there is nothing to undo."
		if m.plan.Licenses.Moves() {
			u.Words = "Licences that are assigned can be taken back at any time."
		}
		return
	}
	var words []string
	say := func(s string) {
		if !strings.Contains(strings.Join(words, " "), s) {
			words = append(words, s)
		}
	}
	for _, s := range m.plan.Steps {
		switch {
		case s.Work == upgrade.Transit && u.NoReturnAfter == "":
			u.NoReturnAfter = s.ID
			say("Everything up to the transition can be undone. The transition itself cannot: from its start the upgrade only goes forward.")
		case !s.Reversible() && u.NoReturnAfter == "":
			u.NoReturnAfter = s.ID
			say(fmt.Sprintf("A cancelled subscription does not come back: from that step (%s) on nothing is undone.", s.Words))
		}
	}
	if u.NoReturnAfter == "" || m.plan.Steps[0].ID != u.NoReturnAfter {
		m.undoOf(u, say)
	}
	u.Words = strings.Join(words, " ")
}

// undoOf says what becomes of each kind of change that can be undone.
func (m *maker) undoOf(u *upgrade.UndoPlan, say func(string)) {
	until := m.Now.Add(returnWindow)
	for _, s := range m.plan.Steps {
		switch {
		case s.ID == u.NoReturnAfter:
			return
		case s.Work == upgrade.Buy:
			u.Until = &until
			say(fmt.Sprintf("What is bought can be cancelled until about %s, seven days after; Microsoft charges the days used.", until.Format(time.DateOnly)))
		case s.Work == upgrade.Resize && s.To > s.From:
			u.Until = &until
			say(fmt.Sprintf("The added seats can be given back until about %s, seven days after they are bought; Microsoft charges the days used.", until.Format(time.DateOnly)))
		case s.Work == upgrade.AtRenewal:
			say(fmt.Sprintf("What is scheduled for the renewal can be taken back until %s.", s.Date.Format(time.DateOnly)))
		default:
			say("Seats that are given back can be bought again at any time.")
		}
	}
}
