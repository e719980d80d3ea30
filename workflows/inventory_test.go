package workflows_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// stocked is a lab with so many customers, each with five seats of Business Basic, of whom a page has three.
func stocked(t *testing.T, world *activitiestest.World, customers int) *lab {
	t.Helper()
	for i := range customers {
		c := world.AddCustomer(fmt.Sprintf("%08d-1111-1111-1111-111111111111", i), fmt.Sprint("Customer ", i), "DE")
		world.AddSubscription(c, "business-basic", 5)
		world.AddUser(c, "anna", "business-basic")
	}
	world.ListPages(3)
	return takes(t, world, upgrade.InventoryWorkflowID)
}

// takes is an execution that takes an inventory under an id.
func takes(t *testing.T, world *activitiestest.World, id string) *lab {
	began := world.Now().Add(6 * time.Hour)
	l := labIn(t, world, nil)
	l.env.SetStartTime(began)
	l.startAs(id)
	return l
}

func (l *lab) inventory(start upgrade.InventoryStart) (taken upgrade.Inventory) {
	l.Helper()
	l.env.ExecuteWorkflow(upgrade.TakeInventoryWorkflow, start)
	if err := l.env.GetWorkflowError(); err != nil {
		l.Fatal(err)
	}
	if err := l.env.GetWorkflowResult(&taken); err != nil {
		l.Fatal(err)
	}
	return taken
}

// TestInventory: everybody is read, page by page; who cannot be read is counted and keeps what was known; what passes by itself
// is waited for.
func TestInventory(t *testing.T) {
	for name, c := range map[string]struct {
		prepare        func(*activitiestest.World)
		failed, seen   int
		problem, noted string
	}{
		"everybody":          {func(*activitiestest.World) {}, 0, 7, "", ""},
		"two refused":        {func(w *activitiestest.World) { w.Fail("Commerce.Subscriptions", 2, failing(upgrade.Refused, "20002")) }, 2, 5, "", ""},
		"unavailable":        {func(w *activitiestest.World) { w.Fail("Commerce.Subscriptions", 3, failing(upgrade.Transient, "503")) }, 0, 7, "", ""},
		"throttled":          {func(w *activitiestest.World) { w.Fail("Commerce.SubscribedSKUs", 1, failing(upgrade.Throttled, "429")) }, 0, 7, "", ""},
		"throttled for long": {func(w *activitiestest.World) { w.Fail("Commerce.Subscriptions", 40, failing(upgrade.Throttled, "429")) }, 0, 7, "", ""},
		"register busy": {func(w *activitiestest.World) {
			w.Fail("Inventory.SaveInventoryRow", 1, failing(upgrade.Transient, "register_busy"))
		}, 0, 7, "", ""},
		"replies lost": {func(w *activitiestest.World) {
			w.LoseReply("Inventory.SaveListed", 1)
			w.LoseReply("Inventory.EndInventory", 1)
		}, 0, 7, "", ""},
		"no list at all": {func(w *activitiestest.World) { w.Fail("Commerce.Customers", 1, failing(upgrade.Act, "900308")) }, 0, 0, "900308", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, _ := newWorld()
			world.SignPartnerIn("")
			l := stocked(t, world, 6) // and Contoso
			c.prepare(world)
			taken := l.inventory(upgrade.InventoryStart{})
			if c.problem != "" {
				if taken.Problem == nil || taken.Problem.Code != c.problem {
					t.Fatalf("%+v", taken)
				}
				return
			}
			if taken.Customers != 7 || taken.Failed != c.failed || taken.Problem != nil || taken.EndedAt.IsZero() || taken.BeganAt.IsZero() {
				t.Errorf("%+v", taken)
			}
			seen := 0
			for i := range 6 {
				row, err := world.Activities().Inventory.InventoryOf(t.Context(), fmt.Sprintf("%08d-1111-1111-1111-111111111111", i))
				if err != nil || row.Name != fmt.Sprint("Customer ", i) {
					t.Errorf("%+v, %v", row, err)
				}
				if row.SeenAt.IsZero() {
					continue
				}
				if seen++; len(row.Subscriptions) != 1 || row.Subscriptions[0].Used != 1 || row.Subscriptions[0].Inferred[0] != "business-basic" {
					t.Errorf("%+v", row)
				}
			}
			if row, err := world.Activities().Inventory.InventoryOf(t.Context(), contoso); err == nil && !row.SeenAt.IsZero() {
				seen++
			}
			if seen != c.seen {
				t.Errorf("%d were seen, not %d", seen, c.seen)
			}
		})
	}
}

// TestInventoryKeepsWhatWasKnown: whom Partner Center lists no more is forgotten; who cannot be read keeps the last look; a
// broken list takes nothing away.
func TestInventoryKeepsWhatWasKnown(t *testing.T) {
	world, customer := newWorld()
	world.AddSubscription(customer, "business-basic", 5)
	stocked(t, world, 3).inventory(upgrade.InventoryStart{})
	known := world.Activities().Inventory
	before, err := known.InventoryOf(t.Context(), contoso)
	if err != nil || len(before.Subscriptions) != 1 || before.Subscriptions[0].Used != -1 {
		t.Fatalf("%+v, %v: nobody of the partner is signed in", before, err)
	}
	world.Change(func() { customer.Relationship = "none" })
	world.Fail("Commerce.Customers", 1, failing(upgrade.Refused, "3000"))
	if taken := takes(t, world, upgrade.InventoryWorkflowID).inventory(upgrade.InventoryStart{}); taken.Problem == nil {
		t.Errorf("%+v", taken)
	}
	if _, err := known.InventoryOf(t.Context(), contoso); err != nil {
		t.Errorf("an inventory that broke off took a customer away: %v", err)
	}
	world.Fail("Commerce.Subscriptions", 99, failing(upgrade.Refused, "20002"))
	if taken := takes(t, world, upgrade.InventoryWorkflowID).inventory(upgrade.InventoryStart{}); taken.Customers != 3 || taken.Failed != 3 {
		t.Errorf("%+v", taken)
	}
	if _, err := known.InventoryOf(t.Context(), contoso); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("who is no customer any more: %v", err)
	}
	if row, err := known.InventoryOf(t.Context(), "00000001-1111-1111-1111-111111111111"); err != nil || len(row.Subscriptions) != 1 {
		t.Errorf("%+v, %v", row, err)
	}
}

