package activitiestest

import (
	"context"
	"fmt"
	"slices"

	"uplift/upgrade"
)

// Mailer keeps letters in a mailbox.
type Mailer struct{ w *World }

// Send implements activities.Mailer. A letter with an id that is there already is the same letter.
func (m Mailer) Send(_ context.Context, l upgrade.Letter) (err error) {
	end, err := m.w.begin("Mailer.Send")
	if err != nil {
		return err
	}
	defer end(&err)
	if !slices.ContainsFunc(m.w.letters, func(have upgrade.Letter) bool { return have.ID == l.ID }) {
		m.w.letters = append(m.w.letters, l)
		m.w.note(fmt.Sprintf("letter %s %s", l.Kind, l.To))
	}
	return nil
}

// Letters are the letters of a kind, oldest first; an empty kind: all.
func (w *World) Letters(kind upgrade.LetterKind) []upgrade.Letter {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []upgrade.Letter
	for _, l := range w.letters {
		if kind == "" || l.Kind == kind {
			all = append(all, l)
		}
	}
	return all
}

// Links makes links that name their invitation.
type Links struct{ w *World }

// Link implements activities.Links.
func (l Links) Link(workflowID, _ string, invitation int) (out upgrade.Secret, err error) {
	end, err := l.w.begin("Links.Link")
	if err != nil {
		return "", err
	}
	defer end(&err)
	return upgrade.Secret(fmt.Sprintf("https://uplift.example/c/%s/%d", workflowID, invitation)), nil
}
