package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/activity"

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
// came meanwhile. A repeat reads each user first and does only what is left.
func (a *Activities) AssignLicenses(ctx context.Context, in AssignLicensesInput) (AssignLicensesOutput, error) {
	var out AssignLicensesOutput
	if !in.Licenses.Moves() {
		return out, nil
	}
	m, err := a.newMover(ctx, in.Upgrade, in.Grant, in.Licenses)
	if err != nil {
		return out, err
	}
	if err := m.moveGroups(ctx); err != nil {
		return out, err
	}
	if err := m.all(ctx); err != nil {
		return out, err
	}
	for range 3 {
		fresh, err := m.newcomers(ctx)
		if err != nil {
			return out, err
		}
		if fresh == 0 {
			break
		}
		if err := m.all(ctx); err != nil {
			return out, err
		}
	}
	out.Users = m.counts
	return out, nil
}

// mover carries one activity execution.
type mover struct {
	a       *Activities
	upgrade string
	grant   upgrade.Grant
	plan    upgrade.LicensePlan
	counts  upgrade.UserCounts

	plans map[string][]string // service plans of each licence, by the tenant's own word
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

// all goes through the snapshots, a batch at a time. A user whose failure will pass is left for the next attempt, and the
// others go on.
func (m *mover) all(ctx context.Context) error {
	m.counts = upgrade.UserCounts{}
	var later error
	for after := ""; ; {
		page, err := m.a.Register.Snapshots(ctx, m.upgrade, after, batchSize)
		if err != nil || len(page) == 0 {
			return errors.Join(err, later)
		}
		after = page[len(page)-1].User.ID
		beat(ctx, after)
		if err := m.batch(ctx, page); err != nil {
			if !upgrade.KindOf(err).Retryable() {
				return err
			}
			later = err
		}
	}
}

func (m *mover) batch(ctx context.Context, page []upgrade.Snapshot) error {
	present, err := m.read(ctx, page)
	if err != nil {
		return err
	}
	var reports []upgrade.UserReport
	var changes []upgrade.LicenseChange
	shots := map[string]upgrade.Snapshot{}
	var later error
	for _, s := range page {
		m.counts.Photographed++
		now, ok := present[s.User.ID]
		if !ok {
			reports = append(reports, m.failed(s, refused("user_gone", "the user no longer exists")))
			continue
		}
		if group := m.inGroup(now); group != "" {
			later = waiting("group_processing", "Microsoft is moving the licences of the group %s", group)
			continue
		}
		change, needed := m.moveOf(s, now)
		if !needed {
			reports = append(reports, m.settled(s))
			continue
		}
		if err := m.locate(ctx, s, now); err != nil {
			if upgrade.KindOf(err).Retryable() {
				later = err
				continue
			}
			reports = append(reports, m.failed(s, err))
			continue
		}
		shots[s.User.ID] = s
		changes = append(changes, change)
	}
	done, err := m.assign(ctx, changes, shots)
	reports = append(reports, done...)
	if saveErr := m.a.Register.SaveReports(ctx, m.upgrade, reports); saveErr != nil {
		return saveErr
	}
	return errors.Join(err, later)
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

// locate sets the usage location of a user who lacks one; the register learns it before the directory does.
func (m *mover) locate(ctx context.Context, s upgrade.Snapshot, now upgrade.User) error {
	if now.UsageLocation != "" || len(m.plan.Add) == 0 {
		return nil
	}
	if m.plan.Location == "" {
		return refused("no_usage_location", "the user has no usage location, and none is known")
	}
	if err := m.a.Register.MarkLocationSet(ctx, m.upgrade, s.User.ID, m.plan.Location); err != nil {
		return err
	}
	id := graphWrite(m.upgrade, "location", s.User.ID, m.plan.Location)
	return m.a.Directory.SetUsageLocation(ctx, m.grant, id, s.User.ID, m.plan.Location)
}

func (m *mover) assign(ctx context.Context, changes []upgrade.LicenseChange, shots map[string]upgrade.Snapshot) ([]upgrade.UserReport, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	id := graphWrite(m.upgrade, "assign", changes)
	outcomes, err := m.a.Directory.AssignLicenses(ctx, m.grant, id, changes)
	if err != nil {
		return nil, err
	}
	var reports []upgrade.UserReport
	var later error
	for i, o := range outcomes {
		s := shots[changes[i].User]
		switch {
		case o.Err == nil:
			m.counts.Moved++
			reports = append(reports, upgrade.UserReport{User: s.User.ID, UPN: s.User.UPN, Outcome: upgrade.UserMoved, Notes: notesOf(s.User)})
		case o.Err.Kind.Retryable(), o.Err.Kind == upgrade.Conflict:
			later = &upgrade.Error{Kind: upgrade.Transient, Code: o.Err.Code, Message: o.Err.Message, RetryAfter: o.Err.RetryAfter}
		case o.Err.Kind == upgrade.GrantLost, o.Err.Kind == upgrade.Act:
			return reports, o.Err
		case mayPass(o.Err.Code) && attempt(ctx) < settleTries:
			later = waiting(o.Err.Code, "%s", o.Err.Message)
		default:
			reports = append(reports, m.failed(s, o.Err))
		}
	}
	return reports, later
}

// mayPass names the refusals that a lagging replica gives, too.
func mayPass(code string) bool { return code == "no_usage_location" || code == "no_seats" }

// newcomers photographs the holders of the source who have no photograph yet, and counts them.
func (m *mover) newcomers(ctx context.Context) (int, error) {
	if len(m.plan.Remove) == 0 || !m.plan.Ends {
		return 0, nil
	}
	known := map[string]bool{}
	for after := ""; ; {
		page, err := m.a.Register.Snapshots(ctx, m.upgrade, after, 500)
		if err != nil {
			return 0, err
		}
		if len(page) == 0 {
			break
		}
		for _, s := range page {
			known[s.User.ID] = true
		}
		after = page[len(page)-1].User.ID
	}
	count := 0
	err := m.a.survey(ctx, m.grant, m.plan, chosen{}, func(users []upgrade.User) error {
		var shots []upgrade.Snapshot
		for _, u := range users {
			if !known[u.ID] {
				shots = append(shots, upgrade.Snapshot{User: u})
			}
		}
		count += len(shots)
		return m.a.Register.SaveSnapshots(ctx, m.upgrade, shots)
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

func attempt(ctx context.Context) int32 {
	if activity.IsActivity(ctx) {
		return activity.GetInfo(ctx).Attempt
	}
	return 1
}
