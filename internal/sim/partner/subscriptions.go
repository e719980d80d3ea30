package partner

import (
	"net/http"
	"strings"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

// subscriptionJSON is the whole resource ("subscription resources").
func (s *Server) subscriptionJSON(c call, sub cloud.Subscription) map[string]any {
	now := s.state.Now()
	m := map[string]any{
		"id": sub.ID, "offerId": sub.CatalogItem(), "offerName": sub.Offer.Name, "friendlyName": sub.FriendlyName,
		"quantity": sub.Quantity, "unitType": "Licenses", "hasPurchasableAddons": false, "creationDate": sub.Created.UTC().Format(stamp),
		"effectiveStartDate": at(sub.Start), "commitmentEndDate": at(sub.End.Truncate(24 * time.Hour)), "commitmentEndDateTime": at(sub.End),
		"billingCycleEndDate": at(billingEnd(sub, now)), "billingCycleEndDateTime": at(billingEnd(sub, now)), "status": sub.Status,
		"autoRenewEnabled": sub.AutoRenew, "isTrial": sub.Trial, "billingType": "license", "billingCycle": sub.BillingCycle,
		"termDuration": sub.Term, "renewalTermDuration": sub.Term, "isMicrosoftProduct": true, "partnerId": sub.PartnerID,
		"attentionNeeded": false, "actionTaken": false, "contractType": "subscription", "publisherName": "Microsoft Corporation",
		"orderId": sub.OrderID, "attributes": kind("Subscription"), "links": links(sub), "suspensionReasons": []string{},
		"actions": []string{s.oddly("edit", "reconsider", c), "cancel"},
	}
	if sub.ParentID != "" {
		m["parentSubscriptionId"] = sub.ParentID
	}
	if sub.PromotionID != "" {
		m["promotionId"] = sub.PromotionID
	}
	if sub.Status == cloud.Suspended {
		m["suspensionReasons"] = []string{"CustomerCancellation"}
	}
	if sub.Legacy {
		m["offerId"] = sub.Offer.LegacyID()
		m["attributes"] = map[string]any{"objectType": "Subscription", "etag": sub.ETag()}
		return m
	}
	m["productType"] = map[string]any{"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"}
	s.newCommerce(c, sub, now, m)
	return m
}

// newCommerce adds what traditional subscriptions do not have.
func (s *Server) newCommerce(c call, sub cloud.Subscription, now time.Time, m map[string]any) {
	m["refundOptions"] = []any{}
	m["cancellationAllowedUntilDate"] = nil
	if now.Before(sub.CancelUntil) {
		m["cancellationAllowedUntilDate"] = at(sub.CancelUntil)
		m["refundOptions"] = []any{map[string]any{"type": "Partial", "expiresAt": at(sub.CancelUntil)}}
	}
	m["scheduledNextTermInstructions"] = nil
	if sub.Next != nil {
		m["scheduledNextTermInstructions"] = nextTerm(*sub.Next)
	}
	switch {
	case sub.Status == cloud.Suspended:
		m["refundableQuantity"] = nil
	case !s.state.Roll(cloud.NoRefundable, c.origin):
		m["refundableQuantity"] = refundable(sub, now)
	}
}

func refundable(sub cloud.Subscription, now time.Time) map[string]any {
	total, details := 0, []any{}
	for _, b := range sub.Refundable(now) {
		total += b.Quantity
		details = append(details, map[string]any{"quantity": b.Quantity, "allowedUntilDateTime": at(b.Until)})
	}
	return map[string]any{"totalQuantity": total, "details": details}
}

func nextTerm(n cloud.NextTerm) map[string]any {
	m := map[string]any{"quantity": n.Quantity, "customTermEndDate": nil, "product": map[string]any{
		"productId": n.ProductID, "skuId": n.SkuID, "availabilityId": n.AvailabilityID, "billingCycle": n.BillingCycle,
		"termDuration": n.Term, "promotionId": nil}}
	if n.PromotionID != "" {
		m["product"].(map[string]any)["promotionId"] = n.PromotionID
	}
	if n.CustomTermEnd != "" {
		m["customTermEndDate"] = n.CustomTermEnd
	}
	return m
}

func links(sub cloud.Subscription) map[string]any {
	product := "/products/" + sub.Offer.ProductID
	sku := product + "/skus/" + sub.Offer.SkuID
	return map[string]any{"product": link(product), "sku": link(sku), "availability": link(sku + "/availabilities/" + sub.Availability),
		"self": link("/customers/" + sub.Tenant + "/subscriptions/" + sub.ID)}
}

// billingEnd is the end of the billing period that contains now.
func billingEnd(sub cloud.Subscription, now time.Time) time.Time {
	months := map[string]int{"monthly": 1, "annual": 12, "biennial": 24, "triennial": 36}[sub.BillingCycle]
	if months == 0 {
		return sub.End
	}
	end := sub.Start
	for i := 1; !end.After(now) && end.Before(sub.End); i++ {
		end = sub.Start.AddDate(0, i*months, 0)
	}
	if end.After(sub.End) {
		return sub.End
	}
	return end
}

func (s *Server) subscriptions(c call) (any, int, *cloud.Refusal) {
	list, r := s.state.Subscriptions(c.args[0])
	if r != nil {
		return nil, 0, r
	}
	items := []any{}
	order := c.r.URL.Query().Get("order_id")
	for _, sub := range list {
		if order == "" || strings.EqualFold(order, sub.OrderID) {
			items = append(items, s.subscriptionJSON(c, sub))
		}
	}
	return collection(items, "/customers/"+c.args[0]+"/subscriptions"), 200, nil
}

func (s *Server) subscription(c call) (any, int, *cloud.Refusal) {
	sub, r := s.state.Subscription(c.args[0], c.args[1])
	if r != nil {
		return nil, 0, r
	}
	return s.subscriptionJSON(c, sub), 200, nil
}

func (s *Server) addons(c call) (any, int, *cloud.Refusal) {
	list, r := s.state.Subscriptions(c.args[0])
	if r != nil {
		return nil, 0, r
	}
	items := []any{}
	for _, sub := range list {
		if sub.ParentID == c.args[1] {
			items = append(items, s.subscriptionJSON(c, sub))
		}
	}
	return collection(items, "/customers/"+c.args[0]+"/subscriptions/"+c.args[1]+"/addons"), 200, nil
}

func (s *Server) provisioning(c call) (any, int, *cloud.Refusal) {
	sub, quantity, pending, r := s.state.Provisioning(c.args[0], c.args[1])
	if r != nil {
		return nil, 0, r
	}
	status := "success"
	if pending {
		status = s.oddly("pending", "inprogress", c)
	}
	return map[string]any{"skuId": sub.Offer.SKU, "status": status, "quantity": quantity, "endDate": at(sub.End),
		"attributes": kind("SubscriptionProvisioningStatus")}, 200, nil
}

// patchBody is the whole resource as far as it can be written. What is left out
// is reset: that is Microsoft's behaviour, not an oversight here.
type patchBody struct {
	ID           string `json:"id"`
	Quantity     *int   `json:"quantity"`
	Status       string `json:"status"`
	FriendlyName string `json:"friendlyName"`
	AutoRenew    bool   `json:"autoRenewEnabled"`
	PartnerID    string `json:"partnerId"`
	BillingCycle string `json:"billingCycle"`
	Next         *struct {
		Product *struct {
			ProductID      string  `json:"productId"`
			SkuID          string  `json:"skuId"`
			AvailabilityID string  `json:"availabilityId"`
			BillingCycle   string  `json:"billingCycle"`
			Term           string  `json:"termDuration"`
			PromotionID    *string `json:"promotionId"`
		} `json:"product"`
		Quantity      int     `json:"quantity"`
		CustomTermEnd *string `json:"customTermEndDate"`
	} `json:"scheduledNextTermInstructions"`
	Attributes struct {
		ETag string `json:"etag"`
	} `json:"attributes"`
}

func (b patchBody) update() (cloud.Update, *cloud.Refusal) {
	up := cloud.Update{Status: strings.ToLower(b.Status), FriendlyName: b.FriendlyName, AutoRenew: b.AutoRenew, PartnerID: b.PartnerID,
		BillingCycle: strings.ToLower(b.BillingCycle), ETag: b.Attributes.ETag}
	if b.Quantity == nil {
		return up, invalid("The property quantity is required: send the whole resource.")
	}
	up.Quantity = *b.Quantity
	if b.Next == nil {
		return up, nil
	}
	if b.Next.Product == nil {
		return up, invalid("The property scheduledNextTermInstructions.product is required.")
	}
	p := b.Next.Product
	up.Next = &cloud.NextTerm{ProductID: p.ProductID, SkuID: p.SkuID, AvailabilityID: p.AvailabilityID,
		BillingCycle: strings.ToLower(p.BillingCycle), Term: p.Term, Quantity: b.Next.Quantity}
	if p.PromotionID != nil {
		up.Next.PromotionID = *p.PromotionID
	}
	if b.Next.CustomTermEnd != nil {
		up.Next.CustomTermEnd = *b.Next.CustomTermEnd
	}
	return up, nil
}

// patch is PATCH with the semantics of a replacement.
func (s *Server) patch(c call) (any, int, *cloud.Refusal) {
	var in patchBody
	if r := decode(c, &in); r != nil {
		return nil, 0, r
	}
	if in.ID != "" && !strings.EqualFold(in.ID, c.args[1]) {
		return nil, 0, invalid("The property id does not match the resource.")
	}
	up, r := in.update()
	if r != nil {
		return nil, 0, r
	}
	sub, accepted, r := s.state.UpdateSubscription(c.args[0], c.args[1], up, c.origin)
	if r != nil {
		return nil, 0, r
	}
	if accepted {
		reply := front.Empty(http.StatusAccepted)
		reply.Header.Set("Location", "/customers/"+c.args[0]+"/subscriptions/"+c.args[1])
		return reply, 0, nil
	}
	return s.subscriptionJSON(c, sub), 200, nil
}
