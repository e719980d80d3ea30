package upgrade

// Stage is where an upgrade stands in its story. Parked is not a stage but a mark on one.
type Stage string

// The stages, in the order of the story.
const (
	Planning   Stage = "planning"
	Invited    Stage = "invited"
	Consented  Stage = "consented"
	Checking   Stage = "checking"
	Confirming Stage = "confirming"
	Queued     Stage = "queued"
	Scheduled  Stage = "scheduled"
	Changing   Stage = "changing"
	Assigning  Stage = "assigning"
	Settling   Stage = "settling"
	Undoing    Stage = "undoing"
	Notifying  Stage = "notifying"
	Ended      Stage = "ended"
)

// Stages lists the stages of an upgrade that goes well, in order.
func Stages() []Stage {
	return []Stage{Planning, Invited, Consented, Checking, Confirming, Queued, Changing, Scheduled, Assigning, Settling, Notifying, Ended}
}

// End is how an upgrade ended. Every end completes the Temporal execution; the execution fails only for a defect of
// ours, never to say no.
type End string

// The ends.
const (
	Completed               End = "completed"
	CompletedWithResidue    End = "completed_with_residue"
	CompletedWithExceptions End = "completed_with_exceptions"
	Declined                End = "declined"
	Expired                 End = "expired"
	Cancelled               End = "cancelled"
	Ineligible              End = "ineligible"
	FailedUndone            End = "failed_undone"
	Abandoned               End = "abandoned"
	Duplicate               End = "duplicate"
	RefusedOrder            End = "refused"
)

// ChangedNothing tells whether an upgrade with this end left the tenant as it was, so that its order may be claimed
// again as the next attempt.
func (e End) ChangedNothing() bool {
	switch e {
	case Declined, Expired, Cancelled, Ineligible, FailedUndone:
		return true
	}
	return false
}

// Succeeded tells whether the order was carried out.
func (e End) Succeeded() bool {
	return e == Completed || e == CompletedWithResidue || e == CompletedWithExceptions
}

// Words is the end as a person reads it.
func (e End) Words() string {
	switch e {
	case CompletedWithResidue:
		return "completed, with seats that stay until renewal"
	case CompletedWithExceptions:
		return "completed with exceptions"
	case FailedUndone:
		return "failed, undone"
	}
	return string(e)
}
