package partner

import (
	"slices"
	"strings"

	"uplift/internal/sim/cloud"
)

// itemGone is a business error that arrives with HTTP 200.
func (s *Server) itemGone(c call) (any, bool) {
	if s.state.Roll(cloud.BusinessErrorOK, c.origin) {
		return map[string]any{"code": "400072", "description": "The item is not available.", "data": []string{}, "source": "PartnerFD"}, true
	}
	return nil, false
}

func country(c call) string {
	if v := c.r.URL.Query().Get("country"); v != "" {
		return strings.ToUpper(v)
	}
	return "GB"
}

func (s *Server) offersOf(c call) ([]*cloud.Offer, *cloud.Refusal) {
	var out []*cloud.Offer
	for _, o := range cloud.Offers() {
		if o.ProductID == c.args[0] {
			out = append(out, o)
		}
	}
	if out == nil {
		return nil, &cloud.Refusal{Status: 404, Code: "400013", Text: "The product was not found."}
	}
	return out, nil
}

func (s *Server) offer(c call) (*cloud.Offer, *cloud.Refusal) {
	if _, r := s.offersOf(c); r != nil {
		return nil, r
	}
	o, ok := cloud.OfferByKey(c.args[0], c.args[1])
	if !ok {
		return nil, &cloud.Refusal{Status: 404, Code: "400018", Text: "The SKU was not found."}
	}
	return o, nil
}

func productJSON(o *cloud.Offer) map[string]any {
	return map[string]any{"id": o.ProductID, "title": o.Name, "description": o.Name, "isMicrosoftProduct": true,
		"productType": map[string]any{"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"}, "publisherName": "Microsoft Corporation",
		"links": map[string]any{"skus": link("/products/" + o.ProductID + "/skus"), "self": link("/products/" + o.ProductID)}}
}

func (s *Server) skuJSON(o *cloud.Offer) map[string]any {
	targets := []string{}
	for _, t := range cloud.UpgradeTargets(o.PartNumber) {
		targets = append(targets, t.Key())
	}
	self := "/products/" + o.ProductID + "/skus/" + o.SkuID
	return map[string]any{"id": o.SkuID, "productId": o.ProductID, "title": o.Name, "description": o.Name,
		"minimumQuantity": o.MinSeats, "maximumQuantity": o.MaxSeats, "isTrial": false,
		"supportedBillingCycles": []string{"monthly", "annual"}, "purchasePrerequisites": []string{},
		"dynamicAttributes": map[string]any{"isAddon": false, "prerequisiteSkus": []string{}, "upgradeTargetOffers": targets,
			"provisioningId": o.SKU, "billingType": "License", "productFamily": "CSP"},
		"links": map[string]any{"availabilities": link(self + "/availabilities"), "self": link(self)}}
}

func (s *Server) availabilityJSON(c call, o *cloud.Offer) map[string]any {
	terms := []any{}
	for _, t := range [][2]string{{"P1M", "monthly"}, {"P1Y", "monthly"}, {"P1Y", "annual"}, {"P3Y", "monthly"}, {"P3Y", "annual"}, {"P3Y", "triennial"}} {
		terms = append(terms, map[string]any{"duration": t[0], "billingCycle": t[1], "description": t[0] + " " + t[1],
			"cancellationPolicies": []any{map[string]any{"refundOptions": []any{map[string]any{"sequenceId": 0, "type": "Partial", "expiresAfter": "P7D"}}}}})
	}
	id := s.state.Availability(o)
	return map[string]any{"id": id, "productId": o.ProductID, "skuId": o.SkuID, "catalogItemId": o.Key() + ":" + id,
		"defaultCurrency": map[string]any{"code": "GBP", "symbol": "£"}, "segment": "Commercial", "country": country(c),
		"isPurchasable": true, "isRenewable": true, "renewalInstructions": []any{}, "terms": terms,
		"links": map[string]any{"self": link("/products/" + o.ProductID + "/skus/" + o.SkuID + "/availabilities/" + id)}}
}

func (s *Server) products(c call) (any, int, *cloud.Refusal) {
	items, seen := []any{}, []string{}
	for _, o := range cloud.Offers() {
		if !slices.Contains(seen, o.ProductID) {
			seen = append(seen, o.ProductID)
			items = append(items, productJSON(o))
		}
	}
	return collection(items, "/products"), 200, nil
}

func (s *Server) product(c call) (any, int, *cloud.Refusal) {
	list, r := s.offersOf(c)
	if r != nil {
		return nil, 0, r
	}
	return productJSON(list[0]), 200, nil
}

func (s *Server) skus(c call) (any, int, *cloud.Refusal) {
	list, r := s.offersOf(c)
	if r != nil {
		return nil, 0, r
	}
	items := []any{}
	for _, o := range list {
		items = append(items, s.skuJSON(o))
	}
	return collection(items, "/products/"+c.args[0]+"/skus"), 200, nil
}

func (s *Server) sku(c call) (any, int, *cloud.Refusal) {
	o, r := s.offer(c)
	if r != nil {
		return nil, 0, r
	}
	if gone, struck := s.itemGone(c); struck {
		return gone, 200, nil
	}
	return s.skuJSON(o), 200, nil
}

func (s *Server) availabilities(c call) (any, int, *cloud.Refusal) {
	o, r := s.offer(c)
	if r != nil {
		return nil, 0, r
	}
	if gone, struck := s.itemGone(c); struck {
		return gone, 200, nil
	}
	return collection([]any{s.availabilityJSON(c, o)}, "/products/"+c.args[0]+"/skus/"+c.args[1]+"/availabilities"), 200, nil
}

func (s *Server) availability(c call) (any, int, *cloud.Refusal) {
	o, r := s.offer(c)
	if r != nil {
		return nil, 0, r
	}
	if s.state.Availability(o) != c.args[2] {
		return nil, 0, &cloud.Refusal{Status: 404, Code: "400019", Text: "The availability was not found."}
	}
	return s.availabilityJSON(c, o), 200, nil
}
