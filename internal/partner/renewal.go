package partner

import (
	"context"

	"uplift/upgrade"
)

const fieldStatus = "status"

// SetRenewal brings what happens at the renewal from one state to another: the renewal itself, and the scheduled change. Where
// the state is `to` already nothing is sent; where it is neither, somebody else changed it: Kind Conflict.
// https://learn.microsoft.com/en-us/partner-center/developer/create-scheduled-changes
func (c *Client) SetRenewal(ctx context.Context, id upgrade.WriteID, tenant, subscription string, from, to upgrade.RenewalState) error {
	if s := to.Scheduled; s != nil && (s.ProductID == "" || s.SKUID == "" || s.AvailabilityID == "" || s.Seats < 1) {
		return invalid("bad_scheduled_change", "the scheduled change names no offer or no seats")
	}
	return c.change(ctx, id, tenant, subscription, func(now upgrade.Subscription, all raw) (bool, error) {
		have := upgrade.RenewalState{AutoRenew: now.AutoRenew, Scheduled: now.Scheduled}
		switch {
		case sameRenewal(have, to):
			return false, nil
		case !sameRenewal(have, from):
			return false, &upgrade.Error{Kind: upgrade.Conflict, Code: "renewal_changed", Message: "somebody else has changed what happens at the subscription's renewal"}
		}
		delete(all, fieldActions) // if both are sent, Microsoft honours only this one
		if err := all.set(fieldAutoRenew, to.AutoRenew); err != nil {
			return false, err
		}
		if to.Scheduled == nil {
			return true, all.set(fieldScheduled, nil)
		}
		return true, all.set(fieldScheduled, instructions(*to.Scheduled))
	})
}

// sameRenewal compares what would happen. Availability ids rotate, and are not compared.
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

// Cancel ends a subscription inside its cancellation window; one that has ended is left alone. Kind Refused, code 900117 or
// 900213, when the window has closed.
// https://learn.microsoft.com/en-us/partner-center/developer/cancel-a-subscription
func (c *Client) Cancel(ctx context.Context, id upgrade.WriteID, tenant, subscription string) error {
	return c.change(ctx, id, tenant, subscription, func(now upgrade.Subscription, all raw) (bool, error) {
		if now.Status == "deleted" {
			return false, nil
		}
		return true, all.set(fieldStatus, "deleted")
	})
}

// RenewalTargets lists the offers that the subscription may become at its renewal, smaller ones too.
func (c *Client) RenewalTargets(ctx context.Context, tenant, subscription string) ([]upgrade.TransitionTarget, error) {
	return c.eligibilities(ctx, tenant, subscription, "scheduled")
}
