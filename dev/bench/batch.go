package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"uplift/internal/codec"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// changeTime is how long Microsoft takes until a change of a subscription shows.
const changeTime = 5 * time.Second

// slotsOf is how many slots the measured installation has.
const slotsOf = 10

func batchOfRows() measure {
	return measure{
		number: 5, title: "A batch and its slots",
		method: "One batch of customers with consents given earlier, from Business Basic to Business Premium, 10 slots, and 5 s from each change until Microsoft shows it; 300 rows stand for " +
			"a thousand, which would show the same. A slot is busy while the gate has given it; it is asked four times a second, from the first " +
			"turn until the last row has had its turn. The hand-over is the time from the message that gives a slot back to the next write to a subscription, median; its " +
			"baseline is a signal that one bare workflow hands on to another, from the client's call to the second workflow's answer, taken while the batch runs.",
		missed: "A bare signal is two workflow tasks. From the turn on there are two steps at least, the photograph of the users, beside which it is looked whether a transition runs already, and the " +
			"transition itself, each an activity on a queue of its own with a workflow task before and after it. The first must be of a moment in which nobody else changes the customer, so that it " +
			"cannot be taken before the turn; and some twenty other upgrades work on the two cores meanwhile. The slot is taken all the while, and its share of busy time says what that costs.",
		run: measureBatch,
	}
}

