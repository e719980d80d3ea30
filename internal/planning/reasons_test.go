package planning_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/catalog"
	"uplift/internal/planning"
	"uplift/upgrade"
)

// TestReasons holds every code to the facts that bring it out: all reasons stand in the plan, and no other.
func TestReasons(t *testing.T) {
	first := func(change func(s *upgrade.Subscription)) func(f *planning.Facts) {
		return func(f *planning.Facts) { change(&f.Subscriptions[0]) }
	}
	for _, c := range []struct {
		name   string
		change func(f *planning.Facts)
		codes  string
		says   string // part of what the reasons say
	}{
		{"not a customer", func(f *planning.Facts) { f.NoCustomer = "not_found" }, "tenant customer_unknown", "does not list this tenant"},
		{"no relationship", func(f *planning.Facts) { f.Customer.Relationship = "advisor" }, "tenant no_relationship", `"advisor"`},
		{"no agreement", func(f *planning.Facts) { f.Customer.AgreementAccepted = false }, "tenant agreement_missing", "Microsoft Customer Agreement"},

		{"suspended", first(func(s *upgrade.Subscription) { s.Status = "suspended" }), basicSub + " source_not_active", "is suspended"},
		{"expired", first(func(s *upgrade.Subscription) { s.Status = "expired" }), basicSub + " source_not_active", "is expired"},
		{"a status that we do not know", first(func(s *upgrade.Subscription) { s.Status = "paused" }), basicSub + " source_not_active", "is paused"},
		{"cancelled and named", func(f *planning.Facts) {
			f.Subscriptions[0].Status = "deleted"
			f.Order.Sources = []string{basicSub}
		}, basicSub + " source_not_active", "is deleted"},
		{"suspended, to be resized", func(f *planning.Facts) {
			f.Subscriptions[0].Status = "suspended"
			order(f, total("business-basic", 25))
		}, basicSub + " source_not_active", "is suspended"},
		{"suspended, ended by totals", func(f *planning.Facts) {
			f.Subscriptions[0].Status = "suspended"
			order(f, total("business-basic", 0), total("business-premium", 25))
		}, basicSub + " source_not_active", "is suspended"},
		{"locked", first(func(s *upgrade.Subscription) { s.Locked = true }), basicSub + " source_locked", "still working"},
		{"trial", first(func(s *upgrade.Subscription) { s.Trial = true }), basicSub + " source_is_trial", "is a trial"},
		{"legacy", first(func(s *upgrade.Subscription) { s.NewCommerce = false }), basicSub + " source_is_legacy", "not in new commerce"},
		{"legacy, named, of no product", func(f *planning.Facts) {
			f.Subscriptions[0].NewCommerce, f.Subscriptions[0].ProductSKU = false, ""
			f.Order.Sources = []string{basicSub}
		}, "sources[0] offer_unknown", "CFQ7TTC0LH18:0001:CFQ7TTC0ABCD"},
		{"renewal within the day", first(func(s *upgrade.Subscription) { s.TermEnds = now.Add(23 * time.Hour) }), basicSub + " renewal_too_near", "2026-03-03T08:00:00Z"},
		{"renewed within the day", first(func(s *upgrade.Subscription) { s.TermEnds = now.Add(-time.Hour) }), basicSub + " renewal_too_near", ""},
		{"add-on in the way", func(f *planning.Facts) {
			addOn := sub(phoneSub, "CFQ7TTC0ZZZZ:0001", 3)
			addOn.AddOnOf = basicSub
			f.Subscriptions = append(f.Subscriptions, addOn)
		}, basicSub + " add_ons_present", phoneSub},

		{"two could be meant", func(f *planning.Facts) { f.Subscriptions = append(f.Subscriptions, sub(otherSub, basicProduct, 7)) },
			"sources source_ambiguous", basicSub + " (subscription 1, 20 seats); " + otherSub + " (subscription 2, 7 seats)"},
		{"two of the offer to be resized", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(otherSub, basicProduct, 7))
			order(f, total("business-basic", 30))
		}, "target.totals[0] source_ambiguous", basicSub + " (subscription 1, 20 seats); " + otherSub + " (subscription 2, 7 seats)"},
		{"a source that is not there", func(f *planning.Facts) { f.Order.Sources = []string{otherSub} }, "sources[0] source_not_found", otherSub},
		{"a source that is not there, target held", func(f *planning.Facts) {
			f.Order.Sources = []string{otherSub}
			order(f, total("business-basic", 25))
		}, "sources[0] source_not_found", otherSub},
		{"a source that nothing is made of", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 5))
			f.Order.Sources = []string{phoneSub}
			order(f, total("business-basic", 25))
		}, "sources[0] source_not_used", phoneSub},
		{"an empty source", func(f *planning.Facts) {
			f.Order.Sources, f.Subscriptions[0].Seats = []string{basicSub}, 0
		}, "sources[0] source_has_no_seats", "no seats"},
		{"an add-on as source", func(f *planning.Facts) {
			f.Order.Sources, f.Subscriptions[0].AddOnOf = []string{basicSub}, otherSub
		}, "sources[0] source_is_add_on", otherSub},
		{"a source of which the catalogue knows nothing", func(f *planning.Facts) {
			f.Order.Sources, f.Subscriptions[0].ProductSKU = []string{basicSub}, "CFQ7TTC0ZZZZ:0001"
		}, "sources[0] offer_unknown", "CFQ7TTC0LH18:0001:CFQ7TTC0ABCD"},

		{"no such plan", func(f *planning.Facts) { f.Order.Target.Plan = "hosted-proo" }, "target.plan unknown_plan", "hosted-proo"},
		{"no such offer", func(f *planning.Facts) { order(f, total("busines-basic", 5)) }, "target.totals[0] unknown_offer", "busines-basic"},
		{"nothing to do", func(f *planning.Facts) { order(f, total("business-basic", 20)) }, "target nothing_to_do", "already holds"},
		{"no step leads there", func(f *planning.Facts) {
			order(f, total("business-basic", 0), total("apps-for-enterprise", 20))
			f.Targets[basicSub] = []upgrade.TransitionTarget{may("CFQ7TTC0LGZT:0001")}
		}, "target path_not_in_catalogue", "no step from business-basic to apps-for-enterprise"},

		{"window closed", func(f *planning.Facts) { order(f, total("business-basic", 15)) }, "target window_closed", "takes back 0 of 5 seats"},
		{"window open for less", func(f *planning.Facts) {
			order(f, total("business-basic", 15))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 4)
		}, "target window_closed", "takes back 4 of 5 seats"},
		{"window closed before a transition", func(f *planning.Facts) { f.Order.Target.Seats = 16 }, "target window_closed", "takes back 0 of 4 seats"},

		{"over the catalogue's limit", func(f *planning.Facts) { f.Order.Target.Seats = 301 }, "target seats_outside_limits", "1 to 300 seats, not 301"},
		{"over Microsoft's limit", func(f *planning.Facts) { f.SKUs["business-premium"] = upgrade.SKU{MinSeats: 1, MaxSeats: 24} }, "target seats_outside_limits", "1 to 24 seats, not 25"},
		{"under Microsoft's limit", func(f *planning.Facts) { f.SKUs["business-premium"] = upgrade.SKU{MinSeats: 30} }, "target seats_outside_limits", "30 to 300 seats, not 25"},
		{"Microsoft's limit is wider", func(f *planning.Facts) {
			f.SKUs["business-premium"] = upgrade.SKU{MaxSeats: 1_000_000}
			f.Order.Target.Seats = 301
		}, "target seats_outside_limits", "1 to 300 seats, not 301"},
		{"under the minimum of an offer without a maximum", func(f *planning.Facts) {
			f.Subscriptions = []upgrade.Subscription{sub(basicSub, e3Product, 20)}
			f.SKUs["microsoft-365-e3"] = upgrade.SKU{MinSeats: 50}
			order(f, total("microsoft-365-e3", 30))
		}, "target seats_outside_limits", "50 to any number of seats, not 30"},

		{"Microsoft lists nothing", func(f *planning.Facts) { f.Targets = nil }, "sources microsoft_not_eligible", "lists nothing"},
		{"Microsoft lists others", func(f *planning.Facts) { f.Targets[basicSub] = []upgrade.TransitionTarget{may(standardProduct)} }, "target microsoft_not_listed", "Business Premium"},
		{"Microsoft says no and nothing else", func(f *planning.Facts) {
			f.Targets[basicSub] = []upgrade.TransitionTarget{target(premiumProduct, no(upgrade.TransitionOnly))}
		}, "target microsoft_not_eligible", "gives no reason"},
		{"Microsoft gives several reasons, some of them twice", func(f *planning.Facts) {
			one, two := upgrade.Problem{Code: "AddOns", Message: "has add-ons", Remedy: "end them"}, upgrade.Problem{Code: "Term", Message: "ends today", Remedy: "wait"}
			f.Targets[basicSub] = []upgrade.TransitionTarget{target(premiumProduct, no(upgrade.TransitionOnly, one, two), no(upgrade.TransitionWithLicenses, one))}
		}, lines("target microsoft_not_eligible", "target microsoft_not_eligible"), "has add-ons (AddOns) [microsoft_not_eligible] → end them\ntarget: Microsoft does not let this subscription become Microsoft 365 Business Premium: ends today (Term)"},
		{"Microsoft lets only some move", func(f *planning.Facts) {
			few := may(premiumProduct)
			few.Seats = 12
			f.Targets[basicSub] = []upgrade.TransitionTarget{few}
		}, "target microsoft_fewer_seats", "only 12 of 20"},

		{"users more than seats", func(f *planning.Facts) {
			order(f, total("business-basic", 13))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 7)
			see(f)
		}, "target seats_below_users", "14 users hold O365_BUSINESS_ESSENTIALS, and 13 seats"},
		{"nobody moves and the users stay on seats that are given back", func(f *planning.Facts) {
			f.Order.Target.Seats, f.Order.Licenses.Who = 10, upgrade.Nobody
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 10)
			see(f)
		}, "target seats_below_users", "14 users"},
		{"single users cannot undo a transition", func(f *planning.Facts) {
			f.Order.OnUserFailure = upgrade.UserFailure{Action: upgrade.UndoUsers, Share: 0.1}
		}, "onUserFailure undo_after_transition", "cannot be undone"},
		{"a plan that is sold elsewhere", func(f *planning.Facts) {
			f.Order.Target.Plan = "business-standard-india"
		}, lines("market not_sold_in_market", "target product_unknown", "target sku_unknown"), "is not sold in DE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			p := planning.Make(*f)
			wellSaid(t, p)
			if got := codes(p); got != c.codes {
				t.Errorf("the reasons are\n%v\nnot\n%s", p.Reasons, c.codes)
			}
			if !strings.Contains(p.Reasons.Error(), c.says) {
				t.Errorf("nothing says %q:\n%v", c.says, p.Reasons)
			}
		})
	}
}

