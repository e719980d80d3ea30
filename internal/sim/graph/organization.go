package graph

import (
	"strings"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

const stamp = "2006-01-02T15:04:05Z"

// collection wraps values the way OData does.
func collection(c call, set string, values any) map[string]any {
	return map[string]any{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#" + set, "value": values}
}

func (s *Server) organization(c call) cloud.Reply {
	t, ok := s.state.Tenant(c.token.Tenant)
	if !ok {
		return refusal(&cloud.Refusal{Status: 404, Code: "Request_ResourceNotFound", Text: "The tenant does not exist."}, c.origin)
	}
	org := map[string]any{
		"id": t.ID, "displayName": t.Company, "countryLetterCode": t.Country, "country": t.Country, "tenantType": "AAD",
		"city": t.Address.City, "street": t.Address.Line1, "postalCode": t.Address.PostalCode, "state": t.Address.State,
		"businessPhones": []string{}, "onPremisesSyncEnabled": nil,
		"verifiedDomains": []map[string]any{{"name": t.Domain, "isDefault": true, "isInitial": true, "type": "Managed", "capabilities": "Email, OfficeCommunicationsOnline"}},
		"assignedPlans":   []any{},
	}
	return front.JSON(200, collection(c, "organization", []any{pick(c, org, nil)}))
}

func servicePlans(o *cloud.Offer) []map[string]any {
	out := []map[string]any{}
	for _, p := range o.Plans {
		out = append(out, map[string]any{"servicePlanId": p.ID, "servicePlanName": p.Name, "provisioningStatus": "Success", "appliesTo": "User"})
	}
	return out
}

func (s *Server) subscribedSkus(c call) cloud.Reply {
	t, _ := s.state.Tenant(c.token.Tenant)
	name, _, _ := strings.Cut(t.Domain, ".")
	values := []any{}
	for _, e := range s.state.SubscribedSKUs(c.token.Tenant) {
		values = append(values, pick(c, map[string]any{
			"id": t.ID + "_" + e.Offer.SKU, "accountId": t.ID, "accountName": name, "appliesTo": "User",
			"capabilityStatus": e.Status, "consumedUnits": e.Consumed,
			"prepaidUnits": map[string]int{"enabled": e.Enabled, "suspended": e.Suspended, "warning": e.Warning, "lockedOut": e.LockedOut},
			"skuId":        e.Offer.SKU, "skuPartNumber": e.Offer.PartNumber, "subscriptionIds": e.Subscriptions,
			"servicePlans": servicePlans(e.Offer),
		}, nil))
	}
	return front.JSON(200, collection(c, "subscribedSkus", values))
}

func companySubscription(t string, d cloud.CompanySubscription) map[string]any {
	m := map[string]any{
		"id": d.ID, "commerceSubscriptionId": d.CommerceID, "createdDateTime": d.Created.UTC().Format(stamp), "isTrial": d.Trial,
		"nextLifecycleDateTime": d.Lifecycle.UTC().Format(stamp), "ownerId": nil, "ownerTenantId": nil, "ownerType": "User",
		"serviceStatus": servicePlans(d.Offer), "skuId": d.Offer.SKU, "skuPartNumber": d.Offer.PartNumber,
		"status": d.Status, "totalLicenses": d.Total,
	}
	if d.OwnerID != "" {
		m["ownerTenantId"] = d.OwnerID
	}
	return m
}

func (s *Server) companySubscriptions(c call) cloud.Reply {
	values := []any{}
	for _, d := range s.state.CompanySubscriptions(c.token.Tenant) {
		values = append(values, pick(c, companySubscription(c.token.Tenant, d), nil))
	}
	return front.JSON(200, collection(c, "directory/subscriptions", values))
}

func (s *Server) companySubscription(c call) cloud.Reply {
	return s.oneCompanySubscription(c, c.args[0], func(d cloud.CompanySubscription) string { return d.ID })
}

// byAlternateKey answers /directory/subscriptions(commerceSubscriptionId='…').
func (s *Server) byAlternateKey(c call) cloud.Reply {
	id, ok := strings.CutPrefix(c.args[0], "subscriptions(commerceSubscriptionId='")
	id, closed := strings.CutSuffix(id, "')")
	if !ok || !closed {
		return refusal(&cloud.Refusal{Status: 404, Code: "BadRequest", Text: "Resource not found for the segment '" + c.args[0] + "'."}, c.origin)
	}
	return s.oneCompanySubscription(c, id, func(d cloud.CompanySubscription) string { return d.CommerceID })
}

func (s *Server) oneCompanySubscription(c call, id string, key func(cloud.CompanySubscription) string) cloud.Reply {
	for _, d := range s.state.CompanySubscriptions(c.token.Tenant) {
		if strings.EqualFold(key(d), id) {
			return front.JSON(200, pick(c, companySubscription(c.token.Tenant, d), nil))
		}
	}
	return refusal(&cloud.Refusal{Status: 404, Code: "Request_ResourceNotFound",
		Text: "Resource '" + id + "' does not exist or one of its queried reference-property objects are not present."}, c.origin)
}

// pick applies $select. Without it, the properties in usual are shown, or all
// when usual is nil.
func pick(c call, all map[string]any, usual []string) map[string]any {
	names := usual
	if sel := c.query.Get("$select"); sel != "" {
		names = strings.Split(sel, ",")
	}
	if names == nil {
		return all
	}
	out := map[string]any{}
	for _, n := range names {
		if v, ok := all[strings.TrimSpace(n)]; ok {
			out[strings.TrimSpace(n)] = v
		}
	}
	return out
}

func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(stamp)
}
