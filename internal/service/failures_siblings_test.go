package service

import (
	"context"
	"encoding/json"
	"fmt"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// siblings are the workflows beside an upgrade.
func siblings() []story {
	start := func(name string, words func(o *ordeal) (string, error), input ...any) func(o *ordeal) (string, error) {
		return func(o *ordeal) (string, error) {
			o.env.ExecuteWorkflow(name, input...)
			if err := o.env.GetWorkflowError(); err != nil {
				return "", err
			}
			return words(o)
		}
	}
	asJSON := func(o *ordeal) (string, error) {
		var v any
		err := o.env.GetWorkflowResult(&v)
		out, _ := json.Marshal(v)
		return without(string(out)), err
	}
	quiet := func(*ordeal) (string, error) { return "", nil }
	raw, _ := json.Marshal(map[string]any{"order": "order-1", "tenant": customer, "consent": "existing", "licenses": nobody,
		"target": map[string]any{"totals": []map[string]any{{"offer": basic, "seats": 9}}}})
	prices := `{"prices":[{"offer":"business-basic","market":"GB","term":"P1Y","billingCycle":"monthly","currency":"GBP","minor":590}],"by":"Olga"}`
	return []story{
		{name: "a dry run", held: []cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day)}, users: staff(cloud.BusinessBasic),
			run: start(upgrade.PlanWorkflow, func(o *ordeal) (string, error) {
				var p upgrade.Plan
				err := o.env.GetWorkflowResult(&p)
				return fmt.Sprint(p.Headline, len(p.Steps), p.Reasons), err
			}, jsonPayload(string(raw)))},
		{name: "a list of users", run: start(upgrade.StoreUsersWorkflow, quiet, upgrade.UserListPartOf{Tenant: customer, Name: "march.csv", Users: []string{"u1@" + domain}})},
		{name: "a report", setUp: reported, run: start(upgrade.ReportsWorkflow, asJSON, upgrade.ReportsAsked{Order: "order-1"})},
		{name: "pruning", setUp: outdated, run: start(upgrade.PruneWorkflow, quiet)},
		{name: "the partner's sign-in", setUp: func(o *ordeal) { o.partnerUser() }, run: start(upgrade.WatchPartnerWorkflow, asJSON)},
		{name: "a price list", run: start(upgrade.StorePricesWorkflow, asJSON, jsonPayload(prices))},
		{name: "the price list", setUp: priced, run: start(upgrade.ReadPricesWorkflow, asJSON, jsonPayload(`{"market":"GB"}`))},
	}
}

func reported(o *ordeal) {
	attempted(o)
	err := o.acts.Register.SaveReports(context.Background(), "order-1#1", []upgrade.UserReport{{User: "1", UPN: "u1@" + domain, Outcome: upgrade.UserMoved}})
	if err != nil {
		o.Fatal(err)
	}
}

func outdated(o *ordeal) {
	attempted(o)
	err := o.acts.Register.SaveCode(context.Background(), "order-1#1", 1, upgrade.PendingCode{DeviceCode: "D", UserCode: "U", ExpiresAt: o.cloud.State.Now().Add(-400 * day)})
	if err != nil {
		o.Fatal(err)
	}
}

func priced(o *ordeal) {
	list := []upgrade.Price{{Offer: basic, Market: "GB", Term: "P1Y", BillingCycle: "monthly", Currency: "GBP", Minor: 590}}
	if err := o.acts.Register.SavePrices(context.Background(), list, o.cloud.State.Now()); err != nil {
		o.Fatal(err)
	}
}
