package service

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
	"uplift/workflows"
)

// ordeal is a bench on which one run is carried through, with at most one fault in it: an operator answers what parks, by retry,
// and at last by giving up.
type ordeal struct {
	*bench
	story   story
	wire    *wire
	snag    *snag
	billing *billing
	present atomic.Pointer[activities.Activities]
	fresh   *activities.Activities // of the worker that takes over after a kill

	mu     sync.Mutex
	seen   map[string]int    // activities that began, by name
	finals map[string]string // the last letters' ids, by reader
	parks  []upgrade.Parked
}

// newOrdeal has the customer of a story.
func newOrdeal(t *testing.T, s story, f fault) *ordeal {
	t.Helper()
	i := newInstallation(t)
	profile := cloud.Polite()
	profile.Lags.RetryAfter = askedToWait
	i.cloud.State.SetFaults(profile)
	o := &ordeal{story: s, wire: &wire{}, snag: &snag{}, seen: map[string]int{}, finals: map[string]string{}}
	i.transport = o.wire
	o.bench = i.newBench(s.held, s.users...)
	o.bench.operator = o.answer
	o.present.Store(o.over(o.acts))
	if f == killedBefore || f == killedAfter {
		o.fresh = o.over(i.activities())
	}
	for name, run := range map[string]any{
		upgrade.PlanWorkflow: workflows.PlanUpgradeWorkflow, upgrade.PruneWorkflow: workflows.PruneRegisterWorkflow,
		upgrade.WatchPartnerWorkflow: workflows.WatchPartnerWorkflow, upgrade.StoreUsersWorkflow: workflows.StoreUserListWorkflow,
		upgrade.ReportsWorkflow: workflows.ReadReportsWorkflow, upgrade.StorePricesWorkflow: workflows.StorePricesWorkflow,
		upgrade.ReadPricesWorkflow: workflows.ReadPricesWorkflow, upgrade.TurnGateWorkflow: workflows.TurnGateWorkflow,
		upgrade.NotifyWorkflow: workflows.NotifyBillingWorkflow, upgrade.CallbacksWorkflow: workflows.ReadCallbacksWorkflow,
		upgrade.LookAtCustomerWorkflow: workflows.LookAtCustomerWorkflow, upgrade.TakeInventoryWorkflow: workflows.TakeInventoryWorkflow,
		upgrade.PostLetterWorkflow: workflows.PostLetterWorkflow, upgrade.StoreBatchWorkflow: workflows.StoreBatchWorkflow, upgrade.ReadBatchWorkflow: workflows.ReadBatchWorkflow,
	} {
		o.env.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: name})
	}
	o.dispatch()
	for name, value := range s.order {
		o.order[name] = value
	}
	if s.setUp != nil {
		s.setUp(o)
	}
	return o
}

// over puts the snags between a worker's activities and what is behind their interfaces; a pause of theirs moves Microsoft's clock.
func (o *ordeal) over(acts *activities.Activities) *activities.Activities {
	acts.Register = struckRegister{acts.Register, o.snag}
	acts.Cleaner = struckCleaner{acts.Cleaner, o.snag}
	acts.Batches = struckBatches{acts.Batches, o.snag}
	acts.Inventory = struckInventory{acts.Inventory, o.snag}
	acts.Links = struckLinks{acts.Links, o.snag}
	acts.Executions = struckTemporal{acts.Executions, o.snag, o.gate}
	acts.Wait = func(ctx context.Context, d time.Duration) error {
		o.wait(d)
		return ctx.Err()
	}
	return acts
}

// steps are the names of all activities, by their shape.
func steps() []string {
	var names []string
	all := reflect.TypeFor[*activities.Activities]()
	background, failure := reflect.TypeFor[context.Context](), reflect.TypeFor[error]()
	for i := range all.NumMethod() {
		m := all.Method(i).Type
		if m.NumIn() == 3 && m.In(1) == background && m.NumOut() == 2 && m.Out(1) == failure {
			names = append(names, all.Method(i).Name)
		}
	}
	return names
}

// dispatch registers every activity so that the present worker's runs.
func (o *ordeal) dispatch() {
	for _, name := range steps() {
		shape := reflect.ValueOf(o.acts).MethodByName(name).Type()
		run := reflect.MakeFunc(shape, func(in []reflect.Value) []reflect.Value {
			return reflect.ValueOf(o.present.Load()).MethodByName(name).Call(in)
		})
		o.env.RegisterActivityWithOptions(run.Interface(), activity.RegisterOptions{Name: name, DisableAlreadyRegisteredCheck: true})
	}
}

