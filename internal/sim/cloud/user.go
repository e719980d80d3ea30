package cloud

import (
	"slices"
	"strings"
	"time"
)

// Role template ids that decide what a signed-in user may do.
const (
	GlobalAdministrator  = "62e90394-69f5-4237-9190-012177145e10"
	UserAdministrator    = "fe930be7-5e62-47db-91af-98c3a49a38b1"
	LicenseAdministrator = "4d6ac14f-3453-41d0-bef9-a3e0c569773a"
	DirectoryWriters     = "9360feb5-f418-4baa-8175-e2a00bac4301"
	DirectoryReaders     = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
	GlobalReader         = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
	HelpdeskAdmin        = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	GroupsAdministrator  = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
	PrivilegedRoleAdmin  = "e8611ab8-c189-46e8-94e1-60213ab1f814"
)

// RoleName is the display name of a role template.
func RoleName(template string) string {
	switch template {
	case GlobalAdministrator:
		return "Global Administrator"
	case UserAdministrator:
		return "User Administrator"
	case LicenseAdministrator:
		return "License Administrator"
	case DirectoryWriters:
		return "Directory Writers"
	case DirectoryReaders:
		return "Directory Readers"
	case GlobalReader:
		return "Global Reader"
	case HelpdeskAdmin:
		return "Helpdesk Administrator"
	case GroupsAdministrator:
		return "Groups Administrator"
	case PrivilegedRoleAdmin:
		return "Privileged Role Administrator"
	}
	return "Role " + template
}

// UserSpec describes a user to add.
type UserSpec struct {
	ID, UPN, DisplayName string
	Password             string // for the sign-in page; empty cannot sign in
	Guest, Disabled      bool
	UsageLocation        string
	Roles                []string // role template ids
	// AdminAgent lets a user of the partner's tenant act in Partner Center.
	AdminAgent bool
	// Attributes are further attributes, such as extensionAttribute1.
	Attributes map[string]string
	// Licences are direct assignments, made without counting seats.
	Licences []LicenceChange
}

// Assignment is one licence of one user: direct when Group is empty.
type Assignment struct {
	SKU      string
	Disabled []string
	Group    string
	State    string // Active or Error
	Error    string // None, CountViolation, …
	Updated  time.Time
}

// User is a person of a tenant.
type User struct {
	UserSpec
	Assignments []Assignment

	locationSettles time.Time // until then the location counts as invalid
	stale           *User     // what a lagging replica still shows
	staleUntil      time.Time
}

// AddUser adds a user and returns its object id.
func (c *Cloud) AddUser(tenant string, s UserSpec) string {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return ""
	}
	if s.ID == "" {
		s.ID = c.newID()
	}
	if s.DisplayName == "" {
		s.DisplayName, _, _ = strings.Cut(s.UPN, "@")
	}
	u := &User{UserSpec: s}
	for _, l := range s.Licences {
		u.Assignments = append(u.Assignments, Assignment{SKU: l.SKU, Disabled: slices.Clone(l.Disabled), State: "Active", Error: "None", Updated: c.at})
	}
	t.users, t.held = append(t.users, u), nil
	if t.named == nil {
		t.named = map[string]*User{}
	}
	for _, name := range []string{s.ID, s.UPN} {
		if name = strings.ToLower(name); t.named[name] == nil { // the first of two with one name, as a search would find it
			t.named[name] = u
		}
	}
	return s.ID
}

func (t *Tenant) user(idOrUPN string) *User { return t.named[strings.ToLower(idOrUPN)] }

// Users returns the tenant's users as a replica shows them now, in a fixed order.
func (c *Cloud) Users(tenant string) []User {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return nil
	}
	out := make([]User, 0, len(t.users))
	for _, u := range t.users {
		out = append(out, u.seen(c.at))
	}
	return out
}

