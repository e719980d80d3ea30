package workflows

import (
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// abandon leaves children alone when their parent closes: an upgrade under way is never torn off.
const abandon = enumspb.PARENT_CLOSE_POLICY_ABANDON

// setup registers the query and the updates, and the coroutine that listens to pages.
func (b *batchRun) setup(ctx workflow.Context) error {
	err := workflow.SetQueryHandler(ctx, upgrade.QueryStatus, func() (upgrade.BatchStatus, error) {
		s := b.status
		s.Pages, s.Open = len(b.pages), b.open()
		return s, nil
	})
	if err != nil {
		return err
	}
	b.receivePages(ctx)
	for _, set := range []func(workflow.Context) error{b.setStart, b.setCancel, b.setPause, b.setResume, b.setAgain} {
		if err := set(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *batchRun) setStart(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateStartBatch, "Begin the batch, whose rows have been planned; leaveOut: without those that were refused",
		func(_ workflow.Context, in upgrade.StartBatch) error {
			offenders, left := b.status.Offenders, b.counts[upgrade.RowPending]
			switch {
			case b.status.State != upgrade.BatchConfirming || b.word != nil || b.stopped != nil:
				return rejected("wrong_state", "the batch is %s; start belongs to one that is confirming", b.status.State)
			case left == 0:
				return rejected("no_rows_left", "none of the batch's rows may be upgraded; cancel it")
			case offenders > 0 && !in.LeaveOut && b.batch.Offenders != upgrade.LeaveOut:
				return rejected("rows_refused", "%d of %d rows may not be upgraded; read their reasons, and say leaveOut (`starter batch confirm -leave-out`) to go on without them", offenders, b.status.Rows)
			}
			return nil
		},
		func(_ workflow.Context, in upgrade.StartBatch) (upgrade.Reply, error) {
			b.word = &in
			words := fmt.Sprintf("%s of %d are begun", upgrade.Counted(b.counts[upgrade.RowPending], "row", "rows"), b.status.Rows)
			if at := b.batch.StartAt; at != nil {
				words += " at " + at.Format("2 Jan 2006 15:04 MST")
			}
			if b.status.Offenders > 0 {
				words += "; " + upgrade.Counted(b.status.Offenders, "row that was refused is left out", "rows that were refused are left out")
			}
			return upgrade.Reply{Message: words + "."}, nil
		})
}

func (b *batchRun) setCancel(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateCancelBatch, "Cancel rows that were not begun, all or some; running: also ask those that run to stop",
		func(_ workflow.Context, in upgrade.CancelBatch) error {
			switch {
			case b.status.State.Over() || b.status.State == upgrade.BatchUploading:
				return rejected("wrong_state", "the batch is %s; there is nothing to cancel", b.status.State)
			case len(in.Rows) > 0 && b.status.Rows < maxOf(in.Rows):
				return rejected("bad_row", "the batch has %d rows, and no row %d", b.status.Rows, maxOf(in.Rows))
			}
			return nil
		}, b.cancel)
}

func maxOf(rows []int) (most int) {
	for _, n := range rows {
		most = max(most, n)
	}
	return most
}

// cancel cancels what was not begun: in the register, so that no page begins it, and by a word to the pages that know of it already.
func (b *batchRun) cancel(ctx workflow.Context, in upgrade.CancelBatch) (upgrade.Reply, error) {
	b.striking++
	defer func() { b.striking-- }()
	all := len(in.Rows) == 0
	if all {
		b.stopped = &in.Request
		if b.halt != nil {
			b.halt()
		}
	}
	for _, p := range b.pages {
		if !p.over {
			b.steer(ctx, p, upgrade.PageSteer{Cancel: in.Rows, All: all, Running: in.Running})
		}
	}
	out := mustRecord(ctx, "Cancel what was not begun", a.CancelBatchRows, activities.CancelBatchRowsInput{Batch: b.start.Batch, Rows: in.Rows, Request: in.Request})
	return upgrade.Reply{Message: b.cancelWords(out.Cancelled, in)}, nil
}

// cancelWords say what happens to the rows, those that run included.
func (b *batchRun) cancelWords(cancelled int, in upgrade.CancelBatch) string {
	words := upgrade.Counted(cancelled, "row that was not begun is", "rows that were not begun are") + " cancelled."
	switch {
	case b.open() == 0:
		return words
	case in.Running:
		return words + " Those that run are asked to stop: where nothing was changed yet they end cancelled and nothing is touched; where the change has begun, it is undone; what has passed the point of no return goes on to its end."
	}
	return words + " What runs already goes on to its end; cancel it singly, or with running, to stop it as well."
}

func (b *batchRun) setPause(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdatePauseBatch, "Begin nothing more until the batch is resumed; what runs goes on",
		func(_ workflow.Context, _ upgrade.Request) error {
			if b.paused || b.status.State.Over() || b.status.State == upgrade.BatchUploading {
				return rejected("wrong_state", "the batch is %s and cannot be paused", b.status.State)
			}
			return nil
		},
		func(ctx workflow.Context, _ upgrade.Request) (upgrade.Reply, error) {
			return upgrade.Reply{Message: "Nothing more is begun. What runs goes on to its end."}, b.pause(ctx, true)
		})
}

