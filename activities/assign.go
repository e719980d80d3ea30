package activities

import (
	"context"
	"fmt"
	"sync"

	"uplift/upgrade"
)

// AssignLicensesInput says which licences the photographed users are to hold.
type AssignLicensesInput struct {
	Upgrade  string              `json:"upgrade"`
	Grant    upgrade.Grant       `json:"grant"`
	Licenses upgrade.LicensePlan `json:"licenses"`
}

// AssignLicensesOutput counts what became of the users; the register has the report of each.
type AssignLicensesOutput struct {
	Users upgrade.UserCounts `json:"users"`
}

// settleTries is how often an answer that may be a lagging replica ("invalid usage location" just after it was set, no
// free seat just after they were bought) is asked again before it counts as the user's failure.
const settleTries = 6

// AssignLicenses gives every photographed user the target and takes the source away, both in one assignLicense call, so
// that nobody is without a licence. Then it lists the holders of the source again and photographs and moves those who
// came meanwhile. A heartbeat says up to whom everybody is settled, and the reports who is besides, so that a repeat goes on from
// there; whoever it meets again holds what was asked already, which the directory says, and is read.
func (a *Activities) AssignLicenses(ctx context.Context, in AssignLicensesInput) (AssignLicensesOutput, error) {
	var out AssignLicensesOutput
	if !in.Licenses.Moves() {
		return out, nil
	}
	m, err := a.newMover(ctx, in.Upgrade, in.Grant, in.Licenses)
	if err != nil {
		return out, err
	}
	from, again := resumed(ctx)
	m.cursor = &from
	if err := m.moveGroups(ctx); err != nil {
		return out, err
	}
	for round := from.Round; round <= mostRounds; round++ {
		c := m.assigning(from)
		switch {
		case round > 0: // everybody has been met: only newcomers have no report
			fresh, err := m.newcomers(ctx)
			if err != nil {
				return out, err
			}
			if fresh == 0 && !again {
				return out, nil
			}
			c.skip = func(upgrade.UserReport) bool { return true }
		case again:
			c.skip = func(r upgrade.UserReport) bool {
				return r.Outcome == upgrade.UserMoved || r.Outcome == upgrade.UserUnchanged
			}
		}
		if err := c.run(ctx); err != nil {
			return out, err
		}
		out.Users, again = c.counts(), false
		from = cursor{Round: round + 1}
		m.cursor = &from
	}
	return out, nil
}

// mostRounds is how often the holders are listed again.
const mostRounds = 3

// assigning moves users to what the plan says.
func (m *mover) assigning(from cursor) *carriage {
	c := &carriage{m: m, step: "assign", cursor: from, work: m.moveOf, look: m.decide}
	m.cursor = &c.cursor
	c.expect = func(s upgrade.Snapshot, _ upgrade.UserReport) (upgrade.User, bool) {
		nowhere := s.User.UsageLocation == "" && len(m.plan.Add) > 0
		return s.User, !nowhere && m.inGroup(s.User) == ""
	}
	c.accepted = func(s upgrade.Snapshot) verdict {
		return verdict{settled: true, report: &upgrade.UserReport{User: s.User.ID, UPN: s.User.UPN, Outcome: upgrade.UserMoved, Notes: notesOf(s.User)}}
	}
	c.refused = func(ctx context.Context, s upgrade.Snapshot, e *upgrade.Error) verdict {
		if mayPass(e.Code) && attemptOf(ctx) < settleTries {
			return verdict{later: waiting(e.Code, "%s", e.Message)}
		}
		return reported(m.failed(s, e))
	}
	return c
}

func reported(r upgrade.UserReport) verdict { return verdict{settled: true, report: &r} }

// decide says what is left to do for a user who was read. Whoever waits for something that passes is left for the next attempt.
func (m *mover) decide(ctx context.Context, p *passenger, now upgrade.User, found bool) verdict {
	if !found {
		return reported(m.failed(p.shot, refused("user_gone", "the user no longer exists")))
	}
	if group := m.inGroup(now); group != "" {
		return verdict{later: waiting("group_processing", "Microsoft is moving the licences of the group %s", group)}
	}
	change, needed := m.moveOf(p.shot, now)
	if !needed {
		return reported(m.settled(p.shot))
	}
	switch located, err := m.locate(ctx, p.shot, now); {
	case err != nil && upgrade.KindOf(err).Retryable():
		return verdict{later: err}
	case err != nil:
		return reported(m.failed(p.shot, err))
	case located:
		p.refusal = nil
	}
	return verdict{change: &change}
}

