package main

import (
	"context"
	"fmt"
	"time"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	simgraph "uplift/internal/sim/graph"
)

// largePace is quotaPace for a tenant that takes three quarters of an hour of Microsoft's time: slower, since what this machine computes
// in between must not count for more than it is.
const largePace = 5

func largeTenant() measure {
	return measure{
		number: 7, title: "A tenant of 50,000 users",
		method: fmt.Sprintf("One upgrade of a customer with 50,000 users, from the order to its end: the plan, the photographs, the move, the reading back and the reports. The worker is a process of its own, of "+
			"which the most resident memory is read (VmHWM); Temporal's server and the simulated Microsoft are in another. Quota and latency are as in measure 4, the bucket empty when the first change "+
			"comes; everything runs %d times faster than ours. The baseline of the time is what the quota itself allows for the changes alone.", largePace),
		missed: "At this pace a second of ours is five of Microsoft's: what this machine computes for product, server and simulator together counts fivefold, most of it the reading back of every user with every service. The move itself keeps to the quota, as measure 4 does.",
		run:    measureLargeTenant,
	}
}

func measureLargeTenant(ctx context.Context, b *bench) ([]figure, error) {
	users := b.size(50_000, 200)
	var c company
	t := &traffic{}
	s, err := b.open(ctx, siteOptions{Policy: fmt.Sprintf("pace=%d", largePace), Cloud: sim.Options{Latency: latency, Pace: largePace, Wrap: t.wrap, Fill: func(state *cloud.Cloud) {
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
	took := time.Duration(float64(time.Since(began)) * largePace)
	for _, stage := range status.Stages {
		b.log.Info("reached", "stage", stage.Stage, "after", stage.At.Sub(status.Stages[0].At))
	}
	peak, err := worker.peak()
	if err != nil {
		return nil, err
	}
	moved, wasted := t.took()
	b.log.Info("moved", "in", moved, "of which the quota", time.Duration(float64(atQuota(users))/largePace))
	return []figure{
		{Name: fmt.Sprintf("worker's peak memory, %d users", users), Unit: "MB", Value: peak, Goal: atMost(250)},
		{Name: "users upgraded, from order to end", Unit: "/s", Value: float64(users) / took.Seconds(), Baseline: float64(users) / atQuota(users).Seconds(),
			Against: "the quota's own limit", Goal: ratioAtLeast(0.9)},
		{Name: "changes refused for their number", Unit: "%", Value: 100 * wasted},
	}, nil
}
