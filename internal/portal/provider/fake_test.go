package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

// fakes stand for Temporal, the register and the keys. Everything is in memory; a nil function field answers as an empty
// installation does.
type fakes struct {
	mu        sync.Mutex
	status    map[string]upgrade.Status // by order
	plan      upgrade.Plan
	rows      []upgrade.ListRow
	recorded  []upgrade.Recorded
	reports   []upgrade.UserReport
	answers   []upgrade.OperatorAnswer
	evidence  []upgrade.Evidence
	sent      []upgrade.Delivery
	inventory []upgrade.InventoryRow
	taken     upgrade.Inventory
	resellers []upgrade.Reseller
	plans     []upgrade.ManagementPlan
	list      []upgrade.Price
	drafts    map[string]json.RawMessage
	stored    map[string][]string // lists of users
	placed    []string            // orders that were started, as JSON
	said      []string            // words that were given to upgrades
	asked     []upgrade.ListFilter
	batches   map[string]upgrade.BatchView
	lines     map[string][]upgrade.BatchLine // of batches
	put       []upgrade.Batch                // batches that were placed
	putRows   []upgrade.BatchRow             // and the last one's rows
	refusal   error                          // of every word
	down      error                          // of Temporal
}

func newFakes() *fakes {
	return &fakes{status: map[string]upgrade.Status{}, drafts: map[string]json.RawMessage{}, stored: map[string][]string{},
		batches: map[string]upgrade.BatchView{}, lines: map[string][]upgrade.BatchLine{}}
}

func notFound() error { return &upgrade.Error{Kind: upgrade.NotFound, Code: "none"} }

// temporal is the desk's Upgrades.
type temporal struct {
	desk.Upgrades // what is not asked in these tests
	*fakes
}

func (f temporal) Start(_ context.Context, order []byte) (upgrade.Started, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o, problems := upgrade.ParseOrder(order)
	if len(problems) > 0 {
		return upgrade.Started{}, problems
	}
	f.placed = append(f.placed, string(order))
	f.status[o.ID] = upgrade.Status{Order: o.ID, Upgrade: o.ID + "#1", WorkflowID: "upgrade/" + o.ID, Tenant: o.Tenant, Stage: upgrade.Planning}
	f.recorded = append(f.recorded, upgrade.Recorded{Upgrade: o.ID + "#1", OrderID: o.ID, Attempt: 1, Tenant: o.Tenant, WorkflowID: "upgrade/" + o.ID, Order: &o})
	return upgrade.Started{Order: o.ID, WorkflowID: "upgrade/" + o.ID, Attempt: 1}, nil
}

func (f temporal) Retry(_ context.Context, id string) (upgrade.Started, error) {
	return upgrade.Started{Order: id, Attempt: 2}, f.say("again", id)
}

func (f temporal) DryRun(context.Context, []byte) (upgrade.Plan, error) { return f.plan, f.down }

func (f temporal) Status(_ context.Context, id string) (upgrade.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.status[strings.TrimPrefix(id, "upgrade/")]; ok {
		return s, f.down
	}
	return upgrade.Status{}, notFound()
}

func (f temporal) PlanOf(context.Context, string) (upgrade.Plan, error) { return f.plan, nil }

func (f temporal) Page(_ context.Context, filter upgrade.ListFilter, _ string, _ int) ([]upgrade.ListRow, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, filter)
	return slices.DeleteFunc(slices.Clone(f.rows), func(r upgrade.ListRow) bool {
		return filter.Stage != "" && r.Stage != filter.Stage || filter.NeedsOperator && !r.NeedsOperator ||
			filter.Tenant != "" && r.Tenant != filter.Tenant || filter.Tenants != nil && !slices.Contains(filter.Tenants, r.Tenant)
	}), "", f.down
}

func (f temporal) say(word, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.said = append(f.said, word+" "+id)
	return f.refusal
}

func (f temporal) Confirm(_ context.Context, id string, in upgrade.Confirm) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "the plan is confirmed"}, f.say(fmt.Sprintf("confirm %s %d by %s", in.Digest, in.Seats, in.By), id)
}

