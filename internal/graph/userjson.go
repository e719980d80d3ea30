package graph

import (
	"encoding/json"
	"strings"

	"uplift/upgrade"
)

// A user is read by these types and not by the SDK's models, which need six times as long and twenty times the memory for the
// dozens of service plans of each user: of a tenant with fifty thousand users that is a minute of work and eight gigabytes.

type userDocument struct {
	ID            string             `json:"id"`
	UPN           string             `json:"userPrincipalName"`
	Name          string             `json:"displayName"`
	Enabled       bool               `json:"accountEnabled"`
	Type          string             `json:"userType"`
	UsageLocation string             `json:"usageLocation"`
	Synced        bool               `json:"onPremisesSyncEnabled"`
	Licenses      []licenseDocument  `json:"assignedLicenses"`
	States        []stateDocument    `json:"licenseAssignmentStates"`
	Plans         []assignedDocument `json:"assignedPlans"`
}

type licenseDocument struct {
	SKU      string   `json:"skuId"`
	Disabled []string `json:"disabledPlans"`
}

type stateDocument struct {
	SKU      string   `json:"skuId"`
	Disabled []string `json:"disabledPlans"`
	Group    string   `json:"assignedByGroup"`
	State    string   `json:"state"`
	Error    string   `json:"error"`
}

type assignedDocument struct {
	Plan   string `json:"servicePlanId"`
	Status string `json:"capabilityStatus"`
}

// unreadableUser is the error for a reply that is no user.
func unreadableUser() error {
	return &upgrade.Error{Kind: upgrade.Unknown, Code: "unreadable_reply", Message: "Microsoft Graph's reply is not a user"}
}

// parseUser reads a user.
func parseUser(body []byte) (upgrade.User, error) {
	var d userDocument
	if json.Unmarshal(body, &d) != nil || d.ID == "" {
		return upgrade.User{}, unreadableUser()
	}
	return d.user(guids{})
}

// guids are the product and plan ids of a reply that have been looked at, in lower case: of many users they are the same few.
type guids map[string]string

// read is an id in lower case; false: it is none.
func (g guids) read(s string) (string, bool) {
	if id, ok := g[s]; ok {
		return id, id != ""
	}
	id := strings.ToLower(s)
	if !upgrade.IsGUID(id) {
		id = ""
	}
	g[s] = id
	return id, id != ""
}

// parseUsers reads a page of users and the link to the next one.
func parseUsers(body []byte) (users []upgrade.User, next string, err error) {
	var page struct {
		Value []userDocument `json:"value"`
		Next  string         `json:"@odata.nextLink"`
	}
	if json.Unmarshal(body, &page) != nil || page.Value == nil {
		return nil, "", errUnreadable
	}
	users, known := make([]upgrade.User, 0, len(page.Value)), guids{}
	for _, d := range page.Value {
		u, err := d.user(known)
		if err != nil {
			return nil, "", errUnreadable
		}
		users = append(users, u)
	}
	return users, page.Next, nil
}

// user is the document in our words. A product or a plan that is not named by a GUID makes it unreadable: what is sent back later
// would be refused, and nobody would know why.
func (d userDocument) user(known guids) (upgrade.User, error) {
	u := upgrade.User{
		ID: d.ID, UPN: d.UPN, Name: d.Name, Enabled: d.Enabled, Guest: strings.EqualFold(d.Type, "Guest"), UsageLocation: d.UsageLocation, Synced: d.Synced,
	}
	sound := true
	guid := func(s string) string {
		id, ok := known.read(s)
		sound = sound && ok
		return id
	}
	all := func(ids []string) []string {
		var out []string
		for _, id := range ids {
			out = append(out, guid(id))
		}
		return out
	}
	for _, l := range d.Licenses {
		u.Licenses = append(u.Licenses, upgrade.License{SKUID: guid(l.SKU), DisabledPlans: all(l.Disabled)})
	}
	for _, s := range d.States {
		one := upgrade.LicenseState{SKUID: guid(s.SKU), ByGroup: s.Group, Off: all(s.Disabled), State: s.State, Error: s.Error}
		if strings.EqualFold(one.Error, "None") {
			one.Error = ""
		}
		u.States = append(u.States, one)
	}
	for i := range d.Plans {
		d.Plans[i].Plan = guid(d.Plans[i].Plan)
	}
	u.Services = servicesOf(d.Plans)
	if !sound {
		return upgrade.User{}, unreadableUser()
	}
	return u, nil
}

// rank orders the states of a service from worst to best; a state that we do not know stands above the lost ones.
func rank(state string) int {
	switch state {
	case "Deleted":
		return 1
	case "LockedOut":
		return 2
	case "Suspended":
		return 3
	case "Warning":
		return 5
	case "Enabled":
		return 6
	}
	return 4
}

// servicesOf gives each service plan once. A plan that came with the old product and comes with the new one stands
// there twice, the old one as deleted: the better state is the user's.
func servicesOf(plans []assignedDocument) []upgrade.ServiceState {
	if len(plans) == 0 {
		return nil
	}
	out := make([]upgrade.ServiceState, 0, len(plans))
	at := make(map[string]int, len(plans))
	for _, p := range plans {
		one := upgrade.ServiceState{PlanID: p.Plan, State: p.Status}
		if i, ok := at[one.PlanID]; !ok {
			at[one.PlanID] = len(out)
			out = append(out, one)
		} else if rank(one.State) > rank(out[i].State) {
			out[i] = one
		}
	}
	return out
}
