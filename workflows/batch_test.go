package workflows_test

import (
	"context"
	"encoding/json"
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

// flock runs a batch beside the real gate: every customer of it has Hosted Essentials, and is to have Hosted Pro.
type flock struct {
	*testing.T
	env    *testsuite.TestWorkflowEnvironment
	world  *activitiestest.World
	in     upgrade.BatchInput
	slots  int
	open   int // upgrades that run
	most   int // that ran at a time
	batch  upgrade.Batch
	result upgrade.BatchResult

	customers []*activitiestest.Customer
}

func newFlock(t *testing.T, customers, slots int) *flock {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	f := &flock{T: t, env: suite.NewTestWorkflowEnvironment(), world: activitiestest.New(nil), slots: slots}
	f.world.SetSlots(slots)
	f.env.SetStartTime(start)
	f.env.SetTestTimeout(2 * time.Minute)
	f.world.SetClock(f.env.Now)
	f.env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute, Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}, newWatch(), &firstRuns{}, &signalling{}}})
	f.env.RegisterActivity(f.world.Activities())
	for name, run := range map[string]any{
		upgrade.UpgradeWorkflow: workflows.UpgradeCustomerWorkflow, upgrade.TurnGateWorkflow: workflows.TurnGateWorkflow, upgrade.BatchWorkflow: workflows.UpgradeBatchWorkflow,
		upgrade.BatchPageWorkflow: workflows.UpgradeBatchPageWorkflow, upgrade.PlanBatchPageWorkflow: workflows.PlanBatchPageWorkflow, "all": f.all,
	} {
		f.env.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: name})
	}
	f.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "all", TaskQueue: upgrade.TaskQueue})
	f.env.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		if info.WorkflowType.Name == upgrade.UpgradeWorkflow {
			f.open++
			f.most = max(f.most, f.open)
		}
	})
	f.env.SetOnChildWorkflowCompletedListener(func(info *workflow.Info, _ converter.EncodedValue, _ error) {
		if info.WorkflowType.Name == upgrade.UpgradeWorkflow {
			f.open--
		}
	})
	f.in = upgrade.BatchInput{ID: "spring", Source: "hosted-essentials", Each: upgrade.Order{Target: upgrade.Target{Plan: "hosted-pro"}, Consent: upgrade.ByExisting}}
	for i := range customers {
		tenant := fmt.Sprintf("44444444-4444-4444-4444-%012d", i)
		c := f.world.AddCustomer(tenant, fmt.Sprint("Customer ", i), "DE")
		c.AppRoles = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "Directory.ReadWrite.All"}
		f.customers = append(f.customers, c)
		f.world.AddSubscription(c, "business-basic", 5+i%3)
		f.world.AddSubscription(c, "teams-phone-standard", 5+i%3)
		f.in.Rows = append(f.in.Rows, upgrade.BatchRow{Tenant: tenant, Seats: 5 + i%3})
	}
	return f
}

// firstRuns gives each execution a first run of its own, which the test environment leaves out.
type firstRuns struct {
	interceptor.WorkerInterceptorBase
	executions int
}

func (r *firstRuns) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	r.executions++
	i := &firstRunIn{run: fmt.Sprint("run-", r.executions)}
	i.Next = next
	return i
}

type firstRunIn struct {
	interceptor.WorkflowInboundInterceptorBase
	run string
}

func (i *firstRunIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &firstRunOut{run: i.run}
	o.Next = out
	return i.Next.Init(o)
}

type firstRunOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	run string
}

func (o *firstRunOut) GetInfo(ctx workflow.Context) *workflow.Info {
	info := *o.Next.GetInfo(ctx)
	info.FirstRunID = o.run
	return &info
}

// all starts the gate and the batch, and waits for the batch.
func (f *flock) all(ctx workflow.Context) error {
	child := func(id string) workflow.Context {
		return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: id})
	}
	gate := workflow.ExecuteChildWorkflow(child(upgrade.TurnGateID), upgrade.TurnGateWorkflow, upgrade.TurnGateStart{Slots: f.slots, Look: upgrade.Wait(time.Minute)})
	if err := gate.GetChildWorkflowExecution().Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteChildWorkflow(child(upgrade.BatchID(f.batch.ID)), upgrade.BatchWorkflow, upgrade.BatchStart{Batch: f.batch.ID, Hash: f.batch.Hash}).Get(ctx, &f.result)
}

// upload puts the batch into the register.
func (f *flock) upload() upgrade.Batch {
	b, rows, problems := upgrade.MakeBatch(f.in)
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	for part := range slices.Chunk(rows, upgrade.BatchPart) {
		if err := f.world.Activities().Batches.SaveBatch(context.Background(), b, part, start); err != nil {
			f.Fatal(err)
		}
	}
	return b
}

