package cloud

import (
	"cmp"
	"slices"
	"time"
)

// Line is one line of a cart or an order.
type Line struct {
	Number       int
	Item         string // product:sku:availability
	FriendlyName string
	Quantity     int
	Term         string
	BillingCycle string
	PartnerID    string
	PromotionID  string
	Coterminous  string // subscription whose end date the new one shares
	Subscription string // filled when it exists
}

// Cart is a purchase being prepared.
type Cart struct {
	ID      string
	Status  string // Active or Ordered
	Expires time.Time
	Lines   []Line
	orderID string
}

// Order is a purchase.
type Order struct {
	ID           string
	Customer     string
	Status       string // pending or completed
	BillingCycle string
	Created      time.Time
	Lines        []Line
	visible      bool
}

func (o *Order) copy() Order {
	out := *o
	out.Lines = slices.Clone(o.Lines)
	return out
}

// CreateCart checks the lines and keeps them for seven days.
func (c *Cloud) CreateCart(tenant string, lines []Line, o Origin) (Cart, *Refusal) {
	c.enter()
	defer c.leave()
	t, r := c.customer(tenant)
	if r == nil {
		r = c.mayOrder(t, lines, o)
	}
	if r != nil {
		return Cart{}, r
	}
	cart := &Cart{ID: c.newID(), Status: "Active", Expires: c.at.Add(returnWindow), Lines: slices.Clone(lines)}
	t.carts = append(t.carts, cart)
	return *cart, nil
}

func (c *Cloud) mayOrder(t *Tenant, lines []Line, o Origin) *Refusal {
	if r := t.mayBuy(); r != nil {
		return r
	}
	if len(lines) == 0 {
		return refuse(400, "800002", "The request has no line items.")
	}
	for _, l := range lines {
		offer, r := c.resolve(l.Item, o)
		if r != nil {
			return r
		}
		switch {
		case l.Quantity < offer.MinSeats:
			return refuse(400, "900275", "The quantity is not within the allowed range for line item %d.", l.Number)
		case l.Quantity > offer.MaxSeats:
			return refuse(403, "800067", "The quantity exceeds the maximum of %d seats per subscription.", offer.MaxSeats)
		case months(cmp.Or(l.Term, "P1Y")) == 0:
			return refuse(400, "800121", "The term duration is invalid.")
		case months(cmp.Or(l.BillingCycle, "monthly")) == 0:
			return refuse(400, "900269", "The billing cycle is invalid.")
		case months(cmp.Or(l.BillingCycle, "monthly")) > months(cmp.Or(l.Term, "P1Y")):
			return refuse(400, "900270", "The billing cycle is longer than the term.")
		}
	}
	return nil
}

// Cart returns a cart.
func (c *Cloud) Cart(tenant, id string) (Cart, *Refusal) {
	c.enter()
	defer c.leave()
	_, cart, r := c.cart(tenant, id)
	if r != nil {
		return Cart{}, r
	}
	return *cart, nil
}

func (c *Cloud) cart(tenant, id string) (*Tenant, *Cart, *Refusal) {
	t, r := c.customer(tenant)
	if r != nil {
		return nil, nil, r
	}
	for _, cart := range t.carts {
		if cart.ID == id && (cart.Status == "Ordered" || c.at.Before(cart.Expires)) {
			return t, cart, nil
		}
	}
	return nil, nil, refuse(404, "800008", "The cart was not found.")
}

// Checkout turns a cart into an order. Repeating it gives the same order.
func (c *Cloud) Checkout(tenant, id string, o Origin) (Order, *Refusal) {
	c.enter()
	defer c.leave()
	t, cart, r := c.cart(tenant, id)
	if r != nil {
		return Order{}, r
	}
	if cart.Status == "Ordered" {
		return t.order(cart.orderID).copy(), nil
	}
	if r := c.mayOrder(t, cart.Lines, o); r != nil {
		return Order{}, r
	}
	order := c.place(t, cart.Lines, o)
	cart.Status, cart.orderID = "Ordered", order.ID
	return order.copy(), nil
}

// PlaceOrder buys in one call, without a cart.
func (c *Cloud) PlaceOrder(tenant string, lines []Line, o Origin) (Order, *Refusal) {
	c.enter()
	defer c.leave()
	t, r := c.customer(tenant)
	if r == nil {
		r = c.mayOrder(t, lines, o)
	}
	if r != nil {
		return Order{}, r
	}
	return c.place(t, lines, o).copy(), nil
}

func (c *Cloud) place(t *Tenant, lines []Line, o Origin) *Order {
	order := &Order{ID: c.newID()[24:], Customer: t.ID, Status: "pending", Created: c.at, Lines: slices.Clone(lines)}
	order.BillingCycle = cmp.Or(lines[0].BillingCycle, "monthly")
	t.orders = append(t.orders, order)
	for _, l := range lines {
		c.record(OrderPlaced, t.ID, order.ID, nil, l.Item+" "+text(l.Quantity), o)
	}
	c.after(c.lag(c.faults.Lags.Order), func() {
		order.Status, order.visible = "completed", true
		for i := range order.Lines {
			order.Lines[i].Subscription = c.fulfil(t, order, order.Lines[i], o)
		}
	})
	return order
}

// fulfil makes the subscription of an order's line.
func (c *Cloud) fulfil(t *Tenant, order *Order, l Line, o Origin) string {
	offer, ok := OfferByKey(splitItem(l.Item))
	if !ok {
		return ""
	}
	s := &Subscription{ID: c.newID(), Tenant: t.ID, Offer: offer, Availability: c.availability(offer), Quantity: l.Quantity,
		FriendlyName: cmp.Or(l.FriendlyName, offer.Name), Status: Active, Term: cmp.Or(l.Term, "P1Y"), BillingCycle: cmp.Or(l.BillingCycle, "monthly"),
		AutoRenew: true, PartnerID: l.PartnerID, PromotionID: l.PromotionID, OrderID: order.ID, Created: c.at, Version: 1}
	c.begin(s, c.at)
	if other := t.subscription(l.Coterminous); other != nil {
		s.End = other.End
	}
	s.readyAt = c.at.Add(c.lag(c.faults.Lags.NotReady))
	t.subs = append(t.subs, s)
	c.record(SubscriptionCreated, t.ID, s.ID, nil, offer.PartNumber+" "+text(l.Quantity), o)
	c.scheduleRenewal(t, s)
	c.push(t, s)
	return s.ID
}

func (t *Tenant) order(id string) *Order {
	for _, o := range t.orders {
		if o.ID == id {
			return o
		}
	}
	return nil
}

// Orders lists the orders that can be found by now.
func (c *Cloud) Orders(tenant string) ([]Order, *Refusal) {
	c.enter()
	defer c.leave()
	t, r := c.customer(tenant)
	if r != nil {
		return nil, r
	}
	out := []Order{}
	for _, o := range t.orders {
		if o.visible {
			out = append(out, o.copy())
		}
	}
	return out, nil
}

// Order returns one order: 20000 until it can be found.
func (c *Cloud) Order(tenant, id string) (Order, *Refusal) {
	c.enter()
	defer c.leave()
	t, r := c.customer(tenant)
	if r != nil {
		return Order{}, r
	}
	if o := t.order(id); o != nil && o.visible {
		return o.copy(), nil
	}
	return Order{}, refuse(404, "20000", "The order was not found.")
}
