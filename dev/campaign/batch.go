package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// herd is a batch: one row for each customer, of whom a few may not be upgraded and a few have consented to nothing.
type herd struct {
	*campaign
	id     string
	rows   []*herdRow
	urgent *play
	raised time.Time // when the number of slots was raised
}

// herdRow is a row and what must become of it.
type herdRow struct {
	row  upgrade.BatchRow
	play *play // nil: nobody has ever heard of the customer
	want upgrade.BatchRowState
}

// raisedSlots is to how many the number of slots is raised half way.
const raisedSlots = 25

// newHerd makes the batch: of a hundred rows three may not be upgraded, and one has no consent.
func newHerd(c *campaign) *herd {
	h := &herd{campaign: c, id: fmt.Sprintf("batch-%d", c.site.s.seed)}
	for n := 1; n <= c.site.s.batch; n++ {
		dice := rand.New(rand.NewPCG(c.site.s.seed, uint64(n)))
		customer := newCustomer(c.site.s.seed, n)
		users := between(dice, 1, 4)
		seats := users + between(dice, 0, 3)
		customer.holds(cloud.BusinessBasic, seats, 60*day)
		customer.holds(cloud.TeamsPhone, seats, 60*day)
		customer.holders(dice, cloud.BusinessBasic, users)
		customer.consented = true
		r := &herdRow{row: upgrade.BatchRow{Tenant: customer.tenant, Subscription: customer.subscription[0].ID, Seats: seats}, want: upgrade.RowCompleted}
		switch n % 100 {
		case 7, 57:
			r.row.Seats, r.want = 400, upgrade.RowRefused // more than the offer may have
		case 33:
			r.row.Tenant, r.row.Subscription, r.want = upgrade.UUID("nobody", fmt.Sprint(n)), upgrade.UUID("nothing", fmt.Sprint(n)), upgrade.RowRefused
		case 81:
			customer.consented, r.want = false, upgrade.RowFailed
		}
		order := ledgercheck.Order{ID: upgrade.BatchRowID(h.id, n), Tenant: r.row.Tenant, From: cloud.BusinessBasic, To: cloud.BusinessPremium, Bundled: []string{cloud.TeamsPhone},
			Want: map[string]int{cloud.BusinessBasic: 0, cloud.BusinessPremium: seats, cloud.TeamsPhone: seats}}
		if n%100 != 33 {
			r.play = &play{campaign: c, job: &job{order: order, customer: customer, kind: "row of a batch, " + string(r.want)}, dice: dice}
			c.plays = append(c.plays, r.play)
		}
		h.rows = append(h.rows, r)
	}
	return h
}

// batchRound carries one batch through, with two workers killed, the number of slots raised half way, and an urgent order in
// between; and holds what is left against what was ordered.
func batchRound(ctx context.Context, s settings, out io.Writer) (*report, error) {
	began := time.Now()
	site, err := open(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = site.close() }()
	c := newCampaign(site, out)
	h := newHerd(c)
	if err := h.carry(ctx); err != nil {
		return nil, err
	}
	evidence, err := c.gather(ctx)
	if err != nil {
		return nil, err
	}
	evidence.Raised = &ledgercheck.Raised{At: h.raised, Slots: raisedSlots}
	r, err := c.report(ctx, evidence)
	if err != nil {
		return nil, err
	}
	r.took = time.Since(began)
	r.violations = append(r.violations, h.check(ctx)...)
	return r, nil
}

// carry lets every customer arrive, places the batch and goes with it to its end.
func (h *herd) carry(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.site.s.limit)
	defer cancel()
	if err := h.arrive(ctx); err != nil {
		return err
	}
	in := upgrade.BatchInput{ID: h.id, Source: "hosted-essentials", Offenders: upgrade.LeaveOut, Each: upgrade.Order{Target: upgrade.Target{Plan: "hosted-pro"}, Consent: upgrade.ByExisting}}
	for _, r := range h.rows {
		in.Rows = append(in.Rows, r.row)
	}
	b, rows, problems := upgrade.MakeBatch(in)
	if len(problems) > 0 {
		return problems
	}
	if _, err := tolerate(ctx, func(ctx context.Context) (upgrade.BatchStarted, error) {
		return h.site.upgrades.PlaceBatch(ctx, b, rows)
	}); err != nil {
		return err
	}
	h.tell("%s is placed with %d rows", h.id, len(rows))
	working, done := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { h.operate(working) })
	err := h.watch(ctx)
	done()
	beside.Wait()
	if err != nil {
		return err
	}
	return h.attempts(ctx)
}

