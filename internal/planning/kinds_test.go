package planning_test

import (
	"testing"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// TestKinds holds each kind of work to the steps that it takes; nothing speaks against any of these plans.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(f *planning.Facts)
		steps    string
		headline string
	}{
		{"resize up", func(f *planning.Facts) { order(f, total("business-basic", 25)) },
			"raise 1 business-basic 20>25",
			"Microsoft 365 Business Basic ×20 → ×25"},
		{"resize up by the plan that is held", func(f *planning.Facts) { f.Order.Target = upgrade.Target{Plan: "business-basic", Seats: 30} },
			"raise 1 business-basic 20>30",
			"Microsoft 365 Business Basic ×20 → ×30"},
		{"resize down inside the window", func(f *planning.Facts) {
			order(f, total("business-basic", 15))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 5)
		},
			"lower 1 business-basic 20>15",
			"Microsoft 365 Business Basic ×20 → ×15"},
		{"resize down to the users", func(f *planning.Facts) {
			order(f, total("business-basic", 14))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 6)
			see(f)
		},
			"lower 1 business-basic 20>14",
			"Microsoft 365 Business Basic ×20 → ×14"},
		{"resize of two offers", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 10))
			order(f, total("teams-phone-standard", 20), total("business-basic", 25))
		},
			lines("raise-teams-phone-standard 4 teams-phone-standard 10>20", "raise-business-basic 1 business-basic 20>25"),
			"Microsoft 365 Business Basic ×20 → ×25, Microsoft Teams Phone Standard ×10 → ×20"},
		{"resize of the one that is named", func(f *planning.Facts) {
			order(f, total("business-basic", 25))
			f.Order.Sources = []string{basicSub}
		},
			"raise 1 business-basic 20>25",
			"Microsoft 365 Business Basic ×20 → ×25"},
		{"full transition with licence transfer", func(f *planning.Facts) { f.Order.Target.Seats = 20 },
			"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"full transition without licence transfer", func(f *planning.Facts) {
			f.Order.Target.Seats = 20
			f.Targets[basicSub] = []upgrade.TransitionTarget{target(premiumProduct,
				upgrade.TransitionChoice{Type: upgrade.TransitionOnly, Eligible: true}, no(upgrade.TransitionWithLicenses, upgrade.Problem{Code: "X", Message: "m"}))}
		},
			"transition 1 business-basic>business-premium 20>20 transition_only",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"nobody's licence is moved by Microsoft either", func(f *planning.Facts) {
			f.Order.Target.Seats = 20
			f.Order.Licenses.Who = upgrade.Nobody
		},
			"transition 1 business-basic>business-premium 20>20 transition_only",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"transition, then raise", func(*planning.Facts) {},
			lines("transition 1 business-basic>business-premium 20>20 transition_with_license_transfer", "raise 1 business-premium 20>25"),
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×25"},
		{"lower, then transition", func(f *planning.Facts) {
			f.Order.Target.Seats = 16
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 4)
		},
			lines("lower 1 business-basic 20>16", "transition 1 business-basic>business-premium 16>16 transition_with_license_transfer"),
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×16"},
		{"totals that end one offer and begin another", func(f *planning.Facts) { order(f, total("business-basic", 0), total("business-premium", 20)) },
			"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"another offer is resized first, while everything can be undone", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 20))
			order(f, total("business-basic", 0), total("business-premium", 25), total("teams-phone-standard", 25))
		},
			lines("raise-teams-phone-standard 4 teams-phone-standard 20>25",
				"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
				"raise-business-premium 1 business-premium 20>25"),
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×25, Microsoft Teams Phone Standard ×20 → ×25"},
		{"the order of the totals does not matter", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 20))
			order(f, total("teams-phone-standard", 20), total("business-premium", 20), total("business-basic", 0))
		},
			"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"Hosted Pro where Teams Phone is held", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 20))
			f.Order.Target = upgrade.Target{Plan: "hosted-pro", Seats: 25}
		},
			lines("raise-teams-phone-standard 4 teams-phone-standard 20>25",
				"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
				"raise-business-premium 1 business-premium 20>25"),
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×25, Microsoft Teams Phone Standard ×20 → ×25"},
		{"Hosted Pro with a named source", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 20))
			f.Order.Target = upgrade.Target{Plan: "hosted-pro", Seats: 20}
			f.Order.Sources = []string{basicSub}
		},
			"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"the named one of two", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(otherSub, basicProduct, 5))
			f.Order.Target = upgrade.Target{Plan: "business-premium", Seats: 20}
			f.Order.Sources = []string{basicSub}
		},
			"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"the one that can be worked with", func(f *planning.Facts) {
			asleep := sub(otherSub, basicProduct, 9)
			asleep.Status = "suspended"
			trial := sub(standardSub, standardProduct, 25)
			trial.Trial = true
			f.Subscriptions = append(f.Subscriptions, asleep, trial)
			f.Order.Target.Seats = 20
		},
			"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
		{"Microsoft lists the target twice, once with a no", func(f *planning.Facts) {
			f.Order.Target.Seats = 20
			f.Targets[basicSub] = []upgrade.TransitionTarget{target(premiumProduct, no(upgrade.TransitionOnly, upgrade.Problem{Code: "X", Message: "m"})), may(premiumProduct)}
		},
			"transition 1 business-basic>business-premium 20>20 transition_with_license_transfer",
			"Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			p := planning.Make(*f)
			wellSaid(t, p)
			if !p.Eligible() {
				t.Errorf("nothing should speak against it:\n%v", p.Reasons)
			}
			if got := steps(p); got != c.steps {
				t.Errorf("the steps are\n%s\nnot\n%s", got, c.steps)
			}
			if p.Headline != c.headline {
				t.Errorf("the headline is %q, not %q", p.Headline, c.headline)
			}
		})
	}
}
