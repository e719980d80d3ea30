package desk_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

const (
	harborTenant   = "11111111-2222-3333-4444-555555555555" // a customer of the reseller harbor-it
	quaysideTenant = "22222222-2222-3333-4444-555555555555" // of the reseller quayside
	ownTenant      = "33333333-2222-3333-4444-555555555555" // the provider's own
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// temporal is Temporal with one upgrade of each customer, invited, under the order ids harbor, quayside and own.
type temporal struct {
	desk.Upgrades // nothing else is asked of it
	statuses      map[string]upgrade.Status
	calls         []string
	started       []upgrade.Order
	filter        upgrade.ListFilter
	rows          []upgrade.ListRow
	batch         upgrade.Batch
	batchRows     []upgrade.BatchRow
	unclaimed     int // so often an upgrade has not said yet whose it is
}

func (t *temporal) call(words ...string) { t.calls = append(t.calls, strings.Join(words, " ")) }

func (t *temporal) Start(_ context.Context, order []byte) (upgrade.Started, error) {
	o, problems := upgrade.ParseOrder(order)
	if len(problems) > 0 {
		return upgrade.Started{}, problems
	}
	t.call("start", o.ID)
	for _, before := range t.started { // as the real one: a running workflow's order is compared
		if before.ID == o.ID {
			if before.Hash() != o.Hash() {
				return upgrade.Started{}, &upgrade.Error{Kind: upgrade.Conflict, Code: "other_order"}
			}
			return upgrade.Started{Order: o.ID, WorkflowID: "upgrade/" + o.ID, Attempt: 1, Existing: true}, nil
		}
	}
	t.started = append(t.started, o)
	return upgrade.Started{Order: o.ID, WorkflowID: "upgrade/" + o.ID, Attempt: 1}, nil
}

func (t *temporal) Retry(_ context.Context, id string) (upgrade.Started, error) {
	t.call("retry", id)
	return upgrade.Started{Order: id, Attempt: 2}, nil
}

func (t *temporal) DryRun(_ context.Context, order []byte) (upgrade.Plan, error) {
	t.call("dry run")
	return upgrade.Plan{Digest: "d"}, nil
}

func (t *temporal) Status(_ context.Context, id string) (upgrade.Status, error) {
	if t.unclaimed > 0 {
		t.unclaimed--
		return upgrade.Status{WorkflowID: id, Stage: upgrade.Planning}, nil
	}
	if s, ok := t.statuses[strings.TrimPrefix(id, "upgrade/")]; ok {
		return s, nil
	}
	return upgrade.Status{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "no_such_upgrade"}
}

func (t *temporal) PlanOf(_ context.Context, id string) (upgrade.Plan, error) {
	if _, err := t.Status(context.Background(), id); err != nil {
		return upgrade.Plan{}, err
	}
	return upgrade.Plan{Digest: "digest of " + id}, nil
}

func (t *temporal) Page(_ context.Context, f upgrade.ListFilter, _ string, _ int) ([]upgrade.ListRow, string, error) {
	t.filter = f
	return slices.Clone(t.rows), "", nil
}

func (t *temporal) reply(what, id, by string) (upgrade.Reply, error) {
	t.call(what, id, "by", by)
	return upgrade.Reply{Message: "done"}, nil
}

func (t *temporal) Confirm(_ context.Context, id string, in upgrade.Confirm) (upgrade.Reply, error) {
	return t.reply("confirm", id, in.By)
}

func (t *temporal) Approve(_ context.Context, id string, in upgrade.Approve) (upgrade.Reply, error) {
	return t.reply("approve", id, in.By)
}

func (t *temporal) Cancel(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return t.reply("cancel", id, in.By)
}

func (t *temporal) Resend(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return t.reply("resend", id, in.By)
}

func (t *temporal) Revoke(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return t.reply("revoke", id, in.By)
}

func (t *temporal) Resolve(_ context.Context, id string, in upgrade.Resolve) (upgrade.Reply, error) {
	return t.reply("resolve", id, in.By)
}

func (t *temporal) LookAtCustomer(_ context.Context, tenant string) (upgrade.CustomerView, error) {
	t.call("look", tenant)
	return upgrade.CustomerView{Customer: upgrade.Customer{Tenant: tenant}}, nil
}

func (t *temporal) StoreUsers(_ context.Context, tenant, name string, _ []string) error {
	t.call("users", tenant, name)
	return nil
}

func (t *temporal) TakeInventory(context.Context) error {
	t.call("inventory")
	return nil
}

func (t *temporal) ReplayCallbacks(_ context.Context, id string, _ int) error {
	t.call("replay", id)
	return nil
}

func (t *temporal) PlaceBatch(_ context.Context, b upgrade.Batch, rows []upgrade.BatchRow) (upgrade.BatchStarted, error) {
	t.call("place batch", b.ID, "by", b.PlacedBy)
	t.batch, t.batchRows = b, rows
	return upgrade.BatchStarted{Batch: b.ID}, nil
}

func (t *temporal) StartBatch(_ context.Context, id string, in upgrade.StartBatch) (upgrade.Reply, error) {
	return t.reply("start", id, in.By)
}

func (t *temporal) CancelBatch(_ context.Context, id string, in upgrade.CancelBatch) (upgrade.Reply, error) {
	return t.reply("cancel", id, in.By)
}

func (t *temporal) PauseBatch(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return t.reply("pause", id, in.By)
}

func (t *temporal) ResumeBatch(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return t.reply("resume", id, in.By)
}

func (t *temporal) BatchAgain(_ context.Context, id string, in upgrade.RunBatchAgain) (upgrade.Reply, error) {
	return t.reply("again", id, in.By)
}

// LiveLines: what is of the order wait-… waits for its customer's consent.
func (t *temporal) LiveLines(_ context.Context, lines []upgrade.BatchLine) error {
	for i, l := range lines {
		if l.State == upgrade.RowRunning && strings.HasPrefix(l.Order, "wait-") {
			lines[i].State, lines[i].Stage = upgrade.RowWaiting, upgrade.Invited
		}
	}
	return nil
}

func (t *temporal) LiveCounts(_ context.Context, v *upgrade.BatchView) error {
	if v.Counts[upgrade.RowRunning] > 0 {
		v.Counts[upgrade.RowRunning]--
		v.Counts[upgrade.RowWaiting]++
	}
	return nil
}

// books is a register whose resellers each have one customer.
type books struct {
	desk.Register // nothing else is asked of it
	resellers     map[string]upgrade.Reseller
	recorded      map[string]upgrade.Recorded
	calls         []string
	audit         []upgrade.AuditEntry
	tenants       []string // of the last list's filter
	many          []string // a reseller's customers, if there are more than one
	batches       map[string]upgrade.BatchView
	lines         map[string][]upgrade.BatchLine // of batches
	reads         int                            // of lines
}

func (b *books) call(words ...string) error {
	b.calls = append(b.calls, strings.Join(words, " "))
	return nil
}

func (b *books) ResellerOf(_ context.Context, tenant string) (string, error) {
	return map[string]string{harborTenant: "harbor-it", quaysideTenant: "quayside"}[tenant], nil
}

func (b *books) CustomersOf(_ context.Context, reseller string) ([]string, error) {
	if b.many != nil {
		return b.many, nil
	}
	return map[string][]string{"harbor-it": {harborTenant}, "quayside": {quaysideTenant}}[reseller], nil
}

func (b *books) Reseller(_ context.Context, id string) (upgrade.Reseller, error) {
	if r, ok := b.resellers[id]; ok {
		return r, nil
	}
	return upgrade.Reseller{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "reseller_unknown"}
}

func (b *books) Resellers(context.Context) ([]upgrade.Reseller, error) {
	return []upgrade.Reseller{{ID: "harbor-it"}, {ID: "quayside"}}, nil
}

func (b *books) LastRecorded(_ context.Context, order string) (upgrade.Recorded, error) {
	if r, ok := b.recorded[order]; ok {
		return r, nil
	}
	return upgrade.Recorded{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_order"}
}

func (b *books) Recorded(_ context.Context, f upgrade.RecordedFilter, _ string, _ int) ([]upgrade.Recorded, string, error) {
	b.tenants = f.Tenants
	return nil, "", nil
}

func (b *books) Inventory(_ context.Context, f upgrade.InventoryFilter, _ string, _ int) ([]upgrade.InventoryRow, string, error) {
	b.tenants = f.Tenants
	return nil, "", nil
}

func (b *books) Batch(_ context.Context, id string) (upgrade.BatchView, error) {
	if v, ok := b.batches[id]; ok {
		return v, nil
	}
	return upgrade.BatchView{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_batch"}
}

func (b *books) Batches(_ context.Context, f upgrade.BatchFilter, _ string, _ int) (list []upgrade.BatchView, _ string, _ error) {
	for _, id := range slices.Sorted(maps.Keys(b.batches)) {
		if v := b.batches[id]; f.Reseller == "" || v.Reseller == f.Reseller {
			list = append(list, v)
		}
	}
	return list, "", nil
}

// BatchLines does not tell what waits from what runs, as the register does not.
func (b *books) BatchLines(_ context.Context, id string, f upgrade.BatchLineFilter, after, size int) (page []upgrade.BatchLine, _ error) {
	b.reads++
	if f.State == upgrade.RowWaiting {
		f.State = upgrade.RowRunning
	}
	for _, l := range b.lines[id] {
		if l.Number > after && len(page) < size && (f.State == "" || l.State == f.State) {
			page = append(page, l)
		}
	}
	return page, nil
}

func (b *books) Evidence(context.Context, string) ([]upgrade.Evidence, error)      { return nil, nil }
func (b *books) Answers(context.Context, string) ([]upgrade.OperatorAnswer, error) { return nil, nil }
func (b *books) Deliveries(context.Context, string) ([]upgrade.Delivery, error)    { return nil, nil }
func (b *books) FailedDeliveries(context.Context, int) ([]upgrade.Delivery, error) { return nil, nil }
func (b *books) ManagementPlans(context.Context) ([]upgrade.ManagementPlan, error) { return nil, nil }
func (b *books) Prices(context.Context, string) ([]upgrade.Price, error)           { return nil, nil }
func (b *books) Plan(context.Context, string) (upgrade.Plan, error) {
	return upgrade.Plan{Digest: "old"}, nil
}
func (b *books) Reports(context.Context, string, string, int) ([]upgrade.UserReport, error) {
	return nil, nil
}

func (b *books) SaveMembership(_ context.Context, tenant, _, plan, _ string, _ time.Time) error {
	return b.call("membership", tenant, plan)
}

func (b *books) SaveReseller(_ context.Context, r upgrade.Reseller) error {
	return b.call("reseller", r.ID)
}

func (b *books) SetReseller(_ context.Context, tenant, reseller, by string, _ time.Time) error {
	return b.call("customer", tenant, reseller, by)
}

func (b *books) SaveManagementPlan(_ context.Context, p upgrade.ManagementPlan) error {
	return b.call("management plan", p.ID, p.MadeBy)
}

func (b *books) Subscribe(_ context.Context, reseller string, e upgrade.Entitlement) error {
	return b.call("subscribe", reseller, e.By)
}

func (b *books) EndSubscription(_ context.Context, reseller, by string, _ time.Time) error {
	return b.call("end", reseller, by)
}

func (b *books) SavePrices(context.Context, []upgrade.Price, time.Time) error {
	return b.call("prices")
}

func (b *books) Audit(_ context.Context, e upgrade.AuditEntry) error {
	b.audit = append(b.audit, e)
	return nil
}

type linker struct{}

func (linker) Link(workflowID, upgradeID string, invitation int) (upgrade.Secret, error) {
	return "https://uplift.example/consent/x", nil
}

// lab is a desk over both.
type lab struct {
	*desk.Desk
	temporal *temporal
	books    *books
}

func newLab() *lab {
	invited := func(order, tenant string) upgrade.Status {
		return upgrade.Status{Order: order, Upgrade: order + "#1", WorkflowID: "upgrade/" + order, Tenant: tenant, Stage: upgrade.Invited, Invitation: &upgrade.Invitation{Number: 1}}
	}
	since, ended := now.Add(-time.Hour), now.Add(-time.Minute)
	l := &lab{
		temporal: &temporal{statuses: map[string]upgrade.Status{"harbor": invited("harbor", harborTenant), "quayside": invited("quayside", quaysideTenant), "own": invited("own", ownTenant)}},
		books: &books{recorded: map[string]upgrade.Recorded{}, resellers: map[string]upgrade.Reseller{
			"harbor-it": {ID: "harbor-it", Entitlement: &upgrade.Entitlement{Plan: "management", From: since}},
			"quayside":  {ID: "quayside", Entitlement: &upgrade.Entitlement{Plan: "management", From: since, Until: &ended}},
			"never":     {ID: "never"},
		}},
	}
	l.books.batches, l.books.lines = map[string]upgrade.BatchView{}, map[string][]upgrade.BatchLine{}
	for order, whose := range map[string]struct{ tenant, reseller string }{"harbor": {harborTenant, "harbor-it"}, "quayside": {quaysideTenant, "quayside"}, "own": {ownTenant, ""}} {
		l.books.batches[order] = upgrade.BatchView{Batch: upgrade.Batch{ID: order, Reseller: whose.reseller, Hash: "h", Rows: 1}, State: upgrade.BatchRunning, Counts: map[upgrade.BatchRowState]int{upgrade.RowRunning: 1}}
		l.books.lines[order] = []upgrade.BatchLine{{BatchRow: upgrade.BatchRow{Number: 1, Order: "wait-" + order, Tenant: whose.tenant}, State: upgrade.RowRunning, Workflow: "upgrade/" + order}}
	}
	l.Desk = desk.New(desk.Options{Upgrades: l.temporal, Register: l.books, Links: linker{}, Audit: l.books, Now: func() time.Time { return now }})
	return l
}

// effects are what was asked of Temporal and the register besides looking.
func (l *lab) effects() []string {
	return slices.DeleteFunc(slices.Concat(l.temporal.calls, l.books.calls), func(c string) bool {
		return c == "dry run" || strings.HasPrefix(c, "look ")
	})
}

func person(name string, roles ...access.Role) access.Who {
	return access.Who{Subject: "s-" + name, Name: name, Roles: roles}
}

func resellers(name, reseller string) access.Who {
	w := person(name, access.Reseller)
	w.Reseller = reseller
	return w
}
