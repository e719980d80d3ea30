package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"uplift/upgrade"
)

// mischief lets what nobody ordered happen to an order, at random moments of its first half minute.
func (p *play) mischief(ctx context.Context, workflowID string) {
	if p.site.s.plain {
		return
	}
	for range p.dice.IntN(3) {
		what := troubles()[p.dice.IntN(len(troubles()))]
		after := time.Duration(p.dice.IntN(22000)) * time.Millisecond
		dice := rand.New(rand.NewPCG(p.dice.Uint64(), 3))
		p.all.Go(func() {
			if sleep(ctx, after); ctx.Err() == nil {
				what(p, ctx, workflowID, dice)
			}
		})
	}
}

// trouble is one thing that may happen to an order.
type trouble func(p *play, ctx context.Context, workflowID string, dice *rand.Rand)

func troubles() []trouble {
	return []trouble{
		falseClaim, falseClaim, malformed, malformed, repeated, outdated,
		cancelled, cancelled, rawCancelled, terminated,
		startedAgain, startedAgain, startedOtherwise, foreignSame, foreignOther,
		resent, revoked, confirmedWrongly, resolvedWrongly,
	}
}

// falseClaim says that a consent was given, with nothing behind it.
func falseClaim(p *play, ctx context.Context, id string, dice *rand.Rand) {
	method := []upgrade.Method{upgrade.DeviceCode, upgrade.AdminConsent, upgrade.Existing}[dice.IntN(3)]
	p.signal(ctx, id, "false claim", upgrade.Consent{Decision: upgrade.Granted, Method: method, By: "somebody"})
}

// repeated says it three times at once.
func repeated(p *play, ctx context.Context, id string, _ *rand.Rand) {
	for range 3 {
		p.signal(ctx, id, "repeated claim", upgrade.Consent{Decision: upgrade.Granted, Method: upgrade.DeviceCode})
	}
}

// outdated answers an invitation that was never sent.
func outdated(p *play, ctx context.Context, id string, _ *rand.Rand) {
	p.signal(ctx, id, "claim for another invitation", upgrade.Consent{Decision: upgrade.DeclinedDecision, Invitation: 7})
}

// malformed is a signal that is no consent, in plain.
func malformed(p *play, ctx context.Context, id string, dice *rand.Rand) {
	bodies := []string{"{not json", `"granted"`, `{"decision":"granted","decision":"declined"}`, `{"decision":"perhaps"}`, `{"decision":"granted","surprise":1}`, "[]", "null", `{"decision":42}`}
	raw := converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(bodies[dice.IntN(len(bodies))])})
	_, err := tolerate(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, transient(p.site.foreign.SignalWorkflow(ctx, id, "", upgrade.SignalConsent, raw))
	})
	p.count("malformed signal", err)
}

func (p *play) signal(ctx context.Context, id, name string, c upgrade.Consent) {
	_, err := tolerate(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, p.site.upgrades.Exact().Consent(ctx, id, c)
	})
	p.count(name, err)
}

func cancelled(p *play, ctx context.Context, id string, _ *rand.Rand) {
	reply, err := p.site.upgrades.Exact().Cancel(p.trying(ctx), id, upgrade.Request{By: "an operator", Reason: "ordered by mistake"})
	p.count("cancel", err)
	p.tell("%s is cancelled: %s %v", id, reply.Message, err)
}

func rawCancelled(p *play, ctx context.Context, id string, _ *rand.Rand) {
	err := p.site.foreign.CancelWorkflow(p.trying(ctx), id, "")
	p.count("raw cancellation", err)
	p.tell("%s is cancelled by Temporal: %v", id, err)
}

func terminated(p *play, ctx context.Context, id string, _ *rand.Rand) {
	err := p.site.foreign.TerminateWorkflow(p.trying(ctx), id, "", "the campaign says so")
	p.count("termination", err)
	p.tell("%s is terminated: %v", id, err)
}

// startedAgain sends the same order once more; startedOtherwise another under its id.
func startedAgain(p *play, ctx context.Context, _ string, _ *rand.Rand) {
	p.startAnother(ctx, "start once more", p.job.json())
}

func startedOtherwise(p *play, ctx context.Context, _ string, _ *rand.Rand) {
	p.startAnother(ctx, "start of another under the order's id", p.altered())
}

func (p *play) startAnother(ctx context.Context, name string, order []byte) {
	started, err := p.start(ctx, order)
	p.count(name, err)
	if err == nil && !started.Existing {
		p.close(ctx, started.WorkflowID, started.RunID)
	}
}

// altered is the order with another content.
func (p *play) altered() []byte {
	var body map[string]any
	if err := json.Unmarshal(p.job.json(), &body); err != nil {
		panic(err) // we wrote it
	}
	body["target"] = map[string]any{"plan": "business-premium", "seats": 77}
	out, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return out
}

// foreignSame starts the same order under another workflow id, by the official client and in plain; foreignOther another order.
func foreignSame(p *play, ctx context.Context, id string, _ *rand.Rand) {
	p.foreignStart(ctx, "start by the official client", id+"-foreign", p.job.json())
}

func foreignOther(p *play, ctx context.Context, id string, _ *rand.Rand) {
	p.foreignStart(ctx, "start of another by the official client", id+"-foreign-other", p.altered())
}

func (p *play) foreignStart(ctx context.Context, name, id string, order []byte) {
	begun := time.Now()
	run, err := tolerate(ctx, func(ctx context.Context) (client.WorkflowRun, error) {
		run, err := p.site.foreign.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: upgrade.TaskQueue}, upgrade.UpgradeWorkflow, json.RawMessage(order))
		return run, transient(err)
	})
	p.count(name, err)
	if err == nil {
		p.note(run.GetID(), run.GetRunID(), begun)
		p.close(ctx, run.GetID(), run.GetRunID())
	}
}

func resent(p *play, ctx context.Context, id string, _ *rand.Rand) {
	_, err := p.site.upgrades.Exact().Resend(p.trying(ctx), id, upgrade.Request{By: "the help desk"})
	p.count("resend", err)
}

func revoked(p *play, ctx context.Context, id string, dice *rand.Rand) {
	if dice.IntN(2) == 0 {
		resent(p, ctx, id, dice)
		return
	}
	_, err := p.site.upgrades.Exact().Revoke(p.trying(ctx), id, upgrade.Request{By: "an operator"})
	p.count("revoke", err)
}

func confirmedWrongly(p *play, ctx context.Context, id string, _ *rand.Rand) {
	_, err := p.site.upgrades.Exact().Confirm(p.trying(ctx), id, upgrade.Confirm{Digest: "0123456789abcdef"})
	p.count("confirmation of another plan", err)
}

func resolvedWrongly(p *play, ctx context.Context, id string, _ *rand.Rand) {
	_, err := p.site.upgrades.Exact().Resolve(p.trying(ctx), id, upgrade.Resolve{Answer: upgrade.Skip, Request: upgrade.Request{By: "somebody"}})
	p.count("answer that nobody asked for", err)
}

// transient makes an error of the official client one that is tried again, unless nothing is there that it could reach.
func transient(err error) error {
	if err == nil || gone(err) {
		return err
	}
	return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal", Message: "Temporal did not take it", Err: err}
}
