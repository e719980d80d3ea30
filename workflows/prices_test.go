package workflows_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"go.temporal.io/sdk/converter"

	"uplift/upgrade"
)

// ask runs one short workflow to its answer.
func (l *lab) ask(workflow string, input converter.RawValue, answer any) error {
	l.Helper()
	l.env.ExecuteWorkflow(workflow, input)
	return l.env.GetWorkflowResult(answer)
}

// TestPriceList: what is uploaded is what is read, of a market or as a whole.
func TestPriceList(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var stored upgrade.PricesStored
	err := l.ask(upgrade.StorePricesWorkflow, jsonPayload(`{"by":"anna","prices":[
		{"offer":"business-premium","market":"GB","term":"P1Y","billingCycle":"monthly","currency":"GBP","minor":1810},
		{"offer":"business-basic","term":"P1Y","billingCycle":"monthly","currency":"EUR","minor":560}]}`), &stored)
	if err != nil || stored.Rows != 2 || stored.At.IsZero() || len(stored.Reasons) > 0 {
		t.Fatalf("%+v, %v", stored, err)
	}
	basic := upgrade.Price{Offer: "business-basic", Term: "P1Y", BillingCycle: "monthly", Currency: "EUR", Minor: 560}
	premium := upgrade.Price{Offer: "business-premium", Market: "GB", Term: "P1Y", BillingCycle: "monthly", Currency: "GBP", Minor: 1810}
	for query, want := range map[string][]upgrade.Price{`{}`: {basic, premium}, `{"market":"GB"}`: {basic, premium}, `{"market":"DE"}`: {basic}} {
		again := labIn(t, l.world, l.customer)
		var list upgrade.PriceList
		if err := again.ask(upgrade.ReadPricesWorkflow, jsonPayload(query), &list); err != nil || !reflect.DeepEqual(list.Prices, want) {
			t.Errorf("%s: %+v, %v", query, list.Prices, err)
		}
	}
}

// TestBadPriceLists: what cannot be read, or is wrong, is answered with the reasons, and the list that was there stays.
func TestBadPriceLists(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ encoding, input, code string }{
		"malformed":     {"json/plain", `{`, "malformed_json"},
		"undecryptable": {"binary/encrypted", "\x01", "unreadable"},
		"unknown field": {"json/plain", `{"price":[]}`, "unknown_field"},
		"nothing in it": {"json/plain", `{}`, "no_prices"},
		"offer":         {"json/plain", `{"prices":[{"offer":"x","term":"P1Y","billingCycle":"monthly","currency":"EUR","minor":1}]}`, "unknown_offer"},
		"negative":      {"json/plain", `{"prices":[{"offer":"business-basic","term":"P1Y","billingCycle":"monthly","currency":"EUR","minor":-1}]}`, "bad_price"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			var stored upgrade.PricesStored
			if err := l.ask(upgrade.StorePricesWorkflow, payload(c.encoding, c.input), &stored); err != nil || !stored.Reasons.Has(c.code) || stored.Rows != 0 {
				t.Errorf("%+v, %v", stored, err)
			}
			if n := l.world.Calls("Register.SavePrices"); n != 0 {
				t.Errorf("%d lists were stored", n)
			}
		})
	}
}

// TestLargestPriceList: a list of as many rows as are taken fits into one message, and is read within one workflow task.
func TestLargestPriceList(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var list upgrade.PriceList
	for i := range upgrade.MaxPrices {
		list.Prices = append(list.Prices, upgrade.Price{
			Offer:  []string{"business-basic", "business-standard", "business-premium", "office-365-e1", "office-365-e3", "office-365-e5", "microsoft-365-e3", "microsoft-365-e5"}[i/26/26],
			Market: string([]byte{'A' + byte(i/26%26), 'A' + byte(i%26)}), Term: "P1Y", BillingCycle: "monthly", Currency: "EUR", Minor: 123456789,
		})
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	var stored upgrade.PricesStored
	if err := l.ask(upgrade.StorePricesWorkflow, jsonPayload(string(b)), &stored); err != nil || stored.Rows != upgrade.MaxPrices || len(b) > upgrade.MaxInput {
		t.Errorf("%d bytes, %+v, %v", len(b), stored, err)
	}
}
