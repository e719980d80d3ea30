package partner

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

func (s *Server) one(c call) (cloud.TenantSpec, *cloud.Refusal) {
	t, ok := s.state.Tenant(c.args[0])
	if !ok || t.ID == s.state.Partner() {
		return t, &cloud.Refusal{Status: 404, Code: "60003", Text: "The tenant was not found."}
	}
	return t, nil
}

func customerJSON(t cloud.TenantSpec) map[string]any {
	relation := "reseller"
	if t.NoRelationship {
		relation = "none"
	}
	return map[string]any{
		"id": t.ID, "commerceId": t.ID, "relationshipToPartner": relation, "allowDelegatedAccess": !t.NoTransferRights,
		"companyProfile": profile(t), "billingProfile": billing(t),
		"links":      map[string]any{"self": link("/customers/" + t.ID)},
		"attributes": kind("Customer"),
	}
}

func profile(t cloud.TenantSpec) map[string]any {
	return map[string]any{"tenantId": t.ID, "domain": t.Domain, "companyName": t.Company, "address": address(t),
		"organizationRegistrationNumber": t.OrganizationRegistration, "attributes": kind("CustomerCompanyProfile")}
}

func address(t cloud.TenantSpec) map[string]any {
	a := t.Address
	return map[string]any{"country": a.Country, "city": a.City, "state": a.State, "addressLine1": a.Line1, "postalCode": a.PostalCode, "phoneNumber": a.Phone}
}

func billing(t cloud.TenantSpec) map[string]any {
	return map[string]any{"id": t.ID, "culture": "en-US", "language": "en", "companyName": t.Company, "defaultAddress": address(t),
		"email": "billing@" + t.Domain, "attributes": map[string]any{"objectType": "CustomerBillingProfile", "etag": "1"}}
}

// listedJSON is a customer as a list has it: without its addresses.
func listedJSON(t cloud.TenantSpec) map[string]any {
	return map[string]any{
		"id": t.ID, "commerceId": t.ID, "relationshipToPartner": "reseller", "allowDelegatedAccess": !t.NoTransferRights,
		"companyProfile": map[string]any{"tenantId": t.ID, "domain": t.Domain, "companyName": t.Company, "attributes": kind("CustomerCompanyProfile")},
		"links":          map[string]any{"self": link("/customers/" + t.ID)},
		"attributes":     kind("Customer"),
	}
}

// listSize is a page of a list whose caller asks for no size, or for more.
const listSize = 500

// customers is a page of the list of customers ("get a list of customers"). The
// next page is asked for with seekOperation=Next and the token that the link to
// it carries as a header; the token alone says where that begins.
func (s *Server) customers(c call) (any, int, *cloud.Refusal) {
	query := c.r.URL.Query()
	size, begin := listSize, 0
	if text := query.Get("size"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, 0, invalid("size must be a positive number.")
		}
		size = min(n, listSize)
	}
	if strings.EqualFold(query.Get("seekOperation"), "Next") {
		raw, err := base64.StdEncoding.DecodeString(c.r.Header.Get("MS-ContinuationToken"))
		if _, scanned := fmt.Sscanf(string(raw), "customers %d", &begin); err != nil || scanned != nil {
			return nil, 0, invalid("The continuation token is missing or invalid.")
		}
	}
	items := []any{}
	for _, t := range s.state.Tenants() {
		if t.ID != s.state.Partner() && !t.NoRelationship {
			items = append(items, listedJSON(t))
		}
	}
	end := min(begin+size, len(items))
	page := collection(items[min(begin, end):end], "/customers?size="+strconv.Itoa(size))
	if end < len(items) {
		next := link(fmt.Sprintf("/customers?size=%d&seekOperation=Next", size))
		next["headers"] = []any{map[string]any{"key": "MS-ContinuationToken", "value": base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "customers %d", end))}}
		page["links"].(map[string]any)["next"] = next
	}
	return page, 200, nil
}

// subscribedSKUs are the licences of a customer's tenant and how many users hold
// them ("get a list of available licenses"): for a user of the partner with a
// delegated role there.
func (s *Server) subscribedSKUs(c call) (any, int, *cloud.Refusal) {
	t, r := s.one(c)
	if r != nil {
		return nil, 0, r
	}
	if _, ok := s.state.DelegatedRoles(c.token.Tenant, c.token.ObjectID, t.ID); !ok {
		return nil, 0, &cloud.Refusal{Status: 403, Code: "900308", Text: "Insufficient privileges."}
	}
	items := []any{}
	for _, e := range s.state.SubscribedSKUs(t.ID) {
		items = append(items, map[string]any{
			"availableUnits": e.Enabled + e.Warning - e.Consumed, "activeUnits": e.Enabled, "consumedUnits": e.Consumed, "suspendedUnits": e.Suspended,
			"totalUnits": e.Enabled + e.Warning + e.Suspended, "warningUnits": e.Warning, "capabilityStatus": s.oddly(e.Status, "Contemplating", c),
			"productSku":   map[string]any{"id": e.Offer.SKU, "name": e.Offer.Name, "skuPartNumber": e.Offer.PartNumber, "targetType": "User", "licenseGroupId": "group1"},
			"servicePlans": []any{}, "attributes": kind("SubscribedSku"),
		})
	}
	return collection(items, "/customers/"+t.ID+"/subscribedskus"), 200, nil
}

