package service

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
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
	"uplift/catalog"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
	"uplift/workflows"
)

const (
	customer = "0c000000-0000-4000-8000-0000000000cc"
	domain   = "customer.example"
	day      = 24 * time.Hour
	teams    = "57ff2da0-773e-42df-b2af-ffb7a2317929" // TEAMS1
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
}

// newBench has a customer with these subscriptions, and users of whom the first has switched Teams off.
func newBench(t *testing.T, held []cloud.SubscriptionSpec, users ...cloud.UserSpec) *bench {
	t.Helper()
	i := newInstallation(t)
	b := i.bench(customer)
	state := i.cloud.State
	state.AddTenant(cloud.TenantSpec{ID: customer, Domain: domain, Company: "Customer", Country: "GB"})
	for _, s := range held {
		if state.AddSubscription(customer, s) == "" {
			t.Fatalf("no subscription of %s", s.Part)
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
	state := i.cloud.State
	w := &Worker{}
	steps, err := w.activities(context.Background(), WorkerOptions{Settings: i.settings, Log: zap.NewNop(), Now: state.Now}, upgrade.DefaultPolicy())
	if err != nil {
		i.Fatal(err)
	}
	i.Cleanup(w.Close)
	b.env.SetStartTime(state.Now())
	b.env.SetTestTimeout(time.Minute)
	b.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&clockwork{b: b}, &activities.Interceptor{}}})
	b.env.RegisterActivity(steps)
	b.env.RegisterWorkflowWithOptions(workflows.UpgradeCustomerWorkflow, workflow.RegisterOptions{Name: upgrade.UpgradeWorkflow})
	b.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "upgrade/order-1", TaskQueue: upgrade.TaskQueue})
	return b
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
	out, err := w.Next.ExecuteActivity(ctx, in)
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
	policy.MaximumAttempts = 1 << 30
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
		o.b.env.RegisterDelayedCallback(o.b.abandon, time.Hour)
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

// kindOfWork is a customer and an offer that becomes another.
type kindOfWork struct {
	name   string
	held   func(direction) map[string]int // seats by offer, before
	ask    map[direction]map[string]int   // totals ordered; a plan has none
	from   string                         // the offer whose users may move
	to     string                         // the offer that they receive
	legacy bool                           // a traditional subscription
	falls  bool                           // the target is the lesser offer
}

type direction string

const (
	up       direction = "up"
	down     direction = "down"
	toZero   direction = "to zero"
	fromZero direction = "from zero"
)

const (
	basic    = "business-basic"
	standard = "business-standard"
	premium  = "business-premium"
	phone    = "teams-phone-standard"
)

// partNumbers are the simulator's names.
var partNumbers = map[string]string{basic: cloud.BusinessBasic, standard: cloud.BusinessStandard, premium: cloud.BusinessPremium, phone: cloud.TeamsPhone}

func always(held map[string]int) func(direction) map[string]int {
	return func(direction) map[string]int { return held }
}

