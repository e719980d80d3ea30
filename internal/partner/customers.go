package partner

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"uplift/upgrade"
)

// customer is https://learn.microsoft.com/en-us/partner-center/developer/customer-resources, as far as it is used.
type customer struct {
	ID             text `json:"id"`
	CompanyProfile struct {
		TenantID text `json:"tenantId"`
		Domain   text `json:"domain"`
		Name     text `json:"companyName"`
		Register text `json:"organizationRegistrationNumber"`
	} `json:"companyProfile"`
	BillingProfile struct {
		CompanyName    text `json:"companyName"`
		DefaultAddress struct {
			Country text `json:"country"`
			Phone   text `json:"phoneNumber"`
		} `json:"defaultAddress"`
	} `json:"billingProfile"`
	Relationship word `json:"relationshipToPartner"`
}

// agreement is https://learn.microsoft.com/en-us/partner-center/developer/agreement-resources, as far as it is used.
type agreement struct {
	Type text   `json:"type"`
	When moment `json:"dateAgreed"`
}

// customerAgreement is the agreement without which nothing can be bought (13605).
const customerAgreement = "MicrosoftCustomerAgreement"

// Customer returns what Partner Center says of a customer, with its agreements. Where our token may not read the
// agreements (they are open to app+user tokens only), the agreement counts as accepted: a write then meets 13605,
// which is Kind Act.
func (c *Client) Customer(ctx context.Context, tenant string) (upgrade.Customer, error) {
	path, err := pathOf("customers", tenant)
	if err != nil {
		return upgrade.Customer{}, err
	}
	var in customer
	if err := c.get(ctx, path, &in); err != nil {
		return upgrade.Customer{}, err
	}
	accepted, err := c.agreed(ctx, path)
	if err != nil {
		return upgrade.Customer{}, err
	}
	out := in.noun(tenant)
	out.AgreementAccepted = accepted
	return out, nil
}

// registering are the countries in which Microsoft sells nothing without a registration number and a telephone number (600049
// to 600051). https://learn.microsoft.com/en-us/partner-center/developer/error-codes
var registering = []string{"AM", "AZ", "BY", "HU", "IN", "KZ", "KG", "MD", "RU", "TJ", "UZ", "UA"}

func (in customer) noun(tenant string) upgrade.Customer {
	out := upgrade.Customer{
		Tenant:       string(in.CompanyProfile.TenantID),
		Name:         string(in.CompanyProfile.Name),
		Domain:       string(in.CompanyProfile.Domain),
		Country:      strings.ToUpper(string(in.BillingProfile.DefaultAddress.Country)),
		Relationship: string(in.Relationship),
	}
	if out.Tenant == "" {
		out.Tenant = tenant
	}
	if out.Name == "" {
		out.Name = string(in.BillingProfile.CompanyName)
	}
	if slices.Contains(registering, out.Country) {
		if in.CompanyProfile.Register == "" {
			out.Missing = append(out.Missing, "organisation registration number")
		}
		if in.BillingProfile.DefaultAddress.Phone == "" {
			out.Missing = append(out.Missing, "telephone number")
		}
	}
	return out
}

func (c *Client) agreed(ctx context.Context, customerPath string) (bool, error) {
	all, err := collect[agreement](ctx, c.withUser(), customerPath+"/agreements?agreementType="+customerAgreement)
	switch {
	case upgrade.CodeOf(err) == appOnlyRefused:
		return true, nil
	case upgrade.KindOf(err) == upgrade.NotFound && err != nil:
		return false, nil
	case err != nil:
		return false, err
	}
	for _, a := range all {
		if (a.Type == "" || strings.EqualFold(string(a.Type), customerAgreement)) && !a.When.IsZero() {
			return true, nil
		}
	}
	return false, nil
}

// appOnlyRefused is the code of a resource that is not open to a token without a user.
const appOnlyRefused = "900329"

// maxPages bounds a listing; a customer with more than a hundred pages of anything is a link that leads in a circle.
const maxPages = 100

// collection is a page of a listing, with the link to the next page.
type collection[T any] struct {
	Items []T `json:"items"`
	Links struct {
		Next struct {
			URI     string `json:"uri"`
			Headers []struct {
				Key   string `json:"key"`
				Value text   `json:"value"`
			} `json:"headers"`
		} `json:"next"`
	} `json:"links"`
}

// collect reads a listing to its end.
func collect[T any](ctx context.Context, c *Client, path string) ([]T, error) {
	var all []T
	next := call{method: http.MethodGet, path: path}
	for range maxPages {
		out, err := c.do(ctx, next)
		if err != nil {
			return nil, err
		}
		var page collection[T]
		if err := decode(out.body, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Links.Next.URI == "" {
			return all, nil
		}
		if next.path, err = c.below(page.Links.Next.URI); err != nil {
			return nil, err
		}
		next.header, next.page = map[string]string{}, true
		for _, h := range page.Links.Next.Headers {
			if strings.EqualFold(h.Key, "MS-ContinuationToken") {
				next.header["MS-ContinuationToken"] = string(h.Value)
			}
		}
	}
	return nil, &upgrade.Error{Kind: upgrade.Unknown, Code: "endless_listing", Message: "Partner Center's listing does not end"}
}

// below turns a link that Partner Center gave (absolute, from the root, or below the version) into a path below the
// base URL. A link to another host is refused, since the token would follow it.
func (c *Client) below(link string) (string, error) {
	base := c.base.Scheme + "://" + c.base.Host
	rest := link
	if strings.Contains(link, "://") || strings.HasPrefix(link, "//") {
		var ok bool
		if rest, ok = strings.CutPrefix(link, base); !ok || rest != "" && rest[0] != '/' {
			return "", &upgrade.Error{Kind: upgrade.Unknown, Code: "foreign_link", Message: "Partner Center's reply links to another host"}
		}
	}
	if version := c.base.EscapedPath(); version != "" {
		rest = strings.TrimPrefix(rest, version)
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return rest, nil
}