func (s *Server) customer(c call) (any, int, *cloud.Refusal) {
	t, r := s.one(c)
	return customerJSON(t), 200, r
}

func (s *Server) companyProfile(c call) (any, int, *cloud.Refusal) {
	t, r := s.one(c)
	return profile(t), 200, r
}

func (s *Server) billingProfile(c call) (any, int, *cloud.Refusal) {
	t, r := s.one(c)
	return billing(t), 200, r
}

func (s *Server) qualifications(c call) (any, int, *cloud.Refusal) {
	_, r := s.one(c)
	return []any{map[string]any{"qualification": "none", "vettingStatus": nil, "vettingReason": nil, "vettingCreatedDate": nil}}, 200, r
}

func (s *Server) relationshipRequest(c call) (any, int, *cloud.Refusal) {
	return map[string]any{"url": "https://admin.microsoft.com/Adminportal/Home?invType=ResellerRelationship&partnerId=" + s.state.Partner(),
		"attributes": kind("CustomerRelationshipRequest")}, 200, nil
}

func (s *Server) agreements(c call) (any, int, *cloud.Refusal) {
	t, r := s.one(c)
	items := []any{}
	if r == nil && !t.NoAgreement {
		items = append(items, map[string]any{"type": "MicrosoftCustomerAgreement", "templateId": "117a77b0-9360-443b-8795-c6dedc750cf9",
			"dateAgreed": at(s.state.Now()), "userId": nil,
			"primaryContact": map[string]any{"firstName": "A", "lastName": "Contact", "email": "billing@" + t.Domain},
			"agreementLink":  "https://aka.ms/customeragreement"})
	}
	return collection(items, "/customers/"+t.ID+"/agreements"), 200, r
}

func (s *Server) acceptAgreement(c call) (any, int, *cloud.Refusal) {
	var in map[string]any
	if r := decode(c, &in); r != nil {
		return nil, 0, r
	}
	t, r := s.one(c)
	if r != nil {
		return nil, 0, r
	}
	if in["primaryContact"] == nil {
		return nil, 0, invalid("primaryContact is required.")
	}
	if !s.state.AcceptAgreement(t.ID, c.origin) {
		return nil, 0, &cloud.Refusal{Status: 400, Code: "600061", Text: "An agreement with the same details exists."}
	}
	return in, http.StatusCreated, nil
}

// grantConsent is the pre-consent of a partner's application without a click of
// the customer: delegated permissions only.
func (s *Server) grantConsent(c call) (any, int, *cloud.Refusal) {
	var in struct {
		ApplicationID string `json:"applicationId"`
		DisplayName   string `json:"displayName"`
		Grants        []struct {
			Enterprise string `json:"enterpriseApplicationId"`
			Scope      string `json:"scope"`
		} `json:"applicationGrants"`
	}
	if r := decode(c, &in); r != nil {
		return nil, 0, r
	}
	t, r := s.one(c)
	if r != nil {
		return nil, 0, r
	}
	if _, ok := s.state.DelegatedRoles(c.token.Tenant, c.token.ObjectID, t.ID); !ok {
		return nil, 0, &cloud.Refusal{Status: 403, Code: "900308", Text: "Insufficient privileges."}
	}
	if s.state.HasConsent(t.ID, in.ApplicationID) {
		return nil, 0, &cloud.Refusal{Status: 409, Code: "409", Text: "Permission entry already exists."}
	}
	var scopes []string
	for _, g := range in.Grants {
		for scope := range strings.SplitSeq(g.Scope, ",") {
			scopes = append(scopes, strings.TrimSpace(scope))
		}
	}
	s.state.GrantConsent(t.ID, in.ApplicationID, scopes, nil)
	return in, http.StatusCreated, nil
}

func (s *Server) revokeConsent(c call) (any, int, *cloud.Refusal) {
	t, r := s.one(c)
	if r != nil {
		return nil, 0, r
	}
	s.state.RevokeConsent(t.ID, c.args[1])
	return front.Empty(http.StatusNoContent), 0, nil
}
