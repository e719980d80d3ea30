package partner

import (
	"net/http"
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

func (s *Server) customers(c call) (any, int, *cloud.Refusal) {
	items := []any{}
	for _, t := range s.state.Tenants() {
		if t.ID != s.state.Partner() && !t.NoRelationship {
			items = append(items, customerJSON(t))
		}
	}
	return collection(items, "/customers"), 200, nil
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
