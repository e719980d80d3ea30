package service

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/zap"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/catalog"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
	"uplift/workflows"
)

// bench carries one order through: the real workflow, the real activities over the real adapters, and a simulated Microsoft whose
// clock follows the workflow's, so that a renewal after 200 days takes a moment.
type bench struct {
	*installation
	tenant string
	env    *testsuite.TestWorkflowEnvironment
	order  map[string]any
	parked int      // how often an operator was called for
	steps  []string // the activities as they ran
	acts   *activities.Activities
	gate   *activitiestest.Gate // gives every turn at once
	given  []string             // to whom the gate itself, where it runs, has given one
	// around may be nil; else it runs each activity in the place of the bench.
	around func(ctx context.Context, in *interceptor.ExecuteActivityInput, run func() (any, error)) (any, error)
	// operator is who is called for.
	operator func()
}

// newBench has a customer with these subscriptions, and users of whom the first has switched Teams off.
func newBench(t *testing.T, held []cloud.SubscriptionSpec, users ...cloud.UserSpec) *bench {
	t.Helper()
	return newInstallation(t).newBench(held, users...)
}

func (i *installation) newBench(held []cloud.SubscriptionSpec, users ...cloud.UserSpec) *bench {
	i.Helper()
	b := i.bench(customer)
	state := i.cloud.State
	state.AddTenant(cloud.TenantSpec{ID: customer, Domain: domain, Company: "Customer", Country: "GB"})
	for _, s := range held {
		if state.AddSubscription(customer, s) == "" {
			i.Fatalf("no subscription of %s", s.Part)
		}
	}
	for n, u := range users {
		u.ID, u.UPN, u.UsageLocation = fmt.Sprintf("1e000000-0000-4000-8000-%012d", n+1), fmt.Sprintf("u%d@%s", n+1, domain), "GB"
		state.AddUser(customer, u)
	}
	b.consented()
	b.order = map[string]any{"order": "order-1", "tenant": customer, "consent": "existing"}
	return b
}

// bench is one for an order of a customer of the installation.
func (i *installation) bench(tenant string) *bench {
	i.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	b := &bench{installation: i, env: suite.NewTestWorkflowEnvironment(), tenant: tenant}
	b.operator, b.gate = b.abandon, activitiestest.NewGate(b.env)
	state := i.cloud.State
	steps := i.activities()
	b.acts = steps
	b.env.SetStartTime(state.Now())
	b.env.SetTestTimeout(time.Minute)
	b.env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute, Interceptors: []interceptor.WorkerInterceptor{&clockwork{b: b}, &activities.Interceptor{}, b.gate}})
	b.env.RegisterActivity(steps)
	b.env.RegisterWorkflowWithOptions(workflows.UpgradeCustomerWorkflow, workflow.RegisterOptions{Name: upgrade.UpgradeWorkflow})
	b.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "upgrade/order-1", TaskQueue: upgrade.TaskQueue})
	return b
}

// activities are the real ones over the real adapters, as a worker that has just started has them.
func (i *installation) activities() *activities.Activities {
	i.Helper()
	w := &Worker{}
	o := WorkerOptions{Settings: i.settings, Log: zap.NewNop(), Now: i.cloud.State.Now, Wall: i.cloud.State.Now, Transport: &shares{T: i.T, next: i.transport, asked: map[string]int{}}}
	steps, err := w.activities(context.Background(), o, upgrade.DefaultPolicy())
	if err != nil {
		i.Fatal(err)
	}
	i.Cleanup(w.Close)
	return steps
}

// consented gives our application all its permissions in the customer's tenant.
func (b *bench) consented() {
	_, application := sim.DemoPermissions()
	b.cloud.State.GrantConsentNow(b.tenant, sim.DemoClientID, nil, application)
}

// clockwork moves Microsoft's clock to the workflow's before each activity.
// clockwork moves Microsoft's clock to the workflow's before each activity. It makes up for what the test environment leaves out:
// the first run's id, and the server's retry policy. An upgrade that parks is abandoned.
type clockwork struct {
	interceptor.WorkerInterceptorBase
	b *bench
}

func (c *clockwork) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	w := &winding{b: c.b}
	w.Next = next
	return w
}

type winding struct {
	interceptor.ActivityInboundInterceptorBase
	b *bench
}