// noted runs an activity and writes down how it ended, for a test that fails.
func (o *ordeal) noted(info activity.Info, run func() (any, error)) (any, error) {
	out, err := run()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bench.steps = append(o.bench.steps, fmt.Sprintf("%s %s, attempt %d: %v", o.env.Now().Format(time.DateTime), info.ActivityType.Name, info.Attempt, err))
	return out, err
}

// scene counts an activity that begins, keeps the last letters' ids, and lets the story's people act.
func (o *ordeal) scene(name string, in *interceptor.ExecuteActivityInput) {
	o.mu.Lock()
	o.seen[name]++
	count := o.seen[name]
	if len(in.Args) > 0 {
		first, _ := reflect.Indirect(reflect.ValueOf(in.Args[0])).Interface().(activities.SendLetterInput)
		for _, letter := range append([]activities.SendLetterInput{first}, first.Also...) {
			if k := letter.Letter.Kind; k == upgrade.LetterDone || k == upgrade.LetterCouldNot {
				reader := "administrator"
				if letter.Operator {
					reader = "operator"
				}
				if !strings.Contains(o.finals[reader], letter.Letter.ID) {
					o.finals[reader] += letter.Letter.ID
				}
			}
		}
	}
	o.mu.Unlock()
	if o.story.scene != nil {
		o.story.scene(o, name, count, in)
	}
}

// answer is the operator's: retry what is parked, twice, then give up.
func (o *ordeal) answer() {
	if o.env.IsWorkflowCompleted() {
		return
	}
	p := o.status().Parked
	if p == nil {
		return
	}
	o.parks = append(o.parks, *p)
	word := upgrade.Retry
	if len(o.parks) > 2 || !slices.Contains(p.Answers, word) {
		word = upgrade.Abandon
	}
	o.env.UpdateWorkflow(upgrade.UpdateResolve, "", unheard{}, jsonPayload(fmt.Sprintf(`{"answer":%q,"by":"Olga"}`, word)))
}

func (o *ordeal) status() upgrade.Status {
	var s upgrade.Status
	if v, err := o.env.QueryWorkflow(upgrade.QueryStatus); err == nil {
		_ = v.Get(&s)
	}
	return s
}

// struckTemporal is Temporal, as it tells of executions: in these stories the holder of an earlier claim is closed.
type struckTemporal struct {
	activities.Executions
	snag *snag
	gate *activitiestest.Gate
}

// holders is Temporal's place: whatever is wrong with it, its adapter says that it does not answer.
func holders(method string) place {
	return place{words: "Temporal, " + method + ": it does not answer, in one way for every kind, and where the answer is lost after the effect", arm: func(o *ordeal, f fault) func(error) bool {
		return o.snag.set(method, f)
	}}
}

func (t struckTemporal) silent(method string) error {
	if t.snag.take(method) == "" {
		return nil
	}
	return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal does not answer"}
}

// OpenGate finds that a gate runs.
func (t struckTemporal) OpenGate(context.Context) error { return t.silent("OpenGate") }

// TellGate hands on to the gate of the story that has one beside the activities.
func (t struckTemporal) TellGate(_ context.Context, w upgrade.TurnWanted) error {
	f := t.snag.take("TellGate")
	if f == replyLost || f == "" {
		t.gate.Tell(w)
	}
	if f == "" {
		return nil
	}
	return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal does not answer"}
}

// Closed is what every holder is.
func (t struckTemporal) Closed(context.Context, string, string) (bool, error) {
	return true, t.silent("Closed")
}

// Running is one upgrade, which has the customer.
func (t struckTemporal) Running(context.Context) (int, error) { return 1, t.silent("Running") }

// Past lists it.
func (t struckTemporal) Past(context.Context, []byte) ([]string, []byte, error) {
	return []string{"upgrade/other"}, nil, nil
}

// Status says that it has its turn.
func (t struckTemporal) Status(context.Context, string) (upgrade.Status, error) {
	w := upgrade.TurnWanted{Workflow: "upgrade/other", FirstRun: "run", Number: 1, Tenant: customer, Slot: true, Lock: true, Group: "other"}
	return upgrade.Status{Turn: upgrade.Turn{TurnWanted: w, HasSlot: true, HasLock: true}}, nil
}

// linkKeys is the place of an activity that only makes a link: its keys are all that can fail.
func linkKeys() place {
	return place{words: "the keys that links are sealed under: an error of each kind", arm: func(o *ordeal, f fault) func(error) bool { return o.snag.set("Link", f) }}
}
