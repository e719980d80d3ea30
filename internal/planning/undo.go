package planning

import (
	"fmt"
	"time"

	"uplift/upgrade"
)

// returnWindow is how long seats may be given back. https://learn.microsoft.com/partner-center/customers/new-commerce-cancellation-policy
const returnWindow = 7 * 24 * time.Hour

// undo says what can be given back and until when, before anybody commits to the plan.
func (m *maker) undo() {
	u := &m.plan.Undo
	raised := false
	for _, s := range m.plan.Steps {
		if s.Work == upgrade.Transit {
			u.NoReturnAfter = s.ID
		}
		raised = raised || s.Work == upgrade.Resize && s.To > s.From
	}
	switch {
	case len(m.plan.Steps) == 0:
		u.Words = "Nothing changes, so there is nothing to undo."
	case u.NoReturnAfter != "":
		u.Words = "Everything up to the transition can be undone. The transition itself cannot: from its start the upgrade only goes forward."
	case raised:
		until := m.Now.Add(returnWindow)
		u.Until = &until
		u.Words = fmt.Sprintf("The added seats can be given back until about %s, seven days after they are bought; Microsoft charges the days used.", until.Format(time.DateOnly))
	default:
		u.Words = "Seats that are given back can be bought again at any time."
	}
}
