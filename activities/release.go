package activities

import (
	"context"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// ReleaseSeatsInput gives back what users have moved away from.
type ReleaseSeatsInput struct {
	Upgrade string        `json:"upgrade"` // under which the step's requests are noted
	Tenant  string        `json:"tenant"`
	Grant   upgrade.Grant `json:"grant"`
	Step    upgrade.Step  `json:"step"`
}

// ReleaseSeatsOutput says what could be given back.
type ReleaseSeatsOutput struct {
	Seats   int               `json:"seats"`             // that the subscription has now; 0: it has ended
	Users   int               `json:"users,omitempty"`   // who still hold a licence, and for whom seats were kept
	Residue *upgrade.Residual `json:"residue,omitempty"` // seats that could not be given back today, and end at the renewal
}

// ReleaseSeats gives seats back: a subscription that ends is cancelled inside its window, else lowered as far as Microsoft takes
// seats back today, else it is not renewed. It never goes below the users who still hold a licence. A repeat reads first and
// does what is left.
func (a *Activities) ReleaseSeats(ctx context.Context, in ReleaseSeatsInput) (ReleaseSeatsOutput, error) {
	out, err := a.release(ctx, in)
	return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
}

func (a *Activities) release(ctx context.Context, in ReleaseSeatsInput) (out ReleaseSeatsOutput, err error) {
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Step.Subscription)
	if err != nil || s.Status == "deleted" {
		return out, err
	}
	if out.Users, err = a.usersOn(ctx, in.Grant, in.Step.SKU, s.Seats); err != nil {
		return out, err
	}
	to := max(in.Step.To, out.Users)
	if to == 0 {
		err := a.write(ctx, errorbook.Cancel, in.Upgrade, in.Step.ID+"/cancel", func(id upgrade.WriteID) error {
			return a.Commerce.Cancel(ctx, id, in.Tenant, s.ID)
		})
		if upgrade.KindOf(err) != upgrade.Refused {
			return out, err
		}
	}
	open, _ := s.ReturnableAt(a.now())
	lower := max(to, s.Seats-open, 1)
	if !s.NewCommerce {
		lower = max(to, 1)
	}
	if out.Seats = s.Seats; lower < s.Seats {
		err := a.write(ctx, errorbook.Seats, in.Upgrade, in.Step.ID+"/lower", func(id upgrade.WriteID) error {
			return a.Commerce.SetSeats(ctx, id, in.Tenant, s.ID, s.Seats, lower)
		})
		switch {
		case err == nil:
			out.Seats, s.Seats, s.Scheduled = lower, lower, nil
		case upgrade.KindOf(err) != upgrade.Refused:
			return out, err
		}
	}
	if out.Seats <= to {
		return out, nil
	}
	return a.endAtRenewal(ctx, in, s, out)
}

// endAtRenewal lets what could not be given back today go at the renewal.
func (a *Activities) endAtRenewal(ctx context.Context, in ReleaseSeatsInput, s upgrade.Subscription, out ReleaseSeatsOutput) (ReleaseSeatsOutput, error) {
	step := in.Step
	step.To = max(in.Step.To, out.Users)
	state := upgrade.RenewalState{}
	if step.To > 0 {
		change, err := a.nextTerm(ctx, ScheduleRenewalInput{Tenant: in.Tenant, Step: step}, s)
		if err != nil {
			return out, err
		}
		state = upgrade.RenewalState{AutoRenew: true, Scheduled: change}
	}
	if err := a.setRenewal(ctx, in.Upgrade, in.Tenant, in.Step.ID+"/renewal", s, state); err != nil {
		return out, err
	}
	out.Residue = &upgrade.Residual{Subscription: s.ID, Offer: in.Step.Offer, Name: s.Name, Seats: out.Seats - step.To, Until: s.TermEnds}
	return out, nil
}

// usersOn is how many users sit on the seats of one subscription: those who hold the licence, less what other subscriptions of
// it have room for.
func (a *Activities) usersOn(ctx context.Context, g upgrade.Grant, sku string, seats int) (int, error) {
	skus, err := a.Directory.SKUs(ctx, g)
	if err != nil {
		return 0, err
	}
	for _, s := range skus {
		if s.SKUID == sku {
			return min(seats, max(0, s.Consumed-max(0, s.Enabled-seats))), nil
		}
	}
	return 0, nil
}