// run lets the batch come to its end.
func (f *flock) run(want upgrade.BatchState) {
	f.Helper()
	f.batch = f.upload()
	f.env.ExecuteWorkflow("all")
	if err := f.env.GetWorkflowError(); err != nil {
		f.Fatal(err)
	}
	if f.result.State != want {
		f.Errorf("the batch is %s, not %s: %v", f.result.State, want, f.result.Reasons)
	}
}

// lines are the batch's rows.
func (f *flock) lines() []upgrade.BatchLine {
	f.Helper()
	lines, err := f.world.Activities().Batches.BatchLines(context.Background(), "spring", upgrade.BatchLineFilter{}, 0, upgrade.MaxBatchRows)
	if err != nil {
		f.Fatal(err)
	}
	return lines
}

// states counts the rows by state, as words such as "completed 3, refused 1".
func (f *flock) states(want string) {
	f.Helper()
	counts := map[upgrade.BatchRowState]int{}
	for _, l := range f.lines() {
		counts[l.State]++
	}
	var words []string
	for state, n := range counts {
		words = append(words, fmt.Sprint(state, " ", n))
	}
	slices.Sort(words)
	if got := strings.Join(words, ", "); got != want {
		f.Errorf("the rows are %s, not %s", got, want)
		for _, l := range f.lines() {
			if l.State != upgrade.RowCompleted {
				f.Logf("row %d: %s %s %v", l.Number, l.State, l.End, l.Reasons)
			}
		}
	}
}

// later sends an update to the batch, and keeps its answer.
func (f *flock) later(after time.Duration, name string, in any) *answer {
	got := &answer{l: &lab{T: f.T}}
	input, err := json.Marshal(in)
	if err != nil {
		f.Fatal(err)
	}
	f.env.RegisterDelayedCallback(func() {
		if err := f.env.UpdateWorkflowByID(upgrade.BatchID("spring"), name, fmt.Sprint(name, after), got, jsonPayload(string(input))); err != nil {
			got.Reject(err)
		}
	}, after)
	return got
}

// message is what the update was answered.
func (a *answer) message() string {
	a.l.Helper()
	reply, ok := a.value.(upgrade.Reply)
	if !ok {
		a.l.Errorf("the update was answered %v (rejected: %v, error: %v)", a.value, a.rejected, a.err)
	}
	return reply.Message
}

func (a *answer) answers(want string) {
	a.l.Helper()
	if got := a.message(); got != want {
		a.l.Errorf("it says %q, not %q", got, want)
	}
}

// begun counts the orders that were claimed.
func (f *flock) begun() (n int) {
	for _, l := range f.lines() {
		if l.Upgrade != "" {
			n++
		}
	}
	return n
}

// A batch of more than one page with two rows that may not be upgraded, told to go on without them.
func TestBatch(t *testing.T) {
	t.Parallel()
	f := newFlock(t, upgrade.BatchPage+30, 3)
	f.in.Rows[7].Tenant, f.in.Rows[9].Seats = "55555555-4444-4444-4444-000000000001", 0
	f.in.Offenders = upgrade.LeaveOut
	f.run(upgrade.BatchEnded)
	f.states(fmt.Sprintf("completed %d, refused 2", upgrade.BatchPage+28))
	if f.most > 6 {
		t.Errorf("%d upgrades ran at a time, with 3 slots", f.most)
	}
	for _, l := range f.lines() {
		if l.State == upgrade.RowRefused && (len(l.Reasons) == 0 || l.Reasons[0].Remedy == "") {
			t.Errorf("row %d is refused without a remedy: %v", l.Number, l.Reasons)
		}
	}
	if f.result.Counts[upgrade.RowCompleted] != upgrade.BatchPage+28 || f.result.Counts[upgrade.RowRefused] != 2 {
		t.Errorf("the result counts %v", f.result.Counts)
	}
}

// One offender, and nothing is begun.
func TestBatchIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	f := newFlock(t, 6, 3)
	f.in.Rows[2].Seats = 0
	f.run(upgrade.BatchRefused)
	f.states("pending 5, refused 1")
	if all := f.world.Effects(""); f.begun() != 0 || len(all) != 1 || len(f.world.Letters(upgrade.LetterBatch)) != 1 {
		t.Errorf("something was begun, or nobody was told: %v", all)
	}
	if !f.result.Reasons.Has("rows_refused") {
		t.Errorf("the batch says %v", f.result.Reasons)
	}
}

