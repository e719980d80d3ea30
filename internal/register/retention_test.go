package register_test

import (
	"context"
	"testing"
	"time"

	"uplift/internal/register"
	"uplift/upgrade"
)

// full claims an order and hangs one of everything on it.
func full(t *testing.T, r *register.Register, id string) string {
	t.Helper()
	ctx := context.Background()
	up := claim(t, r, id, "w"+id).Upgrade
	now := time.Now()
	for _, err := range []error{
		r.SavePlan(ctx, up, upgrade.Plan{Order: id, Customer: upgrade.Customer{Name: "Name " + id}}),
		r.SaveCode(ctx, up, 1, upgrade.PendingCode{DeviceCode: "d", ExpiresAt: now.Add(time.Minute)}),
		r.SaveTokens(ctx, up, 1, upgrade.Tokens{Refresh: "r"}),
		r.SaveEvidence(ctx, up, 1, upgrade.Evidence{Tenant: "tenant-" + id, VerifiedAt: now}),
		r.SaveSnapshots(ctx, up, []upgrade.Snapshot{{User: upgrade.User{ID: "u"}}}),
		r.SaveReports(ctx, up, []upgrade.UserReport{{User: "u"}}),
		r.RecordAnswer(ctx, up, upgrade.OperatorAnswer{ID: "a", What: "retry"}),
		r.SaveMembership(ctx, "tenant-"+id, "sub", "plan", "offer", now),
		r.SaveInventoryRow(ctx, upgrade.InventoryRow{Tenant: "tenant-" + id, Name: "Name " + id, SeenAt: now, Subscriptions: []upgrade.InventoryLine{{Subscription: "sub"}}}),
		r.Audit(ctx, upgrade.AuditEntry{At: now, By: "olga", What: "plan_recorded", About: "tenant-" + id}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Journal(ctx, up, "step", "note"); err != nil {
		t.Fatal(err)
	}
	return up
}

func TestPrune(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		ctx, r := context.Background(), open(t, dsn)
		running, ended := full(t, r, "1"), full(t, r, "2")
		if err := r.RecordEnd(ctx, ended, upgrade.Result{End: upgrade.Completed, EndedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Tokens(ctx, ended, 1); upgrade.KindOf(err) != upgrade.NotFound {
			t.Errorf("tokens outlive the end: %v", err)
		}
		for _, step := range []struct {
			after time.Duration
			want  upgrade.Pruned
		}{
			{time.Minute, upgrade.Pruned{}},
			{2 * register.KeepCodes, upgrade.Pruned{Codes: 1}},
			{register.KeepUsers + time.Hour, upgrade.Pruned{Tokens: 1, Users: 3, Inventory: 2}},
			{register.KeepDocuments + time.Hour, upgrade.Pruned{Documents: 1}},
			{register.KeepEvidence + time.Hour, upgrade.Pruned{Evidence: 4}},
			{10 * register.KeepEvidence, upgrade.Pruned{}},
		} {
			if got, err := r.Prune(ctx, time.Now().Add(step.after)); err != nil || got != step.want {
				t.Errorf("after %v: %+v, %v; want %+v", step.after, got, err, step.want)
			}
		}
		if got, err := r.Snapshots(ctx, running, "", 0); err != nil || len(got) != 1 {
			t.Errorf("the running upgrade lost its snapshots: %v, %v", got, err)
		}
		if c := claim(t, r, "2", "later"); c.Outcome != upgrade.ClaimDuplicate || c.HolderEnd != upgrade.Completed {
			t.Errorf("the claim was forgotten: %+v", c)
		}
		if a, err := r.Attempts(ctx, "2"); err != nil || len(a) != 1 || len(a[0].Order) != 0 || a[0].Plan != nil || a[0].Result != nil {
			t.Errorf("%+v, %v", a, err)
		}
		if last, err := r.LastRecorded(ctx, "2"); err != nil || last.Customer != "" || last.Order != nil || last.Hash == "" {
			t.Errorf("%+v, %v", last, err)
		}
	})
}

func TestEraseCustomer(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		ctx, r := context.Background(), open(t, dsn)
		erased, other := full(t, r, "1"), full(t, r, "2")
		if err := r.EraseCustomer(ctx, "tenant-1"); upgrade.CodeOf(err) != "upgrade_running" {
			t.Errorf("a running upgrade: %v", err)
		}
		if err := r.RecordEnd(ctx, erased, upgrade.Result{End: upgrade.Abandoned}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := r.EraseCustomer(ctx, "tenant-1"); err != nil {
				t.Fatal(err)
			}
		}
		counts := func(up, tenant string) [7]int {
			s, err1 := r.Snapshots(ctx, up, "", 0)
			p, err2 := r.Reports(ctx, up, "", 0)
			a, err3 := r.Answers(ctx, up)
			e, err4 := r.Evidence(ctx, up)
			m, err5 := r.Memberships(ctx, tenant)
			i, _, err6 := r.Inventory(ctx, upgrade.InventoryFilter{Tenants: []string{tenant}}, "", 0)
			w, err7 := r.Audited(ctx, tenant, 0)
			for _, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
				if err != nil {
					t.Fatal(err)
				}
			}
			return [7]int{len(s), len(p), len(a), len(e), len(m), len(i), len(w)}
		}
		if got := counts(erased, "tenant-1"); got != [7]int{} {
			t.Errorf("left of the erased customer: %v", got)
		}
		if got := counts(other, "tenant-2"); got != [7]int{1, 1, 1, 1, 1, 1, 1} {
			t.Errorf("left of the other customer: %v", got)
		}
		if a, err := r.Attempts(ctx, "1"); err != nil || len(a) != 1 || a[0].Tenant != "" || a[0].End != upgrade.Abandoned || len(a[0].Order) != 0 {
			t.Errorf("%+v, %v", a, err)
		}
		if found, _, err := r.Recorded(ctx, upgrade.RecordedFilter{Search: "name 1"}, "", 0); err != nil || len(found) != 0 {
			t.Errorf("the erased customer's name is found: %+v, %v", found, err)
		}
		if c := claim(t, r, "1", "later"); c.Outcome != upgrade.ClaimDuplicate {
			t.Errorf("the order could be carried out again: %+v", c)
		}
		if err := r.EraseCustomer(ctx, ""); upgrade.KindOf(err) != upgrade.Invalid {
			t.Errorf("nobody: %v", err)
		}
	})
}
