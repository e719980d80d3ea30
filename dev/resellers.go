package main

import (
	"context"
	"log/slog"
	"time"

	"uplift/internal/register"
	"uplift/internal/sim"
	"uplift/upgrade"
)

// The demonstration's resellers: one that may upgrade its customers, and one that may only look at them.
const (
	demoReseller      = sim.DemoResellerID
	demoLooking       = sim.DemoSecondResellerID
	demoManagement    = "customer-management"
	demoResellerBegan = 24 * time.Hour // before the start
)

// seedResellers gives the register the demonstration's resellers, with customers of the simulated cloud. What is there already
// stays as it is.
func seedResellers(ctx context.Context, _ settings, _ *slog.Logger, all *running) error {
	r, err := register.Open(ctx, register.Options{DSN: all.settings.RegisterDSN.Reveal(), Keys: register.Keyless()})
	if err != nil {
		return err
	}
	defer r.Close()
	known, err := r.Resellers(ctx)
	if err != nil || len(known) > 0 {
		return err
	}
	const by = "the dev command"
	began := all.cloud.State.Now().Add(-demoResellerBegan)
	steps := []func() error{
		func() error { return r.SaveReseller(ctx, upgrade.Reseller{ID: demoReseller, Name: "Harbor IT"}) },
		func() error { return r.SaveReseller(ctx, upgrade.Reseller{ID: demoLooking, Name: "Quayside Services"}) },
		func() error { return r.SetReseller(ctx, sim.WoodgroveTenant, demoReseller, by, began) },
		func() error { return r.SetReseller(ctx, sim.NorthwindTenant, demoReseller, by, began) },
		func() error { return r.SetReseller(ctx, sim.LakesideTenant, demoLooking, by, began) },
		func() error {
			return r.SaveManagementPlan(ctx, upgrade.ManagementPlan{ID: demoManagement, Name: "Customer management", Template: upgrade.ResaleTemplate, MadeBy: by, MadeAt: began})
		},
		func() error {
			return r.Subscribe(ctx, demoReseller, upgrade.Entitlement{Plan: demoManagement, From: began, By: by, Form: upgrade.ResellerForm{Account: "harbor.admin", Subdomain: "harborit"}})
		},
	}
	for _, step := range steps {
		if err := step(); err != nil && upgrade.KindOf(err) != upgrade.Conflict {
			return err
		}
	}
	return nil
}
