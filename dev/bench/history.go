package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/proto"

	"uplift/dev/internal/signin"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

const hour = time.Hour

// swift are waits under which an upgrade on a Microsoft without lags is not slowed down by looking seldom.
const swift = "pollFirst=200ms,pollMost=2s"

// sizeOfHistory is measure 2.
var sizeOfHistory = measure{
	number: 2, title: "The history of one upgrade",
	method: "An order by invitation is carried through, with a sign-in by code, for a customer of 14 users, for one of 1,014, and for one of 14 who has 20 seats and orders " +
		"25 of the new offer, which takes two changes. " +
		"Events and bytes are those of the upgrade's own workflow, as Temporal's database has them; billing is not told.",
	run: measureHistory,
}

func measureHistory(ctx context.Context, b *bench) ([]figure, error) {
	few, more := 14, b.size(1000, 40)
	s, err := b.open(ctx, siteOptions{Policy: swift, Cloud: sim.Options{Fill: func(state *cloud.Cloud) {
		sim.SeedDemo(state)
		customer{number: 1}.fill(state, few, false)
		customer{number: 2, large: true}.fill(state, few+more, false)
		customer{number: 3, raised: true}.fill(state, few, false)
	}}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.close() }()
	if err := s.workerHere(ctx); err != nil {
		return nil, err
	}
	small, err := s.invited(ctx, customer{number: 1}, few)
	if err != nil {
		return nil, err
	}
	large, err := s.invited(ctx, customer{number: 2, large: true}, few+more)
	if err != nil {
		return nil, err
	}
	twice, err := s.invited(ctx, customer{number: 3, raised: true}, few)
	if err != nil {
		return nil, err
	}
	two, twoBytes := weigh(twice)
	events, bytes := weigh(small)
	grown, grownBytes := weigh(large)
	b.log.Info("the history", "events", kinds(small), "heaviest", heaviest(small, 12))
	scale := 1000 / float64(more)
	return []figure{
		{Name: "events", Value: float64(events), Goal: atMost(130)},
		{Name: "size", Unit: "KiB", Value: float64(bytes) / 1024, Goal: atMost(60)},
		{Name: "more events for 1,000 users more", Value: float64(grown-events) * scale, Goal: atMost(6)},
		{Name: "events, where seats are added besides", Value: float64(two)},
		{Name: "size, where seats are added besides", Unit: "KiB", Value: float64(twoBytes) / 1024},
		{Name: "more KiB for 1,000 users more", Unit: "KiB", Value: float64(grownBytes-bytes) / 1024 * scale},
	}, nil
}

// invited carries an order through, with its administrator's sign-in, and answers its history.
func (s *site) invited(ctx context.Context, c customer, users int) ([]*history.HistoryEvent, error) {
	started, err := s.upgrades.Start(ctx, c.order(users, "mail"), temporalclient.StartOptions{})
	if err != nil {
		return nil, err
	}
	for {
		status, err := s.upgrades.Status(ctx, started.WorkflowID)
		if err == nil && status.Stage == upgrade.Invited {
			break
		}
		if err != nil && upgrade.KindOf(err) != upgrade.Transient || status.End != "" {
			return nil, fmt.Errorf("before the invitation: %s %v %w", status.End, status.Reasons, err)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
	code, err := s.upgrades.StartAuthentication(ctx, started.WorkflowID, upgrade.StartAuthentication{})
	if err != nil {
		return nil, err
	}
	if err := signin.New(time.Minute).SignIn(ctx, code.VerificationURI, code.UserCode, c.admin(), sim.DemoPassword); err != nil {
		return nil, err
	}
	result, err := s.upgrades.Watch(ctx, started.WorkflowID, 100*time.Millisecond, func(upgrade.Status) {})
	if err != nil {
		return nil, err
	}
	if result.End != upgrade.Completed {
		return nil, fmt.Errorf("the upgrade ended %s: %v", result.End, result.Reasons)
	}
	return s.historyOf(ctx, started.WorkflowID)
}

func (s *site) historyOf(ctx context.Context, workflowID string) ([]*history.HistoryEvent, error) {
	var all []*history.HistoryEvent
	events := s.client.GetWorkflowHistory(ctx, workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// weigh counts events and bytes.
func weigh(all []*history.HistoryEvent) (events, bytes int) {
	for _, e := range all {
		bytes += proto.Size(e)
	}
	return len(all), bytes
}

// kinds counts the events by type.
func kinds(all []*history.HistoryEvent) map[string]int {
	count := map[string]int{}
	for _, e := range all {
		count[e.GetEventType().String()]++
	}
	return count
}

// heaviest are the events that take most, in words.
func heaviest(all []*history.HistoryEvent, most int) []string {
	sorted := append([]*history.HistoryEvent{}, all...)
	sortBySize(sorted)
	var out []string
	for _, e := range sorted[:min(most, len(sorted))] {
		out = append(out, fmt.Sprintf("%d %s %d", e.GetEventId(), e.GetEventType(), proto.Size(e)))
	}
	return out
}

func sortBySize(all []*history.HistoryEvent) {
	slices.SortStableFunc(all, func(a, b *history.HistoryEvent) int { return proto.Size(b) - proto.Size(a) })
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
