package activities

import (
	"context"

	"uplift/upgrade"
)

// ConfirmLicensesInput says what the users should hold.
type ConfirmLicensesInput struct {
	Upgrade  string              `json:"upgrade"`
	Grant    upgrade.Grant       `json:"grant"`
	Licenses upgrade.LicensePlan `json:"licenses"`
	Wait     bool                `json:"wait,omitempty"`  // what is not active yet is waited for instead of reported
	Count    []string            `json:"count,omitempty"` // offers whose users are counted at the end
}

// ConfirmLicensesOutput counts, and names the first users who failed.
type ConfirmLicensesOutput struct {
	Users   upgrade.UserCounts   `json:"users"`
	Failed  []upgrade.UserReport `json:"failed,omitempty"`
	Counted map[string]int       `json:"counted,omitempty"` // users, by offer
}

// ConfirmLicenses reads every photographed user back, one by one, and writes the list of affected accounts: active, or the
// reason, user by user and service by service. It changes nothing but that list.
func (a *Activities) ConfirmLicenses(ctx context.Context, in ConfirmLicensesInput) (ConfirmLicensesOutput, error) {
	var out ConfirmLicensesOutput
	if !in.Licenses.Moves() {
		return out, nil
	}
	m, err := a.newMover(ctx, in.Upgrade, in.Grant, in.Licenses)
	if err != nil {
		return out, err
	}
	pending := 0
	for after := ""; ; {
		page, err := a.Register.Snapshots(ctx, in.Upgrade, after, batchSize)
		if err != nil {
			return out, err
		}
		if len(page) == 0 {
			break
		}
		reports, waits, err := m.confirm(ctx, after, page)
		if err != nil {
			return out, err
		}
		after = page[len(page)-1].User.ID
		beat(ctx, after)
		pending += waits
		for _, r := range reports {
			if r.Outcome == upgrade.UserFailed && len(out.Failed) < maxNamed {
				out.Failed = append(out.Failed, r)
			}
		}
		if err := a.Register.SaveReports(ctx, in.Upgrade, reports); err != nil {
			return out, err
		}
	}
	if pending > 0 && in.Wait {
		return ConfirmLicensesOutput{}, waiting("licences_settling", "%s not active yet", upgrade.Counted(pending, "user's licence is", "users' licences are"))
	}
	out.Users = m.counts
	out.Counted, err = a.count(ctx, in.Grant, in.Count)
	return out, err
}

// confirm reads one page back. It counts those who may still become active.
func (m *mover) confirm(ctx context.Context, after string, page []upgrade.Snapshot) (reports []upgrade.UserReport, pending int, err error) {
	earlier, err := m.earlier(ctx, after, page)
	if err != nil {
		return nil, 0, err
	}
	present, err := m.read(ctx, page)
	if err != nil {
		return nil, 0, err
	}
	for _, s := range page {
		m.counts.Photographed++
		now, ok := present[s.User.ID]
		if !ok {
			reports = append(reports, m.failed(s, refused("user_gone", "the user no longer exists")))
			continue
		}
		if _, needed := m.moveOf(s, now); needed {
			r, failed := earlier[s.User.ID]
			if !failed {
				pending++
				r = failedReport(s, "not_in_effect", refused("not_in_effect", "the directory does not show the change"))
			}
			m.counts.Failed++
			reports = append(reports, r)
			continue
		}
		if state := stateOf(now, m.plan.Main()); state.State == "Error" || state.State == "ActiveWithError" {
			pending++
			reports = append(reports, m.failed(s, refused("license_"+state.Error, "the directory reports %s for the licence", state.Error)))
			continue
		}
		r := m.settled(s)
		r.Services = notEnabled(now, m.plansOf(m.plan.Main()), m.wantDisabled(s, 0))
		reports = append(reports, r)
	}
	return reports, pending, nil
}

// earlier is what the assignment reported as failed for the users of this page: it will not become active by waiting.
// There is at most one report for each photograph, in the same order.
func (m *mover) earlier(ctx context.Context, after string, page []upgrade.Snapshot) (map[string]upgrade.UserReport, error) {
	failed := map[string]upgrade.UserReport{}
	reports, err := m.a.Register.Reports(ctx, m.upgrade, after, len(page))
	for _, r := range reports {
		if r.Outcome == upgrade.UserFailed && r.Code != "not_in_effect" {
			failed[r.User] = r
		}
	}
	return failed, err
}

// stateOf prefers the direct assignment's state.
func stateOf(u upgrade.User, sku string) upgrade.LicenseState {
	var found upgrade.LicenseState
	for _, s := range u.States {
		if s.SKUID == sku && (found.SKUID == "" || s.ByGroup == "") {
			found = s
		}
	}
	return found
}

// notEnabled lists the target's services that the directory does not show as enabled, but for those that are off on
// purpose. Workloads may take hours: it is information, not a failure.
func notEnabled(u upgrade.User, target, off []string) []upgrade.ServiceState {
	skip := map[string]bool{}
	for _, o := range off {
		skip[o] = true
	}
	want := map[string]bool{}
	for _, t := range target {
		want[t] = !skip[t]
	}
	var out []upgrade.ServiceState
	for _, s := range u.Services {
		if want[s.PlanID] && s.State != "Enabled" {
			out = append(out, s)
		}
	}
	return out
}
