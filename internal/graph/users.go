package graph

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"uplift/upgrade"
)

// holderFields are read of every holder. The state of single services is not among them.
var holderFields = []string{"id", "userPrincipalName", "displayName", "accountEnabled", "userType", "usageLocation", "onPremisesSyncEnabled", "assignedLicenses", "licenseAssignmentStates"}

// userFields are read of a single user.
var userFields = append(holderFields[:len(holderFields):len(holderFields)], "assignedPlans")

// Holders pages through the users who hold a SKU, directly or by a group. The cursor is Graph's link to the next
// page; one that leads elsewhere is refused. The services of a user are not filled in.
// https://learn.microsoft.com/en-us/graph/api/user-list
func (c *Client) Holders(ctx context.Context, g upgrade.Grant, sku, cursor string) ([]upgrade.User, string, error) {
	return c.holders(ctx, g, sku, cursor, holderFields, c.pageSize)
}

// licensedPage is how many users a page has that says the state of every service of theirs, some seven kilobytes each.
const licensedPage = 200

// Licensed is Holders with the services, in smaller pages.
func (c *Client) Licensed(ctx context.Context, g upgrade.Grant, sku, cursor string) ([]upgrade.User, string, error) {
	return c.holders(ctx, g, sku, cursor, userFields, min(licensedPage, c.pageSize))
}

func (c *Client) holders(ctx context.Context, g upgrade.Grant, sku, cursor string, fields []string, size int32) (page []upgrade.User, next string, err error) {
	if !upgrade.IsGUID(strings.ToLower(sku)) {
		return nil, "", invalid("bad_sku", "a product is named by a GUID")
	}
	builder := users.NewUsersRequestBuilderInternal(c.paths(), c.adapter)
	filter := fmt.Sprintf("assignedLicenses/any(x:x/skuId eq %s)", strings.ToLower(sku))
	config := &users.UsersRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.UsersRequestBuilderGetQueryParameters{Filter: &filter, Select: fields, Top: &size},
	}
	if cursor != "" {
		if err := c.ownLink(cursor); err != nil {
			return nil, "", err
		}
		builder, config = builder.WithUrl(cursor), &users.UsersRequestBuilderGetRequestConfiguration{}
	}
	err = c.send(ctx, g, upgrade.WriteID{}, func(ctx context.Context) error {
		info, err := builder.ToGetRequestInformation(ctx, config)
		if err != nil {
			return err
		}
		raw, err := c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
		if err != nil {
			return err
		}
		body, _ := raw.([]byte)
		page, next, err = parseUsers(body)
		return err
	})
	if err == nil && next != "" {
		err = c.ownLink(next)
	}
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}

// Users reads single users by object id or user principal name, at most 20, in one batch. Unknown ones are left out.
// https://learn.microsoft.com/en-us/graph/api/user-get
func (c *Client) Users(ctx context.Context, g upgrade.Grant, names []string) ([]upgrade.User, error) {
	parts := make([]part, len(names))
	for i, name := range names {
		if strings.TrimSpace(name) == "" {
			return nil, invalid("no_user", "a user's name is missing")
		}
		parts[i] = part{Method: http.MethodGet, URL: "/users/" + url.PathEscape(name) + "?$select=" + strings.Join(userFields, ",")}
	}
	replies, err := c.batch(ctx, g, upgrade.WriteID{}, parts)
	if err != nil {
		return nil, err
	}
	var out []upgrade.User
	var worst *upgrade.Error
	for _, r := range replies {
		switch {
		case r.err == nil:
			u, err := parseUser(r.body)
			if err != nil {
				return nil, err
			}
			out = append(out, u)
		case r.err.Kind == upgrade.NotFound:
		case worst == nil, r.err.RetryAfter > worst.RetryAfter && worst.Kind.Retryable():
			worst = r.err
		}
	}
	if worst != nil {
		return nil, worst
	}
	return out, nil
}

// SetUsageLocation sets a user's country; the empty string clears it.
// https://learn.microsoft.com/en-us/graph/api/user-update
func (c *Client) SetUsageLocation(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, user, country string) error {
	if user == "" || id.Request == "" {
		return invalid("bad_write", "a write needs a user and an id")
	}
	body := []byte(`{"usageLocation":null}`) // the SDK's model leaves a null out
	if country != "" {
		body = []byte(`{"usageLocation":` + strconv.Quote(strings.ToUpper(country)) + `}`)
	}
	leave, err := c.pacer.enter(ctx, g.Tenant, 1)
	if err != nil {
		return err
	}
	defer func() { leave(saidBy(nil, err)) }()
	err = c.send(ctx, g, id, func(ctx context.Context) error {
		info, err := users.NewUsersRequestBuilderInternal(c.paths(), c.adapter).ByUserId(user).
			ToPatchRequestInformation(ctx, models.NewUser(), nil)
		if err != nil {
			return err
		}
		info.SetStreamContentAndContentType(body, "application/json")
		_, err = c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
		return err
	})
	return err
}

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func num(n *int32) int {
	if n == nil {
		return 0
	}
	return int(*n)
}

func id(u *uuid.UUID) string {
	if u == nil {
		return ""
	}
	return u.String()
}