func (b *batchRun) setResume(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateResumeBatch, "Go on after a pause",
		func(_ workflow.Context, _ upgrade.Request) error {
			if !b.paused {
				return rejected("not_paused", "the batch is %s and not paused", b.status.State)
			}
			return nil
		},
		func(ctx workflow.Context, _ upgrade.Request) (upgrade.Reply, error) {
			return upgrade.Reply{Message: "The batch goes on."}, b.pause(ctx, false)
		})
}

func (b *batchRun) pause(ctx workflow.Context, yes bool) error {
	b.paused = yes
	for _, p := range b.pages {
		if !p.over {
			b.steer(ctx, p, upgrade.PageSteer{})
		}
	}
	if s := b.status.State; s == upgrade.BatchRunning || s == upgrade.BatchPaused {
		b.enter(ctx, b.going())
	}
	return nil
}

func (b *batchRun) setAgain(ctx workflow.Context) error {
	return update(ctx, upgrade.UpdateBatchAgain, "Run rows once more that have ended without having completed; all or some",
		func(_ workflow.Context, in upgrade.RunBatchAgain) error {
			switch s := b.status.State; {
			case s.Over():
				return rejected("ended", "the batch is over; a new execution runs the rows again")
			case s != upgrade.BatchRunning && s != upgrade.BatchPaused:
				return rejected("wrong_state", "the batch is %s; no row has run yet", s)
			case b.beginning():
				return rejected("still_beginning", "the batch still begins rows; run rows again when all of them have been begun")
			case len(in.Rows) > 0 && b.status.Rows < maxOf(in.Rows):
				return rejected("bad_row", "the batch has %d rows, and no row %d", b.status.Rows, maxOf(in.Rows))
			}
			return nil
		},
		func(_ workflow.Context, in upgrade.RunBatchAgain) (upgrade.Reply, error) {
			b.again = append(b.again, in)
			return upgrade.Reply{Message: "The rows that have ended without having completed run again."}, nil
		})
}

// beginning tells whether a page has not begun all its rows: a row that waits to be begun must not be taken for one that has ended.
func (b *batchRun) beginning() bool {
	for _, p := range b.pages {
		if !p.over && !p.begun {
			return true
		}
	}
	return len(b.again) > 0
}

// details tells the batch's story in Temporal's own UI.
func (b *batchRun) details(ctx workflow.Context) {
	var w strings.Builder
	fmt.Fprintf(&w, "## Batch %s: %s\n\n%d rows", plain(b.start.Batch), b.status.State, b.status.Rows)
	if b.status.Offenders > 0 {
		fmt.Fprintf(&w, ", of which %d may not be upgraded", b.status.Offenders)
	}
	fmt.Fprintf(&w, ". %s\n\n", batchSentence(b.status.State))
	for _, r := range b.status.Reasons {
		fmt.Fprintf(&w, "- %s%s\n", plain(r.Message), remedyWords(r.Remedy))
	}
	if len(b.counts) > 0 {
		fmt.Fprintf(&w, "\n| Rows | When it became %s |\n|---|---|\n", b.status.State)
		for _, s := range []upgrade.BatchRowState{upgrade.RowPending, upgrade.RowRefused, upgrade.RowRunning, upgrade.RowCompleted, upgrade.RowFailed, upgrade.RowCancelled} {
			if n := b.counts[s]; n > 0 {
				fmt.Fprintf(&w, "| %s | %d |\n", s, n)
			}
		}
	}
	if len(b.pages) > 0 {
		fmt.Fprintf(&w, "\nPages begun: %d, not over: %d.\n", len(b.pages), b.open())
	}
	workflow.SetCurrentDetails(ctx, w.String())
}

func batchSentence(s upgrade.BatchState) string {
	switch s {
	case upgrade.BatchPlanning:
		return "Every row is being planned; nobody has been asked anything yet."
	case upgrade.BatchConfirming:
		return "Waits for a word: update `start` begins it, update `cancel` ends it."
	case upgrade.BatchScheduled:
		return "Waits for its time."
	case upgrade.BatchRunning:
		return "The upgrades are under way."
	case upgrade.BatchPaused:
		return "Nothing more is begun; what runs goes on. Update `resume` goes on."
	case upgrade.BatchRefused:
		return "It was not begun."
	case upgrade.BatchCancelled:
		return "It was cancelled before anything was begun."
	case upgrade.BatchEnded:
		return "Every row has ended, or was never begun; update by `again` runs those that have not completed once more."
	}
	return ""
}
