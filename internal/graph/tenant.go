package graph

import (
	"context"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/directory"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/organization"
	"github.com/microsoftgraph/msgraph-sdk-go/subscribedskus"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"uplift/upgrade"
)

// Organization reads the tenant as it describes itself.
// https://learn.microsoft.com/en-us/graph/api/organization-list
func (c *Client) Organization(ctx context.Context, g upgrade.Grant) (upgrade.Organization, error) {
	var out upgrade.Organization
	err := c.send(ctx, g, upgrade.WriteID{}, func(ctx context.Context) error {
		page, err := organization.NewOrganizationRequestBuilderInternal(c.paths(), c.adapter).
			Get(ctx, &organization.OrganizationRequestBuilderGetRequestConfiguration{
				QueryParameters: &organization.OrganizationRequestBuilderGetQueryParameters{
					Select: []string{"id", "displayName", "countryLetterCode"},
				},
			})
		if err != nil {
			return err
		}
		if page == nil || len(page.GetValue()) != 1 {
			return errUnreadable
		}
		o := page.GetValue()[0]
		out = upgrade.Organization{Tenant: str(o.GetId()), Name: str(o.GetDisplayName()), Country: strings.ToUpper(str(o.GetCountryLetterCode()))}
		return nil
	})
	return out, err
}

// me stands for the signed-in person in the SDK's paths; its pipeline replaces it.
const me = "me-token-to-replace"

// DirectoryRoles returns the role template ids that the signed-in person holds, directly or by a group. Kind Invalid
// for an application's grant, behind which there is no person.
// https://learn.microsoft.com/en-us/graph/api/user-list-transitivememberof
func (c *Client) DirectoryRoles(ctx context.Context, g upgrade.Grant) ([]string, error) {
	if g.Kind != upgrade.GrantDelegated {
		return nil, invalid("no_person", "an application's grant has no signed-in person")
	}
	roles := users.NewUsersRequestBuilderInternal(c.paths(), c.adapter).ByUserId(me).TransitiveMemberOf().GraphDirectoryRole()
	type config = users.ItemTransitiveMemberOfGraphDirectoryRoleRequestBuilderGetRequestConfiguration
	first := &config{QueryParameters: &users.ItemTransitiveMemberOfGraphDirectoryRoleRequestBuilderGetQueryParameters{
		Select: []string{"id", "roleTemplateId"},
	}}
	all, err := collect(ctx, c, g, func(ctx context.Context, next string) (page[models.DirectoryRoleable], error) {
		if next == "" {
			return orNone[models.DirectoryRoleable](roles.Get(ctx, first))
		}
		return orNone[models.DirectoryRoleable](roles.WithUrl(next).Get(ctx, &config{}))
	})
	var out []string
	for _, r := range all {
		if id := str(r.GetRoleTemplateId()); id != "" {
			out = append(out, strings.ToLower(id))
		}
	}
	return out, err
}

// SKUs lists the products that the tenant holds, from whatever channel.
// https://learn.microsoft.com/en-us/graph/api/subscribedsku-list
func (c *Client) SKUs(ctx context.Context, g upgrade.Grant) ([]upgrade.TenantSKU, error) {
	skus := subscribedskus.NewSubscribedSkusRequestBuilderInternal(c.paths(), c.adapter)
	type config = subscribedskus.SubscribedSkusRequestBuilderGetRequestConfiguration
	first := &config{QueryParameters: &subscribedskus.SubscribedSkusRequestBuilderGetQueryParameters{
		Select: []string{"skuId", "skuPartNumber", "capabilityStatus", "appliesTo", "consumedUnits", "prepaidUnits", "subscriptionIds", "servicePlans"},
	}}
	all, err := collect(ctx, c, g, func(ctx context.Context, next string) (page[models.SubscribedSkuable], error) {
		if next == "" {
			return orNone[models.SubscribedSkuable](skus.Get(ctx, first))
		}
		return orNone[models.SubscribedSkuable](skus.WithUrl(next).Get(ctx, &config{}))
	})
	out := make([]upgrade.TenantSKU, 0, len(all))
	for _, s := range all {
		out = append(out, skuOf(s))
	}
	return out, err
}

