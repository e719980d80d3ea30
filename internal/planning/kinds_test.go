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

// TestNotOffered: the kinds of later versions are refused by their name, never half carried out.
func TestNotOffered(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(f *planning.Facts)
		path   string
		says   string
	}{
		{"Hosted Pro without Teams Phone", func(f *planning.Facts) { f.Order.Target = upgrade.Target{Plan: "hosted-pro", Seats: 20} },
			"target", "buying Microsoft Teams Phone Standard, which the plan bundles and the customer does not hold, is not carried out by this version (replace)"},
		{"Hosted Essentials, licence held, Teams Phone not", func(f *planning.Facts) { f.Order.Target = upgrade.Target{Plan: "hosted-essentials", Seats: 20} },
			"target", "buying Microsoft Teams Phone Standard, which the plan bundles and the customer does not hold, is not carried out by this version (replace)"},
		{"nothing to make it of", func(f *planning.Facts) { f.Subscriptions = nil },
			"target", "buying Microsoft 365 Business Premium anew (replace) is not carried out by this version, and no subscription fits that could become it"},
		{"beside what stays", func(f *planning.Facts) { order(f, total("business-basic", 20), total("business-premium", 5)) },
			"target.totals[1]", "buying Microsoft 365 Business Premium anew (replace) is not carried out by this version, and no subscription fits that could become it"},
		{"a part", func(f *planning.Facts) {
			order(f, total("business-basic", 10), total("business-premium", 10))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 10)
		},
			"target.totals[1]", "moving a part of Microsoft 365 Business Basic to Microsoft 365 Business Premium is not carried out by this version"},
		{"a mix of what is held", func(f *planning.Facts) {
			f.Subscriptions = []upgrade.Subscription{returnable(sub(basicSub, basicProduct, 20), 10), sub(premiumSub, premiumProduct, 5)}
			order(f, total("business-basic", 10), total("business-premium", 15))
		},
			"target.totals[1]", "moving a part of Microsoft 365 Business Basic to Microsoft 365 Business Premium is not carried out by this version"},
		{"into the existing, by totals", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(premiumSub, premiumProduct, 5))
			order(f, total("business-basic", 0), total("business-premium", 25))
		},
			"target.totals[1]", "moving seats into the existing subscription of Microsoft 365 Business Premium is not carried out by this version"},
		{"into the existing, by a named source", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(premiumSub, premiumProduct, 5))
			f.Order.Sources = []string{basicSub}
		},
			"target", "moving seats into the existing subscription of Microsoft 365 Business Premium is not carried out by this version"},
		{"to two offers", func(f *planning.Facts) {
			order(f, total("business-basic", 0), total("business-premium", 10), total("business-standard", 10))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 10)
		},
			"target.totals[2]", "an order that moves seats to more than one offer is not carried out by this version (Microsoft 365 Business Standard)"},
		{"several sources", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(standardSub, standardProduct, 5))
			f.Order.Sources = []string{basicSub, standardSub}
		},
			"sources", "moving several subscriptions in one order is not carried out by this version"},
		{"one of several of the offer", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(otherSub, basicProduct, 5))
			order(f, total("business-basic", 30))
			f.Order.Sources = []string{otherSub}
		},
			"target.totals[0]", "changing one of several subscriptions of Microsoft 365 Business Basic is not carried out by this version: " +
				basicSub + " (subscription 1, 20 seats); " + otherSub + " (subscription 2, 5 seats)"},
		{"down to a smaller plan", func(f *planning.Facts) {
			f.Subscriptions = []upgrade.Subscription{sub(premiumSub, premiumProduct, 20)}
			f.Order.Target = upgrade.Target{Plan: "business-basic", Seats: 20}
		},
			"target", "going down from Microsoft 365 Business Premium to Microsoft 365 Business Basic at the renewal is not carried out by this version"},
		{"down to a smaller offer", func(f *planning.Facts) {
			f.Subscriptions = []upgrade.Subscription{sub(premiumSub, premiumProduct, 20)}
			f.Targets = map[string][]upgrade.TransitionTarget{premiumSub: {may(basicProduct)}}
			order(f, total("business-premium", 0), total("business-basic", 20))
		},
			"target", "from Microsoft 365 Business Premium to Microsoft 365 Business Basic only [at-renewal] works, which is not carried out by this version"},
		{"an end without a successor", func(f *planning.Facts) { order(f, total("business-basic", 0)) },
			"target.totals[0]", "ending the subscription " + basicSub + " of subscription 1 without a successor is not carried out by this version"},
		{"licences only", func(f *planning.Facts) {
			order(f, total("business-basic", 20))
			f.Order.Licenses = upgrade.Licenses{Who: upgrade.Listed, Users: []string{"a@contoso.example"}}
		},
			"licenses", "an order that only assigns licences is not carried out by this version"},
		{"licences of several offers", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 10))
			order(f, total("business-basic", 25), total("teams-phone-standard", 25))
			f.Order.Licenses = upgrade.Licenses{Who: upgrade.Listed, Users: []string{"a@contoso.example"}}
		},
			"licenses", "giving listed users the licences of several offers is not carried out by this version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			p := planning.Make(*f)
			wellSaid(t, p)
			if len(p.Reasons) != 1 {
				t.Errorf("one reason is expected, not\n%v", p.Reasons)
			}
			for _, r := range p.Reasons {
				if r.Code == "kind_not_offered" && r.Path == c.path && r.Message == c.says {
					return
				}
			}
			t.Errorf("nothing says\n%s: %s\nbut\n%v", c.path, c.says, p.Reasons)
		})
	}
}
