package graph

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

func TestAssignLicenses(t *testing.T) {
	s, c := serve(t, map[string][]scripted{"POST /v1.0/$batch": {{body: `{"responses":[{"id":"2","status":400,"headers":{"request-id":"` + theirs + `"},"body":` +
		faultJSON("Request_BadRequest", "Subscription with SKU x does not have any available licenses.") + `},{"id":"1","status":200,"body":{}},{"id":"9","status":200},{"id":"1","status":500}]}`}}})
	out, err := c.AssignLicenses(t.Context(), grant, write, []upgrade.LicenseChange{
		{User: userA, Add: []upgrade.License{{SKUID: premium, DisabledPlans: []string{teams}}}, Remove: []string{basic}},
		{User: "u-without-a-change"},
		{User: userB, Add: []upgrade.License{{SKUID: premium}}},
		{User: "u3", Remove: []string{basic}},
		{User: "u4", Remove: []string{"not a guid"}},
	})
	if err != nil || len(out) != 5 {
		t.Fatalf("%+v, %v", out, err)
	}
	if out[0].User != userA || out[0].Err != nil {
		t.Errorf("first: %+v", out[0])
	}
	wantError(t, out[1].Err, upgrade.Invalid, "no_changes")
	if e := wantError(t, out[2].Err, upgrade.Refused, "no_seats"); e.Correlation != theirs {
		t.Errorf("correlation %q", e.Correlation)
	}
	wantError(t, out[3].Err, upgrade.Ambiguous, "no_reply")
	wantError(t, out[4].Err, upgrade.Invalid, "bad_sku")

	sent := s.requests()[0]
	const want = `{"requests":[{"id":"1","method":"POST","url":"/users/` + userA + `/assignLicense","headers":{"Content-Type":"application/json","client-request-id":"%s"},"body":{"addLicenses":[{"skuId":"` + premium + `","disabledPlans":["` + teams + `"]}],"removeLicenses":["` + basic + `"]}},` +
		`{"id":"2","method":"POST","url":"/users/` + userB + `/assignLicense","headers":{"Content-Type":"application/json","client-request-id":"%s"},"body":{"addLicenses":[{"skuId":"` + premium + `","disabledPlans":[]}],"removeLicenses":[]}},`
	if got := fmt.Sprintf(want, upgrade.UUID(write.Request, "1"), upgrade.UUID(write.Request, "2")); !strings.HasPrefix(sent.body, got) || sent.header.Get("client-request-id") != write.Request {
		t.Errorf("sent %s", sent.body)
	}
}

func TestAssignmentRefusals(t *testing.T) {
	for _, tc := range []struct {
		status        int
		code, message string
		kind          upgrade.Kind
		want          string
	}{
		{400, "Request_BadRequest", "License assignment cannot be done for user with invalid usage location.", upgrade.Refused, "no_usage_location"},
		{400, "Request_BadRequest", "Subscription with SKU x does not have any available licenses.", upgrade.Refused, "no_seats"},
		{400, "Request_BadRequest", "License x does not correspond to a valid company License.", upgrade.Refused, "sku_not_owned"},
		{400, "Request_BadRequest", "License assignment failed because service plans a,b are mutually exclusive.", upgrade.Refused, "conflicting_services"},
		{400, "Request_BadRequest", "License assignment failed because service plan a depends on the service plan(s) b,c", upgrade.Refused, "dependency"},
		{400, "Request_BadRequest", "User does not have a corresponding license.", upgrade.Conflict, "license_not_held"},
		{400, "Request_BadRequest", "User license is inherited from a group membership and it cannot be removed directly from the user.", upgrade.Refused, "inherited_from_group"},
		{400, "Request_BadRequest", "No license changes provided for ada@fabrikam.example", upgrade.Invalid, "no_changes"},
		{400, "Request_BadRequest", "Something else about ada@fabrikam.example", upgrade.Unknown, "Request_BadRequest"},
		{404, "Request_ResourceNotFound", "Resource 'ada@fabrikam.example' does not exist or one of its queried reference-property objects are not present.", upgrade.Refused, "user_not_found"},
		{403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", upgrade.Act, "Authorization_RequestDenied"},
		{401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.", upgrade.GrantLost, "InvalidAuthenticationToken"},
		{409, "Directory_ConcurrencyViolation", "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.", upgrade.Transient, "Directory_ConcurrencyViolation"},
		{409, "Request_MultipleObjectsWithSameKeyValue", "x", upgrade.Unknown, "Request_MultipleObjectsWithSameKeyValue"},
		{429, "TooManyRequests", "x", upgrade.Throttled, "TooManyRequests"},
		{400, "Request_ThrottledTemporarily", "x", upgrade.Throttled, "Request_ThrottledTemporarily"},
		{424, "FailedDependency", "x", upgrade.Transient, "FailedDependency"},
		{503, "ServiceUnavailable", "x", upgrade.Ambiguous, "ServiceUnavailable"},
		{500, "", "", upgrade.Ambiguous, "http_500"},
	} {
		part := fmt.Sprintf(`{"responses":[{"id":"1","status":%d,"headers":{"Retry-After":"5"},"body":%s}]}`, tc.status, faultJSON(tc.code, tc.message))
		_, c := serve(t, map[string][]scripted{"POST /v1.0/$batch": {{body: part}}})
		out, err := c.AssignLicenses(t.Context(), grant, write, []upgrade.LicenseChange{{User: userA, Remove: []string{basic}}})
		if err != nil {
			t.Fatalf("%s: %v", tc.message, err)
		}
		if e := wantError(t, out[0].Err, tc.kind, tc.want); e.RetryAfter != 5*time.Second {
			t.Errorf("%s: retry after %v", tc.want, e.RetryAfter)
		}
	}
}

func TestAssignLicensesAsAWhole(t *testing.T) {
	changes := []upgrade.LicenseChange{{User: userA, Remove: []string{basic}}}
	for _, tc := range []struct {
		answer scripted
		kind   upgrade.Kind
		code   string
	}{
		{scripted{status: 400, body: faultJSON("BadRequest", "Invalid batch payload format.")}, upgrade.Unknown, "BadRequest"},
		{scripted{status: 401, body: faultJSON("InvalidAuthenticationToken", "expired")}, upgrade.GrantLost, "InvalidAuthenticationToken"},
		{scripted{status: 429}, upgrade.Throttled, "http_429"},
		{scripted{status: 502, body: "<html>"}, upgrade.Ambiguous, "http_502"},
		{scripted{body: `{"responses":[{"id":"1","sta`}, upgrade.Ambiguous, "unreadable_reply"},
		{scripted{body: ``}, upgrade.Ambiguous, "unreadable_reply"},
	} {
		_, c := serve(t, map[string][]scripted{"POST /v1.0/$batch": {tc.answer}})
		_, err := c.AssignLicenses(t.Context(), grant, write, changes)
		wantError(t, err, tc.kind, tc.code)
	}
	s, c := serve(t, nil)
	_, err := c.AssignLicenses(t.Context(), grant, write, make([]upgrade.LicenseChange, 21))
	wantError(t, err, upgrade.Invalid, "too_many")
	_, err = c.AssignLicenses(t.Context(), grant, upgrade.WriteID{}, changes)
	wantError(t, err, upgrade.Invalid, "no_write_id")
	if out, err := c.AssignLicenses(t.Context(), grant, write, make([]upgrade.LicenseChange, 2)); err != nil || len(out) != 2 || len(s.requests()) != 0 {
		t.Errorf("%v, %v after %d requests", out, err, len(s.requests()))
	}
}