func skuOf(s models.SubscribedSkuable) upgrade.TenantSKU {
	out := upgrade.TenantSKU{
		SKUID: id(s.GetSkuId()), PartNumber: str(s.GetSkuPartNumber()), Status: str(s.GetCapabilityStatus()),
		AppliesTo: str(s.GetAppliesTo()), Consumed: num(s.GetConsumedUnits()), SubscriptionIDs: s.GetSubscriptionIds(),
	}
	if u := s.GetPrepaidUnits(); u != nil {
		out.Enabled, out.Warning, out.Suspended = num(u.GetEnabled()), num(u.GetWarning()), num(u.GetSuspended())
	}
	for _, p := range s.GetServicePlans() {
		if strings.EqualFold(str(p.GetAppliesTo()), "User") {
			out.ServicePlans = append(out.ServicePlans, id(p.GetServicePlanId()))
		}
	}
	return out
}

// Subscriptions lists the directory's subscriptions; their commerce ids join them with Partner Center.
// https://learn.microsoft.com/en-us/graph/api/directory-list-subscriptions
func (c *Client) Subscriptions(ctx context.Context, g upgrade.Grant) ([]upgrade.TenantSubscription, error) {
	subscriptions := directory.NewSubscriptionsRequestBuilderInternal(c.paths(), c.adapter)
	type config = directory.SubscriptionsRequestBuilderGetRequestConfiguration
	first := &config{QueryParameters: &directory.SubscriptionsRequestBuilderGetQueryParameters{
		Select: []string{"id", "commerceSubscriptionId", "skuId", "status", "totalLicenses", "isTrial"},
	}}
	all, err := collect(ctx, c, g, func(ctx context.Context, next string) (page[models.CompanySubscriptionable], error) {
		if next == "" {
			return orNone[models.CompanySubscriptionable](subscriptions.Get(ctx, first))
		}
		return orNone[models.CompanySubscriptionable](subscriptions.WithUrl(next).Get(ctx, &config{}))
	})
	out := make([]upgrade.TenantSubscription, 0, len(all))
	for _, s := range all {
		out = append(out, upgrade.TenantSubscription{
			ID: str(s.GetId()), CommerceID: str(s.GetCommerceSubscriptionId()), SKUID: strings.ToLower(str(s.GetSkuId())),
			Status: str(s.GetStatus()), Seats: num(s.GetTotalLicenses()), Trial: s.GetIsTrial() != nil && *s.GetIsTrial(),
		})
	}
	return out, err
}

// page is a page of a listing, as the SDK's collections have it.
type page[T any] interface {
	GetValue() []T
	GetOdataNextLink() *string
}

// orNone makes the SDK's typed nil, its answer to an empty body, an error.
func orNone[T any, P interface {
	comparable
	page[T]
}](p P, err error) (page[T], error) {
	var none P
	if err == nil && p == none {
		err = errUnreadable
	}
	return p, err
}

// maxPages bounds a listing that the caller does not page through: a longer one leads in a circle.
const maxPages = 100

// collect reads a listing to its end.
func collect[T any](ctx context.Context, c *Client, g upgrade.Grant, get func(ctx context.Context, next string) (page[T], error)) ([]T, error) {
	var all []T
	next := ""
	for range maxPages {
		items, following, err := onePage(ctx, c, g, next, get)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if following == "" {
			return all, nil
		}
		next = following
	}
	return nil, &upgrade.Error{Kind: upgrade.Unknown, Code: "endless_listing", Message: "Microsoft Graph's listing does not end"}
}

// onePage reads one page; the link to the next is checked before anybody follows it.
func onePage[T any](ctx context.Context, c *Client, g upgrade.Grant, link string, get func(ctx context.Context, next string) (page[T], error)) (items []T, next string, err error) {
	err = c.send(ctx, g, upgrade.WriteID{}, func(ctx context.Context) error {
		p, err := get(ctx, link)
		if err != nil {
			return err
		}
		items, next = p.GetValue(), str(p.GetOdataNextLink())
		return nil
	})
	if err == nil && next != "" {
		err = c.ownLink(next)
	}
	if err != nil {
		return nil, "", err
	}
	return items, next, nil
}
