package service

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap"

	"uplift/activities/activitiestest"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// TestCommerceConforms holds our client of Partner Center, on the simulator, to what the fake of the workflows' tests promises.
func TestCommerceConforms(t *testing.T) {
	t.Parallel()
	activitiestest.CommerceConformance(t, func(t *testing.T) activitiestest.CommerceLab {
		i := newInstallation(t)
		state := i.cloud.State
		state.AddTenant(cloud.TenantSpec{ID: customer, Domain: domain, Company: "Customer", Country: "DE"})
		id := state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 10, Age: 60 * day})
		i.bench(customer).partnerUser()
		w := &Worker{}
		steps, err := w.activities(context.Background(), WorkerOptions{Settings: i.settings, Log: zap.NewNop(), Now: state.Now}, upgrade.DefaultPolicy())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Close)
		return activitiestest.CommerceLab{
			Commerce: steps.Commerce, Tenant: customer, Subscription: id, Premium: "CFQ7TTC0LCHC:0002", Now: state.Now,
			Settle: func() { state.Advance(2 * time.Hour) },
		}
	})
}
