package cloud

import (
	"slices"
	"strings"
)

// GroupSpec describes a group to add. Members inherit its licences.
type GroupSpec struct {
	ID, Name string
	Members  []string // object ids
	Licences []LicenceChange
}

// Group is a security group with group-based licensing.
type Group struct {
	GroupSpec
	// Processing is the licence processing state: ProcessingComplete when idle.
	Processing string
}

// AddGroup adds a group; its licences reach the members at once.
func (c *Cloud) AddGroup(tenant string, s GroupSpec) string {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return ""
	}
	if s.ID == "" {
		s.ID = c.newID()
	}
	for i := range s.Licences {
		s.Licences[i].SKU = strings.ToLower(s.Licences[i].SKU)
	}
	g := &Group{GroupSpec: s, Processing: "ProcessingComplete"}
	t.groups = append(t.groups, g)
	c.process(t, g, Origin{})
	return s.ID
}

func (t *Tenant) group(id string) *Group {
	for _, g := range t.groups {
		if strings.EqualFold(g.ID, id) {
			return g
		}
	}
	return nil
}

func (g *Group) copy() Group {
	out := *g
	out.Members, out.Licences = slices.Clone(g.Members), slices.Clone(g.Licences)
	return out
}

// Groups returns the tenant's groups.
func (c *Cloud) Groups(tenant string) []Group {
	c.enter()
	defer c.leave()
	var out []Group
	if t := c.tenant(tenant); t != nil {
		for _, g := range t.groups {
			out = append(out, g.copy())
		}
	}
	return out
}

// Group returns one group.
func (c *Cloud) Group(tenant, id string) (Group, *Refusal) {
	c.enter()
	defer c.leave()
	if t := c.tenant(tenant); t != nil {
		if g := t.group(id); g != nil {
			return g.copy(), nil
		}
	}
	return Group{}, notFound(id)
}
