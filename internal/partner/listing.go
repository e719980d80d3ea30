package partner

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"uplift/upgrade"
)

// customersAtOnce is the size of a page of customers: whoever goes through the page reads each of them, and may be stopped.
const customersAtOnce = 100

// maxCursor bounds a cursor, which stands in a history, in bytes.
const maxCursor = 16 << 10

// Customers is a page of the provider's customers, of whom the list says the tenant, the name, the domain and the relationship.
// An empty cursor begins, an empty next cursor ends. Kind Invalid, code bad_cursor: the cursor is none of ours.
// https://learn.microsoft.com/en-us/partner-center/developer/get-a-list-of-customers
func (c *Client) Customers(ctx context.Context, cursor string) (page []upgrade.Customer, next string, err error) {
	in, err := c.from(cursor)
	if err != nil {
		return nil, "", err
	}
	out, err := c.do(ctx, in)
	if err != nil {
		return nil, "", err
	}
	var list collection[customer]
	if err := decode(out.body, &list); err != nil {
		return nil, "", err
	}
	for _, one := range list.Items {
		tenant := string(one.ID)
		if noun := one.noun(tenant); noun.Tenant != "" {
			noun.Tenant = strings.ToLower(noun.Tenant)
			page = append(page, noun)
		}
	}
	if list.Links.Next.URI == "" {
		return page, "", nil
	}
	path, err := c.below(list.Links.Next.URI)
	if err != nil {
		return nil, "", err
	}
	token := ""
	for _, h := range list.Links.Next.Headers {
		if strings.EqualFold(h.Key, continuation) {
			token = string(h.Value)
		}
	}
	next = base64.RawURLEncoding.EncodeToString([]byte(path + "\x00" + token))
	if len(next) > maxCursor || next == cursor {
		return nil, "", &upgrade.Error{Kind: upgrade.Unknown, Code: "endless_listing", Message: "Partner Center's listing does not end"}
	}
	return page, next, nil
}

// continuation is the header without which a page cannot be followed by the next one.
const continuation = "MS-ContinuationToken"

// from is the request for the page that a cursor names.
func (c *Client) from(cursor string) (call, error) {
	if cursor == "" {
		return call{method: http.MethodGet, path: fmt.Sprintf("/customers?size=%d", customersAtOnce)}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	path, token, ok := strings.Cut(string(raw), "\x00")
	if err != nil || !ok || !strings.HasPrefix(path, "/customers?") || strings.ContainsAny(path+token, "\r\n") {
		return call{}, invalid("bad_cursor", "the cursor is none of ours: begin without one")
	}
	in := call{method: http.MethodGet, path: path}
	if token != "" {
		in.header = map[string]string{continuation: token}
	}
	return in, nil
}

// subscribedSKU is a licence of the customer's tenant.
type subscribedSKU struct {
	Active    count `json:"activeUnits"`
	Warning   count `json:"warningUnits"`
	Suspended count `json:"suspendedUnits"`
	Consumed  count `json:"consumedUnits"`
	Status    text  `json:"capabilityStatus"`
	SKU       struct {
		ID         text `json:"id"`
		PartNumber text `json:"skuPartNumber"`
		Target     text `json:"targetType"`
	} `json:"productSku"`
}

// SubscribedSKUs are the licences of a customer's tenant, those of other channels included, and how many users hold each. It is
// open to a user of the partner whom the customer lets in: Kind Act, code 900329, where only a token without a user is had.
// https://learn.microsoft.com/en-us/partner-center/developer/get-a-list-of-available-licenses
func (c *Client) SubscribedSKUs(ctx context.Context, tenant string) ([]upgrade.TenantSKU, error) {
	path, err := pathOf("customers", tenant, "subscribedskus")
	if err != nil {
		return nil, err
	}
	all, err := collect[subscribedSKU](ctx, c.withUser(), path)
	if err != nil {
		return nil, err
	}
	out := make([]upgrade.TenantSKU, len(all))
	for i, s := range all {
		out[i] = upgrade.TenantSKU{
			SKUID: strings.ToLower(string(s.SKU.ID)), PartNumber: string(s.SKU.PartNumber), Status: string(s.Status), AppliesTo: string(s.SKU.Target),
			Enabled: int(s.Active), Warning: int(s.Warning), Suspended: int(s.Suspended), Consumed: int(s.Consumed),
		}
	}
	return out, nil
}
