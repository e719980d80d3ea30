package catalog

import (
	"cmp"
	"slices"
)

// ServicesAdded are the user-assignable service plans of the target offers that the source offers lack, sorted by
// friendly name. They are what a subscription that the customer already holds may be in conflict with.
func ServicesAdded(source, target []Offer) []ServicePlan {
	return slices.DeleteFunc(PlansGained(source, target), func(p ServicePlan) bool { return !p.UserAssignable() })
}

// PlansGained are all service plans, of every class, that the target offers contain and the source offers do not,
// compared by id and sorted by friendly name.
func PlansGained(source, target []Offer) []ServicePlan {
	has := map[string]bool{}
	for _, p := range union(source) {
		has[p.ID] = true
	}
	return slices.DeleteFunc(union(target), func(p ServicePlan) bool { return has[p.ID] })
}

// PlansLost are all service plans, of every class, that the source offers contain and the target offers do not,
// compared by id and sorted by friendly name. For people use [Catalog.Compare]: who loses Exchange Online Plan 1 for
// Plan 2 loses nothing.
func PlansLost(source, target []Offer) []ServicePlan { return PlansGained(target, source) }

// Included are those of the services that the offer contains, in the order of services: with [ServicesAdded], why an
// offer that the customer already holds stands in the way.
func Included(o Offer, services []ServicePlan) []ServicePlan {
	var in []ServicePlan
	for _, p := range services {
		if o.Has(p.ID) {
			in = append(in, p)
		}
	}
	return in
}

// union are the service plans of all offers, each once, sorted by friendly name and id.
func union(offers []Offer) []ServicePlan {
	var all []ServicePlan
	for _, o := range offers {
		all = append(all, o.ServicePlans...)
	}
	slices.SortFunc(all, func(a, b ServicePlan) int {
		return cmp.Or(cmp.Compare(a.Friendly, b.Friendly), cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(all, func(a, b ServicePlan) bool { return a.ID == b.ID })
}

// Difference is what a change of offers means to a user: services, and other editions of services that stay. Only
// user-assignable services stand here; what is foundation or retired is noticed by nobody.
type Difference struct {
	Gained  []ServicePlan `json:"gained,omitempty"`  // services that the user did not have
	Lost    []ServicePlan `json:"lost,omitempty"`    // services that the user will not have any more
	Larger  []Exchange    `json:"larger,omitempty"`  // services of which the user gets a bigger edition
	Smaller []Exchange    `json:"smaller,omitempty"` // services of which the user gets a smaller edition
}

// Exchange is one service whose edition changes.
type Exchange struct {
	Service string      `json:"service"`
	From    ServicePlan `json:"from"`
	To      ServicePlan `json:"to"`
}

// Compare says what users gain and lose when the source offers are exchanged for the target offers. Of a service with
// several editions on one side, the biggest counts.
func (c *Catalog) Compare(source, target []Offer) Difference {
	var d Difference
	before, after := c.biggest(source), c.biggest(target)
	d.Gained, d.Larger = c.ahead(ServicesAdded(source, target), source, before, after)
	d.Lost, d.Smaller = c.ahead(ServicesAdded(target, source), target, after, before)
	for i, e := range d.Smaller {
		d.Smaller[i].From, d.Smaller[i].To = e.To, e.From
	}
	return d
}

// ahead sorts the plans that one side has and the other lacks into those of services that the other lacks altogether,
// and bigger editions of services that it has. What a plan of the other side includes is left out. Of several editions the biggest stands for all.
func (c *Catalog) ahead(plans []ServicePlan, others []Offer, other, this map[string]ServicePlan) (alone []ServicePlan, bigger []Exchange) {
	for _, p := range plans {
		if c.included(p, others) {
			continue
		}
		l, edition := c.lines[p.ID]
		if !edition {
			alone = append(alone, p)
			continue
		}
		if this[l.name].ID != p.ID {
			continue
		}
		if less, has := other[l.name]; !has {
			alone = append(alone, p)
		} else if c.lines[less.ID].rank < l.rank {
			bigger = append(bigger, Exchange{l.name, less, p})
		}
	}
	return alone, bigger
}

// included tells whether one of the offers contains a plan that does what p does.
func (c *Catalog) included(p ServicePlan, offers []Offer) bool {
	return slices.ContainsFunc(offers, func(o Offer) bool { return slices.ContainsFunc(c.within[p.ID], o.Has) })
}

// biggest gives the biggest user-assignable edition of every service in the offers.
func (c *Catalog) biggest(offers []Offer) map[string]ServicePlan {
	top := map[string]ServicePlan{}
	for _, p := range union(offers) {
		l, known := c.lines[p.ID]
		if !known || !p.UserAssignable() {
			continue
		}
		if first, found := top[l.name]; !found || c.lines[first.ID].rank < l.rank {
			top[l.name] = p
		}
	}
	return top
}