// arrive makes the customers, several at a time.
func (h *herd) arrive(ctx context.Context) error {
	places := make(chan struct{}, 8)
	var all sync.WaitGroup
	var once sync.Once
	var first error
	for _, r := range append(slices.Clone(h.rows), h.urgently()) {
		if r.play == nil {
			continue
		}
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := r.play.job.customer.arrive(ctx, h.site.microsoft); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	all.Wait()
	return first
}

// urgently is the order that comes in between.
func (h *herd) urgently() *herdRow {
	if h.urgent == nil {
		customer := newCustomer(h.site.s.seed, h.site.s.batch+1)
		customer.holds(cloud.BusinessBasic, 3, 60*day)
		customer.consented = true
		order := ledgercheck.Order{ID: "urgent", Tenant: customer.tenant, Want: map[string]int{cloud.BusinessBasic: 5}}
		h.urgent = &play{campaign: h.campaign, dice: rand.New(rand.NewPCG(h.site.s.seed, 99)), job: &job{order: order, customer: customer, kind: "urgent order", body: map[string]any{
			"order": "urgent", "tenant": customer.tenant, "consent": "existing", "priority": "urgent", "licenses": map[string]any{"who": "nobody"},
			"target": map[string]any{"totals": []map[string]any{{"offer": "business-basic", "seats": 5}}}}}}
		h.plays = append(h.plays, h.urgent)
	}
	return &herdRow{play: h.urgent}
}

// watch follows the batch to its end, and acts when it is a part of the way.
func (h *herd) watch(ctx context.Context) error {
	acts := []struct {
		share float64
		do    func(ctx context.Context) error
	}{
		{0.15, func(context.Context) error { h.killWorker(0); return nil }},
		{0.3, h.comeBetween},
		{0.5, h.raise},
		{0.7, func(context.Context) error { h.killWorker(1); return nil }},
	}
	for next, last := 0, ""; ; {
		v, err := tolerate(ctx, func(ctx context.Context) (upgrade.BatchAnswer, error) {
			return h.site.upgrades.ReadBatch(ctx, upgrade.BatchAsked{Batch: h.id})
		})
		if err != nil {
			return err
		}
		counts := v.View.Counts
		if words := fmt.Sprint(v.View.State, " ", counts); words != last {
			h.tell("%s", words)
			last = words
		}
		over := counts[upgrade.RowCompleted] + counts[upgrade.RowFailed] + counts[upgrade.RowCancelled]
		if next < len(acts) && float64(over) >= acts[next].share*float64(len(h.rows)) {
			if err := acts[next].do(ctx); err != nil {
				return err
			}
			next++
			continue
		}
		if v.View.State.Over() {
			return nil
		}
		if sleep(ctx, time.Second); ctx.Err() != nil {
			return fmt.Errorf("the batch has no end: %s", last)
		}
	}
}

func (h *herd) killWorker(n int) {
	p := h.site.processes[1+n] // the server is the first
	if p.kill(500 * time.Millisecond) {
		h.mu.Lock()
		h.kills[p.role.Name]++
		h.mu.Unlock()
		h.tell("%s is killed", p.name)
	}
}

func (h *herd) raise(ctx context.Context) error {
	n := raisedSlots
	h.raised = time.Now()
	_, err := tolerate(ctx, func(ctx context.Context) (upgrade.Reply, error) {
		return h.site.upgrades.SetSlots(ctx, upgrade.SetSlots{Slots: &n, Request: upgrade.Request{By: "campaign"}})
	})
	h.tell("there are %d slots from now on", n)
	return err
}

// comeBetween places the urgent order.
func (h *herd) comeBetween(ctx context.Context) error {
	started, err := h.urgent.start(ctx, h.urgent.job.json())
	if err != nil {
		return err
	}
	h.urgent.all.Go(func() { h.urgent.close(ctx, started.WorkflowID, started.RunID) })
	return nil
}

// operate answers what waits for an operator: once more.
func (h *herd) operate(ctx context.Context) {
	for ctx.Err() == nil {
		rows, _, err := h.site.upgrades.Page(ctx, upgrade.ListFilter{Batch: h.id, NeedsOperator: true, Open: true}, "", 50)
		for _, r := range rows {
			_, answer := h.site.upgrades.Exact().Resolve(ctx, r.WorkflowID, upgrade.Resolve{Answer: upgrade.Retry, Request: upgrade.Request{By: "campaign"}})
			h.count("retry of a row", answer)
		}
		if err == nil && len(rows) == 0 {
			sleep(ctx, time.Second)
		}
		sleep(ctx, time.Second)
	}
}

// attempts finds the executions of the rows, which have all closed.
func (h *herd) attempts(ctx context.Context) error {
	h.urgent.all.Wait()
	for _, r := range h.rows {
		if r.play == nil {
			continue
		}
		id := upgrade.WorkflowID(r.play.job.order.ID)
		d, err := h.site.client.DescribeWorkflowExecution(ctx, id, "")
		if gone(err) {
			continue // it was left out
		} else if err != nil {
			return err
		}
		info := d.GetWorkflowExecutionInfo()
		run := info.GetExecution().GetRunId()
		r.play.note(id, run, info.GetStartTime().AsTime())
		r.play.close(ctx, id, run)
	}
	sleep(ctx, 3*time.Second)
	return ctx.Err()
}
