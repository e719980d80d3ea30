package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// offers checks the offers and returns them by id.
func (k *checker) offers(offers []fileOffer) map[OfferID]fileOffer {
	byID := map[OfferID]fileOffer{}
	names, guids, parts, products := map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	if len(offers) == 0 {
		k.add("offers", "too_few", "a catalogue without offers is of no use", "describe an offer")
	}
	for i, o := range offers {
		at := fmt.Sprintf("offers[%d]", i)
		k.slug(at+".id", string(o.ID))
		if first, again := byID[o.ID]; again && o.ID != "" {
			k.add(at+".id", "duplicate_id", fmt.Sprintf("%q is already the id of %s", o.ID, first.Name), "keep one of them")
		}
		byID[o.ID] = o
		k.required(at+".name", o.Name)
		k.unique(at+".name", "duplicate_name", strings.ToLower(o.Name), at, names)
		k.unique(at+".skuId", "duplicate_guid", o.SKUID, at, guids)
		k.unique(at+".skuPartNumber", "duplicate_part_number", strings.ToLower(o.SKUPartNumber), at, parts)
		k.identity(at, o)
		k.product(at+".productSku", o.ProductSKU, at, products)
		for j, other := range o.OtherProductSKUs {
			k.product(fmt.Sprintf("%s.otherProductSkus[%d]", at, j), other, at, products)
		}
		oneOf(k, at+".family", o.Family, families)
		oneOf(k, at+".edition", o.Edition, editions)
		if o.MaxSeats > 0 && o.MinSeats > o.MaxSeats {
			k.add(at+".minSeats", "bad_limits", fmt.Sprintf("the minimum of %d seats is above the maximum of %d", o.MinSeats, o.MaxSeats), "mend one of them")
		}
		if o.MinSeats < 0 || o.MaxSeats < 0 {
			k.add(at+".minSeats", "bad_limits", "seats are not negative", "give 0 for no limit")
		}
		k.markets(at, o.Markets, o.ExcludedMarkets)
		k.references(at+".servicePlans", o.ServicePlans)
		k.references(at+".requires", o.Requires)
		if len(o.Requires) > 0 && !o.AddOn {
			k.add(at+".requires", "not_an_add_on", "only an add-on requires service plans of another licence", "write \"addOn\": true, or remove the list")
		}
		k.evidence(at, o.Verified, o.Source)
	}
	return byID
}

// identity checks that an offer has all of its SKU, or says that it is not known.
func (k *checker) identity(at string, o fileOffer) {
	if o.SKUID == "" {
		if o.Verified != Unverified {
			k.add(at+".skuId", "missing", "only an unverified offer may have no skuId", "give the skuId, or write \"verified\": \"unverified\"")
		}
		return
	}
	k.guid(at+".skuId", o.SKUID)
	k.required(at+".skuPartNumber", o.SKUPartNumber)
	if len(o.ServicePlans) == 0 {
		k.add(at+".servicePlans", "missing", "a SKU has service plans", "name them")
	}
}

func (k *checker) product(path, id, owner string, seen map[string]string) {
	if id == "" && strings.HasSuffix(path, ".productSku") {
		return
	}
	if !productSKU.MatchString(id) {
		k.add(path, "bad_product_sku", fmt.Sprintf("%q is not a product:sku of Partner Center", id), "write it as CFQ7TTC0LH18:0001, without availability")
	}
	k.unique(path, "duplicate_product_sku", id, owner, seen)
}

func (k *checker) plans(plans []Plan, offers map[OfferID]fileOffer) {
	seen, names := map[string]string{}, map[string]string{}
	for i, p := range plans {
		at := fmt.Sprintf("plans[%d]", i)
		k.slug(at+".id", string(p.ID))
		k.unique(at+".id", "duplicate_id", string(p.ID), at, seen)
		k.required(at+".name", p.Name)
		k.unique(at+".name", "duplicate_name", strings.ToLower(p.Name), at, names)
		k.offerReference(at+".licence", p.Licence, offers)
		if offers[p.Licence].AddOn {
			k.add(at+".licence", "add_on_as_licence", fmt.Sprintf("%s is an add-on", p.Licence), "bundle it with a licence")
		}
		k.markets(at, p.Markets, nil)
		k.sold(at, p, offers)
		within := map[string]string{string(p.Licence): at + ".licence"}
		for j, id := range p.Bundled {
			place := fmt.Sprintf("%s.bundled[%d]", at, j)
			k.offerReference(place, id, offers)
			k.unique(place, "duplicate_reference", string(id), place, within)
			k.bundle(place, offers[id], p, offers)
		}
	}
}

// bundle checks that an add-on finds in its plan what it requires.
func (k *checker) bundle(place string, addOn fileOffer, p Plan, offers map[OfferID]fileOffer) {
	if len(addOn.Requires) == 0 || offers[p.Licence].SKUID == "" {
		return // nothing is required, or the licence's service plans are not known
	}
	for _, id := range p.Offers() {
		for _, name := range addOn.Requires {
			if id != addOn.ID && slices.Contains(offers[id].ServicePlans, name) {
				return
			}
		}
	}
	k.add(place, "requirement_missing", fmt.Sprintf("nothing in the plan contains one of: %s", strings.Join(addOn.Requires, ", ")), "bundle an offer that does")
}

// sold checks that every offer of a plan is sold where the plan is.
func (k *checker) sold(at string, p Plan, offers map[OfferID]fileOffer) {
	for i, market := range p.Markets {
		for _, id := range p.Offers() {
			o, known := offers[id]
			if known && !inMarket(market, o.Markets, o.ExcludedMarkets) {
				k.add(fmt.Sprintf("%s.markets[%d]", at, i), "not_sold_there", fmt.Sprintf("%s is not sold in %s", id, market), "remove the market")
			}
		}
	}
	if o := offers[p.Licence]; len(p.Markets) == 0 && len(o.Markets) > 0 {
		k.add(at+".markets", "not_sold_there", fmt.Sprintf("%s is not sold everywhere", p.Licence), "name the plan's markets")
	}
}

func (k *checker) paths(paths []Path, offers map[OfferID]fileOffer) {
	seen := map[string]string{}
	for i, p := range paths {
		at := fmt.Sprintf("paths[%d]", i)
		k.offerReference(at+".from", p.From, offers)
		k.offerReference(at+".to", p.To, offers)
		if p.From == p.To {
			k.add(at+".to", "self_reference", fmt.Sprintf("the path leads from %s to itself", p.From), "name another offer; more seats of the same are no path")
		}
		k.unique(at, "duplicate_path", fmt.Sprintf("%s → %s (%s)", p.From, p.To, p.Commerce), at, seen)
		oneOf(k, at+".commerce", p.Commerce, commerces)
		if len(p.Kinds) == 0 {
			k.add(at+".kinds", "missing", "by no kind of work, this is no path", "name one")
		}
		twice := map[string]string{}
		for j, kind := range p.Kinds {
			place := fmt.Sprintf("%s.kinds[%d]", at, j)
			oneOf(k, place, kind, kinds)
			k.unique(place, "duplicate_reference", string(kind), at, twice)
		}
		k.markets(at, p.Markets, p.ExcludedMarkets)
		k.evidence(at, p.Verified, p.Source)
	}
}

func (k *checker) offerReference(path string, id OfferID, offers map[OfferID]fileOffer) {
	if _, known := offers[id]; !known {
		k.add(path, "unknown_reference", fmt.Sprintf("there is no offer %q", id), "describe it under offers, or mend the id")
	}
}
