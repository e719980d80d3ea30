package graph

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

const userJSON = `{"id":"` + userA + `","userPrincipalName":"ada@fabrikam.example","displayName":"Ada","accountEnabled":true,"userType":"Guest","usageLocation":"IN",
 "assignedLicenses":[{"skuId":"` + basic + `","disabledPlans":["` + teams + `"]},{"skuId":"` + premium + `","disabledPlans":[]}],
 "licenseAssignmentStates":[{"skuId":"` + basic + `","disabledPlans":[],"assignedByGroup":"g1","state":"ActiveWithError","error":"CountViolation","lastUpdatedDateTime":"2026-01-02T10:11:12Z"},{"skuId":"` + premium + `","assignedByGroup":null,"state":"Active","error":"None"}],
 "assignedPlans":[{"servicePlanId":"` + teams + `","capabilityStatus":"Deleted","service":"Teams","assignedDateTime":"2026-01-02T10:11:12Z"},{"servicePlanId":"` + teams + `","capabilityStatus":"Enabled"},{"servicePlanId":"` + teams + `","capabilityStatus":"Suspended"}]}`

var ada = upgrade.User{
	ID: userA, UPN: "ada@fabrikam.example", Name: "Ada", Enabled: true, Guest: true, UsageLocation: "IN",
	Licenses: []upgrade.License{{SKUID: basic, DisabledPlans: []string{teams}}, {SKUID: premium}},
	States:   []upgrade.LicenseState{{SKUID: basic, ByGroup: "g1", State: "ActiveWithError", Error: "CountViolation"}, {SKUID: premium, State: "Active"}},
	Services: []upgrade.ServiceState{{PlanID: teams, State: "Enabled"}},
}

const holdersAt = "GET /v1.0/users?$filter=assignedLicenses/any(x:x/skuId eq " + basic + ")&$select=id,userPrincipalName,displayName,accountEnabled,userType,usageLocation,onPremisesSyncEnabled,assignedLicenses,licenseAssignmentStates&$top=100"

func TestHoldersPage(t *testing.T) {
	s, c := serve(t, map[string][]scripted{
		holdersAt:                           {{body: `{"value":[` + userJSON + `],"@odata.nextLink":"BASE/users?$skiptoken=opaque"}`}},
		"GET /v1.0/users?$skiptoken=opaque": {{body: `{"value":[]}`}},
	})
	got, next, err := c.Holders(t.Context(), grant, strings.ToUpper(basic), "")
	if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], ada) || next != s.URL+"/v1.0/users?$skiptoken=opaque" {
		t.Fatalf("%+v %q, %v", got, next, err)
	}
	got, next, err = c.Holders(t.Context(), grant, basic, next)
	if err != nil || len(got) != 0 || next != "" {
		t.Fatalf("%+v %q, %v", got, next, err)
	}
	_, _, err = c.Holders(t.Context(), grant, basic, "https://evil.example/v1.0/users")
	wantError(t, err, upgrade.Unknown, "foreign_link")
	_, _, err = c.Holders(t.Context(), grant, "x) or true", "")
	wantError(t, err, upgrade.Invalid, "bad_sku")
}

