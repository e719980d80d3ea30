package desk

import (
	"context"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// BatchSums is what the rows of a batch come to, as far as they have been planned.
type BatchSums struct {
	Fine    int // rows that may be upgraded
	Seats   int // of those, in the end
	Refused int
	Unseen  int // not planned yet
	Reasons []upgrade.BatchReason
}

// BatchSums adds up the rows of a batch, and the reasons by their codes, the most frequent first. It reads every row.
func (d *Desk) BatchSums(ctx context.Context, who access.Who, id string) (s BatchSums, err error) {
	if _, err := d.seenBatch(ctx, who, id); err != nil {
		return s, err
	}
	for after := 0; ; {
		lines, err := d.Register.BatchLines(ctx, id, upgrade.BatchLineFilter{}, after, batchRows)
		if err != nil {
			return s, err
		}
		for _, l := range lines {
			after = l.Number
			s.add(l)
		}
		if len(lines) < batchRows {
			break
		}
	}
	upgrade.SortReasons(s.Reasons)
	return s, nil
}

// add adds a row.
func (s *BatchSums) add(l upgrade.BatchLine) {
	switch {
	case l.State == upgrade.RowRefused:
		s.Refused++
		s.Reasons = upgrade.AddReasons(s.Reasons, l)
	case l.Digest == "":
		s.Unseen++
	default:
		s.Fine++
		s.Seats += l.Seats
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
