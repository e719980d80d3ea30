package main

import (
	"context"
	"fmt"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// check holds the batch's own story against what was to become of it.
func (h *herd) check(ctx context.Context) []ledgercheck.Violation {
	var found []ledgercheck.Violation
	no := func(order, what string, expected, got any) {
		found = append(found, ledgercheck.Violation{Order: order, What: what, Expected: fmt.Sprint(expected), Found: fmt.Sprint(got)})
	}
	lines, err := h.lines(ctx)
	if err != nil || len(lines) != len(h.rows) {
		no("", "rows in the result", len(h.rows), fmt.Sprint(len(lines), err))
		return found
	}
	for i, l := range lines {
		r := h.rows[i]
		if l.State != r.want {
			no(l.Order, "the end of a row", r.want, fmt.Sprint(l.State, " ", l.End, " ", l.Reasons))
		}
		if (l.State == upgrade.RowRefused || l.State == upgrade.RowFailed) && (len(l.Reasons) == 0 || l.Reasons[0].Remedy == "") {
			no(l.Order, "why a row was not upgraded, and what to do", "a reason with a remedy", l.Reasons)
		}
		if r.play != nil && l.State == upgrade.RowCompleted {
			h.agrees(l, r.play.job.customer.seen.After, no)
		}
	}
	h.waited(ctx, no)
	return found
}

// agrees holds what the result says that a tenant ends with against what it holds.
func (h *herd) agrees(l upgrade.BatchLine, after ledgercheck.State, no func(order, what string, expected, got any)) {
	holds := map[string]int{}
	for _, s := range after.Subscriptions {
		if s.Status == cloud.Active {
			holds[offerIDs[s.Offer.PartNumber]] += s.Quantity
		}
	}
	for _, one := range l.After {
		if one.Seats != holds[one.Offer] {
			no(l.Order, "the result's seats of "+one.Offer, holds[one.Offer], one.Seats)
		}
	}
	if len(l.After) == 0 {
		no(l.Order, "what the result says that the tenant ends with", "something", "nothing")
	}
}

// lines are the batch's rows, as the register has them in the end.
func (h *herd) lines(ctx context.Context) ([]upgrade.BatchLine, error) {
	var all []upgrade.BatchLine
	for after := 0; ; after = all[len(all)-1].Number {
		page, err := tolerate(ctx, func(ctx context.Context) (upgrade.BatchAnswer, error) {
			return h.site.upgrades.ReadBatch(ctx, upgrade.BatchAsked{Batch: h.id, After: after, Limit: upgrade.BatchPart})
		})
		if err != nil || len(page.Lines) == 0 {
			return all, err
		}
		all = append(all, page.Lines...)
	}
}
