package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/temporalproto"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/codec"
)

// slots is how many upgrades may change subscriptions at a time.
const slots = 10

// gather reads what the round has left behind.
func (c *campaign) gather(ctx context.Context) (ledgercheck.Evidence, error) {
	e := ledgercheck.Evidence{Slots: slots}
	seen := map[string]bool{}
	for _, p := range c.plays {
		customer := p.job.customer
		o := p.job.order
		p.mu.Lock()
		o.Attempts = slices.Clone(p.attempts)
		p.mu.Unlock()
		slices.SortStableFunc(o.Attempts, func(a, b ledgercheck.Attempt) int { return a.Started.Compare(b.Started) })
		e.Orders = append(e.Orders, o)
		if seen[customer.tenant] || customer.seen.Tenant == "" {
			continue
		}
		seen[customer.tenant] = true
		after, err := c.site.microsoft.state(ctx, customer.tenant)
		if err != nil {
			return e, err
		}
		customer.seen.After = after
		e.Customers = append(e.Customers, customer.seen)
	}
	var err error
	if e.Ledger, err = c.site.microsoft.ledger(ctx); err != nil {
		return e, err
	}
	if e.Secrets, err = c.site.microsoft.issued(ctx); err != nil {
		return e, err
	}
	if err = c.site.microsoft.read(ctx); err != nil {
		return e, err
	}
	e.Mails = c.site.microsoft.letters()
	e.Texts, err = c.texts(ctx, e.Orders)
	return e, err
}

// texts are all histories, decoded as whoever has the key reads them, and all logs.
func (c *campaign) texts(ctx context.Context, orders []ledgercheck.Order) ([]ledgercheck.Text, error) {
	var out []ledgercheck.Text
	for _, o := range orders {
		for _, a := range o.Attempts {
			body, err := tolerate(ctx, func(ctx context.Context) (string, error) {
				body, err := c.history(ctx, a.Workflow, a.Run)
				return body, transient(err)
			})
			if err != nil {
				return nil, err
			}
			out = append(out, ledgercheck.Text{Where: "the history of " + a.Workflow, Body: body})
		}
	}
	logs, err := filepath.Glob(filepath.Join(c.site.dir, "*.log"))
	if err != nil {
		return nil, err
	}
	for _, name := range logs {
		body, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, ledgercheck.Text{Where: filepath.Base(name), Body: string(body)})
	}
	return out, nil
}

func (c *campaign) history(ctx context.Context, workflowID, runID string) (string, error) {
	var h history.History
	events := c.site.client.GetWorkflowHistory(ctx, workflowID, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return "", err
		}
		h.Events = append(h.Events, event)
	}
	ring := codec.Dev()
	err := proxy.VisitPayloads(ctx, &h, proxy.VisitPayloadsOptions{Visitor: func(_ *proxy.VisitPayloadsContext, p []*common.Payload) ([]*common.Payload, error) {
		return ring.Decode(p)
	}})
	if err != nil {
		return "", err
	}
	body, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(&h)
	if err != nil {
		return "", err
	}
	for _, event := range h.Events { // as JSON a payload is base64: what stands in it is read as it is
		_ = proxy.VisitPayloads(ctx, event, proxy.VisitPayloadsOptions{Visitor: func(_ *proxy.VisitPayloadsContext, p []*common.Payload) ([]*common.Payload, error) {
			for _, one := range p {
				body = append(append(body, '\n'), one.GetData()...)
			}
			return p, nil
		}})
	}
	return string(body), nil
}
