package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"time"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// batchOf reads a batch with its live counts.
func batchOf(ctx context.Context, c *temporalclient.Connection, id string) (upgrade.BatchView, error) {
	answer, err := c.ReadBatch(ctx, upgrade.BatchAsked{Batch: id})
	if err != nil {
		return answer.View, err
	}
	return answer.View, c.LiveCounts(ctx, &answer.View)
}

// batchStatus shows a batch once, or whenever something has changed until it is over.
func (a *app) batchStatus(ctx context.Context, id string, watch bool) error {
	for last := ""; ; {
		v, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.BatchView, error) {
			return batchOf(ctx, c, id)
		})
		if err != nil {
			return err
		}
		if now := batchWords(v); now != last {
			last = now
			if err := a.show(v, func(t *table) { t.line(now) }); err != nil {
				return err
			}
		}
		if !watch || v.State.Over() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(watchEvery):
		}
	}
}

// watchEvery is the pause between two looks at a batch.
const watchEvery = 2 * time.Second

func batchWords(v upgrade.BatchView) string {
	words := fmt.Sprintf("%s: %s, %s to %s", v.ID, v.State, upgrade.Counted(v.Rows, "row", "rows"), v.Each.Target.Plan)
	for _, s := range []upgrade.BatchRowState{upgrade.RowPending, upgrade.RowRefused, upgrade.RowWaiting, upgrade.RowRunning, upgrade.RowCompleted, upgrade.RowFailed, upgrade.RowCancelled} {
		if n := v.Counts[s]; n > 0 {
			words += fmt.Sprintf(" · %s %d", s, n)
		}
	}
	return words
}

// eachLine reads all rows of a batch, page by page.
func (a *app) eachLine(ctx context.Context, id string, f upgrade.BatchLineFilter, visit func([]upgrade.BatchLine) error) error {
	_, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (none struct{}, err error) {
		live := f
		for after := 0; ; {
			answer, err := c.ReadBatch(ctx, upgrade.BatchAsked{Batch: id, Filter: f, After: after, Limit: upgrade.BatchPart})
			if err != nil {
				return none, err
			}
			if len(answer.Lines) == 0 {
				return none, nil
			}
			after = answer.Lines[len(answer.Lines)-1].Number
			if err := c.LiveLines(ctx, answer.Lines); err != nil {
				return none, err
			}
			kept := answer.Lines[:0]
			for _, l := range answer.Lines {
				if live.State == "" || l.State == live.State {
					kept = append(kept, l)
				}
			}
			if err := visit(kept); err != nil {
				return none, err
			}
		}
	})
	return err
}

func (a *app) batchRows(ctx context.Context, id string, f upgrade.BatchLineFilter) error {
	var all []upgrade.BatchLine
	err := a.eachLine(ctx, id, f, func(page []upgrade.BatchLine) error { all = append(all, page...); return nil })
	if err != nil {
		return err
	}
	return a.show(all, func(t *table) {
		t.row("ROW", "ORDER", "CUSTOMER", "SEATS", "STATE", "STAGE OR END", "WHY")
		for _, l := range all {
			stage := first(l.End.Words(), string(l.Stage))
			if l.Operator {
				stage += ", needs an operator"
			}
			t.row(strconv.Itoa(l.Number), l.Order, first(l.Customer, l.Tenant), strconv.Itoa(l.Seats), string(l.State), stage, reasonWords(l.Reasons))
		}
	})
}

// batchResult prints one line for every row.
func (a *app) batchResult(ctx context.Context, id string) error {
	if a.json() {
		return a.batchRows(ctx, id, upgrade.BatchLineFilter{})
	}
	out := csv.NewWriter(a.stdout)
	if err := out.Write(upgrade.BatchCSVHeading); err != nil {
		return err
	}
	out.Flush()
	return errors.Join(out.Error(), a.eachLine(ctx, id, upgrade.BatchLineFilter{}, func(page []upgrade.BatchLine) error {
		return upgrade.WriteBatchCSV(a.stdout, page)
	}))
}
