package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"uplift/upgrade"
)

// Groups go by parts of a batch rather than by the SDK's builders, whose package for groups is larger than all others that
// this program needs together.

// Group finds a group by object id or display name. Kind Refused, code group_not_found or group_ambiguous.
// https://learn.microsoft.com/en-us/graph/api/group-get and https://learn.microsoft.com/en-us/graph/api/group-list
func (c *Client) Group(ctx context.Context, g upgrade.Grant, name string) (upgrade.Group, error) {
	if strings.TrimSpace(name) == "" {
		return upgrade.Group{}, invalid("no_group", "a group's name is missing")
	}
	if upgrade.IsGUID(strings.ToLower(name)) {
		var one groupReply
		err := c.read(ctx, g, "/groups/"+name+"?$select=id,displayName", &one)
		if upgrade.KindOf(err) == upgrade.NotFound {
			return upgrade.Group{}, noGroup()
		}
		return upgrade.Group(one), err
	}
	var found struct {
		Value []groupReply `json:"value"`
	}
	filter := url.QueryEscape("displayName eq '" + strings.ReplaceAll(name, "'", "''") + "'")
	if err := c.read(ctx, g, "/groups?$filter="+filter+"&$select=id,displayName", &found); err != nil {
		return upgrade.Group{}, err
	}
	switch len(found.Value) {
	case 0:
		return upgrade.Group{}, noGroup()
	case 1:
		return upgrade.Group(found.Value[0]), nil
	}
	return upgrade.Group{}, &upgrade.Error{Kind: upgrade.Refused, Code: "group_ambiguous", Message: "several groups of the tenant have this name; name the group by its object id"}
}

type groupReply struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
}

func noGroup() error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: "group_not_found", Message: "the tenant has no such group; name it by its object id or its display name"}
}

// Members pages through the users of a group, without those of groups within it: licences do not reach those either.
// https://learn.microsoft.com/en-us/graph/api/group-list-members
func (c *Client) Members(ctx context.Context, g upgrade.Grant, group, cursor string) ([]upgrade.User, string, error) {
	at := "/groups/" + url.PathEscape(group) + "/members?$select=id,userPrincipalName&$top=999"
	if cursor != "" {
		if err := c.ownLink(cursor); err != nil {
			return nil, "", err
		}
		at = strings.TrimPrefix(cursor, c.base.String())
	}
	var page struct {
		Value []struct {
			Type string `json:"@odata.type"`
			ID   string `json:"id"`
			UPN  string `json:"userPrincipalName"`
		} `json:"value"`
		Next string `json:"@odata.nextLink"`
	}
	if err := c.read(ctx, g, at, &page); err != nil {
		return nil, "", err
	}
	var out []upgrade.User
	for _, m := range page.Value {
		if m.Type == "" || m.Type == "#microsoft.graph.user" {
			out = append(out, upgrade.User{ID: m.ID, UPN: m.UPN})
		}
	}
	return out, page.Next, nil
}

// AssignGroupLicenses changes a group's licences: additions and removals together. Graph accepts it and works it off member by
// member. https://learn.microsoft.com/en-us/graph/api/group-assignlicense
func (c *Client) AssignGroupLicenses(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, group string, add []upgrade.License, remove []string) error {
	if id.Request == "" {
		return invalid("no_write_id", "a write needs an id")
	}
	body, problem := assignmentOf(upgrade.LicenseChange{User: group, Add: add, Remove: remove})
	if problem != nil {
		return problem
	}
	replies, err := c.paced(ctx, g, id, []part{{Method: http.MethodPost, URL: "/groups/" + url.PathEscape(group) + "/assignLicense", Body: body}})
	switch {
	case err != nil:
		return err
	case replies[0].err != nil:
		return replies[0].err
	}
	return nil
}

// read reads one document.
func (c *Client) read(ctx context.Context, g upgrade.Grant, at string, into any) error {
	replies, err := c.batch(ctx, g, upgrade.WriteID{}, []part{{Method: http.MethodGet, URL: at}})
	switch {
	case err != nil:
		return err
	case replies[0].err != nil:
		return replies[0].err
	}
	if json.Unmarshal(replies[0].body, into) != nil {
		return &upgrade.Error{Kind: upgrade.Unknown, Code: "unreadable_reply", Message: "Microsoft Graph's reply is not what was asked for"}
	}
	return nil
}