// TestOneInventory: whoever starts one under another id has the one run, from the first page.
func TestOneInventory(t *testing.T) {
	world, _ := newWorld()
	stocked(t, world, 4)
	l := takes(t, world, "take-inventory-2026")
	if taken := l.inventory(upgrade.InventoryStart{Cursor: "3"}); taken.Customers != 5 {
		t.Errorf("%+v", taken)
	}
}

// TestInventoryHandsOver: no run goes through more than ten pages; the next goes on where it was.
func TestInventoryHandsOver(t *testing.T) {
	world, _ := newWorld()
	l := stocked(t, world, 15)
	world.ListPages(1)
	l.env.ExecuteWorkflow(upgrade.TakeInventoryWorkflow, upgrade.InventoryStart{})
	var next *workflow.ContinueAsNewError
	if err := l.env.GetWorkflowError(); !errors.As(err, &next) {
		t.Fatal(err)
	}
	var start upgrade.InventoryStart
	if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &start); err != nil || start.Taken.Customers != 10 || start.Cursor == "" {
		t.Fatalf("%+v, %v", start, err)
	}
	if taken := takes(t, world, upgrade.InventoryWorkflowID).inventory(start); taken.Customers != 16 || !taken.BeganAt.Equal(start.Taken.BeganAt) {
		t.Errorf("%+v", taken)
	}
}

// TestLookAtCustomer: what Microsoft says now, what could not be read in words, and what was known in its place.
func TestLookAtCustomer(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*activitiestest.World)
		seats   int
		used    int
		wrong   string // paths and codes
	}{
		"well":             {func(w *activitiestest.World) { w.SignPartnerIn("") }, 5, 1, "[]"},
		"nobody signed in": {func(*activitiestest.World) {}, 5, -1, "[used 900329]"},
		"customer hidden": {func(w *activitiestest.World) {
			w.SignPartnerIn("")
			w.Fail("Commerce.Customer", 1, failing(upgrade.Act, "900308"))
		}, 5, 1, "[customer 900308]"},
		"no subscriptions": {func(w *activitiestest.World) { w.Fail("Commerce.Subscriptions", 9, failing(upgrade.Transient, "503")) }, 3, 0, "[subscriptions 503]"},
		"passing": {func(w *activitiestest.World) {
			w.SignPartnerIn("")
			w.Fail("Commerce.Subscriptions", 2, failing(upgrade.Transient, "503"))
		}, 5, 1, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, customer := newWorld()
			id := world.AddSubscription(customer, "business-basic", 5)
			world.AddUser(customer, "anna", "business-basic")
			inventory := world.Activities().Inventory
			if err := inventory.SaveInventoryRow(t.Context(), upgrade.InventoryRow{Tenant: contoso, Name: "Contoso", SeenAt: start.Add(-day),
				Subscriptions: []upgrade.InventoryLine{{Subscription: id, Seats: 3}}}); err != nil {
				t.Fatal(err)
			}
			world.AddReseller("harbor-it", contoso)
			c.prepare(world)
			l := takes(t, world, "look")
			l.env.ExecuteWorkflow(upgrade.LookAtCustomerWorkflow, upgrade.CustomerAsked{Tenant: contoso})
			var view upgrade.CustomerView
			if err := l.env.GetWorkflowError(); err != nil {
				t.Fatal(err)
			}
			if err := l.env.GetWorkflowResult(&view); err != nil {
				t.Fatal(err)
			}
			wrong := []string{}
			for _, p := range view.Problems {
				wrong = append(wrong, p.Path+" "+p.Code)
				if p.Message == "" {
					t.Errorf("%+v says nothing", p)
				}
			}
			if fmt.Sprint(wrong) != c.wrong || view.Customer.Name != "Contoso" || view.Row.Reseller != "harbor-it" || len(view.Row.Subscriptions) != 1 ||
				view.Row.Subscriptions[0].Seats != c.seats || view.Row.Subscriptions[0].Used != c.used {
				t.Errorf("%v %+v", wrong, view)
			}
		})
	}
}

// TestLookAtNobody: a customer of whom nobody knows is an error that says so.
func TestLookAtNobody(t *testing.T) {
	for tenant, kind := range map[string]upgrade.Kind{"99999999-1111-1111-1111-111111111111": upgrade.NotFound, "contoso": upgrade.Invalid} {
		world, _ := newWorld()
		l := takes(t, world, "look")
		l.env.ExecuteWorkflow(upgrade.LookAtCustomerWorkflow, upgrade.CustomerAsked{Tenant: tenant})
		if err := l.env.GetWorkflowError(); err == nil || !hasType(err, string(kind)) {
			t.Errorf("%s: %v", tenant, err)
		}
	}
}

func failing(kind upgrade.Kind, code string) error {
	return &upgrade.Error{Kind: kind, Code: code, Message: "it does not want to"}
}

func hasType(err error, kind string) bool {
	var applied *temporal.ApplicationError
	return errors.As(err, &applied) && applied.Type() == kind
}
