package planning_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// TestUndo: what cannot be undone is said before anybody commits to it.
func TestUndo(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(f *planning.Facts)
		noReturn string
		until    time.Time
		says     string
	}{
		{"raise", func(f *planning.Facts) { order(f, total("business-basic", 25)) }, "", now.AddDate(0, 0, 7), "given back until about 2026-03-09"},
		{"lower", func(f *planning.Facts) {
			order(f, total("business-basic", 15))
			f.Subscriptions[0] = returnable(f.Subscriptions[0], 5)
		}, "", time.Time{}, "bought again at any time"},
		{"transition", func(f *planning.Facts) { f.Order.Target.Seats = 20 }, "transition", time.Time{}, "only goes forward"},
		{"transition, then raise", func(*planning.Facts) {}, "transition", time.Time{}, "only goes forward"},
		{"nothing", func(f *planning.Facts) { order(f, total("business-basic", 20)) }, "", time.Time{}, "nothing to undo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			u := planning.Make(*f).Undo
			if u.NoReturnAfter != c.noReturn || !strings.Contains(u.Words, c.says) {
				t.Errorf("no return after %q: %s", u.NoReturnAfter, u.Words)
			}
			switch {
			case u.Until == nil && !c.until.IsZero(), u.Until != nil && !u.Until.Equal(c.until):
				t.Errorf("until %v, not %v", u.Until, c.until)
			}
		})
	}
}

// TestLostRenewal: a change in mid-term deletes what was scheduled; it can be restored only where the product stays.
func TestLostRenewal(t *testing.T) {
	scheduled := &upgrade.ScheduledChange{ProductID: "CFQ7TTC0LH18", SKUID: "0001", AvailabilityID: "CFQ7TTC0ABCD", Seats: 18}
	f := lab()
	f.Subscriptions[0].Scheduled = scheduled
	other := sub(phoneSub, phoneProduct, 20)
	other.Scheduled = scheduled
	f.Subscriptions = append(f.Subscriptions, other)

	if p := planning.Make(*f); len(p.Renewal) != 1 || p.Renewal[0].Subscription != basicSub || p.Renewal[0].Restorable || p.Renewal[0].Change != *scheduled {
		t.Errorf("a transition loses the change for good, and only that of its own subscription: %+v", p.Renewal)
	}
	order(f, total("business-basic", 25))
	if p := planning.Make(*f); len(p.Renewal) != 1 || p.Renewal[0].Restorable {
		t.Errorf("the total that is ordered now would fall to 18 at the renewal: %+v", p.Renewal)
	}
	order(f, total("business-basic", 18))
	f.Subscriptions[0] = returnable(f.Subscriptions[0], 5)
	if p := planning.Make(*f); len(p.Renewal) != 1 || !p.Renewal[0].Restorable {
		t.Errorf("what was scheduled fits the total that is ordered now: %+v", p.Renewal)
	}
	toPremium := *scheduled
	toPremium.ProductID = "CFQ7TTC0LCHC"
	f.Subscriptions[0].Scheduled = &toPremium
	order(f, total("business-basic", 25))
	if p := planning.Make(*f); len(p.Renewal) != 1 || !p.Renewal[0].Restorable {
		t.Errorf("another product at the renewal means something after a resize: %+v", p.Renewal)
	}
	f.Subscriptions[0].Scheduled = scheduled
	order(f, total("business-basic", 20))
	if p := planning.Make(*f); len(p.Renewal) != 0 {
		t.Errorf("nothing changes, so nothing is lost: %+v", p.Renewal)
	}
}

func TestGainsAndLosses(t *testing.T) {
	f := lab()
	p := planning.Make(*f)
	if !slices.Contains(p.Gains, "Microsoft Intune (Plan 1)") {
		t.Errorf("Business Premium brings Intune: %q", p.Gains)
	}
	if len(p.Losses) != 0 {
		t.Errorf("nothing of Business Basic is lost with Business Premium: %q", p.Losses)
	}

	f.Subscriptions = []upgrade.Subscription{sub(premiumSub, premiumProduct, 20)}
	f.Targets = map[string][]upgrade.TransitionTarget{premiumSub: {may("CFQ7TTC0LF8S:0002")}}
	order(f, total("business-premium", 0), total("office-365-e5", 20))
	p = planning.Make(*f)
	if !p.Eligible() || len(p.Gains) == 0 || len(p.Losses) == 0 {
		t.Errorf("Office 365 E5 brings other services than Business Premium and takes some: %v\n+ %q\n- %q", p.Reasons, p.Gains, p.Losses)
	}
	for _, g := range p.Gains {
		if slices.Contains(p.Losses, g) {
			t.Errorf("%s is gained and lost", g)
		}
	}
	order(f, total("business-premium", 25))
	if p = planning.Make(*f); len(p.Gains)+len(p.Losses) != 0 {
		t.Errorf("a resize changes no services: + %q - %q", p.Gains, p.Losses)
	}
}

