package mail

import (
	"strconv"
	"strings"

	"uplift/upgrade"
)

// batch tells the operator that a batch waits for a word, or is over, and what can be said to it now.
func (a *author) batch() {
	b := *a.letter.Batch
	name := []string{"batch", b.Batch.ID, "rows", strconv.Itoa(b.Batch.Rows), "completed", strconv.Itoa(b.Batch.Counts[upgrade.RowCompleted])}
	switch b.State {
	case upgrade.BatchConfirming:
		a.head("batch.confirming", name...)
		a.paragraph(a.say("op.batch.confirming.intro"))
	case upgrade.BatchRefused:
		a.head("batch.refused", name...)
		a.paragraph(a.say("op.batch.refused.intro"))
	case upgrade.BatchCancelled:
		a.head("batch.cancelled", name...)
		a.paragraph(a.say("op.batch.cancelled.intro"))
	default:
		a.head("batch.ended", name...)
		a.paragraph(a.say("op.batch.ended.intro"))
	}
	a.batchFacts(b)
	a.batchReasons(b)
	a.batchDo(b)
}

func (a *author) batchFacts(b upgrade.BatchSummary) {
	v := b.Batch
	change := v.Each.Target.Plan
	if v.Source != "" {
		change = a.say("op.batch.change.from", "source", v.Source, "target", change)
	}
	var rows []string
	for _, one := range []struct {
		state upgrade.BatchRowState
		words string
	}{
		{upgrade.RowPending, a.say("op.batch.state.pending")}, {upgrade.RowRunning, a.say("op.batch.state.running")}, {upgrade.RowCompleted, a.say("op.batch.state.completed")},
		{upgrade.RowFailed, a.say("op.batch.state.failed")}, {upgrade.RowRefused, a.say("op.batch.state.refused")}, {upgrade.RowCancelled, a.say("op.batch.state.cancelled")},
	} {
		if n := v.Counts[one.state]; n > 0 {
			rows = append(rows, strings.ReplaceAll(one.words, "{count}", strconv.Itoa(n)))
		}
	}
	starts := ""
	if v.StartAt != nil && b.State == upgrade.BatchConfirming {
		starts = a.at(*v.StartAt)
	}
	a.facts([]fact{{a.say("op.batch.id"), v.ID}, {a.say("op.batch.change"), change}, {a.say("op.batch.rows"), strings.Join(rows, ", ")},
		{a.say("op.batch.starts"), starts}, {a.say("op.batch.by"), v.PlacedBy}})
}

func (a *author) batchReasons(b upgrade.BatchSummary) {
	var items []string
	for _, r := range b.Reasons {
		text := r.Message + " [" + r.Code + "]"
		if r.Remedy != "" {
			text += " → " + r.Remedy
		}
		items = append(items, a.count("op.batch.reason", r.Rows, "first", strconv.Itoa(r.First), "reason", text))
	}
	if b.Untold > 0 {
		items = append(items, a.count("op.batch.more", b.Untold))
	}
	title := a.say("op.batch.why")
	if b.State == upgrade.BatchEnded {
		title = a.say("op.batch.failed")
	}
	a.items(title, items)
}

// batchDo adds what can be done now, as command lines.
func (a *author) batchDo(b upgrade.BatchSummary) {
	run := func(text string, words ...string) {
		a.add(part{Shape: command, Title: text, Text: strings.Join(append([]string{"starter", "batch"}, words...), " ")})
	}
	id := shell(b.Batch.ID)
	run(a.say("op.batch.look"), "rows", id)
	counts := b.Batch.Counts
	switch b.State {
	case upgrade.BatchConfirming:
		if counts[upgrade.RowRefused] == 0 {
			run(a.say("op.batch.start"), "confirm", id)
		} else if counts[upgrade.RowPending] > 0 {
			run(a.say("op.batch.leaveout"), "confirm", id, "-leave-out")
		}
		run(a.say("op.batch.cancel"), "cancel", id)
	case upgrade.BatchEnded:
		run(a.say("op.batch.result"), "result", id)
		if counts[upgrade.RowFailed] > 0 {
			run(a.say("op.batch.again"), "again", id)
		}
	}
}
