package activities_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// TestFactsGoOn: an execution that has made its share of requests leaves the rest to the next one, which asks nothing twice; what is
// too old, and what was gathered for another customer, is asked anew.
func TestFactsGoOn(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	world := activitiestest.New(func() time.Time { return now })
	tenants := []string{"11111111-1111-1111-1111-111111111111", "22222222-1111-1111-1111-111111111111"}
	for _, tenant := range tenants {
		c := world.AddCustomer(tenant, "Contoso", "DE")
		world.AddSubscription(c, "business-basic", 5)
		world.AddSubscription(c, "business-standard", 5)
	}
	a := world.Activities()
	commerce := &spending{Commerce: a.Commerce}
	a.Commerce = commerce
	plan := func(tenant string) (out activities.PlanUpgradeOutput) {
		t.Helper()
		var order upgrade.Order
		order.ID, order.Tenant = "order-1", tenant
		order.Target.Totals = []upgrade.Total{{Offer: "business-basic", Seats: 0}, {Offer: "business-standard", Seats: 0}, {Offer: "business-premium", Seats: 10}}
		out, err := a.PlanUpgrade(upgrade.WithCalls(context.Background(), 3), activities.PlanUpgradeInput{Order: order, Policy: upgrade.DefaultPolicy(), Facts: "dry-run/1"})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := plan(tenants[0]); !out.More {
		t.Fatalf("two sources and an offer were asked by three requests: %+v", out.Plan.Headline)
	}
	if out := plan(tenants[0]); out.More || out.Plan.Digest == "" {
		t.Errorf("the second execution: more %t, %q", out.More, out.Plan.Digest)
	}
	if want := map[string]int{"Customer": 1, "Subscriptions": 1, "TransitionTargets": 2, "SKU": 1}; fmt.Sprint(commerce.asked) != fmt.Sprint(want) {
		t.Errorf("asked were %v, not %v", commerce.asked, want)
	}
	clear(commerce.asked)
	plan(tenants[1])
	if commerce.asked["Customer"] != 1 {
		t.Errorf("of another customer was asked %v", commerce.asked)
	}
	clear(commerce.asked)
	now = now.Add(11 * time.Minute)
	plan(tenants[1])
	if commerce.asked["Customer"] != 1 {
		t.Errorf("after eleven minutes was asked %v", commerce.asked)
	}
}

// spending takes the requests of what it is asked from the caller's share, as the client of Partner Center does.
type spending struct {
	activities.Commerce
	asked map[string]int
}

func (s *spending) spend(ctx context.Context, what string) error {
	err := upgrade.SpendCall(ctx)
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	if err == nil {
		s.asked[what]++
	}
	return err
}

func (s *spending) Customer(ctx context.Context, tenant string) (upgrade.Customer, error) {
	if err := s.spend(ctx, "Customer"); err != nil {
		return upgrade.Customer{}, err
	}
	return s.Commerce.Customer(ctx, tenant)
}

func (s *spending) Subscriptions(ctx context.Context, tenant string) ([]upgrade.Subscription, error) {
	if err := s.spend(ctx, "Subscriptions"); err != nil {
		return nil, err
	}
	return s.Commerce.Subscriptions(ctx, tenant)
}

func (s *spending) TransitionTargets(ctx context.Context, tenant, id string) ([]upgrade.TransitionTarget, error) {
	if err := s.spend(ctx, "TransitionTargets"); err != nil {
		return nil, err
	}
	return s.Commerce.TransitionTargets(ctx, tenant, id)
}

func (s *spending) SKU(ctx context.Context, sku, country string) (upgrade.SKU, error) {
	if err := s.spend(ctx, "SKU"); err != nil {
		return upgrade.SKU{}, err
	}
	return s.Commerce.SKU(ctx, sku, country)
}