// TestLines: now and then per subscription; what others sold is shown and not counted.
func TestLines(t *testing.T) {
	f := lab()
	gone, unknown := sub(otherSub, basicProduct, 9), sub(standardSub, "CFQ7TTC0ZZZZ:0001", 3)
	gone.Status = "deleted"
	f.Subscriptions = append(f.Subscriptions, gone, unknown)
	see(f)
	f.TenantSubscriptions = append(f.TenantSubscriptions, upgrade.TenantSubscription{ID: "d-2", CommerceID: premiumSub, SKUID: basicSKU, Status: "Enabled", Seats: 4})
	f.Order.Purchase = &upgrade.Purchase{Term: "P1M"}
	p := planning.Make(*f)
	want := []upgrade.PlanLine{
		{Subscription: basicSub, Offer: "business-basic", Name: "Microsoft 365 Business Basic", Now: 20, Then: 25, Term: "P1Y", BillingCycle: "monthly", ThenOffer: "business-premium", Touched: true},
		{Subscription: standardSub, Offer: "CFQ7TTC0ZZZZ:0001:CFQ7TTC0ABCD", Name: "subscription 5", Now: 3, Then: 3, Term: "P1Y", BillingCycle: "monthly"},
	}
	if !slices.Equal(p.Lines, want) {
		t.Errorf("the lines are %+v", p.Lines)
	}
	notes := strings.Join(p.Notes, "\n")
	for _, says := range []string{"4 seats of Microsoft 365 Business Basic through another channel, which are not counted", "keeps its term and billing cycle"} {
		if !strings.Contains(notes, says) {
			t.Errorf("no note says %q:\n%s", says, notes)
		}
	}
	if p.Catalog != f.Catalog.Digest() || p.Order != "A-1" || p.Tenant != tenant || !p.MadeAt.Equal(now) || !reflect.DeepEqual(p.Customer, f.Customer) {
		t.Errorf("the plan does not say what it was made of: %+v", p)
	}

	f = lab()
	f.Subscriptions[0].NewCommerce, f.Subscriptions[0].ProductSKU = false, ""
	if p := planning.Make(*f); codes(p) != "" || steps(p) != "buy new business-premium 0>25 P1Y/monthly" || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "not in new commerce") {
		t.Errorf("why nothing fits is not said: %v, %q", p.Reasons, p.Notes)
	}
}

// TestMaterial: a person is asked again where seats, offers or losses change, and not where Microsoft rotates its ids or
// decides who moves the licences.
func TestMaterial(t *testing.T) {
	base := func() *planning.Facts {
		f := lab()
		f.Subscriptions[0].Scheduled = &upgrade.ScheduledChange{ProductID: "CFQ7TTC0LH18", SKUID: "0001", AvailabilityID: "CFQ7TTC0ABCD", Seats: 18}
		return f
	}
	first := planning.Make(*base())
	first.Seal()
	if len(first.Digest) != 16 || !strings.HasPrefix(first.Material(), first.Digest) {
		t.Errorf("the digest %q is not the beginning of %s", first.Digest, first.Material())
	}
	for _, c := range []struct {
		name   string
		change func(f *planning.Facts)
		same   bool
	}{
		{"another day", func(f *planning.Facts) { f.Now = f.Now.AddDate(0, 0, 1) }, true},
		{"availabilities rotate", func(f *planning.Facts) {
			f.Targets[basicSub][0].CatalogItem = premiumProduct + ":ROTATED"
			f.Subscriptions[0].CatalogItem = basicProduct + ":ROTATED"
			f.Subscriptions[0].Scheduled.AvailabilityID = "ROTATED"
		}, true},
		{"Microsoft does not move the licences", func(f *planning.Facts) {
			f.Targets[basicSub][0] = target(premiumProduct, upgrade.TransitionChoice{Type: upgrade.TransitionOnly, Eligible: true})
		}, true},
		{"the directory is open", func(f *planning.Facts) { see(f) }, true},
		{"subscriptions come in another order, and an untouched one changes", func(f *planning.Facts) {
			f.Subscriptions = append([]upgrade.Subscription{sub(phoneSub, phoneProduct, 3)}, f.Subscriptions...)
		}, true},
		{"other seats", func(f *planning.Facts) { f.Order.Target.Seats = 26 }, false},
		{"somebody bought a seat", func(f *planning.Facts) { f.Subscriptions[0].Seats = 21 }, false},
		{"another offer", func(f *planning.Facts) { f.Order.Target.Plan = "business-standard" }, false},
		{"others move", func(f *planning.Facts) { f.Order.Licenses.Who = upgrade.Nobody }, false},
		{"the scheduled change that is lost is another", func(f *planning.Facts) { f.Subscriptions[0].Scheduled.Seats = 17 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := base()
			c.change(f)
			if p := planning.Make(*f); (p.Material() == first.Material()) != c.same {
				t.Errorf("the material is the same: %t; steps\n%s", !c.same, steps(p))
			}
		})
	}
	if len(first.Renewal) != 1 || first.Renewal[0].Change.AvailabilityID != "CFQ7TTC0ABCD" {
		t.Errorf("to make the digest changed the plan itself: %+v", first.Renewal)
	}
}

// TestWhatIsAsked: Microsoft is asked about the subscriptions that may be meant and the offers that the order ends with.
func TestWhatIsAsked(t *testing.T) {
	f := lab()
	f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 3), sub(otherSub, basicProduct, 1))
	if got := planning.Sources(*f); !slices.Equal(got, []string{basicSub, otherSub}) {
		t.Errorf("asked about %v", got)
	}
	f.Order.Target = upgrade.Target{Plan: "hosted-pro", Seats: 5}
	if got := planning.TargetOffers(f.Catalog, f.Order); !slices.Equal(got, []string{"business-premium", "teams-phone-standard"}) {
		t.Errorf("Hosted Pro ends with %v", got)
	}
	order(f, total("business-basic", 0), total("business-premium", 5))
	if got := planning.TargetOffers(f.Catalog, f.Order); !slices.Equal(got, []string{"business-premium"}) {
		t.Errorf("the totals end with %v", got)
	}
}
