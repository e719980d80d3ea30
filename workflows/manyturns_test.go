package workflows_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
	"uplift/workflows"
)

// crowd runs the real gate and many upgrades beside it.
type crowd struct {
	*testing.T
	env    *testsuite.TestWorkflowEnvironment
	world  *activitiestest.World
	orders []string
	ends   []upgrade.End
}

func newCrowd(t *testing.T, slots int) *crowd {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	c := &crowd{T: t, env: suite.NewTestWorkflowEnvironment(), world: activitiestest.New(nil)}
	c.env.SetStartTime(start)
	c.env.SetTestTimeout(time.Minute)
	c.world.SetClock(c.env.Now)
	c.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}, newWatch(), &signalling{}}})
	c.env.RegisterActivity(c.world.Activities())
	c.env.RegisterWorkflowWithOptions(workflows.UpgradeCustomerWorkflow, workflow.RegisterOptions{Name: upgrade.UpgradeWorkflow})
	c.env.RegisterWorkflowWithOptions(workflows.TurnGateWorkflow, workflow.RegisterOptions{Name: upgrade.TurnGateWorkflow})
	c.env.RegisterWorkflowWithOptions(func(ctx workflow.Context) error { return c.all(ctx, slots) }, workflow.RegisterOptions{Name: "all"})
	c.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "all", TaskQueue: upgrade.TaskQueue})
	return c
}

// all starts the gate and every upgrade, and waits for the upgrades.
func (c *crowd) all(ctx workflow.Context, slots int) error {
	child := func(id string) workflow.Context {
		return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: id})
	}
	gate := workflow.ExecuteChildWorkflow(child(upgrade.TurnGateID), upgrade.TurnGateWorkflow, upgrade.TurnGateStart{Slots: slots, Look: upgrade.Wait(time.Minute)})
	if err := gate.GetChildWorkflowExecution().Get(ctx, nil); err != nil {
		return err
	}
	var running []workflow.ChildWorkflowFuture
	for i, order := range c.orders {
		running = append(running, workflow.ExecuteChildWorkflow(child(fmt.Sprint("upgrade/", i)), upgrade.UpgradeWorkflow, jsonPayload(order)))
	}
	for _, one := range running {
		var r upgrade.Result
		if err := one.Get(ctx, &r); err != nil {
			return err
		}
		c.ends = append(c.ends, r.End)
	}
	return nil
}

// place places one order.
func (c *crowd) place(o object) {
	o["order"], o["consent"] = fmt.Sprint("order-", len(c.orders)), "existing"
	b, err := json.Marshal(o)
	if err != nil {
		c.Fatal(err)
	}
	c.orders = append(c.orders, string(b))
}

// Fifteen customers with two orders each, four slots, and Microsoft takes its time: never more than four subscriptions change at
// a time, never two of a customer, and all come to their end.
func TestManyTakeTurns(t *testing.T) {
	t.Parallel()
	const customers, slots, lag = 15, 4, 10 * time.Minute
	c := newCrowd(t, slots)
	c.world.SetLag(lag)
	owner := map[string]int{} // of each subscription
	for i := range customers {
		tenant := fmt.Sprintf("44444444-4444-4444-4444-%012d", i)
		customer := c.world.AddCustomer(tenant, fmt.Sprint("Customer ", i), "DE")
		customer.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "Directory.ReadWrite.All"}
		for _, offer := range []string{"business-basic", "business-premium"} {
			owner[c.world.AddSubscription(customer, offer, 10)] = i
			c.place(object{"tenant": tenant, "target": object{"totals": []object{{"offer": offer, "seats": 11 + i}}}})
		}
	}
	c.env.ExecuteWorkflow("all")
	if err := c.env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if n := len(c.ends); n != 2*customers || slices.ContainsFunc(c.ends, func(e upgrade.End) bool { return e != upgrade.Completed }) {
		t.Fatalf("the ends are %v", c.ends)
	}
	changes, times := c.world.Effects("seats"), c.world.When("seats")
	if len(changes) != 2*customers {
		t.Fatalf("%d changes of seats for %d orders", len(changes), 2*customers)
	}
	for i := range times {
		if i+slots < len(times) && times[i+slots].Sub(times[i]) < lag {
			t.Errorf("%d subscriptions changed between %s and %s", slots+1, times[i], times[i+slots])
		}
		for j := range i {
			if sameOwner(owner, changes[i], changes[j]) && times[i].Sub(times[j]) < lag {
				t.Errorf("one customer was changed twice at a time: %s, %s", changes[j], changes[i])
			}
		}
	}
	if took := times[len(times)-1].Sub(times[0]); took > 2*customers/slots*(lag+10*time.Minute) {
		t.Errorf("it took %s: slots stood idle", took)
	}
}

func sameOwner(owner map[string]int, a, b string) bool {
	var first, second string
	_, _ = fmt.Sscanf(a, "seats %s", &first)
	_, _ = fmt.Sscanf(b, "seats %s", &second)
	return owner[first] == owner[second]
}

// signalling has what upgrades tell the gate signalled to the one that runs beside them, as Temporal's client does.
type signalling struct {
	interceptor.WorkerInterceptorBase
}

func (*signalling) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &signallingIn{}
	i.Next = next
	return i
}

type signallingIn struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (i *signallingIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &signallingOut{}
	o.Next = out
	return i.Next.Init(o)
}

type signallingOut struct {
	interceptor.WorkflowOutboundInterceptorBase
}

func (o *signallingOut) ExecuteLocalActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	if in, ok := args[0].(activities.TellGateInput); ok {
		return o.SignalExternalWorkflow(ctx, upgrade.TurnGateID, "", upgrade.SignalTurn, in.Wanted)
	}
	return o.Next.ExecuteLocalActivity(ctx, activity, args...)
}
