package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// scenario is an upgrade that ends in a known way: for recorded histories, and for the tests of the whole product.
type scenario struct {
	name  string
	order string
	end   upgrade.End
	play  func(ctx context.Context, p *play) error // what people do meanwhile; nil: nobody does anything
	seed  func(*cloud.Cloud)                       // what it needs of Microsoft before; nil: the demonstration's customers
	other string                                   // workflow id of a start by another client than ours; the starter's if empty
}

// play is what a scenario acts with.
type play struct {
	all      *running
	upgrades *temporalclient.Upgrades
	client   client.Client
	id       string          // workflow id
	run      upgrade.Started // a scenario of a further attempt puts that one here
}

// scenarios are one for each way to end, and one for each long wait. They are played one after another on the same
// customers, so each says what it leaves behind where that is not what it found.
func scenarios() []scenario {
	return slices.Concat(shortScenarios(), endings(), waits())
}

// shortScenarios need no waits but Microsoft's.
func shortScenarios() []scenario {
	return []scenario{
		{name: "completed-transition", order: demoOrder, end: upgrade.Completed, play: func(ctx context.Context, p *play) error {
			return p.administrator(sim.ContosoAdmin).consent(ctx)
		}},
		{name: "undone-resize", order: order("UNDONE-1", sim.WoodgroveTenant, "business-basic", 8, sim.WoodgroveAdmin), end: upgrade.Cancelled, play: func(ctx context.Context, p *play) error {
			if err := p.administrator(sim.WoodgroveAdmin).consent(ctx); err != nil {
				return err
			}
			if err := p.until(ctx, func(s upgrade.Status) bool {
				return s.Stage == upgrade.Changing && len(s.Before) > 0 && s.Steps[0].State == "running"
			}); err != nil {
				return err
			}
			_, err := p.upgrades.Cancel(ctx, p.id, upgrade.Request{By: "an operator", Reason: "ordered by mistake"})
			return err
		}},
		{name: "declined", order: order("DECLINED-1", sim.WoodgroveTenant, "business-basic", 9, sim.WoodgroveAdmin), end: upgrade.Declined, play: func(ctx context.Context, p *play) error {
			if err := p.invited(ctx); err != nil {
				return err
			}
			return p.upgrades.Consent(ctx, p.id, upgrade.Consent{Decision: upgrade.DeclinedDecision, By: "the administrator", Reason: "not this year"})
		}},
		{name: "revoked", order: order("REVOKED-1", sim.WoodgroveTenant, "business-basic", 9, sim.WoodgroveAdmin), end: upgrade.Cancelled, play: func(ctx context.Context, p *play) error {
			if err := p.invited(ctx); err != nil {
				return err
			}
			if _, err := p.upgrades.Resend(ctx, p.id, upgrade.Request{By: "helpdesk"}); err != nil {
				return err
			}
			_, err := p.upgrades.Revoke(ctx, p.id, upgrade.Request{By: "an operator"})
			return err
		}},
		{name: "ineligible", order: order("INELIGIBLE-1", sim.AdventureTenant, "business-premium", 10, sim.AdventureAdmin), end: upgrade.Ineligible},
	}
}

func order(id, tenant, plan string, seats int, mail string) string {
	return fmt.Sprintf(`{"order":%q,"tenant":%q,"target":{"plan":%q,"seats":%d},"administrator":{"mail":%q}}`, id, tenant, plan, seats, mail)
}

func (p *play) administrator(mail string) *administrator {
	return newAdministrator(mail, p.all.cloud.Mailbox, func(string, ...any) {})
}

func (p *play) invited(ctx context.Context) error {
	return p.until(ctx, func(s upgrade.Status) bool { return s.Stage == upgrade.Invited })
}

// until waits for a status.
func (p *play) until(ctx context.Context, is func(upgrade.Status) bool) error {
	for {
		s, err := p.upgrades.Status(ctx, p.id)
		switch {
		case err != nil:
			return err
		case is(s):
			return nil
		case s.End != "":
			return fmt.Errorf("it ended %s meanwhile: %v", s.End.Words(), s.Reasons)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// carry plays one scenario to its end.
func carry(ctx context.Context, all *running, connection *temporalclient.Connection, s scenario) (upgrade.Started, error) {
	if s.seed != nil {
		s.seed(all.cloud.State)
	}
	started, err := placeOrder(ctx, connection, s)
	if err != nil {
		return started, err
	}
	p := &play{all: all, upgrades: connection.Upgrades, client: connection.Client, id: started.WorkflowID, run: started}
	if s.play != nil {
		if err := s.play(ctx, p); err != nil {
			return started, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	result, err := connection.Watch(ctx, started.WorkflowID, 100*time.Millisecond, func(upgrade.Status) {})
	if err != nil {
		return p.run, fmt.Errorf("%s: %w", s.name, err)
	}
	if result.End != s.end {
		return p.run, fmt.Errorf("%s ended %s instead of %s: %v", s.name, result.End.Words(), s.end.Words(), result.Reasons)
	}
	return p.run, nil
}

// placeOrder starts the upgrade: as the starter does, or as any client may, which does not look whether the order fits.
func placeOrder(ctx context.Context, connection *temporalclient.Connection, s scenario) (upgrade.Started, error) {
	if s.other == "" {
		return connection.Start(ctx, []byte(s.order), temporalclient.StartOptions{})
	}
	run, err := connection.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: s.other, TaskQueue: upgrade.TaskQueue}, upgrade.UpgradeWorkflow, json.RawMessage(s.order))
	if err != nil {
		return upgrade.Started{}, err
	}
	return upgrade.Started{WorkflowID: run.GetID(), RunID: run.GetRunID()}, nil
}

// connect is a client of the running product.
func (r *running) connect(ctx context.Context) (*temporalclient.Connection, error) {
	return temporalclient.Connect(ctx, temporalclient.ConnectOptions{Development: true, KeyFile: r.settings.CodecKeyFile, HostPort: r.temporal.FrontendAddr(), Identity: "dev"})
}

// record plays every scenario and writes its history, for the replay test of the workflows.
func record(ctx context.Context, all *running, dir string, out io.Writer) error {
	connection, err := all.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	played := scenarios()
	if all.cloud.State.Pace() != 1 {
		played = pacedScenarios()
	}
	for _, s := range played {
		started, err := carry(ctx, all, connection, s)
		if err != nil {
			return err
		}
		file, err := writeHistory(ctx, connection.Client, started, dir, s.name)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", s.end.Words(), file)
	}
	return nil
}
