package planning_test

import (
	"testing"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// TestOtherKinds: purchases, parts, moves into what is held, releases and renewals, with everything that speaks against
// them.
func TestOtherKinds(t *testing.T) {
	premiumHeld := func(f *planning.Facts, seats int) {
		f.Subscriptions = append(f.Subscriptions, sub(premiumSub, premiumProduct, seats))
	}
	cancellable := func(f *planning.Facts) { f.Subscriptions[0].CancelUntil = now.AddDate(0, 0, 3) }
	atRenewal := func(f *planning.Facts) { f.Order.Residue = upgrade.ResidueAtRenewal }
	nobody := func(f *planning.Facts) { f.Order.Licenses.Who = upgrade.Nobody }
	listed := func(f *planning.Facts) {
		f.Order.Licenses = upgrade.Licenses{Who: upgrade.Listed, Users: []string{"a@contoso.example"}}
	}
	downgrade := func(f *planning.Facts) {
		f.Subscriptions = []upgrade.Subscription{sub(premiumSub, premiumProduct, 20)}
		f.RenewalTargets = map[string][]upgrade.TransitionTarget{premiumSub: {may(basicProduct)}}
		order(f, total("business-premium", 0), total("business-basic", 15))
	}
	replaceOnly := func(f *planning.Facts) {
		f.Targets[basicSub] = []upgrade.TransitionTarget{may(standardProduct)}
		order(f, total("business-basic", 0), total("business-premium", 20))
	}
	for _, c := range []struct {
		name   string
		change func(f *planning.Facts)
		steps  string
		codes  string
		head   string
	}{
		{"Hosted Pro without Teams Phone", func(f *planning.Facts) { f.Order.Target = upgrade.Target{Plan: "hosted-pro", Seats: 20} },
			lines("buy-teams-phone-standard new teams-phone-standard 0>20 P1Y/monthly", "transition 1 business-basic>business-premium 20>20 transition_with_license_transfer"), "",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20, Microsoft Teams Phone Standard ×20 (new)"},
		{"Hosted Essentials, licence held, Teams Phone not", func(f *planning.Facts) { f.Order.Target = upgrade.Target{Plan: "hosted-essentials", Seats: 20} },
			"buy-teams-phone-standard new teams-phone-standard 0>20 P1Y/monthly", "",
			"Microsoft Teams Phone Standard ×20 (new)"},
		{"a plan with fewer seats", func(f *planning.Facts) {
			f.Subscriptions = []upgrade.Subscription{returnable(sub(basicSub, basicProduct, 20), 5), sub(phoneSub, phoneProduct, 20)}
			f.Order.Target = upgrade.Target{Plan: "hosted-essentials", Seats: 15}
			atRenewal(f)
		},
			lines("lower-business-basic 1 business-basic 20>15", "at-renewal-teams-phone-standard 4 teams-phone-standard 20>15"), "",
			"Microsoft 365 Business Basic ×20 → ×15, Microsoft Teams Phone Standard ×20 → ×15 on 2026-09-02"},
		{"nothing to make it of", func(f *planning.Facts) { f.Subscriptions = nil },
			"buy new business-premium 0>25 P1Y/monthly", "",
			"Microsoft 365 Business Premium ×25 (new)"},
		{"beside what stays", func(f *planning.Facts) { order(f, total("business-basic", 20), total("business-premium", 5)) },
			"buy-business-premium new business-premium 0>5 P1Y/monthly", "",
			"Microsoft 365 Business Premium ×5 (new)"},
		{"a part", func(f *planning.Facts) { order(f, total("business-basic", 10), total("business-premium", 10)) },
			"transition 1 business-basic>business-premium 20>10 transition_only moved 10", "",
			"Microsoft 365 Business Basic ×20 → ×10, Microsoft 365 Business Premium ×10 (new)"},
		{"a part, and some given back", func(f *planning.Facts) {
			order(f, total("business-basic", 10), total("business-premium", 6))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 4)
		},
			lines("transition 1 business-basic>business-premium 20>6 transition_only moved 6", "release-business-basic 1 business-basic 14>10 after"), "",
			"Microsoft 365 Business Basic ×20 → ×10, Microsoft 365 Business Premium ×6 (new)"},
		{"a part, and some bought", func(f *planning.Facts) { order(f, total("business-basic", 16), total("business-premium", 6)) },
			lines("transition 1 business-basic>business-premium 20>4 transition_only moved 4", "raise-business-premium new business-premium 4>6 of transition"), "",
			"Microsoft 365 Business Basic ×20 → ×16, Microsoft 365 Business Premium ×6 (new)"},
		{"a mix of what is held", func(f *planning.Facts) {
			premiumHeld(f, 5)
			order(f, total("business-basic", 10), total("business-premium", 15))
		},
			"transition 1 business-basic>business-premium 20>15 transition_only moved 10 into 3", "",
			"Microsoft 365 Business Basic ×20 → ×10, Microsoft 365 Business Premium ×5 → ×15"},
		{"a mix of what is held, with seats to spare", func(f *planning.Facts) {
			premiumHeld(f, 5)
			order(f, total("business-basic", 10), total("business-premium", 18))
		},
			lines("transition 1 business-basic>business-premium 20>15 transition_only moved 10 into 3", "raise-business-premium 3 business-premium 15>18"), "",
			"Microsoft 365 Business Basic ×20 → ×10, Microsoft 365 Business Premium ×5 → ×18"},
		{"into the existing, by totals", func(f *planning.Facts) {
			premiumHeld(f, 5)
			order(f, total("business-basic", 0), total("business-premium", 25))
		},
			"transition 1 business-basic>business-premium 20>25 transition_only into 3", "",
			"Microsoft 365 Business Basic ×20 → ×0, Microsoft 365 Business Premium ×5 → ×25"},
		{"into the existing, by a named source", func(f *planning.Facts) {
			premiumHeld(f, 5)
			f.Order.Sources = []string{basicSub}
		},
			"transition 1 business-basic>business-premium 20>25 transition_only into 3", "",
			"Microsoft 365 Business Basic ×20 → ×0, Microsoft 365 Business Premium ×5 → ×25"},
		{"into the existing that can still be cancelled", func(f *planning.Facts) {
			premiumHeld(f, 5)
			f.Subscriptions[1].CancelUntil = now.AddDate(0, 0, 2)
			order(f, total("business-basic", 0), total("business-premium", 25))
		},
			"", "target target_not_ready",
			"nothing changes"},
		{"into the existing whose term is shorter, with the source's window open", func(f *planning.Facts) {
			premiumHeld(f, 5)
			f.Subscriptions[1].Term = "P1M"
			cancellable(f)
			order(f, total("business-basic", 0), total("business-premium", 25))
		},
			lines("raise 3 business-premium 5>25", "cancel 1 business-basic 20>0 after"), "",
			"Microsoft 365 Business Basic ×20 → ×0, Microsoft 365 Business Premium ×5 → ×25"},
		{"into the existing, which Microsoft refuses", func(f *planning.Facts) {
			premiumHeld(f, 5)
			f.Targets[basicSub][0].Into = []upgrade.IntoChoice{{Subscription: premiumSub, Reasons: upgrade.Problems{{Code: "x", Message: "it is not active"}}}}
			order(f, total("business-basic", 0), total("business-premium", 25))
		},
			"", "target target_not_ready",
			"nothing changes"},
		{"to two offers", func(f *planning.Facts) {
			order(f, total("business-basic", 0), total("business-premium", 10), total("business-standard", 10))
			nobody(f)
		},
			lines("transition 1 business-basic>business-premium 20>10 transition_only moved 10", "transition-business-basic 1 business-basic>business-standard 10>10 transition_only"), "",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Standard ×10, Microsoft 365 Business Premium ×10 (new)"},
		{"to two offers, for the holders", func(f *planning.Facts) {
			order(f, total("business-basic", 0), total("business-premium", 10), total("business-standard", 10))
		},
			lines("transition 1 business-basic>business-premium 20>10 transition_only moved 10", "transition-business-basic 1 business-basic>business-standard 10>10 transition_with_license_transfer"), "licenses licences_ambiguous",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Standard ×10, Microsoft 365 Business Premium ×10 (new)"},
		{"two sources become one offer", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(standardSub, standardProduct, 5))
			f.Targets[standardSub] = []upgrade.TransitionTarget{may(premiumProduct)}
			order(f, total("business-basic", 0), total("business-standard", 0), total("business-premium", 25))
		},
			lines("transition 1 business-basic>business-premium 20>20 transition_with_license_transfer", "transition-business-standard 5 business-standard>business-premium 5>5 transition_with_license_transfer"), "",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20, Microsoft 365 Business Standard ×5 → Microsoft 365 Business Premium ×5"},
		{"a plan of two licences", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(standardSub, standardProduct, 5))
			f.Order.Sources = []string{basicSub, standardSub}
		},
			"", "sources several_licences",
			"nothing changes"},
		{"one of several of the offer", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(otherSub, basicProduct, 5))
			order(f, total("business-basic", 30))
			f.Order.Sources = []string{otherSub}
		},
			"raise 2 business-basic 5>10", "",
			"Microsoft 365 Business Basic ×5 → ×10"},
		{"not listed by Microsoft, inside the window", func(f *planning.Facts) { replaceOnly(f); cancellable(f) },
			lines("buy new business-premium 0>20 P1Y/monthly", "cancel 1 business-basic 20>0 after"), "",
			"Microsoft 365 Business Basic ×20 → ×0, Microsoft 365 Business Premium ×20 (new)"},
		{"not listed by Microsoft, outside the window", replaceOnly,
			"", "target microsoft_not_listed",
			"nothing changes"},
		{"not listed by Microsoft, outside the window, left until the renewal", func(f *planning.Facts) { replaceOnly(f); atRenewal(f) },
			lines("buy new business-premium 0>20 P1Y/monthly", "at-renewal 1 business-basic 20>0 after"), "",
			"Microsoft 365 Business Basic ×20 → ×0 on 2026-09-02, Microsoft 365 Business Premium ×20 (new)"},
		{"down to a smaller plan", func(f *planning.Facts) {
			downgrade(f)
			f.Order.Target = upgrade.Target{Plan: "business-basic", Seats: 20}
		},
			"", "target only_at_renewal",
			"nothing changes"},
		{"down to a smaller offer", downgrade,
			"", "target only_at_renewal",
			"nothing changes"},
		{"down to a smaller offer at the renewal", func(f *planning.Facts) { downgrade(f); atRenewal(f) },
			"at-renewal 3 business-premium>business-basic 20>15", "",
			"Microsoft 365 Business Premium ×20 → Microsoft 365 Business Basic ×15 on 2026-09-02"},
		{"down to a smaller offer at the renewal, nobody moves", func(f *planning.Facts) { downgrade(f); atRenewal(f); nobody(f) },
			"at-renewal 3 business-premium>business-basic 20>15", "",
			"Microsoft 365 Business Premium ×20 → Microsoft 365 Business Basic ×15 on 2026-09-02"},
		{"a part of it down at the renewal", func(f *planning.Facts) {
			downgrade(f)
			atRenewal(f)
			order(f, total("business-premium", 5), total("business-basic", 15))
		},
			"", "target part_at_renewal",
			"nothing changes"},
		{"fewer seats outside the window", func(f *planning.Facts) { order(f, total("business-basic", 15)); atRenewal(f) },
			"at-renewal 1 business-basic 20>15", "",
			"Microsoft 365 Business Basic ×20 → ×15 on 2026-09-02"},
		{"fewer seats, some of them inside the window", func(f *planning.Facts) {
			order(f, total("business-basic", 12))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 3)
			atRenewal(f)
		},
			lines("lower 1 business-basic 20>17", "at-renewal 1 business-basic 17>12"), "",
			"Microsoft 365 Business Basic ×20 → ×17 (5 until 2026-09-02)"},
		{"an end without a successor", func(f *planning.Facts) { order(f, total("business-basic", 0)) },
			"", "target window_closed",
			"nothing changes"},
		{"an end without a successor, inside the window", func(f *planning.Facts) { order(f, total("business-basic", 0)); cancellable(f) },
			"cancel 1 business-basic 20>0 after", "",
			"Microsoft 365 Business Basic ×20 → ×0"},
		{"an end without a successor, at the renewal", func(f *planning.Facts) { order(f, total("business-basic", 0)); atRenewal(f) },
			"at-renewal 1 business-basic 20>0", "",
			"Microsoft 365 Business Basic ×20 → ×0 on 2026-09-02"},
		{"an end under its users", func(f *planning.Facts) { order(f, total("business-basic", 0)); cancellable(f); see(f) },
			"cancel 1 business-basic 20>0 after", "target seats_below_users",
			"Microsoft 365 Business Basic ×20 → ×0"},
		{"fewer than move, the rest until the renewal", func(f *planning.Facts) { f.Order.Target.Seats = 16; atRenewal(f) },
			lines("transition 1 business-basic>business-premium 20>16 transition_only moved 16", "at-renewal 1 business-basic 4>0 after"), "",
			"Microsoft 365 Business Basic ×20 → ×4 (4 until 2026-09-02), Microsoft 365 Business Premium ×16 (new)"},
		{"licences only", func(f *planning.Facts) { order(f, total("business-basic", 20)); listed(f) },
			"", "",
			"licences of Microsoft 365 Business Basic are assigned"},
		{"licences of an add-on besides", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 10))
			order(f, total("business-basic", 25), total("teams-phone-standard", 25))
			listed(f)
		},
			lines("raise-business-basic 1 business-basic 20>25", "raise-teams-phone-standard 4 teams-phone-standard 10>25"), "",
			"Microsoft 365 Business Basic ×20 → ×25, Microsoft Teams Phone Standard ×10 → ×25"},
		{"licences of two offers", func(f *planning.Facts) {
			premiumHeld(f, 5)
			order(f, total("business-basic", 20), total("business-premium", 5))
			listed(f)
		},
			"", "licenses licences_ambiguous",
			"nothing changes"},
		{"a term that is not sold", func(f *planning.Facts) {
			f.Subscriptions = nil
			f.Terms = map[string][]string{"business-premium": {"P1Y/annual"}}
		},
			"buy new business-premium 0>25 P1Y/monthly", "purchase term_not_sold",
			"Microsoft 365 Business Premium ×25 (new)"},
		{"an unfinished company profile", func(f *planning.Facts) {
			f.Subscriptions = nil
			f.Customer.Missing = []string{"telephone number"}
		},
			"buy new business-premium 0>25 P1Y/monthly", "tenant registration_missing",
			"Microsoft 365 Business Premium ×25 (new)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			p := planning.Make(*f)
			wellSaid(t, p)
			if got := steps(p); got != c.steps {
				t.Errorf("the steps are\n%s\nnot\n%s", got, c.steps)
			}
			if got := codes(p); got != c.codes {
				t.Errorf("the reasons are\n%v\nnot\n%s", p.Reasons, c.codes)
			}
			if p.Headline != c.head {
				t.Errorf("the headline is %q, not %q", p.Headline, c.head)
			}
		})
	}
}
