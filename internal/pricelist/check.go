package pricelist

import (
	"fmt"
	"regexp"
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// maxNamed bounds how many problems one answer names.
const maxNamed = 200

// maxMinor bounds a price, in minor units, so that no total overflows.
const maxMinor = 10_000_000_000

var (
	marketForm   = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

// cycles are the billing cycles of each term.
var cycles = map[string][]string{
	"P1M": {"monthly"},
	"P1Y": {"monthly", "annual"},
	"P3Y": {"monthly", "annual", "triennial"},
}

// Decode reads a list as JSON, strictly, and says everything that is wrong with it, by the rows' places in it. Whoever stores
// a list asks it, since one may come from any Temporal client.
func Decode(data []byte, c *catalog.Catalog) (upgrade.PriceList, upgrade.Problems) {
	var list upgrade.PriceList
	ps := upgrade.DecodeStrict(data, &list)
	if len(ps) == 0 {
		ps = check(list.Prices, c, func(i int) string { return fmt.Sprintf("prices[%d]", i) })
	}
	return list, bounded(ps)
}

func check(list []upgrade.Price, c *catalog.Catalog, at func(int) string) upgrade.Problems {
	var ps upgrade.Problems
	if len(list) > upgrade.MaxPrices {
		ps.Add("", "too_many_prices", fmt.Sprintf("the list has %d rows; at most %d are taken", len(list), upgrade.MaxPrices), "leave out what is not sold")
		return ps
	}
	if len(list) == 0 {
		ps.Add("", "no_prices", "the list has no rows, and would take all prices away", "write for example "+example)
	}
	seen := map[upgrade.Price]int{}
	currencies := map[string]int{} // the first row of each market
	for i, p := range list {
		form(p, c, at(i), &ps)
		key := p
		key.Currency, key.Minor = "", 0
		if other, twice := seen[key]; twice {
			ps.Add(at(i), "price_twice", "this offer, market, term and billing cycle stand in "+at(other)+" already", "keep one of them")
		} else {
			seen[key] = i
		}
		if other, ok := currencies[p.Market]; ok && list[other].Currency != p.Currency {
			ps.Add(at(i), "several_currencies", fmt.Sprintf("%s is priced in %s here and in %s in %s", marketWords(p.Market), p.Currency, list[other].Currency, at(other)), "price a market in one currency")
		} else if !ok {
			currencies[p.Market] = i
		}
	}
	return ps
}

// form looks at one row.
func form(p upgrade.Price, c *catalog.Catalog, at string, ps *upgrade.Problems) {
	if _, ok := c.Offer(catalog.OfferID(p.Offer)); !ok {
		_, near, _ := c.Resolve(p.Offer)
		ps.Add(at, "unknown_offer", fmt.Sprintf("there is no offer %q", p.Offer), catalog.DidYouMean(near))
	}
	if p.Market != "" && !marketForm.MatchString(p.Market) {
		ps.Add(at, "bad_market", fmt.Sprintf("%q is no country", p.Market), "write two capital letters, such as GB, or nothing for everywhere")
	}
	switch fits, ok := cycles[p.Term]; {
	case !ok:
		ps.Add(at, "bad_term", fmt.Sprintf("%q is no term", p.Term), "write P1M, P1Y or P3Y")
	case !slices.Contains(fits, p.BillingCycle):
		ps.Add(at, "bad_billing_cycle", fmt.Sprintf("the term %s is not billed %q", p.Term, p.BillingCycle), fmt.Sprintf("choose one of %v", fits))
	}
	if !currencyForm.MatchString(p.Currency) {
		ps.Add(at, "bad_currency", fmt.Sprintf("%q is no currency", p.Currency), "write its three capital letters, such as EUR")
	}
	if p.Minor < 0 || p.Minor > maxMinor {
		ps.Add(at, "bad_price", fmt.Sprintf("the price %d is outside what is taken", p.Minor), fmt.Sprintf("give 0 to %d, in the currency's minor unit", int64(maxMinor)))
	}
}

func marketWords(market string) string {
	if market == "" {
		return "everywhere"
	}
	return market
}

// bounded keeps an answer to a size that can be read, and be sent.
func bounded(ps upgrade.Problems) upgrade.Problems {
	if len(ps) <= maxNamed {
		return ps
	}
	rest := len(ps) - maxNamed
	ps = ps[:maxNamed:maxNamed]
	ps.Add("", "more_problems", fmt.Sprintf("%d more problems are not listed", rest), "correct these first")
	return ps
}
