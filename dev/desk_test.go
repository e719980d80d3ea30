package main

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"uplift/internal/portal/access"
	"uplift/internal/sim"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// resellersOrder takes a Business Basic customer from five seats to six, by the application's consent.
func resellersOrder(id, tenant, reseller string) []byte {
	b, _ := json.Marshal(map[string]any{"order": id, "tenant": tenant, "reseller": reseller, "consent": "existing",
		"licenses": map[string]any{"who": "nobody"}, "target": map[string]any{"totals": []map[string]any{{"offer": "business-basic", "seats": 6}}}})
	return b
}

// TestDesk asks the desk of `starter serve` on a real Temporal and one register file that worker and server share: the first
// inventory, a look at a customer, and orders on a reseller's behalf, by the desk and past it.
func TestDesk(t *testing.T) {
	all, connection := launch(t)
	ctx, d := patient(t), all.server.Desk()
	operator := access.Who{Name: "Olga", Roles: []access.Role{access.Operator}}
	rosa := access.Who{Name: "Rosa", Roles: []access.Role{access.Reseller}, Reseller: demoReseller}
	quentin := access.Who{Name: "Quentin", Roles: []access.Role{access.Reseller}, Reseller: demoLooking}

	taken := until(ctx, t, "the first inventory", func() (upgrade.Inventory, bool) {
		i, err := d.LastInventory(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return i, !i.EndedAt.IsZero()
	})
	if taken.Customers < 15 || taken.Failed != 0 || taken.Problem != nil {
		t.Errorf("%+v", taken)
	}
	all17, _, err := d.Customers(ctx, operator, upgrade.InventoryFilter{}, "", 500)
	if err != nil || len(all17) != taken.Customers {
		t.Errorf("%d customers, %v", len(all17), err)
	}
	own, _, err := d.Customers(ctx, rosa, upgrade.InventoryFilter{Plan: "hosted-essentials"}, "", 0)
	if err != nil || len(own) != 1 || own[0].Tenant != sim.NorthwindTenant || own[0].Reseller != demoReseller {
		t.Errorf("%+v, %v", own, err)
	}
	view, err := d.Customer(ctx, rosa, sim.WoodgroveTenant)
	if err != nil || view.Customer.Name == "" || len(view.Row.Subscriptions) != 1 || view.Row.Subscriptions[0].Used != -1 || !view.Problems.Has("900329") {
		t.Errorf("%+v, %v", view, err)
	}
	if _, err := d.Customer(ctx, rosa, sim.ContosoTenant); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("another's customer: %v", err)
	}
	if err := d.TakeInventory(ctx, operator); err != nil {
		t.Error(err)
	}

	_, application := sim.DemoPermissions()
	for _, tenant := range []string{sim.WoodgroveTenant, sim.LakesideTenant} {
		all.cloud.State.GrantConsentNow(tenant, sim.DemoClientID, nil, application)
	}
	if _, err := d.Place(ctx, quentin, resellersOrder("Q-1", sim.LakesideTenant, "")); upgrade.CodeOf(err) != "not_entitled" {
		t.Errorf("who is not entitled: %v", err)
	}
	// Past the desk, the claim asks the same.
	if _, err := connection.Start(ctx, resellersOrder("Q-1", sim.LakesideTenant, demoLooking), temporalclient.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	refused, err := connection.Result(ctx, "Q-1")
	if err != nil || refused.End != upgrade.RefusedOrder || !refused.Reasons.Has("not_entitled") {
		t.Errorf("%+v, %v", refused, err)
	}

	started, err := d.Place(ctx, rosa, resellersOrder("H-1", sim.WoodgroveTenant, ""))
	if err != nil || started.Existing {
		t.Fatalf("%+v, %v", started, err)
	}
	until(ctx, t, "the end", func() (upgrade.Status, bool) {
		s, err := d.Status(ctx, rosa, "H-1")
		if err != nil {
			t.Fatal(err)
		}
		return s, s.Stage == upgrade.Ended
	})
	dossier, err := d.Dossier(ctx, rosa, "H-1")
	if err != nil || dossier.Status.End != upgrade.Completed || dossier.Recorded == nil || dossier.Recorded.Reseller != demoReseller || dossier.Plan == nil || dossier.Plan.Reseller != demoReseller {
		t.Errorf("%+v, %v", dossier, err)
	}
	again, err := d.Place(ctx, rosa, resellersOrder("H-1", sim.WoodgroveTenant, demoReseller))
	if err != nil || !again.Existing {
		t.Errorf("the same order again: %+v, %v", again, err)
	}
	listed := until(ctx, t, "the list", func() ([]upgrade.ListRow, bool) { // it lags
		rows, _, err := d.List(ctx, rosa, upgrade.ListFilter{}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		return rows, len(rows) == 1 && rows[0].End != ""
	})
	if listed[0].Reseller != demoReseller || listed[0].Order != "H-1" {
		t.Errorf("%+v", listed)
	}
	if rows, _, err := d.Recorded(ctx, quentin, upgrade.RecordedFilter{}, "", 10); err != nil || len(rows) != 0 {
		t.Errorf("another reseller's list: %+v, %v", rows, err)
	}
	if resp, err := http.Get("http://" + all.portal + "/readyz"); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%v, %v", resp, err)
	}
}

// until looks until it is so.
func until[T any](ctx context.Context, t *testing.T, what string, look func() (T, bool)) T {
	t.Helper()
	for {
		if v, done := look(); done {
			return v
		} else if ctx.Err() != nil {
			t.Fatalf("%s did not come: %+v", what, v)
		}
		time.Sleep(200 * time.Millisecond)
	}
}
