package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// suggestions is how many near offers Resolve gives at most.
const suggestions = 3

// longest is the longest text, in bytes, for which near offers are looked for.
const longest = 200

// Resolve finds the offer that a person means: by id, skuId, product:sku, part number or name. What is exact goes first,
// since a part number of one offer can read like the name of another: Microsoft_365_E3 is not Microsoft 365 E3. Then
// blanks, punctuation and case are forgiven, and the usual short forms (M365 E3, Business Basic), as long as only one
// offer fits.
//
// When none fits, or several, near are those that may have been meant, the nearest first.
func (c *Catalog) Resolve(text string) (offer Offer, near []Offer, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Offer{}, nil, false
	}
	exact := []func(string) (Offer, bool){
		func(s string) (Offer, bool) { return c.Offer(OfferID(s)) },
		c.OfferBySKUID,
		c.OfferByProductSKU,
		c.first(func(o Offer) string { return o.SKUPartNumber }),
		c.first(func(o Offer) string { return o.Name }),
	}
	for _, find := range exact {
		if o, found := find(text); found {
			return o, nil, true
		}
	}
	if len(text) > longest {
		return Offer{}, nil, false
	}
	loose := plain(text)
	fitting := c.fitting(func(o Offer) bool { return slices.Contains(readings(o), loose) })
	if len(fitting) == 0 {
		fitting = c.fitting(func(o Offer) bool { return o.SKUPartNumber != "" && plain(o.SKUPartNumber) == loose })
	}
	if len(fitting) == 1 {
		return fitting[0], nil, true
	}
	if len(fitting) > 1 {
		return Offer{}, fitting[:min(len(fitting), suggestions)], false
	}
	return Offer{}, c.near(loose), false
}

// first finds the first offer by a text of it, in any case.
func (c *Catalog) first(of func(Offer) string) func(string) (Offer, bool) {
	return func(text string) (Offer, bool) {
		i := slices.IndexFunc(c.offers, func(o Offer) bool { return strings.EqualFold(of(o), text) })
		if i < 0 {
			return Offer{}, false
		}
		return c.offers[i].clone(), true
	}
}

// DidYouMean is a sentence for the offers that Resolve found near, or a hint where there are none.
func DidYouMean(near []Offer) string {
	names := make([]string, len(near))
	for i, o := range near {
		names[i] = fmt.Sprintf("%s (%s)", o.ID, o.Name)
	}
	if len(names) == 0 {
		return "Name an offer by its id, skuId, part number or product:sku."
	}
	return "Did you mean " + strings.Join(names, " or ") + "?"
}

func (c *Catalog) fitting(fits func(Offer) bool) []Offer {
	var all []Offer
	for _, o := range c.offers {
		if fits(o) {
			all = append(all, o.clone())
		}
	}
	return all
}

// readings are the ways to say an offer's id or name, all plain.
func readings(o Offer) []string {
	name := plain(o.Name)
	all := []string{plain(string(o.ID)), name}
	for _, brand := range []string{"microsoft365", "microsoft"} {
		if short, cut := strings.CutPrefix(name, brand); cut {
			all = append(all, short)
		}
	}
	// "E3" alone says not whether Office 365 or Microsoft 365 is meant.
	return slices.DeleteFunc(all, func(s string) bool { return len(s) < 4 })
}

// plain is a text in small letters and digits, with the usual short forms written out.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		case r == '+':
			return r
		}
		return -1
	}, text)
	for short, long := range map[string]string{"m365": "microsoft365", "o365": "office365"} {
		if rest, cut := strings.CutPrefix(text, short); cut {
			return long + rest
		}
	}
	return text
}

// near are the offers whose readings differ least from a text, and not by more than a third of it.
func (c *Catalog) near(text string) []Offer {
	type candidate struct {
		offer    Offer
		distance int
	}
	var all []candidate
	for _, o := range c.offers {
		best := len(text) + 1
		for _, reading := range append(readings(o), plain(o.SKUPartNumber)) {
			d := distance(text, reading)
			if strings.Contains(reading, text) {
				d = min(d, 1) // a part of a name is nearly as good as a typing mistake
			}
			best = min(best, d)
		}
		if best <= max(len(text)/3, 1) {
			all = append(all, candidate{o.clone(), best})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(len(a.offer.Name), len(b.offer.Name)))
	})
	offers := make([]Offer, 0, suggestions)
	for _, one := range all[:min(len(all), suggestions)] {
		offers = append(offers, one.offer)
	}
	return offers
}

// distance is Levenshtein's: how many letters to change, to add or to leave out.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
