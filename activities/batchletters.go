package activities

import (
	"context"
	"fmt"

	"uplift/upgrade"
)

// SendBatchLetterInput says of which batch the operator is told, and what.
type SendBatchLetterInput struct {
	Batch string `json:"batch"`
	// State is what the letter is about: confirming, refused, cancelled or ended.
	State upgrade.BatchState `json:"state"`
	// FirstRun is that of the execution that carries the batch. Each says each state once: it makes the Message-ID.
	FirstRun string `json:"firstRun"`
	Reminder int    `json:"reminder,omitempty"` // which; 0: the first letter
}

// SendBatchLetterOutput says whether there was anybody to write to.
type SendBatchLetterOutput struct {
	Sent bool `json:"sent"`
}

// maxReasons is how many reasons a letter tells.
const maxReasons = 20

// SendBatchLetter tells the operator that a batch waits for a word or is over, with how many rows are how far and why rows were
// refused or failed, as the register has them now. A repeat carries the same Message-ID, so that a mail program shows it once. An
// operator without an address is not written to.
func (a *Activities) SendBatchLetter(ctx context.Context, in SendBatchLetterInput) (SendBatchLetterOutput, error) {
	if a.Settings.OperatorMail == "" {
		return SendBatchLetterOutput{}, nil
	}
	view, err := a.Batches.Batch(ctx, in.Batch)
	if err != nil {
		return SendBatchLetterOutput{}, err
	}
	summary := upgrade.BatchSummary{Batch: view, State: in.State}
	for _, state := range []upgrade.BatchRowState{upgrade.RowRefused, upgrade.RowFailed} {
		if view.Counts[state] > 0 {
			if summary.Reasons, err = a.batchReasons(ctx, in.Batch, state, summary.Reasons); err != nil {
				return SendBatchLetterOutput{}, err
			}
		}
	}
	upgrade.SortReasons(summary.Reasons)
	if n := len(summary.Reasons); n > maxReasons {
		summary.Reasons, summary.Untold = summary.Reasons[:maxReasons], n-maxReasons
	}
	return SendBatchLetterOutput{Sent: true}, a.Mailer.Send(ctx, upgrade.Letter{
		Kind: upgrade.LetterBatch, ID: upgrade.UUID("batch", in.Batch, in.FirstRun, string(in.State), fmt.Sprint(in.Reminder)), To: a.Settings.OperatorMail,
		Operator: true, Language: "en", Batch: &summary,
	})
}

// batchReasons adds the reasons of all rows of a state.
func (a *Activities) batchReasons(ctx context.Context, batch string, state upgrade.BatchRowState, all []upgrade.BatchReason) ([]upgrade.BatchReason, error) {
	for after := 0; ; {
		lines, err := a.Batches.BatchLines(ctx, batch, upgrade.BatchLineFilter{State: state}, after, upgrade.BatchPart)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			all, after = upgrade.AddReasons(all, l), l.Number
		}
		if len(lines) < upgrade.BatchPart {
			return all, nil
		}
		beat(ctx)
	}
}
