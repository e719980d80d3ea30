package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/catalog"
)

func (a *app) catalog() *ffcli.Command {
	fs := a.flags("starter catalog")
	var file, market string
	fs.StringVar(&file, "catalog", a.getenv("UPLIFT_CATALOG"), "catalogue `file` instead of the one inside the program (UPLIFT_CATALOG)")
	fs.StringVar(&market, "market", "", "only what is sold, and open, in this `country`")
	a.outputFlag(fs)
	return &ffcli.Command{
		Name: "catalog", ShortUsage: "starter catalog [flags] [plans | offers | paths | an offer]",
		ShortHelp: "Print the offers, plans and upgrade paths",
		LongHelp:  "Print the offers, plans and upgrade paths. It asks nobody: neither Temporal nor Microsoft.",
		FlagSet:   fs, UsageFunc: usage,
		Exec: a.checked(func(_ context.Context, args []string) error {
			c, err := readCatalog(file)
			if err != nil {
				return err
			}
			return a.showCatalog(c, strings.ToUpper(market), strings.Join(args, " "))
		}),
	}
}

// catalogView is what -o json prints; a part that was not asked for is left out.
type catalogView struct {
	Digest string          `json:"digest"`
	Plans  []catalog.Plan  `json:"plans,omitempty"`
	Offers []catalog.Offer `json:"offers,omitempty"`
	Paths  []catalog.Path  `json:"paths,omitempty"`
}

func (a *app) showCatalog(c *catalog.Catalog, market, what string) error {
	v := catalogView{Digest: c.Digest()}
	switch what {
	case "", "plans", "offers", "paths":
	default:
		return a.showOffer(c, market, what)
	}
	if what == "" || what == "plans" {
		v.Plans = keep(c.Plans(), func(p catalog.Plan) bool { return p.SoldIn(market) })
	}
	if what == "" || what == "offers" {
		v.Offers = keep(c.Offers(), func(o catalog.Offer) bool { return o.SoldIn(market) })
	}
	if what == "" || what == "paths" {
		v.Paths = keep(c.Paths(), func(p catalog.Path) bool { return p.OpenIn(market) })
	}
	return a.show(v, func(t *table) { catalogTable(t, v) })
}

func (a *app) showOffer(c *catalog.Catalog, market, name string) error {
	offer, near, ok := c.Resolve(name)
	if !ok {
		return usageError("there is no offer %q. %s", name, catalog.DidYouMean(near))
	}
	v := catalogView{Digest: c.Digest(), Offers: []catalog.Offer{offer}, Paths: c.PathsFrom(offer.ID, market)}
	return a.show(v, func(t *table) {
		offerTable(t, offer)
		t.line("")
		pathTable(t, v.Paths)
	})
}

func keep[T any](all []T, wanted func(T) bool) []T {
	var some []T
	for _, one := range all {
		if wanted(one) {
			some = append(some, one)
		}
	}
	return some
}

func catalogTable(t *table, v catalogView) {
	if len(v.Plans) > 0 {
		t.row("PLAN", "NAME", "LICENCE", "BUNDLED")
		for _, p := range v.Plans {
			t.row(string(p.ID), p.Name, string(p.Licence), strings.Join(words(p.Bundled), ", "))
		}
		t.line("")
	}
	if len(v.Offers) > 0 {
		t.row("OFFER", "NAME", "SEATS", "PART NUMBER", "SKU ID", "PRODUCT:SKU")
		for _, o := range v.Offers {
			t.row(string(o.ID), o.Name, seatLimits(o), o.SKUPartNumber, o.SKUID, o.ProductSKU)
		}
		t.line("")
	}
	if len(v.Paths) > 0 {
		pathTable(t, v.Paths)
		t.line("")
	}
	t.line("Catalogue " + v.Digest)
}

func pathTable(t *table, paths []catalog.Path) {
	t.row("FROM", "TO", "COMMERCE", "BY", "MARKETS")
	for _, p := range paths {
		markets := strings.Join(p.Markets, ",")
		if len(p.ExcludedMarkets) > 0 {
			markets += " not " + strings.Join(p.ExcludedMarkets, ",")
		}
		t.row(string(p.From), string(p.To), string(p.Commerce), strings.Join(words(p.Kinds), ", "), strings.TrimSpace(markets))
	}
}

func offerTable(t *table, o catalog.Offer) {
	t.row("Offer", string(o.ID))
	t.row("Name", o.Name)
	t.row("Family", string(o.Family))
	t.row("Seats", seatLimits(o))
	t.row("Part number", o.SKUPartNumber)
	t.row("SKU id", o.SKUID)
	t.row("Product:SKU", o.ProductSKU)
	t.row("Verified", string(o.Verified), o.Source)
	t.line("")
	t.row("SERVICE PLAN", "NAME", "CLASS", "ID")
	for _, p := range o.ServicePlans {
		t.row(p.Name, p.Friendly, string(p.Class), p.ID)
	}
}

func seatLimits(o catalog.Offer) string {
	if o.MaxSeats == 0 {
		return fmt.Sprintf("%d and more", max(o.MinSeats, 1))
	}
	return fmt.Sprintf("%d to %d", max(o.MinSeats, 1), o.MaxSeats)
}

func words[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = string(one)
	}
	return out
}
