package catalog

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLoad proves that the built-in catalogue is valid and holds what the product promises to know.
func TestLoad(t *testing.T) {
	c := Load()
	for _, id := range []OfferID{
		"apps-for-business", "apps-for-enterprise", "business-basic", "business-standard", "business-premium",
		"office-365-e1", "office-365-e3", "office-365-e5", "microsoft-365-e3", "microsoft-365-e5",
		"teams-phone-standard", "teams-essentials", "audio-conferencing",
		"apps-for-business-india", "business-basic-india", "business-standard-india",
		"business-basic-no-teams", "business-standard-no-teams", "business-premium-no-teams",
	} {
		o, found := c.Offer(id)
		if !found {
			t.Errorf("there is no offer %s", id)
		}
		if o.Edition == India {
			if o.Known() || o.Verified != Unverified || o.SoldIn("DE") || !o.SoldIn("in") {
				t.Errorf("%s: an India edition is unverified, without a SKU, and sold in India only: %+v", id, o)
			}
		} else if !o.Known() || len(o.ServicePlans) == 0 {
			t.Errorf("%s has no SKU", id)
		}
	}
	for id, licence := range map[PlanID]OfferID{
		"hosted-essentials": "business-basic", "hosted-essentials-plus": "business-standard", "hosted-pro": "business-premium",
	} {
		p, found := c.Plan(id)
		if !found || p.Licence != licence || !slices.Equal(p.Bundled, []OfferID{"teams-phone-standard"}) {
			t.Errorf("plan %s is %+v", id, p)
		}
	}
	for _, o := range c.Offers() {
		if o.Family == Business && o.MaxSeats != 300 {
			t.Errorf("%s has a maximum of %d seats", o.ID, o.MaxSeats)
		}
		if o.WithoutTeams() && slices.ContainsFunc(o.ServicePlans, func(p ServicePlan) bool { return p.Name == "TEAMS1" }) {
			t.Errorf("%s has Teams", o.ID)
		}
	}
	for _, p := range c.Plans() {
		if india := strings.HasSuffix(string(p.ID), "-india"); p.SoldIn("DE") == india || !p.SoldIn("IN") {
			t.Errorf("plan %s is sold in %v", p.ID, p.Markets)
		}
	}
	if _, found := c.Plan("hosted-gold"); found {
		t.Error("there is a plan hosted-gold")
	}
	shouting := regexp.MustCompile(`[A-Z]{4,}|_`)
	for _, p := range c.file.ServicePlans {
		if shouting.MatchString(strings.NewReplacer("SKU", "").Replace(p.Friendly)) {
			t.Errorf("the friendly name %q of %s is not friendly", p.Friendly, p.Name)
		}
	}
}

// TestTraps holds the names that mislead, in both directions.
func TestTraps(t *testing.T) {
	c := Load()
	for _, trap := range []struct {
		guid, part, product string
		want                OfferID
	}{
		{"f245ecc8-75af-4f8e-b61f-27d8114de5f3", "O365_BUSINESS_PREMIUM", "CFQ7TTC0LDPB:0001:LGNT", "business-standard"},
		{"CBDC14AB-D96C-4C30-B9F4-6ADA7CDC1D46", "spb", "CFQ7TTC0LCHC:0002", "business-premium"},
		{"3b555118-da6a-4418-894f-7df1e2096870", "O365_BUSINESS_ESSENTIALS", "cfq7ttc0lh18:0001:P0WS", "business-basic"},
		{"00e1ec7b-e4a3-40d1-9441-b69b597ab222", "Microsoft_365_ Business_ Premium_(no Teams)", "CFQ7TTC0LCHC:000N", "business-premium-no-teams"},
		{"21502a13-c8dc-4744-be9c-177fd9d2eafc", "Microsoft_365_Business_Basic_(no Teams)", "CFQ7TTC0LH18:000P", "business-basic-no-teams"},
		{"ac5cef5d-921b-4f97-9ef3-c99076e5470f", "SMB_BUSINESS_PREMIUM", "", "business-standard-prepaid"},
		{"0c21030a-7e60-4ec7-9a0f-0042e0e0211a", "Microsoft_365_E3", "", "microsoft-365-e3-volume"},
		{"05e9a617-0261-4cee-bb44-138d3ef5d965", "SPE_E3", "CFQ7TTC0LFLX:0001", "microsoft-365-e3"},
		{"3ab6abff-666f-4424-bfb7-f0bc274ec7bc", "TEAMS_ESSENTIALS_AAD", "CFQ7TTC0JN4R:0002", "teams-essentials"},
		{"c7df2760-2c81-4ef7-b578-5b5392b571df", "ENTERPRISEPREMIUM", "CFQ7TTC0LF8S:0001:K9G9", "office-365-e5"},
	} {
		if o, _ := c.OfferBySKUID(trap.guid); o.ID != trap.want {
			t.Errorf("the SKU %s is %s, not %s", trap.guid, o.ID, trap.want)
		}
		if o, near, ok := c.Resolve(trap.part); !ok || o.ID != trap.want {
			t.Errorf("the part number %q is %s (near %v), not %s", trap.part, o.ID, near, trap.want)
		}
		if trap.product == "" {
			continue
		}
		if o, _ := c.OfferByProductSKU(trap.product); o.ID != trap.want {
			t.Errorf("%s is %s, not %s", trap.product, o.ID, trap.want)
		}
	}
	for _, nothing := range []string{"", "CFQ7TTC0LH18", "CFQ7TTC0LH18:9999", "CFQ7TTC0LF4B:0001", "a:b:c:d"} {
		if o, found := c.OfferByProductSKU(nothing); found {
			t.Errorf("%q is %s", nothing, o.ID)
		}
	}
	if _, found := c.OfferBySKUID(""); found {
		t.Error("an offer without a SKU was found by no SKU")
	}
}

func TestSeatLimits(t *testing.T) {
	c := Load()
	for _, limit := range []struct {
		offer OfferID
		seats int
		want  bool
	}{
		{"business-basic", 0, true}, {"business-basic", 1, true}, {"business-basic", 300, true}, {"business-basic", 301, false},
		{"business-basic", -1, false}, {"office-365-e3", 100000, true}, {"office-365-e3", -1, false},
		{"microsoft-365-e3-volume", 0, true}, {"microsoft-365-e3-volume", 499, false}, {"microsoft-365-e3-volume", 500, true},
	} {
		o, _ := c.Offer(limit.offer)
		if got := o.Allows(limit.seats); got != limit.want {
			t.Errorf("%s with %d seats: %t", limit.offer, limit.seats, got)
		}
	}
}
