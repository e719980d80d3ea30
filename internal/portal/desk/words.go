package desk

import (
	"context"
	"strconv"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// mine reads an upgrade that somebody is about to say something to.
func (d *Desk) mine(ctx context.Context, who access.Who, id string) (upgrade.Status, error) {
	s, err := d.Status(ctx, who, id)
	if err != nil {
		return s, err
	}
	return s, d.changes(ctx, who, s.Tenant)
}

// Confirm confirms the plan that was read.
func (d *Desk) Confirm(ctx context.Context, who access.Who, id string, in upgrade.Confirm) (upgrade.Reply, error) {
	s, err := d.mine(ctx, who, id)
	if err != nil {
		return upgrade.Reply{}, err
	}
	in.By = who.By()
	return d.Upgrades.Confirm(ctx, s.WorkflowID, in)
}

// Approve is the word of a second person: of the provider's operators only, since the provider's money is spent.
func (d *Desk) Approve(ctx context.Context, who access.Who, id string, in upgrade.Approve) (upgrade.Reply, error) {
	s, err := d.mine(ctx, who, id)
	if err == nil {
		err = only(who, access.Operator)
	}
	if err != nil {
		return upgrade.Reply{}, err
	}
	in.By = who.By()
	return d.Upgrades.Approve(ctx, s.WorkflowID, in)
}

// Cancel cancels an upgrade, or says why that can no longer be.
func (d *Desk) Cancel(ctx context.Context, who access.Who, id, reason string) (upgrade.Reply, error) {
	s, err := d.mine(ctx, who, id)
	if err != nil {
		return upgrade.Reply{}, err
	}
	return d.Upgrades.Cancel(ctx, s.WorkflowID, upgrade.Request{By: who.By(), Reason: reason})
}

// Revoke voids the invitation, which ends the upgrade.
func (d *Desk) Revoke(ctx context.Context, who access.Who, id, reason string) (upgrade.Reply, error) {
	s, err := d.mine(ctx, who, id)
	if err != nil {
		return upgrade.Reply{}, err
	}
	return d.Upgrades.Revoke(ctx, s.WorkflowID, upgrade.Request{By: who.By(), Reason: reason})
}

// Resend makes a new invitation; the links of all earlier ones are void. It spends nothing, so the helpdesk may.
func (d *Desk) Resend(ctx context.Context, who access.Who, id, reason string) (upgrade.Reply, error) {
	s, err := d.invited(ctx, who, id)
	if err != nil {
		return upgrade.Reply{}, err
	}
	return d.Upgrades.Resend(ctx, s.WorkflowID, upgrade.Request{By: who.By(), Reason: reason})
}

// Link is the link of the present invitation: a capability, not to be logged. Kind Refused where nobody is invited now.
func (d *Desk) Link(ctx context.Context, who access.Who, id string) (upgrade.Secret, error) {
	s, err := d.invited(ctx, who, id)
	if err != nil {
		return "", err
	}
	if s.Stage != upgrade.Invited || s.Invitation == nil {
		return "", &upgrade.Error{Kind: upgrade.Refused, Code: "not_invited", Message: "nobody is invited now, so there is no link"}
	}
	if err := d.did(ctx, who, "link_read", s.Upgrade, strconv.Itoa(s.Invitation.Number)); err != nil {
		return "", err // a capability is not handed out unseen
	}
	return d.Links.Link(s.WorkflowID, s.Upgrade, s.Invitation.Number)
}

// invited reads an upgrade whose invitation somebody handles.
func (d *Desk) invited(ctx context.Context, who access.Who, id string) (upgrade.Status, error) {
	s, err := d.Status(ctx, who, id)
	if err == nil && !who.Has(access.Helpdesk) {
		err = d.changes(ctx, who, s.Tenant)
	}
	return s, err
}

// Resolve answers a parked upgrade.
func (d *Desk) Resolve(ctx context.Context, who access.Who, id string, in upgrade.Resolve) (upgrade.Reply, error) {
	s, err := d.mine(ctx, who, id)
	if err != nil {
		return upgrade.Reply{}, err
	}
	in.By = who.By()
	return d.Upgrades.Resolve(ctx, s.WorkflowID, in)
}

// ReplayCallbacks sends an upgrade's callbacks again: one, or with sequence 0 all that were not delivered.
func (d *Desk) ReplayCallbacks(ctx context.Context, who access.Who, id string, sequence int) error {
	s, err := d.Status(ctx, who, id)
	if err == nil {
		err = only(who, access.Operator, access.Engineer, access.Billing)
	}
	if err != nil {
		return err
	}
	if err := d.Upgrades.ReplayCallbacks(ctx, s.Upgrade, sequence); err != nil {
		return err
	}
	return d.did(ctx, who, "callbacks_replayed", s.Upgrade, strconv.Itoa(sequence))
}

// FailedCallbacks lists what billing was not told.
func (d *Desk) FailedCallbacks(ctx context.Context, who access.Who, limit int) ([]upgrade.Delivery, error) {
	if err := only(who, access.Operator, access.Engineer, access.Helpdesk, access.Billing); err != nil {
		return nil, err
	}
	return d.Register.FailedDeliveries(ctx, limit)
}
