package activities

import (
	"context"

	"uplift/upgrade"
)

// AwaitProvisioningInput says what is to be seen.
type AwaitProvisioningInput struct {
	Upgrade   string        `json:"upgrade"`
	Tenant    string        `json:"tenant"`
	Grant     upgrade.Grant `json:"grant"`
	Step      upgrade.Step  `json:"step"`
	Operation string        `json:"operation,omitempty"` // of a transition
}

// AwaitProvisioningOutput is what was seen.
type AwaitProvisioningOutput struct {
	Seats int `json:"seats"`
	// LicensesFailed: Microsoft did not move every licence by itself; we repair.
	LicensesFailed bool `json:"licensesFailed,omitempty"`
}

// noUserToken is Partner Center's answer to a token without a user, where it wants one.
// https://learn.microsoft.com/partner-center/developer/error-codes
const noUserToken = "900329"

// AwaitProvisioning answers when Partner Center and the tenant's directory both show a step, and until then says that it
// waits, which Temporal repeats without a line in the history. It only reads.
func (a *Activities) AwaitProvisioning(ctx context.Context, in AwaitProvisioningInput) (AwaitProvisioningOutput, error) {
	out := AwaitProvisioningOutput{Seats: in.Step.To}
	if in.Step.Work == upgrade.Transit {
		failed, err := a.transitionDone(ctx, in)
		if err != nil {
			return out, err
		}
		out.LicensesFailed = failed
	}
	_, product, sku := in.Step.HoldsAfter()
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Step.Subscription)
	if err != nil {
		return out, err
	}
	if s.Seats != in.Step.To || s.ProductSKU != product {
		return out, waiting("not_at_partner_center", "Partner Center shows %d seats of %s, not yet %d of %s", s.Seats, s.ProductSKU, in.Step.To, product)
	}
	done, seats, _, err := a.Commerce.Provisioned(ctx, in.Tenant, in.Step.Subscription)
	switch {
	case upgrade.CodeOf(err) == noUserToken: // the subscription and the directory decide
	case err != nil:
		return out, err
	case !done || seats != in.Step.To:
		return out, waiting("being_provisioned", "Microsoft is still provisioning the subscription")
	}
	return out, a.directoryShows(ctx, in.Grant, in.Step.Subscription, sku, in.Step.To)
}

// transitionDone follows the transition's own events.
func (a *Activities) transitionDone(ctx context.Context, in AwaitProvisioningInput) (licensesFailed bool, err error) {
	if in.Operation == "" {
		return false, nil // it was found done; subscription and directory decide
	}
	all, err := a.Commerce.Transitions(ctx, in.Tenant, in.Step.Subscription)
	if err != nil {
		return false, err
	}
	for _, t := range all {
		switch {
		case t.Operation != in.Operation:
			continue
		case t.State == upgrade.StepFailed:
			return false, refused("transition_failed", "Microsoft could not carry out the transition: %s", t.Reasons.Error())
		case t.State != upgrade.StepCompleted:
			return false, waiting("transition_running", "Microsoft is carrying out the transition")
		case t.Licenses == upgrade.StepRunning:
			return false, waiting("licences_moving", "Microsoft is moving the licences")
		}
		return t.Licenses == upgrade.StepFailed, nil
	}
	return false, waiting("transition_not_listed", "Partner Center does not list the transition yet")
}

// directoryShows asks the tenant's own directory, which users are licensed from.
func (a *Activities) directoryShows(ctx context.Context, g upgrade.Grant, subscription, sku string, seats int) error {
	all, err := a.Directory.Subscriptions(ctx, g)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.CommerceID == subscription && (sku == "" || s.SKUID == sku) && s.Seats == seats {
			return nil
		}
	}
	return waiting("not_in_directory", "the tenant's directory does not show %d seats yet", seats)
}
