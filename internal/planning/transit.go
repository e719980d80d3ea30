package planning

import (
	"fmt"
	"slices"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// transition moves seats of a source to a goal: all that are left, a part, or into a subscription of the goal's that is
// there already. Where Microsoft does not list the step, it is replaced.
func (m *maker) transition(s *source, v move) {
	g, all := v.goal, v.seats == s.left
	if !s.sub.NewCommerce {
		m.legacyUpgrade(s, v, all)
		return
	}
	t, ok := m.listed(s, g)
	if !ok {
		return
	}
	if t.CatalogItem == "" {
		m.replace(s, v)
		return
	}
	step := upgrade.Step{
		Work: upgrade.Transit, Subscription: s.sub.ID, Offer: string(s.offer.ID), ToOffer: string(g.offer.ID), ProductSKU: s.sub.ProductSKU,
		ToProductSKU: t.ProductSKU, SKU: m.skuOf(s.offer), ToSKU: m.skuOf(g.offer), From: s.left, To: v.seats, CatalogItem: t.CatalogItem,
	}
	if !all {
		step.Moved = v.seats
	}
	into := m.intoOf(s, g, t)
	switch {
	case into != nil:
		step.Into, step.To = into.ID, into.Seats+v.seats
		m.touched[into.ID] = *into
	case len(g.held) > 0 && m.canReplace(s, g):
		m.replaceInto(s, v)
		return
	case len(g.held) > 0:
		m.plan.Reasons = append(m.plan.Reasons, s.instead...)
		return
	}
	m.chooseType(&step, t, all && into == nil)
	if t.Seats > 0 && t.Seats < v.seats {
		m.no("target", "microsoft_fewer_seats", "look at the subscription in Partner Center", "Microsoft lets only %d of %s move", t.Seats, upgrade.Seats(v.seats))
	}
	m.addTransition(s, v, step)
}

// addTransition says what moves, and where the goal's seats are from then on.
func (m *maker) addTransition(s *source, v move, step upgrade.Step) {
	g := v.goal
	switch {
	case step.Into != "":
		step.Words = fmt.Sprintf("Move %s of %s into the existing subscription of %s, which then has %d", seatsWords(v.seats, step.Moved == 0), s.offer.Name, g.offer.Name, step.To) + step.Words
		m.why(fmt.Sprintf("%s is held already, and Microsoft can move the seats of %s into it.", g.offer.Name, s.offer.Name))
	case step.Moved > 0:
		step.Words = fmt.Sprintf("Move %d of %s of %s to a new subscription of %s", v.seats, upgrade.Seats(step.From), s.offer.Name, g.offer.Name) + step.Words
		m.why(fmt.Sprintf("Microsoft can move a part of %s to %s, in a new subscription with the same term.", s.offer.Name, g.offer.Name))
	default:
		step.Words = fmt.Sprintf("Move %s of %s to %s", seatsWords(v.seats, true), s.offer.Name, g.offer.Name) + step.Words
		m.why(fmt.Sprintf("%s is not held yet and Microsoft can turn %s into it, which keeps the subscription and its term.", g.offer.Name, s.offer.Name))
	}
	id := m.add(forward, "transition", step)
	s.left -= v.seats
	g.product = step.ToProductSKU
	switch {
	case step.Into != "":
		g.subscription, g.now = step.Into, step.To
	case step.Moved > 0 || step.Legacy:
		g.subscription, g.step, g.now = "", id, step.To
	default:
		g.subscription, g.now = s.sub.ID, step.To
	}
}

func seatsWords(seats int, all bool) string {
	switch {
	case all && seats == 1:
		return "the only seat"
	case all:
		return "all " + upgrade.Seats(seats)
	}
	return upgrade.Seats(seats)
}

// listed finds Microsoft's word on the step. A target that Microsoft does not list among others may still be replaced: it is
// answered without a catalogue item. Where it may not, the second answer is false and the reasons are said. What Microsoft
// refuses stays in the plan as a step, so that everything that speaks against it is found at once.
func (m *maker) listed(s *source, g *goal) (upgrade.TransitionTarget, bool) {
	said := m.Targets[s.sub.ID]
	if len(said) == 0 {
		m.no("sources", "microsoft_not_eligible", "look at the subscription in Partner Center", "Microsoft lists nothing that this subscription may become")
		return upgrade.TransitionTarget{ProductSKU: g.offer.ProductSKU, CatalogItem: g.offer.ProductSKU}, true // so that the plan can say everything else
	}
	t, ok := m.targetAmong(said, g.offer)
	if ok {
		with, only := t.Choice(upgrade.TransitionWithLicenses), t.Choice(upgrade.TransitionOnly)
		if with.Eligible || only.Eligible {
			return t, true
		}
		m.microsoftSaysNo(g.offer, only.Reasons, with.Reasons)
		return t, true
	}
	s.instead.Add("target", "microsoft_not_listed", fmt.Sprintf("Microsoft does not list %s among what this subscription may become", g.offer.Name), "choose another target, or look at the subscription in Partner Center")
	if !m.canReplace(s, g) {
		m.plan.Reasons = append(m.plan.Reasons, s.instead...)
		return t, false
	}
	return upgrade.TransitionTarget{}, true
}

// canReplace tells whether the catalogue lets the target be bought instead, and the source be given back.
func (m *maker) canReplace(s *source, g *goal) bool {
	path, err := m.Catalog.Path(s.offer.ID, g.offer.ID, m.Market())
	return err == nil && path.Allows(catalog.Replace) && s.sub.NewCommerce && (m.residueAllowed() || m.releasable(s) >= s.gives)
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

// intoOf is the subscription of the goal's offer that the seats can move into, by Microsoft's word and by what the page says
// of its conditions: active, outside its own cancellation window, its term neither shorter nor ending earlier. Why none can
// be is kept with the source.
func (m *maker) intoOf(s *source, g *goal, t upgrade.TransitionTarget) *upgrade.Subscription {
	for i, held := range g.held {
		if len(g.held) > 1 && slices.ContainsFunc(g.held, m.named) && !m.named(held) {
			continue
		}
		if no := m.notInto(s, held, t); no != "" {
			s.instead.Add("target", "target_not_ready", fmt.Sprintf("seats of %s cannot move into the subscription %s of %s: %s", s.offer.Name, held.ID, g.offer.Name, no),
				"wait until that has passed, or order the seats beside the existing ones")
			continue
		}
		return &g.held[i]
	}
	return nil
}

func (m *maker) notInto(s *source, held upgrade.Subscription, t upgrade.TransitionTarget) string {
	if said, ok := t.IntoOf(held.ID); ok && !said.Eligible {
		if len(said.Reasons) > 0 {
			return said.Reasons[0].Message
		}
		return "Microsoft says that it is not eligible"
	}
	switch {
	case !held.Active():
		return "it is " + held.Status
	case held.CancelUntil.After(m.Now):
		return "it can still be cancelled, until " + held.CancelUntil.Format(time.DateOnly)
	case months(held.Term) < months(s.sub.Term):
		return "its term is shorter"
	case held.TermEnds.Before(s.sub.TermEnds):
		return "its term ends earlier"
	}
	return ""
}

// months is the length of a term, 0 where it is not known.
func months(term string) int {
	return map[string]int{"P1M": 1, "P1Y": 12, "P3Y": 36}[term]
}

// chooseType prefers Microsoft's own licence transfer where there are users to move and Microsoft says that it may.
func (m *maker) chooseType(step *upgrade.Step, t upgrade.TransitionTarget, full bool) {
	step.Transition = upgrade.TransitionOnly
	with, only := t.Choice(upgrade.TransitionWithLicenses), t.Choice(upgrade.TransitionOnly)
	switch {
	case with.Eligible && full && m.Order.Licenses.Who == upgrade.Holders:
		step.Transition = upgrade.TransitionWithLicenses
		step.Words = "; Microsoft moves the licences, and we repair what it forgets"
	case only.Eligible:
		step.Words = "; we move the licences"
	case with.Eligible:
		m.no("target", "microsoft_not_eligible", "order it for the present holders", "Microsoft lets this subscription become %s only with all of its licences", step.ToOffer)
	}
	if m.Order.Licenses.Who == upgrade.Nobody {
		step.Words = ""
	}
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

// legacyUpgrade moves a traditional subscription, all of it, by the call that alone lists its steps.
func (m *maker) legacyUpgrade(s *source, v move, all bool) {
	g := v.goal
	for _, t := range m.Targets[s.sub.ID] {
		offer, _, ok := m.Catalog.Resolve(t.Title)
		if !t.Legacy || !ok || offer.ID != g.offer.ID {
			continue
		}
		only, with := t.Choice(upgrade.TransitionOnly), t.Choice(upgrade.TransitionWithLicenses)
		switch {
		case !only.Eligible && !with.Eligible:
			m.microsoftSaysNo(g.offer, only.Reasons, with.Reasons)
			return
		case !all || len(g.held) > 0:
			m.no("target", "legacy_whole_only", "order all of its seats, and no existing target", "a traditional subscription moves as a whole to a new one")
			return
		}
		step := upgrade.Step{
			Work: upgrade.Transit, Legacy: true, Subscription: s.sub.ID, Offer: string(s.offer.ID), ToOffer: string(g.offer.ID), ProductSKU: s.sub.ProductSKU,
			SKU: m.skuOf(s.offer), ToSKU: m.skuOf(g.offer), From: s.left, To: v.seats, CatalogItem: t.CatalogItem, Transition: upgrade.TransitionOnly,
		}
		if with.Eligible && m.Order.Licenses.Who == upgrade.Holders {
			step.Transition = upgrade.TransitionWithLicenses
		}
		step.Words = ", by the call for traditional subscriptions"
		m.addTransition(s, v, step)
		return
	}
	if m.NoPartnerUser {
		m.no(s.sub.ID, "no_partner_sign_in", "run starter partner sign-in, then order again", "Microsoft tells what the traditional subscription %s (%s) may become to a signed-in user of the partner only", s.sub.ID, s.sub.Name)
		return
	}
	m.no(s.sub.ID, "source_is_legacy", "move it to new commerce first", "the subscription %s (%s) is not in new commerce, and Microsoft lists no step to %s for it", s.sub.ID, s.sub.Name, g.offer.Name)
}
