package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/internal/sim"
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
		{name: "the gate", run: gated},
		{name: "a price list", run: start(upgrade.StorePricesWorkflow, asJSON, jsonPayload(prices))},
		{name: "an inventory", setUp: func(o *ordeal) {
			o.partnerUser()
			o.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: upgrade.InventoryWorkflowID, TaskQueue: upgrade.TaskQueue})
		}, held: []cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day)}, users: staff(cloud.BusinessBasic), run: start(upgrade.TakeInventoryWorkflow, asJSON, upgrade.InventoryStart{})},
		{name: "a look at a customer", setUp: func(o *ordeal) { o.partnerUser() }, held: []cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day)}, users: staff(cloud.BusinessBasic),
			run: start(upgrade.LookAtCustomerWorkflow, asJSON, upgrade.CustomerAsked{Tenant: customer})},
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

// SignalExternalWorkflow writes down to whom the gate gives a turn; those upgrades are not there.
func (o *outbound) SignalExternalWorkflow(ctx workflow.Context, workflowID, runID, name string, arg any) workflow.Future {
	if name != upgrade.SignalTurnGiven {
		return o.Next.SignalExternalWorkflow(ctx, workflowID, runID, name, arg)
	}
	o.b.given = append(o.b.given, workflowID)
	future, settle := workflow.NewFuture(ctx)
	settle.SetValue(nil)
	return future
}

// gated opens a gate in the place of one that is gone. It finds that another upgrade has the customer, for whom a second one waits,
// and gives the turn to that when Temporal reports the other closed. After three hours it hands over to its next run.
func gated(o *ordeal) (string, error) {
	wants := upgrade.TurnWanted{Workflow: "upgrade/mine", FirstRun: "run", Number: 1, Tenant: customer, Slot: true, Lock: true, Group: "mine"}
	o.env.RegisterDelayedCallback(func() { o.env.SignalWorkflow(upgrade.SignalTurn, wants) }, time.Hour)
	o.env.RegisterDelayedCallback(func() {
		o.env.SetContinueAsNewSuggested(true)
		o.env.SignalWorkflow(upgrade.SignalTurn, upgrade.TurnWanted{Workflow: "straw", FirstRun: "run", Number: 1, Tenant: sim.ContosoTenant})
	}, 3*time.Hour)
	o.env.ExecuteWorkflow(upgrade.TurnGateWorkflow, upgrade.TurnGateStart{Slots: 10, Look: upgrade.Wait(time.Minute)})
	var next *workflow.ContinueAsNewError
	if err := o.env.GetWorkflowError(); !errors.As(err, &next) {
		return "", err
	}
	var known upgrade.TurnGateStart
	err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &known)
	words := []string{}
	for _, e := range known.Known.Entries {
		words = append(words, fmt.Sprint(e.Workflow, e.HasSlot, e.HasLock))
	}
	return fmt.Sprint(o.given, words), err
}
