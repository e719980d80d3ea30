package graph_test

import (
	"fmt"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
)

func TestHoldersArePaged(t *testing.T) {
	l := newLab(t)
	for i := range 25 {
		l.user(fmt.Sprintf("u%02d", i), "GB", cloud.BusinessBasic)
	}
	next := filter("assignedLicenses/any(x:x/skuId eq "+sku(cloud.BusinessBasic)+")", "&$select=id&$top=10")
	seen := map[string]bool{}
	for pages := 0; next != ""; pages++ {
		a := l.send(all, "GET", next, nil)
		a.want(t, 200, "")
		for _, v := range values(a) {
			id := v.(map[string]any)["id"].(string)
			if seen[id] {
				t.Errorf("%s came twice", id)
			}
			seen[id] = true
			if pages == 0 { // those who change between two pages cause no gap
				l.send(all, "POST", "/users/"+id+"/assignLicense", licences(nil, sku(cloud.BusinessBasic))).want(t, 200, "")
			}
		}
		next, _ = a.body["@odata.nextLink"].(string)
	}
	if len(seen) != 25 {
		t.Errorf("%d holders listed, want 25", len(seen))
	}
}

func TestQueriesThatGraphRefuses(t *testing.T) {
	l := newLab(t)
	l.send(all, "GET", "/users?$top=1000", nil).want(t, 400, "Invalid page size")
	l.send(all, "GET", filter("assignedLicenses/$count eq 0", ""), nil).want(t, 400, "Request_UnsupportedQuery")
	l.send(all, "GET", filter("assignedLicenses/$count eq 0", "&$count=true"), nil).want(t, 200, `"@odata.count":2`)
	l.send(all, "GET", filter("jobTitle eq 'x'", ""), nil).want(t, 400, "Request_UnsupportedQuery")
	l.send(all, "GET", "/teams", nil).want(t, 404, "")
	l.send(all, "DELETE", "/users/admin", nil).want(t, 405, "")
}

func TestDirectoryOfSubscriptions(t *testing.T) {
	l := newLab(t)
	l.user("ana", "GB", cloud.BusinessBasic)
	l.send(all, "GET", "/organization", nil).want(t, 200, tenant)
	l.send(all, "GET", "/subscribedSkus", nil).want(t, 200, `"consumedUnits":1`)
	a := l.send(all, "GET", "/directory/subscriptions(commerceSubscriptionId='basic')", nil)
	a.want(t, 200, `"totalLicenses":3`)
	l.send(all, "GET", "/directory/subscriptions/"+a.body["id"].(string), nil).want(t, 200, `"commerceSubscriptionId":"basic"`)
	l.send(all, "GET", "/directory/subscriptions(commerceSubscriptionId='none')", nil).want(t, 404, "")
	if n := len(values(l.send(all, "GET", "/directory/subscriptions", nil))); n != 2 {
		t.Errorf("%d subscriptions", n)
	}
}

func TestWhoMayCallWhat(t *testing.T) {
	l := newLab(t)
	l.user("ana", "GB")
	assign := licences(add(cloud.BusinessBasic))
	for _, tc := range []struct {
		token, method, path string
		body                any
		status              int
	}{
		{"nonsense", "GET", "/organization", nil, 401},
		{"app", "GET", "/organization", nil, 403},
		{"app+Organization.Read.All", "GET", "/organization", nil, 200},
		{"app+User.ReadBasic.All", "GET", "/users", nil, 403},
		{"app+User.Read.All", "GET", "/users", nil, 200},
		{"app+User.Read.All", "POST", "/users/ana/assignLicense", assign, 403},
		{"app+LicenseAssignment.ReadWrite.All", "POST", "/users/ana/assignLicense", assign, 200},
		{"user:nobody+LicenseAssignment.ReadWrite.All", "POST", "/users/ana/assignLicense", assign, 403},
		{"user:admin+LicenseAssignment.ReadWrite.All", "POST", "/users/ana/assignLicense", assign, 200},
		{"user:admin+User.Read", "POST", "/users/ana/assignLicense", assign, 403},
		{"user:nobody+User.Read", "GET", "/me", nil, 200},
		{"user:nobody+User.Read", "GET", "/users/nobody", nil, 200},
		{"user:nobody+User.Read", "GET", "/users/admin", nil, 403},
		{all, "GET", "/me", nil, 403},
		{all, "GET", "/users/ana/licenseDetails", nil, 403},
		{"user:admin+User.Read.All", "GET", "/users/ana/licenseDetails", nil, 200},
		{"user:admin+User.Read", "GET", "/me/transitiveMemberOf/microsoft.graph.directoryRole", nil, 200},
	} {
		if a := l.send(tc.token, tc.method, tc.path, tc.body); a.status != tc.status {
			t.Errorf("%s %s as %s: %d %s, want %d", tc.method, tc.path, tc.token, a.status, a.raw, tc.status)
		}
	}
	l.send("user:admin+User.Read", "GET", "/me/transitiveMemberOf/graph.directoryRole?$select=roleTemplateId", nil).want(t, 200, cloud.GlobalAdministrator)
}

func TestThrottling(t *testing.T) {
	l := newLab(t)
	l.state.Inject(cloud.Throttled, cloud.Matcher{Path: "/organization"}, 1)
	if a := l.send(all, "GET", "/organization", nil); a.status != 429 || a.header.Get("Retry-After") != "1" {
		t.Errorf("got %d %v", a.status, a.header)
	}
	a := l.send(all, "GET", "/subscribedSkus", nil)
	if a.header.Get("x-ms-resource-unit") != "3" || a.header.Get("request-id") == "" {
		t.Errorf("headers: %v", a.header)
	}
	l.state.Draw("graph/client/"+tenant, 3500, 3500, 10*time.Second)
	a = l.send(all, "GET", "/subscribedSkus", nil)
	if a.status != 429 || a.header.Get("x-ms-throttle-information") != "ResourceUnitLimitExceeded" || a.header.Get("Retry-After") == "" {
		t.Errorf("beyond the quota: %d %v", a.status, a.header)
	}
}
