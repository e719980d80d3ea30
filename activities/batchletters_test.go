package activities_test

import (
	"context"
	"fmt"
	"testing"

	"uplift/activities"
	"uplift/upgrade"
)

// refusals is a register with one batch: a row that may be upgraded, and many that may not.
type refusals struct {
	activities.Batches // nothing else is asked of it
	lines              []upgrade.BatchLine
}

func (r refusals) Batch(_ context.Context, id string) (upgrade.BatchView, error) {
	if id != "spring" {
		return upgrade.BatchView{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_batch"}
	}
	v := upgrade.BatchView{Batch: upgrade.Batch{ID: id}, Counts: map[upgrade.BatchRowState]int{}}
	for _, l := range r.lines {
		v.Counts[l.State]++
	}
	return v, nil
}

func (r refusals) BatchLines(_ context.Context, _ string, f upgrade.BatchLineFilter, after, size int) (page []upgrade.BatchLine, _ error) {
	for _, l := range r.lines {
		if l.Number > after && l.State == f.State && len(page) < size {
			page = append(page, l)
		}
	}
	return page, nil
}

// TestBatchLetters: the operator is told once how many rows are how far, and each reason once, however many rows have it.
func TestBatchLetters(t *testing.T) {
	t.Parallel()
	w, _, acts, _, _ := lab(t)
	r := refusals{lines: []upgrade.BatchLine{{BatchRow: upgrade.BatchRow{Number: 1}, State: upgrade.RowPending}}}
	for i := range 1200 {
		codes := upgrade.Problems{{Code: "often", Message: "m"}}
		if i < 30 {
			codes = append(codes, upgrade.Problem{Code: fmt.Sprint("rare-", i)}, upgrade.Problem{Code: "often"})
		}
		r.lines = append(r.lines, upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: i + 2}, State: upgrade.RowRefused, Reasons: codes})
	}
	r.lines = append(r.lines, upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: 1202}, State: upgrade.RowFailed, Reasons: upgrade.Problems{{Code: "often"}}})
	acts.Batches, acts.Settings.OperatorMail = r, "op@provider.example"
	in := activities.SendBatchLetterInput{Batch: "spring", State: upgrade.BatchConfirming, FirstRun: "run-1"}
	for range 2 { // a repeat is the same letter
		if out, err := acts.SendBatchLetter(t.Context(), in); err != nil || !out.Sent {
			t.Fatal(out, err)
		}
	}
	in.Reminder = 1
	if _, err := acts.SendBatchLetter(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	all := w.Letters(upgrade.LetterBatch)
	if len(all) != 2 || all[0].ID == all[1].ID || all[0].To != "op@provider.example" || !all[0].Operator {
		t.Fatalf("%d letters: %+v", len(all), all)
	}
	s := all[0].Batch
	if s.State != upgrade.BatchConfirming || s.Batch.Counts[upgrade.RowRefused] != 1200 || len(s.Reasons) != 20 || s.Untold != 11 ||
		s.Reasons[0].Code != "often" || s.Reasons[0].Rows != 1201 || s.Reasons[0].First != 2 || s.Reasons[1].Rows != 1 {
		t.Errorf("%+v", s)
	}
	acts.Settings.OperatorMail = ""
	if out, err := acts.SendBatchLetter(t.Context(), in); err != nil || out.Sent {
		t.Errorf("to nobody: %+v, %v", out, err)
	}
	acts.Settings.OperatorMail, in.Batch = "op@provider.example", "other"
	if _, err := acts.SendBatchLetter(t.Context(), in); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("of a batch that there is not: %v", err)
	}
}
