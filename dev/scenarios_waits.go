package main

import (
	"context"
	"time"

	"uplift/internal/sim"
	"uplift/upgrade"
)

// waits are the scenarios in which somebody or something is waited for, with its reminders.
func waits() []scenario {
	return []scenario{
		{name: "expired-after-reminders", order: order("EXPIRED-1", sim.WoodgroveTenant, "business-basic", 9, sim.WoodgroveAdmin), end: upgrade.Expired},
		// What a scenario of Tailspin Toys raises stays, so the totals grow from one to the next.
		{name: "confirmed", order: `{"order":"CONFIRMED-1","finish":"confirm",` + existing("", "business-standard", 29)[len(`{"order":"",`):], end: upgrade.Completed,
			play: func(ctx context.Context, p *play) error {
				if err := p.asked(ctx); err != nil {
					return err
				}
				s, err := p.upgrades.Status(ctx, p.id)
				if err != nil {
					return err
				}
				_, err = p.upgrades.Confirm(ctx, p.id, upgrade.Confirm{Request: upgrade.Request{By: "an operator"}, Digest: s.Digest})
				return err
			}},
		{name: "approved", order: existing("APPROVED-1", "business-standard", 50), end: upgrade.Completed,
			play: func(ctx context.Context, p *play) error {
				if err := p.asked(ctx); err != nil {
					return err
				}
				s, err := p.upgrades.Status(ctx, p.id)
				if err != nil {
					return err
				}
				_, err = p.upgrades.Approve(ctx, p.id, upgrade.Approve{Request: upgrade.Request{By: "a second person"}, Digest: s.Digest})
				return err
			}},
		{name: "scheduled-then-cancelled", order: scheduled("SCHEDULED-1", 50), end: upgrade.Cancelled,
			play: func(ctx context.Context, p *play) error {
				if err := p.until(ctx, func(s upgrade.Status) bool { return s.Stage == upgrade.Scheduled }); err != nil {
					return err
				}
				return p.cancel(ctx)
			}},
		{name: "parked-then-retried", order: existing("PARKED-1", "business-standard", 51, "office-365-e1", 3), end: upgrade.Completed, play: parkedThen(upgrade.Retry)},
		// What it leaves for the renewal would be lost by another change of the same subscription.
		{name: "completed-with-residue", order: `{"residue":"at-renewal",` + existing("RESIDUE-1", "business-standard", 20, "office-365-e1", 3)[1:], end: upgrade.CompletedWithResidue},
	}
}

// scheduled is an order of Tailspin Toys that Microsoft carries out at the renewal only.
func scheduled(id string, seats int) string {
	return `{"residue":"at-renewal",` + existing(id, "business-standard", 0, "business-basic", seats)[1:]
}

// asked waits until an operator's word is waited for, and was asked for twice.
func (p *play) asked(ctx context.Context) error {
	if err := p.until(ctx, func(s upgrade.Status) bool { return s.Stage == upgrade.Confirming }); err != nil {
		return err
	}
	return p.reminded(ctx)
}

// reminded waits as long as two reminders of the policy of scenarios take.
func (p *play) reminded(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
		return nil
	}
}
