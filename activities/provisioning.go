package activities

import (
	"context"

	"uplift/upgrade"
)

// AwaitProvisioningInput says what is to be seen.
type AwaitProvisioningInput struct {
	Upgrade   string       `json:"upgrade"` // under which the step's requests are noted
	Tenant    string       `json:"tenant"`
	Step      upgrade.Step `json:"step"`
	Operation string       `json:"operation,omitempty"` // of a transition
	// Later are the plan's steps that change what this one makes, where an attempt goes on with one that broke off: that may have
	// been further already.
	Later []upgrade.Step `json:"later,omitempty"`
}

// AwaitProvisioningOutput is what was seen.
type AwaitProvisioningOutput struct {
	Seats        int    `json:"seats"`
	Subscription string `json:"subscription,omitempty"` // that holds the seats now
	// LicensesFailed: Microsoft did not move every licence by itself; we repair.
	LicensesFailed bool `json:"licensesFailed,omitempty"`
	// Passed: the directory is not to be asked for what the step has made. It has ended, or a later step shows already.
	Passed bool `json:"passed,omitempty"`
}

// noUserToken is Partner Center's answer to a token without a user, where it wants one.
// https://learn.microsoft.com/partner-center/developer/error-codes
const noUserToken = "900329"

// AwaitProvisioning answers when Partner Center shows a step, and until then says that it waits, which Temporal repeats without a
// line in the history. Whether the tenant's directory shows it, too, AwaitDirectory tells. It only reads.
func (a *Activities) AwaitProvisioning(ctx context.Context, in AwaitProvisioningInput) (AwaitProvisioningOutput, error) {
	out := AwaitProvisioningOutput{Seats: in.Step.To, Subscription: in.Step.Subscription}
	var err error
	switch in.Step.Work {
	case upgrade.Transit:
		if out.Subscription, out.LicensesFailed, err = a.transitionDone(ctx, in); err != nil {
			return out, err
		}
		if err := a.sourceLeft(ctx, in); err != nil {
			return out, err
		}
	case upgrade.Buy:
		if out.Subscription, err = a.purchaseDone(ctx, in); err != nil {
			return out, err
		}
	}
	out.Passed, err = a.shows(ctx, in, out.Subscription)
	return out, err
}

// shows asks Partner Center for the subscription that holds the seats after the step, and tells whether that has passed already.
func (a *Activities) shows(ctx context.Context, in AwaitProvisioningInput, subscription string) (passed bool, err error) {
	_, product, _ := in.Step.HoldsAfter()
	s, err := a.Commerce.Subscription(ctx, in.Tenant, subscription)
	if err != nil {
		return false, err
	}
	if in.Step.To == 0 && s.Status == "deleted" {
		return true, nil // the directory keeps what has ended for a while, with other words
	}
	if further, err := a.further(ctx, in, s); err != nil || further {
		return further, err
	}
	if s.Seats != in.Step.To || s.ProductSKU != product && !in.Step.Legacy {
		return false, waiting("not_at_partner_center", "Partner Center shows %s of %s, not yet %d of %s", upgrade.Seats(s.Seats), s.ProductSKU, in.Step.To, product)
	}
	done, seats, _, err := a.Commerce.Provisioned(ctx, in.Tenant, subscription)
	switch {
	case upgrade.CodeOf(err) == noUserToken: // the subscription and the directory decide
	case err != nil:
		return false, err
	case !done || seats != in.Step.To:
		return false, waiting("being_provisioned", "Microsoft is still provisioning the subscription")
	}
	return false, nil
}

// further tells whether a later step has been requested and shows: then this one did before it.
func (a *Activities) further(ctx context.Context, in AwaitProvisioningInput, s upgrade.Subscription) (bool, error) {
	for _, later := range in.Later {
		if s.Seats != later.To || s.Seats == in.Step.To {
			continue
		}
		number, since, err := a.pending(ctx, in.Upgrade, later.ID)
		if err != nil || number > 0 || !since.IsZero() {
			return err == nil, err
		}
	}
	return false, nil
}