func TestUsersByBatch(t *testing.T) {
	s, c := serve(t, map[string][]scripted{"POST /v1.0/$batch": {{body: `{"responses":[
	  {"id":"3","status":200,"headers":{"Content-Type":"application/json"},"body":{"id":"` + userB + `"}},
	  {"id":"2","status":404,"body":` + faultJSON("Request_ResourceNotFound", "Resource 'x' does not exist") + `},
	  {"id":"1","status":200,"body":` + userJSON + `}]}`}}})
	got, err := c.Users(t.Context(), grant, []string{userA, "no#body@fabrikam.example", userB})
	if err != nil || len(got) != 2 || !reflect.DeepEqual(got[0], ada) || got[1].ID != userB {
		t.Fatalf("%+v, %v", got, err)
	}
	sent := asMap(t, s.requests()[0].body)["requests"].([]any)
	second := sent[1].(map[string]any)
	if second["method"] != "GET" || !strings.HasPrefix(second["url"].(string), "/users/no%23body@fabrikam.example?$select=id,") || second["body"] != nil {
		t.Errorf("sent %v", second)
	}
	if got, err := c.Users(t.Context(), grant, nil); err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	_, err = c.Users(t.Context(), grant, make([]string, 1))
	wantError(t, err, upgrade.Invalid, "no_user")
	_, err = c.Users(t.Context(), grant, strings.Split(strings.Repeat("x,", 20)+"x", ","))
	wantError(t, err, upgrade.Invalid, "too_many")
}

func TestUsersNeverLeaveOutWhatFailed(t *testing.T) {
	for body, want := range map[string]struct {
		kind  upgrade.Kind
		code  string
		after time.Duration
	}{
		`{"responses":[{"id":"1","status":200,"body":` + userJSON + `}]}`:                                                                             {upgrade.Transient, "no_reply", 0},
		`{"responses":[{"id":"1","status":429,"headers":{"Retry-After":"3"}},{"id":"2","status":429,"headers":{"retry-after":9}}]}`:                   {upgrade.Throttled, "http_429", 9 * time.Second},
		`{"responses":[{"id":"1","status":404,"body":{}},{"id":"2","status":401,"body":` + faultJSON("InvalidAuthenticationToken", "expired") + `}]}`: {upgrade.GrantLost, "InvalidAuthenticationToken", 0},
		`{"responses":[{"id":"1","status":404},{"id":"2","status":200,"body":{"displayName":"nobody"}}]}`:                                             {upgrade.Unknown, "unreadable_reply", 0},
		`{"responses":[{"id":"1","status":404},{"id":"2","status":200,"body":"aGVsbG8="}]}`:                                                           {upgrade.Unknown, "unreadable_reply", 0},
		`{"responses":"none"}`: {upgrade.Unknown, "unreadable_reply", 0},
		`{"responses":[`:       {upgrade.Transient, "cut_reply", 0},
	} {
		_, c := serve(t, map[string][]scripted{"POST /v1.0/$batch": {{body: body}}})
		_, err := c.Users(t.Context(), grant, []string{userA, userB})
		if e := wantError(t, err, want.kind, want.code); e.RetryAfter != want.after {
			t.Errorf("%s: retry after %v", body, e.RetryAfter)
		}
	}
}

func TestSetUsageLocation(t *testing.T) {
	at := "PATCH /v1.0/users/" + userA
	s, c := serve(t, map[string][]scripted{at: {{status: 204}}})
	for country, body := range map[string]string{"in": `{"usageLocation":"IN"}`, "": `{"usageLocation":null}`} {
		if err := c.SetUsageLocation(t.Context(), grant, write, userA, country); err != nil {
			t.Fatal(err)
		}
		got := s.requests()
		last := got[len(got)-1]
		if last.body != body || last.header.Get("client-request-id") != write.Request || last.header.Get("Content-Type") != "application/json" {
			t.Errorf("sent %s with %v", last.body, last.header)
		}
	}
	for status, want := range map[int]struct {
		kind upgrade.Kind
		code string
	}{404: {upgrade.Refused, "user_not_found"}, 500: {upgrade.Ambiguous, "http_500"}, 409: {upgrade.Unknown, "http_409"}, 400: {upgrade.Unknown, "http_400"}} {
		_, c := serve(t, map[string][]scripted{at: {{status: status}}})
		wantError(t, c.SetUsageLocation(t.Context(), grant, write, userA, "IN"), want.kind, want.code)
	}
	wantError(t, c.SetUsageLocation(t.Context(), grant, upgrade.WriteID{}, userA, "IN"), upgrade.Invalid, "bad_write")
}
