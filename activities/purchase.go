package activities

import (
	"context"
	"fmt"
	"slices"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// BuySeatsInput is one purchase.
type BuySeatsInput struct {
	Requests
	Tenant string       `json:"tenant"`
	Market string       `json:"market"`
	Step   upgrade.Step `json:"step"`
}

// BuySeatsOutput is empty: what was bought is asked by AwaitProvisioning.
type BuySeatsOutput struct{}

// BuySeats buys a subscription once. A cart buys nothing and its id is noted before the checkout; the checkout of one cart gives
// one order, however often it is repeated. Before every request the customer's orders are looked through for one that was not
// there before. A new cart is made only when the noted one is gone without an order.
func (a *Activities) BuySeats(ctx context.Context, in BuySeatsInput) (BuySeatsOutput, error) {
	return BuySeatsOutput{}, a.effect(ctx, in.Upgrade, in.Step.ID, a.buy(ctx, in))
}

func (a *Activities) buy(ctx context.Context, in BuySeatsInput) error {
	order, err := a.bought(ctx, in.Upgrade, in.Tenant, in.Step)
	if err != nil || order != nil {
		return err
	}
	cart, err := a.cart(ctx, in)
	if err != nil {
		return err
	}
	err = a.write(ctx, errorbook.Order, in.Requests, in.Step.ID, func(id upgrade.WriteID) error {
		placed, err := a.Commerce.Checkout(ctx, id, in.Tenant, cart)
		if err == nil && placed.ID != "" {
			_, err = a.Register.Journal(ctx, in.Upgrade, in.Step.ID+"/order", placed.ID)
		}
		return err
	})
	if upgrade.KindOf(err) == upgrade.NotFound { // Microsoft keeps a cart for seven days
		if _, noteErr := a.Register.Journal(ctx, in.Upgrade, in.Step.ID+"/gone-"+cart, "gone"); noteErr != nil {
			return noteErr
		}
		return &upgrade.Error{Kind: upgrade.Transient, Code: "cart_gone", Message: "the cart is no longer there; a new one is made", Err: err}
	}
	return err
}

// maxCarts bounds how many carts a purchase goes through, each of which lives for days.
const maxCarts = 20

// cart answers the noted cart, or makes one with a catalogue item that is sold today, and notes it.
func (a *Activities) cart(ctx context.Context, in BuySeatsInput) (string, error) {
	for number := 1; number <= maxCarts; number++ {
		name := fmt.Sprintf("%s/cart-%d", in.Step.ID, number)
		cart, ok, err := a.Register.Note(ctx, in.Upgrade, name)
		if err != nil {
			return "", err
		}
		if ok {
			if _, gone, err := a.Register.Note(ctx, in.Upgrade, in.Step.ID+"/gone-"+cart); err != nil || !gone {
				return cart, err
			}
			continue
		}
		item, err := a.saleItem(ctx, in)
		if err != nil {
			return "", err
		}
		var made string
		request := upgrade.PurchaseRequest{CatalogItem: item, Seats: in.Step.To, Term: in.Step.Term, BillingCycle: in.Step.BillingCycle}
		err = a.write(ctx, errorbook.Order, in.Requests, name+"/made", func(id upgrade.WriteID) (err error) {
			made, err = a.Commerce.CreateCart(ctx, id, in.Tenant, request)
			if err == nil {
				made, err = a.Register.Journal(ctx, in.Upgrade, name, made)
			}
			return err
		})
		return made, err
	}
	return "", &upgrade.Error{Kind: upgrade.Unknown, Code: "too_many_carts", Message: "carts vanish again and again before they can be checked out"}
}

// saleItem is the catalogue item under which the product is sold today, for the step's term: availability ids rotate.
func (a *Activities) saleItem(ctx context.Context, in BuySeatsInput) (string, error) {
	sold, err := a.Commerce.Availabilities(ctx, in.Step.ProductSKU, in.Market)
	if err != nil {
		return "", err
	}
	term := in.Step.Term + "/" + in.Step.BillingCycle
	for _, s := range sold {
		if slices.Contains(s.Terms, term) {
			return s.CatalogItem, nil
		}
	}
	return "", refused("term_not_sold", "Microsoft no longer sells %s for %s", in.Step.ProductSKU, term)
}

// bought finds the order that a purchase has placed: the one that is noted, else one that was not there before, of the same
// product with the same number of seats. nil: there is none.
func (a *Activities) bought(ctx context.Context, upgradeID, tenant string, step upgrade.Step) (*upgrade.CommerceOrder, error) {
	noted, known, err := a.Register.Note(ctx, upgradeID, step.ID+"/order")
	if err != nil {
		return nil, err
	}
	orders, err := a.Commerce.Orders(ctx, tenant)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	before, err := a.noteBefore(ctx, upgradeID, step.ID, ids)
	if err != nil {
		return nil, err
	}
	for i, o := range orders {
		switch {
		case known && o.ID == noted:
			return &orders[i], nil
		case !known && !slices.Contains(before, o.ID) && sameOffer(o.CatalogItem, step.ProductSKU) && o.Seats == step.To:
			return &orders[i], nil
		}
	}
	if known {
		return &upgrade.CommerceOrder{ID: noted, Status: "pending"}, nil // placed, and not listed yet
	}
	return nil, nil
}

// UndoPurchaseInput is a purchase that is taken back.
type UndoPurchaseInput struct {
	Requests
	Tenant string       `json:"tenant"`
	Step   upgrade.Step `json:"step"`
	Lapse  bool         `json:"lapse,omitempty"` // Microsoft does not cancel it any more: see that it is not renewed
}

// UndoPurchaseOutput says what could be taken back.
type UndoPurchaseOutput struct {
	Subscription string            `json:"subscription,omitempty"` // empty: nothing was bought
	Residue      *upgrade.Residual `json:"residue,omitempty"`      // the window has closed: the subscription ends at its renewal
	// Lapse is set where this execution has made its share of requests: the next one goes on there.
	Lapse bool `json:"lapse,omitempty"`
}

// UndoPurchase cancels what a purchase has made, inside its window; afterwards it switches the renewal off. It finds the
// subscription by the order, and concludes that nothing was bought only when an order would have shown by now. A repeat reads
// first: what has ended is left alone.
func (a *Activities) UndoPurchase(ctx context.Context, in UndoPurchaseInput) (UndoPurchaseOutput, error) {
	var out UndoPurchaseOutput
	order, err := a.bought(ctx, in.Upgrade, in.Tenant, in.Step)
	switch {
	case err != nil:
		return out, err
	case order == nil:
		_, since, err := a.pending(ctx, in.Upgrade, in.Step.ID)
		// Not the quarter of an hour that Microsoft names for an order: who concludes wrongly here leaves a subscription
		// that nobody cancels.
		if err == nil && !since.IsZero() && a.now().Before(since.Add(a.settleTime("", nil))) {
			err = waiting("order_unclear", "the purchase may have been accepted, and no order shows yet")
		}
		return out, err
	case order.Subscription == "":
		return out, waiting("order_pending", "Microsoft has not made the subscription yet, so it cannot be cancelled")
	}
	out.Subscription = order.Subscription
	step := in.Step
	step.Subscription, step.From, step.To = order.Subscription, in.Step.To, 0
	return out, a.giveUp(ctx, in, step, &out)
}

// giveUp ends a subscription: cancelled inside its window, else without renewal. What stays until then is answered.
func (a *Activities) giveUp(ctx context.Context, in UndoPurchaseInput, step upgrade.Step, out *UndoPurchaseOutput) error {
	name := "undo-" + in.Step.ID
	s, err := a.Commerce.Subscription(ctx, in.Tenant, step.Subscription)
	if err != nil || s.Status == "deleted" {
		return err
	}
	if !in.Lapse {
		err = a.write(ctx, errorbook.Cancel, in.Requests, name+"/cancel", func(id upgrade.WriteID) error {
			return a.Commerce.Cancel(ctx, id, in.Tenant, step.Subscription)
		})
		if upgrade.KindOf(err) != upgrade.Refused {
			return err
		}
	}
	if upgrade.CallsLeft(ctx) < changeCalls {
		out.Lapse = true
		return nil
	}
	if err := a.setRenewal(ctx, in.Requests, in.Tenant, name+"/renewal", s, upgrade.RenewalState{}); err != nil {
		return err
	}
	out.Residue = &upgrade.Residual{Subscription: s.ID, Offer: step.Offer, Name: s.Name, Seats: s.Seats, Until: s.TermEnds}
	return nil
}
