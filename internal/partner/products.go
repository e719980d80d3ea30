package partner

import (
	"context"
	"net/url"
	"strings"

	"uplift/upgrade"
)

// sku is https://learn.microsoft.com/en-us/partner-center/developer/product-resources#sku, as far as it is used.
type sku struct {
	ID      text  `json:"id"`
	Product text  `json:"productId"`
	Title   text  `json:"title"`
	Min     count `json:"minimumQuantity"`
	Max     count `json:"maximumQuantity"`
	Dynamic struct {
		ProvisioningID text `json:"provisioningId"`
	} `json:"dynamicAttributes"`
}

// SKU reads a SKU with its limits in a country. Kind NotFound, code 400013 or 400018, when the catalogue does not
// have it there.
func (c *Client) SKU(ctx context.Context, productSKU, country string) (upgrade.SKU, error) {
	path, err := skuPath(productSKU, country)
	if err != nil {
		return upgrade.SKU{}, err
	}
	var s sku
	if err := c.get(ctx, path, &s); err != nil {
		return upgrade.SKU{}, err
	}
	return upgrade.SKU{
		ProductSKU: productSKU, Name: string(s.Title), MinSeats: int(s.Min), MaxSeats: int(s.Max),
		EntraSKU: strings.ToLower(string(s.Dynamic.ProvisioningID)),
	}, nil
}

// availability is https://learn.microsoft.com/en-us/partner-center/developer/product-resources#availability.
type availability struct {
	ID          text  `json:"id"`
	CatalogItem text  `json:"catalogItemId"`
	Purchasable *bool `json:"isPurchasable"`
	Terms       []struct {
		Duration     text `json:"duration"`
		BillingCycle word `json:"billingCycle"`
	} `json:"terms"`
}

// Availabilities lists what a SKU may be bought as today. Those that are marked as not for sale are left out.
func (c *Client) Availabilities(ctx context.Context, productSKU, country string) ([]upgrade.Availability, error) {
	path, err := skuPath(productSKU, country, "availabilities")
	if err != nil {
		return nil, err
	}
	all, err := collect[availability](ctx, c, path)
	if err != nil {
		return nil, err
	}
	var out []upgrade.Availability
	for _, a := range all {
		if a.Purchasable != nil && !*a.Purchasable {
			continue
		}
		out = append(out, a.noun(productSKU))
	}
	return out, nil
}

func (a availability) noun(productSKU string) upgrade.Availability {
	out := upgrade.Availability{CatalogItem: string(a.CatalogItem)}
	if out.CatalogItem == "" {
		out.CatalogItem = productSKU + ":" + string(a.ID)
	}
	for _, t := range a.Terms {
		out.Terms = append(out.Terms, string(t.Duration)+"/"+string(t.BillingCycle))
	}
	return out
}

// skuPath is the address of a SKU in a country's catalogue.
func skuPath(productSKU, country string, more ...string) (string, error) {
	product, id, ok := strings.Cut(productSKU, ":")
	if !ok || strings.Contains(id, ":") {
		return "", invalid("bad_product", "an offer is named as PRODUCT:SKU")
	}
	if len(country) != 2 {
		return "", invalid("bad_country", "a country is named by two letters")
	}
	path, err := pathOf(append([]string{"products", product, "skus", id}, more...)...)
	if err != nil {
		return "", err
	}
	return path + "?country=" + url.QueryEscape(strings.ToUpper(country)), nil
}
