package graph

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"uplift/upgrade"
)

// assignment is the body of assignLicense. Both lists are required, and may be empty.
type assignment struct {
	Add    []assigned `json:"addLicenses"`
	Remove []string   `json:"removeLicenses"`
}

type assigned struct {
	SKU      string   `json:"skuId"`
	Disabled []string `json:"disabledPlans"`
}

// AssignLicenses makes at most 20 changes in one batch, each of them one assignLicense with its additions and removals
// together, which the directory accepts or refuses as a whole. It waits for its turn where the tenant has
// many in flight, or little left of its quota. The outcomes are in the order of the changes; one that
// cannot be sent is Kind Invalid and keeps the others going. An error speaks of the whole call.
// https://learn.microsoft.com/en-us/graph/api/user-assignlicense
func (c *Client) AssignLicenses(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, changes []upgrade.LicenseChange) ([]upgrade.LicenseOutcome, error) {
	if len(changes) > maxParts {
		return nil, invalid("too_many", fmt.Sprintf("at most %d changes are made at once", maxParts))
	}
	if id.Request == "" {
		return nil, invalid("no_write_id", "a write needs an id")
	}
	out := make([]upgrade.LicenseOutcome, len(changes))
	var parts []part
	var of []int // the change of each part
	for i, change := range changes {
		out[i].User = change.User
		body, problem := assignmentOf(change)
		if problem != nil {
			out[i].Err = problem
			continue
		}
		of = append(of, i)
		parts = append(parts, part{Method: http.MethodPost, URL: "/users/" + url.PathEscape(change.User) + "/assignLicense", Body: body})
	}
	if len(parts) == 0 {
		return out, nil
	}
	replies, err := c.paced(ctx, g, id, parts)
	if err != nil {
		return nil, err
	}
	for i, r := range replies {
		out[of[i]].Err = r.err
	}
	return out, nil
}

// assignmentOf checks a change before it is sent: to a malformed GUID Graph answers with a bare 400.
func assignmentOf(change upgrade.LicenseChange) (assignment, *upgrade.Error) {
	body := assignment{Add: []assigned{}, Remove: []string{}}
	if strings.TrimSpace(change.User) == "" {
		return body, invalid("no_user", "the change names no user")
	}
	if len(change.Add) == 0 && len(change.Remove) == 0 {
		return body, invalid("no_changes", "the change names no licence")
	}
	guids := true
	for _, l := range change.Add {
		one := assigned{SKU: l.SKUID, Disabled: append([]string{}, l.DisabledPlans...)}
		guids = guids && upgrade.IsGUID(one.SKU)
		for _, p := range one.Disabled {
			guids = guids && upgrade.IsGUID(p)
		}
		body.Add = append(body.Add, one)
	}
	for _, sku := range change.Remove {
		guids = guids && upgrade.IsGUID(sku)
		body.Remove = append(body.Remove, sku)
	}
	if !guids {
		return body, invalid("bad_sku", "products and service plans are named by GUIDs in lower case")
	}
	return body, nil
}
