package planning

import (
	"fmt"
	"time"

	"uplift/upgrade"
)

// giveBack gives back the seats of a source that move nowhere: today, as far as Microsoft takes them; the rest at the
// renewal, where the order says so. What users move away from is given back after they have moved.
func (m *maker) giveBack(s *source) {
	if s.rest == 0 || s.named && len(s.moves) == 0 {
		return // nothing goes, or nothing is made of a source that is named, which is said as such
	}
	rank := reversible
	if len(s.moves) > 0 {
		rank = afterUsers
	}
	today := min(m.releasable(s), s.rest)
	if today < s.rest && !m.residueAllowed() {
		m.windowClosed(s, today)
		return
	}
	ends := s.rest == s.left
	if ends && m.cancellable(s) {
		m.cancel(s)
		return
	}
	if today > 0 {
		m.release(s, rank, today)
	}
	if s.rest > 0 {
		m.leaveUntilRenewal(s, rank)
	}
}

// releasable is how many seats of a source could be given back today.
func (m *maker) releasable(s *source) int {
	if m.cancellable(s) && s.ends {
		return s.sub.Seats
	}
	open, _ := s.sub.ReturnableAt(m.Now)
	if !s.sub.NewCommerce {
		open = s.sub.Seats
	}
	return min(open, s.sub.Seats-1) // a quantity is never zero
}

func (m *maker) residueAllowed() bool { return m.Order.Residue == upgrade.ResidueAtRenewal }

// cancellable tells whether the subscription as a whole is in its cancellation window.
func (m *maker) cancellable(s *source) bool {
	return s.sub.NewCommerce && s.sub.CancelUntil.After(m.Now)
}

func (m *maker) windowClosed(s *source, today int) {
	m.plan.Reasons = append(m.plan.Reasons, s.instead...)
	m.no("target", "window_closed", fmt.Sprintf(`order with "residue": "at-renewal" to end them at %s, or keep the seats`, s.sub.TermEnds.Format(time.DateOnly)),
		"Microsoft takes back %d of %s of %s today", today, upgrade.Seats(s.rest), s.offer.Name)
}

// cancel ends a subscription inside its window. It cannot be undone, so it comes last.
func (m *maker) cancel(s *source) {
	m.add(afterUsers, m.sourceStep("cancel", s), upgrade.Step{
		Work: upgrade.Release, Subscription: s.sub.ID, Offer: string(s.offer.ID), ProductSKU: s.sub.ProductSKU, SKU: m.skuOf(s.offer), From: s.left, To: 0,
		Words: fmt.Sprintf("Cancel the subscription of %s with %s, inside its window until %s", s.offer.Name, upgrade.Seats(s.left), s.sub.CancelUntil.Format(time.DateOnly)),
	})
	s.left, s.rest = 0, 0
}

// release lowers the quantity by what can be given back today.
func (m *maker) release(s *source, rank, seats int) {
	step := upgrade.Step{Subscription: s.sub.ID, Offer: string(s.offer.ID), ProductSKU: s.sub.ProductSKU, SKU: m.skuOf(s.offer), From: s.left, To: s.left - seats}
	if rank == afterUsers {
		step.Was = renewalOf(s.sub)
		step.Work, step.Words = upgrade.Release, fmt.Sprintf("Give back %d of %s of %s, after the users have moved", seats, upgrade.Seats(s.left), s.offer.Name)
		m.add(rank, m.sourceStep("release", s), step)
	} else {
		m.resizeStep(rank, step, s.offer)
	}
	s.left -= seats
	s.rest -= seats
}

