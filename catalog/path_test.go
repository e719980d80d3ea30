package catalog

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"uplift/upgrade"
)

// TestClassicTable holds Microsoft's table of CSP upgrades: these steps and no others are legacy.
func TestClassicTable(t *testing.T) {
	want := []string{
		"apps-for-business → apps-for-enterprise",
		"apps-for-business → business-premium",
		"apps-for-business → office-365-e3",
		"apps-for-business → office-365-e5",
		"apps-for-business-india → business-standard-india",
		"business-basic → business-standard",
		"business-basic → office-365-e1",
		"business-basic → office-365-e3",
		"business-basic → office-365-e5",
		"business-basic-india → business-standard-india",
		"business-standard → office-365-e3",
		"business-standard → office-365-e5",
	}
	var got []string
	for _, p := range Load().Paths() {
		if p.Commerce == Legacy {
			got = append(got, string(p.From+" → "+p.To))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the legacy steps are\n%s", strings.Join(got, "\n"))
	}
}

func TestPath(t *testing.T) {
	c := Load()
	for _, step := range []struct {
		from, to OfferID
		market   string
		commerce Commerce
		code     string // of the refusal
	}{
		{"business-basic", "business-standard", "DE", NewCommerce, ""},
		{"business-basic", "business-premium", "", NewCommerce, ""},
		{"business-basic", "business-premium", "US", NewCommerce, ""},
		{"business-basic", "microsoft-365-e5", "US", NewCommerce, ""},
		{"business-standard", "business-premium", "GB", NewCommerce, ""},
		{"business-premium", "microsoft-365-e3", "GB", NewCommerce, ""},
		{"microsoft-365-e3", "microsoft-365-e5", "GB", NewCommerce, ""},
		{"office-365-e1", "office-365-e5", "GB", NewCommerce, ""},
		{"office-365-e3", "microsoft-365-e3", "GB", NewCommerce, ""},
		{"business-basic-india", "business-standard-india", "IN", NewCommerce, ""},
		{"apps-for-business-india", "business-standard-india", "in", NewCommerce, ""},
		{"business-basic-india", "business-standard", "IN", "", "path_not_in_catalogue"},
		{"apps-for-business-india", "business-standard", "IN", "", "path_not_in_catalogue"},
		{"apps-for-business-india", "business-premium", "IN", "", "path_not_in_catalogue"},
		{"business-basic-india", "business-standard-india", "DE", "", "path_not_in_market"},
		{"business-basic", "business-standard-india", "IN", "", "path_not_in_catalogue"},
		{"business-basic", "apps-for-business", "DE", "", "path_not_in_catalogue"},
		{"business-basic", "business-basic", "DE", "", "path_not_in_catalogue"},
		{"business-basic", "business-gold", "DE", "", "unknown_offer"},
	} {
		p, err := c.Path(step.from, step.to, step.market)
		if step.code == "" {
			if err != nil || p.Commerce != step.commerce || !p.Upward() {
				t.Errorf("%s → %s in %s: %+v, %v", step.from, step.to, step.market, p, err)
			}
			continue
		}
		var problems upgrade.Problems
		if !errors.As(err, &problems) || !problems.Has(step.code) || problems[0].Remedy == "" {
			t.Errorf("%s → %s in %s: %v, want %s", step.from, step.to, step.market, err, step.code)
		}
	}
}

// TestIndiaLegacy holds note 1 of Microsoft's table: its steps to Business Standard and Premium are not for India.
func TestIndiaLegacy(t *testing.T) {
	for _, p := range Load().Paths() {
		if p.Commerce != Legacy {
			continue
		}
		noted := p.To == "business-standard" || p.To == "business-premium"
		if noted == p.OpenIn("IN") {
			t.Errorf("the legacy step %s → %s is open in India: %t", p.From, p.To, p.OpenIn("IN"))
		}
	}
}

// TestDowngrades holds that what leads down waits for the renewal.
func TestDowngrades(t *testing.T) {
	c := Load()
	for _, step := range [][2]OfferID{{"business-premium", "business-basic"}, {"microsoft-365-e5", "business-premium"}, {"office-365-e5", "office-365-e1"}} {
		p, err := c.Path(step[0], step[1], "DE")
		if err != nil || p.Upward() || !p.Allows(AtRenewal) {
			t.Errorf("%s → %s: %+v, %v", step[0], step[1], p, err)
		}
	}
}

func TestPathsFrom(t *testing.T) {
	var to []OfferID
	for _, p := range Load().PathsFrom("apps-for-business", "IN") {
		if p.Commerce == Legacy {
			to = append(to, p.To)
		}
	}
	if want := []OfferID{"apps-for-enterprise", "office-365-e3", "office-365-e5"}; !slices.Equal(to, want) {
		t.Errorf("in India the legacy steps from Apps for business lead to %v, not %v", to, want)
	}
}
