package activities

import (
	"context"
	"errors"
	"slices"
	"strings"

	"uplift/upgrade"
)

// RestoreUsersInput says whose photographs are put back.
type RestoreUsersInput struct {
	Upgrade  string              `json:"upgrade"`
	Grant    upgrade.Grant       `json:"grant"`
	Licenses upgrade.LicensePlan `json:"licenses"`
}

// RestoreUsersOutput counts those who were restored and those who could not be.
type RestoreUsersOutput struct {
	Users upgrade.UserCounts `json:"users"`
}

// RestoreLicenses gives every photographed user back what the photograph shows, with the switched-off service plans. A
// repeat goes on from its heartbeat; whoever it meets again has been put back already, which the directory says, and is read.
func (a *Activities) RestoreLicenses(ctx context.Context, in RestoreUsersInput) (RestoreUsersOutput, error) {
	m, err := a.newMover(ctx, in.Upgrade, in.Grant, in.Licenses)
	if err != nil {
		return RestoreUsersOutput{}, err
	}
	from, again := resumed(ctx)
	m.cursor = &from
	if err := m.restoreGroups(ctx); err != nil {
		return RestoreUsersOutput{}, err
	}
	c := m.restoring(from)
	if again {
		c.skip = func(r upgrade.UserReport) bool { return r.Outcome == upgrade.UserRestored }
	}
	err = c.run(ctx)
	return RestoreUsersOutput{Users: c.counts()}, err
}

// restoring puts users back. Of those whom the report calls moved it is taken that they hold what the move gave them.
func (m *mover) restoring(from cursor) *carriage {
	c := &carriage{m: m, step: "restore", cursor: from, reports: true, work: m.restoreOf}
	m.cursor = &c.cursor
	restored := func(s upgrade.Snapshot) verdict {
		return reported(upgrade.UserReport{User: s.User.ID, UPN: s.User.UPN, Outcome: upgrade.UserRestored})
	}
	c.expect = func(s upgrade.Snapshot, r upgrade.UserReport) (upgrade.User, bool) {
		return m.movedAs(s), r.Outcome == upgrade.UserMoved && m.inGroup(s.User) == ""
	}
	c.look = func(_ context.Context, p *passenger, now upgrade.User, found bool) verdict {
		change, needed := m.restoreOf(p.shot, now)
		switch o := p.before.Outcome; {
		case !found: // whoever is gone holds nothing to restore
		case needed:
			return verdict{change: &change}
		case o == upgrade.UserMoved || o == upgrade.UserRestored: // put back by an attempt whose answer was lost
			return restored(p.shot)
		}
		return verdict{settled: true}
	}
	c.accepted = restored
	c.refused = func(_ context.Context, s upgrade.Snapshot, e *upgrade.Error) verdict { return verdict{later: e} }
	return c
}

// movedAs is a user as the move has left them.
func (m *mover) movedAs(s upgrade.Snapshot) upgrade.User {
	now := s.User
	now.Licenses = slices.DeleteFunc(slices.Clone(now.Licenses), func(l upgrade.License) bool {
		return slices.Contains(m.plan.Add, l.SKUID) || slices.Contains(m.plan.Remove, l.SKUID) && s.User.Group(l.SKUID) == ""
	})
	for i, sku := range m.plan.Add {
		now.Licenses = append(now.Licenses, upgrade.License{SKUID: sku, DisabledPlans: m.wantDisabled(s, i)})
	}
	return now
}

// RestoreLocations puts back the usage locations that we set, where nobody has set another since. One that cannot be put
// back does not keep the others from it.
func (a *Activities) RestoreLocations(ctx context.Context, in RestoreUsersInput) (RestoreUsersOutput, error) {
	m := mover{a: a, upgrade: in.Upgrade, grant: in.Grant, plan: in.Licenses}
	var out RestoreUsersOutput
	var failed error
	err := a.eachSnapshot(ctx, in.Upgrade, m.beat, func(page []upgrade.Snapshot) error {
		page = slices.DeleteFunc(page, func(s upgrade.Snapshot) bool { return s.LocationSet == "" })
		if len(page) == 0 {
			return nil
		}
		present, err := m.read(ctx, page)
		if err != nil {
			return err
		}
		for _, s := range page {
			if now, ok := present[s.User.ID]; !ok || !strings.EqualFold(now.UsageLocation, s.LocationSet) {
				continue
			}
			id := graphWrite(in.Upgrade, "location-back", s.User.ID, s.User.UsageLocation)
			if err := a.Directory.SetUsageLocation(ctx, in.Grant, id, s.User.ID, s.User.UsageLocation); err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			out.Users.Restored++
		}
		return nil
	})
	return out, errors.Join(err, failed)
}

func (a *Activities) eachSnapshot(ctx context.Context, upgradeID string, beat func(context.Context), visit func([]upgrade.Snapshot) error) error {
	for after := ""; ; {
		page, err := a.Register.Snapshots(ctx, upgradeID, after, batchSize)
		if err != nil || len(page) == 0 {
			return err
		}
		beat(ctx)
		after = page[len(page)-1].User.ID
		if err := visit(page); err != nil {
			return err
		}
	}
}
