package registertest

import (
	"fmt"
	"time"

	"uplift/upgrade"
)

func plans(k *kit) {
	id := k.claimed()
	_, err := k.Plan(k.ctx, id)
	k.kind(err, upgrade.NotFound)
	_, err = k.Plan(k.ctx, "nobody#1")
	k.kind(err, upgrade.NotFound)
	for _, headline := range []string{"Basic ×20 → Premium ×25", "Basic ×20 → Premium ×26"} {
		p := upgrade.Plan{Order: "4711", MadeAt: at, Headline: headline, Reasons: upgrade.Problems{{Code: "x", Message: "ü"}}, Cost: &upgrade.Cost{Currency: "EUR", Now: 1}}
		k.ok(k.SavePlan(k.ctx, id, p))
		got, err := k.Plan(k.ctx, id)
		k.ok(err)
		k.same(got, p)
	}
}

func priceList(k *kit) {
	none, err := k.Prices(k.ctx, "")
	k.ok(err)
	k.same(len(none), 0)

	price := func(offer, market, cycle, currency string, minor int64) upgrade.Price {
		return upgrade.Price{Offer: offer, Market: market, Term: "P1Y", BillingCycle: cycle, Currency: currency, Minor: minor}
	}
	general, yearly := price("basic", "", "monthly", "EUR", 600), price("basic", "", "annual", "EUR", 7000)
	british, swiss := price("basic", "GB", "monthly", "GBP", 510), price("premium", "CH", "monthly", "CHF", 2200)
	list := []upgrade.Price{swiss, british, general, yearly}
	k.ok(k.SavePrices(k.ctx, list, at))
	k.ok(k.SavePrices(k.ctx, list, at)) // a repeat
	for market, want := range map[string][]upgrade.Price{
		"":   {yearly, general, british, swiss},
		"GB": {yearly, general, british},
		"AT": {yearly, general},
	} {
		got, err := k.Prices(k.ctx, market)
		k.ok(err)
		k.same(got, want)
	}

	k.ok(k.SavePrices(k.ctx, []upgrade.Price{swiss}, at.Add(-time.Second))) // older: ignored
	got, err := k.Prices(k.ctx, "")
	k.ok(err)
	k.same(len(got), 4)

	var many []upgrade.Price
	for i := range upgrade.MaxPrices {
		many = append(many, price(fmt.Sprintf("offer-%04d", i), "", "monthly", "EUR", int64(i)))
	}
	k.ok(k.SavePrices(k.ctx, many, at.Add(time.Second)))
	got, err = k.Prices(k.ctx, "")
	k.ok(err)
	k.same(got, many)
	k.ok(k.SavePrices(k.ctx, nil, at.Add(time.Hour)))
	got, err = k.Prices(k.ctx, "")
	k.ok(err)
	k.same(len(got), 0)
}
