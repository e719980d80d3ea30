package catalog

import (
	"slices"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	c := Load()
	for _, test := range []struct {
		text string
		want OfferID   // "" when several or none fit
		near []OfferID // some of those that must be offered
	}{
		{"business-basic", "business-basic", nil},
		{"  Business Basic ", "business-basic", nil},
		{"microsoft 365 business basic", "business-basic", nil},
		{"3B555118-DA6A-4418-894F-7DF1E2096870", "business-basic", nil},
		{"CFQ7TTC0LH18:0001:K971", "business-basic", nil},
		{"M365 E3", "microsoft-365-e3", nil},
		{"o365-e3", "office-365-e3", nil},
		{"Microsoft_365_E3", "microsoft-365-e3-volume", nil},
		{"Microsoft 365 E3", "microsoft-365-e3", nil},
		{"Microsoft_365_ Business_ Premium_(no Teams)", "business-premium-no-teams", nil},
		{"Business Standard India", "business-standard-india", nil},
		{"Teams Phone Standard", "teams-phone-standard", nil},
		{"MCOEV", "teams-phone-standard", nil},
		{"Busines Premum", "", []OfferID{"business-premium"}},
		{"E3", "", []OfferID{"office-365-e3"}},
		{"SPE_E4", "", []OfferID{"microsoft-365-e3", "microsoft-365-e5"}},
		{"", "", nil},
		{"quite another thing", "", nil},
		{strings.Repeat("business", 100000), "", nil},
	} {
		o, near, ok := c.Resolve(test.text)
		if o.ID != test.want || ok != (test.want != "") || len(near) > suggestions || ok && len(near) > 0 {
			t.Errorf("%.40q is %s (%t), not %s; %s", test.text, o.ID, ok, test.want, DidYouMean(near))
		}
		for _, want := range test.near {
			if !slices.ContainsFunc(near, func(o Offer) bool { return o.ID == want }) {
				t.Errorf("%.40q does not suggest %s but: %s", test.text, want, DidYouMean(near))
			}
		}
		if test.near == nil && len(near) > 0 {
			t.Errorf("%.40q suggests: %s", test.text, DidYouMean(near))
		}
	}
	// Every offer is found by everything that names it.
	for _, o := range c.Offers() {
		for _, text := range []string{string(o.ID), o.Name, strings.ToUpper(o.Name), o.SKUPartNumber, o.SKUID, o.ProductSKU} {
			if found, _, _ := c.Resolve(text); text != "" && found.ID != o.ID {
				t.Errorf("%q is %s, not %s", text, found.ID, o.ID)
			}
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"kitten", "sitting", 3}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("from %q to %q: %d, not %d", test.a, test.b, got, test.want)
		}
	}
}
