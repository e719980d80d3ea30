// Package desk is what people and billing systems may do with upgrades, in one place for the pages and the API. Every method
// takes who asks, refuses what that one may not, and says on whose word it was done.
//
//   - An operator, a billing system: everything.
//   - The helpdesk, an engineer: see everything; the helpdesk sends invitations again, an engineer replays callbacks.
//   - A reseller's people: what is about the reseller's own customers, and nothing that changes anything unless the reseller is
//     entitled now. What is about others' customers does not exist for them: Kind NotFound, not a refusal.
package desk

import (
	"context"
	"time"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// Upgrades is what the desk needs of Temporal. Ids are order ids or workflow ids.
type Upgrades interface {
	Start(ctx context.Context, order []byte) (upgrade.Started, error)
	Retry(ctx context.Context, id string) (upgrade.Started, error)
	DryRun(ctx context.Context, order []byte) (upgrade.Plan, error)
	Status(ctx context.Context, id string) (upgrade.Status, error)
	PlanOf(ctx context.Context, id string) (upgrade.Plan, error)
	Page(ctx context.Context, f upgrade.ListFilter, cursor string, size int) (rows []upgrade.ListRow, next string, err error)
	Confirm(ctx context.Context, id string, in upgrade.Confirm) (upgrade.Reply, error)
	Approve(ctx context.Context, id string, in upgrade.Approve) (upgrade.Reply, error)
	Cancel(ctx context.Context, id string, in upgrade.Request) (upgrade.Reply, error)
	Resend(ctx context.Context, id string, in upgrade.Request) (upgrade.Reply, error)
	Revoke(ctx context.Context, id string, in upgrade.Request) (upgrade.Reply, error)
	Resolve(ctx context.Context, id string, in upgrade.Resolve) (upgrade.Reply, error)
	// LookAtCustomer reads one customer at Microsoft, by a worker, and refreshes its row of the inventory.
	LookAtCustomer(ctx context.Context, tenant string) (upgrade.CustomerView, error)
	// StoreUsers puts a list of a customer's users into the register, for an order that names it.
	StoreUsers(ctx context.Context, tenant, name string, users []string) error
	// TakeInventory starts an inventory, unless one is under way.
	TakeInventory(ctx context.Context) error
	// PlaceBatch stores the rows of a batch and starts it; the same one again starts nothing more. Kind Conflict, code other_batch.
	PlaceBatch(ctx context.Context, b upgrade.Batch, rows []upgrade.BatchRow) (upgrade.BatchStarted, error)
	StartBatch(ctx context.Context, batch string, in upgrade.StartBatch) (upgrade.Reply, error)
	CancelBatch(ctx context.Context, batch string, in upgrade.CancelBatch) (upgrade.Reply, error)
	PauseBatch(ctx context.Context, batch string, in upgrade.Request) (upgrade.Reply, error)
	ResumeBatch(ctx context.Context, batch string, in upgrade.Request) (upgrade.Reply, error)
	BatchAgain(ctx context.Context, batch string, in upgrade.RunBatchAgain) (upgrade.Reply, error)
	// LiveLines puts into rows of a batch what only Temporal knows: stages, who waits for consent and for an operator.
	LiveLines(ctx context.Context, lines []upgrade.BatchLine) error
	// LiveCounts tells apart, of a batch's rows that have not ended, those that wait for consent.
	LiveCounts(ctx context.Context, v *upgrade.BatchView) error
	// ReplayCallbacks sends the callbacks of an upgrade again: one, or with sequence 0 all that were not delivered.
	ReplayCallbacks(ctx context.Context, upgradeID string, sequence int) error
}

// Register is what the desk needs of the register. An empty cursor begins, an empty next cursor ends.
type Register interface {
	// Recorded lists attempts at orders, the latest claim first.
	Recorded(ctx context.Context, f upgrade.RecordedFilter, cursor string, size int) (rows []upgrade.Recorded, next string, err error)
	// LastRecorded is the last attempt at an order, with the order and its result. Kind NotFound when there is none.
	LastRecorded(ctx context.Context, order string) (upgrade.Recorded, error)
	Evidence(ctx context.Context, upgradeID string) ([]upgrade.Evidence, error)
	Answers(ctx context.Context, upgradeID string) ([]upgrade.OperatorAnswer, error)
	Plan(ctx context.Context, upgradeID string) (upgrade.Plan, error)
	Reports(ctx context.Context, upgradeID, after string, limit int) ([]upgrade.UserReport, error)
	Deliveries(ctx context.Context, upgradeID string) ([]upgrade.Delivery, error)
	// FailedDeliveries lists what was given up or waits for another attempt, the latest first.
	FailedDeliveries(ctx context.Context, limit int) ([]upgrade.Delivery, error)

	Inventory(ctx context.Context, f upgrade.InventoryFilter, cursor string, size int) (rows []upgrade.InventoryRow, next string, err error)
	LastInventory(ctx context.Context) (upgrade.Inventory, error)
	// SaveMembership records which plan or offer a subscription is on.
	SaveMembership(ctx context.Context, tenant, subscription, plan, offer string, at time.Time) error

	// Batch is one of them, Kind NotFound; Batches lists them, the latest first.
	Batch(ctx context.Context, id string) (upgrade.BatchView, error)
	Batches(ctx context.Context, f upgrade.BatchFilter, cursor string, size int) (list []upgrade.BatchView, next string, err error)
	// BatchLines lists rows of a batch after one, by number.
	BatchLines(ctx context.Context, id string, f upgrade.BatchLineFilter, after, size int) ([]upgrade.BatchLine, error)

	Resellers(ctx context.Context) ([]upgrade.Reseller, error)
	// Reseller is one of them, Kind NotFound.
	Reseller(ctx context.Context, id string) (upgrade.Reseller, error)
	SaveReseller(ctx context.Context, r upgrade.Reseller) error
	// ResellerOf is whose customer a tenant is; empty: the provider's own.
	ResellerOf(ctx context.Context, tenant string) (string, error)
	// CustomersOf are the tenants of a reseller's customers.
	CustomersOf(ctx context.Context, reseller string) ([]string, error)
	// SetReseller makes a tenant a reseller's customer; empty: the provider's own again.
	SetReseller(ctx context.Context, tenant, reseller, by string, at time.Time) error
	ManagementPlans(ctx context.Context) ([]upgrade.ManagementPlan, error)
	// SaveManagementPlan keeps a new plan. Kind Invalid, with [upgrade.Problems], where it is not one; Conflict where it exists.
	SaveManagementPlan(ctx context.Context, p upgrade.ManagementPlan) error
	// Subscribe subscribes a reseller to a management plan. Kind Conflict where it is subscribed already.
	Subscribe(ctx context.Context, reseller string, e upgrade.Entitlement) error
	// EndSubscription ends the present one. Kind NotFound where there is none.
	EndSubscription(ctx context.Context, reseller, by string, at time.Time) error

	Prices(ctx context.Context, market string) ([]upgrade.Price, error)
	SavePrices(ctx context.Context, list []upgrade.Price, at time.Time) error
}

// Links makes the links that administrators open.
type Links interface {
	Link(workflowID, upgradeID string, invitation int) (upgrade.Secret, error)
}

// Auditor writes down who did what, where neither the upgrade nor the register does so by itself.
type Auditor interface {
	Audit(ctx context.Context, e upgrade.AuditEntry) error
}

// Options are New's; all are required but Audit and Now.
type Options struct {
	Upgrades Upgrades
	Register Register
	Links    Links
	Audit    Auditor          // nil: nothing is written down
	Now      func() time.Time // nil is the system's clock
}

// Desk is the desk.
type Desk struct {
	Options
}

// New returns a desk. It does no I/O.
func New(o Options) *Desk {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{Options: o}
}

// mayAll sees every customer.
func mayAll(who access.Who) bool {
	return who.Has(access.Operator, access.Helpdesk, access.Engineer, access.Billing)
}

// sees refuses who may not see a customer, in the words of something that does not exist.
func (d *Desk) sees(ctx context.Context, who access.Who, tenant string) error {
	if mayAll(who) {
		return nil
	}
	if who.Has(access.Reseller) && who.Reseller != "" && tenant != "" {
		of, err := d.Register.ResellerOf(ctx, tenant)
		if err != nil {
			return err
		}
		if of == who.Reseller {
			return nil
		}
	}
	return &upgrade.Error{Kind: upgrade.NotFound, Code: "not_found", Message: "there is no such thing, or it is not yours to see"}
}

// changes refuses who may see a customer and change nothing.
func (d *Desk) changes(ctx context.Context, who access.Who, tenant string) error {
	if err := d.sees(ctx, who, tenant); err != nil {
		return err
	}
	switch {
	case who.Has(access.Operator, access.Billing):
		return nil
	case who.Has(access.Reseller):
		return d.entitled(ctx, who)
	}
	return mayNot("operators and billing systems decide about upgrades; ask one")
}

func (d *Desk) entitled(ctx context.Context, who access.Who) error {
	reseller, err := d.Register.Reseller(ctx, who.Reseller)
	if err != nil && upgrade.KindOf(err) != upgrade.NotFound {
		return err
	}
	if err != nil || !reseller.Entitled(d.Now()) {
		return &upgrade.Error{Kind: upgrade.Act, Code: "not_entitled",
			Message: "the reseller is not subscribed to a customer management plan now, and may look only; the provider can subscribe it"}
	}
	return nil
}

// only lets the roles in, and nobody else.
func only(who access.Who, roles ...access.Role) error {
	if who.Has(roles...) {
		return nil
	}
	return mayNot("your role does not open this")
}

// did writes down what somebody did.
func (d *Desk) did(ctx context.Context, who access.Who, what, about, detail string) error {
	if d.Audit == nil {
		return nil
	}
	return d.Audit.Audit(ctx, upgrade.AuditEntry{At: d.Now(), By: who.By(), What: what, About: about, Detail: detail})
}

func mayNot(words string) error {
	return &upgrade.Error{Kind: upgrade.Act, Code: "not_allowed", Message: words}
}

// tenants narrows a list to what may be seen; nil is everybody.
func (d *Desk) tenants(ctx context.Context, who access.Who) ([]string, error) {
	switch {
	case mayAll(who):
		return nil, nil
	case who.Has(access.Reseller) && who.Reseller != "":
		own, err := d.Register.CustomersOf(ctx, who.Reseller)
		if own == nil {
			own = []string{}
		}
		return own, err
	}
	return []string{}, nil
}
