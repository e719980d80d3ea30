package planning

import (
	"fmt"
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// transition makes the one subscription that fits become the offer: seats that are too many are given back before it,
// seats that are missing are added after it.
func (m *maker) transition(at string, to catalog.Offer, seats int) {
	candidates := m.candidates()
	asleep := m.asleep(to.ID)
	switch {
	case len(m.Order.Sources) > 0 && len(candidates) != 1:
		return // said by checkSources
	case len(candidates) == 0 && len(asleep) > 0:
		m.touched[asleep[0].ID] = asleep[0] // what is wrong with it is said with the subscription
		m.resize(asleep[0], to, asleep[0].Seats, seats)
		return
	case len(candidates) == 0 && m.downgradeTo(to) != "":
		m.notOffered(at, "going down from %s to %s at the renewal is not carried out by this version", m.downgradeTo(to), to.Name)
		return
	case len(candidates) == 0:
		m.notOffered(at, "buying %s anew (replace) is not carried out by this version, and no subscription fits that could become it", to.Name)
		m.noteLegacy()
		return
	case len(candidates) > 1:
		m.no("sources", "source_ambiguous", "name one of them in sources", "several subscriptions could become %s: %s", to.Name, list(candidates))
		return
	}
	source := candidates[0]
	m.touched[source.ID] = source
	from, ok := m.offerOf(source)
	if !ok || source.Seats == 0 || source.AddOnOf != "" {
		return // said by checkSources, or with the subscription
	}
	m.source, m.from, m.to = &source, from, to
	moving := min(source.Seats, seats)
	if moving < source.Seats {
		m.resize(source, from, source.Seats, moving)
		m.why("Seats are given back before the transition, while that can still be undone.")
	}
	m.add(upgrade.Step{
		ID: "transition", Work: upgrade.Transit, Subscription: source.ID,
		Offer: string(from.ID), ToOffer: string(to.ID), ProductSKU: source.ProductSKU, ToProductSKU: to.ProductSKU,
		SKU: m.skuOf(from), ToSKU: m.skuOf(to), From: moving, To: moving,
		Words: fmt.Sprintf("Move all %d seats of %s to %s", moving, from.Name, to.Name),
	})
	m.why(fmt.Sprintf("%s is not held yet and Microsoft can turn %s into it, which keeps the subscription and its term.", to.Name, from.Name))
	m.chooseType(to)
	if seats > moving {
		m.resizeStep(source.ID, to, m.plan.Steps[len(m.plan.Steps)-1].ToProductSKU, moving, seats)
		m.why("A transition cannot raise the quantity, so the seats are raised after it.")
	}
}

// chooseType prefers Microsoft's own licence transfer where there are users to move and Microsoft says that it may.
func (m *maker) chooseType(to catalog.Offer) {
	step := &m.plan.Steps[len(m.plan.Steps)-1]
	step.Transition = upgrade.TransitionOnly
	said := m.Targets[step.Subscription]
	if len(said) == 0 {
		m.no("sources", "microsoft_not_eligible", "look at the subscription in Partner Center", "Microsoft lists nothing that this subscription may become")
		return
	}
	t, ok := m.targetAmong(said, to)
	if !ok {
		m.no("target", "microsoft_not_listed", "choose another target, or look at the subscription in Partner Center", "Microsoft does not list %s among what this subscription may become", to.Name)
		return
	}
	step.CatalogItem, step.ToProductSKU = t.CatalogItem, t.ProductSKU
	with, only := t.Choice(upgrade.TransitionWithLicenses), t.Choice(upgrade.TransitionOnly)
	switch {
	case with.Eligible && m.Order.Licenses.Who != upgrade.Nobody:
		step.Transition = upgrade.TransitionWithLicenses
		step.Words += "; Microsoft moves the licences, and we repair what it forgets"
	case only.Eligible:
		step.Words += "; we move the licences"
	default:
		m.microsoftSaysNo(to, only.Reasons, with.Reasons)
	}
	if t.Seats > 0 && t.Seats < step.From {
		m.no("target", "microsoft_fewer_seats", "look at the subscription in Partner Center", "Microsoft lets only %d of the %d seats move", t.Seats, step.From)
	}
}

// targetAmong finds the offer among what Microsoft lists. It may stand there several times, with other availabilities or
// under an older id: what may be done goes first.
func (m *maker) targetAmong(said []upgrade.TransitionTarget, to catalog.Offer) (upgrade.TransitionTarget, bool) {
	var found []upgrade.TransitionTarget
	for _, t := range said {
		if offer, ok := m.Catalog.OfferByProductSKU(t.ProductSKU); !ok || offer.ID != to.ID {
			continue
		}
		if t.Choice(upgrade.TransitionWithLicenses).Eligible || t.Choice(upgrade.TransitionOnly).Eligible {
			return t, true
		}
		found = append(found, t)
	}
	if len(found) == 0 {
		return upgrade.TransitionTarget{}, false
	}
	return found[0], true
}

// microsoftSaysNo gives every reason once, although Microsoft often gives the same for both types.
func (m *maker) microsoftSaysNo(to catalog.Offer, said ...upgrade.Problems) {
	seen := map[string]bool{}
	for _, s := range slices.Concat(said...) {
		if key := s.Code + s.Message; !seen[key] {
			seen[key] = true
			m.no("target", "microsoft_not_eligible", s.Remedy, "Microsoft does not let this subscription become %s: %s (%s)", to.Name, s.Message, s.Code)
		}
	}
	if len(seen) == 0 {
		m.no("target", "microsoft_not_eligible", "look at the subscription in Partner Center", "Microsoft does not let this subscription become %s and gives no reason", to.Name)
	}
}

// downgradeTo names an offer that the customer holds and from which the target is reached only at the renewal.
func (m *maker) downgradeTo(to catalog.Offer) string {
	for _, s := range m.where(counts) {
		from, ok := m.offerOf(s)
		if !ok {
			continue
		}
		if path, err := m.Catalog.Path(from.ID, to.ID, m.Market()); err == nil && !path.Upward() {
			return from.Name
		}
	}
	return ""
}

// noteLegacy names what may be the reason why nothing fits.
func (m *maker) noteLegacy() {
	for _, s := range m.where(counts) {
		if !s.NewCommerce {
			m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("The subscription %s (%s) is not in new commerce, so it cannot become anything.", s.ID, s.Name))
		}
	}
}