// transitionDone follows the transition's own events, and answers the subscription that holds the seats then.
func (a *Activities) transitionDone(ctx context.Context, in AwaitProvisioningInput) (subscription string, licensesFailed bool, err error) {
	step := in.Step
	if step.Legacy {
		return in.Operation, false, nil // the call answers when it is done, with the new subscription
	}
	if in.Operation == "" {
		return step.Subscription, false, nil // it was found done; subscription and directory decide
	}
	all, err := a.Commerce.Transitions(ctx, in.Tenant, step.Subscription)
	if err != nil {
		return "", false, err
	}
	for _, t := range all {
		switch {
		case t.Operation != in.Operation:
			continue
		case t.State == upgrade.StepFailed:
			return "", false, refused("transition_failed", "Microsoft could not carry out the transition: %s", t.Reasons.Error())
		case t.State != upgrade.StepCompleted:
			return "", false, waiting("transition_running", "Microsoft is carrying out the transition")
		case t.Licenses == upgrade.StepRunning:
			return "", false, waiting("licences_moving", "Microsoft is moving the licences")
		case step.Into != "":
			return step.Into, false, nil
		case step.Partial() && t.ToSubscription == "":
			return "", false, waiting("subscription_not_named", "Partner Center does not name the new subscription yet")
		case step.Partial():
			return t.ToSubscription, false, nil
		}
		return step.Subscription, t.Licenses == upgrade.StepFailed, nil
	}
	return "", false, waiting("transition_not_listed", "Partner Center does not list the transition yet")
}

// sourceLeft waits until the source has given its seats: a later step reads it before it writes.
func (a *Activities) sourceLeft(ctx context.Context, in AwaitProvisioningInput) error {
	if !in.Step.Partial() {
		return nil
	}
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Step.Subscription)
	rest := in.Step.From - in.Step.Moving()
	switch {
	case err != nil:
		return err
	case s.Status == "deleted" && rest == 0, s.Seats == rest && s.Status != "deleted":
		return nil
	}
	return waiting("not_at_partner_center", "Partner Center shows %s of the source, not yet %d", upgrade.Seats(s.Seats), rest)
}

// purchaseDone answers the subscription that a purchase has made.
func (a *Activities) purchaseDone(ctx context.Context, in AwaitProvisioningInput) (string, error) {
	order, err := a.bought(ctx, in.Upgrade, in.Tenant, in.Step)
	switch {
	case err != nil:
		return "", err
	case order == nil:
		return "", waiting("order_not_listed", "Partner Center does not list the order yet")
	case order.Status == "cancelled":
		return "", refused("order_cancelled", "Microsoft has cancelled the order")
	case order.Subscription == "":
		return "", waiting("order_pending", "Microsoft has not made the subscription yet")
	}
	return order.Subscription, nil
}

// AwaitDirectoryInput says what the tenant's directory is to show.
type AwaitDirectoryInput struct {
	Grant        upgrade.Grant `json:"grant"`
	Subscription string        `json:"subscription"`
	SKU          string        `json:"sku,omitempty"` // empty: whatever it is
	Seats        int           `json:"seats"`
}

// AwaitDirectoryOutput is empty.
type AwaitDirectoryOutput struct{}

// AwaitDirectory answers when the tenant's own directory, which users are licensed from, shows the seats of a subscription, and until
// then says that it waits. It only reads.
func (a *Activities) AwaitDirectory(ctx context.Context, in AwaitDirectoryInput) (AwaitDirectoryOutput, error) {
	all, err := a.Directory.Subscriptions(ctx, in.Grant)
	if err != nil {
		return AwaitDirectoryOutput{}, err
	}
	for _, s := range all {
		if s.CommerceID == in.Subscription && (in.SKU == "" || s.SKUID == in.SKU) && s.Seats == in.Seats {
			return AwaitDirectoryOutput{}, nil
		}
	}
	return AwaitDirectoryOutput{}, waiting("not_in_directory", "the tenant's directory does not show %s yet", upgrade.Seats(in.Seats))
}
