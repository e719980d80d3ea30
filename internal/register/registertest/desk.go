package registertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// Inventory is the copy of all customers that workers keep.
type Inventory interface {
	BeginInventory(ctx context.Context, began time.Time) error
	SaveListed(ctx context.Context, page []upgrade.Customer, at time.Time) error
	SaveInventoryRow(ctx context.Context, row upgrade.InventoryRow) error
	EndInventory(ctx context.Context, i upgrade.Inventory) error
	InventoryOf(ctx context.Context, tenant string) (upgrade.InventoryRow, error)
	LastInventory(ctx context.Context) (upgrade.Inventory, error)
}

// Desk is what the provider's pages and the API ask of a register.
type Desk interface {
	Register
	Inventory
	Recorded(ctx context.Context, f upgrade.RecordedFilter, cursor string, size int) ([]upgrade.Recorded, string, error)
	LastRecorded(ctx context.Context, order string) (upgrade.Recorded, error)
	Inventory(ctx context.Context, f upgrade.InventoryFilter, cursor string, size int) ([]upgrade.InventoryRow, string, error)
	Resellers(ctx context.Context) ([]upgrade.Reseller, error)
	Reseller(ctx context.Context, id string) (upgrade.Reseller, error)
	SaveReseller(ctx context.Context, r upgrade.Reseller) error
	ResellerOf(ctx context.Context, tenant string) (string, error)
	CustomersOf(ctx context.Context, reseller string) ([]string, error)
	SetReseller(ctx context.Context, tenant, reseller, by string, at time.Time) error
	ManagementPlans(ctx context.Context) ([]upgrade.ManagementPlan, error)
	SaveManagementPlan(ctx context.Context, p upgrade.ManagementPlan) error
	Subscribe(ctx context.Context, reseller string, e upgrade.Entitlement) error
	EndSubscription(ctx context.Context, reseller, by string, at time.Time) error
	MayUpgrade(ctx context.Context, reseller, tenant string, at time.Time) (upgrade.Problems, error)
	Audit(ctx context.Context, e upgrade.AuditEntry) error
	Audited(ctx context.Context, about string, limit int) ([]upgrade.AuditEntry, error)
}

// DeskConformance runs every test of what pages and API ask, each on a register of its own.
func DeskConformance(t *testing.T, open func(t *testing.T) Desk) {
	for name, test := range map[string]func(*desk){
		"recorded attempts":             recorded,
		"the last attempt":              lastRecorded,
		"the inventory's pages":         inventoryPages,
		"the inventory's filters":       inventoryFilters,
		"resellers":                     resellers,
		"entitlements":                  entitlements,
		"management plans":              managementPlans,
		"orders on a reseller's behalf": resellersOrders,
		"who did what":                  audited,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			test(&desk{kit: &kit{T: t, ctx: context.Background(), Register: r}, Desk: r})
		})
	}
}