func (f temporal) Approve(_ context.Context, id string, in upgrade.Approve) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "approved"}, f.say("approve "+in.Digest+" by "+in.By, id)
}

func (f temporal) Cancel(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "nothing was touched, and nothing will be"}, f.say("cancel by "+in.By+" because "+in.Reason, id)
}

func (f temporal) Resend(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "a new invitation is sent", Link: "https://secret.example/consent/CAPABILITY"}, f.say("resend by "+in.By, id)
}

func (f temporal) Revoke(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "the link is void"}, f.say("revoke by "+in.By, id)
}

func (f temporal) Resolve(_ context.Context, id string, in upgrade.Resolve) (upgrade.Reply, error) {
	return upgrade.Reply{Message: "the step is tried again"}, f.say(fmt.Sprintf("resolve %s by %s because %s", in.Answer, in.By, in.Reason), id)
}

func (f temporal) LookAtCustomer(_ context.Context, tenant string) (upgrade.CustomerView, error) {
	for _, row := range f.inventory {
		if row.Tenant == tenant {
			return upgrade.CustomerView{Customer: upgrade.Customer{Tenant: tenant, Name: row.Name, Domain: row.Domain, AgreementAccepted: true}, Row: row}, nil
		}
	}
	return upgrade.CustomerView{}, notFound()
}

func (f temporal) StoreUsers(_ context.Context, tenant, name string, users []string) error {
	f.stored[tenant+" "+name] = users
	return nil
}

func (f temporal) TakeInventory(context.Context) error { return f.say("inventory", "") }

func (f temporal) ReplayCallbacks(_ context.Context, id string, sequence int) error {
	return f.say(fmt.Sprintf("replay %d", sequence), id)
}

// book is the desk's Register.
type book struct {
	desk.Register // likewise
	*fakes
}

func (f book) Recorded(_ context.Context, filter upgrade.RecordedFilter, _ string, _ int) ([]upgrade.Recorded, string, error) {
	return slices.DeleteFunc(slices.Clone(f.recorded), func(r upgrade.Recorded) bool {
		return filter.Ended && r.End == "" || filter.Tenant != "" && r.Tenant != filter.Tenant || filter.Tenants != nil && !slices.Contains(filter.Tenants, r.Tenant)
	}), "", nil
}

func (f book) LastRecorded(_ context.Context, order string) (upgrade.Recorded, error) {
	for _, r := range f.recorded {
		if r.OrderID == order {
			return r, nil
		}
	}
	return upgrade.Recorded{}, notFound()
}

func (f book) Evidence(context.Context, string) ([]upgrade.Evidence, error) { return f.evidence, nil }

func (f book) Answers(context.Context, string) ([]upgrade.OperatorAnswer, error) {
	return f.answers, nil
}

func (f book) Plan(context.Context, string) (upgrade.Plan, error) { return f.plan, nil }

func (f book) Reports(_ context.Context, _, after string, limit int) ([]upgrade.UserReport, error) {
	var page []upgrade.UserReport
	for _, r := range f.reports {
		if r.User > after && len(page) < limit {
			page = append(page, r)
		}
	}
	return page, nil
}

func (f book) Deliveries(context.Context, string) ([]upgrade.Delivery, error) { return f.sent, nil }

func (f book) FailedDeliveries(context.Context, int) ([]upgrade.Delivery, error) {
	return slices.DeleteFunc(slices.Clone(f.sent), func(d upgrade.Delivery) bool { return d.State == upgrade.DeliveryDelivered }), nil
}

func (f book) Inventory(_ context.Context, filter upgrade.InventoryFilter, cursor string, size int) ([]upgrade.InventoryRow, string, error) {
	rows := slices.DeleteFunc(slices.Clone(f.inventory), func(r upgrade.InventoryRow) bool {
		return filter.Search != "" && !strings.Contains(strings.ToLower(r.Name), strings.ToLower(filter.Search)) || filter.Tenants != nil && !slices.Contains(filter.Tenants, r.Tenant) ||
			filter.Plan != "" && len(linesOn([]upgrade.InventoryRow{r}, filter.Plan)) == 0
	})
	from := max(number(or(cursor, "0")), 0) // a cursor of theirs is how many came before
	if rest := rows[min(from, len(rows)):]; len(rest) > size {
		return rest[:size], plainNumber(from + size), nil
	}
	return rows[min(from, len(rows)):], "", nil
}

