package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// ConflictKind says which rule a set of service plans breaks. The words are those of Graph's assignment errors.
type ConflictKind string

// The kinds of conflict.
const (
	MutuallyExclusive ConflictKind = "mutually-exclusive"
	Dependency        ConflictKind = "dependency"
)

// Conflict is a rule that a user's service plans break.
type Conflict struct {
	Kind ConflictKind `json:"kind"`
	Plan ServicePlan  `json:"plan"`
	// With are the plans that exclude Plan and are there, or of which Plan needs one and none is there.
	With []ServicePlan `json:"with"`
	// Verified says how far the rule can be trusted. Newer tenants accept combinations that older ones refuse, so a
	// conflict is a reason to look and to move in one call, not by itself a reason to refuse.
	Verified Trust  `json:"verified"`
	Source   string `json:"source"`
}

// String is the conflict as a sentence.
func (c Conflict) String() string {
	names := make([]string, len(c.With))
	for i, p := range c.With {
		names[i] = p.Friendly
	}
	if c.Kind == Dependency {
		return fmt.Sprintf("%s needs %s.", c.Plan.Friendly, strings.Join(names, " or "))
	}
	return fmt.Sprintf("%s and %s exclude each other.", c.Plan.Friendly, strings.Join(names, " and "))
}

// Conflicts are the rules that a user would break who has exactly these service plans switched on, by id and in any
// case, from all licences together; plans that the catalogue does not know break none. The order is that of the rules
// in the file, exclusions first.
//
// https://learn.microsoft.com/entra/fundamentals/licensing-groups-resolve-problems
func (c *Catalog) Conflicts(planIDs []string) []Conflict {
	held := lowered(planIDs)
	has := func(name string) bool {
		_, found := slices.BinarySearch(held, c.byName[name].ID)
		return found
	}
	var found []Conflict
	for _, r := range c.file.Rules.Exclusive {
		var together []ServicePlan
		for _, name := range r.Plans {
			if has(name) {
				together = append(together, c.byName[name])
			}
		}
		if len(together) > 1 {
			found = append(found, Conflict{MutuallyExclusive, together[0], together[1:], r.Verified, r.Source})
		}
	}
	for _, r := range c.file.Rules.Requires {
		if has(r.Plan) && !slices.ContainsFunc(r.AnyOf, has) {
			found = append(found, Conflict{Dependency, c.byName[r.Plan], c.named(r.AnyOf), r.Verified, r.Source})
		}
	}
	return found
}
