package desk

import (
	"context"
	"encoding/csv"
	"io"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// BatchResult writes a batch and what has become of each row, as CSV, page by page: it takes no more memory for ten thousand rows
// than for a page of them. It is written as far as the batch is, also while it runs. Nothing is written where an error is answered
// before the first page; an error after that leaves the file cut short.
func (d *Desk) BatchResult(ctx context.Context, who access.Who, id string, w io.Writer) error {
	if _, err := d.seenBatch(ctx, who, id); err != nil {
		return err
	}
	for after, first := 0, true; first || after > 0; first = false {
		lines, next, err := d.lines(ctx, who, id, upgrade.BatchLineFilter{}, after, batchRows)
		if err != nil {
			return err
		}
		if first {
			heading := csv.NewWriter(w)
			_ = heading.Write(upgrade.BatchCSVHeading) // its error is Flush's
			if heading.Flush(); heading.Error() != nil {
				return heading.Error()
			}
		}
		if err := upgrade.WriteBatchCSV(w, lines); err != nil {
			return err
		}
		after = next
	}
	return nil
}
