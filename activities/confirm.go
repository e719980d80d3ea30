package activities

import (
	"context"
	"slices"

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

// mostSingly is how many users are read one by one while it is waited for their licences: of more, the list of holders has just not
// caught up, and is asked again.
const mostSingly = 200

// ConfirmLicenses reads every photographed user back and writes the list of affected accounts: active, or the reason, user by user
// and service by service. It reads the list of those who hold the target, which lags what was written but shows nothing that was
// not; whom that does not show as meant is read one by one. It changes nothing but the reports.
func (a *Activities) ConfirmLicenses(ctx context.Context, in ConfirmLicensesInput) (ConfirmLicensesOutput, error) {
	if !in.Licenses.Moves() {
		return ConfirmLicensesOutput{}, nil
	}
	m, err := a.newMover(ctx, in.Upgrade, in.Grant, in.Licenses)
	if err != nil {
		return ConfirmLicensesOutput{}, err
	}
	c := &confirming{mover: m, shown: map[string]bool{}}
	if err := c.list(ctx); err != nil {
		return ConfirmLicensesOutput{}, err
	}
	if err := c.others(ctx, in.Wait); err != nil {
		return ConfirmLicensesOutput{}, err
	}
	if c.pending > 0 && in.Wait {
		return ConfirmLicensesOutput{}, waiting("licences_settling", "%s not active yet", upgrade.Counted(c.pending, "user's licence is", "users' licences are"))
	}
	c.out.Users = m.counts
	c.out.Counted, err = a.count(ctx, in.Grant, in.Count)
	return c.out, err
}

// confirming carries one reading back.
type confirming struct {
	*mover
	shown   map[string]bool // ids of those whom the list shows as meant
	pending int             // who may still become active
	singly  int             // who were read one by one
	out     ConfirmLicensesOutput
}

// list goes through those who hold the target.
func (c *confirming) list(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for page := c.fetch(ctx, ""); page != nil; {
		got := <-page
		if got.err != nil {
			return got.err
		}
		page = nil
		if got.next != "" {
			page = c.fetch(ctx, got.next) // while this one is looked at
		}
		c.beat(ctx)
		if err := c.look(ctx, got.users); err != nil {
			return err
		}
	}
	return nil
}

// listed is a page of the list.
type listed struct {
	users []upgrade.User
	next  string
	err   error
}

// fetch reads a page beside what is done meanwhile.
func (c *confirming) fetch(ctx context.Context, at string) <-chan listed {
	out := make(chan listed, 1)
	go func() {
		var l listed
		l.users, l.next, l.err = c.a.Directory.Licensed(ctx, c.grant, c.plan.Main(), at)
		out <- l
	}()
	return out
}

// look reports those of a page who hold what is meant.
func (c *confirming) look(ctx context.Context, page []upgrade.User) error {
	shots, err := c.shots(ctx, page)
	if err != nil {
		return err
	}
	var reports []upgrade.UserReport
	for _, now := range page {
		s, meant := shots[now.ID]
		if _, needed := c.moveOf(s, now); !meant || needed || c.shown[now.ID] || c.inError(now) {
			continue
		}
		c.shown[now.ID] = true
		reports = append(reports, c.active(s, now))
	}
	return c.save(ctx, reports)
}

// others goes through the photographs of those whom the list does not show as meant.
func (c *confirming) others(ctx context.Context, wait bool) error {
	for after := ""; ; {
		page, err := c.a.Register.Snapshots(ctx, c.upgrade, after, stretchSize)
		if err != nil || len(page) == 0 {
			return err
		}
		failed, err := c.earlier(ctx, after, len(page))
		if err != nil {
			return err
		}
		c.beat(ctx)
		after = page[len(page)-1].User.ID
		page = slices.DeleteFunc(page, func(s upgrade.Snapshot) bool { return c.shown[s.User.ID] })
		for group := range slices.Chunk(page, batchSize) {
			if wait && c.singly >= mostSingly {
				for _, s := range group {
					if _, is := failed[s.User.ID]; !is { // another look would find it failed all the same
						c.pending++
					}
				}
				continue
			}
			reports, err := c.confirm(ctx, group, failed)
			if err != nil {
				return err
			}
			if err := c.save(ctx, reports); err != nil {
				return err
			}
		}
	}
}

// save counts and keeps reports, and names the first who failed.
func (c *confirming) save(ctx context.Context, reports []upgrade.UserReport) error {
	for _, r := range reports {
		c.counts.Photographed++
		tally(&c.counts, r.Outcome)
		if r.Outcome == upgrade.UserFailed && len(c.out.Failed) < maxNamed {
			c.out.Failed = append(c.out.Failed, r)
		}
	}
	if len(reports) == 0 {
		return nil
	}
	return c.a.Register.SaveReports(ctx, c.upgrade, reports)
}

// confirm reads users one by one. It counts those who may still become active.
func (c *confirming) confirm(ctx context.Context, page []upgrade.Snapshot, earlier map[string]upgrade.UserReport) (reports []upgrade.UserReport, err error) {
	present, err := c.readPatiently(ctx, page)
	if err != nil {
		return nil, err
	}
	for _, s := range page {
		c.singly++
		now, ok := present[s.User.ID]
		if !ok {
			reports = append(reports, c.failed(s, refused("user_gone", "the user no longer exists")))
			continue
		}
		if _, needed := c.moveOf(s, now); needed {
			r, failed := earlier[s.User.ID]
			if !failed {
				c.pending++
				r = failedReport(s, "not_in_effect", refused("not_in_effect", "the directory does not show the change"))
			}
			reports = append(reports, r)
			continue
		}
		if c.inError(now) {
			state := stateOf(now, c.plan.Main())
			c.pending++
			reports = append(reports, c.failed(s, refused("license_"+state.Error, "the directory reports %s for the licence", state.Error)))
			continue
		}
		reports = append(reports, c.active(s, now))
	}
	return reports, nil
}

// active is the report of a user who holds what is meant.
func (c *confirming) active(s upgrade.Snapshot, now upgrade.User) upgrade.UserReport {
	r := c.settled(s)
	r.Services = notEnabled(now, c.plansOf(c.plan.Main()), c.wantDisabled(s, 0))
	return r
}

// inError tells whether the directory could not carry out the assignment.
func (c *confirming) inError(now upgrade.User) bool {
	state := stateOf(now, c.plan.Main()).State
	return state == "Error" || state == "ActiveWithError"
}

// earlier is what the assignment reported as failed for the users of this page: it will not become active by waiting.
// There is at most one report for each photograph, in the same order.
func (m *mover) earlier(ctx context.Context, after string, page int) (map[string]upgrade.UserReport, error) {
	failed := map[string]upgrade.UserReport{}
	reports, err := m.a.Register.Reports(ctx, m.upgrade, after, page)
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
