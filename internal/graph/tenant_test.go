package graph

import (
	"reflect"
	"testing"

	"uplift/upgrade"
)

const rolesAt = "GET /v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole?$select=id,roleTemplateId"

func TestDirectoryRoles(t *testing.T) {
	_, c := serve(t, map[string][]scripted{
		rolesAt:                            {{body: `{"value":[{"@odata.type":"#microsoft.graph.directoryRole","id":"1","roleTemplateId":"62E90394-69f5-4237-9190-012177145e10"},{"id":"2"}],"@odata.nextLink":"BASE/me/next?$skiptoken=x%2Dy"}`}},
		"GET /v1.0/me/next?$skiptoken=x-y": {{body: `{"value":[{"id":"3","roleTemplateId":"4d6ac14f-3453-41d0-bef9-a3e0c569773a"}]}`}},
	})
	got, err := c.DirectoryRoles(t.Context(), grant)
	want := []string{"62e90394-69f5-4237-9190-012177145e10", "4d6ac14f-3453-41d0-bef9-a3e0c569773a"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v, %v", got, err)
	}
	_, err = c.DirectoryRoles(t.Context(), upgrade.Grant{Kind: upgrade.GrantApplication})
	wantError(t, err, upgrade.Invalid, "no_person")
}

const skusAt = "GET /v1.0/subscribedSkus?$select=skuId,skuPartNumber,capabilityStatus,appliesTo,consumedUnits,prepaidUnits,subscriptionIds,servicePlans"

func TestSKUs(t *testing.T) {
	_, c := serve(t, map[string][]scripted{skusAt: {{body: `{"value":[{"accountName":"fabrikam-demo","appliesTo":"User","capabilityStatus":"Hibernating","consumedUnits":14,
  "skuId":"3B555118-da6a-4418-894f-7df1e2096870","skuPartNumber":"O365_BUSINESS_ESSENTIALS","prepaidUnits":{"enabled":25,"suspended":1,"warning":2,"lockedOut":0},
  "subscriptionIds":["b8a1c0de-0000-4000-8000-000000000031"],
  "servicePlans":[{"servicePlanId":"57ff2da0-773e-42df-b2af-ffb7a2317929","servicePlanName":"TEAMS1","provisioningStatus":"Success","appliesTo":"User"},
                  {"servicePlanId":"113feb6c-3fe4-4440-bddc-54d774bf0318","servicePlanName":"EXCHANGE_S_FOUNDATION","appliesTo":"Company"}]},{"skuId":null}]}`}}})
	got, err := c.SKUs(t.Context(), grant)
	want := []upgrade.TenantSKU{{
		SKUID: basic, PartNumber: "O365_BUSINESS_ESSENTIALS", Status: "Hibernating", AppliesTo: "User", Enabled: 25, Warning: 2, Suspended: 1,
		Consumed: 14, SubscriptionIDs: []string{"b8a1c0de-0000-4000-8000-000000000031"}, ServicePlans: []string{teams},
	}, {}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestSubscriptions(t *testing.T) {
	_, c := serve(t, map[string][]scripted{"GET /v1.0/directory/subscriptions?$select=id,commerceSubscriptionId,skuId,status,totalLicenses,isTrial": {
		{body: `{"value":[{"id":"d1","commerceSubscriptionId":"c1","skuId":"` + basic + `","status":"Enabled","totalLicenses":25,"isTrial":true,"createdDateTime":"2026-01-02T10:11:12Z"}]}`},
	}})
	got, err := c.Subscriptions(t.Context(), grant)
	want := []upgrade.TenantSubscription{{ID: "d1", CommerceID: "c1", SKUID: basic, Status: "Enabled", Seats: 25, Trial: true}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestForeignAndEndlessLinks(t *testing.T) {
	for link, code := range map[string]string{
		"https://evil.example/v1.0/x": "foreign_link", "BASE.evil.example/x": "foreign_link", "//evil.example/v1.0/x": "foreign_link",
		"BASE/subscribedSkus?$skiptoken=again": "endless_listing",
	} {
		page := scripted{body: `{"value":[],"@odata.nextLink":"` + link + `"}`}
		s, c := serve(t, map[string][]scripted{skusAt: {page}, "GET /v1.0/subscribedSkus?$skiptoken=again": {page}})
		_, err := c.SKUs(t.Context(), grant)
		wantError(t, err, upgrade.Unknown, code)
		if n := len(s.requests()); n > maxPages {
			t.Errorf("%d requests", n)
		}
	}
}

func TestPermissionIsMissing(t *testing.T) {
	_, c := serve(t, map[string][]scripted{skusAt: {{status: 403, body: faultJSON("Authorization_RequestDenied", "Insufficient privileges to complete the operation for ada@fabrikam.example.")}}})
	_, err := c.SKUs(t.Context(), grant)
	wantError(t, err, upgrade.Act, "Authorization_RequestDenied")
}
