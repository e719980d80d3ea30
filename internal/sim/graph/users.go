package graph

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

// usualUser is the default property set: licences are not in it.
func usualUser() []string {
	return []string{"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
		"preferredLanguage", "surname", "userPrincipalName", "id"}
}

func userJSON(u cloud.User) map[string]any {
	kind := "Member"
	if u.Guest {
		kind = "Guest"
	}
	m := map[string]any{
		"id": u.ID, "userPrincipalName": u.UPN, "displayName": u.DisplayName, "mail": u.UPN, "businessPhones": []string{},
		"givenName": nil, "surname": nil, "jobTitle": nil, "mobilePhone": nil, "officeLocation": nil, "preferredLanguage": nil,
		"accountEnabled": !u.Disabled, "userType": kind, "usageLocation": nil, "onPremisesSyncEnabled": nil,
		"assignedLicenses": assignedLicenses(u.AssignedLicences()), "licenseAssignmentStates": states(u), "provisionedPlans": []any{},
	}
	if u.UsageLocation != "" {
		m["usageLocation"] = u.UsageLocation
	}
	return m
}

// shownUser is a user with the properties that are selected. The plans are many, and made only where they are.
func (s *Server) shownUser(c call, u cloud.User) map[string]any {
	m := userJSON(u)
	if strings.Contains(c.query.Get("$select"), "assignedPlans") {
		m["assignedPlans"] = s.plansJSON(u)
	}
	return pick(c, m, usualUser())
}

// plansJSON are the plans of a user as JSON. They follow from the licences, and most users of a tenant have the same.
func (s *Server) plansJSON(u cloud.User) any {
	licences := fmt.Sprint(u.AssignedLicences())
	if known, ok := s.plans.Load(licences); ok {
		return known
	}
	made, err := json.Marshal(plans(u))
	if err != nil {
		return nil
	}
	known, _ := s.plans.LoadOrStore(licences, json.RawMessage(made))
	return known
}

func assignedLicenses(l []cloud.AssignedLicence) []map[string]any {
	out := []map[string]any{}
	for _, a := range l {
		out = append(out, map[string]any{"skuId": a.SKU, "disabledPlans": a.Disabled})
	}
	return out
}

func states(u cloud.User) []map[string]any {
	out := []map[string]any{}
	for _, a := range u.Assignments {
		m := map[string]any{"skuId": a.SKU, "disabledPlans": append([]string{}, a.Disabled...), "assignedByGroup": nil, "state": a.State,
			"error": a.Error, "lastUpdatedDateTime": when(a.Updated)}
		if a.Group != "" {
			m["assignedByGroup"] = a.Group
		}
		out = append(out, m)
	}
	return out
}

// assignedPlan is one service of a user.
type assignedPlan struct {
	Plan    string `json:"servicePlanId"`
	Service string `json:"service"`
	Status  string `json:"capabilityStatus"`
}

func plans(u cloud.User) []assignedPlan {
	out := []assignedPlan{}
	for _, l := range u.AssignedLicences() {
		offer, ok := cloud.OfferBySKU(l.SKU)
		if !ok {
			continue
		}
		for _, p := range offer.Plans {
			status := "Enabled"
			if slices.Contains(l.Disabled, p.ID) {
				status = "Deleted"
			}
			out = append(out, assignedPlan{p.ID, p.Name, status})
		}
	}
	return out
}

func (s *Server) user(c call) cloud.Reply { return s.oneUser(c, c.args[0]) }

func (s *Server) me(c call) cloud.Reply { return s.oneUser(c, c.token.ObjectID) }

func (s *Server) oneUser(c call, id string) cloud.Reply {
	u, r := s.state.User(c.token.Tenant, id)
	if r != nil {
		return refusal(r, c.origin)
	}
	m := s.shownUser(c, u)
	m["@odata.context"] = "https://graph.microsoft.com/v1.0/$metadata#users/$entity"
	return front.JSON(200, m)
}

// page is the opaque $skiptoken: where in the tenant's list to go on. Position,
// not count of hits, so that users who change between pages cause no gaps.
type page struct {
	From int `json:"f"`
}

// users lists with $filter, $select, $top, $count and paging.
func (s *Server) users(c call) cloud.Reply {
	fits, r := parseFilter(c)
	if r != nil {
		return refusal(r, c.origin)
	}
	top, r := pageSize(c)
	if r != nil {
		return refusal(r, c.origin)
	}
	var from page
	if raw, err := base64.RawURLEncoding.DecodeString(c.query.Get("$skiptoken")); err != nil || len(raw) > 0 && json.Unmarshal(raw, &from) != nil {
		return refusal(&cloud.Refusal{Status: 400, Code: "Directory_ExpiredPageToken", Text: "The specified page token value has expired and can no longer be included in your request."}, c.origin)
	}
	values := []any{}
	found, next := s.state.FindUsers(c.token.Tenant, from.From, top, fits)
	for _, u := range found {
		values = append(values, s.shownUser(c, u))
	}
	body := collection(c, "users", values)
	if c.query.Get("$count") == "true" && from.From == 0 {
		all, _ := s.state.FindUsers(c.token.Tenant, 0, math.MaxInt, fits)
		body["@odata.count"] = len(all)
	}
	if next >= 0 {
		body["@odata.nextLink"] = nextLink(c, next)
	}
	return front.JSON(200, body)
}

func nextLink(c call, from int) string {
	token, _ := json.Marshal(page{from})
	q := url.Values{}
	for k, v := range c.query {
		q[k] = v
	}
	q.Set("$skiptoken", base64.RawURLEncoding.EncodeToString(token))
	base := c.base
	if base == "" {
		base = "https://graph.microsoft.com/v1.0"
	}
	return base + "/" + strings.Join(c.path, "/") + "?" + q.Encode()
}

func pageSize(c call) (int, *cloud.Refusal) {
	if !c.query.Has("$top") {
		return 100, nil
	}
	top, err := strconv.Atoi(c.query.Get("$top"))
	if err != nil || top < 1 || top > 999 {
		return 0, &cloud.Refusal{Status: 400, Code: "Request_UnsupportedQuery",
			Text: "Invalid page size specified: '" + c.query.Get("$top") + "'. Must be between 1 and 999 inclusive."}
	}
	return top, nil
}

// changeUser is PATCH /users/{id}.
func (s *Server) changeUser(c call) cloud.Reply {
	var in struct {
		UsageLocation  json.RawMessage `json:"usageLocation"` // null clears it, absence leaves it
		AccountEnabled *bool           `json:"accountEnabled"`
		DisplayName    *string         `json:"displayName"`
	}
	if r := decode(c, &in); r != nil {
		return refusal(r, c.origin)
	}
	var location *string
	if len(in.UsageLocation) > 0 {
		location = new(string)
		if err := json.Unmarshal(in.UsageLocation, location); err != nil {
			return refusal(&cloud.Refusal{Status: 400, Code: "Request_BadRequest", Text: "Invalid value specified for property 'usageLocation' of resource 'User'."}, c.origin)
		}
	}
	ch := cloud.UserChange{UsageLocation: location, AccountEnabled: in.AccountEnabled, DisplayName: in.DisplayName}
	if r := s.state.ChangeUser(c.token.Tenant, c.args[0], ch, c.origin); r != nil {
		return refusal(r, c.origin)
	}
	return front.Empty(http.StatusNoContent)
}
