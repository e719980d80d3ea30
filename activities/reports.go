package activities

import (
	"errors"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// settled is the report of a user who needs nothing: moved earlier, or as ordered from the beginning.
func (m *mover) settled(s upgrade.Snapshot) upgrade.UserReport {
	r := upgrade.UserReport{User: s.User.ID, UPN: s.User.UPN, Outcome: upgrade.UserMoved, Notes: notesOf(s.User)}
	if _, needed := m.moveOf(s, s.User); !needed {
		r.Outcome = upgrade.UserUnchanged
	}
	return r
}

func (m *mover) failed(s upgrade.Snapshot, err error) upgrade.UserReport {
	return failedReport(s, upgrade.CodeOf(err), err)
}

func failedReport(s upgrade.Snapshot, code string, err error) upgrade.UserReport {
	reason := err.Error()
	var e *upgrade.Error
	if errors.As(err, &e) && e.Message != "" {
		reason = e.Message
	}
	remedy := "mend the cause in the tenant, then assign the licence there or order again"
	if r, ok := errorbook.Told(code, reason); ok {
		remedy = r.Operator.Remedy
	}
	if s.User.Synced && code == "no_usage_location" {
		remedy = "set the usage location where the account is mastered (msExchUsageLocation in the customer's own directory), then order again"
	}
	return upgrade.UserReport{User: s.User.ID, UPN: s.User.UPN, Outcome: upgrade.UserFailed, Code: code, Reason: reason, Remedy: remedy, Notes: notesOf(s.User)}
}

// notesOf is what an operator wants to know of an account whose licence moved or did not.
func notesOf(u upgrade.User) []string {
	var notes []string
	if u.Guest {
		notes = append(notes, "guest")
	}
	if !u.Enabled {
		notes = append(notes, "sign-in blocked")
	}
	if u.Synced {
		notes = append(notes, "synchronised from the customer's own directory")
	}
	return notes
}