// FindUsers returns users as a replica shows them now, in a fixed order: at most limit of those that fit, beginning at a position
// of that order, and the position of the next one, or -1.
func (c *Cloud) FindUsers(tenant string, from, limit int, fits func(User) bool) (found []User, next int) {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return nil, -1
	}
	for i := max(from, 0); i < len(t.users); i++ {
		shown := t.users[i].shown(c.at)
		switch {
		case !fits(*shown):
		case len(found) == limit:
			return found, i
		default:
			found = append(found, shown.copy())
		}
	}
	return found, -1
}

// UserCount is how many users a tenant has.
func (c *Cloud) UserCount(tenant string) int {
	c.enter()
	defer c.leave()
	if t := c.tenant(tenant); t != nil {
		return len(t.users)
	}
	return 0
}

// User returns one user by object id or principal name, as a replica shows it.
func (c *Cloud) User(tenant, idOrUPN string) (User, *Refusal) {
	c.enter()
	defer c.leave()
	if t := c.tenant(tenant); t != nil {
		if u := t.user(idOrUPN); u != nil {
			return u.seen(c.at), nil
		}
	}
	return User{}, notFound(idOrUPN)
}

// seen is the user as a reader gets it: perhaps from before the last write.
func (u *User) seen(now time.Time) User { return u.shown(now).copy() }

func (u *User) shown(now time.Time) *User {
	if u.stale != nil && now.Before(u.staleUntil) {
		return u.stale
	}
	return u
}

func (u *User) copy() User {
	out := *u
	out.stale = nil
	out.Roles = slices.Clone(u.Roles)
	out.Assignments = slices.Clone(u.Assignments)
	for i := range out.Assignments {
		out.Assignments[i].Disabled = slices.Clone(out.Assignments[i].Disabled)
	}
	return out
}

// touch is called before a write to the user: a replica may keep the old state.
func (c *Cloud) touch(u *User, o Origin) {
	if !c.roll(ReplicaLag, o) {
		u.stale = nil
		return
	}
	if u.stale == nil || !c.at.Before(u.staleUntil) {
		old := u.copy()
		u.stale = &old
	}
	u.staleUntil = c.at.Add(c.lag(c.faults.Lags.Replica))
}

// UserChange is what PATCH /users/{id} may change here; nil leaves it.
type UserChange struct {
	UsageLocation  *string
	AccountEnabled *bool
	DisplayName    *string
}

// ChangeUser applies a PATCH.
func (c *Cloud) ChangeUser(tenant, idOrUPN string, ch UserChange, o Origin) *Refusal {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil || t.user(idOrUPN) == nil {
		return notFound(idOrUPN)
	}
	if c.roll(ConcurrencyViolation, o) {
		return concurrency()
	}
	u := t.user(idOrUPN)
	if ch.UsageLocation != nil && *ch.UsageLocation != "" && !isCountry(*ch.UsageLocation) {
		return badRequest("Invalid value specified for property 'usageLocation' of resource 'User'.")
	}
	c.touch(u, o)
	if l := ch.UsageLocation; l != nil && *l != u.UsageLocation {
		c.record(UsageLocationSet, t.ID, u.ID, u.UsageLocation, *l, o)
		u.UsageLocation = *l
		if c.roll(LocationUnsettled, o) {
			u.locationSettles = c.at.Add(c.lag(c.faults.Lags.UsageLocation))
		}
	}
	if e := ch.AccountEnabled; e != nil && *e == u.Disabled {
		c.record(UserChanged, t.ID, u.ID, "accountEnabled="+text(!u.Disabled), "accountEnabled="+text(*e), o)
		u.Disabled = !*e
	}
	if n := ch.DisplayName; n != nil && *n != u.DisplayName {
		c.record(UserChanged, t.ID, u.ID, u.DisplayName, *n, o)
		u.DisplayName = *n
	}
	return nil
}

func concurrency() *Refusal {
	return refuse(409, "Directory_ConcurrencyViolation",
		"Error due to concurrent requests being made to the tenant. Please wait briefly and retry.")
}

func isCountry(s string) bool {
	return len(s) == 2 && s == strings.ToUpper(s) && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}
