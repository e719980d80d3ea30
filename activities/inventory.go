package activities

import (
	"context"
	"strings"
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

// ReadCustomersInput names some customers of a page.
type ReadCustomersInput struct {
	Tenants []string `json:"tenants"`
	// Unused: nobody of the partner is signed in, so that how many users hold what is not asked.
	Unused bool `json:"unused,omitempty"`
}

// ReadCustomersOutput counts them.
type ReadCustomersOutput struct {
	Read   int  `json:"read"`             // the first so many; the others are for a further execution
	Failed int  `json:"failed,omitempty"` // of those read: whose subscriptions could not be had
	Unused bool `json:"unused,omitempty"`
}

// patientAttempts is how often what passes by itself is waited for, before a customer counts as failed.
const patientAttempts = 4

// customerCalls is what a customer takes at Partner Center: the subscriptions, and how many users hold what.
const customerCalls = 2

// ReadCustomers reads the subscriptions of as many customers as an execution's share of requests suffices for, and keeps them. Each
// is kept by itself; a repeat reads them again. A customer who cannot be read keeps what was known.
func (a *Activities) ReadCustomers(ctx context.Context, in ReadCustomersInput) (ReadCustomersOutput, error) {
	look := &looking{a: a, unused: in.Unused}
	var out ReadCustomersOutput
	for _, tenant := range in.Tenants {
		if out.Read > 0 && upgrade.CallsLeft(ctx) < customerCalls {
			break
		}
		failed, err := look.patiently(ctx, tenant)
		if err != nil {
			return ReadCustomersOutput{}, err
		}
		if out.Read++; failed {
			out.Failed++
		}
	}
	out.Unused = look.unused
	return out, nil
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
	a *Activities
	// unused: how many users hold what is not asked any more.
	unused bool
}

// patiently reads a customer, and tells whether that failed. What passes by itself is an error, for a while.
func (l *looking) patiently(ctx context.Context, tenant string) (failed bool, err error) {
	err = l.customer(ctx, tenant)
	var silent customerSilent
	switch {
	case err == nil:
		return false, nil
	case !asSilent(err, &silent):
		return false, err // the register's
	case upgrade.KindOf(silent.err) == upgrade.Throttled:
		return false, silent.err // it says nothing of the customer, and a provider's list takes longer than a minute's quota
	case attemptOf(ctx) >= patientAttempts || !upgrade.KindOf(silent.err).Retryable():
		return true, nil
	}
	return false, silent.err
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
	if l.unused {
		return nil, nil
	}
	licences, err := l.a.Commerce.SubscribedSKUs(ctx, tenant)
	if err != nil {
		l.unused = upgrade.CodeOf(err) == noUserToken
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
