package service

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

const examples = "../../examples"

// india are the ids that the simulator has for the India editions: Microsoft publishes none, so a provider in India adds those
// that Partner Center shows.
var india = map[string]string{
	"apps-for-business-india": cloud.AppsForBusinessIndia, "business-basic-india": cloud.BusinessBasicIndia, "business-standard-india": cloud.BusinessStandardIndia,
}

// catalogOfIndia writes the catalogue with the simulator's ids of the India editions.
func catalogOfIndia(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../catalog/catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, one := range all["offers"].([]any) {
		offer := one.(map[string]any)
		if part, ok := india[offer["id"].(string)]; ok {
			o, _ := cloud.OfferByPart(part)
			plans := []string{}
			for _, p := range o.Plans {
				plans = append(plans, p.Name)
			}
			offer["servicePlans"] = plans
			offer["skuPartNumber"], offer["skuId"], offer["productSku"] = o.PartNumber, o.SKU, o.ProductID+":"+o.SkuID
		}
	}
	if data, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "catalog.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestExamples carries every example order through on the demonstration's customers, and compares what each holds in the end.
func TestExamples(t *testing.T) {
	t.Parallel()
	type held = map[string]int
	cases := map[string]struct {
		held    held
		refused string
	}{
		"hosted-essentials-to-essentials-plus":    {held: held{standard: 5, phone: 5}},
		"hosted-essentials-to-pro":                {held: held{premium: 8, phone: 8}},
		"four-essentials-after-one":               {held: held{basic: 4}},
		"premium-after-essentials-inside-window":  {held: held{premium: 1}},
		"premium-after-essentials-outside-window": {held: held{premium: 1}},
		"mix-over-two-domains":                    {held: held{basic: 4, premium: 4}},
		"two-licence-resources":                   {refused: "source_ambiguous"},
		"target-held-elsewhere":                   {refused: "target_already_held"},

		"classic-apps-for-business-to-business-premium":              {held: held{premium: 4}},
		"classic-apps-for-business-to-apps-for-enterprise":           {held: held{"apps-for-enterprise": 4}},
		"classic-apps-for-business-to-office-365-e3":                 {held: held{"office-365-e3": 4}},
		"classic-apps-for-business-to-office-365-e5":                 {held: held{"office-365-e5": 4}},
		"classic-business-standard-to-office-365-e3":                 {held: held{"office-365-e3": 6}},
		"classic-business-standard-to-office-365-e5":                 {held: held{"office-365-e5": 6}},
		"classic-business-basic-to-business-standard":                {held: held{standard: 12}},
		"classic-business-basic-to-office-365-e1":                    {held: held{"office-365-e1": 12}},
		"classic-business-basic-to-office-365-e3":                    {held: held{"office-365-e3": 12}},
		"classic-business-basic-to-office-365-e5":                    {held: held{"office-365-e5": 12}},
		"classic-business-basic-india-to-business-standard-india":    {held: held{"business-standard-india": 3}},
		"classic-business-basic-india-to-business-standard":          {refused: "path_not_in_catalogue"},
		"classic-apps-for-business-india-to-business-standard-india": {held: held{"business-standard-india": 3}},
		"classic-apps-for-business-india-to-business-standard":       {refused: "path_not_in_catalogue"},
	}
	files, err := filepath.Glob(filepath.Join(examples, "*.json"))
	if err != nil || len(files) != len(cases) {
		t.Errorf("there are %d example orders, and %d are tried; %v", len(files), len(cases), err)
	}
	for file, c := range cases {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			order := example(t, file)
			i := newInstallation(t)
			if strings.Contains(file, "india") {
				i.settings.CatalogFile = catalogOfIndia(t)
			}
			b := i.bench(order["tenant"].(string))
			b.consented()
			b.partnerUser()
			b.order = order
			b.order["consent"] = "existing" // the administrator's part is tried elsewhere
			before, people := b.seats(), b.holders()
			r := b.run()
			b.wait(12 * time.Hour)
			if c.refused != "" {
				if r.End != upgrade.Ineligible || !r.Reasons.Has(c.refused) {
					t.Errorf("it ended %s, not refused by %s: %v", r.End, c.refused, r.Reasons)
				}
				b.same("what the customer holds", b.seats(), before)
				b.same("who holds what", b.holders(), people)
				return
			}
			if r.End != upgrade.Completed || b.parked > 0 {
				t.Fatalf("it ended %s: %v\n%s", r.End, r.Reasons, strings.Join(b.steps, "\n"))
			}
			b.same("what the customer holds", b.seats(), c.held)
		})
	}
}

// example reads an order as the README says to send it.
func example(t *testing.T, file string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, file+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := upgrade.ParseOrder(data); len(problems) > 0 {
		t.Fatal(problems)
	}
	var order map[string]any
	if err := json.Unmarshal(data, &order); err != nil {
		t.Fatal(err)
	}
	return order
}
