package service

import (
	"context"
	"time"

	"uplift/internal/register"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// deskUpgrades are the upgrades as the desk asks for them.
type deskUpgrades struct{ *temporalclient.Upgrades }

// Start starts the upgrade of an order.
func (d deskUpgrades) Start(ctx context.Context, order []byte) (upgrade.Started, error) {
	return d.Upgrades.Start(ctx, order, temporalclient.StartOptions{})
}

// Retry starts an ended order again, as its next attempt.
func (d deskUpgrades) Retry(ctx context.Context, id string) (upgrade.Started, error) {
	return d.Upgrades.Retry(ctx, id, 0)
}

// DryRun makes the plan document of an order.
func (d deskUpgrades) DryRun(ctx context.Context, order []byte) (upgrade.Plan, error) {
	return d.Upgrades.Plan(ctx, order)
}

// lookPatience is how long somebody waits for a look at a customer: without a worker it would never come.
const lookPatience = 45 * time.Second

// LookAtCustomer reads one customer at Microsoft. Kind Transient, code no_answer, where no worker does it in time.
func (d deskUpgrades) LookAtCustomer(ctx context.Context, tenant string) (upgrade.CustomerView, error) {
	ctx, enough := context.WithTimeout(ctx, lookPatience)
	defer enough()
	return d.Upgrades.LookAtCustomer(ctx, tenant)
}

// ReplayCallbacks refuses: there are no callbacks to send again.
func (d deskUpgrades) ReplayCallbacks(context.Context, string, int) error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: "no_callbacks", Message: "no callbacks are sent, so there are none to send again"}
}

// deskRegister is the register as the desk asks for it.
type deskRegister struct{ *register.Register }

// Deliveries are none: no callbacks are sent.
func (deskRegister) Deliveries(context.Context, string) ([]upgrade.Delivery, error) { return nil, nil }

// FailedDeliveries are none either.
func (deskRegister) FailedDeliveries(context.Context, int) ([]upgrade.Delivery, error) {
	return nil, nil
}
