package planning_test

import (
	"reflect"
	"testing"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// price is the provider's price of a seat, for a term of a year unless the cycle is of three.
func price(offer, market, cycle, currency string, minor int64) upgrade.Price {
	term := "P1Y"
	if cycle == "triennial" {
		term = "P3Y"
	}
	return upgrade.Price{Offer: offer, Market: market, Term: term, BillingCycle: cycle, Currency: currency, Minor: minor}
}

// prices is a list that knows three offers everywhere, Basic in Germany at another price, and Great Britain in pounds.
func prices() []upgrade.Price {
	return []upgrade.Price{
		price("business-basic", "", "monthly", "EUR", 600), price("business-basic", "", "annual", "EUR", 6845),
		price("business-premium", "", "monthly", "EUR", 2000), price("business-premium", "", "annual", "EUR", 23999),
		price("business-premium", "", "triennial", "EUR", 60000),
		price("teams-phone-standard", "", "monthly", "EUR", 750),
		price("business-basic", "DE", "monthly", "EUR", 560),
		price("business-basic", "GB", "monthly", "GBP", 490),
		price("business-basic", "JP", "monthly", "JPY", 899), price("business-premium", "JP", "monthly", "JPY", 3298),
	}
}

// TestCost: what the touched subscriptions cost a month, now and then, by the price list.
func TestCost(t *testing.T) {
	billed := func(cycle string) func(f *planning.Facts) {
		return func(f *planning.Facts) { f.Subscriptions[0].BillingCycle = cycle }
	}
	resize := func(seats int) func(f *planning.Facts) {
		return func(f *planning.Facts) { order(f, total("business-basic", seats)) }
	}
	for _, c := range []struct {
		name   string
		change []func(f *planning.Facts)
		want   *upgrade.Cost
	}{
		{"a transition and a raise, the market's price before the general one", nil, &upgrade.Cost{Currency: "EUR", Now: 20 * 560, Then: 25 * 2000}},
		{"a raise", []func(f *planning.Facts){resize(25)}, &upgrade.Cost{Currency: "EUR", Now: 20 * 560, Then: 25 * 560}},
		{"fewer seats cost less", []func(f *planning.Facts){resize(15), func(f *planning.Facts) { f.Subscriptions[0] = returnable(f.Subscriptions[0], 5) }},
			&upgrade.Cost{Currency: "EUR", Now: 20 * 560, Then: 15 * 560}},
		{"billed by the year: a twelfth, rounded per total", []func(f *planning.Facts){billed("annual")},
			&upgrade.Cost{Currency: "EUR", Now: 11408, Then: 49998}}, // 20 × 6845 / 12 = 11408.33; 25 × 23999 / 12 = 49997.92
		{"a half is rounded up", []func(f *planning.Facts){billed("annual"), resize(30), func(f *planning.Facts) {
			f.Subscriptions[0].Seats = 18
		}}, &upgrade.Cost{Currency: "EUR", Now: 10268, Then: 17113}}, // 10267.5 and 17112.5
		{"a purchase at its own term", []func(f *planning.Facts){func(f *planning.Facts) {
			f.Subscriptions = nil
			f.Order.Purchase = &upgrade.Purchase{Term: "P3Y", BillingCycle: "triennial"}
		}}, &upgrade.Cost{Currency: "EUR", Then: 41667}}, // 25 × 60000 / 36
		{"what is not touched does not count", []func(f *planning.Facts){func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 3))
		}}, &upgrade.Cost{Currency: "EUR", Now: 20 * 560, Then: 25 * 2000}},
		{"a part moves", []func(f *planning.Facts){func(f *planning.Facts) {
			order(f, total("business-basic", 12), total("business-premium", 8))
		}}, &upgrade.Cost{Currency: "EUR", Now: 20 * 560, Then: 12*560 + 8*2000}},
		{"a bundled offer is bought", []func(f *planning.Facts){func(f *planning.Facts) {
			f.Order.Target = upgrade.Target{Plan: "hosted-essentials", Seats: 20}
		}}, &upgrade.Cost{Currency: "EUR", Then: 20 * 750}},
		{"without decimals", []func(f *planning.Facts){func(f *planning.Facts) { f.Customer.Country = "JP" }},
			&upgrade.Cost{Currency: "JPY", Now: 20 * 899, Then: 25 * 3298}},
		{"another currency is no price, and what it lacks is named", []func(f *planning.Facts){func(f *planning.Facts) { f.Order.Market = "GB" }},
			&upgrade.Cost{Currency: "GBP", Now: 20 * 490, Missing: []string{"Microsoft 365 Business Premium (one year, billed monthly)"}}},
		{"an offer that the list lacks", []func(f *planning.Facts){func(f *planning.Facts) { f.Order.Target.Plan = "business-standard" }},
			&upgrade.Cost{Currency: "EUR", Now: 20 * 560, Missing: []string{"Microsoft 365 Business Standard (one year, billed monthly)"}}},
		{"seats that stay until the renewal are told apart", []func(f *planning.Facts){resize(15), func(f *planning.Facts) {
			f.Order.Residue = upgrade.ResidueAtRenewal
		}}, &upgrade.Cost{Currency: "EUR", Now: 20 * 560, Then: 15 * 560, Residue: 5 * 560}},
		{"a downgrade of nobody: the present seats are the residue", []func(f *planning.Facts){func(f *planning.Facts) {
			f.Subscriptions = []upgrade.Subscription{sub(premiumSub, premiumProduct, 20)}
			f.RenewalTargets = map[string][]upgrade.TransitionTarget{premiumSub: {may(basicProduct)}}
			f.Order.Residue, f.Order.Licenses.Who = upgrade.ResidueAtRenewal, upgrade.Nobody
			order(f, total("business-premium", 0), total("business-basic", 15))
		}}, &upgrade.Cost{Currency: "EUR", Now: 20 * 2000, Then: 15 * 560, Residue: 20 * 2000}},
		{"a downgrade whose users move on the day", []func(f *planning.Facts){func(f *planning.Facts) {
			f.Subscriptions = []upgrade.Subscription{sub(premiumSub, premiumProduct, 20)}
			f.RenewalTargets = map[string][]upgrade.TransitionTarget{premiumSub: {may(basicProduct)}}
			f.Order.Residue = upgrade.ResidueAtRenewal
			order(f, total("business-premium", 0), total("business-basic", 15))
		}}, &upgrade.Cost{Currency: "EUR", Now: 20 * 2000, Then: 15 * 560}},
		{"no price list", []func(f *planning.Facts){func(f *planning.Facts) { f.Prices = nil }}, nil},
		{"a list that knows nothing of it", []func(f *planning.Facts){func(f *planning.Facts) { f.Prices = prices()[5:6] }}, nil},
		{"nothing changes", []func(f *planning.Facts){resize(20)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			f.Prices = prices()
			for _, change := range c.change {
				change(f)
			}
			p := planning.Make(*f)
			if got := planning.Estimate(*f, p); !reflect.DeepEqual(got, c.want) {
				t.Errorf("the cost is %+v, not %+v; reasons %v, lines %+v", got, c.want, p.Reasons, p.Lines)
			}
		})
	}
}

// TestGlossary: who reads the plan later knows its offers by name, and when its subscriptions renew.
func TestGlossary(t *testing.T) {
	f := lab()
	p := planning.Make(*f)
	for id, want := range map[string]string{
		"business-basic": "Microsoft 365 Business Basic", "business-premium": "Microsoft 365 Business Premium",
		basicSKU: "Microsoft 365 Business Basic", premiumSKU: "Microsoft 365 Business Premium", "no-such-offer": "no-such-offer", "": "",
	} {
		if got := p.NameOf(id); got != want {
			t.Errorf("%q is %q, not %q", id, got, want)
		}
	}
	want := []upgrade.TermEnd{{Subscription: basicSub, At: now.AddDate(0, 6, 0), Renews: true}}
	if !reflect.DeepEqual(p.Terms, want) {
		t.Errorf("the terms end %+v", p.Terms)
	}
}
