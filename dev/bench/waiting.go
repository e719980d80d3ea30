package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// waiters are how many customers are asked. A worker keeps a few hundred executions in memory, however many there are besides.
const waiters = 10_000

func waiting() measure {
	return measure{
		number: 6, title: "Upgrades that wait for consent",
		method: "Orders of 10,000 customers who are asked by a link that an operator copies. The worker's memory is what its process has had at most until all of them wait. Then the " +
			"process is killed, another one takes its place, and an administrator consents: counted is the time from the new process's start until the upgrade has verified " +
			"that. Then the administrators of 200 customers of 14 users consent, sixteen at a time, each seen to the upgrade's end; the baseline is measure 1's upgrades per second, taken again here.",
		missed: "The peak is that of beginning twenty upgrades a second, before the garbage collector takes back what their making has left; four hundred executions are kept besides.",
		run:    measureWaiting,
	}
}

func measureWaiting(ctx context.Context, b *bench) ([]figure, error) {
	const users = 14
	many, consents := b.size(waiters, 12), b.size(200, 2)
	faults := cloud.Polite()
	faults.Lags = cloud.Lags{RetryAfter: time.Second, Hang: time.Minute}
	s, err := b.open(ctx, siteOptions{Policy: "pollFirst=50ms,pollMost=500ms", Cloud: sim.Options{Faults: faults, Quota: 1e6, Fill: func(state *cloud.Cloud) {
		sim.SeedDemo(state)
		for n := range many {
			crowd := 1
			if n <= consents {
				crowd = users
			}
			customer{number: n + 1}.fill(state, crowd, false)
		}
		for n := range consents + 1 {
			customer{number: many + n + 1}.fill(state, users, true)
		}
	}}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.close() }()
	first, err := s.workerApart(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := s.invite(ctx, many, consents, users); err != nil {
		return nil, err
	}
	b.log.Info("all of them wait", "invited a second", float64(many)/time.Since(began).Seconds())
	peak, err := first.peak()
	if err != nil {
		return nil, err
	}
	first.kill()
	began = time.Now()
	if _, err := s.workerApart(ctx); err != nil {
		return nil, err
	}
	if err := s.consent(ctx, 0); err != nil {
		return nil, err
	}
	served := time.Since(began)
	baseline, err := rate(ctx, consents, func(ctx context.Context, n int) error {
		_, err := s.carry(ctx, customer{number: many + n + 1}, users)
		return err
	})
	if err != nil {
		return nil, err
	}
	consented, err := rate(ctx, consents, func(ctx context.Context, n int) error {
		if err := s.consent(ctx, n+1); err != nil {
			return err
		}
		var r upgrade.Result
		err := s.client.GetWorkflow(ctx, waitingWorkflow(n+1), "").Get(ctx, &r)
		if err == nil && r.End != upgrade.Completed {
			err = fmt.Errorf("customer %d ended %s: %v", n+2, r.End, r.Reasons)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return []figure{
		{Name: fmt.Sprintf("worker's memory, %d waiting", many), Unit: "MB", Value: peak, Goal: atMost(200)},
		{Name: "a fresh worker serves the first consent", Unit: "s", Value: served.Seconds(), Goal: atMost(5)},
		{Name: "consents seen to the end", Unit: "/s", Value: consented, Baseline: baseline, Against: "measure 1's upgrades, here", Goal: ratioAtLeast(0.5)},
	}, nil
}

func waitingWorkflow(n int) string { return upgrade.WorkflowID(fmt.Sprintf("BENCH-%d", n+1)) }

// invite starts everybody's upgrade, and waits until all of them wait.
func (s *site) invite(ctx context.Context, many, consents, users int) error {
	_, err := rate(ctx, many, func(ctx context.Context, n int) error {
		crowd := 1
		if n <= consents {
			crowd = users
		}
		_, err := s.upgrades.Start(ctx, customer{number: n + 1}.order(crowd, "link"), temporalclient.StartOptions{})
		return err
	})
	for err == nil {
		var counted *workflowservice.CountWorkflowExecutionsResponse
		counted, err = s.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: fmt.Sprintf("%s = '%s'", upgrade.AttributeStage, upgrade.Invited)})
		if err == nil && int(counted.GetCount()) == many {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return err
}

// consent lets the administrator of a row's customer consent, and waits until the upgrade has verified it.
func (s *site) consent(ctx context.Context, n int) error {
	c := customer{number: n + 1}
	_, application := sim.DemoPermissions()
	s.cloud.State.GrantConsentNow(c.tenant(), sim.DemoClientID, nil, application)
	err := s.upgrades.Exact().Consent(ctx, waitingWorkflow(n), upgrade.Consent{Decision: upgrade.Granted, Method: upgrade.AdminConsent})
	for err == nil {
		var status upgrade.Status
		if status, err = s.upgrades.Exact().Status(ctx, waitingWorkflow(n)); err == nil && status.Evidence != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return err
}
