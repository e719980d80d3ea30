package activitiestest_test

import (
	"testing"
	"time"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/internal/register/registertest"
	"uplift/upgrade"
)

var (
	_ activities.Register   = activitiestest.Register{}
	_ activities.Inventory  = activitiestest.Inventory{}
	_ activities.Executions = activitiestest.Executions{}
	_ activities.Authority  = activitiestest.Authority{}
	_ activities.Directory  = activitiestest.Directory{}
	_ activities.Commerce   = activitiestest.Commerce{}
	_ activities.Mailer     = activitiestest.Mailer{}
	_ activities.Links      = activitiestest.Links{}
)

func TestRegisterConforms(t *testing.T) {
	t.Parallel()
	registertest.Conformance(t, func(*testing.T) registertest.Register {
		register, _ := activitiestest.New(nil).Activities().Register.(activitiestest.Register)
		return register
	})
}

func TestInventoryConforms(t *testing.T) {
	t.Parallel()
	registertest.InventoryConformance(t, func(*testing.T) registertest.Inventory {
		inventory, _ := activitiestest.New(nil).Activities().Inventory.(activitiestest.Inventory)
		return inventory
	})
}

func TestBatchesConform(t *testing.T) {
	t.Parallel()
	registertest.BatchesConformance(t, func(*testing.T) registertest.Batches {
		all := activitiestest.New(nil).Activities()
		return struct {
			activities.Register
			activities.Batches
		}{all.Register, all.Batches}
	})
}

const tenant = "11111111-1111-1111-1111-111111111111"

func TestCommerceConforms(t *testing.T) {
	t.Parallel()
	activitiestest.CommerceConformance(t, func(*testing.T) activitiestest.CommerceLab {
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		w := activitiestest.New(func() time.Time { return now })
		c := w.AddCustomer(tenant, "Contoso", "DE")
		w.SignPartnerIn("")
		premium, _ := w.Catalog.Offer("business-premium")
		return activitiestest.CommerceLab{
			Commerce: w.Activities().Commerce, Tenant: tenant, Subscription: w.AddSubscription(c, "business-basic", 10),
			Premium: premium.ProductSKU, Now: w.Now, Settle: func() { now = now.Add(time.Hour) },
		}
	})
}

func TestDirectoryConforms(t *testing.T) {
	t.Parallel()
	activitiestest.DirectoryConformance(t, func(*testing.T) activitiestest.DirectoryLab {
		w := activitiestest.New(nil)
		c := w.AddCustomer(tenant, "Contoso", "DE")
		c.AppRoles = []string{}
		w.AddSubscription(c, "business-basic", 5)
		for _, name := range []string{"anna", "bert", "carl"} {
			w.AddUser(c, name, "business-basic")
		}
		w.AddUser(c, "dora", "").UsageLocation = ""
		basic, _ := w.Catalog.Offer("business-basic")
		return activitiestest.DirectoryLab{
			Directory: w.Activities().Directory, Grant: upgrade.Grant{Kind: upgrade.GrantApplication, Tenant: tenant},
			SKU: basic.SKUID, Off: basic.ServicePlans[0].ID, Holder: w.AddUser(c, "holder", "business-basic").ID,
			Bare: w.User(c, "dora").ID, Other: w.AddUser(c, "emil", "").ID,
		}
	})
}