// mover carries one activity execution.
type mover struct {
	a       *Activities
	upgrade string
	grant   upgrade.Grant
	plan    upgrade.LicensePlan
	counts  upgrade.UserCounts
	cursor  *cursor // what heartbeats say; nil where a repeat begins anew

	plans    map[string][]string // service plans of each licence, by the tenant's own word
	mappings sync.Map            // see mapped
}

// newMover asks the tenant which service plans the licences have there, since Graph refuses to switch off one that is not
// in the SKU. For a source that is gone already the catalogue answers.
func (a *Activities) newMover(ctx context.Context, upgradeID string, g upgrade.Grant, p upgrade.LicensePlan) (*mover, error) {
	m := &mover{a: a, upgrade: upgradeID, grant: g, plan: p, plans: map[string][]string{}}
	skus, err := a.Directory.SKUs(ctx, g)
	if err != nil {
		return nil, err
	}
	for _, s := range skus {
		m.plans[s.SKUID] = s.ServicePlans
	}
	return m, nil
}

// plansOf are the service plans of a licence.
func (m *mover) plansOf(sku string) []string {
	if plans := m.plans[sku]; len(plans) > 0 {
		return plans
	}
	offer, _ := m.a.Catalog.OfferBySKUID(sku)
	return offer.PlanIDs()
}

// inGroup is the group through which a user still holds what the plan gives up, or "".
func (m *mover) inGroup(now upgrade.User) string {
	for _, sku := range m.plan.Remove {
		if group := now.Group(sku); group != "" {
			return group
		}
	}
	return ""
}

// read reads the users of a page one by one, not from the index, which lags.
func (m *mover) read(ctx context.Context, page []upgrade.Snapshot) (map[string]upgrade.User, error) {
	ids := make([]string, len(page))
	for i, s := range page {
		ids[i] = s.User.ID
	}
	users, err := m.a.Directory.Users(ctx, m.grant, ids)
	present := make(map[string]upgrade.User, len(users))
	for _, u := range users {
		present[u.ID] = u
	}
	return present, err
}

// locate sets the usage location of a user who lacks one, and tells whether it did; the register learns it before the directory
// does.
func (m *mover) locate(ctx context.Context, s upgrade.Snapshot, now upgrade.User) (bool, error) {
	if now.UsageLocation != "" || len(m.plan.Add) == 0 {
		return false, nil
	}
	if m.plan.Location == "" {
		return false, refused("no_usage_location", "the user has no usage location, and none is known")
	}
	if err := m.a.Register.MarkLocationSet(ctx, m.upgrade, s.User.ID, m.plan.Location); err != nil {
		return false, err
	}
	id := graphWrite(m.upgrade, "location", s.User.ID, m.plan.Location)
	return true, m.a.Directory.SetUsageLocation(ctx, m.grant, id, s.User.ID, m.plan.Location)
}

// mayPass names the refusals that a lagging replica gives, too.
func mayPass(code string) bool { return code == "no_usage_location" || code == "no_seats" }

// newcomers photographs the holders of the source who have no photograph yet, and counts them.
func (m *mover) newcomers(ctx context.Context) (int, error) {
	if len(m.plan.Remove) == 0 || !m.plan.Ends {
		return 0, nil
	}
	count := 0
	err := m.a.survey(ctx, m.grant, m.plan, chosen{}, m.beat, func(users []upgrade.User) error {
		known, err := m.shots(ctx, users)
		if err != nil {
			return err
		}
		var fresh []upgrade.Snapshot
		for _, u := range users {
			if _, ok := known[u.ID]; !ok {
				fresh = append(fresh, upgrade.Snapshot{User: u})
			}
		}
		count += len(fresh)
		return m.a.Register.SaveSnapshots(ctx, m.upgrade, fresh)
	})
	if err != nil {
		return 0, fmt.Errorf("listing the holders again: %w", err)
	}
	return count, nil
}

// graphWrite is the id of a write at Graph: the same at every attempt at the same change, another one for another change. Graph
// repeats nothing by it, unlike Partner Center; what makes a repeat safe is that the user is read before, and that a change says
// what is to be added and removed.
func graphWrite(upgradeID, step string, change ...any) upgrade.WriteID {
	return upgrade.WriteIDOf(upgradeID, step+"/"+fmt.Sprint(change...), 0)
}

// shots are the photographs of these users, of those who have one.
func (m *mover) shots(ctx context.Context, users []upgrade.User) (map[string]upgrade.Snapshot, error) {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	list, err := m.a.Register.SnapshotsOf(ctx, m.upgrade, ids)
	of := make(map[string]upgrade.Snapshot, len(list))
	for _, s := range list {
		of[s.User.ID] = s
	}
	return of, err
}

// beat tells Temporal how far this attempt is.
func (m *mover) beat(ctx context.Context) {
	if m.cursor == nil {
		beat(ctx)
		return
	}
	beat(ctx, *m.cursor)
}
