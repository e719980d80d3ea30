package desk

import (
	"context"
	"fmt"
	"slices"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// batchRows is how many rows are read at a time where all of a batch are looked at.
const batchRows = 500

// PlaceBatch stores the rows of a batch, given as JSON, and starts it. The same batch again, however often and also when it is
// over, answers what there is; another one under the same id is Kind Conflict, code other_batch, and nothing of it is stored. One
// that does not parse is Kind Invalid with its [upgrade.Problems].
func (d *Desk) PlaceBatch(ctx context.Context, who access.Who, batch []byte) (upgrade.BatchStarted, error) {
	b, rows, err := parseBatch(who, batch)
	if err != nil {
		return upgrade.BatchStarted{}, err
	}
	if err := d.mayPlace(ctx, who, rows); err != nil {
		return upgrade.BatchStarted{}, err
	}
	known, err := d.Register.Batch(ctx, b.ID)
	switch kind := upgrade.KindOf(err); {
	case err != nil && kind != upgrade.NotFound:
		return upgrade.BatchStarted{}, err
	case err == nil && known.Hash != b.Hash && (known.State != upgrade.BatchUploading || known.Reseller != b.Reseller):
		return upgrade.BatchStarted{}, &upgrade.Error{Kind: upgrade.Conflict, Code: "other_batch",
			Message: fmt.Sprintf("batch %s was placed before, with another content; take another batch id", b.ID)}
	case err == nil && known.Hash == b.Hash && known.State != upgrade.BatchUploading:
		return upgrade.BatchStarted{Batch: b.ID, WorkflowID: upgrade.BatchID(b.ID), Existing: true}, nil
	}
	started, err := d.Upgrades.PlaceBatch(ctx, b, rows)
	if err != nil || started.Existing {
		return started, err
	}
	return started, d.did(ctx, who, "batch_placed", b.ID, fmt.Sprintf("%d rows", len(rows)))
}

// parseBatch reads a batch and writes on it whose it is. Who places it is not part of its content: the same batch by a colleague is
// the same batch.
func parseBatch(who access.Who, batch []byte) (upgrade.Batch, []upgrade.BatchRow, error) {
	b, rows, problems := upgrade.ParseBatch(batch)
	if reseller := who.Reseller; len(problems) == 0 && !decidesAll(who) {
		if b.Reseller != "" && b.Reseller != reseller {
			problems.Add("reseller", "other_reseller", "the batch names another reseller than yours", "leave reseller out")
		}
		b.Reseller, b.Each.Reseller = reseller, reseller
		b.Hash = upgrade.BatchHash(b, rows)
	}
	if len(problems) > 0 {
		return b, nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_batch", Message: "the batch has problems", Err: problems}
	}
	b.PlacedBy = who.By()
	return b, rows, nil
}

// decidesAll tells who decides about every customer.
func decidesAll(who access.Who) bool { return who.Has(access.Operator, access.Billing) }

// mayPlace refuses who may not order for each of the rows' customers.
func (d *Desk) mayPlace(ctx context.Context, who access.Who, rows []upgrade.BatchRow) error {
	switch {
	case decidesAll(who):
		return nil
	case mayAll(who) && !who.Has(access.Reseller):
		return mayNot("operators and billing systems decide about upgrades; ask one")
	}
	own, err := d.own(ctx, who)
	if err != nil {
		return err
	}
	var problems upgrade.Problems
	for i, r := range rows {
		if !own[r.Tenant] && len(problems) < maxStrangers {
			problems.Add(fmt.Sprintf("rows[%d].tenant", i), "not_found", fmt.Sprintf("row %d: there is no such customer, or it is not yours", r.Number), "take the row out")
		}
	}
	if len(problems) > 0 {
		return &upgrade.Error{Kind: upgrade.NotFound, Code: "not_found", Message: "the batch names customers that there are not, or that are not yours", Err: problems}
	}
	return d.entitled(ctx, who)
}

// maxStrangers is how many rows about others' customers are told.
const maxStrangers = 50

// own are the customers of a reseller's people.
func (d *Desk) own(ctx context.Context, who access.Who) (map[string]bool, error) {
	own := map[string]bool{}
	if !who.Has(access.Reseller) || who.Reseller == "" {
		return own, nil
	}
	list, err := d.Register.CustomersOf(ctx, who.Reseller)
	for _, tenant := range list {
		own[tenant] = true
	}
	return own, err
}

// Batches lists batches, the latest first.
func (d *Desk) Batches(ctx context.Context, who access.Who, f upgrade.BatchFilter, cursor string, size int) ([]upgrade.BatchView, string, error) {
	if !mayAll(who) {
		if !who.Has(access.Reseller) || who.Reseller == "" {
			return nil, "", nil
		}
		f.Reseller = who.Reseller
	}
	return d.Register.Batches(ctx, f, cursor, size)
}

// Batch is one of them, with how many of its rows are how far now.
func (d *Desk) Batch(ctx context.Context, who access.Who, id string) (upgrade.BatchView, error) {
	v, err := d.seenBatch(ctx, who, id)
	if err != nil {
		return v, err
	}
	return v, d.Upgrades.LiveCounts(ctx, &v)
}

// seenBatch is a batch as the register has it. One that is not theirs to see does not exist.
func (d *Desk) seenBatch(ctx context.Context, who access.Who, id string) (upgrade.BatchView, error) {
	v, err := d.Register.Batch(ctx, id)
	switch {
	case err != nil && upgrade.KindOf(err) != upgrade.NotFound:
		return upgrade.BatchView{}, err
	case err == nil && (mayAll(who) || who.Has(access.Reseller) && who.Reseller != "" && v.Reseller == who.Reseller):
		return v, nil
	}
	return upgrade.BatchView{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_batch", Message: "there is no such batch, or it is not yours to see"}
}

// BatchLines lists rows of a batch after one, by number, as they stand now. Next is where the next page begins; 0: there is none. A
// page of those that wait or run may have fewer rows than asked for, since the register does not tell the two apart; so may one of
// a reseller's whose customer has become another's.
func (d *Desk) BatchLines(ctx context.Context, who access.Who, id string, f upgrade.BatchLineFilter, after, size int) (lines []upgrade.BatchLine, next int, err error) {
	if _, err := d.seenBatch(ctx, who, id); err != nil {
		return nil, 0, err
	}
	return d.lines(ctx, who, id, f, after, size)
}

func (d *Desk) lines(ctx context.Context, who access.Who, id string, f upgrade.BatchLineFilter, after, size int) (lines []upgrade.BatchLine, next int, err error) {
	if lines, err = d.Register.BatchLines(ctx, id, f, after, size); err != nil {
		return nil, 0, err
	}
	if len(lines) == size && size > 0 {
		next = lines[size-1].Number
	}
	if !mayAll(who) {
		own, err := d.own(ctx, who)
		if err != nil {
			return nil, 0, err
		}
		lines = slices.DeleteFunc(lines, func(l upgrade.BatchLine) bool { return !own[l.Tenant] })
	}
	if err := d.Upgrades.LiveLines(ctx, lines); err != nil {
		return nil, 0, err
	}
	if f.State == upgrade.RowWaiting || f.State == upgrade.RowRunning {
		lines = slices.DeleteFunc(lines, func(l upgrade.BatchLine) bool { return l.State != f.State })
	}
	return lines, next, nil
}

// StartBatch is the word that a batch waits for when each of its rows has been planned. With LeaveOut it goes on without those that
// were refused.
func (d *Desk) StartBatch(ctx context.Context, who access.Who, id string, in upgrade.StartBatch) (upgrade.Reply, error) {
	detail := ""
	if in.LeaveOut {
		detail = "without the refused rows"
	}
	return d.steer(ctx, who, id, "batch_started", detail, func() (upgrade.Reply, error) {
		in.By = who.By()
		return d.Upgrades.StartBatch(ctx, id, in)
	})
}

// CancelBatch cancels rows that were not begun, one, some or all, and asks those that run to stop where that is said.
func (d *Desk) CancelBatch(ctx context.Context, who access.Who, id string, in upgrade.CancelBatch) (upgrade.Reply, error) {
	detail := rowsOf(in.Rows)
	if in.Running {
		detail += ", also running"
	}
	return d.steer(ctx, who, id, "batch_cancelled", detail, func() (upgrade.Reply, error) {
		in.By = who.By()
		return d.Upgrades.CancelBatch(ctx, id, in)
	})
}

// PauseBatch begins nothing more of a batch until it is resumed.
func (d *Desk) PauseBatch(ctx context.Context, who access.Who, id, reason string) (upgrade.Reply, error) {
	return d.steer(ctx, who, id, "batch_paused", "", func() (upgrade.Reply, error) {
		return d.Upgrades.PauseBatch(ctx, id, upgrade.Request{By: who.By(), Reason: reason})
	})
}

// ResumeBatch goes on.
func (d *Desk) ResumeBatch(ctx context.Context, who access.Who, id, reason string) (upgrade.Reply, error) {
	return d.steer(ctx, who, id, "batch_resumed", "", func() (upgrade.Reply, error) {
		return d.Upgrades.ResumeBatch(ctx, id, upgrade.Request{By: who.By(), Reason: reason})
	})
}

// RunBatchAgain runs rows once more that have ended without having completed: some, or with none named all.
func (d *Desk) RunBatchAgain(ctx context.Context, who access.Who, id string, in upgrade.RunBatchAgain) (upgrade.Reply, error) {
	return d.steer(ctx, who, id, "batch_again", rowsOf(in.Rows), func() (upgrade.Reply, error) {
		in.By = who.By()
		return d.Upgrades.BatchAgain(ctx, id, in)
	})
}

// steer lets in who may steer a batch, and writes down what was said to it.
func (d *Desk) steer(ctx context.Context, who access.Who, id, what, detail string, say func() (upgrade.Reply, error)) (upgrade.Reply, error) {
	if err := d.steers(ctx, who, id); err != nil {
		return upgrade.Reply{}, err
	}
	reply, err := say()
	if err != nil {
		return reply, err
	}
	return reply, d.did(ctx, who, what, id, detail)
}

// steers refuses who may see a batch and not steer it. A reseller's people steer a batch while all its customers are theirs.
func (d *Desk) steers(ctx context.Context, who access.Who, id string) error {
	if _, err := d.seenBatch(ctx, who, id); err != nil {
		return err
	}
	switch {
	case decidesAll(who):
		return nil
	case mayAll(who) && !who.Has(access.Reseller):
		return mayNot("operators and billing systems decide about upgrades; ask one")
	}
	if err := d.entitled(ctx, who); err != nil {
		return err
	}
	own, err := d.own(ctx, who)
	if err != nil {
		return err
	}
	for after := 0; ; {
		lines, err := d.Register.BatchLines(ctx, id, upgrade.BatchLineFilter{}, after, batchRows)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if after = l.Number; !own[l.Tenant] {
				return &upgrade.Error{Kind: upgrade.Refused, Code: "other_customers",
					Message: "the batch has rows of customers that are no longer yours; the provider's operators can steer it"}
			}
		}
		if len(lines) < batchRows {
			return nil
		}
	}
}

// rowsOf names rows for the record, up to a bound.
func rowsOf(rows []int) string {
	switch {
	case len(rows) == 0:
		return "all rows"
	case len(rows) > 20:
		return fmt.Sprintf("%d rows from row %d", len(rows), rows[0])
	}
	return fmt.Sprintf("rows %d", rows)
}
