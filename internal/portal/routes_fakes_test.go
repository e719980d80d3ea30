package portal_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

// fakes stand for Temporal and the register: one customer, with one upgrade. What changes anything is written down; what is not
// implemented here changes something, too, and panics.
type fakes struct {
	desk.Upgrades
	desk.Register
	mu  sync.Mutex
	did []string
}

func (f *fakes) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, what)
}

type temporal struct{ *fakes }

func (f temporal) Status(_ context.Context, id string) (upgrade.Status, error) {
	if strings.TrimPrefix(id, "upgrade/") != "A-1" {
		return upgrade.Status{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "not_found"}
	}
	return upgrade.Status{Order: "A-1", Upgrade: "A-1#1", WorkflowID: "upgrade/A-1", Tenant: customerTenant, Customer: customerName, Stage: upgrade.Invited,
		Headline: "of " + customerName, Invitation: &upgrade.Invitation{Number: 1, Deadline: time.Now().Add(time.Hour)}}, nil
}

func (f temporal) PlanOf(context.Context, string) (upgrade.Plan, error) {
	return upgrade.Plan{Order: "A-1", Headline: "of " + customerName, Digest: "d"}, nil
}

func (f temporal) Page(_ context.Context, filter upgrade.ListFilter, _ string, _ int) ([]upgrade.ListRow, string, error) {
	if filter.Tenants != nil && !slices.Contains(filter.Tenants, customerTenant) {
		return nil, "", nil
	}
	return []upgrade.ListRow{{WorkflowID: "upgrade/A-1", Order: "A-1", Tenant: customerTenant, Stage: upgrade.Invited}}, "", nil
}

func (f temporal) LookAtCustomer(context.Context, string) (upgrade.CustomerView, error) {
	return upgrade.CustomerView{Customer: upgrade.Customer{Tenant: customerTenant, Name: customerName}, Row: inventoryRow()}, nil
}

func (f temporal) Start(context.Context, []byte) (upgrade.Started, error) {
	f.note("start")
	return upgrade.Started{Order: "B-1"}, nil
}

func (f temporal) DryRun(context.Context, []byte) (upgrade.Plan, error) {
	return upgrade.Plan{Headline: "of " + customerName}, nil
}

func (f temporal) word(w string) (upgrade.Reply, error) { f.note(w); return upgrade.Reply{}, nil }

func (f temporal) Confirm(context.Context, string, upgrade.Confirm) (upgrade.Reply, error) {
	return f.word("confirm")
}
func (f temporal) Approve(context.Context, string, upgrade.Approve) (upgrade.Reply, error) {
	return f.word("approve")
}
func (f temporal) Cancel(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("cancel")
}
func (f temporal) Resend(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("resend")
}
func (f temporal) Revoke(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("revoke")
}
func (f temporal) Resolve(context.Context, string, upgrade.Resolve) (upgrade.Reply, error) {
	return f.word("resolve")
}
func (f temporal) Retry(context.Context, string) (upgrade.Started, error) {
	f.note("again")
	return upgrade.Started{}, nil
}
func (f temporal) ReplayCallbacks(context.Context, string, int) error { f.note("replay"); return nil }

func (f temporal) PlaceBatch(_ context.Context, b upgrade.Batch, _ []upgrade.BatchRow) (upgrade.BatchStarted, error) {
	f.note("batch")
	return upgrade.BatchStarted{Batch: b.ID}, nil
}
func (f temporal) StartBatch(context.Context, string, upgrade.StartBatch) (upgrade.Reply, error) {
	return f.word("start batch")
}
func (f temporal) CancelBatch(context.Context, string, upgrade.CancelBatch) (upgrade.Reply, error) {
	return f.word("cancel batch")
}
func (f temporal) PauseBatch(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("pause batch")
}
func (f temporal) ResumeBatch(context.Context, string, upgrade.Request) (upgrade.Reply, error) {
	return f.word("resume batch")
}
func (f temporal) BatchAgain(context.Context, string, upgrade.RunBatchAgain) (upgrade.Reply, error) {
	return f.word("batch again")
}
func (f temporal) LiveLines(context.Context, []upgrade.BatchLine) error { return nil }
func (f temporal) LiveCounts(context.Context, *upgrade.BatchView) error { return nil }

func inventoryRow() upgrade.InventoryRow {
	return upgrade.InventoryRow{Tenant: customerTenant, Name: customerName, Domain: "contoso.example", Reseller: ownReseller,
		Subscriptions: []upgrade.InventoryLine{{Subscription: "s-1", Name: "Business Basic", Offer: "business-basic", Seats: 5, Status: "active"}}}
}

type book struct{ *fakes }

func (f book) Recorded(_ context.Context, filter upgrade.RecordedFilter, _ string, _ int) ([]upgrade.Recorded, string, error) {
	if filter.Tenants != nil && !slices.Contains(filter.Tenants, customerTenant) {
		return nil, "", nil
	}
	return []upgrade.Recorded{{Upgrade: "A-1#1", OrderID: "A-1", Attempt: 1, Tenant: customerTenant, Customer: customerName, WorkflowID: "upgrade/A-1"}}, "", nil
}

