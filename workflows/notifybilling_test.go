package workflows_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

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

// notifyLab tells billing of an upgrade that has some callbacks in the register.
type notifyLab struct {
	*testing.T
	env   *testsuite.TestWorkflowEnvironment
	world *activitiestest.World
}

const told = "order-1#1"

// newNotifyLab has an upgrade with so many callbacks; destinations are added before.
func newNotifyLab(t *testing.T, world *activitiestest.World) *notifyLab {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	l := &notifyLab{T: t, env: suite.NewTestWorkflowEnvironment(), world: world}
	l.env.SetStartTime(world.Now())
	world.SetClock(l.env.Now)
	l.env.SetTestTimeout(20 * time.Second)
	l.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}}})
	l.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: upgrade.NotifyID(told), TaskQueue: upgrade.TaskQueue})
	l.env.RegisterActivity(world.Activities())
	l.env.RegisterWorkflowWithOptions(workflows.NotifyBillingWorkflow, workflow.RegisterOptions{Name: upgrade.NotifyWorkflow})
	l.env.RegisterWorkflowWithOptions(workflows.ReadCallbacksWorkflow, workflow.RegisterOptions{Name: upgrade.CallbacksWorkflow})
	return l
}

// facts puts callbacks into the register.
func facts(t *testing.T, world *activitiestest.World, types ...upgrade.CallbackType) {
	t.Helper()
	register := world.Activities().Register
	if _, err := register.Claim(t.Context(), upgrade.ClaimRequest{Order: upgrade.Order{ID: "order-1"}, WorkflowID: "upgrade/order-1", FirstRun: "run"}, false); err != nil {
		t.Fatal(err)
	}
	for i, one := range types {
		if _, err := register.SaveCallback(t.Context(), told, fmt.Sprint(i), upgrade.Callback{Type: one, At: start}); err != nil {
			t.Fatal(err)
		}
	}
}

func (l *notifyLab) signal(after time.Duration, name string, in any) {
	l.env.RegisterDelayedCallback(func() { l.env.SignalWorkflow(name, in) }, after)
}

func (l *notifyLab) run() {
	l.Helper()
	l.env.ExecuteWorkflow(upgrade.NotifyWorkflow, upgrade.NotifyStart{Upgrade: told})
	if err := l.env.GetWorkflowError(); err != nil {
		l.Fatal(err)
	}
}

// sequences are the numbers that a destination took.
func (l *notifyLab) sequences(d *activitiestest.Destination) []int {
	var all []int
	callbacks, ids := l.world.Told(d)
	for i, c := range callbacks {
		if ids[i] != upgrade.CallbackID(told, c.Sequence) {
			l.Errorf("callback %d has the id %s", c.Sequence, ids[i])
		}
		all = append(all, c.Sequence)
	}
	return all
}

func (l *notifyLab) deliveries() (words []string) {
	l.Helper()
	list, err := l.world.Activities().Register.Deliveries(l.Context(), told)
	if err != nil {
		l.Fatal(err)
	}
	for _, d := range list {
		word := fmt.Sprintf("%d %s %s %d", d.Sequence, d.Destination, d.State, d.Attempts)
		if d.Problem != nil {
			word += " " + d.Problem.Code
		}
		words = append(words, word)
	}
	return words
}

func (l *notifyLab) has(want ...string) {
	l.Helper()
	if got := l.deliveries(); !slices.Equal(got, want) {
		l.Errorf("the register has\n  %s\nnot\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

var (
	unavailable = &upgrade.Error{Kind: upgrade.Transient, Code: "callback_unavailable", Message: "the destination answered 503"}
	gone        = &upgrade.Error{Kind: upgrade.Refused, Code: "callback_gone", Message: "the destination answered 410"}
)

// One destination's outage holds up only itself; what is told comes in order, once, and only what was asked for.
func TestCallbacksComeInOrder(t *testing.T) {
	world, _ := newWorld()
	billing, audit := world.AddDestination("billing"), world.AddDestination("audit", upgrade.CallbackInvited, upgrade.CallbackOf(upgrade.Completed))
	facts(t, world, upgrade.CallbackInvited, upgrade.CallbackConsented, upgrade.CallbackOf(upgrade.Completed))
	l := newNotifyLab(t, world)
	world.Refuses(billing, unavailable, unavailable, unavailable)
	for i := range 3 {
		l.signal(time.Duration(i)*time.Second, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: i + 1})
		l.signal(time.Duration(i)*time.Second, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: i + 1}) // the signal was repeated
	}
	l.env.RegisterDelayedCallback(func() {
		if got := l.sequences(audit); !slices.Equal(got, []int{1, 3}) {
			t.Errorf("while billing was out of reach, audit was told %v", got)
		}
	}, time.Minute)
	l.run()
	if got := l.sequences(billing); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("billing was told %v", got)
	}
	if waited := l.env.Now().Sub(start); waited < 35*time.Minute || waited > 40*time.Minute { // 5 s, 5 min, 30 min
		t.Errorf("it took %s", waited)
	}
	l.has("1 audit delivered 1", "1 billing delivered 4", "2 billing delivered 1", "3 audit delivered 1", "3 billing delivered 1")
	if n := len(world.Letters(upgrade.LetterCallbackFailed)); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// When the schedule is used up the engineer is written to, the next callback is tried, and a replay by hand sends what is missing.
func TestCallbackGivenUpAndReplayed(t *testing.T) {
	world, _ := newWorld()
	billing := world.AddDestination("billing")
	facts(t, world, upgrade.CallbackInvited, upgrade.CallbackConsented)
	l := newNotifyLab(t, world)
	world.Refuses(billing, slices.Repeat([]error{unavailable}, 10)...)
	l.signal(0, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 1})
	l.signal(0, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 2})
	l.run()
	l.has("1 billing failed 10 callback_unavailable", "2 billing delivered 1")
	if waited := l.env.Now().Sub(start); waited < 75*time.Hour || waited > 77*time.Hour {
		t.Errorf("it took %s", waited)
	}
	letters := world.Letters(upgrade.LetterCallbackFailed)
	if len(letters) != 1 || letters[0].To == "" || letters[0].Order != "order-1" || letters[0].Delivery.Attempts != 10 || letters[0].Delivery.Problem.Remedy == "" {
		t.Fatalf("%+v", letters)
	}
	for _, c := range []struct {
		sequence int
		want     []int
		rows     []string
	}{
		{0, []int{2, 1}, []string{"1 billing delivered 11", "2 billing delivered 1"}},
		{2, []int{2, 1, 2}, []string{"1 billing delivered 11", "2 billing delivered 2"}},
		{7, []int{2, 1, 2}, []string{"1 billing delivered 11", "2 billing delivered 2"}},
	} {
		again := newNotifyLab(t, world)
		again.signal(0, upgrade.SignalReplay, upgrade.CallbackDue{Sequence: c.sequence})
		again.run()
		if got := again.sequences(billing); !slices.Equal(got, c.want) {
			t.Errorf("replay %d: billing was told %v, not %v", c.sequence, got, c.want)
		}
		again.has(c.rows...)
	}
}

