package workflows_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
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

const (
	contoso = "11111111-1111-1111-1111-111111111111"
	day     = 24 * time.Hour
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// object is JSON as a test writes it.
type object = map[string]any

// lab is one execution on the time-skipping environment: the real workflow and the real activities over a world of fakes.
// A test says what is to happen, runs it, and looks at what the tenant holds in the end.
type lab struct {
	*testing.T
	env      *testsuite.TestWorkflowEnvironment
	world    *activitiestest.World
	customer *activitiestest.Customer
	order    object
	watch    *watch
	gate     *activitiestest.Gate
}

// newLab has the customer Contoso in Germany, and an order that a test completes.
func newLab(t *testing.T) *lab {
	t.Helper()
	world, customer := newWorld()
	return labIn(t, world, customer)
}

func newWorld() (*activitiestest.World, *activitiestest.Customer) {
	world := activitiestest.New(func() time.Time { return start })
	return world, world.AddCustomer(contoso, "Contoso", "DE")
}

// labIn is a further execution in the same world.
func labIn(t *testing.T, world *activitiestest.World, customer *activitiestest.Customer) *lab {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	l := &lab{T: t, env: env, world: world, customer: customer, watch: newWatch(), gate: activitiestest.NewGate(env), order: object{
		"order": "order-1", "tenant": contoso,
		"administrator": object{"mail": "admin@contoso.example", "name": "Ada Admin"},
	}}
	env.SetStartTime(world.Now())
	world.SetClock(env.Now)
	env.SetTestTimeout(20 * time.Second)
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute, Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}, l.watch, l.gate}})
	env.RegisterActivity(world.Activities())
	env.RegisterWorkflowWithOptions(workflows.UpgradeCustomerWorkflow, workflow.RegisterOptions{Name: upgrade.UpgradeWorkflow})
	env.RegisterWorkflowWithOptions(workflows.PlanUpgradeWorkflow, workflow.RegisterOptions{Name: upgrade.PlanWorkflow})
	env.RegisterWorkflowWithOptions(workflows.StorePricesWorkflow, workflow.RegisterOptions{Name: upgrade.StorePricesWorkflow})
	env.RegisterWorkflowWithOptions(workflows.ReadPricesWorkflow, workflow.RegisterOptions{Name: upgrade.ReadPricesWorkflow})
	env.RegisterWorkflowWithOptions(workflows.LookAtCustomerWorkflow, workflow.RegisterOptions{Name: upgrade.LookAtCustomerWorkflow})
	env.RegisterWorkflowWithOptions(workflows.TakeInventoryWorkflow, workflow.RegisterOptions{Name: upgrade.TakeInventoryWorkflow})
	env.RegisterWorkflowWithOptions(workflows.PostLetterWorkflow, workflow.RegisterOptions{Name: upgrade.PostLetterWorkflow})
	l.startAs("upgrade/order-1")
	return l
}

// startAs gives the execution a workflow id.
func (l *lab) startAs(id string) {
	l.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: upgrade.TaskQueue})
}

// resize orders another total of Business Basic, which the customer holds; the subscription's id is returned.
func (l *lab) resize(now, then int) string {
	id := l.world.AddSubscription(l.customer, "business-basic", now)
	l.order["target"] = object{"totals": []object{{"offer": "business-basic", "seats": then}}}
	return id
}

// transition orders Business Premium in the place of Business Basic, which the customer holds.
func (l *lab) transition(now, then int) string {
	id := l.world.AddSubscription(l.customer, "business-basic", now)
	l.order["target"] = object{"totals": []object{{"offer": "business-basic", "seats": 0}, {"offer": "business-premium", "seats": then}}}
	return id
}

// signsIn lets the customer's Global Administrator ask for a code, a minute after the invitation, and type it.
func (l *lab) signsIn() {
	l.world.SignIn(activitiestest.Administrator(l.customer))
	l.before("SendLetter", func() { // the invitation is the first of all letters
		l.env.RegisterDelayedCallback(func() { l.update(upgrade.UpdateStartAuthentication, nil) }, time.Minute)
	})
}

// run starts the upgrade of the order and lets it come to its end.
func (l *lab) run() upgrade.Result {
	l.Helper()
	return l.runRaw(l.input())
}