// leaveUntilRenewal lets the rest go at the renewal: fewer seats then, or none.
func (m *maker) leaveUntilRenewal(s *source, rank int) {
	to := s.left - s.rest
	date := s.sub.TermEnds
	step := upgrade.Step{
		Work: upgrade.AtRenewal, Subscription: s.sub.ID, Offer: string(s.offer.ID), ProductSKU: s.sub.ProductSKU, SKU: m.skuOf(s.offer),
		From: s.left, To: to, AutoRenew: to > 0, Was: renewalOf(s.sub), Date: &date, CatalogItem: s.sub.CatalogItem, Term: s.sub.Term, BillingCycle: s.sub.BillingCycle,
		Words: fmt.Sprintf("Renew %s on %s with %d instead of %s", s.offer.Name, date.Format(time.DateOnly), to, upgrade.Seats(s.left)),
	}
	if to == 0 {
		step.Words = fmt.Sprintf("Let the subscription of %s with %s end on %s", s.offer.Name, upgrade.Seats(s.left), date.Format(time.DateOnly))
	}
	if !s.sub.NewCommerce {
		m.no("target", "source_is_legacy", "move it to new commerce first", "nothing can be scheduled for the renewal of the traditional subscription %s", s.sub.ID)
	}
	m.add(rank, m.sourceStep("at-renewal", s), step)
	m.plan.Residue = append(m.plan.Residue, upgrade.Residual{Subscription: s.sub.ID, Offer: string(s.offer.ID), Name: s.offer.Name, Seats: s.rest, Until: date})
	m.why("Microsoft takes seats back only inside their own window of seven days; what is left ends at the renewal.")
	s.rest = 0
}

func (m *maker) sourceStep(base string, s *source) string {
	if len(m.sources) > 1 || len(m.goals) > 1 {
		return base + "-" + string(s.offer.ID)
	}
	return base
}

func renewalOf(s upgrade.Subscription) *upgrade.RenewalState {
	return &upgrade.RenewalState{AutoRenew: s.AutoRenew, Scheduled: s.Scheduled}
}

// atRenewal lets a subscription become a smaller offer at its renewal, which is the only time at which Microsoft allows it. It
// is all or nothing: a subscription does not split then.
func (m *maker) atRenewal(s *source, v move) {
	g := v.goal
	date := s.sub.TermEnds
	t, listed := m.targetAmong(m.RenewalTargets[s.sub.ID], g.offer)
	seats := v.seats + g.need
	g.need, s.rest = 0, 0 // carried out at the renewal, or a reason tells why not
	switch {
	case !m.residueAllowed():
		m.no("target", "only_at_renewal", fmt.Sprintf(`order with "residue": "at-renewal"; the present licences then stay until %s`, date.Format(time.DateOnly)),
			"going down from %s to %s is possible only at the renewal on %s", s.offer.Name, g.offer.Name, date.Format(time.DateOnly))
		return
	case !s.ends || len(s.moves) > 1 || len(g.held) > 0:
		m.no("target", "part_at_renewal", "order the whole subscription, and no existing target", "at its renewal a subscription becomes another offer as a whole, and a new one of that")
		return
	case !listed:
		m.no("target", "microsoft_not_listed", "choose another target, or look at the subscription in Partner Center", "Microsoft does not list %s among what this subscription may become at its renewal", g.offer.Name)
		return
	}
	m.add(reversible, m.sourceStep("at-renewal", s), upgrade.Step{
		Work: upgrade.AtRenewal, Subscription: s.sub.ID, Offer: string(s.offer.ID), ToOffer: string(g.offer.ID), ProductSKU: s.sub.ProductSKU, ToProductSKU: t.ProductSKU,
		SKU: m.skuOf(s.offer), ToSKU: m.skuOf(g.offer), From: s.left, To: seats, AutoRenew: true, Was: renewalOf(s.sub), Date: &date, CatalogItem: t.CatalogItem,
		Term: s.sub.Term, BillingCycle: s.sub.BillingCycle,
		Words: fmt.Sprintf("Renew %s ×%d on %s as %s ×%d", s.offer.Name, s.left, date.Format(time.DateOnly), g.offer.Name, seats),
	})
	m.why(fmt.Sprintf("Microsoft allows the step from %s to %s only at the renewal.", s.offer.Name, g.offer.Name))
	g.subscription, g.now = s.sub.ID, seats
	if m.Order.Licenses.Who == upgrade.Nobody {
		m.plan.Residue = append(m.plan.Residue, upgrade.Residual{Subscription: s.sub.ID, Offer: string(s.offer.ID), Name: s.offer.Name, Seats: s.left, Until: date})
	}
}