// A batch that waits for a word shows what it would do, and goes on without offenders only when that is said.
func TestBatchWaitsForAWord(t *testing.T) {
	t.Parallel()
	f := newFlock(t, 4, 3)
	f.in.Rows[2].Seats, f.in.Finish = 0, upgrade.FinishConfirm
	plain := f.later(time.Hour, upgrade.UpdateStartBatch, object{"by": "olga"})
	var begun int
	f.env.RegisterDelayedCallback(func() { begun = f.begun() }, 2*time.Hour)
	word := f.later(3*time.Hour, upgrade.UpdateStartBatch, object{"by": "olga", "leaveOut": true})
	f.run(upgrade.BatchEnded)
	plain.refused("rows_refused", "1 of 4 rows may not be upgraded")
	word.answers("3 rows of 4 are begun; 1 row that was refused is left out.")
	f.states("completed 3, refused 1")
	if begun != 0 {
		t.Errorf("%d rows were begun before the word", begun)
	}
	told := f.world.Letters(upgrade.LetterBatch)
	if len(told) != 2 || told[0].Batch.State != upgrade.BatchConfirming || told[0].Batch.Batch.Counts[upgrade.RowRefused] != 1 || len(told[0].Batch.Reasons) != 1 ||
		told[1].Batch.State != upgrade.BatchEnded || told[1].Batch.Batch.Counts[upgrade.RowCompleted] != 3 {
		t.Errorf("the operator was told %+v", told)
	}
}

// A batch waits for its time, and a cancel in the meantime ends it before anything has begun.
func TestBatchWaitsForItsTime(t *testing.T) {
	t.Parallel()
	for _, cancelled := range []bool{false, true} {
		f := newFlock(t, 3, 3)
		at := start.Add(2 * day)
		f.in.StartAt = &at
		var begun int
		f.env.RegisterDelayedCallback(func() { begun = f.begun() }, 2*day-time.Hour)
		if cancelled {
			said := f.later(day, upgrade.UpdateCancelBatch, object{"by": "olga", "reason": "not this week"})
			f.run(upgrade.BatchCancelled)
			said.answers("3 rows that were not begun are cancelled.")
			f.states("cancelled 3")
		} else {
			f.run(upgrade.BatchEnded)
			f.states("completed 3")
		}
		if begun != 0 {
			t.Errorf("%d rows were begun before the time", begun)
		}
	}
}

// Of a batch that runs, one row is cancelled, then the rest; what runs is finished, or stopped where that is said.
func TestBatchIsCancelled(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{false, true} {
		f := newFlock(t, 12, 1)
		f.world.SetLag(30 * time.Minute)
		var one, rest *answer
		var before int
		f.env.RegisterDelayedCallback(func() { before = f.begun() }, 40*time.Minute)
		one = f.later(20*time.Minute, upgrade.UpdateCancelBatch, object{"by": "olga", "rows": []int{12}})
		beyond := f.later(21*time.Minute, upgrade.UpdateCancelBatch, object{"rows": []int{13}})
		rest = f.later(41*time.Minute, upgrade.UpdateCancelBatch, object{"by": "olga", "running": running})
		f.run(upgrade.BatchEnded)
		one.answers("1 row that was not begun is cancelled. What runs already goes on to its end; cancel it singly, or with running, to stop it as well.")
		beyond.refused("bad_row", "no row 13")
		if begun := f.begun(); before == 0 || begun != before {
			t.Errorf("%d rows were begun when the batch was cancelled, and %d in the end", before, begun)
		}
		switch {
		case running:
			if !strings.Contains(rest.message(), "asked to stop") {
				t.Errorf("it says %q", rest.message())
			}
			if n := len(f.lines()) - countOf(f.lines(), upgrade.RowCancelled); n > 2 { // the transition of the first had begun
				t.Errorf("%d rows were not cancelled", n)
			}
		default:
			f.states(fmt.Sprintf("cancelled %d, completed %d", 12-before, before))
		}
	}
}

func countOf(lines []upgrade.BatchLine, s upgrade.BatchRowState) (n int) {
	for _, l := range lines {
		if l.State == s {
			n++
		}
	}
	return n
}

// Nothing more is begun while a batch is paused.
func TestBatchIsPaused(t *testing.T) {
	t.Parallel()
	f := newFlock(t, 10, 1)
	f.world.SetLag(30 * time.Minute)
	notYet := f.later(10*time.Minute, upgrade.UpdateResumeBatch, object{})
	pause := f.later(20*time.Minute, upgrade.UpdatePauseBatch, object{"by": "olga"})
	var during, after int
	f.env.RegisterDelayedCallback(func() { during = f.begun() }, 21*time.Minute)
	f.env.RegisterDelayedCallback(func() { after = f.begun() }, 3*day)
	again := f.later(2*day, upgrade.UpdateBatchAgain, object{"by": "olga"})
	resume := f.later(3*day, upgrade.UpdateResumeBatch, object{"by": "olga"})
	f.run(upgrade.BatchEnded)
	f.states("completed 10")
	notYet.refused("not_paused", "running")
	again.refused("still_beginning")
	pause.answers("Nothing more is begun. What runs goes on to its end.")
	resume.answers("The batch goes on.")
	if during == 0 || during == 10 || during != after {
		t.Errorf("%d rows were begun at the pause, and %d three days later", during, after)
	}
}

