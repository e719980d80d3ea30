package main

import (
	"context"
	"fmt"
	"time"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

func waiting() measure {
	return measure{
		number: 6, title: "Ten thousand upgrades that wait for consent",
		method: "One batch of 10,000 customers who are asked by a link that an operator copies. The worker's memory is what its process has had at most until all of them wait. Then the " +
			"process is killed, another one takes its place, and an administrator consents: counted is the time from the new process's start until the upgrade has verified " +
			"that. Then the administrators of 200 customers of 14 users consent, sixteen at a time, each seen to the upgrade's end; the baseline is measure 1's upgrades per second, taken again here.",
		missed: "Each upgrade that has left the worker's memory is brought back from its history before it goes on.",
		run:    measureWaiting,
	}
}

func measureWaiting(ctx context.Context, b *bench) ([]figure, error) {
	const users = 14
	many, consents := b.size(10_000, 12), b.size(200, 2)
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
	took, err := s.invite(ctx, many, consents, users)
	if err != nil {
		return nil, err
	}
	b.log.Info("all of them wait", "invited a second", float64(many)/took.Seconds())
	peak, err := first.peak()
	if err != nil {
		return nil, err
	}
	batchEvents, pageEvents, err := s.batchHistories(ctx)
	if err != nil {
		return nil, err
	}
	first.kill()
	began := time.Now()
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
		err := s.client.GetWorkflow(ctx, rowWorkflow(n+1), "").Get(ctx, &r)
		if err == nil && r.End != upgrade.Completed {
			err = fmt.Errorf("row %d ended %s: %v", n+2, r.End, r.Reasons)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return []figure{
		{Name: fmt.Sprintf("worker's memory, %d waiting", many), Unit: "MB", Value: peak, Goal: atMost(200)},
		{Name: "a fresh worker serves the first consent", Unit: "s", Value: served.Seconds(), Goal: atMost(5)},
		{Name: "events of the batch, all rows begun", Value: batchEvents},
		{Name: "events of its longest page, likewise", Value: pageEvents},
		{Name: "consents seen to the end", Unit: "/s", Value: consented, Baseline: baseline, Against: "measure 1's upgrades, here", Goal: ratioAtLeast(0.5)},
	}, nil
}

// batchHistories are how many events the batch's own execution has, and the longest of its pages.
func (s *site) batchHistories(ctx context.Context) (batch, page float64, err error) {
	d, err := s.client.DescribeWorkflowExecution(ctx, upgrade.BatchID("waiting"), "")
	if err != nil {
		return 0, 0, err
	}
	for _, child := range d.GetPendingChildren() {
		of, err := s.client.DescribeWorkflowExecution(ctx, child.GetWorkflowId(), "")
		if err != nil {
			return 0, 0, err
		}
		page = max(page, float64(of.GetWorkflowExecutionInfo().GetHistoryLength()))
	}
	return float64(d.GetWorkflowExecutionInfo().GetHistoryLength()), page, nil
}

func rowWorkflow(n int) string { return upgrade.WorkflowID(upgrade.BatchRowID("waiting", n+1)) }

// invite places the batch and waits until everybody has been asked.
func (s *site) invite(ctx context.Context, many, consents, users int) (time.Duration, error) {
	in := upgrade.BatchInput{ID: "waiting", Each: upgrade.Order{Target: upgrade.Target{Plan: "business-premium"}, Consent: upgrade.ByLink}}
	for n := range many {
		seats := 1
		if n <= consents {
			seats = users
		}
		in.Rows = append(in.Rows, upgrade.BatchRow{Tenant: customer{number: n + 1}.tenant(), Seats: seats})
	}
	batch, rows, problems := upgrade.MakeBatch(in)
	if len(problems) > 0 {
		return 0, problems
	}
	if _, err := s.upgrades.PlaceBatch(ctx, batch, rows); err != nil {
		return 0, err
	}
	began := time.Now()
	for {
		v, err := s.upgrades.ReadBatch(ctx, upgrade.BatchAsked{Batch: "waiting"})
		if err == nil && v.View.Counts[upgrade.RowRunning] == many {
			err = s.upgrades.LiveCounts(ctx, &v.View)
		}
		switch {
		case err != nil:
			return 0, err
		case v.View.Counts[upgrade.RowWaiting] == many:
			return time.Since(began), nil
		case v.View.State.Over():
			return 0, fmt.Errorf("the batch is %s: %v", v.View.State, v.View.Counts)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// consent lets the administrator of a row's customer consent, and waits until the upgrade has verified it.
func (s *site) consent(ctx context.Context, n int) error {
	c := customer{number: n + 1}
	_, application := sim.DemoPermissions()
	s.cloud.State.GrantConsentNow(c.tenant(), sim.DemoClientID, nil, application)
	err := s.upgrades.Exact().Consent(ctx, rowWorkflow(n), upgrade.Consent{Decision: upgrade.Granted, Method: upgrade.AdminConsent})
	for err == nil {
		var status upgrade.Status
		if status, err = s.upgrades.Exact().Status(ctx, rowWorkflow(n)); err == nil && status.Evidence != nil {
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
