package activities

import (
	"context"
	"time"

	"uplift/catalog"
	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// ReleaseSeatsInput gives back what users have moved away from.
type ReleaseSeatsInput struct {
	Requests
	Tenant string       `json:"tenant"`
	Step   upgrade.Step `json:"step"`
	// Held is who holds the step's licence and what the tenant has of it, nil: nobody and nothing; counted at CountedAt.
	Held      *upgrade.TenantSKU `json:"held,omitempty"`
	CountedAt time.Time          `json:"countedAt"`
	Go        ReleasePart        `json:"go,omitempty"` // where to go on
}

// ReleasePart is what is left of a release: Microsoft has refused, or done, what comes before it.
type ReleasePart string

const (
	// ReleaseLower gives back what can be given back today.
	ReleaseLower ReleasePart = "lower"
	// ReleaseLapse lets the rest end at the renewal.
	ReleaseLapse ReleasePart = "lapse"
)

// ReleaseSeatsOutput says what could be given back.
type ReleaseSeatsOutput struct {
	Seats   int               `json:"seats"`             // that the subscription has now; 0: it has ended
	Users   int               `json:"users,omitempty"`   // who still hold a licence, and for whom seats were kept
	Residue *upgrade.Residual `json:"residue,omitempty"` // seats that could not be given back today, and end at the renewal
	// Go is set where this execution has made its share of requests: the next one goes on there.
	Go ReleasePart `json:"go,omitempty"`
	// Recount: the users were counted too long ago, and nothing was done.
	Recount bool `json:"recount,omitempty"`
}

// ReleaseSeats gives seats back: a subscription that ends is cancelled inside its window, else lowered as far as Microsoft takes
// seats back today, else it is not renewed. It never goes below the users who still hold a licence. A repeat reads first and
// does what is left.
func (a *Activities) ReleaseSeats(ctx context.Context, in ReleaseSeatsInput) (ReleaseSeatsOutput, error) {
	out, err := a.release(ctx, in)
	return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
}

func (a *Activities) release(ctx context.Context, in ReleaseSeatsInput) (out ReleaseSeatsOutput, err error) {
	if !a.fresh(in.CountedAt) {
		return ReleaseSeatsOutput{Recount: true}, nil
	}
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Step.Subscription)
	if err != nil || s.Status == "deleted" {
		return out, err
	}
	out.Users = usersOn(in.Held, s.Seats)
	to := max(in.Step.To, out.Users)
	if to == 0 && in.Go == "" {
		err := a.write(ctx, errorbook.Cancel, in.Requests, in.Step.ID+"/cancel", func(id upgrade.WriteID) error {
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
	if out.Seats = s.Seats; lower < s.Seats && in.Go != ReleaseLapse {
		if upgrade.CallsLeft(ctx) < changeCalls {
			return ReleaseSeatsOutput{Go: ReleaseLower}, nil
		}
		err := a.write(ctx, errorbook.Seats, in.Requests, in.Step.ID+"/lower", func(id upgrade.WriteID) error {
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
	if upgrade.CallsLeft(ctx) < 1+changeCalls {
		return ReleaseSeatsOutput{Go: ReleaseLapse}, nil
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
	if err := a.setRenewal(ctx, in.Requests, in.Tenant, in.Step.ID+"/renewal", s, state); err != nil {
		return out, err
	}
	out.Residue = &upgrade.Residual{Subscription: s.ID, Offer: in.Step.Offer, Name: s.Name, Seats: out.Seats - step.To, Until: s.TermEnds}
	return out, nil
}

// usersOn is how many users sit on the seats of one subscription: those who hold the licence, less what other subscriptions of
// it have room for.
func usersOn(held *upgrade.TenantSKU, seats int) int {
	if held == nil {
		return 0
	}
	return min(seats, max(0, held.Consumed-max(0, held.Enabled-seats)))
}

// freshness is how long what was asked elsewhere may be gone by: what Microsoft has said to an earlier execution, or to another
// activity.
const freshness = 10 * time.Minute

// fresh tells whether something that was asked at a moment may still be gone by.
func (a *Activities) fresh(at time.Time) bool {
	limit := freshness
	if p := a.Settings.Policy.Pace; p > 1 {
		limit = time.Duration(float64(limit) * p)
	}
	return a.now().Sub(at) < limit
}

// CountUsersInput says of what the users are counted.
type CountUsersInput struct {
	Grant  upgrade.Grant `json:"grant"`
	Offers []string      `json:"offers,omitempty"` // of the catalogue
	SKU    string        `json:"sku,omitempty"`
}

// CountUsersOutput counts them.
type CountUsersOutput struct {
	Users map[string]int     `json:"users,omitempty"` // who hold each offer that the catalogue knows
	Held  *upgrade.TenantSKU `json:"held,omitempty"`  // of the SKU; nil: the tenant has none of it
	At    time.Time          `json:"at"`              // by Microsoft's clock
}

// CountUsers asks the tenant's directory how many users hold what. It only reads.
func (a *Activities) CountUsers(ctx context.Context, in CountUsersInput) (CountUsersOutput, error) {
	out := CountUsersOutput{At: a.now()}
	skus, err := a.Directory.SKUs(ctx, in.Grant)
	if err != nil {
		return out, err
	}
	for i, s := range skus {
		if s.SKUID == in.SKU {
			out.Held = &skus[i]
		}
	}
	out.Users = a.usersOf(skus, in.Offers)
	return out, nil
}

// count is how many users hold each of the offers.
func (a *Activities) count(ctx context.Context, g upgrade.Grant, offers []string) (map[string]int, error) {
	if len(offers) == 0 {
		return nil, nil
	}
	skus, err := a.Directory.SKUs(ctx, g)
	return a.usersOf(skus, offers), err
}

func (a *Activities) usersOf(skus []upgrade.TenantSKU, offers []string) map[string]int {
	users := map[string]int{}
	for _, id := range offers {
		offer, ok := a.Catalog.Offer(catalog.OfferID(id))
		if !ok {
			continue
		}
		users[id] = 0
		for _, s := range skus {
			if s.SKUID == offer.SKUID {
				users[id] = s.Consumed
			}
		}
	}
	return users
}
