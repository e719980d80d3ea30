package graph_test

import (
	"fmt"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
)

func TestAssignLicenseRefusals(t *testing.T) {
	e3, archive := sku(cloud.Office365E3), "176a09a6-7ec5-4039-ac02-b2791c6ba793"
	premiumOff := []string{"9aaf7827-d63c-4b61-89c3-182f06f82e5c"} // Exchange, which archiving depends on
	for name, tc := range map[string]struct {
		user   string
		body   any
		status int
		text   string
	}{
		"no location":       {"stray", licences(add(cloud.BusinessBasic)), 400, "License assignment cannot be done for user with invalid usage location."},
		"no seat":           {"fresh", licences(add(cloud.BusinessStandard)), 400, "does not have any available licenses."},
		"not owned":         {"fresh", licences(add(cloud.Microsoft365E5)), 400, "does not correspond to a valid company License."},
		"exclusive":         {"basic1", licences(add(cloud.Office365E3)), 400, "are mutually exclusive."},
		"depends":           {"fresh", licences(add(cloud.BusinessPremium, premiumOff...)), 400, "service plan " + archive + " depends on the service plan(s)"},
		"remove unassigned": {"fresh", licences(nil, e3), 400, "User does not have a corresponding license."},
		"remove inherited":  {"member", licences(nil, sku(cloud.BusinessPremium)), 400, "is inherited from a group membership"},
		"nothing":           {"fresh", licences(nil), 400, "No license changes provided"},
		"missing array":     {"fresh", map[string]any{"addLicenses": []any{}}, 400, "Request_BadRequest"},
		"bad guid":          {"fresh", licences([]map[string]any{{"skuId": "x"}}), 400, "Edm.Guid"},
		"foreign plan":      {"fresh", licences(add(cloud.BusinessBasic, archive)), 400, "does not contain service plan"},
		"unknown user":      {"ghost", licences(add(cloud.BusinessBasic)), 404, "Request_ResourceNotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.state.AddSubscription(tenant, cloud.SubscriptionSpec{Part: cloud.Office365E3, Quantity: 5, Age: 60 * day})
			l.state.AddSubscription(tenant, cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 5, Age: 60 * day})
			l.user("basic1", "GB", cloud.BusinessBasic)
			l.user("s1", "GB", cloud.BusinessStandard)
			l.user("s2", "GB", cloud.BusinessStandard)
			l.user("fresh", "GB")
			l.user("stray", "")
			l.user("member", "GB")
			l.state.AddGroup(tenant, cloud.GroupSpec{ID: "group", Members: []string{"member"}, Licences: []cloud.LicenceChange{{SKU: sku(cloud.BusinessPremium)}}})
			l.send(all, "POST", "/users/"+tc.user+"/assignLicense", tc.body).want(t, tc.status, tc.text)
			if got := l.state.Ledger(cloud.Query{Kind: cloud.LicenceAssigned, Object: "fresh"}); len(got) > 0 {
				t.Errorf("a refused change left something: %v", got)
			}
		})
	}
}

func TestSwapIsOneChange(t *testing.T) {
	l := newLab(t)
	l.user("ana", "GB", cloud.BusinessBasic)
	a := l.send(all, "POST", "/users/ana@customer.example/assignLicense", licences(add(cloud.BusinessStandard, planTeams), sku(cloud.BusinessBasic)))
	a.want(t, 200, `"userPrincipalName":"ana@customer.example"`)
	if a.body["assignedLicenses"] != nil {
		t.Error("the default property set has no licences")
	}
	u := l.send(all, "GET", "/users/ana?$select=id,assignedLicenses,licenseAssignmentStates", nil)
	held := u.body["assignedLicenses"].([]any)
	if len(held) != 1 || held[0].(map[string]any)["skuId"] != sku(cloud.BusinessStandard) {
		t.Errorf("licences: %s", u.raw)
	}
	// Sent again with other switched-off plans it replaces them, and takes no second seat.
	l.send(all, "POST", "/users/ana/assignLicense", licences(add(cloud.BusinessStandard))).want(t, 200, "")
	for _, h := range l.state.HoldingsOf(tenant) {
		if h.PartNumber == cloud.BusinessStandard && (h.Consumed != 1 || len(h.Holders[0].Disabled) != 0) {
			t.Errorf("holding: %+v", h)
		}
	}
}

