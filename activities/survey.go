package activities

import (
	"context"
	"fmt"

	"uplift/upgrade"
)

// batchSize is how many users one request to the directory takes. https://learn.microsoft.com/graph/json-batching
const batchSize = 20

// maxNamed bounds how many users are named in one answer; the register holds the rest.
const maxNamed = 50

// survey goes through every user whom the plan touches, page by page: those who hold the licence that is given up, and
// those whom the order lists.
func (a *Activities) survey(ctx context.Context, g upgrade.Grant, p upgrade.LicensePlan, visit func([]upgrade.User) error) error {
	seen := map[string]bool{}
	fresh := func(page []upgrade.User) []upgrade.User {
		var users []upgrade.User
		for _, u := range page {
			if !seen[u.ID] {
				seen[u.ID] = true
				users = append(users, u)
			}
		}
		return users
	}
	for _, sku := range p.Remove {
		for cursor := ""; ; {
			page, next, err := a.Directory.Holders(ctx, g, sku, cursor)
			if err != nil {
				return err
			}
			beat(ctx)
			if err := visit(fresh(page)); err != nil {
				return err
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	for start := 0; start < len(p.Users); start += batchSize {
		names := p.Users[start:min(start+batchSize, len(p.Users))]
		page, err := a.Directory.Users(ctx, g, names)
		if err != nil {
			return err
		}
		beat(ctx)
		if err := visit(fresh(page)); err != nil {
			return err
		}
	}
	return nil
}

// userProblems finds all that can fail for the users, before anything has changed.
type userProblems struct {
	plan     upgrade.LicensePlan
	holders  int
	seatless int             // users who do not hold the licence yet that they are to receive
	listed   map[string]bool // names of the order that were found
	problems upgrade.Problems
}

func newUserProblems(p upgrade.LicensePlan) *userProblems {
	return &userProblems{plan: p, listed: map[string]bool{}}
}

func (u *userProblems) look(user upgrade.User) {
	p := u.plan
	listed := nameOf(p.Users, user)
	if listed != "" {
		u.listed[listed] = true
	}
	if _, has := user.License(p.Main()); !has {
		u.seatless++
	}
	for _, sku := range p.Remove {
		if _, holds := user.License(sku); holds {
			u.holder(user, sku, listed)
		}
	}
	if p.Moves() && user.UsageLocation == "" && p.Location == "" {
		u.add("usage_location_missing", fmt.Sprintf("%s has no usage location, and neither the order nor the tenant names one", user.UPN), `give the order a "usageLocation"`)
	}
}

// holder looks at a user who holds a licence that is given up.
func (u *userProblems) holder(user upgrade.User, sku, listed string) {
	u.holders++
	if user.Group(sku) != "" {
		u.add("group_licence", fmt.Sprintf("%s holds the licence through a group", user.UPN), "move the licence on the group or assign it directly, then order again")
	}
	if u.plan.Ends && u.plan.Who != upgrade.Holders && listed == "" {
		u.add("holder_not_listed", fmt.Sprintf("%s holds the licence that ends and is not listed", user.UPN), `list the user, or choose "who": "holders"`)
	}
}

// finish adds the listed users whom the directory does not know.
func (u *userProblems) finish() {
	for i, name := range u.plan.Users {
		if !u.listed[name] {
			u.problems.Add(fmt.Sprintf("licenses.users[%d]", i), "user_not_found", fmt.Sprintf("the tenant has no user %s", name), "correct the name, or leave the user out")
		}
	}
}

func (u *userProblems) add(code, message, remedy string) {
	if len(u.problems) < maxNamed {
		u.problems.Add("licenses", code, message, remedy)
	}
}

// nameOf returns the name under which the order lists the user, or "".
func nameOf(names []string, u upgrade.User) string {
	for _, n := range names {
		if equalFold(n, u.ID) || equalFold(n, u.UPN) {
			return n
		}
	}
	return ""
}
