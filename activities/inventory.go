package activities

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// Inventory is the copy of all customers that people look at and choose from. Every method may be called again with the same
// input.
type Inventory interface {
	// BeginInventory records that one is under way.
	BeginInventory(ctx context.Context, began time.Time) error
	// SaveListed keeps customers by name; what is known of their subscriptions stays.
	SaveListed(ctx context.Context, page []upgrade.Customer, at time.Time) error
	// SaveInventoryRow keeps a customer's subscriptions in the place of those that were known, unless they were seen later.
	SaveInventoryRow(ctx context.Context, row upgrade.InventoryRow) error
	// EndInventory records how it went, and, where it did not break off, forgets whom it has not met.
	EndInventory(ctx context.Context, i upgrade.Inventory) error
	// InventoryOf is one customer as it is known, with the recorded plans. Kind NotFound, code unknown_customer.
	InventoryOf(ctx context.Context, tenant string) (upgrade.InventoryRow, error)
}

// ListCustomersInput names a page of Partner Center's list of customers.
type ListCustomersInput struct {
	Cursor string    `json:"cursor,omitempty"`
	Began  time.Time `json:"began,omitzero"` // zero with the first page, which begins the inventory
}

// ListCustomersOutput is the page, by tenant.
type ListCustomersOutput struct {
	Tenants []string  `json:"tenants,omitempty"`
	Next    string    `json:"next,omitempty"` // empty: this is the last page
	Began   time.Time `json:"began"`
}

// ListCustomers reads a page of the provider's customers and keeps their names. A repeat reads and keeps the same page; one of
// the first page begins the inventory anew, which has seen nobody yet.
func (a *Activities) ListCustomers(ctx context.Context, in ListCustomersInput) (ListCustomersOutput, error) {
	out := ListCustomersOutput{Began: in.Began}
	if out.Began.IsZero() {
		out.Began = a.now().Truncate(time.Microsecond) // as registers keep times
		if err := a.Inventory.BeginInventory(ctx, out.Began); err != nil {
			return out, err
		}
	}
	page, next, err := a.Commerce.Customers(ctx, in.Cursor)
	if err != nil {
		return out, err
	}
	for _, c := range page {
		out.Tenants = append(out.Tenants, c.Tenant)
	}
	out.Next = next
	return out, a.Inventory.SaveListed(ctx, page, out.Began)
}

// ReadCustomersInput names the customers of a page.
type ReadCustomersInput struct {
	Tenants []string `json:"tenants"`
}

// ReadCustomersOutput counts them. It is what an attempt has done so far, too, for the one that takes over.
type ReadCustomersOutput struct {
	Read   int `json:"read"`
	Failed int `json:"failed,omitempty"` // of those read: whose subscriptions could not be had
}

const (
	// customersAtATime is how many customers are read at once: Partner Center allows 500 requests a minute in all.
	customersAtATime = 4
	// fewCustomers are read without a pause: a page of so few leaves enough of the quota to others.
	fewCustomers = 40
	// patientAttempts is how often the whole page waits for what passes by itself, before a customer counts as failed.
	patientAttempts = 4
)