// A destination that is gone is not called again by this run, and one mail says so.
func TestDestinationGone(t *testing.T) {
	world, _ := newWorld()
	billing := world.AddDestination("billing")
	facts(t, world, upgrade.CallbackInvited, upgrade.CallbackConsented)
	l := newNotifyLab(t, world)
	world.Refuses(billing, gone)
	l.signal(0, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 1})
	l.signal(0, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 2})
	l.run()
	l.has("1 billing failed 1 callback_gone", "2 billing failed 0 callback_gone")
	if n := len(world.Letters(upgrade.LetterCallbackFailed)); n != 1 || l.env.Now().Sub(start) > time.Minute {
		t.Errorf("%d mails after %s", n, l.env.Now().Sub(start))
	}
}

// Retry-After puts an attempt off, for longer than the schedule would.
func TestCallbackRetryAfter(t *testing.T) {
	world, _ := newWorld()
	billing := world.AddDestination("billing")
	facts(t, world, upgrade.CallbackInvited)
	l := newNotifyLab(t, world)
	world.Refuses(billing, &upgrade.Error{Kind: upgrade.Throttled, Code: "callback_throttled", Message: "429", RetryAfter: time.Hour})
	l.signal(0, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 1})
	l.run()
	if waited := l.env.Now().Sub(start); waited < time.Hour || waited > time.Hour+time.Minute {
		t.Errorf("it came again after %s", waited)
	}
	l.has("1 billing delivered 2")
}

// What anybody may send to the workflow makes nothing up.
func TestForgedCallbackSignals(t *testing.T) {
	world, _ := newWorld()
	billing := world.AddDestination("billing")
	facts(t, world, upgrade.CallbackInvited)
	l := newNotifyLab(t, world)
	for _, in := range []any{upgrade.CallbackDue{Sequence: 9}, upgrade.CallbackDue{}, object{"sequence": -1}, object{"sequence": 1, "type": "upgrade.completed"}, "no", []int{1}, nil} {
		l.signal(0, upgrade.SignalCallback, in)
	}
	l.signal(0, upgrade.SignalReplay, object{"sequence": "1"})
	l.run()
	if got := l.sequences(billing); len(got) != 0 {
		t.Errorf("billing was told %v", got)
	}
	l.has()
}

// A long history begins anew with what is left, and loses nothing.
func TestNotifierContinuesAsNew(t *testing.T) {
	world, _ := newWorld()
	billing := world.AddDestination("billing")
	facts(t, world, upgrade.CallbackInvited, upgrade.CallbackConsented, upgrade.CallbackChanging)
	l := newNotifyLab(t, world)
	world.Refuses(billing, unavailable)
	l.signal(0, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 1})
	l.signal(time.Second, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 2})
	l.env.RegisterDelayedCallback(func() { l.env.SetContinueAsNewSuggested(true) }, 2*time.Second)
	l.signal(3*time.Second, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 3})
	l.env.ExecuteWorkflow(upgrade.NotifyWorkflow, upgrade.NotifyStart{Upgrade: told})
	var again *workflow.ContinueAsNewError
	if !errors.As(l.env.GetWorkflowError(), &again) {
		t.Fatal(l.env.GetWorkflowError())
	}
	var next upgrade.NotifyStart
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
		t.Fatal(err)
	}
	second := newNotifyLab(t, world)
	second.env.ExecuteWorkflow(upgrade.NotifyWorkflow, next)
	if err := second.env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if got := second.sequences(billing); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("billing was told %v; handed on was %+v", got, next)
	}
}

func TestReadCallbacks(t *testing.T) {
	world, _ := newWorld()
	world.AddDestination("billing")
	facts(t, world, upgrade.CallbackInvited)
	l := newNotifyLab(t, world)
	l.signal(0, upgrade.SignalCallback, upgrade.CallbackDue{Sequence: 1})
	l.run()
	l = newNotifyLab(t, world)
	l.env.ExecuteWorkflow(upgrade.CallbacksWorkflow, upgrade.CallbacksAsked{Order: "order-1"})
	var page upgrade.CallbacksPage
	if err := l.env.GetWorkflowResult(&page); err != nil || page.Upgrade != told || len(page.Deliveries) != 1 || page.Deliveries[0].State != upgrade.DeliveryDelivered {
		t.Errorf("%+v, %v", page, err)
	}
}
