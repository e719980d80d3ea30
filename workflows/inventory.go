package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// glance is a look for a person who waits: better some words soon than everything late.
func glance(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, ScheduleToCloseTimeout: 3 * time.Minute, RetryPolicy: &backoff, Summary: summary,
	})
}

// LookAtCustomerWorkflow answers one customer as Microsoft says it now, and refreshes what the inventory knows of it.
func LookAtCustomerWorkflow(ctx workflow.Context, in upgrade.CustomerAsked) (upgrade.CustomerView, error) {
	ctx = withUrgency(ctx, &urgency{level: atTheFront, tenant: in.Tenant})
	out, err := do(glance(ctx, "Look at the customer"), a.LookAtCustomer, activities.LookAtCustomerInput{Tenant: in.Tenant})
	return out.View, err
}

// inventoryPages is how many pages one run goes through before it hands over to the next: a page of a hundred customers leaves some
// three hundred events.
const inventoryPages = 10

const (
	// customersAtATime are read by one execution, and executionsAtATime wait on the queue together: behind whatever is more urgent,
	// and few enough that an inventory never fills the slots of the workers.
	customersAtATime  = 2
	executionsAtATime = 4
)

// TakeInventoryWorkflow reads all customers of the provider into the register, page by page. Under whatever id it is started, it
// runs under one id only: a run under another starts that one, unless it runs, and waits for it. One that breaks off says why, and
// leaves what was known; the next one begins anew.
func TakeInventoryWorkflow(ctx workflow.Context, in upgrade.InventoryStart) (upgrade.Inventory, error) {
	if workflow.GetInfo(ctx).WorkflowExecution.ID != upgrade.InventoryWorkflowID {
		return oneInventory(ctx)
	}
	if in.Taken.BeganAt.IsZero() {
		in = upgrade.InventoryStart{} // whoever begins, begins at the first page, or the others would count as gone
	}
	ctx = withUrgency(ctx, &urgency{level: last})
	for range inventoryPages {
		last, err := inventoryPage(ctx, &in)
		if err != nil {
			in.Taken.Problem = brokeOff(ctx, err)
		}
		if err == nil && !last {
			continue
		}
		if in.Taken.BeganAt.IsZero() {
			return in.Taken, nil // it did not even begin
		}
		detached, _ := workflow.NewDisconnectedContext(ctx) // one that was cancelled has an end, too
		out, err := do(record(detached, "Record how the inventory went"), a.EndInventory, activities.EndInventoryInput{Inventory: in.Taken})
		return out.Inventory, err
	}
	return upgrade.Inventory{}, workflow.NewContinueAsNewError(ctx, upgrade.TakeInventoryWorkflow, in)
}

// brokeOff says why an inventory ends before it has seen everybody.
func brokeOff(ctx workflow.Context, err error) *upgrade.Problem {
	if temporal.IsCanceledError(err) {
		return &upgrade.Problem{Code: "cancelled", Message: "the inventory was cancelled"}
	}
	f := failureOf(err)
	workflow.GetLogger(ctx).Error("the inventory broke off", "problem", f.Message)
	return &upgrade.Problem{Code: orCode(f.Code), Message: f.Message, Remedy: f.Remedy}
}

// oneInventory runs the one inventory and waits for it, unless it runs already.
func oneInventory(ctx workflow.Context) (taken upgrade.Inventory, err error) {
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: upgrade.InventoryWorkflowID, StaticSummary: "Reads all customers"})
	err = workflow.ExecuteChildWorkflow(child, upgrade.TakeInventoryWorkflow, upgrade.InventoryStart{}).Get(ctx, &taken)
	var running *temporal.ChildWorkflowExecutionAlreadyStartedError
	if errors.As(err, &running) {
		return taken, nil
	}
	return taken, err
}

// inventoryPage reads one page, and moves the start on to the next.
func inventoryPage(ctx workflow.Context, in *upgrade.InventoryStart) (last bool, err error) {
	policy := upgrade.DefaultPolicy()
	page, err := do(quick(ctx, policy, "List customers"), a.ListCustomers, activities.ListCustomersInput{Cursor: in.Cursor, Began: in.Taken.BeganAt})
	if err != nil {
		return false, err
	}
	in.Taken.BeganAt, in.Cursor = page.Began, page.Next
	if len(page.Tenants) > 0 {
		read, err := readCustomers(quick(ctx, policy, "Read their subscriptions"), page.Tenants)
		if err != nil {
			return false, err
		}
		in.Taken.Customers, in.Taken.Failed = in.Taken.Customers+read.Read, in.Taken.Failed+read.Failed
	}
	return page.Next == "", nil
}

// readCustomers reads a page of customers, a few at a time. Those that an execution left over come again.
func readCustomers(ctx workflow.Context, tenants []string) (all activities.ReadCustomersOutput, err error) {
	for len(tenants) > 0 {
		var groups [][]string
		var waits []func() (activities.ReadCustomersOutput, error)
		for len(tenants) > 0 && len(groups) < executionsAtATime {
			group := tenants[:min(customersAtATime, len(tenants))]
			tenants = tenants[len(group):]
			groups = append(groups, group)
			waits = append(waits, start(ctx, a.ReadCustomers, activities.ReadCustomersInput{Tenants: group, Unused: all.Unused}))
		}
		var left []string
		for i, wait := range waits {
			out, failed := wait()
			if failed != nil {
				err = failed
				continue
			}
			all.Read, all.Failed, all.Unused = all.Read+out.Read, all.Failed+out.Failed, all.Unused || out.Unused
			left = append(left, groups[i][min(out.Read, len(groups[i])):]...)
		}
		if err != nil {
			return all, err
		}
		tenants = append(left, tenants...)
	}
	return all, nil
}