func kindsOfWork() []kindOfWork {
	type totals = map[string]int
	return []kindOfWork{
		{"resize or purchase", func(d direction) totals {
			if d == fromZero {
				return nil
			}
			return totals{basic: 6}
		}, map[direction]totals{up: {basic: 9}, down: {basic: 5}, toZero: {basic: 0}, fromZero: {basic: 5}}, basic, basic, false, false},
		{"transition", always(totals{basic: 6}), map[direction]totals{
			up: {basic: 0, premium: 9}, down: {basic: 0, premium: 5}, toZero: {basic: 0, premium: 6}, fromZero: {basic: 2, premium: 4},
		}, basic, premium, false, false},
		{"transition into the existing", always(totals{basic: 6, premium: 3}), map[direction]totals{
			up: {basic: 0, premium: 12}, down: {basic: 0, premium: 8}, toZero: {basic: 0, premium: 9}, fromZero: {basic: 2, premium: 7},
		}, basic, premium, false, false},
		{"replacement", always(totals{premium: 6}), map[direction]totals{
			up: {premium: 0, basic: 9}, down: {premium: 0, basic: 5}, toZero: {premium: 0, basic: 6}, fromZero: {premium: 2, basic: 4},
		}, premium, basic, false, true},
		{"mix", func(d direction) totals {
			if d == fromZero {
				return totals{basic: 6}
			}
			return totals{basic: 6, phone: 3}
		}, map[direction]totals{
			up: {basic: 0, premium: 6, phone: 5}, down: {basic: 0, premium: 6, phone: 2}, toZero: {basic: 0, premium: 6, phone: 0}, fromZero: {basic: 0, premium: 6, phone: 4},
		}, basic, premium, false, false},
		{"traditional upgrade", always(totals{basic: 6}), map[direction]totals{
			up: {basic: 0, standard: 9}, down: {basic: 0, standard: 5}, toZero: {basic: 0, standard: 6}, fromZero: {basic: 2, standard: 4},
		}, basic, standard, true, false},
	}
}

// holdersOf is how many users hold the offer that is given up.
const holdersOf = 4

// TestEveryKindOfOrder drives each kind of work up, down, to zero and from zero, inside and outside the return window, for the
// holders, for listed users and for nobody, with residue refused and with residue kept until the renewal; and compares what the
// tenant holds with what was ordered: at the end, and after the renewal where something was left until then.
func TestEveryKindOfOrder(t *testing.T) {
	t.Parallel()
	var cases atomic.Int32
	t.Cleanup(func() { t.Logf("%d cases were carried through", cases.Load()) })
	for _, k := range kindsOfWork() {
		for _, d := range []direction{up, down, toZero, fromZero} {
			for _, inside := range []bool{true, false} {
				for _, who := range []upgrade.Who{upgrade.Holders, upgrade.Listed, upgrade.Nobody} {
					for _, residue := range []string{"refuse", "at-renewal"} {
						name := fmt.Sprintf("%s/%s/%s/%s/%s", k.name, d, map[bool]string{true: "inside", false: "outside"}[inside], who, residue)
						t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
							t.Parallel()
							cases.Add(1)
							k.drive(t, d, inside, who, residue)
						})
					}
				}
			}
		}
	}
}

func (k kindOfWork) drive(t *testing.T, d direction, inside bool, who upgrade.Who, residue string) {
	t.Helper()
	age := 60 * day
	if inside {
		age = 2 * day
	}
	before := k.held(d)
	var held []cloud.SubscriptionSpec
	for _, offer := range []string{basic, standard, premium, phone} {
		if before[offer] > 0 {
			held = append(held, cloud.SubscriptionSpec{Part: partNumbers[offer], Quantity: before[offer], Age: age, Legacy: k.legacy})
		}
	}
	b := newBench(t, held, k.users(before, d)...)
	var totals []map[string]any
	for _, offer := range []string{basic, standard, premium, phone} {
		if seats, ok := k.ask[d][offer]; ok {
			totals = append(totals, map[string]any{"offer": offer, "seats": seats})
		}
	}
	b.order["target"], b.order["residue"] = map[string]any{"totals": totals}, residue
	licenses := map[string]any{"who": who}
	if who == upgrade.Listed {
		licenses["users"] = k.listed(d)
	}
	b.order["licenses"] = licenses
	if k.legacy {
		b.partnerUser()
	}
	people := b.holders()
	r := b.run()
	seats := b.seats()
	b.wait(12 * time.Hour) // the directory shows it all

	want, code := k.expect(d, inside, who, residue)
	if r.End != want || code != "" && !r.Reasons.Has(code) || b.parked > 0 {
		t.Fatalf("it ended %s, not %s %s: %v\n%s", r.End, want, code, r.Reasons, strings.Join(b.steps, "\n"))
	}
	ordered := map[string]int{}
	maps.Copy(ordered, before)
	maps.Copy(ordered, k.ask[d])
	maps.DeleteFunc(ordered, func(_ string, seats int) bool { return seats == 0 })
	moved := people
	if who != upgrade.Nobody {
		moved = k.moved(people, who, d)
	}
	switch r.End {
	case upgrade.Ineligible:
		b.same("what the customer holds", seats, before)
		b.same("who holds what", b.holders(), people)
		return
	case upgrade.CompletedWithResidue:
		left := maps.Clone(ordered)
		for _, one := range r.Residue {
			left[one.Offer] += one.Seats
			if one.Until.Before(b.cloud.State.Now()) {
				t.Errorf("the residue %+v lies in the past", one)
			}
		}
		if k.falls {
			left = before // all of it changes on the day
		}
		b.same("what the customer holds, residue included", seats, left)
		b.wait(366 * day)
		b.same("what the customer holds after the renewal", b.seats(), ordered)
	default:
		b.same("what the customer holds", seats, ordered)
	}
	b.same("who holds what", b.holders(), moved)
}

