package partner

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"uplift/upgrade"
)

// order is https://learn.microsoft.com/en-us/partner-center/developer/order-resources, as far as it is used.
type order struct {
	ID     text   `json:"id"`
	Status word   `json:"status"`
	At     moment `json:"creationDate"`
	Lines  []struct {
		Offer        text  `json:"offerId"`
		Quantity     count `json:"quantity"`
		Subscription text  `json:"subscriptionId"`
	} `json:"lineItems"`
}

// nouns is one order for each line.
func (o order) nouns() []upgrade.CommerceOrder {
	var out []upgrade.CommerceOrder
	for _, l := range o.Lines {
		out = append(out, upgrade.CommerceOrder{
			ID: string(o.ID), Status: string(o.Status), CatalogItem: string(l.Offer), Seats: int(l.Quantity), Subscription: string(l.Subscription), At: o.At.Time,
		})
	}
	return out
}

// Orders lists the customer's orders, one entry for each line. A new one may take a quarter of an hour to show.
func (c *Client) Orders(ctx context.Context, tenant string) ([]upgrade.CommerceOrder, error) {
	path, err := pathOf("customers", tenant, "orders")
	if err != nil {
		return nil, err
	}
	all, err := collect[order](ctx, c, path)
	if upgrade.CodeOf(err) == orderNotFound {
		return nil, nil // a customer without orders
	}
	var out []upgrade.CommerceOrder
	for _, o := range all {
		out = append(out, o.nouns()...)
	}
	return out, err
}

// orderNotFound is the code of an order that cannot be found yet.
const orderNotFound = "20000"

// CreateCart makes a cart of one line, which Microsoft keeps for seven days. It buys nothing; an error of the line is the
// cart's.
// https://learn.microsoft.com/en-us/partner-center/developer/create-a-cart
func (c *Client) CreateCart(ctx context.Context, id upgrade.WriteID, tenant string, r upgrade.PurchaseRequest) (string, error) {
	if id.Request == "" {
		return "", invalid("no_write_id", "a write needs an id")
	}
	if r.CatalogItem == "" || r.Seats < 1 || r.Seats > maxCount {
		return "", invalid("bad_purchase", "the purchase names no item or no seats")
	}
	path, err := pathOf("customers", tenant, "carts")
	if err != nil {
		return "", err
	}
	line := map[string]any{
		"id": 0, "catalogItemId": r.CatalogItem, "quantity": r.Seats, "billingCycle": r.BillingCycle, "termDuration": r.Term, "attestationAccepted": true,
	}
	if r.Name != "" {
		line["friendlyName"] = r.Name
	}
	body := map[string]any{"lineItems": []any{line}, "PartnerOnRecordAttestationAccepted": true}
	out, err := c.do(ctx, call{method: http.MethodPost, path: path, body: body, id: id})
	if err != nil {
		return "", err
	}
	var cart struct {
		ID    text `json:"id"`
		Lines []struct {
			Error *struct {
				Code        text `json:"errorCode"`
				Description text `json:"errorDescription"`
			} `json:"error"`
		} `json:"lineItems"`
	}
	if json.Unmarshal(out.body, &cart) != nil || cart.ID == "" {
		return "", unreadable(id, "Partner Center made a cart with a reply that does not name it")
	}
	for _, l := range cart.Lines {
		if l.Error != nil && (l.Error.Code != "" || l.Error.Description != "") {
			return "", &upgrade.Error{Kind: upgrade.Refused, Code: cmp.Or(codeOf(l.Error.Code), "http_bad_request"), Correlation: id.Correlation,
				Message: "an item of the cart is in error (Microsoft: " + scrub(string(l.Error.Description)) + ")"}
		}
	}
	return string(cart.ID), nil
}

// Checkout buys a cart. Repeating it answers the same order; one that was submitted already is looked up by whoever asks.
// https://learn.microsoft.com/en-us/partner-center/developer/checkout-a-cart
func (c *Client) Checkout(ctx context.Context, id upgrade.WriteID, tenant, cart string) (upgrade.CommerceOrder, error) {
	if id.Request == "" {
		return upgrade.CommerceOrder{}, invalid("no_write_id", "a write needs an id")
	}
	path, err := pathOf("customers", tenant, "carts", cart, "checkout")
	if err != nil {
		return upgrade.CommerceOrder{}, err
	}
	out, err := c.do(ctx, call{method: http.MethodPost, path: path, id: id})
	if err != nil {
		return upgrade.CommerceOrder{}, err
	}
	var result struct {
		Orders []order `json:"orders"`
		Errors []struct {
			Code        text `json:"code"`
			Description text `json:"description"`
		} `json:"orderErrors"`
	}
	if json.Unmarshal(out.body, &result) != nil {
		return upgrade.CommerceOrder{}, unreadable(id, "Partner Center's reply to the checkout cannot be read")
	}
	for _, o := range result.Orders { // a cart has one line: an order with an id is that line, whatever else is complained of
		if lines := o.nouns(); len(lines) > 0 && lines[0].ID != "" {
			return lines[0], nil
		}
	}
	if len(result.Errors) > 0 {
		e := result.Errors[0]
		m := meaningOf(http.StatusBadRequest, string(e.Code))
		kind := kindOf(m)
		if kind == upgrade.Transient || kind == done { // the order may have been placed all the same
			kind = upgrade.Ambiguous
		}
		return upgrade.CommerceOrder{}, &upgrade.Error{Kind: kind, Code: cmp.Or(codeOf(e.Code), "http_bad_request"), Correlation: id.Correlation,
			Message: m.Message + " (Microsoft: " + scrub(string(e.Description)) + ")"}
	}
	return upgrade.CommerceOrder{}, unreadable(id, "Partner Center accepted the checkout with a reply that names no order")
}

// unreadable is a write that was accepted with a reply from which nothing can be learned.
func unreadable(id upgrade.WriteID, message string) error {
	return &upgrade.Error{Kind: upgrade.Ambiguous, Code: "unreadable_reply", Correlation: id.Correlation, Message: message}
}
