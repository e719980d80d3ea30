package planning

import (
	"cmp"
	"slices"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// InventoryLines are a customer's subscriptions as the inventory has them, without what has been deleted: those of one offer
// stand together, in the order of their names. Each names the plans that it fits, since no plan may be recorded. The licences
// are those of the customer's tenant, with how many users hold each; nil: not known.
//
// Users hold an offer and no single subscription of it. Where there are several, they are counted into one after the other,
// and those beyond all seats, on seats of another channel, nowhere.
func InventoryLines(c *catalog.Catalog, subscriptions []upgrade.Subscription, licences []upgrade.TenantSKU) []upgrade.InventoryLine {
	f := Facts{Catalog: c, Subscriptions: subscriptions}
	left := map[string]int{}
	for _, l := range licences {
		left[strings.ToLower(l.SKUID)] = l.Consumed
	}
	held := heldOffers(f)
	lines := []upgrade.InventoryLine{}
	shown := f.where(func(s upgrade.Subscription) bool { return s.Status != "deleted" })
	slices.SortStableFunc(shown, func(a, b upgrade.Subscription) int { return cmp.Compare(rank(a), rank(b)) })
	for _, s := range shown {
		line := upgrade.InventoryLine{
			Subscription: s.ID, Name: s.Name, ProductSKU: s.ProductSKU, Seats: s.Seats, Used: -1, Status: s.Status, TermEnds: s.TermEnds,
		}
		if offer, ok := f.offerOf(s); ok {
			line.Offer, line.Inferred = string(offer.ID), inferred(c, s, offer, held)
			if licences != nil && offer.SKUID != "" {
				sku := strings.ToLower(offer.SKUID)
				line.Used = min(left[sku], max(s.Seats, 0))
				left[sku] -= line.Used
			}
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(a, b upgrade.InventoryLine) int {
		return strings.Compare(strings.ToLower(a.Name+a.Offer), strings.ToLower(b.Name+b.Offer))
	})
	return lines
}

// rank has users counted into the subscriptions first that can be worked with.
func rank(s upgrade.Subscription) int {
	if counts(s) {
		return 0
	}
	return 1
}

// heldOffers are the offers of which the customer has seats that can be worked with.
func heldOffers(f Facts) map[catalog.OfferID]bool {
	held := map[catalog.OfferID]bool{}
	for _, s := range f.Subscriptions {
		if offer, ok := f.offerOf(s); ok && counts(s) && s.Seats > 0 {
			held[offer.ID] = true
		}
	}
	return held
}

// inferred are the plans whose licence a subscription is, where the customer holds what they bundle as well. Several may fit: the
// bare licence, and the plans that it is the licence of.
func inferred(c *catalog.Catalog, s upgrade.Subscription, offer catalog.Offer, held map[catalog.OfferID]bool) []string {
	if s.AddOnOf != "" || s.Trial || s.Status != "active" && s.Status != "suspended" {
		return nil
	}
	var plans []string
	for _, p := range c.Plans() {
		fits := p.Licence == offer.ID
		for _, bundled := range p.Bundled {
			fits = fits && held[bundled]
		}
		if fits {
			plans = append(plans, string(p.ID))
		}
	}
	return plans
}