func measureBatch(ctx context.Context, b *bench) ([]figure, error) {
	rows := b.size(300, 12)
	faults := cloud.Polite()
	faults.Lags = cloud.Lags{RetryAfter: time.Second, Hang: time.Minute, Transition: changeTime}
	s, err := b.open(ctx, siteOptions{Policy: "pollFirst=250ms,pollMost=500ms", Cloud: sim.Options{Faults: faults, Quota: 1e6, Fill: func(state *cloud.Cloud) {
		sim.SeedDemo(state)
		for n := range rows {
			customer{number: n + 1}.fill(state, 3, true)
		}
	}}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.close() }()
	if _, err := s.workerApart(ctx); err != nil {
		return nil, err
	}
	signals, err := s.bareSignals()
	if err != nil {
		return nil, err
	}
	in := upgrade.BatchInput{ID: "bench", Each: upgrade.Order{Target: upgrade.Target{Plan: "business-premium"}, Consent: upgrade.ByExisting}}
	for n := range rows {
		in.Rows = append(in.Rows, upgrade.BatchRow{Tenant: customer{number: n + 1}.tenant(), Seats: 3})
	}
	batch, made, problems := upgrade.MakeBatch(in)
	if len(problems) > 0 {
		return nil, problems
	}
	if _, err := s.upgrades.PlaceBatch(ctx, batch, made); err != nil {
		return nil, err
	}
	busy, hops, err := s.watchBatch(ctx, rows, signals)
	if err != nil {
		return nil, err
	}
	handed, err := s.handOvers(ctx)
	if err != nil {
		return nil, err
	}
	whole, page, err := s.batchHistories(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{
		{Name: fmt.Sprintf("slots busy, %d rows", rows), Value: busy, Goal: atLeast(0.9)},
		{Name: "events of the batch's history", Value: whole},
		{Name: fmt.Sprintf("events of a page of %d rows", min(rows, upgrade.BatchPage)), Value: page},
		{Name: "hand-over, median", Unit: "ms", Value: median(handed), Baseline: median(hops), Against: "two bare signals, one after the other", Goal: ratioAtMost(3)},
	}, nil
}

func median(of []time.Duration) float64 {
	if len(of) == 0 {
		return 0
	}
	slices.Sort(of)
	return of[len(of)/2].Seconds() * 1000
}

// watchBatch goes with the batch to its end, and answers the share of slots that were taken while rows waited for them, and how long
// bare signals took meanwhile.
func (s *site) watchBatch(ctx context.Context, rows int, signal func(context.Context) (time.Duration, error)) (busy float64, hops []time.Duration, err error) {
	taken, asked := 0, 0
	began := false
	for n := 0; ; n++ {
		turns, err := s.upgrades.Turns(ctx)
		if err != nil {
			return 0, nil, err
		}
		began = began || turns.Used > 0
		waits := slices.ContainsFunc(turns.Entries, upgrade.Turn.Waits)
		if n%8 == 0 {
			v, err := s.upgrades.ReadBatch(ctx, upgrade.BatchAsked{Batch: "bench"})
			if err != nil {
				return 0, nil, err
			}
			if v.View.State.Over() {
				if done := v.View.Counts[upgrade.RowCompleted]; done != rows {
					return 0, nil, fmt.Errorf("%d of %d rows completed: %v", done, rows, v.View.Counts)
				}
				break
			}
			if began && v.View.Counts[upgrade.RowPending] > 0 {
				hop, err := signal(ctx)
				if err != nil {
					return 0, nil, err
				}
				hops = append(hops, hop)
			}
			began = began && (v.View.Counts[upgrade.RowPending] > 0 || waits)
		}
		if began {
			taken, asked = taken+turns.Used, asked+slotsOf
		}
		select {
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
	return float64(taken) / float64(max(asked, 1)), hops, nil
}

// bareSignals starts two workflows that do nothing but hand a signal on, and answers a function that sends one through both and tells
// how long that took.
func (s *site) bareSignals() (func(context.Context) (time.Duration, error), error) {
	const queue = "bench-signals"
	w := worker.New(s.client, queue, worker.Options{})
	arrived := make(chan int, 1)
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		for {
			var n int
			workflow.GetSignalChannel(ctx, "go").Receive(ctx, &n)
			_ = workflow.SignalExternalWorkflow(ctx, "bare/second", "", "go", n)
		}
	}, workflow.RegisterOptions{Name: "first"})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		for {
			var n int
			workflow.GetSignalChannel(ctx, "go").Receive(ctx, &n)
			_ = workflow.SideEffect(ctx, func(workflow.Context) any { arrived <- n; return nil })
		}
	}, workflow.RegisterOptions{Name: "second"})
	if err := w.Start(); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { w.Stop(); return nil })
	for _, name := range []string{"second", "first"} {
		if _, err := s.client.ExecuteWorkflow(context.Background(), client.StartWorkflowOptions{ID: "bare/" + name, TaskQueue: queue}, name); err != nil {
			return nil, err
		}
	}
	var one sync.Mutex
	n := 0
	return func(ctx context.Context) (time.Duration, error) {
		one.Lock()
		defer one.Unlock()
		n++
		began := time.Now()
		if err := s.client.SignalWorkflow(ctx, "bare/first", "", "go", n); err != nil {
			return 0, err
		}
		for {
			select {
			case got := <-arrived:
				if got == n {
					return time.Since(began), nil
				}
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
	}, nil
}

// handOvers pairs each message that gives a slot back with the turn that followed from it, and that with the write that came next:
// the gate's history has the one, Microsoft's ledger the other.
func (s *site) handOvers(ctx context.Context) ([]time.Duration, error) {
	wrote := map[string]time.Time{} // the first write of each customer
	for _, e := range s.cloud.State.Ledger(cloud.Query{}) {
		if _, known := wrote[e.Tenant]; !known && (e.Kind == cloud.TransitionStarted || e.Kind == cloud.QuantityChanged) {
			wrote[e.Tenant] = e.Real
		}
	}
	tenants := map[string]string{}
	has := map[string]bool{}
	var released []time.Time
	var out []time.Duration
	events := s.client.GetWorkflowHistory(ctx, upgrade.TurnGateID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, err
		}
		if a := event.GetWorkflowExecutionSignaledEventAttributes(); a.GetSignalName() == upgrade.SignalTurn {
			var w upgrade.TurnWanted
			if err := read(a.GetInput(), &w); err != nil {
				return nil, err
			}
			tenants[w.Workflow] = w.Tenant
			if has[w.Workflow] && !w.Slot {
				released = append(released, event.GetEventTime().AsTime())
			}
			has[w.Workflow] = w.Slot
		}
		if a := event.GetSignalExternalWorkflowExecutionInitiatedEventAttributes(); a.GetSignalName() == upgrade.SignalTurnGiven && len(released) > 0 {
			if at, known := wrote[tenants[a.GetWorkflowExecution().GetWorkflowId()]]; known && at.After(released[0]) {
				out = append(out, at.Sub(released[0]))
			}
			released = released[1:]
		}
	}
	return out, nil
}

// batchHistories are how many events the batch's own execution has, and the longest of its pages.
func (s *site) batchHistories(ctx context.Context) (batch, page float64, err error) {
	d, err := s.client.DescribeWorkflowExecution(ctx, upgrade.BatchID("bench"), "")
	if err != nil {
		return 0, 0, err
	}
	info := d.GetWorkflowExecutionInfo()
	of, err := s.client.DescribeWorkflowExecution(ctx, upgrade.BatchPageID("bench", info.GetFirstRunId(), 1), "")
	return float64(info.GetHistoryLength()), float64(of.GetWorkflowExecutionInfo().GetHistoryLength()), err
}

// read decodes a payload as whoever has the key does.
func read(p *commonpb.Payloads, into any) error {
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec.Dev()).FromPayloads(p, into)
}