func (f book) LastInventory(context.Context) (upgrade.Inventory, error) { return f.taken, nil }

func (f book) SaveMembership(_ context.Context, tenant, subscription, plan, offer string, _ time.Time) error {
	return temporal{fakes: f.fakes}.say("membership "+subscription+" "+plan+" "+offer, tenant)
}

func (f book) Resellers(context.Context) ([]upgrade.Reseller, error) {
	return slices.Clone(f.resellers), nil
}

func (f book) Reseller(_ context.Context, id string) (upgrade.Reseller, error) {
	for _, r := range f.resellers {
		if r.ID == id {
			return r, nil
		}
	}
	return upgrade.Reseller{}, notFound()
}

func (f book) SaveReseller(_ context.Context, r upgrade.Reseller) error {
	return temporal{fakes: f.fakes}.say("reseller "+r.Name, r.ID)
}

func (f book) ResellerOf(_ context.Context, tenant string) (string, error) {
	for _, row := range f.inventory {
		if row.Tenant == tenant {
			return row.Reseller, nil
		}
	}
	return "", nil
}

func (f book) CustomersOf(_ context.Context, reseller string) ([]string, error) {
	tenants := map[string]bool{}
	for _, row := range f.inventory {
		if row.Reseller == reseller {
			tenants[row.Tenant] = true
		}
	}
	return slices.Sorted(maps.Keys(tenants)), nil
}

func (f book) SetReseller(_ context.Context, tenant, reseller, by string, _ time.Time) error {
	return temporal{fakes: f.fakes}.say("of "+reseller+" by "+by, tenant)
}

func (f book) ManagementPlans(context.Context) ([]upgrade.ManagementPlan, error) { return f.plans, nil }

func (f book) SaveManagementPlan(_ context.Context, p upgrade.ManagementPlan) error {
	return temporal{fakes: f.fakes}.say(fmt.Sprintf("plan %s %v %v", p.Template, p.Prices, p.Resources), p.ID)
}

func (f book) Subscribe(_ context.Context, reseller string, e upgrade.Entitlement) error {
	return temporal{fakes: f.fakes}.say("subscribe "+e.Plan+" "+e.Form.Account+" "+e.Form.Subdomain, reseller)
}

func (f book) EndSubscription(_ context.Context, reseller, by string, _ time.Time) error {
	return temporal{fakes: f.fakes}.say("end by "+by, reseller)
}

func (f book) Prices(context.Context, string) ([]upgrade.Price, error) { return f.list, nil }

func (f book) SavePrices(_ context.Context, list []upgrade.Price, _ time.Time) error {
	f.list = list
	return nil
}

func (f book) SaveDraft(_ context.Context, owner, id string, d json.RawMessage, _ time.Time) error {
	f.drafts[owner+" "+id] = d
	return nil
}

func (f book) Draft(_ context.Context, owner, id string) (json.RawMessage, error) {
	if d, ok := f.drafts[owner+" "+id]; ok {
		return d, nil
	}
	return nil, notFound()
}

func (f book) DeleteDraft(_ context.Context, owner, id string) error {
	delete(f.drafts, owner+" "+id)
	return nil
}

// plainSealer stands for the keys.
type plainSealer struct{}

func (plainSealer) Seal(plain upgrade.Secret, context string) ([]byte, error) {
	return []byte(context + "|" + plain.Reveal()), nil
}

func (plainSealer) Unseal(sealed []byte, context string) (upgrade.Secret, error) {
	plain, ok := strings.CutPrefix(string(sealed), context+"|")
	if !ok {
		return "", notFound()
	}
	return upgrade.Secret(plain), nil
}

type plainLinks struct{}

func (plainLinks) Link(workflowID, _ string, n int) (upgrade.Secret, error) {
	return upgrade.Secret(fmt.Sprintf("https://uplift.example/consent/%s-%d", strings.ReplaceAll(workflowID, "/", "."), n)), nil
}
