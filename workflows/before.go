package workflows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// claim parses the order and claims it in the register. Where the order is not ours, the status says who holds it.
func (u *upgradeRun) claim(ctx workflow.Context, raw converter.RawValue) error {
	order, problems := orderOf(raw)
	if len(problems) > 0 {
		return ending{end: upgrade.RefusedOrder, reasons: problems}
	}
	var out activities.ClaimOrderOutput
	err := u.attempt(ctx, "claim the order", func(ctx workflow.Context) error {
		var err error
		out, err = atHand(ctx, u.policy, "Claim the order in the register", a.ClaimOrder, activities.ClaimOrderInput{
			Order: order, FirstRun: workflow.GetInfo(ctx).FirstRunID,
		})
		return err
	})
	if err != nil {
		return err
	}
	u.order, u.policy, u.observe, u.callbacks = out.Order, out.Policy, out.Observe, out.Callbacks
	u.urgency = urgencyOf(u.order)
	u.status.Order, u.status.Upgrade, u.status.Tenant, u.status.Reseller = out.Order.ID, out.Upgrade, out.Order.Tenant, out.Order.Reseller
	if out.Resumes != "" && out.Plan != nil {
		u.resumes, u.plan, u.undoing = out.Resumes, *out.Plan, out.Undoing
	}
	if out.Outcome != upgrade.ClaimGranted {
		u.status.First, u.status.FirstRun = out.Holder, out.HolderRun
	}
	switch {
	case len(out.Problems) > 0:
		return ending{end: upgrade.RefusedOrder, reasons: out.Problems}
	case out.Outcome == upgrade.ClaimDuplicate:
		return ending{end: upgrade.Duplicate, reasons: upgrade.Problems{{Code: "duplicate_order",
			Message: fmt.Sprintf("The order %s is carried out by %s%s.", u.order.ID, out.Holder, endedWords(out.HolderEnd)),
			Remedy:  "follow that one; `starter retry` makes a further attempt after an end that changed nothing"}}}
	case out.Outcome != upgrade.ClaimGranted && out.Holder == "":
		return ending{end: upgrade.RefusedOrder, reasons: upgrade.Problems{{Path: "attempt", Code: "no_earlier_attempt",
			Message: fmt.Sprintf("The order %s has no attempt that this one could follow.", u.order.ID),
			Remedy:  "leave the attempt out; `starter retry` finds the next one"}}}
	case out.Outcome != upgrade.ClaimGranted:
		return ending{end: upgrade.RefusedOrder, reasons: upgrade.Problems{{Path: "order", Code: "order_id_taken",
			Message: fmt.Sprintf("The order id %s belongs to another order, carried out by %s.", u.order.ID, out.Holder),
			Remedy:  "give this order an id of its own"}}}
	}
	known := []attribute{
		keyword(upgrade.AttributeOrder, u.order.ID),
		keyword(upgrade.AttributeCustomerTenant, u.order.Tenant),
		keyword(upgrade.AttributeBatch, u.order.Batch),
		truth(upgrade.AttributeNeedsOperator, false),
	}
	if u.order.Reseller != "" {
		known = append(known, keyword(upgrade.AttributeReseller, u.order.Reseller))
	}
	u.attributes(known...)
	return nil
}

// orderOf is the order's JSON. What is no JSON at all is refused here, since not even an activity's input could carry it.
func orderOf(raw converter.RawValue) ([]byte, upgrade.Problems) {
	data, err := jsonOf(raw)
	if err != nil {
		return nil, upgrade.Problems{{Code: "unreadable_order", Message: err.Error(), Remedy: "send the order as one JSON object"}}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var whole json.RawMessage
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, upgrade.Problems{{Code: "empty", Message: "there is no order", Remedy: "send the order as one JSON object"}}
	} else if err := json.Unmarshal(data, &whole); err != nil {
		return nil, upgrade.Problems{{Code: "malformed_json", Message: "malformed JSON: " + err.Error(), Remedy: "send the order as one JSON object"}}
	}
	return whole, nil
}

func endedWords(e upgrade.End) string {
	if e == "" {
		return ""
	}
	return ", which ended " + e.Words()
}

// inTime ends an order whose time has passed.
func (u *upgradeRun) inTime(ctx workflow.Context) error {
	if after := u.order.NotAfter; after != nil && !workflow.Now(ctx).Before(*after) {
		return ending{end: upgrade.Cancelled, reasons: upgrade.Problems{{Code: "too_late", Message: fmt.Sprintf("The order was not to be carried out after %s.", after.Format(time.RFC3339)), Remedy: "order again"}}}
	}
	return nil
}