func TestUsageLocation(t *testing.T) {
	l := newLab(t)
	f := cloud.Polite()
	f.Lags.UsageLocation = 20 * time.Second
	l.state.SetFaults(f)
	l.user("stray", "")
	l.state.Inject(cloud.LocationUnsettled, cloud.Matcher{}, 1)
	l.send(all, "PATCH", "/users/stray", map[string]any{"usageLocation": "India"}).want(t, 400, "usageLocation")
	l.send(all, "PATCH", "/users/stray", map[string]any{"usageLocation": "IN"}).want(t, 204, "")
	l.send(all, "POST", "/users/stray/assignLicense", licences(add(cloud.BusinessBasic))).want(t, 400, "invalid usage location")
	l.state.Advance(time.Minute)
	l.send(all, "POST", "/users/stray/assignLicense", licences(add(cloud.BusinessBasic))).want(t, 200, "")
}

func TestReplicaShowsTheStateBefore(t *testing.T) {
	l := newLab(t)
	f := cloud.Polite()
	f.Lags.Replica = time.Minute
	l.state.SetFaults(f)
	l.user("ana", "GB", cloud.BusinessBasic)
	l.state.Inject(cloud.ReplicaLag, cloud.Matcher{}, 1)
	l.send(all, "POST", "/users/ana/assignLicense", licences(add(cloud.BusinessStandard), sku(cloud.BusinessBasic))).want(t, 200, "")
	l.send(all, "GET", "/users/ana?$select=assignedLicenses", nil).want(t, 200, sku(cloud.BusinessBasic))
	l.state.Advance(2 * time.Minute)
	l.send(all, "GET", "/users/ana?$select=assignedLicenses", nil).want(t, 200, sku(cloud.BusinessStandard))
}

func TestGroupLicensing(t *testing.T) {
	l := newLab(t)
	for _, id := range []string{"m1", "m2", "m3"} {
		l.user(id, "GB")
	}
	l.state.AddGroup(tenant, cloud.GroupSpec{ID: "group", Members: []string{"m1", "m2", "m3"}})
	a := l.send(all, "POST", "/groups/group/assignLicense", licences(add(cloud.BusinessStandard)))
	a.want(t, 202, "QueuedForProcessing")
	if a.header.Get("Location") == "" {
		t.Error("no Location")
	}
	l.state.Advance(time.Minute)
	l.send(all, "GET", "/groups/group", nil).want(t, 200, "ProcessingComplete")
	if got := values(l.send(all, "GET", "/groups/group/membersWithLicenseErrors", nil)); len(got) != 1 {
		t.Errorf("%d members failed, want the third: there are two seats", len(got))
	}
	l.send(all, "GET", "/users/m3?$select=licenseAssignmentStates", nil).want(t, 200, "CountViolation")
}

func TestConcurrencyViolation(t *testing.T) {
	l := newLab(t)
	l.user("ana", "GB")
	l.state.Inject(cloud.ConcurrencyViolation, cloud.Matcher{Path: "/assignLicense"}, 1)
	l.send(all, "POST", "/users/ana/assignLicense", licences(add(cloud.BusinessBasic))).want(t, 409, "Directory_ConcurrencyViolation")
	l.send(all, "POST", "/users/ana/assignLicense", licences(add(cloud.BusinessBasic))).want(t, 200, "")
}

// A patient client moves everybody while everything goes wrong now and then;
// repeating an assignment never takes a second seat.
func TestSwapUnderMisbehaviour(t *testing.T) {
	l := newLab(t)
	f := cloud.Misbehaving()
	delete(f.Chance, cloud.Hang)
	delete(f.Chance, cloud.ReplyLost)
	l.state.SetFaults(f)
	l.state.AddSubscription(tenant, cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 20, Age: 60 * day})
	for i := range 20 {
		id := fmt.Sprintf("u%d", i)
		l.user(id, "GB", cloud.BusinessBasic)
		for tries := 0; l.send(all, "POST", "/users/"+id+"/assignLicense", licences(add(cloud.BusinessPremium, planTeams))).status != 200; tries++ {
			if tries == 50 {
				t.Fatal("never assigned")
			}
			l.state.Advance(time.Minute)
		}
	}
	for _, h := range l.state.HoldingsOf(tenant) {
		if h.PartNumber == cloud.BusinessPremium && (h.Consumed != 20 || len(h.Holders) != 20) {
			t.Errorf("%+v", h)
		}
	}
}