func (f book) LastRecorded(_ context.Context, order string) (upgrade.Recorded, error) {
	if order != "A-1" {
		return upgrade.Recorded{}, &upgrade.Error{Kind: upgrade.NotFound}
	}
	return upgrade.Recorded{Upgrade: "A-1#1", OrderID: "A-1", Attempt: 1, Tenant: customerTenant, Customer: customerName, WorkflowID: "upgrade/A-1"}, nil
}

func (f book) Inventory(_ context.Context, filter upgrade.InventoryFilter, _ string, _ int) ([]upgrade.InventoryRow, string, error) {
	if filter.Tenants != nil && !slices.Contains(filter.Tenants, customerTenant) {
		return nil, "", nil
	}
	return []upgrade.InventoryRow{inventoryRow()}, "", nil
}

func (f book) Evidence(context.Context, string) ([]upgrade.Evidence, error)      { return nil, nil }
func (f book) Answers(context.Context, string) ([]upgrade.OperatorAnswer, error) { return nil, nil }
func (f book) Plan(context.Context, string) (upgrade.Plan, error)                { return upgrade.Plan{}, nil }
func (f book) Reports(context.Context, string, string, int) ([]upgrade.UserReport, error) {
	return []upgrade.UserReport{{User: customerName}}, nil
}
func (f book) FailedDeliveries(context.Context, int) ([]upgrade.Delivery, error) { return nil, nil }
func (f book) LastInventory(context.Context) (upgrade.Inventory, error) {
	return upgrade.Inventory{}, nil
}
func (f book) ManagementPlans(context.Context) ([]upgrade.ManagementPlan, error) { return nil, nil }
func (f book) Prices(context.Context, string) ([]upgrade.Price, error)           { return nil, nil }
func (f book) ResellerOf(_ context.Context, tenant string) (string, error)       { return ownReseller, nil }
func (f book) SaveMembership(context.Context, string, string, string, string, time.Time) error {
	f.note("plan")
	return nil
}
func (f book) SetReseller(context.Context, string, string, string, time.Time) error {
	f.note("reseller")
	return nil
}

func (f book) Deliveries(context.Context, string) ([]upgrade.Delivery, error) {
	return []upgrade.Delivery{{Upgrade: "A-1#1", Sequence: 1}}, nil
}

func (f book) CustomersOf(_ context.Context, reseller string) ([]string, error) {
	if reseller == ownReseller {
		return []string{customerTenant}, nil
	}
	return nil, nil
}

// Every reseller is entitled, so that it is not the want of that which keeps another one out.
func (f book) Reseller(_ context.Context, id string) (upgrade.Reseller, error) {
	name := "Quayside"
	if id == ownReseller {
		name = "the reseller of " + customerName
	}
	return upgrade.Reseller{ID: id, Name: name, Entitlement: &upgrade.Entitlement{}}, nil
}

func (f book) Resellers(ctx context.Context) ([]upgrade.Reseller, error) {
	one, _ := f.Reseller(ctx, ownReseller)
	return []upgrade.Reseller{one}, nil
}

func (f book) Batch(_ context.Context, id string) (upgrade.BatchView, error) {
	if id != "A-1" {
		return upgrade.BatchView{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_batch"}
	}
	return upgrade.BatchView{Batch: upgrade.Batch{ID: "A-1", Reseller: ownReseller, Rows: 1}, State: upgrade.BatchRunning, Counts: map[upgrade.BatchRowState]int{upgrade.RowRunning: 1}}, nil
}

func (f book) Batches(ctx context.Context, filter upgrade.BatchFilter, _ string, _ int) ([]upgrade.BatchView, string, error) {
	if filter.Reseller != "" && filter.Reseller != ownReseller {
		return nil, "", nil
	}
	v, err := f.Batch(ctx, "A-1")
	return []upgrade.BatchView{v}, "", err
}

func (f book) BatchLines(_ context.Context, _ string, _ upgrade.BatchLineFilter, after, _ int) ([]upgrade.BatchLine, error) {
	if after > 0 {
		return nil, nil
	}
	return []upgrade.BatchLine{{BatchRow: upgrade.BatchRow{Number: 1, Order: "A-1", Tenant: customerTenant}, State: upgrade.RowRunning, Customer: customerName}}, nil
}

// drafts has one draft of everybody's.
type drafts struct{ *fakes }

func (d drafts) SaveDraft(_ context.Context, _, _ string, draft json.RawMessage, _ time.Time) error {
	if strings.Contains(string(draft), customerTenant) {
		d.note("draft for the customer")
	}
	return nil
}
func (d drafts) Draft(context.Context, string, string) (json.RawMessage, error) {
	return json.RawMessage(`{}`), nil
}
func (d drafts) DeleteDraft(context.Context, string, string) error { return nil }

type noLinks struct{}

func (noLinks) Parse(string) (string, string, int, error) {
	return "", "", 0, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_link"}
}
func (noLinks) Link(string, string, int) (upgrade.Secret, error) {
	return "https://x/consent/" + customerName, nil
}