// expect is how the order must end: an oracle that knows the customer and nothing of how the plan is made.
func (k kindOfWork) expect(d direction, inside bool, who upgrade.Who, residue string) (upgrade.End, string) {
	before, after := k.held(d), k.ask[d]
	seated := 0
	if len(k.users(before, d)[0].Licences) > 0 {
		seated = holdersOf
	}
	fewer := false // seats have to be given back, for which Microsoft has its window
	sum := 0
	for offer, seats := range after {
		sum += seats - before[offer]
		fewer = fewer || offer == phone && seats < before[offer]
	}
	fewer = fewer || sum < 0
	switch {
	case k.falls && residue == "refuse":
		return upgrade.Ineligible, "only_at_renewal"
	case k.falls && d == fromZero:
		return upgrade.Ineligible, "part_at_renewal"
	case k.legacy && d == fromZero:
		return upgrade.Ineligible, "legacy_whole_only"
	case fewer && !inside && residue == "refuse" && !k.falls && !k.legacy:
		return upgrade.Ineligible, "window_closed"
	case who == upgrade.Nobody && k.from != k.to && !k.falls && after[k.from] < seated:
		return upgrade.Ineligible, "seats_below_users"
	case k.falls && who == upgrade.Nobody:
		return upgrade.CompletedWithResidue, ""
	case k.falls:
		return upgrade.Completed, "" // the order waits for the day, and moves the users
	case fewer && !inside && !k.legacy: // traditional seats can be given back at any time
		return upgrade.CompletedWithResidue, ""
	}
	return upgrade.Completed, ""
}

// moved is who must hold what in the end.
func (k kindOfWork) moved(people []string, who upgrade.Who, d direction) []string {
	var out []string
	for _, p := range people {
		out = append(out, strings.Replace(p, " "+k.from, " "+k.to, 1))
	}
	if who == upgrade.Listed && len(people) == 0 && k.ask[d][k.to] > 0 {
		for _, u := range k.listed(d) {
			out = append(out, strings.TrimSuffix(u, "@"+domain)+" "+k.to)
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

// users are four who hold what is given up, of whom the first has Teams switched off, and one who holds nothing.
func (k kindOfWork) users(before map[string]int, d direction) []cloud.UserSpec {
	users := make([]cloud.UserSpec, holdersOf+1)
	if before[k.from] == 0 || k.from == k.to && d == toZero {
		return users
	}
	o, _ := cloud.OfferByPart(partNumbers[k.from])
	for i := range holdersOf {
		users[i].Licences = []cloud.LicenceChange{{SKU: o.SKU}}
	}
	users[0].Licences[0].Disabled = []string{teams}
	return users
}

// listed are all whom the order moves.
func (k kindOfWork) listed(d direction) []string {
	var out []string
	for i := range holdersOf {
		out = append(out, fmt.Sprintf("u%d@%s", i+1, domain))
	}
	return out
}
