package partner

import (
	"reflect"
	"testing"

	"uplift/upgrade"
)

func TestSKU(t *testing.T) {
	_, c := serve(t, map[string][]answer{"GET /v1/products/CFQ7TTC0LH18/skus/0001?country=IN": {{body: `{"id":"0001","productId":"CFQ7TTC0LH18","title":"Microsoft 365 Business Basic","description":"x","minimumQuantity":1,"maximumQuantity":300,"dynamicAttributes":{"isAddon":false,"provisioningId":"3B555118-da6a-4418-894f-7df1e2096870"}}`}}})
	got, err := c.SKU(t.Context(), "CFQ7TTC0LH18:0001", "in")
	want := upgrade.SKU{ProductSKU: "CFQ7TTC0LH18:0001", Name: "Microsoft 365 Business Basic", MinSeats: 1, MaxSeats: 300, EntraSKU: "3b555118-da6a-4418-894f-7df1e2096870"}
	if err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	for input, code := range map[[2]string]string{{"CFQ7TTC0LH18", "IN"}: "bad_product", {"A:B:C", "IN"}: "bad_product", {"A:B", "IND"}: "bad_country", {":B", "IN"}: "missing_id"} {
		_, err := c.SKU(t.Context(), input[0], input[1])
		wantError(t, err, upgrade.Invalid, code)
	}
}

func TestItemThatArrivesAsASuccess(t *testing.T) {
	_, c := serve(t, map[string][]answer{"GET /v1/products/P/skus/S?country=IN": {{body: `{"code":400072,"description":"Item not available","data":[]}`}}})
	_, err := c.SKU(t.Context(), "P:S", "IN")
	wantError(t, err, upgrade.Refused, "400072")
}

func TestAvailabilities(t *testing.T) {
	_, c := serve(t, map[string][]answer{"GET /v1/products/P/skus/S/availabilities?country=DE": {{body: `{"items":[
		{"id":"A1","catalogItemId":"P:S:A1","isPurchasable":true,"terms":[{"duration":"P1Y","billingCycle":"Monthly"},{"duration":"P1M","billingCycle":"monthly"}]},
		{"id":"A2","isPurchasable":false},{"id":"A3","terms":null}]}`}}})
	got, err := c.Availabilities(t.Context(), "P:S", "DE")
	want := []upgrade.Availability{{CatalogItem: "P:S:A1", Terms: []string{"P1Y/monthly", "P1M/monthly"}}, {CatalogItem: "P:S:A3"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
}
