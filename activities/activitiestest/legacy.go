package activitiestest

import (
	"context"
	"fmt"
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// AddLegacy gives the customer a traditional subscription: it has an offer id in the place of a product.
func (w *World) AddLegacy(c *Customer, offer string, seats int) string {
	id := w.AddSubscription(c, offer, seats)
	w.mu.Lock()
	defer w.mu.Unlock()
	s := c.find(id)
	s.NewCommerce, s.ProductSKU, s.CatalogItem = false, "", legacyID(offer)
	return id
}

func legacyID(offer string) string { return upgrade.UUID("legacy offer", offer) }

// LegacyUpgrades lists what the catalogue's traditional paths allow.
func (c Commerce) LegacyUpgrades(_ context.Context, tenant, id string) (out []upgrade.TransitionTarget, err error) {
	end, err := c.w.begin("Commerce.LegacyUpgrades")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	s, err := c.find(tenant, id)
	if err != nil || s.NewCommerce || !s.Active() {
		return nil, err
	}
	from, _ := c.w.offer(s)
	for _, p := range c.w.Catalog.PathsFrom(from.ID, "") {
		if to, ok := c.w.Catalog.Offer(p.To); ok && p.Commerce == catalog.Legacy {
			out = append(out, upgrade.TransitionTarget{CatalogItem: legacyID(string(to.ID)), Title: to.Name, Seats: s.Seats, Legacy: true,
				Types: []upgrade.TransitionChoice{choice(upgrade.TransitionOnly, ""), choice(upgrade.TransitionWithLicenses, "")}})
		}
	}
	return out, nil
}

// StartLegacyUpgrade makes a new subscription of all seats at once, and ends the old one.
func (c Commerce) StartLegacyUpgrade(_ context.Context, id upgrade.WriteID, tenant, subscriptionID, targetOffer string, transfer bool) (became string, err error) {
	c.w.asked("Commerce.StartLegacyUpgrade", id)
	end, err := c.w.begin("Commerce.StartLegacyUpgrade")
	if err != nil {
		return "", err
	}
	defer end(&err)
	customer, err := c.customer(tenant)
	if err != nil {
		return "", err
	}
	s, err := c.find(tenant, subscriptionID)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(c.w.Catalog.Offers(), func(o catalog.Offer) bool { return legacyID(string(o.ID)) == targetOffer })
	if at < 0 || s.NewCommerce || !s.Active() {
		return "", refused("2006", "the offer does not allow this")
	}
	from, _ := c.w.offer(s)
	to := c.w.Catalog.Offers()[at]
	next := &subscription{Subscription: s.copy(), shownSeats: s.Seats, shownSKU: to.SKUID}
	next.ID, next.CatalogItem, next.Name = upgrade.UUID("upgraded", s.ID, targetOffer), targetOffer, to.Name
	s.Status, s.shownSeats = "deleted", 0
	customer.subscriptions = append(customer.subscriptions, next)
	c.w.note(fmt.Sprintf("traditional upgrade %s to %s", s.ID, to.ID))
	for _, u := range customer.users {
		held := slices.IndexFunc(u.Licenses, func(l upgrade.License) bool { return l.SKUID == from.SKUID })
		if transfer && held >= 0 {
			u.Licenses[held] = upgrade.License{SKUID: to.SKUID} // what was switched off is on again
		}
	}
	return next.ID, nil
}