func (w *winding) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if ahead := w.b.env.Now().Sub(w.b.cloud.State.Now()); ahead > 0 {
		w.b.cloud.State.Advance(ahead)
	}
	run := func() (any, error) { return w.Next.ExecuteActivity(ctx, in) }
	if w.b.around != nil {
		return w.b.around(ctx, in, run)
	}
	out, err := run()
	w.b.steps = append(w.b.steps, fmt.Sprint(w.b.env.Now().Format(time.DateTime), " ", activity.GetInfo(ctx).ActivityType.Name, " ", err))
	return out, err
}

func (c *clockwork) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &inbound{b: c.b}
	i.Next = next
	return i
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	b *bench
}

func (i *inbound) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &outbound{b: i.b}
	o.Next = out
	return i.Next.Init(o)
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	b *bench
}

func (o *outbound) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	policy := temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2}
	if given := workflow.GetActivityOptions(ctx).RetryPolicy; given != nil {
		policy = *given
	}
	if policy.MaximumAttempts == 0 {
		policy.MaximumAttempts = 1 << 30
	}
	return o.Next.ExecuteActivity(workflow.WithRetryPolicy(ctx, policy), name, args...)
}

func (o *outbound) GetInfo(ctx workflow.Context) *workflow.Info {
	info := *o.Next.GetInfo(ctx)
	info.FirstRunID = info.WorkflowExecution.ID + "/run"
	return &info
}

func (o *outbound) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	attributes := temporal.NewSearchAttributes(updates...)
	if needed, ok := attributes.GetBool(temporal.NewSearchAttributeKeyBool(upgrade.AttributeNeedsOperator)); ok && needed {
		o.b.parked++
		o.b.env.RegisterDelayedCallback(o.b.operator, time.Hour)
	}
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

// abandon answers what is parked.
func (b *bench) abandon() {
	b.env.UpdateWorkflow(upgrade.UpdateResolve, "", unheard{}, jsonPayload(`{"answer":"abandon","by":"test"}`))
}

type unheard struct{}

func (unheard) Accept()             {}
func (unheard) Reject(error)        {}
func (unheard) Complete(any, error) {}

func jsonPayload(s string) converter.RawValue {
	return converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)}, Data: []byte(s)})
}

func (b *bench) run() upgrade.Result {
	b.Helper()
	raw, err := json.Marshal(b.order)
	if err != nil {
		b.Fatal(err)
	}
	b.env.ExecuteWorkflow(upgrade.UpgradeWorkflow, jsonPayload(string(raw)))
	var r upgrade.Result
	if err := b.env.GetWorkflowResult(&r); err != nil {
		b.Fatalf("the workflow: %v", err)
	}
	return r
}

// seats are what Partner Center counts, by offer; without what is not active.
func (b *bench) seats() map[string]int {
	b.Helper()
	held := map[string]int{}
	all, refused := b.cloud.State.Subscriptions(b.tenant)
	if refused != nil {
		b.Fatal(refused)
	}
	for _, s := range all {
		if s.Status != cloud.Active || s.Channel != "" {
			continue
		}
		if o, _, ok := catalog.Load().Resolve(s.Offer.Name); ok {
			held[string(o.ID)] += s.Quantity
		}
	}
	return held
}

// holders are who holds what, such as "u1 business-basic -TEAMS1".
func (b *bench) holders() []string {
	var out []string
	for _, h := range b.cloud.State.HoldingsOf(b.tenant) {
		o, _ := catalog.Load().OfferBySKUID(h.SKU)
		for _, u := range h.Holders {
			name, _, _ := strings.Cut(u.UPN, "@")
			words := name + " " + string(o.ID)
			if slices.Contains(u.Disabled, teams) {
				words += " -TEAMS1"
			}
			out = append(out, words)
		}
	}
	slices.Sort(out)
	return out
}

func (b *bench) same(what string, got, want any) {
	b.Helper()
	if !reflect.DeepEqual(got, want) {
		b.Errorf("%s: %v, where %v is expected\n%s", what, got, want, strings.Join(b.steps, "\n"))
	}
}

// wait lets time pass at Microsoft.
func (b *bench) wait(d time.Duration) { b.cloud.State.Advance(d) }

// partnerUser signs the partner's own user in.
func (b *bench) partnerUser() {
	b.Helper()
	token, err := b.cloud.RefreshToken(sim.DemoClientID, sim.DemoPartnerTenant, sim.DemoAgent)
	if err != nil {
		b.Fatal(err)
	}
	now := b.cloud.State.Now()
	if err := b.register().SavePartnerToken(context.Background(), upgrade.Tokens{Refresh: upgrade.Secret(token)}, upgrade.Identity{}, now); err != nil {
		b.Fatal(err)
	}
}
