package desk

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// resultColumns are the headings of a batch's result. The file can be uploaded as a batch: what an upload does not take it passes over.
var resultColumns = []string{"row", "order", "tenant", "customer", "subscription", "seats", "state", "stage", "end", "plan", "upgrade", "reasons", "remedy",
	"began", "ended", "before", "after", "mail", "name", "language"}

// BatchResult writes a batch and what has become of each row, as CSV, page by page: it takes no more memory for ten thousand rows
// than for a page of them. It is written as far as the batch is, also while it runs. Nothing is written where an error is answered
// before the first page; an error after that leaves the file cut short.
func (d *Desk) BatchResult(ctx context.Context, who access.Who, id string, w io.Writer) error {
	if _, err := d.seenBatch(ctx, who, id); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	for after, first := 0, true; first || after > 0; first = false {
		lines, next, err := d.lines(ctx, who, id, upgrade.BatchLineFilter{}, after, batchRows)
		if err != nil {
			return err
		}
		if first {
			if err := out.Write(resultColumns); err != nil {
				return err
			}
		}
		for _, l := range lines {
			if err := out.Write(resultOf(l)); err != nil {
				return err
			}
		}
		out.Flush()
		if err := out.Error(); err != nil {
			return err
		}
		after = next
	}
	return nil
}

// resultOf is a row of the result.
func resultOf(l upgrade.BatchLine) []string {
	var reasons, remedies []string
	for _, p := range l.Reasons {
		reasons = append(reasons, p.Message+" ("+p.Code+")")
		if p.Remedy != "" {
			remedies = append(remedies, p.Remedy)
		}
	}
	var a upgrade.Administrator
	if l.Administrator != nil {
		a = *l.Administrator
	}
	cells := []string{strconv.Itoa(l.Number), l.Order, l.Tenant, l.Customer, l.Subscription, seatsOf(l.Seats), string(l.State), string(l.Stage), string(l.End), l.Digest, l.Upgrade,
		strings.Join(reasons, "; "), strings.Join(remedies, "; "), momentOf(l.BeganAt), momentOf(l.EndedAt), holdingsOf(l.Before), holdingsOf(l.After), a.Mail, a.Name, a.Language}
	for i := range cells {
		cells[i] = upgrade.DefuseCell(cells[i])
	}
	return cells
}

// seatsOf is empty where as many are meant as there are.
func seatsOf(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func momentOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// holdingsOf says what a customer holds, such as: Business Basic × 20 (14 users).
func holdingsOf(list []upgrade.Holding) string {
	var words []string
	for _, h := range list {
		one := fmt.Sprintf("%s × %d", h.Name, h.Seats)
		if h.Users >= 0 {
			one += fmt.Sprintf(" (%d users)", h.Users)
		}
		words = append(words, one)
	}
	return strings.Join(words, "; ")
}
