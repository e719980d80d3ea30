package upgrade

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// BatchCSVHeading is the heading of a batch's result. [ParseBatchCSV] reads the result back as rows.
var BatchCSVHeading = []string{
	"row", "order", "tenant", "customer", "subscription", "seats", "state", "stage", "end", "plan", "upgrade", "reasons", "remedy", "began", "ended", "before", "after",
	"mail", "name", "language",
}

// WriteBatchCSV writes rows of a batch, without the heading.
func WriteBatchCSV(w io.Writer, lines []BatchLine) error {
	out := csv.NewWriter(w)
	for _, l := range lines {
		seats := ""
		if l.Seats > 0 {
			seats = strconv.Itoa(l.Seats)
		}
		var why, remedy []string
		for _, r := range l.Reasons {
			why = append(why, r.Message+" ("+r.Code+")")
			if r.Remedy != "" {
				remedy = append(remedy, r.Remedy)
			}
		}
		var admin Administrator
		if l.Administrator != nil {
			admin = *l.Administrator
		}
		record := []string{
			strconv.Itoa(l.Number), l.Order, l.Tenant, l.Customer, l.Subscription, seats, string(l.State), string(l.Stage), l.End.Words(), l.Digest, l.Upgrade,
			strings.Join(why, "; "), strings.Join(remedy, "; "), instant(l.BeganAt), instant(l.EndedAt), holdings(l.Before), holdings(l.After),
			admin.Mail, admin.Name, admin.Language,
		}
		for i := range record {
			record[i] = DefuseCell(record[i])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// holdings are what a tenant holds, in words such as "business-premium 5; teams-phone-standard 5".
func holdings(all []Holding) string {
	words := make([]string, len(all))
	for i, h := range all {
		words[i] = fmt.Sprintf("%s %d", h.Offer, h.Seats)
	}
	return strings.Join(words, "; ")
}
