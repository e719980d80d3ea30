package planning

import (
	"fmt"
	"slices"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// checkCustomer asks what Microsoft would refuse later. Without a customer there is nothing to plan.
func (m *maker) checkCustomer() bool {
	c := m.Customer
	if m.NoCustomer != "" {
		m.no("tenant", "customer_unknown", "check the tenant id, or send the customer a reseller invitation", "Partner Center does not list this tenant among the provider's customers")
		return false
	}
	if c.Relationship != "" && c.Relationship != "reseller" {
		m.no("tenant", "no_relationship", "send the customer a reseller invitation", "the customer's relationship is %q, not reseller", c.Relationship)
	}
	if !c.AgreementAccepted {
		m.no("tenant", "agreement_missing", "have the customer accept it, and confirm it in Partner Center", "the Microsoft Customer Agreement is not confirmed for this customer")
	}
	return true
}

// checkSubscriptions looks at every subscription that a step touches, and at every offer that the plan ends with.
func (m *maker) checkSubscriptions() {
	for _, line := range m.plan.Lines {
		if s, ok := m.touched[line.Subscription]; ok {
			m.checkSubscription(s)
		}
	}
	for _, t := range totals(m.Catalog, m.Order) {
		if offer, ok := m.offer(t.Offer); ok && t.Seats > 0 {
			m.checkLimits(offer, t.Seats)
		}
	}
}

func (m *maker) checkSubscription(s upgrade.Subscription) {
	if !s.Active() {
		m.no(s.ID, "source_not_active", "reactivate it in Partner Center, or order anew", "the subscription %s (%s) is %s", s.ID, s.Name, s.Status)
	}
	if s.Locked {
		m.no(s.ID, "source_locked", "wait until Microsoft has finished, at most a day, and order again", "Microsoft is still working on the subscription %s", s.ID)
	}
	if s.Trial {
		m.no(s.ID, "source_is_trial", "turn the trial into a paid subscription first", "the subscription %s is a trial", s.ID)
	}
	if left := s.TermEnds.Sub(m.Now); !s.TermEnds.IsZero() && left < m.RenewalDistance && left > -m.RenewalDistance {
		m.no(s.ID, "renewal_too_near", "order again a day after the renewal", "the subscription %s renews at %s, and Microsoft changes nothing around that", s.ID, s.TermEnds.Format(time.RFC3339))
	}
	for _, addOn := range m.Subscriptions {
		if m.leaves(s.ID) && addOn.AddOnOf == s.ID && addOn.Active() && addOn.Seats > 0 {
			m.no(s.ID, "add_ons_present", "end the add-on first", "the add-on %s (%s) hangs on the subscription", addOn.Name, addOn.ID)
		}
	}
}

// leaves tells whether a subscription becomes another offer, moves its seats, or ends.
func (m *maker) leaves(subscription string) bool {
	return slices.ContainsFunc(m.plan.Steps, func(s upgrade.Step) bool {
		return s.Subscription == subscription && (s.Work == upgrade.Transit || s.Work == upgrade.Release && s.To == 0)
	})
}

// checkLimits holds the total against the limits of the vendor and of the catalogue; the stricter counts, since Microsoft
// also limits what a tenant may hold of a family, which no SKU says.
func (m *maker) checkLimits(o catalog.Offer, seats int) {
	if !o.SoldIn(m.Market()) {
		m.no("market", "not_sold_in_market", "choose the market's own edition", "%s is not sold in %s", o.Name, m.Market())
	}
	least, most := o.MinSeats, o.MaxSeats
	if sku, ok := m.SKUs[string(o.ID)]; ok {
		least = max(least, sku.MinSeats)
		if sku.MaxSeats > 0 && (most == 0 || sku.MaxSeats < most) {
			most = sku.MaxSeats
		}
	}
	if seats < least || (most > 0 && seats > most) {
		remedy := "choose a number within the limits"
		if most > 0 && seats > most {
			remedy = "choose an enterprise offer, or fewer seats"
		}
		m.no("target", "seats_outside_limits", remedy, "%s is sold with %d to %s seats, not %d", o.Name, max(least, 1), mostWords(most), seats)
	}
	if len(m.goals) > 0 && m.goals[0].offer.ID == o.ID {
		m.checkSKU(o)
	}
}

// checkSKU refuses to go on where users could not be found or moved, since nobody knows what they hold.
func (m *maker) checkSKU(o catalog.Offer) {
	if m.skuOf(o) == "" {
		m.no("target", "sku_unknown", "add the offer's skuId to the catalogue file", "neither the catalogue nor Partner Center says what %s is called in the directory", o.Name)
	}
}

func mostWords(most int) string {
	if most == 0 {
		return "any number of"
	}
	return fmt.Sprint(most)
}
