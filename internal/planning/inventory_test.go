package planning_test

import (
	"fmt"
	"strings"
	"testing"

	"uplift/catalog"
	"uplift/internal/planning"
	"uplift/upgrade"
)

// TestInferredPlans: a subscription fits each plan whose licence it is, where what the plan bundles is held too.
func TestInferredPlans(t *testing.T) {
	is := func(s upgrade.Subscription, change func(*upgrade.Subscription)) upgrade.Subscription {
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		held []upgrade.Subscription
		want string // of the first, by id
	}{
		"the licence alone":        {[]upgrade.Subscription{sub(basicSub, basicProduct, 20)}, "business-basic"},
		"with what a plan bundles": {[]upgrade.Subscription{sub(basicSub, basicProduct, 20), sub(phoneSub, phoneProduct, 20)}, "business-basic hosted-essentials"},
		"another licence":          {[]upgrade.Subscription{sub(premiumSub, premiumProduct, 20), sub(phoneSub, phoneProduct, 20)}, "business-premium hosted-pro"},
		"bundled without seats":    {[]upgrade.Subscription{sub(basicSub, basicProduct, 20), sub(phoneSub, phoneProduct, 0)}, "business-basic"},
		"bundled and suspended": {[]upgrade.Subscription{sub(basicSub, basicProduct, 20),
			is(sub(phoneSub, phoneProduct, 20), func(s *upgrade.Subscription) { s.Status = "suspended" })}, "business-basic"},
		"suspended itself":  {[]upgrade.Subscription{is(sub(basicSub, basicProduct, 20), func(s *upgrade.Subscription) { s.Status = "suspended" })}, "business-basic"},
		"expired":           {[]upgrade.Subscription{is(sub(basicSub, basicProduct, 20), func(s *upgrade.Subscription) { s.Status = "expired" })}, ""},
		"a trial":           {[]upgrade.Subscription{is(sub(basicSub, basicProduct, 20), func(s *upgrade.Subscription) { s.Trial = true })}, ""},
		"no licence at all": {[]upgrade.Subscription{sub(phoneSub, phoneProduct, 20)}, ""},
		"unknown product":   {[]upgrade.Subscription{sub(basicSub, "CFQ7TTC0XXXX:0001", 20)}, ""},
		"traditional": {[]upgrade.Subscription{is(sub(basicSub, "", 20), func(s *upgrade.Subscription) { s.NewCommerce, s.Name = false, "Microsoft 365 Business Basic" })},
			"business-basic"},
	} {
		for _, l := range planning.InventoryLines(catalog.Load(), c.held, nil) {
			if l.Subscription != c.held[0].ID {
				continue
			}
			if got := strings.Join(l.Inferred, " "); got != c.want || l.Used != -1 {
				t.Errorf("%s: %q with %d used, not %q", name, got, l.Used, c.want)
			}
		}
	}
}

// TestSeatsUsed: users of one offer are counted into its subscriptions one after the other, into those that work first.
func TestSeatsUsed(t *testing.T) {
	asleep := sub(basicSub, basicProduct, 10)
	asleep.Status = "suspended"
	gone := sub(standardSub, standardProduct, 5)
	gone.Status = "deleted"
	held := []upgrade.Subscription{asleep, sub(otherSub, basicProduct, 20), sub(premiumSub, premiumProduct, 5), sub(phoneSub, phoneProduct, 4), gone}
	var got []string
	for _, l := range planning.InventoryLines(catalog.Load(), held, []upgrade.TenantSKU{
		{SKUID: strings.ToUpper(basicSKU), Consumed: 23}, {SKUID: premiumSKU, Consumed: 9}, {SKUID: e5SKU, Consumed: 2},
	}) {
		got = append(got, fmt.Sprintf("%s %s %d/%d", l.Subscription[len(l.Subscription)-1:], l.Offer, l.Used, l.Seats))
	}
	const want = "1 business-basic 3/10, 2 business-basic 20/20, 3 business-premium 5/5, 4 teams-phone-standard 0/4"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("%s, not %s", s, want)
	}
}