// input is the order as a client sends it.
func (l *lab) input() converter.RawValue {
	l.Helper()
	b, err := json.Marshal(l.order)
	if err != nil {
		l.Fatal(err)
	}
	return jsonPayload(string(b))
}

func (l *lab) runRaw(input converter.RawValue) upgrade.Result {
	l.Helper()
	l.env.ExecuteWorkflow(upgrade.UpgradeWorkflow, input)
	if !l.env.IsWorkflowCompleted() {
		l.Fatal("the workflow did not complete")
	}
	var r upgrade.Result
	if err := l.env.GetWorkflowResult(&r); err != nil {
		s := l.status()
		l.Fatalf("the workflow failed: %v; in stage %s, parked %+v, turn %+v, the gate heard %s; ran %v", err, s.Stage, s.Parked, s.Turn, l.gate, l.watch.ran)
	}
	if r.Upgrade != "" {
		l.checkEnd(r)
	}
	return r
}

// checkEnd holds what must be true at every end of a claimed upgrade: it is in the register, no token is left, and no
// operator is called for.
func (l *lab) checkEnd(r upgrade.Result) {
	l.Helper()
	if r.End == upgrade.Duplicate || r.End == upgrade.RefusedOrder {
		return
	}
	recorded := l.world.Recorded(r.Upgrade)
	if recorded.End != r.End {
		l.Errorf("the register says %q, the result %q", recorded.End, r.End)
	}
	if l.watch.needsOperator || l.watch.stage != upgrade.Ended {
		l.Errorf("the search attributes at the end: stage %s, needs an operator: %t", l.watch.stage, l.watch.needsOperator)
	}
	if recorded.Tokens != 0 {
		l.Errorf("%d codes and tokens are left in the register after the end %s", recorded.Tokens, r.End)
	}
}

// ends asserts the end of a result.
func (l *lab) ends(r upgrade.Result, want upgrade.End, codes ...string) {
	l.Helper()
	if r.End != want {
		l.Fatalf("the upgrade ended %s, not %s: %v", r.End, want, r.Reasons)
	}
	for _, code := range codes {
		if !r.Reasons.Has(code) {
			l.Errorf("the reasons lack %s: %v", code, r.Reasons)
		}
	}
}

// seats asserts what Partner Center counts of a subscription.
func (l *lab) seats(subscription, offer string, seats int) {
	l.Helper()
	s := l.world.Held(l.customer, subscription)
	o, _ := l.world.Catalog.OfferByProductSKU(s.ProductSKU)
	if string(o.ID) != offer || s.Seats != seats {
		l.Errorf("the subscription has %d seats of %s, not %d of %s", s.Seats, o.ID, seats, offer)
	}
}

// holds asserts what a user is licensed for, as World.Licence writes it.
func (l *lab) holds(user, want string) {
	l.Helper()
	if got := l.world.Licence(l.customer, user); got != want {
		l.Errorf("%s holds %q, not %q", user, got, want)
	}
}

// effects asserts everything that was changed and begins with a prefix, in order.
func (l *lab) effects(prefix string, want ...string) {
	l.Helper()
	got := l.world.Effects(prefix)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		l.Errorf("the ledger has for %q:\n  %s\nnot\n  %s", prefix, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// untouched asserts that no subscription, no licence and no location was changed.
func (l *lab) untouched() {
	l.Helper()
	for _, prefix := range []string{"seats", "transition", "licences", "location", "renewal", "scheduled"} {
		l.effects(prefix)
	}
}

// status is the answer of the query.
func (l *lab) status() upgrade.Status {
	l.Helper()
	v, err := l.env.QueryWorkflow(upgrade.QueryStatus)
	if err != nil {
		l.Fatal(err)
	}
	var s upgrade.Status
	if err := v.Get(&s); err != nil {
		l.Fatal(err)
	}
	return s
}

// jsonPayload is a payload as any client sends JSON.
func jsonPayload(s string) converter.RawValue { return payload(converter.MetadataEncodingJSON, s) }

func payload(encoding, data string) converter.RawValue {
	return converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding)}, Data: []byte(data)})
}
