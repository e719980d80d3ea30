package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// speed is measure 1.
var speed = measure{
	number: 1, title: "Upgrades per second",
	method: "240 customers of 14 users with consents given earlier, sixteen at a time, on a simulated Microsoft that answers at once and shows every " +
		"change at once and knows no quota, in this process as well. A bare workflow plays the same commands in the same workflow tasks (activities on as many " +
		"queues, local activities, search attributes, timers, with as many bytes) through the same codec, and does nothing. Turns are given without " +
		"the gate in the one, and the other has none. The two take turns, eighty of each at a time.",
	missed: "Product, simulated Microsoft and Temporal's server share two cores. What Temporal's server computes is the same for both, by profiles, and half of all. The rest of the difference is some twenty requests of one upgrade to Microsoft, half of each the simulator's, the register, and the garbage that they leave.",
	run:    measureSpeed,
}

func measureSpeed(ctx context.Context, b *bench) ([]figure, error) {
	const users = 14
	rounds, many := b.size(3, 1), b.size(80, 3)
	faults := cloud.Polite()
	faults.Lags = cloud.Lags{RetryAfter: time.Second, Hang: time.Minute}
	s, err := b.open(ctx, siteOptions{Policy: "pollFirst=50ms,pollMost=500ms", Cloud: sim.Options{Faults: faults, Quota: 1e6, Fill: func(state *cloud.Cloud) {
		sim.SeedDemo(state)
		for n := range rounds*many + 1 {
			customer{number: n + 1}.fill(state, users, true)
		}
	}}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.close() }()
	if err := s.workerHere(ctx, &alone{}); err != nil {
		return nil, err
	}
	if err := s.bareWorkers(); err != nil {
		return nil, err
	}
	first, err := s.carry(ctx, customer{number: rounds*many + 1}, users) // warms everything up, and is what the bare ones play
	if err != nil {
		return nil, err
	}
	events, err := s.historyOf(ctx, first)
	if err != nil {
		return nil, err
	}
	played := scoreOf(events)
	run, err := s.startBare(ctx, "bare/first", played)
	if err != nil {
		return nil, err
	}
	if err := run.Get(ctx, nil); err != nil {
		return nil, err
	}
	bare, err := s.historyOf(ctx, "bare/first")
	if err != nil {
		return nil, err
	}
	b.log.Info("of one upgrade", "events", kinds(events), "bare", kinds(bare))
	if err := s.client.GetWorkflow(ctx, upgrade.InventoryWorkflowID, "").Get(ctx, nil); err != nil { // which a worker takes when it begins
		return nil, fmt.Errorf("the inventory: %w", err)
	}
	var upgrades, bares time.Duration // by turns, so that a machine that is slow for a while is slow for both
	for round := range rounds {
		took, err := timed(ctx, many, func(ctx context.Context, n int) error {
			_, err := s.carry(ctx, customer{number: round*many + n + 1}, users)
			return err
		})
		if err != nil {
			return nil, err
		}
		upgrades += took
		took, err = timed(ctx, many, func(ctx context.Context, n int) error {
			run, err := s.startBare(ctx, fmt.Sprint("bare/", round*many+n), played)
			if err != nil {
				return err
			}
			return run.Get(ctx, nil)
		})
		if err != nil {
			return nil, err
		}
		bares += took
	}
	perSecond := func(took time.Duration) float64 { return float64(rounds*many) / took.Seconds() }
	return []figure{
		{Name: "upgrades", Unit: "/s", Value: perSecond(upgrades), Baseline: perSecond(bares), Against: "a bare workflow with as many events of each type and as many bytes", Goal: ratioAtLeast(0.75)},
		{Name: "events of one", Value: float64(len(events)), Baseline: float64(len(bare)), Against: "the bare workflow's"},
	}, nil
}

// atATime is how many run beside each other: enough that nobody waits for work, and no more than the embedded server's database
// takes without giving up on some.
const atATime = 16

// rate is how many of something end in a second.
func rate(ctx context.Context, many int, one func(ctx context.Context, n int) error) (float64, error) {
	took, err := timed(ctx, many, one)
	return float64(many) / took.Seconds(), err
}

// timed is how long it takes until so many of something have ended.
func timed(ctx context.Context, many int, one func(ctx context.Context, n int) error) (time.Duration, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atATime)
	began := time.Now()
	for n := range many {
		group.Go(func() error { return one(ctx, n) })
	}
	err := group.Wait()
	return time.Since(began), err
}

// carry carries the order of a customer who has consented already through, and answers its workflow.
func (s *site) carry(ctx context.Context, c customer, users int) (string, error) {
	started, err := s.upgrades.Start(ctx, c.order(users, "existing"), temporalclient.StartOptions{})
	if err != nil {
		return "", err
	}
	var r upgrade.Result
	if err := s.client.GetWorkflow(ctx, started.WorkflowID, "").Get(ctx, &r); err != nil {
		return "", err
	}
	if r.End != upgrade.Completed {
		return "", fmt.Errorf("%s ended %s: %v", started.WorkflowID, r.End, r.Reasons)
	}
	return started.WorkflowID, nil
}
