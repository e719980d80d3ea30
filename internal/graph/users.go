package graph

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	kiotajson "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"uplift/upgrade"
)

// holderFields are read of every holder. The state of single services is not among them: it is read user by user.
var holderFields = []string{"id", "userPrincipalName", "displayName", "accountEnabled", "userType", "usageLocation", "onPremisesSyncEnabled", "assignedLicenses", "licenseAssignmentStates"}

// userFields are read of a single user.
var userFields = append(holderFields[:len(holderFields):len(holderFields)], "assignedPlans")

// Holders pages through the users who hold a SKU, directly or by a group. The cursor is Graph's link to the next
// page; one that leads elsewhere is refused. The services of a user are not filled in.
// https://learn.microsoft.com/en-us/graph/api/user-list
func (c *Client) Holders(ctx context.Context, g upgrade.Grant, sku, cursor string) ([]upgrade.User, string, error) {
	if !upgrade.IsGUID(strings.ToLower(sku)) {
		return nil, "", invalid("bad_sku", "a product is named by a GUID")
	}
	if cursor != "" {
		if err := c.ownLink(cursor); err != nil {
			return nil, "", err
		}
	}
	builder := users.NewUsersRequestBuilderInternal(c.paths(), c.adapter)
	filter := fmt.Sprintf("assignedLicenses/any(x:x/skuId eq %s)", strings.ToLower(sku))
	first := &users.UsersRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.UsersRequestBuilderGetQueryParameters{Filter: &filter, Select: holderFields, Top: &c.pageSize},
	}
	items, next, err := onePage(ctx, c, g, cursor, func(ctx context.Context, next string) (page[models.Userable], error) {
		if next == "" {
			return orNone[models.Userable](builder.Get(ctx, first))
		}
		return orNone[models.Userable](builder.WithUrl(next).Get(ctx, &users.UsersRequestBuilderGetRequestConfiguration{}))
	})
	if err != nil {
		return nil, "", err
	}
	out := make([]upgrade.User, 0, len(items))
	for _, u := range items {
		out = append(out, userOf(u))
	}
	return out, next, nil
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
	return c.send(ctx, g, id, func(ctx context.Context) error {
		info, err := users.NewUsersRequestBuilderInternal(c.paths(), c.adapter).ByUserId(user).
			ToPatchRequestInformation(ctx, models.NewUser(), nil)
		if err != nil {
			return err
		}
		info.SetStreamContentAndContentType(body, "application/json")
		_, err = c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
		return err
	})
}

// parseUser reads a user by the SDK's model.
func parseUser(body []byte) (u upgrade.User, err error) {
	err = guarded(context.Background(), func(context.Context) error {
		node, err := kiotajson.NewJsonParseNode(body)
		if err != nil || node == nil {
			return errUnreadable
		}
		value, err := node.GetObjectValue(models.CreateUserFromDiscriminatorValue)
		if err != nil {
			return errUnreadable
		}
		model, ok := value.(models.Userable)
		if !ok || str(model.GetId()) == "" {
			return errUnreadable
		}
		u = userOf(model)
		return nil
	})
	if err != nil {
		err = &upgrade.Error{Kind: upgrade.Unknown, Code: "unreadable_reply", Message: "Microsoft Graph's reply is not a user"}
	}
	return u, err
}

func userOf(u models.Userable) upgrade.User {
	out := upgrade.User{
		ID: str(u.GetId()), UPN: str(u.GetUserPrincipalName()), Name: str(u.GetDisplayName()),
		Enabled: u.GetAccountEnabled() != nil && *u.GetAccountEnabled(),
		Guest:   strings.EqualFold(str(u.GetUserType()), "Guest"), UsageLocation: str(u.GetUsageLocation()),
		Synced: u.GetOnPremisesSyncEnabled() != nil && *u.GetOnPremisesSyncEnabled(),
	}
	for _, l := range u.GetAssignedLicenses() {
		one := upgrade.License{SKUID: id(l.GetSkuId())}
		for _, p := range l.GetDisabledPlans() {
			one.DisabledPlans = append(one.DisabledPlans, p.String())
		}
		out.Licenses = append(out.Licenses, one)
	}
	for _, s := range u.GetLicenseAssignmentStates() {
		one := upgrade.LicenseState{SKUID: id(s.GetSkuId()), ByGroup: str(s.GetAssignedByGroup()), State: str(s.GetState()), Error: str(s.GetError())}
		for _, p := range s.GetDisabledPlans() {
			one.Off = append(one.Off, p.String())
		}
		if strings.EqualFold(one.Error, "None") {
			one.Error = ""
		}
		out.States = append(out.States, one)
	}
	out.Services = servicesOf(u.GetAssignedPlans())
	return out
}

// rank orders the states of a service from worst to best; a state that we do not know stands above the lost ones.
var rank = map[string]int{"Deleted": 1, "LockedOut": 2, "Suspended": 3, "Warning": 5, "Enabled": 6}

// servicesOf gives each service plan once. A plan that came with the old product and comes with the new one stands
// there twice, the old one as deleted: the better state is the user's.
func servicesOf(plans []models.AssignedPlanable) []upgrade.ServiceState {
	better := func(a, b string) bool {
		ra, rb := rank[a], rank[b]
		if ra == 0 {
			ra = 4
		}
		if rb == 0 {
			rb = 4
		}
		return ra > rb
	}
	var out []upgrade.ServiceState
	at := map[string]int{}
	for _, p := range plans {
		one := upgrade.ServiceState{PlanID: id(p.GetServicePlanId()), State: str(p.GetCapabilityStatus())}
		if i, ok := at[one.PlanID]; !ok {
			at[one.PlanID] = len(out)
			out = append(out, one)
		} else if better(one.State, out[i].State) {
			out[i] = one
		}
	}
	return out
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
