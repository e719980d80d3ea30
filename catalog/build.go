package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// line is where a service plan stands among the editions of its service.
type line struct {
	name string
	rank int
}

// build makes the catalogue of a file in which check found nothing wrong.
func build(f file) *Catalog {
	c := &Catalog{
		file:      f,
		bySKU:     map[string]OfferID{},
		byProduct: map[string]OfferID{},
		services:  map[string]ServicePlan{},
		byName:    map[string]ServicePlan{},
		lines:     map[string]line{},
		within:    map[string][]string{},
		needs:     map[string][][]string{},
		plans:     cloned(f.Plans, Plan.clone),
		paths:     cloned(f.Paths, Path.clone),
	}
	for _, p := range f.ServicePlans {
		c.services[p.ID], c.byName[p.Name] = p, p
	}
	for _, l := range f.Services {
		for rank, name := range l.Plans {
			c.lines[c.byName[name].ID] = line{l.Name, rank}
		}
	}
	for _, r := range f.Rules.Requires {
		id := c.byName[r.Plan].ID
		c.needs[id] = append(c.needs[id], ids(c.named(r.AnyOf)))
	}
	for _, r := range f.Rules.Includes {
		for _, name := range r.Includes {
			id := c.byName[name].ID
			c.within[id] = append(c.within[id], c.byName[r.Plan].ID)
		}
	}
	for _, o := range f.Offers {
		c.offers = append(c.offers, c.offer(o))
	}
	slices.SortFunc(c.offers, func(a, b Offer) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.plans, func(a, b Plan) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.paths, func(a, b Path) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To),
			cmp.Compare(slices.Index(commerces, a.Commerce), slices.Index(commerces, b.Commerce)))
	})
	c.digest = c.hash()
	return c
}

func (c *Catalog) offer(o fileOffer) Offer {
	if o.SKUID != "" {
		c.bySKU[o.SKUID] = o.ID
	}
	for _, product := range append([]string{o.ProductSKU}, o.OtherProductSKUs...) {
		if product != "" {
			c.byProduct[product] = o.ID
		}
	}
	return Offer{
		ID: o.ID, Name: o.Name, SKUPartNumber: o.SKUPartNumber, SKUID: o.SKUID, ProductSKU: o.ProductSKU,
		OtherProductSKUs: o.OtherProductSKUs, Family: o.Family, Edition: o.Edition, MinSeats: o.MinSeats, MaxSeats: o.MaxSeats,
		Markets: o.Markets, ExcludedMarkets: o.ExcludedMarkets, ServicePlans: c.named(o.ServicePlans),
		AddOn: o.AddOn, Requires: c.named(o.Requires), Verified: o.Verified, Source: o.Source,
	}.clone()
}

// named gives the service plans with these names, sorted by name.
func (c *Catalog) named(names []string) []ServicePlan {
	var plans []ServicePlan
	for _, name := range slices.Sorted(slices.Values(names)) {
		plans = append(plans, c.byName[name])
	}
	return plans
}

// hash is the digest of the content in one canonical order. The order of service editions counts, since it says which
// is bigger; all other order is layout.
func (c *Catalog) hash() string {
	f := c.file
	f.ServicePlans = sorted(f.ServicePlans, func(p ServicePlan) string { return p.Name })
	f.Services = sorted(f.Services, func(l fileLine) string { return l.Name })
	f.Offers, f.Plans, f.Paths = nil, nil, nil
	f.Rules.Exclusive = sorted(f.Rules.Exclusive, func(r fileExclusive) string { return strings.Join(r.Plans, " ") })
	f.Rules.Requires = sorted(f.Rules.Requires, func(r fileRequires) string { return r.Plan + " " + strings.Join(r.AnyOf, " ") })
	f.Rules.Includes = sorted(f.Rules.Includes, func(r fileIncludes) string { return r.Plan + " " + strings.Join(r.Includes, " ") })
	text, err := json.Marshal([]any{f, c.offers, c.plans, c.paths})
	if err != nil {
		panic(fmt.Sprintf("catalog: plain data does not marshal: %v", err))
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func sorted[T any](all []T, key func(T) string) []T {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	return all
}

func ids(plans []ServicePlan) []string {
	out := make([]string, len(plans))
	for i, p := range plans {
		out[i] = p.ID
	}
	return out
}