// makePlan makes the plan document before anybody is bothered.
func (u *upgradeRun) makePlan(ctx workflow.Context) error {
	if u.resumes != "" {
		u.showPlan(ctx)
		return nil
	}
	if err := u.inTime(ctx); err != nil {
		return err
	}
	if err := u.replan(ctx, nil, "Plan the upgrade"); err != nil {
		return err
	}
	u.agreed = u.plan.Material()
	if !u.plan.Eligible() {
		return ending{end: upgrade.Ineligible, reasons: u.plan.Reasons}
	}
	if u.observe && (u.order.Invites() || u.order.Consent == upgrade.ByPartner) {
		return u.observed() // nobody is invited to what will not be done, nor consented for
	}
	return nil
}

// observed ends an upgrade of an installation that only observes: the plan is recorded, and nothing is written at Microsoft.
func (u *upgradeRun) observed() ending {
	return ending{end: upgrade.Cancelled, reasons: upgrade.Problems{{Code: "observe_mode", Message: "This installation only observes: the upgrade was planned, and nothing was written at Microsoft.", Remedy: "switch observe off at the workers, and retry the order",
		Customer: "The change was only planned; nothing was changed."}}}
}

// replan makes the plan anew, with a grant by looking into the tenant.
func (u *upgradeRun) replan(ctx workflow.Context, g *upgrade.Grant, summary string) error {
	err := u.attempt(ctx, "plan", func(ctx workflow.Context) error {
		plan, err := u.planned(ctx, g, summary)
		if err == nil {
			u.plan = plan
		}
		return err
	})
	if err != nil {
		return err
	}
	u.showPlan(ctx)
	return nil
}

// planned has Partner Center asked, and with a grant the tenant looked into. What Partner Center has said within the last minute is
// gone by once more, so that it is asked once where the consent was there already; what has become old is asked again.
func (u *upgradeRun) planned(ctx workflow.Context, g *upgrade.Grant, summary string) (upgrade.Plan, error) {
	if g == nil {
		return u.ask(ctx, false, summary)
	}
	for {
		if !u.said || workflow.Now(ctx).Sub(u.looked) > u.policy.Paced(time.Minute) {
			if _, err := u.ask(ctx, true, summary); err != nil {
				return upgrade.Plan{}, err
			}
		}
		u.said = false
		in := u.planning(ctx, true)
		out, err := do(steady(ctx, u.policy, "Look into the tenant"), a.CheckTenant, activities.CheckTenantInput{
			Upgrade: in.Upgrade, Order: in.Order, Policy: in.Policy, Facts: in.Facts, Grant: *g,
		})
		if err != nil || !out.Again {
			u.held = out.Holdings
			return out.Plan, err
		}
	}
}

// ask asks Partner Center all that a plan is made of.
func (u *upgradeRun) ask(ctx workflow.Context, tenant bool, summary string) (upgrade.Plan, error) {
	u.plans++
	u.looked, u.said = workflow.Now(ctx), false
	in := u.planning(ctx, tenant)
	in.Keep = !u.order.Invites() // the check follows soon
	plan, err := askPartnerCenter(quick(ctx, u.policy, summary), in)
	u.said = err == nil && (tenant || in.Keep)
	return plan, err
}

// planning is what a plan is made for, under the name by which what Partner Center says to it is found again.
func (u *upgradeRun) planning(ctx workflow.Context, tenant bool) activities.PlanUpgradeInput {
	return activities.PlanUpgradeInput{
		Upgrade: u.status.Upgrade, Order: u.order, Policy: u.policy, Tenant: tenant,
		Facts: fmt.Sprintf("%s/%d", workflow.GetInfo(ctx).WorkflowExecution.RunID, u.plans),
	}
}

// askPartnerCenter runs PlanUpgrade until it has asked everything: each execution makes a few requests only.
func askPartnerCenter(ctx workflow.Context, in activities.PlanUpgradeInput) (upgrade.Plan, error) {
	for {
		out, err := do(ctx, a.PlanUpgrade, in)
		if err != nil || !out.More {
			return out.Plan, err
		}
	}
}

