package workflows_test

import (
	"testing"
	"time"

	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// TestResellersOrders: an order on a reseller's behalf is carried out while the reseller may upgrade the customer, whoever starts
// it; otherwise it is refused with every reason, nothing is changed, and nothing holds the order.
func TestResellersOrders(t *testing.T) {
	t.Parallel()
	const other = "22222222-1111-1111-1111-111111111111"
	for name, c := range map[string]struct {
		prepare func(*activitiestest.World)
		codes   []string
	}{
		"theirs":       {func(w *activitiestest.World) { w.AddReseller("harbor-it", other, contoso) }, nil},
		"nobody":       {func(*activitiestest.World) {}, []string{"reseller_unknown"}},
		"another's":    {func(w *activitiestest.World) { w.AddReseller("harbor-it", other) }, []string{"not_resellers_customer"}},
		"not entitled": {func(w *activitiestest.World) { w.AddReseller("harbor-it", contoso).Entitled = false }, []string{"not_entitled"}},
		"neither":      {func(w *activitiestest.World) { w.AddReseller("harbor-it").Entitled = false }, []string{"not_resellers_customer", "not_entitled"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.startAs("anything/else")
			id := l.resize(10, 15)
			l.order["reseller"] = "harbor-it"
			c.prepare(l.world)
			l.signsIn()
			r := l.run()
			if c.codes == nil {
				l.ends(r, upgrade.Completed)
				l.seats(id, "business-basic", 15)
				if s := l.status(); s.Reseller != "harbor-it" {
					t.Errorf("the status names the reseller %q", s.Reseller)
				}
				if p, err := l.world.Activities().Register.Plan(t.Context(), "order-1#1"); err != nil || p.Reseller != "harbor-it" {
					t.Errorf("the plan names the reseller %q, %v", p.Reseller, err)
				}
				return
			}
			l.ends(r, upgrade.RefusedOrder, c.codes...)
			l.explained(r)
			l.untouched()
			if len(r.Reasons) != len(c.codes) || r.Upgrade != "" || r.First != "" || len(l.world.Letters("")) != 0 {
				t.Errorf("%+v", r)
			}

			// Once it may, the same order is carried out.
			l.world.AddReseller("harbor-it", contoso)
			again := labIn(t, l.world, l.customer)
			again.order["target"], again.order["reseller"] = l.order["target"], "harbor-it"
			again.signsIn()
			again.ends(again.run(), upgrade.Completed)
		})
	}
}

// TestEntitlementEndsMeanwhile: what has begun goes on.
func TestEntitlementEndsMeanwhile(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.order["reseller"] = "harbor-it"
	reseller := l.world.AddReseller("harbor-it", contoso)
	l.signsIn()
	l.env.RegisterDelayedCallback(func() { l.world.Change(func() { reseller.Entitled, reseller.Tenants = false, nil }) }, time.Second)
	l.ends(l.run(), upgrade.Completed)
	l.seats(id, "business-basic", 15)
}

// TestDryRunForAReseller: the plan says what a claim would be refused for.
func TestDryRunForAReseller(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.order["reseller"] = "harbor-it"
	l.world.AddReseller("harbor-it", contoso).Entitled = false
	l.env.ExecuteWorkflow(upgrade.PlanWorkflow, l.input())
	var p upgrade.Plan
	if err := l.env.GetWorkflowResult(&p); err != nil {
		t.Fatal(err)
	}
	if !p.Reasons.Has("not_entitled") || len(p.Steps) == 0 || p.Reseller != "harbor-it" {
		t.Errorf("%+v", p)
	}
}
