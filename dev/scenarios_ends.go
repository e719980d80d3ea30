package main

import (
	"context"
	"fmt"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// endings are the ways to end that the short scenarios leave out. Those of Tailspin Toys need nobody's consent.
func endings() []scenario {
	const again = "DECLINED-1"
	declined := order(again, sim.WoodgroveTenant, "business-basic", 9, sim.WoodgroveAdmin)
	return []scenario{
		{name: "duplicate", order: declined, end: upgrade.Duplicate},
		{name: "refused", order: order(again, sim.WoodgroveTenant, "business-basic", 12, sim.WoodgroveAdmin), other: "billing-9", end: upgrade.RefusedOrder},
		{name: "cancelled-before-the-change", order: order("CANCELLED-1", sim.WoodgroveTenant, "business-basic", 9, sim.WoodgroveAdmin), end: upgrade.Cancelled,
			play: func(ctx context.Context, p *play) error {
				if err := p.invited(ctx); err != nil {
					return err
				}
				return p.cancel(ctx)
			}},
		{name: "failed-undone", order: existing("FAILED-1", "business-standard", 26, "business-premium", 3), end: upgrade.FailedUndone, play: parkedThen(upgrade.UndoIt)},
		// One seat more stays with the customer.
		{name: "abandoned", order: existing("ABANDONED-1", "business-standard", 26, "business-premium", 3), end: upgrade.Abandoned, play: parkedThen(upgrade.Abandon)},
		{name: "resumed-after-termination", order: existing("RESUMED-1", "business-standard", 28), end: upgrade.Completed, play: terminated},
	}
}

// existing is an order of Tailspin Toys by the consent that its application was given earlier: offers and totals in turn.
func existing(id string, totals ...any) string { return of(sim.TailspinTenant, id, totals...) }

// of is such an order of any customer.
func of(tenant, id string, totals ...any) string {
	words := ""
	for i := 0; i < len(totals); i += 2 {
		if i > 0 {
			words += ","
		}
		words += fmt.Sprintf(`{"offer":%q,"seats":%d}`, totals[i], totals[i+1])
	}
	return fmt.Sprintf(`{"order":%q,"tenant":%q,"target":{"totals":[%s]},"consent":"existing","placedBy":"billing"}`, id, tenant, words)
}

// parkedThen lets purchases fail for as long as the upgrade is patient, waits for two reminders, mends them, and answers.
func parkedThen(answer upgrade.Answer) func(context.Context, *play) error {
	return func(ctx context.Context, p *play) error {
		p.all.cloud.State.Inject(cloud.StaleAvailability, cloud.Matcher{Tenant: sim.TailspinTenant}, -1)
		defer p.all.cloud.State.SetFaults(cloud.Polite())
		if err := p.until(ctx, func(s upgrade.Status) bool { return s.Parked != nil }); err != nil {
			return err
		}
		if err := p.reminded(ctx); err != nil {
			return err
		}
		p.all.cloud.State.SetFaults(cloud.Polite())
		_, err := p.upgrades.Resolve(ctx, p.id, upgrade.Resolve{Request: upgrade.Request{By: "an operator"}, Answer: answer})
		return err
	}
}

// terminated breaks the first attempt off in its change, and lets a second one go on.
func terminated(ctx context.Context, p *play) error {
	if err := p.until(ctx, func(s upgrade.Status) bool { return s.Stage == upgrade.Changing && s.Steps[0].State == "running" }); err != nil {
		return err
	}
	if err := p.client.TerminateWorkflow(ctx, p.id, p.run.RunID, "a scenario"); err != nil {
		return err
	}
	again, err := p.upgrades.Retry(ctx, p.id, 0)
	p.run = upgrade.Started{WorkflowID: again.WorkflowID, RunID: again.RunID}
	return err
}

func (p *play) cancel(ctx context.Context) error {
	_, err := p.upgrades.Cancel(ctx, p.id, upgrade.Request{By: "an operator", Reason: "ordered by mistake"})
	return err
}
