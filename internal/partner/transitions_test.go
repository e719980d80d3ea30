package partner

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

func TestTransitionTargets(t *testing.T) {
	_, c := serve(t, map[string][]answer{"GET " + subscriptURL + "/transitionEligibilities?eligibilityType=immediate": {{body: `{"totalCount":1,"items":[{
  "operationId":"7d8c","catalogItemId":"CFQ7TTC0LDPB:0001:CFQ7TTC0LGNT","title":"Microsoft 365 Business Standard","quantity":25,
  "eligibilities":[{"isEligible":true,"transitionType":"transition_only","errors":[]},
                   {"isEligible":false,"transitionType":"Transition_With_License_Transfer","errors":[{"code":3,"description":"conflicting services of ada@fabrikam.example"},{"code":"99","description":"new"}]}],
  "subscriptionEligibilities":null}]}`}}})
	got, err := c.TransitionTargets(t.Context(), tenant, subscriptID)
	if err != nil || len(got) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	target := got[0]
	if target.ProductSKU != "CFQ7TTC0LDPB:0001" || target.Seats != 25 || !target.Choice(upgrade.TransitionOnly).Eligible {
		t.Errorf("%+v", target)
	}
	refused := target.Choice(upgrade.TransitionWithLicenses)
	if refused.Eligible || !refused.Reasons.Has("conflicting_services") || !refused.Reasons.Has("transition_refused") || strings.Contains(refused.Reasons.Error(), "ada") {
		t.Errorf("%+v", refused)
	}
}

const historyEntry = `{"operationId":"op1","fromSubscriptionId":"` + subscriptID + `","toCatalogItemId":"CFQ7TTC0LDPB:0001:CFQ7TTC0LGNT","quantity":25,"transitionType":"transition_with_license_transfer",
 "Events":[{"name":"Conversion","status":"Started ","timestamp":"2026-01-05T18:01:00Z","errors":[]},{"name":"Conversion","status":"Completed","timestamp":"2026-01-05T18:37:00Z"},
           {"name":"LicenseReassignment","status":"InProgress","timestamp":"2026-01-05T18:37:00Z"}]}`

func TestTransitionHistoryWrappers(t *testing.T) {
	want := []upgrade.Transition{{
		Operation: "op1", FromSubscription: subscriptID, ToCatalogItem: "CFQ7TTC0LDPB:0001:CFQ7TTC0LGNT", Seats: 25,
		Type: upgrade.TransitionWithLicenses, State: upgrade.StepCompleted, Licenses: upgrade.StepRunning,
		StartedAt: time.Date(2026, 1, 5, 18, 1, 0, 0, time.UTC),
	}}
	for _, body := range []string{`{"transition":[` + historyEntry + `]}`, `{"items":[` + historyEntry + `],"totalCount":1}`, `[` + historyEntry + `]`} {
		_, c := serve(t, map[string][]answer{"GET " + subscriptURL + "/transitions": {{body: body}}})
		got, err := c.Transitions(t.Context(), tenant, subscriptID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.20s: %+v, %v", body, got, err)
		}
	}
	if got, err := parseTransitions([]byte(`{"totalCount":0,"items":[]}`), "s"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestTransitionStates(t *testing.T) {
	for _, tc := range []struct {
		events, kind    string
		state, licenses upgrade.StepState
	}{
		{`[]`, "transition_only", upgrade.StepRunning, ""},
		{`null`, "transition_with_license_transfer", upgrade.StepRunning, upgrade.StepRunning},
		{`[{"name":"conversion","status":"started "}]`, "transition_only", upgrade.StepRunning, ""},
		{`[{"name":"Conversion","status":"Completed"},{"name":"Conversion","status":"Started "}]`, "transition_only", upgrade.StepCompleted, ""},
		{`[{"name":"Conversion","status":"Failed","timestamp":"2026-01-05T01:00:00Z"},{"name":"Conversion","status":"Completed","timestamp":"2026-01-05T02:00:00Z"}]`, "transition_only", upgrade.StepCompleted, ""},
		{`[{"name":"Conversion","status":"Completed"},{"name":"SeatReassignment","status":"Completed"}]`, "transition_with_license_transfer", upgrade.StepCompleted, upgrade.StepCompleted},
		{`[{"name":"Conversion","status":"Completed"},{"name":"LicenseReassignment","status":"Failed","errors":[{"code":12,"description":"x"}]}]`, "transition_with_license_transfer", upgrade.StepCompleted, upgrade.StepFailed},
		{`[{"name":"Conversion","status":"Failed","errors":[{"code":9}]}]`, "transition_only", upgrade.StepFailed, ""},
		{`[{"name":"Celebration","status":"Completed"},{"name":"Conversion","status":"Wobbling"}]`, "transition_only", upgrade.StepRunning, ""},
	} {
		got, err := parseTransitions([]byte(`[{"operationId":"o","transitionType":"`+tc.kind+`","events":`+tc.events+`}]`), "s")
		if err != nil || got[0].State != tc.state || got[0].Licenses != tc.licenses || got[0].FromSubscription != "s" {
			t.Errorf("%s: %+v, %v", tc.events, got, err)
		}
	}
}

func TestStartTransition(t *testing.T) {
	request := upgrade.TransitionRequest{Subscription: subscriptID, ToCatalogItem: "P:S:A", Seats: 25, Type: upgrade.TransitionOnly}
	at := "POST " + subscriptURL + "/transitions"
	s, c := serve(t, map[string][]answer{at: {{body: `{"operationId":"op9","toCatalogItemId":"P:S:A","toSubscriptionId":"` + subscriptID + `","quantity":25,"transitionType":"transition_only","events":[{"name":"Conversion","status":"Started "}]}`}}})
	got, err := c.StartTransition(t.Context(), write, tenant, request)
	if err != nil || got.Operation != "op9" || got.State != upgrade.StepRunning || got.ToSubscription != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	sent := s.requests("POST")[0]
	want := map[string]any{"fromSubscriptionId": subscriptID, "toCatalogItemId": "P:S:A", "quantity": 25.0, "transitionType": "transition_only"}
	if m := asMap(t, sent.body); !reflect.DeepEqual(m, want) || sent.header.Get("MS-RequestId") != write.Request {
		t.Errorf("sent %s", sent.body)
	}
	for _, a := range []answer{{body: `{}`}, {body: `oops`}, {status: 202}, {drop: true}, {status: 500, body: `{"code":800003,"description":"x"}`}} {
		_, c := serve(t, map[string][]answer{at: {a}})
		_, err := c.StartTransition(t.Context(), write, tenant, request)
		if upgrade.KindOf(err) != upgrade.Ambiguous {
			t.Errorf("%+v: %v", a, err)
		}
	}
	_, c = serve(t, map[string][]answer{at: {{status: 400, body: `{"code":"900259","description":"same"}`}}})
	_, err = c.StartTransition(t.Context(), write, tenant, request)
	wantError(t, err, upgrade.Refused, "900259")
	_, err = c.StartTransition(t.Context(), write, tenant, upgrade.TransitionRequest{Subscription: subscriptID})
	wantError(t, err, upgrade.Invalid, "bad_transition")
	_, err = c.StartTransition(t.Context(), upgrade.WriteID{}, tenant, request)
	wantError(t, err, upgrade.Invalid, "no_write_id")
}
