package main

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"

	"uplift/activities"
	"uplift/upgrade"
)

// careless is the planted defect, by which a test shows that the check can fail: a client of Partner Center that makes a new
// request id for every attempt, and a new cart for every checkout, and that does not read what an earlier attempt has done.
type careless struct {
	activities.Commerce

	mu    sync.Mutex
	carts map[string]upgrade.PurchaseRequest
}

func newCareless(c activities.Commerce) activities.Commerce {
	return &careless{Commerce: c, carts: map[string]upgrade.PurchaseRequest{}}
}

// fresh is an id that no attempt had before.
func fresh(id upgrade.WriteID) upgrade.WriteID {
	return upgrade.WriteID{Request: uuid.NewString(), Correlation: id.Correlation}
}

// Orders shows none to whoever is about to buy.
func (c *careless) Orders(ctx context.Context, tenant string) ([]upgrade.CommerceOrder, error) {
	if activity.IsActivity(ctx) && activity.GetInfo(ctx).ActivityType.Name == "BuySeats" {
		return nil, nil
	}
	return c.Commerce.Orders(ctx, tenant)
}

// CreateCart keeps what is asked for.
func (c *careless) CreateCart(ctx context.Context, id upgrade.WriteID, tenant string, r upgrade.PurchaseRequest) (string, error) {
	cart, err := c.Commerce.CreateCart(ctx, fresh(id), tenant, r)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.carts[cart] = r
	}
	return cart, err
}

// Checkout buys by a cart of its own.
func (c *careless) Checkout(ctx context.Context, id upgrade.WriteID, tenant, cart string) (upgrade.CommerceOrder, error) {
	c.mu.Lock()
	request, known := c.carts[cart]
	c.mu.Unlock()
	if known {
		another, err := c.Commerce.CreateCart(ctx, fresh(id), tenant, request)
		if err != nil {
			return upgrade.CommerceOrder{}, err
		}
		cart = another
	}
	return c.Commerce.Checkout(ctx, fresh(id), tenant, cart)
}

// SetSeats and StartTransition only lose the id.
func (c *careless) SetSeats(ctx context.Context, id upgrade.WriteID, tenant, subscription string, from, to int) error {
	return c.Commerce.SetSeats(ctx, fresh(id), tenant, subscription, from, to)
}

func (c *careless) StartTransition(ctx context.Context, id upgrade.WriteID, tenant string, r upgrade.TransitionRequest) (upgrade.Transition, error) {
	return c.Commerce.StartTransition(ctx, fresh(id), tenant, r)
}