// TestEveryReason: who asks is told everything at once, not the first thing that was found.
func TestEveryReason(t *testing.T) {
	f := lab()
	f.Customer.AgreementAccepted, f.Customer.Relationship = false, "none"
	f.Order.Target.Seats, f.Order.OnUserFailure.Action = 301, upgrade.UndoUsers
	s := &f.Subscriptions[0]
	s.Locked, s.Status, s.TermEnds = true, "suspended", now.Add(time.Hour)
	addOn := sub(phoneSub, "CFQ7TTC0ZZZZ:0001", 3)
	addOn.AddOnOf = basicSub
	f.Subscriptions = append(f.Subscriptions, addOn, sub(otherSub, e3Product, 2))
	f.Targets[basicSub] = []upgrade.TransitionTarget{target(premiumProduct, no(upgrade.TransitionOnly, upgrade.Problem{Code: "A", Message: "a", Remedy: "x"}))}
	see(f, product(premiumSKU, "SPB", 4, 1), product(e5SKU, "SPE_E5", 2, 0))
	p := planning.Make(*f)
	wellSaid(t, p)
	want := lines("tenant no_relationship", "tenant agreement_missing", "target microsoft_not_eligible",
		basicSub+" source_not_active", basicSub+" source_locked", basicSub+" renewal_too_near", basicSub+" add_ons_present",
		"target seats_outside_limits", "target services_already_held", "target target_already_held", "target services_already_held",
		"onUserFailure undo_after_transition")
	if got := codes(p); got != want {
		t.Errorf("the reasons are\n%s\nnot\n%s", got, want)
	}
}

