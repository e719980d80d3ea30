package planning

import (
	"fmt"
	"slices"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// When a step is carried out. Everything that can be undone goes before what cannot; what needs the users to have moved
// goes last.
const (
	reversible = iota
	forward    // transitions, and what builds on them
	afterUsers
)

// steps goes from what the customer holds to what the order ends with, in the fewest steps. Seats that go are paired with
// seats that come; what no pair covers is raised, bought, or given back.
func (m *maker) steps() {
	m.checkPlan()
	m.checkSources()
	m.setGoals()
	m.setSources()
	if !m.refusedSources {
		m.pairUp()
		for _, s := range m.sources {
			m.carry(s)
		}
		for _, g := range m.goals {
			m.fill(g)
		}
		for _, s := range m.sources {
			m.giveBack(s)
		}
	}
	m.inOrder()
	m.unusedSources()
	if len(m.plan.Steps) == 0 && len(m.plan.Reasons) == 0 {
		m.nothingChanges()
	}
}

// nothingChanges is an order that only assigns licences, or one that asks for nothing.
func (m *maker) nothingChanges() {
	if who := m.Order.Licenses.Who; who != upgrade.Holders && who != upgrade.Nobody {
		m.why("The customer holds what is ordered, so that only licences are assigned.")
		return
	}
	m.no("target", "nothing_to_do", "check the target; it says totals, not increments", "the customer already holds what is ordered")
}

// pairUp finds for the seats that go the offers that they can become, in the order of the totals. An add-on becomes an add-on
// only.
func (m *maker) pairUp() {
	for _, g := range m.goals {
		for _, s := range m.sources {
			if s.rest == 0 || g.offer.ID == s.offer.ID || g.offer.AddOn != s.offer.AddOn || !m.mayPair(s, g) {
				continue
			}
			seats := min(s.rest, g.need)
			s.moves = append(s.moves, move{g, seats})
			s.rest -= seats
			g.need -= seats
		}
	}
}

// mayPair tells whether the catalogue knows the step. Where it is the only thing that the seats could become, its absence is
// a reason why not.
func (m *maker) mayPair(s *source, g *goal) bool {
	_, err := m.Catalog.Path(s.offer.ID, g.offer.ID, m.Market())
	if err == nil {
		return true
	}
	others := slices.ContainsFunc(m.goals, func(o *goal) bool {
		_, err := m.Catalog.Path(s.offer.ID, o.offer.ID, m.Market())
		return err == nil && o.offer.AddOn == s.offer.AddOn
	})
	if ps, ok := err.(upgrade.Problems); ok && s.ends && g.need > 0 && !others {
		for _, p := range ps {
			m.no("target", p.Code, p.Remedy, "%s", p.Message)
		}
		s.rest, g.need = 0, 0 // said
	}
	return false
}

// carry carries out the pairs of one source, each by the best kind of work that is open.
func (m *maker) carry(s *source) {
	surplus := s.rest
	if s.ends && surplus > 0 && len(s.moves) == 1 && s.moves[0].seats > 0 && m.transits(s, s.moves[0]) && m.canLower(s, surplus) {
		m.lowerFirst(s, surplus)
	}
	for _, v := range s.moves {
		path, err := m.Catalog.Path(s.offer.ID, v.goal.offer.ID, m.Market())
		if err != nil {
			continue // pairUp has found it
		}
		switch {
		case v.seats == 0:
			m.replaceInto(s, v) // the target has seats enough already
		case !path.Upward():
			m.atRenewal(s, v)
		case path.Allows(catalog.Transition):
			m.transition(s, v)
		default:
			m.replace(s, v)
		}
	}
}

// transits tells whether a pair is carried out by a transition.
func (m *maker) transits(s *source, v move) bool {
	path, err := m.Catalog.Path(s.offer.ID, v.goal.offer.ID, m.Market())
	return err == nil && path.Allows(catalog.Transition)
}

// fill brings a goal to its total by what no source gives.
func (m *maker) fill(g *goal) {
	asleep := m.asleep(g.offer.ID)
	switch {
	case g.need == 0:
		m.lowerGoal(g)
	case g.subscription != "" || g.step != "":
		m.raise(g)
	case len(g.held) == 1:
		m.resize(g.held[0], g.offer, g.held[0].Seats, g.held[0].Seats+g.need)
	case len(g.held) > 1:
		m.resizeOneOf(g)
	case len(asleep) > 0:
		m.resize(asleep[0], g.offer, asleep[0].Seats, g.seats) // what is wrong with it is said with the subscription
	default:
		m.buy(g, g.need)
	}
}

// lowerGoal lowers what a plan has too much of. For totals the same is a source.
func (m *maker) lowerGoal(g *goal) {
	if m.Order.Target.Plan == "" || g.now <= g.seats || g.subscription != "" || g.step != "" {
		if g.now == g.seats && len(g.held) > 0 && g.subscription == "" {
			m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("%s has %s already.", g.offer.Name, upgrade.Seats(g.seats)))
		}
		return
	}
	if len(g.held) > 1 {
		m.no("sources", "source_ambiguous", "give totals, and name the one that gives its seats in sources", "the customer holds several subscriptions of %s: %s", g.offer.Name, list(g.held))
		return
	}
	s := &source{at: g.at, sub: g.held[0], offer: g.offer, gives: g.now - g.seats, rest: g.now - g.seats, left: g.now}
	m.touched[s.sub.ID] = s.sub
	m.giveBack(s)
}

