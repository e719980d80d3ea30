package main

import (
	"context"
	"fmt"
	"time"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	simgraph "uplift/internal/sim/graph"
)

func largeTenant() measure {
	return measure{
		number: 7, title: "A tenant of 50,000 users",
		method: fmt.Sprintf("One upgrade of a customer with 50,000 users, from the order to its end: the plan, the photographs, the move, the reading back and the reports. The worker is a process of its own, of "+
			"which the most resident memory is read (VmHWM); Temporal's server and the simulated Microsoft are in another. Quota, latency and pace (%d) as in measure 4, the bucket empty when the first change "+
			"comes. The baseline of the time is what the quota itself allows for the changes alone.", quotaPace),
		missed: "At this pace a second of ours is ten of Microsoft's: what two cores compute for product, server and simulator together counts tenfold, and the reading before and after the move is in the time.",
		run:    measureLargeTenant,
	}
}

func measureLargeTenant(ctx context.Context, b *bench) ([]figure, error) {
	users := b.size(50_000, 200)
	var c company
	t := &traffic{}
	s, err := b.open(ctx, siteOptions{Policy: fmt.Sprintf("pace=%d", quotaPace), Cloud: sim.Options{Latency: latency, Pace: quotaPace, Wrap: t.wrap, Fill: func(state *cloud.Cloud) {
		sim.SeedDemo(state)
		c = addCompany(state, 1, users)
		t.first = func() { simgraph.Drain(state, sim.DemoClientID, c.tenant) }
	}}})
	if err != nil {
		return nil, err
	}
	defer s.close()
	worker, err := s.workerApart(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	status, err := c.upgrade(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	took := time.Duration(float64(time.Since(began)) * quotaPace)
	for _, stage := range status.Stages {
		b.log.Debug("stage", "stage", stage.Stage, "at", stage.At.Sub(status.Stages[0].At))
	}
	peak, err := worker.peak()
	if err != nil {
		return nil, err
	}
	_, wasted := t.took()
	return []figure{
		{Name: fmt.Sprintf("worker's peak memory, %d users", users), Unit: "MB", Value: peak, Goal: atMost(250)},
		{Name: "users upgraded, from order to end", Unit: "/s", Value: float64(users) / took.Seconds(), Baseline: float64(users) / atQuota(users).Seconds(),
			Against: "the quota's own limit", Goal: ratioAtLeast(0.9)},
		{Name: "changes refused for their number", Unit: "%", Value: 100 * wasted},
	}, nil
}
