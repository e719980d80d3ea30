package activitiestest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"uplift/upgrade"
)

// Plan reads the recorded plan.
func (r Register) Plan(_ context.Context, id string) (out upgrade.Plan, err error) {
	err = r.row("Register.Plan", id, func(row *upgradeRow) error {
		if row.plan == nil {
			return notFound("plan")
		}
		out = *row.plan
		return nil
	})
	return out, err
}

// SavePrices replaces the price list, unless it is older than the stored one.
func (r Register) SavePrices(_ context.Context, list []upgrade.Price, at time.Time) (err error) {
	end, err := r.w.begin("Register.SavePrices")
	if err != nil {
		return err
	}
	defer end(&err)
	if !at.Before(r.w.pricesAt) {
		r.w.prices, r.w.pricesAt = slices.Clone(list), at
	}
	return nil
}

// Prices answers those of a market and of everywhere, or all.
func (r Register) Prices(_ context.Context, market string) (out []upgrade.Price, err error) {
	end, err := r.w.begin("Register.Prices")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	for _, p := range r.w.prices {
		if market == "" || p.Market == "" || p.Market == market {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b upgrade.Price) int {
		return cmp.Or(cmp.Compare(a.Offer, b.Offer), cmp.Compare(a.Market, b.Market), cmp.Compare(a.Term, b.Term), cmp.Compare(a.BillingCycle, b.BillingCycle))
	})
	return out, nil
}