// resizeOneOf raises the one of several subscriptions that the order names.
func (m *maker) resizeOneOf(g *goal) {
	named := slices.DeleteFunc(slices.Clone(g.held), func(s upgrade.Subscription) bool { return !m.named(s) })
	if len(named) != 1 {
		m.no(g.at, "source_ambiguous", "name the one that is to be raised in sources", "the customer holds several subscriptions of %s: %s", g.offer.Name, list(g.held))
		return
	}
	m.resize(named[0], g.offer, named[0].Seats, named[0].Seats+g.need)
}

// inOrder puts what can be undone before the transitions, after which the upgrade only goes forward.
func (m *maker) inOrder() {
	slices.SortStableFunc(m.plan.Steps, func(a, b upgrade.Step) int { return m.rank[a.ID] - m.rank[b.ID] })
	for _, s := range m.plan.Steps {
		if kind := s.Work.Kind(); !slices.Contains(m.plan.Kinds, kind) {
			m.plan.Kinds = append(m.plan.Kinds, kind)
		}
	}
	if len(m.plan.Steps) == 0 && len(m.plan.Reasons) == 0 && m.Order.Licenses.Who != upgrade.Holders && m.Order.Licenses.Who != upgrade.Nobody {
		m.plan.Kinds = []upgrade.Work{upgrade.AssignOnly}
	}
}

// add appends a step under an id of its own, which names the idempotency key.
func (m *maker) add(rank int, base string, s upgrade.Step) string {
	s.ID = base
	for n := 2; ; n++ {
		if _, taken := m.rank[s.ID]; !taken {
			break
		}
		switch {
		case n == 2 && !strings.HasSuffix(base, s.Offer):
			base += "-" + s.Offer
			s.ID = base
		default:
			s.ID = fmt.Sprintf("%s-%d", base, n)
		}
	}
	m.rank[s.ID], s.After = rank, rank == afterUsers
	m.plan.Steps = append(m.plan.Steps, s)
	return s.ID
}

func (m *maker) why(words string) {
	if !slices.Contains(m.plan.Why, words) {
		m.plan.Why = append(m.plan.Why, words)
	}
}

// list names subscriptions for a person to choose from.
func list(subs []upgrade.Subscription) string {
	names := make([]string, len(subs))
	for i, s := range subs {
		names[i] = fmt.Sprintf("%s (%s, %s)", s.ID, s.Name, upgrade.Seats(s.Seats))
	}
	return strings.Join(names, "; ")
}