// ReadCustomers reads the subscriptions of a page of customers, a few at a time, and keeps them. Each is kept by itself and told by
// a heartbeat, so that a repeat goes on after the last group, and reads a group that was under way again. A customer who cannot be
// read keeps what was known.
func (a *Activities) ReadCustomers(ctx context.Context, in ReadCustomersInput) (ReadCustomersOutput, error) {
	var out ReadCustomersOutput
	if activity.IsActivity(ctx) && activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &out); err != nil {
			out = ReadCustomersOutput{} // begin anew
		}
	}
	look := &looking{a: a}
	for out.Read < len(in.Tenants) {
		if err := stopping(ctx); err != nil {
			return out, err
		}
		began := time.Now()
		group := in.Tenants[out.Read:min(out.Read+customersAtATime, len(in.Tenants))]
		failed, err := look.group(ctx, group)
		if err != nil {
			return out, err
		}
		out.Read, out.Failed = out.Read+len(group), out.Failed+failed
		beat(ctx, out)
		if len(in.Tenants) > fewCustomers && out.Read < len(in.Tenants) {
			if err := a.wait(ctx, a.Settings.InventoryPause-time.Since(began)); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// stopping lets another worker go on when this one is told to stop.
func stopping(ctx context.Context) error {
	if !activity.IsActivity(ctx) {
		return ctx.Err()
	}
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return waiting("worker_stops", "this worker is being stopped; another one goes on")
	default:
		return ctx.Err()
	}
}

// attemptOf is which attempt this is, from 1.
func attemptOf(ctx context.Context) int {
	if activity.IsActivity(ctx) {
		return int(activity.GetInfo(ctx).Attempt)
	}
	return 1
}

// looking reads customers, and remembers that nobody of the partner is signed in: each would be refused alike.
type looking struct {
	a  *Activities
	mu sync.Mutex
	// unused: how many users hold what is not asked any more.
	unused bool
}

// group reads some customers at once, and counts those who could not be read. What passes by itself is an error, for a while.
func (l *looking) group(ctx context.Context, tenants []string) (failed int, err error) {
	errs := make([]error, len(tenants))
	var all sync.WaitGroup
	for i, tenant := range tenants {
		all.Go(func() { errs[i] = l.customer(ctx, tenant) })
	}
	all.Wait()
	for _, err := range errs {
		var silent customerSilent
		switch {
		case err == nil:
		case asSilent(err, &silent) && upgrade.KindOf(silent.err) == upgrade.Throttled:
			return failed, silent.err // it says nothing of the customer, and a provider's list takes longer than a minute's quota
		case asSilent(err, &silent) && (attemptOf(ctx) >= patientAttempts || !upgrade.KindOf(silent.err).Retryable()):
			failed++
		case asSilent(err, &silent):
			return failed, silent.err
		default:
			return failed, err // the register's
		}
	}
	return failed, nil
}

// customerSilent is that Partner Center does not tell a customer's subscriptions.
type customerSilent struct{ err error }

func (c customerSilent) Error() string { return c.err.Error() }

func asSilent(err error, into *customerSilent) bool {
	s, ok := err.(customerSilent)
	*into = s
	return ok
}

// customer reads one customer and keeps what was read.
func (l *looking) customer(ctx context.Context, tenant string) error {
	row, err := l.a.Inventory.InventoryOf(ctx, tenant)
	if err != nil && upgrade.KindOf(err) != upgrade.NotFound {
		return err
	}
	subscriptions, err := l.a.Commerce.Subscriptions(ctx, tenant)
	if err != nil {
		return customerSilent{err}
	}
	licences, err := l.used(ctx, tenant)
	if upgrade.KindOf(err) == upgrade.Throttled && err != nil {
		return customerSilent{err}
	}
	row.Tenant, row.SeenAt = tenant, l.a.now()
	row.Subscriptions = planning.InventoryLines(l.a.Catalog, subscriptions, licences)
	return l.a.Inventory.SaveInventoryRow(ctx, row)
}

// used tells how many users hold what; nil where that cannot be had.
func (l *looking) used(ctx context.Context, tenant string) ([]upgrade.TenantSKU, error) {
	l.mu.Lock()
	unused := l.unused
	l.mu.Unlock()
	if unused {
		return nil, nil
	}
	licences, err := l.a.Commerce.SubscribedSKUs(ctx, tenant)
	if err != nil {
		if upgrade.CodeOf(err) == noUserToken {
			l.mu.Lock()
			l.unused = true
			l.mu.Unlock()
		}
		return nil, err
	}
	if licences == nil {
		licences = []upgrade.TenantSKU{}
	}
	return licences, nil
}

// EndInventoryInput is how it went.
type EndInventoryInput struct {
	Inventory upgrade.Inventory `json:"inventory"`
}

// EndInventoryOutput is the same, with its end.
type EndInventoryOutput struct {
	Inventory upgrade.Inventory `json:"inventory"`
}

// EndInventory records how the inventory went. A repeat records the same, a moment later.
func (a *Activities) EndInventory(ctx context.Context, in EndInventoryInput) (EndInventoryOutput, error) {
	in.Inventory.EndedAt = a.now()
	return EndInventoryOutput(in), a.Inventory.EndInventory(ctx, in.Inventory)
}

// LookAtCustomerInput names the customer.
type LookAtCustomerInput struct {
	Tenant string `json:"tenant"`
}

// LookAtCustomerOutput is the customer as Microsoft says it now.
type LookAtCustomerOutput struct {
	View upgrade.CustomerView `json:"view"`
}

// impatientAttempts is how often what passes by itself is tried while a person waits, before the person is told.
const impatientAttempts = 3

// LookAtCustomer reads a customer for a person who waits, and keeps what was read. What could not be read is said in words, and
// what was known takes its place. It writes nothing at Microsoft; a repeat reads again.
func (a *Activities) LookAtCustomer(ctx context.Context, in LookAtCustomerInput) (LookAtCustomerOutput, error) {
	tenant := strings.ToLower(in.Tenant)
	if !upgrade.IsGUID(tenant) {
		return LookAtCustomerOutput{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_tenant", Message: "the customer is named by its tenant id, a GUID"}
	}
	known, err := a.Inventory.InventoryOf(ctx, tenant)
	unknown := upgrade.KindOf(err) == upgrade.NotFound
	if err != nil && !unknown {
		return LookAtCustomerOutput{}, err
	}
	known.Tenant = tenant
	view := upgrade.CustomerView{Row: known, Customer: upgrade.Customer{Tenant: tenant, Name: known.Name, Domain: known.Domain}}
	told := func(path string, err error) error {
		if k := upgrade.KindOf(err); k == upgrade.Transient && attemptOf(ctx) < impatientAttempts {
			return err
		}
		problem := *problemOf(err)
		problem.Path = path
		view.Problems = append(view.Problems, problem)
		return nil
	}
	customer, err := a.Commerce.Customer(ctx, tenant)
	switch {
	case err == nil:
		view.Customer, known.Name, known.Domain = customer, customer.Name, customer.Domain
	case upgrade.KindOf(err) == upgrade.NotFound && unknown:
		return LookAtCustomerOutput{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_customer", Message: "neither Partner Center nor the inventory knows this customer", Err: err}
	default:
		if err := told("customer", err); err != nil {
			return LookAtCustomerOutput{}, err
		}
	}
	subscriptions, err := a.Commerce.Subscriptions(ctx, tenant)
	if err != nil {
		err = told("subscriptions", err)
		explain(view.Problems)
		return LookAtCustomerOutput{View: view}, err
	}
	licences, err := (&looking{a: a}).used(ctx, tenant)
	if err != nil {
		if err := told("used", err); err != nil {
			return LookAtCustomerOutput{}, err
		}
	}
	known.SeenAt, known.Subscriptions = a.now(), planning.InventoryLines(a.Catalog, subscriptions, licences)
	if err := a.Inventory.SaveInventoryRow(ctx, known); err != nil {
		return LookAtCustomerOutput{}, err
	}
	explain(view.Problems)
	view.Row, err = a.Inventory.InventoryOf(ctx, tenant) // with whose customer it is, and the recorded plans
	return LookAtCustomerOutput{View: view}, err
}