// TestHeldServices: what the customer holds already stands in the way, from whatever channel, as far as it counts.
func TestHeldServices(t *testing.T) {
	const ours, theirs = "this provider", "another partner or channel"
	e3 := func(change func(s *upgrade.Subscription)) func(f *planning.Facts) {
		return func(f *planning.Facts) {
			s := sub(otherSub, e3Product, 5)
			change(&s)
			f.Subscriptions = append(f.Subscriptions, s)
		}
	}
	seen := func(change func(s *upgrade.TenantSKU), skus ...upgrade.TenantSKU) func(f *planning.Facts) {
		return func(f *planning.Facts) {
			for i := range skus {
				change(&skus[i])
			}
			see(f, skus...)
		}
	}
	same := func(*upgrade.TenantSKU) {}
	unknown := upgrade.TenantSKU{SKUID: "99999999-0000-4000-8000-000000000000", PartNumber: "SOMETHING", Status: "Enabled", Enabled: 3,
		ServicePlans: []string{"C1EC4A95-1F05-45B3-A911-AA3FA01094F5"}} // Intune, in capitals
	free := func(part string, seats int) upgrade.TenantSKU {
		f := unknown
		f.PartNumber, f.Enabled = part, seats
		return f
	}
	for _, c := range []struct {
		name   string
		change func(f *planning.Facts)
		code   string
		says   string
	}{
		{"another subscription of ours", e3(func(*upgrade.Subscription) {}), "services_already_held", ours},
		{"of ours, pending", e3(func(s *upgrade.Subscription) { s.Status = "pending" }), "services_already_held", ours},
		{"of ours, suspended", e3(func(s *upgrade.Subscription) { s.Status = "suspended" }), "", ""},
		{"of ours, deleted", e3(func(s *upgrade.Subscription) { s.Status = "deleted" }), "", ""},
		{"of ours, empty", e3(func(s *upgrade.Subscription) { s.Seats = 0 }), "", ""},
		{"of ours, trial", e3(func(s *upgrade.Subscription) { s.Trial = true }), "", ""},
		{"of ours without the services", e3(func(s *upgrade.Subscription) { s.ProductSKU = phoneProduct }), "", ""},
		{"the target elsewhere", seen(same, product(premiumSKU, "SPB", 5, 5)), "target_already_held", "Microsoft 365 Business Premium (5 seats, from " + theirs},
		{"the services elsewhere", seen(same, product(e5SKU, "SPE_E5", 5, 5)), "services_already_held", "Microsoft 365 E5 (5 seats, from " + theirs},
		{"elsewhere, suspended", seen(func(s *upgrade.TenantSKU) { s.Status = "Suspended" }, product(premiumSKU, "SPB", 5, 5)), "", ""},
		{"elsewhere, deleted", seen(func(s *upgrade.TenantSKU) { s.Status = "Deleted" }, product(premiumSKU, "SPB", 5, 5)), "", ""},
		{"elsewhere, empty", seen(func(s *upgrade.TenantSKU) { s.Enabled = 0 }, product(premiumSKU, "SPB", 5, 5)), "", ""},
		{"elsewhere, ten thousand seats of what is sold", seen(same, product(e5SKU, "SPE_E5", 10_000, 5)), "services_already_held", "10000 seats"},
		{"elsewhere, of a product that the catalogue does not know", seen(same, unknown), "services_already_held", "SOMETHING (3 seats"},
		{"free by its name", seen(same, free("TEAMS_FREE", 100)), "", ""},
		{"viral", seen(same, free("FLOW_VIRAL", 100)), "", ""},
		{"exploratory", seen(same, free("TEAMS_EXPLORATORY", 100)), "", ""},
		{"free by its number", seen(same, free("STREAM", 1_000_000)), "", ""},
		{"the source from another channel", func(f *planning.Facts) {
			see(f)
			f.TenantSKUs[0].Enabled = 30
			f.TenantSubscriptions = append(f.TenantSubscriptions, upgrade.TenantSubscription{ID: "d-2", CommerceID: otherSub, SKUID: basicSKU, Status: "Enabled", Seats: 10})
		}, "", ""},
		{"the target elsewhere, ours deleted", func(f *planning.Facts) {
			gone := sub(premiumSub, premiumProduct, 5)
			gone.Status = "deleted"
			f.Subscriptions = append(f.Subscriptions, gone)
			see(f, product(premiumSKU, "SPB", 5, 5))
		}, "target_already_held", theirs},
		{"the target as a trial elsewhere", func(f *planning.Facts) {
			see(f, product(premiumSKU, "SPB", 25, 5))
			f.TenantSubscriptions = append(f.TenantSubscriptions, upgrade.TenantSubscription{ID: "d-2", CommerceID: otherSub, SKUID: premiumSKU, Status: "Enabled", Seats: 25, Trial: true})
		}, "", ""},
		{"of ours, of a product that the catalogue does not know", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(otherSub, "CFQ7TTC0ZZZZ:0001", 3))
			see(f, unknown)
			f.TenantSubscriptions = append(f.TenantSubscriptions, upgrade.TenantSubscription{ID: "d-2", CommerceID: otherSub, SKUID: unknown.SKUID, Status: "Enabled", Seats: 3})
		}, "services_already_held", "SOMETHING (3 seats, subscription " + otherSub + " from " + ours},
		{"a resize asks for no services", func(f *planning.Facts) {
			order(f, total("business-basic", 25))
			see(f, product(premiumSKU, "SPB", 5, 5))
		}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			p := planning.Make(*f)
			wellSaid(t, p)
			want := ""
			if c.code != "" {
				want = "target " + c.code
			}
			if got := codes(p); got != want {
				t.Fatalf("the reasons are\n%v\nnot %q", p.Reasons, want)
			}
			if !strings.Contains(p.Reasons.Error(), c.says) {
				t.Errorf("nothing says %q:\n%v", c.says, p.Reasons)
			}
		})
	}
}

