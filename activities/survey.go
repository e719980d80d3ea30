package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"uplift/upgrade"
)

// batchSize is how many users one request to the directory takes. https://learn.microsoft.com/graph/json-batching
const batchSize = 20

// maxNamed bounds how many users are named in one answer; the register holds the rest.
const maxNamed = 50

// chosen are the users whom the order means.
type chosen struct {
	all   bool            // every holder of what is given up
	names []string        // in the order's own order: object ids or user principal names
	has   map[string]bool // the same, for looking up
}

// includes tells whether a user is meant.
func (c chosen) includes(u upgrade.User) bool {
	return c.all || c.has[strings.ToLower(u.ID)] || c.has[strings.ToLower(u.UPN)]
}

// choose reads whom the order means: all holders, its own list, the members of a group, or an uploaded list.
func (a *Activities) choose(ctx context.Context, g upgrade.Grant, p upgrade.LicensePlan) (chosen, error) {
	c := chosen{has: map[string]bool{}}
	var err error
	switch p.Who {
	case upgrade.Holders:
		c.all = true
	case upgrade.Listed:
		c.names = p.Users
	case upgrade.Grouped:
		c.names, err = a.members(ctx, g, p.Group)
	case upgrade.FromCSV:
		c.names, err = a.uploaded(ctx, g.Tenant, p.File)
	}
	for _, name := range c.names {
		c.has[strings.ToLower(name)] = true
	}
	return c, err
}

// members are the object ids of a group's members.
func (a *Activities) members(ctx context.Context, g upgrade.Grant, name string) ([]string, error) {
	group, err := a.Directory.Group(ctx, g, name)
	if err != nil {
		return nil, err
	}
	var ids []string
	for cursor := ""; ; {
		page, next, err := a.Directory.Members(ctx, g, group.ID, cursor)
		if err != nil {
			return nil, err
		}
		beat(ctx)
		for _, u := range page {
			ids = append(ids, u.ID)
		}
		if cursor = next; cursor == "" {
			return ids, nil
		}
	}
}

// uploaded are the names of a list that was uploaded to the register.
func (a *Activities) uploaded(ctx context.Context, tenant, name string) ([]string, error) {
	var names []string
	for part := 0; ; part++ {
		page, err := a.Register.UserList(ctx, tenant, name, part)
		if err != nil || len(page) == 0 {
			return names, err
		}
		names = append(names, page...)
	}
}

// survey goes through every user whom the plan may touch, page by page: those who hold the licences that are given up, and
// those whom the order names. Each comes once.
// beat is told of every page.
func (a *Activities) survey(ctx context.Context, g upgrade.Grant, p upgrade.LicensePlan, c chosen, beat func(context.Context), visit func([]upgrade.User) error) error {
	seen := map[string]bool{}
	fresh := func(page []upgrade.User) error {
		var users []upgrade.User
		for _, u := range page {
			if !seen[u.ID] {
				seen[u.ID] = true
				users = append(users, u)
			}
		}
		beat(ctx)
		return visit(users)
	}
	for _, sku := range p.Remove {
		for cursor := ""; ; {
			page, next, err := a.Directory.Holders(ctx, g, sku, cursor)
			if err != nil {
				return err
			}
			if err := fresh(page); err != nil {
				return err
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	for names := range slices.Chunk(c.names, batchesInFlight*batchSize) {
		page, err := a.named(ctx, g, names)
		if err != nil {
			return err
		}
		if err := fresh(page); err != nil {
			return err
		}
	}
	return nil
}

// named reads users by their names, a few batches side by side, and answers them in the order of the names.
func (a *Activities) named(ctx context.Context, g upgrade.Grant, names []string) ([]upgrade.User, error) {
	batches := slices.Collect(slices.Chunk(names, batchSize))
	pages, errs := make([][]upgrade.User, len(batches)), make([]error, len(batches))
	var all sync.WaitGroup
	for i, batch := range batches {
		all.Go(func() { pages[i], errs[i] = a.Directory.Users(ctx, g, batch) })
	}
	all.Wait()
	return slices.Concat(pages...), first(errs...)
}

// userProblems finds all that can fail for the users, before anything has changed.
type userProblems struct {
	plan     upgrade.LicensePlan
	chosen   chosen
	holders  int             // who hold what is given up
	movers   int             // who are meant
	seatless int             // of those, who do not hold the licence yet that they are to receive
	found    map[string]bool // names of the order that were found
	groups   map[string]*groupHeld
	moves    []upgrade.GroupMove // whose licences move on the group
	problems upgrade.Problems
}

func newUserProblems(p upgrade.LicensePlan, c chosen) *userProblems {
	return &userProblems{plan: p, chosen: c, found: map[string]bool{}, groups: map[string]*groupHeld{}}
}

func (u *userProblems) look(user upgrade.User) {
	p, meant := u.plan, u.chosen.includes(user)
	for _, name := range []string{strings.ToLower(user.ID), strings.ToLower(user.UPN)} {
		if u.chosen.has[name] { // of fifty thousand holders whom nobody has named, no list is kept
			u.found[name] = true
		}
	}
	for _, sku := range p.Remove {
		if _, holds := user.License(sku); !holds {
			continue
		}
		u.holders++
		if group := user.Group(sku); group != "" {
			u.byGroup(group, sku, user, meant)
		}
		if p.Ends && !meant {
			u.add("holder_not_listed", fmt.Sprintf("%s holds the licence that ends and is not listed", user.UPN), `list the user, or choose "who": "holders"`)
		}
	}
	if !meant {
		return
	}
	u.movers++
	if _, has := user.License(p.Main()); !has {
		u.seatless++
	}
	if p.Moves() && user.UsageLocation == "" && p.Location == "" {
		u.add("usage_location_missing", fmt.Sprintf("%s has no usage location, and neither the order nor the tenant names one", user.UPN), `give the order a "usageLocation"`)
	}
}

// finish adds the listed users whom the directory does not know, the groups that cannot be moved, and movers without a seat.
func (u *userProblems) finish() {
	for i, name := range u.chosen.names {
		if !u.found[strings.ToLower(name)] && len(u.problems) < maxNamed {
			u.problems.Add(fmt.Sprintf("licenses.users[%d]", i), "user_not_found", fmt.Sprintf("the tenant has no user %s", name), "correct the name, or leave the user out")
		}
	}
	u.finishGroups()
	switch seats := u.plan.Seats; {
	case seats == 0 || u.seatless <= seats:
	case u.chosen.all:
		u.problems.Add("licenses", "users_ambiguous", fmt.Sprintf("%s the licence, and only %s", upgrade.Counted(u.seatless, "user holds", "users hold"), upgrade.Counted(seats, "seat moves", "seats move")), "list the users who move, name a group, or choose \"who\": \"nobody\"")
	default:
		u.problems.Add("licenses", "seats_below_users", fmt.Sprintf("%s to move, and only %s", upgrade.Counted(u.seatless, "user is", "users are"), upgrade.Counted(seats, "seat does", "seats do")), "list fewer users, or order more seats")
	}
}

func (u *userProblems) add(code, message, remedy string) {
	if len(u.problems) < maxNamed {
		u.problems.Add("licenses", code, message, remedy)
	}
}
