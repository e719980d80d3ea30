package service

import (
	"context"
	"time"

	"uplift/activities"
	"uplift/upgrade"
)

// struckInventory is the register's copy of all customers behind a snag.
type struckInventory struct {
	activities.Inventory
	snag *snag
}

func (i struckInventory) BeginInventory(ctx context.Context, began time.Time) error {
	return guarded(i.snag, ctx, "BeginInventory", func(ctx context.Context) error { return i.Inventory.BeginInventory(ctx, began) })
}

func (i struckInventory) SaveListed(ctx context.Context, page []upgrade.Customer, at time.Time) error {
	return guarded(i.snag, ctx, "SaveListed", func(ctx context.Context) error { return i.Inventory.SaveListed(ctx, page, at) })
}

func (i struckInventory) SaveInventoryRow(ctx context.Context, row upgrade.InventoryRow) error {
	return guarded(i.snag, ctx, "SaveInventoryRow", func(ctx context.Context) error { return i.Inventory.SaveInventoryRow(ctx, row) })
}

func (i struckInventory) EndInventory(ctx context.Context, taken upgrade.Inventory) error {
	return guarded(i.snag, ctx, "EndInventory", func(ctx context.Context) error { return i.Inventory.EndInventory(ctx, taken) })
}
