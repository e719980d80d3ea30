package desk

import (
	"context"
	"slices"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// BatchSums is what the rows of a batch come to, as far as they have been planned.
type BatchSums struct {
	Fine    int // rows that may be upgraded
	Seats   int // of those, in the end
	Refused int
	Unseen  int // not planned yet
	Reasons []BatchReason
}

// BatchReason is a reason for which rows are refused.
type BatchReason struct {
	upgrade.Problem     // as it is told of the first of them
	Rows            int // for how many
	First           int // the first of them
}

// BatchSums adds up the rows of a batch, and the reasons by their codes, the most frequent first. It reads every row.
func (d *Desk) BatchSums(ctx context.Context, who access.Who, id string) (s BatchSums, err error) {
	if _, err := d.seenBatch(ctx, who, id); err != nil {
		return s, err
	}
	at := map[string]int{}
	for after := 0; ; {
		lines, err := d.Register.BatchLines(ctx, id, upgrade.BatchLineFilter{}, after, batchRows)
		if err != nil {
			return s, err
		}
		for _, l := range lines {
			after = l.Number
			s.add(l, at)
		}
		if len(lines) < batchRows {
			break
		}
	}
	slices.SortStableFunc(s.Reasons, func(a, b BatchReason) int { return b.Rows - a.Rows })
	return s, nil
}

// add adds a row; at is where each reason's code stands.
func (s *BatchSums) add(l upgrade.BatchLine, at map[string]int) {
	switch {
	case l.State == upgrade.RowRefused:
		s.Refused++
	case l.Digest == "":
		s.Unseen++
		return
	default:
		s.Fine++
		s.Seats += l.Seats
		return
	}
	seen := map[string]bool{}
	for _, p := range l.Reasons {
		i, known := at[p.Code]
		switch {
		case seen[p.Code]:
		case known:
			s.Reasons[i].Rows++
		default:
			at[p.Code] = len(s.Reasons)
			s.Reasons = append(s.Reasons, BatchReason{Problem: p, Rows: 1, First: l.Number})
		}
		seen[p.Code] = true
	}
}

// BatchPlan makes the plan document of a row as its order stands now, and changes nothing. The row says which plan was made for the
// whole batch.
func (d *Desk) BatchPlan(ctx context.Context, who access.Who, id string, row int) (upgrade.BatchLine, upgrade.Plan, error) {
	v, err := d.seenBatch(ctx, who, id)
	if err != nil {
		return upgrade.BatchLine{}, upgrade.Plan{}, err
	}
	lines, err := d.Register.BatchLines(ctx, id, upgrade.BatchLineFilter{}, row-1, 1)
	if err != nil {
		return upgrade.BatchLine{}, upgrade.Plan{}, err
	}
	if len(lines) == 0 || lines[0].Number != row {
		return upgrade.BatchLine{}, upgrade.Plan{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_row", Message: "the batch has no such row"}
	}
	if err := d.sees(ctx, who, lines[0].Tenant); err != nil {
		return upgrade.BatchLine{}, upgrade.Plan{}, err
	}
	p, err := d.Upgrades.DryRun(ctx, v.OrderOf(lines[0].BatchRow).Canonical())
	return lines[0], p, err
}
