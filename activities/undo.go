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
// repeat reads first and does only what is left.
func (a *Activities) RestoreLicenses(ctx context.Context, in RestoreUsersInput) (RestoreUsersOutput, error) {
	m := mover{a: a, upgrade: in.Upgrade, grant: in.Grant, plan: in.Licenses}
	if err := m.restoreGroups(ctx); err != nil {
		return RestoreUsersOutput{}, err
	}
	var later error
	var counts upgrade.UserCounts
	err := a.eachSnapshot(ctx, in.Upgrade, func(page []upgrade.Snapshot) error {
		present, err := m.read(ctx, page)
		if err != nil {
			return err
		}
		var changes []upgrade.LicenseChange
		upn := map[string]string{}
		for _, s := range page {
			counts.Photographed++
			upn[s.User.ID] = s.User.UPN
			now, ok := present[s.User.ID]
			if !ok {
				continue // whoever is gone holds nothing to restore
			}
			if change, needed := restoreOf(s, now, in.Licenses); needed {
				changes = append(changes, change)
			}
		}
		if len(changes) == 0 {
			return nil
		}
		id := graphWrite(in.Upgrade, "restore", changes)
		outcomes, err := a.Directory.AssignLicenses(ctx, in.Grant, id, changes)
		if err != nil {
			return err
		}
		var reports []upgrade.UserReport
		for i, o := range outcomes {
			if o.Err != nil {
				later = errors.Join(later, o.Err)
				counts.Failed++
				continue
			}
			counts.Restored++
			reports = append(reports, upgrade.UserReport{User: changes[i].User, UPN: upn[changes[i].User], Outcome: upgrade.UserRestored})
		}
		return a.Register.SaveReports(ctx, in.Upgrade, reports)
	})
	return RestoreUsersOutput{Users: counts}, errors.Join(err, later)
}

// RestoreLocations puts back the usage locations that we set, where nobody has set another since. One that cannot be put
// back does not keep the others from it.
func (a *Activities) RestoreLocations(ctx context.Context, in RestoreUsersInput) (RestoreUsersOutput, error) {
	m := mover{a: a, upgrade: in.Upgrade, grant: in.Grant, plan: in.Licenses}
	var out RestoreUsersOutput
	var failed error
	err := a.eachSnapshot(ctx, in.Upgrade, func(page []upgrade.Snapshot) error {
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

func (a *Activities) eachSnapshot(ctx context.Context, upgradeID string, visit func([]upgrade.Snapshot) error) error {
	for after := ""; ; {
		page, err := a.Register.Snapshots(ctx, upgradeID, after, batchSize)
		if err != nil || len(page) == 0 {
			return err
		}
		beat(ctx, after)
		after = page[len(page)-1].User.ID
		if err := visit(page); err != nil {
			return err
		}
	}
}