// InventoryConformance runs what holds for every copy of all customers, that of the tests' fakes too.
func InventoryConformance(t *testing.T, open func(t *testing.T) Inventory) {
	for name, test := range map[string]func(*testing.T, Inventory){"keeping": inventoryKept, "taking": inventoryTaken} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// desk is a test with its register.
type desk struct {
	*kit
	Desk
}

const (
	first  = "11111111-2222-3333-4444-555555555555"
	second = "22222222-2222-3333-4444-555555555555"
	third  = "33333333-2222-3333-4444-555555555555"
)

// problems are the codes of an error's problems.
func problems(err error) string {
	var ps upgrade.Problems
	errors.As(err, &ps)
	var codes []string
	for _, p := range ps {
		codes = append(codes, p.Code)
	}
	return strings.Join(codes, " ")
}

func recorded(d *desk) {
	none, next, err := d.Recorded(d.ctx, upgrade.RecordedFilter{}, "", 0)
	d.ok(err)
	d.same(len(none)+len(next), 0)
	for i := range 7 { // two of each moment, so that the moment alone does not order them
		o := order(fmt.Sprintf("A_%d", i), 0)
		o.Tenant = []string{first, second}[i%2]
		_, err := d.Desk.Claim(d.ctx, upgrade.ClaimRequest{Order: o, WorkflowID: "upgrade/" + o.ID, FirstRun: "run", At: at.Add(time.Duration(i/2) * time.Minute)}, false)
		d.ok(err)
		if i < 6 {
			d.ok(d.Desk.SavePlan(d.ctx, o.ID+"#1", upgrade.Plan{Customer: upgrade.Customer{Name: []string{"Ärzte 100%", "Contoso"}[i%2]}, Headline: "Basic → Premium"}))
		}
	}
	d.end("A_0#1", upgrade.Declined)
	ids := func(f upgrade.RecordedFilter, size int) string {
		d.Helper()
		var all []string
		for cursor := ""; ; {
			page, next, err := d.Recorded(d.ctx, f, cursor, size)
			d.ok(err)
			if len(page) > size {
				d.Fatalf("a page of %d has %d rows", size, len(page))
			}
			for _, one := range page {
				all = append(all, one.OrderID)
			}
			if cursor = next; cursor == "" {
				return strings.Join(all, " ")
			}
		}
	}
	for _, size := range []int{1, 2, 3, 7, 100} {
		d.same(ids(upgrade.RecordedFilter{}, size), "A_6 A_5 A_4 A_3 A_2 A_1 A_0")
	}
	for name, c := range map[string]struct {
		f    upgrade.RecordedFilter
		want string
	}{
		"tenant":        {upgrade.RecordedFilter{Tenant: strings.ToUpper(second)}, "A_5 A_3 A_1"},
		"tenants":       {upgrade.RecordedFilter{Tenants: []string{second, third}}, "A_5 A_3 A_1"},
		"nobody":        {upgrade.RecordedFilter{Tenants: []string{}}, ""},
		"order":         {upgrade.RecordedFilter{OrderID: "A_3"}, "A_3"},
		"reseller":      {upgrade.RecordedFilter{Reseller: "harbor-it"}, ""},
		"end":           {upgrade.RecordedFilter{End: upgrade.Declined}, "A_0"},
		"ended":         {upgrade.RecordedFilter{Ended: true}, "A_0"},
		"name":          {upgrade.RecordedFilter{Search: " äRZTE"}, "A_4 A_2 A_0"},
		"sign":          {upgrade.RecordedFilter{Search: "0%"}, "A_4 A_2 A_0"},
		"underscore":    {upgrade.RecordedFilter{Search: "a_6"}, "A_6"},
		"no wildcard":   {upgrade.RecordedFilter{Search: "A%6"}, ""},
		"narrowed both": {upgrade.RecordedFilter{Search: "A_", Tenants: []string{second}, Ended: true}, ""},
	} {
		if got := ids(c.f, 2); got != c.want {
			d.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	page, _, err := d.Recorded(d.ctx, upgrade.RecordedFilter{OrderID: "A_0"}, "", 0)
	d.ok(err)
	d.same(page, []upgrade.Recorded{{Upgrade: "A_0#1", OrderID: "A_0", Attempt: 1, Tenant: first, Customer: "Ärzte 100%", Headline: "Basic → Premium",
		WorkflowID: "upgrade/A_0", Hash: order("A_0", 0).Hash(), End: upgrade.Declined, ClaimedAt: at, EndedAt: at.Add(time.Hour)}})
	for _, cursor := range []string{"%%", "YQ", "YQBi"} {
		_, _, err = d.Recorded(d.ctx, upgrade.RecordedFilter{}, cursor, 0)
		d.kind(err, upgrade.Invalid)
	}
}

func lastRecorded(d *desk) {
	_, err := d.LastRecorded(d.ctx, "4711")
	d.kind(err, upgrade.NotFound)
	id := d.claimed()
	d.end(id, upgrade.Declined)
	d.claim(order("4711", 2), "upgrade/4711-again", false)
	got, err := d.LastRecorded(d.ctx, "4711")
	d.ok(err)
	if got.Upgrade != "4711#2" || got.Order == nil || got.Order.Hash() != order("4711", 0).Hash() || got.Hash != got.Order.Hash() || got.Result != nil || got.End != "" {
		d.Errorf("%+v", got)
	}
	d.end("4711#2", upgrade.Completed)
	got, err = d.LastRecorded(d.ctx, "4711")
	d.ok(err)
	if got.Result == nil || got.Result.End != upgrade.Completed || got.EndedAt.IsZero() {
		d.Errorf("%+v", got)
	}
}

// row is a customer with a line of Business Basic and one of Teams Phone.
func row(tenant, name string, seen time.Time) upgrade.InventoryRow {
	return upgrade.InventoryRow{Tenant: tenant, Name: name, Domain: strings.ToLower(name) + ".example", SeenAt: seen, Subscriptions: []upgrade.InventoryLine{
		{Subscription: "s1", Name: "Business Basic", ProductSKU: "P:1", Offer: "business-basic", Seats: 5, Used: 3, Status: "active", TermEnds: at, Inferred: []string{"basic", "hosted"}},
		{Subscription: "s2", Name: "Teams Phone", Offer: "teams-phone", Seats: 5, Used: -1, Status: "active"},
	}}
}

func inventoryPages(d *desk) {
	var want []string
	for i := range 23 {
		r := row(fmt.Sprintf("%08d-2222-3333-4444-555555555555", i), fmt.Sprintf("%cery Customer %d", 'A'+i%3, i/5), at)
		d.ok(d.SaveInventoryRow(d.ctx, r))
		want = append(want, strings.ToLower(r.Name)+"\x00"+r.Tenant)
	}
	slices.Sort(want)
	for _, size := range []int{1, 5, 23, 100} {
		var got []string
		for cursor := ""; ; {
			page, next, err := d.Desk.Inventory(d.ctx, upgrade.InventoryFilter{}, cursor, size)
			d.ok(err)
			for _, c := range page {
				got = append(got, strings.ToLower(c.Name)+"\x00"+c.Tenant)
				if len(c.Subscriptions) != 2 {
					d.Errorf("%+v", c)
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		d.same(got, want)
	}
	_, _, err := d.Desk.Inventory(d.ctx, upgrade.InventoryFilter{}, "!", 1)
	d.kind(err, upgrade.Invalid)
}

func inventoryFilters(d *desk) {
	d.ok(d.SaveInventoryRow(d.ctx, row(first, "Übersee", at)))
	d.ok(d.SaveInventoryRow(d.ctx, row(second, "Contoso", at)))
	d.ok(d.SaveInventoryRow(d.ctx, upgrade.InventoryRow{Tenant: third, Name: "Empty_100", SeenAt: at}))
	d.ok(d.SaveReseller(d.ctx, upgrade.Reseller{ID: "harbor", Name: "Harbor"}))
	d.ok(d.SetReseller(d.ctx, second, "harbor", "olga", at))
	d.ok(d.Desk.SaveMembership(d.ctx, first, "s1", "premium", "business-basic", at))
	d.ok(d.Desk.SaveMembership(d.ctx, second, "s1", "premium", "business-premium", at)) // it has become another offer since
	for name, c := range map[string]struct {
		f    upgrade.InventoryFilter
		want string
	}{
		"everybody":       {upgrade.InventoryFilter{}, "Contoso Empty_100 Übersee"},
		"a name":          {upgrade.InventoryFilter{Search: "ÜBER"}, "Übersee"},
		"a domain":        {upgrade.InventoryFilter{Search: "contoso.ex"}, "Contoso"},
		"a tenant":        {upgrade.InventoryFilter{Search: third[:13]}, "Empty_100"},
		"a sign":          {upgrade.InventoryFilter{Search: "y_1"}, "Empty_100"},
		"no wildcard":     {upgrade.InventoryFilter{Search: "c%o"}, ""},
		"some":            {upgrade.InventoryFilter{Tenants: []string{first, third}}, "Empty_100 Übersee"},
		"nobody":          {upgrade.InventoryFilter{Tenants: []string{}}, ""},
		"a reseller's":    {upgrade.InventoryFilter{Reseller: "harbor"}, "Contoso"},
		"an offer":        {upgrade.InventoryFilter{Offer: "teams-phone"}, "Contoso Übersee"},
		"recorded on":     {upgrade.InventoryFilter{Plan: "premium"}, "Übersee"},
		"inferred":        {upgrade.InventoryFilter{Plan: "hosted"}, "Contoso"},
		"not a part":      {upgrade.InventoryFilter{Plan: "host"}, ""},
		"both":            {upgrade.InventoryFilter{Plan: "hosted", Search: "über"}, ""},
		"somebody else's": {upgrade.InventoryFilter{Reseller: "harbor", Tenants: []string{first}}, ""},
	} {
		page, _, err := d.Desk.Inventory(d.ctx, c.f, "", 0)
		d.ok(err)
		var names []string
		for _, one := range page {
			names = append(names, one.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			d.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	one, err := d.InventoryOf(d.ctx, first)
	d.ok(err)
	want := row(first, "Übersee", at)
	want.Subscriptions[0].Plan, want.Subscriptions[0].Inferred = "premium", nil
	d.same(one, want)
	one, err = d.InventoryOf(d.ctx, second)
	d.ok(err)
	if one.Reseller != "harbor" || one.Subscriptions[0].Plan != "" || !slices.Equal(one.Subscriptions[0].Inferred, []string{"basic", "hosted"}) {
		d.Errorf("%+v", one)
	}
}

func inventoryKept(t *testing.T, in Inventory) {
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := in.InventoryOf(ctx, first); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("an unknown customer: %v", err)
	}
	ok(in.SaveListed(ctx, []upgrade.Customer{{Tenant: first, Name: "Contoso", Domain: "contoso.example"}}, at))
	if one, err := in.InventoryOf(ctx, first); err != nil || one.Name != "Contoso" || !one.SeenAt.IsZero() || len(one.Subscriptions) != 0 {
		t.Errorf("listed only: %+v, %v", one, err)
	}
	for range 2 {
		ok(in.SaveInventoryRow(ctx, row(first, "Contoso", at.Add(time.Hour))))
	}
	ok(in.SaveInventoryRow(ctx, upgrade.InventoryRow{Tenant: first, Name: "Older", SeenAt: at.Add(time.Minute)}))
	ok(in.SaveListed(ctx, []upgrade.Customer{{Tenant: first, Name: "Contoso Ltd"}}, at.Add(2*time.Hour)))
	one, err := in.InventoryOf(ctx, first)
	if err != nil || one.Name != "Contoso Ltd" || len(one.Subscriptions) != 2 || !one.SeenAt.Equal(at.Add(time.Hour)) {
		t.Errorf("%+v, %v", one, err)
	}
	fewer := row(first, "Contoso", at.Add(3*time.Hour))
	fewer.Subscriptions = fewer.Subscriptions[:1]
	ok(in.SaveInventoryRow(ctx, fewer))
	if one, err = in.InventoryOf(ctx, first); err != nil || len(one.Subscriptions) != 1 || one.Subscriptions[0].Used != 3 {
		t.Errorf("%+v, %v", one, err)
	}
}

func inventoryTaken(t *testing.T, in Inventory) {
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if last, err := in.LastInventory(ctx); err != nil || last != (upgrade.Inventory{}) {
		t.Errorf("before any: %+v, %v", last, err)
	}
	ok(in.SaveInventoryRow(ctx, row(first, "Gone", at.Add(-time.Hour))))
	ok(in.BeginInventory(ctx, at))
	ok(in.SaveListed(ctx, []upgrade.Customer{{Tenant: second, Name: "Here"}}, at))
	ok(in.BeginInventory(ctx, at)) // a repeat
	broke := upgrade.Inventory{Customers: 1, Failed: 1, BeganAt: at, EndedAt: at.Add(time.Minute), Problem: &upgrade.Problem{Code: "x", Message: "it broke off"}}
	ok(in.EndInventory(ctx, broke))
	if last, err := in.LastInventory(ctx); err != nil || last.Problem == nil || last.Problem.Code != "x" || last.Failed != 1 {
		t.Errorf("broken off: %+v, %v", last, err)
	}
	if _, err := in.InventoryOf(ctx, first); err != nil {
		t.Errorf("what was known is gone: %v", err)
	}
	next := at.Add(6 * time.Hour)
	ok(in.BeginInventory(ctx, next))
	if last, err := in.LastInventory(ctx); err != nil || !last.EndedAt.IsZero() || !last.BeganAt.Equal(next) || last.Problem != nil {
		t.Errorf("under way: %+v, %v", last, err)
	}
	ok(in.EndInventory(ctx, broke)) // a late word of the one before
	ok(in.SaveListed(ctx, []upgrade.Customer{{Tenant: second, Name: "Here"}}, next))
	ended := upgrade.Inventory{Customers: 1, BeganAt: next, EndedAt: next.Add(time.Minute)}
	for range 2 {
		ok(in.EndInventory(ctx, ended))
	}
	if last, err := in.LastInventory(ctx); err != nil || last != ended {
		t.Errorf("ended: %+v, %v", last, err)
	}
	if _, err := in.InventoryOf(ctx, first); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("whom Partner Center lists no more: %v", err)
	}
	if _, err := in.InventoryOf(ctx, second); err != nil {
		t.Errorf("whom it lists: %v", err)
	}
}
