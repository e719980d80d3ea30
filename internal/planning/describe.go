package planning

import (
	"fmt"
	"strings"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// describe writes the sentences that a person reads.
func (m *maker) describe() {
	p := &m.plan
	p.Headline = m.headline()
	m.glossary()
	from, to := m.movesFrom(), []catalog.Offer(nil)
	if len(from) > 0 {
		to = m.received()
	}
	if len(to) == 0 {
		return
	}
	var before []catalog.Offer
	for _, s := range from {
		before = append(before, s.offer)
	}
	d := m.Catalog.Compare(before, to)
	for _, g := range d.Gained {
		p.Gains = append(p.Gains, g.Friendly)
	}
	for _, g := range d.Larger {
		p.Gains = append(p.Gains, fmt.Sprintf("%s instead of %s", g.To.Friendly, g.From.Friendly))
	}
	for _, l := range d.Lost {
		p.Losses = append(p.Losses, l.Friendly)
	}
	for _, l := range d.Smaller {
		p.Losses = append(p.Losses, fmt.Sprintf("%s instead of %s", l.To.Friendly, l.From.Friendly))
	}
}

// received are the offers that users receive in the place of what they give up.
func (m *maker) received() []catalog.Offer {
	var to []catalog.Offer
	for _, s := range m.sources {
		for _, v := range s.moves {
			to = append(to, v.goal.offer)
		}
	}
	return to
}

// headline is every subscription that changes, now and then, on one line; what users move to stands first.
func (m *maker) headline() string {
	var moves, others []string
	for _, line := range m.plan.Lines {
		if !line.Touched {
			continue
		}
		name := m.nameOf(line.Offer)
		switch {
		case line.ThenOffer != "":
			moves = append(moves, fmt.Sprintf("%s ×%d → %s ×%d", name, line.Now, m.nameOf(line.ThenOffer), line.Then)+m.dateWords(line.Subscription))
		case line.Subscription == "":
			others = append(others, fmt.Sprintf("%s ×%d (new)", name, line.Then))
		case line.Now == line.Then:
			others = append(others, m.laterWords(line))
		default:
			others = append(others, fmt.Sprintf("%s ×%d → ×%d%s", name, line.Now, line.Then, m.residueWords(line.Subscription)))
		}
	}
	parts := append(moves, others...)
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case len(m.plan.Steps) == 0 && m.plan.Licenses.Moves() && m.plan.Eligible():
		return "licences of " + m.nameOf(m.plan.Target) + " are assigned"
	}
	return "nothing changes"
}

// dateWords says when a subscription becomes another offer, where that waits for the renewal.
func (m *maker) dateWords(subscription string) string {
	for _, s := range m.plan.Steps {
		if s.Work == upgrade.AtRenewal && s.Subscription == subscription {
			return " on " + s.Date.Format(time.DateOnly)
		}
	}
	return ""
}

// laterWords is a subscription that changes at its renewal only.
func (m *maker) laterWords(line upgrade.PlanLine) string {
	for _, s := range m.plan.Steps {
		if s.Work == upgrade.AtRenewal && s.Subscription == line.Subscription {
			then := fmt.Sprintf("×%d", s.To)
			if s.ToOffer != "" {
				then = fmt.Sprintf("%s ×%d", m.nameOf(s.ToOffer), s.To)
			}
			return fmt.Sprintf("%s ×%d → %s on %s", m.nameOf(line.Offer), line.Now, then, s.Date.Format(time.DateOnly))
		}
	}
	return fmt.Sprintf("%s ×%d", m.nameOf(line.Offer), line.Now)
}

// residueWords says until when more seats stay than the order ends with.
func (m *maker) residueWords(subscription string) string {
	for _, r := range m.plan.Residue {
		if r.Subscription == subscription {
			return fmt.Sprintf(" (%d until %s)", r.Seats, r.Until.Format(time.DateOnly))
		}
	}
	return ""
}

func (m *maker) nameOf(offer string) string {
	o, _ := m.offer(offer)
	return o.Name
}