// parks lets some upgrades wait for an operator, who lets them go on after a while.
func (f *flock) parks(some int, until time.Duration) {
	f.world.Fail("Commerce.StartTransition", some, &upgrade.Error{Kind: upgrade.Act, Code: "800002", Message: "the account cannot buy"})
	for row := range f.in.Rows {
		f.env.RegisterDelayedCallback(func() {
			_ = f.env.UpdateWorkflowByID(upgrade.WorkflowID(upgrade.BatchRowID("spring", row+1)), upgrade.UpdateResolve, fmt.Sprint("resolve", row), unheard{}, jsonPayload(`{"answer":"retry","by":"olga"}`))
		}, until)
	}
}

// An upgrade that waits for an operator takes no place of the window: the others go on.
func TestParkedRowFreesItsPlace(t *testing.T) {
	t.Parallel()
	f := newFlock(t, 9, 1)
	f.parks(3, 2*day+time.Minute)
	var ended int
	f.env.RegisterDelayedCallback(func() { ended = countOf(f.lines(), upgrade.RowCompleted) }, 2*day)
	f.run(upgrade.BatchEnded)
	f.states("completed 9")
	if ended != 6 {
		t.Errorf("%d rows had completed while three waited for an operator", ended)
	}
}

// What has failed runs again within the batch, as the next attempt at its order.
func TestBatchRunsAgain(t *testing.T) {
	t.Parallel()
	f := newFlock(t, 5, 2)
	f.parks(1, 8*day)
	roles := f.customers[0].AppRoles
	f.customers[0].AppRoles, f.customers[1].AppRoles = nil, nil // nobody has consented for them yet
	f.env.RegisterDelayedCallback(func() {
		f.world.Change(func() { f.customers[0].AppRoles, f.customers[1].AppRoles = roles, roles })
	}, 5*day)
	again := f.later(6*day, upgrade.UpdateBatchAgain, object{"by": "olga"})
	f.run(upgrade.BatchEnded)
	f.states("completed 5")
	again.answers("The rows that have ended without having completed run again.")
	attempts := 0
	for _, l := range f.lines() {
		if strings.HasSuffix(l.Upgrade, "#2") {
			attempts++
		}
	}
	if attempts != 2 {
		t.Errorf("%d rows were tried twice", attempts)
	}
}

// Those whose administrators are to be asked are all asked at once: they hold nothing while they wait.
func TestInvitedRowsWaitTogether(t *testing.T) {
	t.Parallel()
	f := newFlock(t, 40, 1)
	f.in.Each.Consent = upgrade.ByLink
	var waiting int
	f.env.RegisterDelayedCallback(func() { waiting = f.begun() }, day)
	f.run(upgrade.BatchEnded) // after 14 days nobody has answered
	f.states("failed 40")
	if waiting != 40 {
		t.Errorf("%d administrators were asked at once", waiting)
	}
}

// A batch that another execution has is not carried twice, and one that was not uploaded not at all.
func TestBatchIsClaimed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, code string
		before     func(f *flock, b upgrade.Batch)
	}{
		{"carried already", "duplicate_batch", func(f *flock, b upgrade.Batch) {
			_, _, _ = f.world.Activities().Batches.ClaimBatch(context.Background(), b.ID, b.Hash, "another run", false)
		}},
		{"another content", "other_batch", func(f *flock, _ upgrade.Batch) { f.in.Rows = f.in.Rows[:1]; f.upload() }},
	} {
		f := newFlock(t, 2, 1)
		b := f.upload()
		c.before(f, b)
		f.env.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
			return workflow.ExecuteChildWorkflow(ctx, upgrade.BatchWorkflow, upgrade.BatchStart{Batch: b.ID, Hash: b.Hash}).Get(ctx, &f.result)
		}, workflow.RegisterOptions{Name: "one"})
		f.env.ExecuteWorkflow("one")
		if err := f.env.GetWorkflowError(); err != nil || f.result.State != upgrade.BatchRefused || !f.result.Reasons.Has(c.code) || f.begun() != 0 {
			t.Errorf("%s: %v %+v", c.name, err, f.result)
		}
	}
}

// What planning has shown is recorded, also where the register takes it late.
func TestPlanningIsRecordedLate(t *testing.T) {
	t.Parallel()
	f := newFlock(t, 30, 3)
	f.in.Rows[0].Seats, f.in.Offenders = 0, upgrade.LeaveOut
	f.world.Fail("Batches.SaveBatchChecks", 1, &upgrade.Error{Kind: upgrade.Transient, Code: "register_busy", Message: "the register is busy"})
	f.run(upgrade.BatchEnded)
	f.states("completed 29, refused 1")
}
