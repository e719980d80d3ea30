package partner

import (
	"cmp"
	"net/http"
	"strings"

	"uplift/internal/sim/cloud"
)

type cartLine struct {
	ID           int    `json:"id"`
	Item         string `json:"catalogItemId"`
	FriendlyName string `json:"friendlyName"`
	Quantity     int    `json:"quantity"`
	BillingCycle string `json:"billingCycle"`
	Term         string `json:"termDuration"`
	PromotionID  string `json:"promotionId"`
	Coterminous  string `json:"coterminousSubscriptionId"`
	Participants []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"participants"`
	Attestation *bool `json:"attestationAccepted"`
}

func (l cartLine) line() cloud.Line {
	out := cloud.Line{Number: l.ID, Item: l.Item, FriendlyName: l.FriendlyName, Quantity: l.Quantity, Term: l.Term,
		BillingCycle: strings.ToLower(l.BillingCycle), PromotionID: l.PromotionID, Coterminous: l.Coterminous}
	for _, p := range l.Participants {
		if strings.EqualFold(p.Key, "transaction_reseller") {
			out.PartnerID = p.Value
		}
	}
	return out
}

func (s *Server) createCart(c call) (any, int, *cloud.Refusal) {
	var in struct {
		Lines       []cartLine `json:"lineItems"`
		Attestation *bool      `json:"PartnerOnRecordAttestationAccepted"`
	}
	if r := decode(c, &in); r != nil {
		return nil, 0, r
	}
	if in.Attestation != nil && !*in.Attestation {
		return nil, 0, &cloud.Refusal{Status: 400, Code: "900206", Text: "The partner attestation is missing."}
	}
	var lines []cloud.Line
	for _, l := range in.Lines {
		if l.Attestation != nil && !*l.Attestation {
			return nil, 0, &cloud.Refusal{Status: 400, Code: "900203", Text: "The attestation of a line item is missing."}
		}
		lines = append(lines, l.line())
	}
	cart, r := s.state.CreateCart(c.args[0], lines, c.origin)
	if r != nil {
		return nil, 0, r
	}
	return cartJSON(c.args[0], cart), http.StatusCreated, nil
}

func cartJSON(tenant string, cart cloud.Cart) map[string]any {
	lines := []any{}
	for _, l := range cart.Lines {
		lines = append(lines, map[string]any{"id": l.Number, "catalogItemId": l.Item, "friendlyName": l.FriendlyName, "quantity": l.Quantity,
			"billingCycle": cmp.Or(l.BillingCycle, "monthly"), "termDuration": cmp.Or(l.Term, "P1Y"), "currencyCode": "GBP", "error": nil})
	}
	return map[string]any{"id": cart.ID, "status": cart.Status, "expirationTimestamp": at(cart.Expires), "lineItems": lines,
		"links": map[string]any{"self": link("/customers/" + tenant + "/carts/" + cart.ID)}, "attributes": kind("Cart")}
}

func (s *Server) cart(c call) (any, int, *cloud.Refusal) {
	cart, r := s.state.Cart(c.args[0], c.args[1])
	if r != nil {
		return nil, 0, r
	}
	return cartJSON(c.args[0], cart), 200, nil
}

func (s *Server) checkout(c call) (any, int, *cloud.Refusal) {
	order, r := s.state.Checkout(c.args[0], c.args[1], c.origin)
	if r != nil {
		return nil, 0, r
	}
	return map[string]any{"orders": []any{orderJSON(order)}, "orderErrors": []any{}, "attributes": kind("CartCheckoutResult")}, http.StatusCreated, nil
}

func orderJSON(o cloud.Order) map[string]any {
	lines := []any{}
	for _, l := range o.Lines {
		m := map[string]any{"lineItemNumber": l.Number, "offerId": l.Item, "termDuration": cmp.Or(l.Term, "P1Y"), "transactionType": "New",
			"friendlyName": l.FriendlyName, "quantity": l.Quantity, "partnerIdOnRecord": l.PartnerID}
		if l.Subscription != "" {
			m["subscriptionId"] = l.Subscription
			m["links"] = map[string]any{"subscription": link("/customers/" + o.Customer + "/subscriptions/" + l.Subscription)}
		}
		lines = append(lines, m)
	}
	self := "/customers/" + o.Customer + "/orders/" + o.ID
	return map[string]any{"id": o.ID, "alternateId": o.ID, "referenceCustomerId": o.Customer, "billingCycle": o.BillingCycle, "currencyCode": "GBP",
		"lineItems": lines, "creationDate": o.Created.UTC().Format(stamp), "status": o.Status,
		"links":      map[string]any{"provisioningStatus": link(self + "/provisioningstatus"), "self": link(self)},
		"attributes": kind("Order")}
}

func (s *Server) placeOrder(c call) (any, int, *cloud.Refusal) {
	var in struct {
		BillingCycle string `json:"billingCycle"`
		Lines        []struct {
			Number       int    `json:"lineItemNumber"`
			Item         string `json:"offerId"`
			FriendlyName string `json:"friendlyName"`
			Quantity     int    `json:"quantity"`
			Term         string `json:"termDuration"`
			PartnerID    string `json:"partnerIdOnRecord"`
			PromotionID  string `json:"promotionId"`
		} `json:"lineItems"`
	}
	if r := decode(c, &in); r != nil {
		return nil, 0, r
	}
	var lines []cloud.Line
	for _, l := range in.Lines {
		lines = append(lines, cloud.Line{Number: l.Number, Item: l.Item, FriendlyName: l.FriendlyName, Quantity: l.Quantity, Term: l.Term,
			BillingCycle: strings.ToLower(in.BillingCycle), PartnerID: l.PartnerID, PromotionID: l.PromotionID})
	}
	order, r := s.state.PlaceOrder(c.args[0], lines, c.origin)
	if r != nil {
		return nil, 0, r
	}
	return orderJSON(order), http.StatusCreated, nil
}

func (s *Server) orders(c call) (any, int, *cloud.Refusal) {
	list, r := s.state.Orders(c.args[0])
	if r != nil {
		return nil, 0, r
	}
	items := []any{}
	for _, o := range list {
		items = append(items, orderJSON(o))
	}
	return collection(items, "/customers/"+c.args[0]+"/orders"), 200, nil
}

func (s *Server) order(c call) (any, int, *cloud.Refusal) {
	o, r := s.state.Order(c.args[0], c.args[1])
	if r != nil {
		return nil, 0, r
	}
	return orderJSON(o), 200, nil
}

func (s *Server) orderProvisioning(c call) (any, int, *cloud.Refusal) {
	o, r := s.state.Order(c.args[0], c.args[1])
	if r != nil {
		return nil, 0, r
	}
	items := []any{}
	for _, l := range o.Lines {
		status := "Fulfilled"
		if l.Subscription == "" {
			status = "PrefulfillmentPending"
		}
		items = append(items, map[string]any{"lineItemNumber": l.Number, "status": status, "quantityProvisioningInformation": []any{
			map[string]any{"quantity": l.Quantity, "status": status}}})
	}
	return collection(items, "/customers/"+c.args[0]+"/orders/"+c.args[1]+"/provisioningstatus"), 200, nil
}
