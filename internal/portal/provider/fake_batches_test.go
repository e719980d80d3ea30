package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"uplift/upgrade"
)

func (f temporal) PlaceBatch(_ context.Context, b upgrade.Batch, rows []upgrade.BatchRow) (upgrade.BatchStarted, error) {
	f.put, f.putRows = append(f.put, b), rows
	f.batches[b.ID] = upgrade.BatchView{Batch: b, State: upgrade.BatchPlanning, MadeAt: now}
	return upgrade.BatchStarted{Batch: b.ID, WorkflowID: upgrade.BatchID(b.ID)}, f.refusal
}

func (f temporal) StartBatch(_ context.Context, id string, in upgrade.StartBatch) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "the rows are begun"}, f.say(fmt.Sprintf("start %t by %s", in.LeaveOut, in.By), id)
}

func (f temporal) CancelBatch(_ context.Context, id string, in upgrade.CancelBatch) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "two rows are cancelled"}, f.say(fmt.Sprintf("cancel %v %t by %s because %s", in.Rows, in.Running, in.By, in.Reason), id)
}

func (f temporal) PauseBatch(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "nothing more is begun"}, f.say("pause by "+in.By, id)
}

func (f temporal) ResumeBatch(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "it goes on"}, f.say("resume by "+in.By, id)
}

func (f temporal) BatchAgain(_ context.Context, id string, in upgrade.RunBatchAgain) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "the rows run again"}, f.say(fmt.Sprintf("again %v by %s", in.Rows, in.By), id)
}

func (f temporal) LiveCounts(_ context.Context, v *upgrade.BatchView) error { return f.down }

// LiveLines: what belongs to an upgrade of the fakes is in its stage.
func (f temporal) LiveLines(_ context.Context, lines []upgrade.BatchLine) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, l := range lines {
		s, ok := f.status[l.Order]
		if !ok || l.State != upgrade.RowRunning {
			continue
		}
		lines[i].Stage, lines[i].Operator = s.Stage, s.Parked != nil
		if s.Stage == upgrade.Invited {
			lines[i].State = upgrade.RowWaiting
		}
	}
	return f.down
}

func (f book) Batch(_ context.Context, id string) (upgrade.BatchView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.batches[id]
	if !ok {
		return v, notFound()
	}
	v.Counts = map[upgrade.BatchRowState]int{}
	for _, l := range f.lines[id] {
		v.Counts[l.State]++
	}
	return v, nil
}

func (f book) Batches(ctx context.Context, filter upgrade.BatchFilter, _ string, _ int) (list []upgrade.BatchView, _ string, _ error) {
	for _, id := range slices.Sorted(maps.Keys(f.batches)) {
		v, _ := f.Batch(ctx, id)
		if (filter.Reseller == "" || v.Reseller == filter.Reseller) && !(filter.Open && v.State.Over()) {
			list = append(list, v)
		}
	}
	return list, "", nil
}

func (f book) BatchLines(_ context.Context, id string, filter upgrade.BatchLineFilter, after, size int) (page []upgrade.BatchLine, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if filter.State == upgrade.RowWaiting {
		filter.State = upgrade.RowRunning
	}
	for _, l := range f.lines[id] {
		if l.Number > after && len(page) < size && (filter.State == "" || l.State == filter.State) && strings.Contains(strings.ToLower(l.Order+l.Customer), strings.ToLower(filter.Search)) {
			page = append(page, l)
		}
	}
	return page, nil
}

// addBatches adds a batch in each state that pages show in their own way, of the names of the states.
func (f *fakes) addBatches() {
	at := now.AddDate(0, 0, 1)
	for _, state := range []upgrade.BatchState{upgrade.BatchPlanning, upgrade.BatchConfirming, upgrade.BatchScheduled, upgrade.BatchRunning, upgrade.BatchPaused, upgrade.BatchRefused, upgrade.BatchEnded} {
		b := upgrade.Batch{ID: string(state), Source: "business-basic", Each: upgrade.Order{Target: upgrade.Target{Plan: "business-premium"}}, Offenders: upgrade.RefuseAll, Finish: upgrade.FinishConfirm, PlacedBy: "anna", Rows: 3}
		v := upgrade.BatchView{Batch: b, State: state, MadeAt: now}
		if state == upgrade.BatchScheduled {
			v.StartAt = &at
		}
		if state.Over() {
			v.EndedAt = now
		}
		if state == upgrade.BatchPaused {
			v.Reseller = "harbor"
		}
		f.batches[b.ID] = v
		refused := upgrade.Problems{{Code: "subscription_inactive", Message: "the subscription is suspended", Remedy: "pay the invoice"}}
		row := func(n int, order, tenant, customer string, s upgrade.BatchRowState) upgrade.BatchLine {
			return upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: n, Order: order, Tenant: tenant, Seats: 20}, State: s, Customer: customer, Headline: f.plan.Headline, Digest: "0123456789abcdef"}
		}
		first, second, third := row(1, "A-1", contoso, "Contoso Dental", upgrade.RowPending), row(2, "A-3", fabrikam, "Fabrikam Legal", upgrade.RowPending), row(3, b.ID+"-00003", contoso, "Contoso Dental", upgrade.RowRefused)
		third.Reasons, third.Subscription = refused, "5d000000-0000-4000-8000-000000000003"
		switch state {
		case upgrade.BatchPlanning:
			first.Headline, first.Digest = "", ""
		case upgrade.BatchRunning, upgrade.BatchPaused:
			first.State, second.State, first.Upgrade, second.Upgrade = upgrade.RowRunning, upgrade.RowRunning, "A-1#1", "A-3#1"
		case upgrade.BatchEnded:
			first.State, first.End, first.Upgrade, first.EndedAt = upgrade.RowCompleted, upgrade.CompletedWithExceptions, "A-1#1", now
			second.State, second.End, second.Upgrade, second.Reasons = upgrade.RowFailed, upgrade.FailedUndone, "A-3#1", upgrade.Problems{{Code: "x", Message: "it did not go"}}
		}
		f.lines[b.ID] = []upgrade.BatchLine{first, second, third}
	}
}