// india is a catalogue that learned the ids of two India editions, as a provider's file may say them.
func india(t *testing.T, sku string) *catalog.Catalog {
	t.Helper()
	c := catalog.Load()
	for id, product := range map[catalog.OfferID]string{"business-basic-india": "CFQ7TTC0INDB:0001", "business-standard-india": "CFQ7TTC0INDS:0001"} {
		o, ok := c.Offer(id)
		if !ok {
			t.Fatalf("the catalogue has no %s", id)
		}
		o.ProductSKU = product
		if id == "business-standard-india" || sku != "" {
			like, _ := c.Offer(catalog.OfferID(strings.TrimSuffix(string(id), "-india")))
			o.SKUID, o.ServicePlans, o.SKUPartNumber = strings.Replace(like.SKUID, like.SKUID[:8], "0d0d0d0d", 1), like.ServicePlans, string(like.ID)+"_IN"
		}
		var err error
		if c, err = c.With(o); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestIndia(t *testing.T) {
	f := lab()
	f.Catalog, f.Customer.Country = india(t, "known"), "IN"
	f.Subscriptions = []upgrade.Subscription{sub(basicSub, "CFQ7TTC0INDB:0001", 20)}
	f.Targets[basicSub] = []upgrade.TransitionTarget{may("CFQ7TTC0INDS:0001"), may(standardProduct)}
	f.Order.Target = upgrade.Target{Plan: "business-standard-india", Seats: 20}
	if p := planning.Make(*f); !p.Eligible() || steps(p) != "transition 1 business-basic-india>business-standard-india 20>20 transition_with_license_transfer" {
		t.Errorf("the market's own edition is refused: %v\n%s", p.Reasons, steps(p))
	}
	order(f, total("business-basic-india", 0), total("business-standard", 20))
	if p := planning.Make(*f); codes(p) != "target path_not_in_catalogue" {
		t.Errorf("the India edition becomes Business Standard: %v", p.Reasons)
	}
	f.Order.Target, f.Order.Market = upgrade.Target{Plan: "business-standard-india", Seats: 20}, "DE"
	if p := planning.Make(*f); !p.Reasons.Has("not_sold_in_market") {
		t.Errorf("the order's market goes before the customer's country: %v", p.Reasons)
	}
	f.Catalog, f.Order.Market = india(t, ""), ""
	if p := planning.Make(*f); codes(p) != "target sku_unknown" {
		t.Errorf("users of a source that nobody can name in the directory cannot be found: %v", p.Reasons)
	}
	f.SKUs["business-basic-india"] = upgrade.SKU{EntraSKU: "0e0e0e0e-0000-4000-8000-000000000000"}
	if p := planning.Make(*f); !p.Eligible() || !slices.Equal(p.Licenses.Remove, []string{"0e0e0e0e-0000-4000-8000-000000000000"}) {
		t.Errorf("Partner Center's word on the SKU is not used: %v", p.Reasons)
	}
}
