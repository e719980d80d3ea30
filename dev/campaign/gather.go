package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"google.golang.org/protobuf/encoding/protojson"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/codec"
	"uplift/upgrade"
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
	if e.Recorded, err = recorded(ctx, filepath.Join(c.site.dir, "register.db")); err != nil {
		return e, err
	}
	e.Mails = c.site.microsoft.letters()
	e.Texts, err = c.texts(ctx, e.Orders)
	return e, err
}

// recorded are the ends that the register has. Its driver comes with the product.
func recorded(ctx context.Context, file string) (map[string]upgrade.Result, error) {
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT first_run, result_json FROM upgrades WHERE end_name <> ''")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]upgrade.Result{}
	for rows.Next() {
		var run, document string
		var result upgrade.Result
		if err := rows.Scan(&run, &document); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(document), &result); err != nil {
			return nil, err
		}
		out[run] = result
	}
	return out, rows.Err()
}

// texts are all histories, decoded as whoever has the key reads them, and all logs.
func (c *campaign) texts(ctx context.Context, orders []ledgercheck.Order) ([]ledgercheck.Text, error) {
	var out []ledgercheck.Text
	for _, o := range orders {
		for _, a := range o.Attempts {
			body, err := tolerate(ctx, func(ctx context.Context) (string, error) {
				return c.history(ctx, a.Workflow, a.Run)
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
	events, err := c.site.events(ctx, workflowID, runID)
	if err != nil {
		return "", err
	}
	h := history.History{Events: events}
	ring, said := codec.Dev(), []byte(nil) // in the JSON of a history payloads are base64: they are read as they are, too
	err = proxy.VisitPayloads(ctx, &h, proxy.VisitPayloadsOptions{Visitor: func(_ *proxy.VisitPayloadsContext, p []*common.Payload) ([]*common.Payload, error) {
		p, err := ring.Decode(p)
		for _, one := range p {
			said = append(append(said, '\n'), one.GetData()...)
		}
		return p, err
	}})
	if err != nil {
		return "", err
	}
	body, err := protojson.Marshal(&h)
	return string(append(body, said...)), err
}

// events are those of one execution.
func (s *site) events(ctx context.Context, workflowID, runID string) (all []*history.HistoryEvent, err error) {
	events := s.client.GetWorkflowHistory(ctx, workflowID, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, transient(err)
		}
		all = append(all, event)
	}
	return all, nil
}