// getReady checks, asks for the operator's word where it is needed, and waits for the turn. It answers false when the
// grant has died meanwhile.
func (u *upgradeRun) getReady(ctx workflow.Context) (bool, error) {
	for {
		alive, err := u.check(ctx)
		if err != nil || !alive {
			return false, err
		}
		if u.needsWord() {
			if err := u.askOperator(ctx); err != nil {
				return false, err
			}
			continue // what was confirmed is checked once more
		}
		if u.needsApproval() {
			if err := u.askSecondPerson(ctx); err != nil {
				return false, err
			}
			continue // what was approved is checked once more
		}
		if u.observe {
			return false, u.observed()
		}
		if err := u.queue(ctx); err != nil {
			return false, err
		}
		if workflow.Now(ctx).Sub(u.checked.At) <= u.policy.CheckFresh.D() && !u.changedSince() {
			return true, nil
		}
	}
}

// check asks Microsoft again, now that the tenant can be seen, and looks up what was unknown.
func (u *upgradeRun) check(ctx workflow.Context) (alive bool, err error) {
	u.enter(ctx, upgrade.Checking)
	err = u.replan(ctx, u.grant, "Check eligibility with Microsoft's own word")
	if isGrantLost(err) {
		u.leaveTurn(ctx)
		u.grant, u.died = nil, died(failureOf(err).Code)
		u.dropGrant(ctx)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !u.plan.Eligible() {
		return false, ending{end: upgrade.Ineligible, reasons: u.plan.Reasons}
	}
	u.checked = &upgrade.StageTime{Stage: upgrade.Checking, At: workflow.Now(ctx)}
	return true, nil
}

// died says to the administrator who is asked again why.
func died(code string) *upgrade.Problem {
	if upgrade.BlockedByPolicy(code) {
		return &upgrade.Problem{Code: "grant_blocked", Message: fmt.Sprintf("A security rule of your organisation has ended the access that was given (%s).", code),
			Remedy: "Sign in with Microsoft in the browser instead, where the page offers it; or let your security administrator allow the sign-in, and give the consent again."}
	}
	return &upgrade.Problem{Code: "grant_lost", Message: fmt.Sprintf("The access that was given has ended before anything was changed (%s).", orCode(code)), Remedy: "Give the consent again."}
}

// needsWord tells whether an operator has to confirm the present plan: the order asks for it, or it is no longer the one
// that stands agreed.
func (u *upgradeRun) needsWord() bool {
	if u.confirm != nil && u.confirm.Digest == u.plan.Digest {
		return false
	}
	return u.order.Finish == upgrade.FinishConfirm || u.plan.Material() != u.agreed
}

// askOperator waits for the update confirm. Other seats make another order of it, which is planned and checked again.
func (u *upgradeRun) askOperator(ctx workflow.Context) error {
	u.leaveTurn(ctx) // people may take days
	u.enter(ctx, upgrade.Confirming)
	u.confirm = nil
	u.needOperator(ctx, true)
	for reminder := 0; u.confirm == nil; reminder++ {
		u.aside(ctx, activities.SendLetterInput{Operator: true, Letter: upgrade.Letter{
			Kind: upgrade.LetterConfirm, Number: reminder, Digest: u.plan.Digest,
		}})
		if _, err := u.await(ctx, u.policy.ConfirmReminder.D(), "remind the operator to confirm", func() bool { return u.confirm != nil }); err != nil {
			return u.noOperator(ctx, err)
		}
	}
	if seats := u.confirm.Seats; seats != 0 {
		u.setSeats(seats)
	}
	u.agreed = u.plan.Material()
	u.needOperator(ctx, false)
	return nil
}

// setSeats changes the total that the order ends with: the plan's, or the first total that is not zero.
func (u *upgradeRun) setSeats(seats int) {
	if u.order.Target.Plan != "" {
		u.order.Target.Seats = seats
		return
	}
	for i, t := range u.order.Target.Totals {
		if t.Seats > 0 {
			u.order.Target.Totals[i].Seats = seats
			return
		}
	}
}

// queue waits for the time that the order names, and then for the turn.
func (u *upgradeRun) queue(ctx workflow.Context) error {
	u.enter(ctx, upgrade.Queued)
	if err := u.inTime(ctx); err != nil {
		return err
	}
	now := workflow.Now(ctx)
	if before := u.order.NotBefore; before != nil && now.Before(*before) {
		if _, err := u.await(ctx, before.Sub(now), "wait until "+before.Format(time.RFC3339), func() bool { return false }); err != nil {
			return err
		}
	}
	return u.takeTurn(ctx, u.writes())
}

// writes tells whether the change writes to a subscription. Who only moves licences needs no slot.
func (u *upgradeRun) writes() bool {
	return slices.ContainsFunc(u.plan.Steps, func(s upgrade.Step) bool { return !s.After })
}
