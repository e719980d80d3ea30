package catalog

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"

	"uplift/upgrade"
)

// Version is the version of the file format that this program reads and writes.
const Version = 1

// maxBytes bounds what Read takes in. The built-in file has a thirtieth of it.
const maxBytes = 4 << 20

//go:embed catalog.json
var builtIn []byte

// file is the format of a catalogue. Service plans are described once and named by the offers.
type file struct {
	Version      int           `json:"version"`
	ServicePlans []ServicePlan `json:"servicePlans"`
	Services     []fileLine    `json:"services,omitempty"`
	Rules        fileRules     `json:"rules,omitzero"`
	Offers       []fileOffer   `json:"offers"`
	Plans        []Plan        `json:"plans,omitempty"`
	Paths        []Path        `json:"paths,omitempty"`
}

// fileOffer is an [Offer] whose service plans stand as names.
type fileOffer struct {
	ID               OfferID  `json:"id"`
	Name             string   `json:"name"`
	SKUPartNumber    string   `json:"skuPartNumber,omitempty"`
	SKUID            string   `json:"skuId,omitempty"`
	ProductSKU       string   `json:"productSku,omitempty"`
	OtherProductSKUs []string `json:"otherProductSkus,omitempty"`
	Family           Family   `json:"family"`
	Edition          Edition  `json:"edition,omitempty"`
	MinSeats         int      `json:"minSeats,omitempty"`
	MaxSeats         int      `json:"maxSeats,omitempty"`
	Markets          []string `json:"markets,omitempty"`
	ExcludedMarkets  []string `json:"excludedMarkets,omitempty"`
	ServicePlans     []string `json:"servicePlans,omitempty"`
	AddOn            bool     `json:"addOn,omitempty"`
	Requires         []string `json:"requires,omitempty"`
	Verified         Trust    `json:"verified"`
	Source           string   `json:"source"`
}

// fileLine is one service with its editions, from the smallest to the biggest. Plans with the same reach stand in any
// order: what counts is that they are the same service.
type fileLine struct {
	Name  string   `json:"name"`
	Plans []string `json:"plans"`
}

type fileRules struct {
	Exclusive []fileExclusive `json:"exclusive,omitempty"`
	Requires  []fileRequires  `json:"requires,omitempty"`
	Includes  []fileIncludes  `json:"includes,omitempty"`
}

type fileExclusive struct {
	Plans    []string `json:"plans"`
	Verified Trust    `json:"verified"`
	Source   string   `json:"source"`
}

type fileRequires struct {
	Plan     string   `json:"plan"`
	AnyOf    []string `json:"anyOf"`
	Verified Trust    `json:"verified"`
	Source   string   `json:"source"`
}

// fileIncludes says that a plan does what other plans do, so that nobody loses those who receives it. A switched-off
// plan says nothing about the plan that includes it: who has no mobile apps still wants the desktop apps.
type fileIncludes struct {
	Plan     string   `json:"plan"`
	Includes []string `json:"includes"`
	Verified Trust    `json:"verified"`
	Source   string   `json:"source"`
}

// Load gives the catalogue that is built into the program. That the built-in file is right is proved by a test; Load
// panics when it is not.
func Load() *Catalog {
	c, err := parse(builtIn)
	if err != nil {
		panic(fmt.Sprintf("the catalogue that is built in: %v", err))
	}
	return c
}

// Read reads a catalogue and believes nothing: unknown and doubled fields, malformed and doubled ids, references to
// nothing, impossible limits. The error is [upgrade.Problems] with all of them, each with its place (offers[3].skuId)
// and line, or the reader's own error.
func Read(r io.Reader) (*Catalog, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	if len(data) > maxBytes {
		var problems upgrade.Problems
		problems.Add("", "too_large", fmt.Sprintf("the catalogue has more than %d bytes", maxBytes), "remove offers that you do not sell")
		return nil, problems
	}
	return parse(data)
}

func parse(data []byte) (*Catalog, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // some Windows editors write a byte order mark
	k := inspect[file](data)
	if k.broken {
		return nil, k.problems
	}
	var f file
	// A value of the wrong type was reported by inspect; Unmarshal leaves it out and reads on.
	_ = json.Unmarshal(data, &f)
	k.check(f)
	if err := k.problems.Err(); err != nil {
		return nil, err
	}
	return build(f), nil
}

// With gives a catalogue in which an offer is added or replaced: the way by which what is learned at run time (the SKU
// and the service plans of an India edition) enters. Service plans that the catalogue does not know are added to it.
// The error is [upgrade.Problems] when the result would not be a valid catalogue; c itself never changes.
func (c *Catalog) With(o Offer) (*Catalog, error) {
	f := c.file
	f.ServicePlans = cloned(f.ServicePlans, func(p ServicePlan) ServicePlan { return p })
	names := func(plans []ServicePlan) []string {
		var out []string
		for _, p := range plans {
			if known, found := c.ServicePlan(p.ID); found {
				p = known
			} else {
				f.ServicePlans = append(f.ServicePlans, p)
			}
			out = append(out, p.Name)
		}
		return out
	}
	replacement := fileOffer{
		ID: o.ID, Name: o.Name, SKUPartNumber: o.SKUPartNumber, SKUID: o.SKUID, ProductSKU: o.ProductSKU,
		OtherProductSKUs: o.OtherProductSKUs, Family: o.Family, Edition: o.Edition, MinSeats: o.MinSeats, MaxSeats: o.MaxSeats,
		Markets: o.Markets, ExcludedMarkets: o.ExcludedMarkets, ServicePlans: names(o.ServicePlans),
		AddOn: o.AddOn, Requires: names(o.Requires), Verified: o.Verified, Source: o.Source,
	}
	offers := []fileOffer{replacement}
	for _, other := range f.Offers {
		if other.ID != o.ID {
			offers = append(offers, other)
		}
	}
	f.Offers = offers
	var k checker
	k.check(f)
	if err := k.problems.Err(); err != nil {
		return nil, err
	}
	return build(f), nil
}
