package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// ScheduleRenewalInput is a change that is to happen at a subscription's renewal, or its taking back.
type ScheduleRenewalInput struct {
	Requests
	Tenant string       `json:"tenant"`
	Step   upgrade.Step `json:"step"`
	Back   bool         `json:"back,omitempty"` // take it back: what was there before is restored
}

// ScheduleRenewalOutput says when the change takes effect; nothing, where it has already.
type ScheduleRenewalOutput struct {
	Until time.Time  `json:"until"`        // by Microsoft's clock
	At    *time.Time `json:"at,omitempty"` // by ours
}

// ScheduleRenewal sets what happens at a renewal: another offer, fewer seats, or none. A repeat reads first and writes only what
// differs; a state that is neither the old nor the new one was set by somebody else, and stops us.
func (a *Activities) ScheduleRenewal(ctx context.Context, in ScheduleRenewalInput) (ScheduleRenewalOutput, error) {
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Step.Subscription)
	if err != nil {
		return ScheduleRenewalOutput{}, a.effect(ctx, in.Upgrade, in.Step.ID, err)
	}
	out := ScheduleRenewalOutput{Until: s.TermEnds, At: a.ourDate(s.TermEnds)}
	to, name := upgrade.RenewalState{}, in.Step.ID
	switch {
	case !in.Back && happened(in.Step, s):
		return ScheduleRenewalOutput{}, nil
	case in.Back:
		name = "undo-" + name
		if in.Step.Was != nil {
			to = *in.Step.Was
		}
	case in.Step.To > 0:
		change, err := a.nextTerm(ctx, in, s)
		if err != nil {
			return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
		}
		to = upgrade.RenewalState{AutoRenew: true, Scheduled: change}
	}
	return out, a.effect(ctx, in.Upgrade, name, a.setRenewal(ctx, in.Requests, in.Tenant, name, s, to))
}

// happened tells whether the renewal has come already and made of the subscription what was scheduled, as an attempt finds that
// goes on with one that broke off before: there is nothing left to schedule, and no day to wait for.
func happened(step upgrade.Step, s upgrade.Subscription) bool {
	return step.To > 0 && step.ToOffer != "" && s.ProductSKU == step.ToProductSKU && s.Seats == step.To
}

// setRenewal brings the renewal from what it is to what it is to be.
func (a *Activities) setRenewal(ctx context.Context, of Requests, tenant, name string, s upgrade.Subscription, to upgrade.RenewalState) error {
	from := upgrade.RenewalState{AutoRenew: s.AutoRenew, Scheduled: s.Scheduled}
	if sameRenewal(from, to) {
		return nil
	}
	return a.write(ctx, errorbook.Renewal, of, name, func(id upgrade.WriteID) error {
		return a.Commerce.SetRenewal(ctx, id, tenant, s.ID, from, to)
	})
}

// sameRenewal compares by what would happen; availability ids rotate.
func sameRenewal(a, b upgrade.RenewalState) bool {
	if a.AutoRenew != b.AutoRenew || (a.Scheduled == nil) != (b.Scheduled == nil) {
		return false
	}
	if a.Scheduled == nil {
		return true
	}
	x, y := *a.Scheduled, *b.Scheduled
	x.AvailabilityID, y.AvailabilityID = "", ""
	return x == y
}

// nextTerm is the step's change with an availability that is good today.
func (a *Activities) nextTerm(ctx context.Context, in ScheduleRenewalInput, s upgrade.Subscription) (*upgrade.ScheduledChange, error) {
	item := s.CatalogItem
	if in.Step.ToOffer != "" {
		targets, err := a.Commerce.RenewalTargets(ctx, in.Tenant, s.ID)
		if err != nil {
			return nil, err
		}
		item = ""
		for _, t := range targets {
			if t.ProductSKU == in.Step.ToProductSKU {
				item = t.CatalogItem
			}
		}
		if item == "" {
			return nil, refused("microsoft_not_listed", "Microsoft no longer lists %s among what the subscription may become at its renewal", in.Step.ToOffer)
		}
	}
	parts := strings.Split(item, ":")
	if len(parts) != 3 {
		return nil, refused("no_catalogue_item", "the subscription's catalogue item %q cannot be scheduled", item)
	}
	return &upgrade.ScheduledChange{ProductID: parts[0], SKUID: parts[1], AvailabilityID: parts[2], Seats: in.Step.To, Term: s.Term, BillingCycle: s.BillingCycle}, nil
}

// AwaitRenewalInput names a subscription whose renewal is awaited.
type AwaitRenewalInput struct {
	Tenant string        `json:"tenant"`
	Grant  upgrade.Grant `json:"grant,omitzero"`
	Step   upgrade.Step  `json:"step"`
}

// AwaitRenewalOutput is empty.
type AwaitRenewalOutput struct{}

// AwaitRenewal answers when a subscription has become at its renewal what was scheduled, and until then says that it waits. A
// renewal may take a day after its date. It only reads.
func (a *Activities) AwaitRenewal(ctx context.Context, in AwaitRenewalInput) (AwaitRenewalOutput, error) {
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Step.Subscription)
	switch {
	case err != nil:
		return AwaitRenewalOutput{}, err
	case s.ProductSKU == in.Step.ToProductSKU && s.Seats == in.Step.To:
		return AwaitRenewalOutput{}, nil
	case s.TermEnds.After(a.now()) && in.Step.Date != nil && s.TermEnds.After(in.Step.Date.Add(24*time.Hour)):
		return AwaitRenewalOutput{}, refused("renewed_otherwise", "the subscription was renewed as %s with %s, and not as %s with %d", s.ProductSKU, upgrade.Seats(s.Seats), in.Step.ToProductSKU, in.Step.To)
	}
	return AwaitRenewalOutput{}, waiting("not_renewed_yet", "%s", fmt.Sprintf("the subscription is not renewed yet; its term ends at %s", s.TermEnds.Format(time.RFC3339)))
}
