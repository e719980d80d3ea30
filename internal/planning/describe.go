package planning

import (
	"fmt"
	"slices"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// describe writes the sentences that a person reads.
func (m *maker) describe() {
	p := &m.plan
	p.Headline = m.headline()
	if m.source == nil {
		return
	}
	d := m.Catalog.Compare([]catalog.Offer{m.from}, []catalog.Offer{m.to})
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

// headline is every subscription that changes, now and then, on one line; what users move to stands first.
func (m *maker) headline() string {
	var parts []string
	for _, line := range m.plan.Lines {
		var now, then int
		var ids []string
		for _, s := range m.plan.Steps {
			if s.Subscription != line.Subscription {
				continue
			}
			if len(ids) == 0 {
				now, ids = s.From, []string{s.Offer}
			}
			then = s.To
			if s.Work == upgrade.Transit {
				ids = append(ids, s.ToOffer)
			}
		}
		switch len(ids) {
		case 1:
			parts = append(parts, fmt.Sprintf("%s ×%d → ×%d", m.nameOf(ids[0]), now, then))
		case 2:
			parts = slices.Insert(parts, 0, fmt.Sprintf("%s ×%d → %s ×%d", m.nameOf(ids[0]), now, m.nameOf(ids[1]), then))
		}
	}
	if len(parts) == 0 {
		return "nothing changes"
	}
	return strings.Join(parts, ", ")
}

func (m *maker) nameOf(offer string) string {
	o, _ := m.offer(offer)
	return o.Name
}
