package temporalclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/timestamppb"

	"uplift/internal/codec"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// order has blanks and an order of fields that no marshaller would choose: it must arrive as it is.
const order = `{ "tenant":"11111111-2222-3333-4444-555555555555",   "order":"A-1",
  "target": {"plan":"hosted-pro","seats":25}, "consent":"link", "priority":"urgent" }`

// fake is a Temporal with the executions that a test puts there. It keeps payloads as a server does: encoded.
type fake struct {
	temporalclient.Client // what is not asked in these tests
	convert               converter.DataConverter
	executions            map[string]*execution
	signals               []any
	updates               []client.UpdateWorkflowOptions
	starts                []client.StartWorkflowOptions
	listed                []string // queries
	pages                 [][]*workflowpb.WorkflowExecutionInfo
	startError            error
	updateErr             error
	queryErr              error
	answers               map[string]any // of short workflows, by type
	inputs                []*commonpb.Payload
}

type execution struct {
	status enumspb.WorkflowExecutionStatus
	input  *commonpb.Payload
	answer any // of the next query or update
	result upgrade.Result
	err    error // of the result
}

func newFake() (*fake, *temporalclient.Upgrades) {
	f := &fake{convert: codec.DataConverter(codec.Dev()), executions: map[string]*execution{}}
	return f, temporalclient.NewUpgrades(f, f.convert)
}

// put adds an execution that was started with an input.
func (f *fake) put(t *testing.T, id, input string, e execution) *execution {
	t.Helper()
	payload, err := f.convert.ToPayload(json.RawMessage(input))
	if err != nil {
		t.Fatal(err)
	}
	e.input = payload
	f.executions[id] = &e
	return &e
}

func (f *fake) find(id string) (*execution, error) {
	if e := f.executions[id]; e != nil {
		return e, nil
	}
	return nil, serviceerror.NewNotFound("workflow not found for ID: " + id)
}

type run struct {
	client.WorkflowRun
	f  *fake
	id string
}

func (r run) GetRunID() string { return "run-of-" + r.id }

func (r run) Get(_ context.Context, v any) error {
	e, err := r.f.find(r.id)
	if err != nil || e.err != nil {
		return errors.Join(err, e.err)
	}
	return through(r.f.convert, e.result, v)
}

// through encodes and decodes, as a value that passes the server.
func through(dc converter.DataConverter, from, to any) error {
	p, err := dc.ToPayload(from)
	if err != nil {
		return err
	}
	return dc.FromPayload(p, to)
}

func (f *fake) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	f.starts = append(f.starts, o)
	if f.startError != nil {
		return nil, f.startError
	}
	payload, err := f.convert.ToPayload(args[0])
	if err != nil {
		return nil, err
	}
	if e := f.executions[o.ID]; e != nil && e.status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("running", "", "run-of-"+o.ID)
	}
	if name, _ := workflow.(string); f.answers[name] != nil {
		f.inputs = append(f.inputs, payload)
		return answered{f: f, answer: f.answers[name]}, nil
	}
	if workflow != upgrade.UpgradeWorkflow {
		return nil, errors.New("another workflow type")
	}
	f.executions[o.ID] = &execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, input: payload}
	return run{f: f, id: o.ID}, nil
}

func (f *fake) GetWorkflow(_ context.Context, id, _ string) client.WorkflowRun {
	return run{f: f, id: id}
}

func (f *fake) SignalWorkflow(_ context.Context, id, _, name string, arg any) error {
	e, err := f.find(id)
	if err != nil {
		return err
	}
	if e.status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return serviceerror.NewNotFound("workflow execution already completed")
	}
	f.signals = append(f.signals, name, arg)
	return nil
}

type handle struct {
	client.WorkflowUpdateHandle
	f *fake
	e *execution
}

func (h handle) Get(_ context.Context, v any) error {
	var said *temporal.ApplicationError
	switch failures := temporal.GetDefaultFailureConverter(); {
	case errors.As(h.f.updateErr, &said): // as it comes over the wire
		return failures.FailureToError(failures.ErrorToFailure(h.f.updateErr))
	case h.f.updateErr != nil:
		return h.f.updateErr
	}
	return through(h.f.convert, h.e.answer, v)
}

func (f *fake) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	f.updates = append(f.updates, o)
	e, err := f.find(o.WorkflowID)
	if err != nil {
		return nil, err
	}
	if e.status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	return handle{f: f, e: e}, nil
}

type answer struct {
	converter.EncodedValue
	f *fake
	v any
}

func (a answer) Get(v any) error { return through(a.f.convert, a.v, v) }

func (f *fake) QueryWorkflow(_ context.Context, id, _, _ string, _ ...any) (converter.EncodedValue, error) {
	e, err := f.find(id)
	if err != nil {
		return nil, err
	}
	return answer{f: f, v: e.answer}, f.queryErr
}

func (f *fake) DescribeWorkflowExecution(_ context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	e, err := f.find(id)
	if err != nil {
		return nil, err
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
		Status: e.status, Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: "run-of-" + id}}}, nil
}

func (f *fake) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.listed = append(f.listed, r.GetQuery())
	at := len(r.GetNextPageToken())
	page := &workflowservice.ListWorkflowExecutionsResponse{}
	if at < len(f.pages) {
		page.Executions = f.pages[at]
	}
	if at+1 < len(f.pages) {
		page.NextPageToken = make([]byte, at+1)
	}
	return page, nil
}

type events struct{ all []*historypb.HistoryEvent }

func (e *events) HasNext() bool                          { return len(e.all) > 0 }
func (e *events) Next() (*historypb.HistoryEvent, error) { return e.all[0], nil }

func (f *fake) GetWorkflowHistory(_ context.Context, id, _ string, _ bool, _ enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return &events{all: []*historypb.HistoryEvent{{Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
			Input: &commonpb.Payloads{Payloads: []*commonpb.Payload{f.executions[id].input}}}}}}}
}

// input is what the last start of an order was given.
func (f *fake) input(t *testing.T, id string) string {
	t.Helper()
	var raw converter.RawValue
	if err := f.convert.FromPayload(f.executions[id].input, &raw); err != nil {
		t.Fatal(err)
	}
	return string(raw.Payload().GetData())
}

func want(t *testing.T, err error, kind upgrade.Kind, code string) {
	t.Helper()
	if upgrade.KindOf(err) != kind || upgrade.CodeOf(err) != code {
		t.Errorf("%v: kind %q code %q, want %q %q", err, upgrade.KindOf(err), upgrade.CodeOf(err), kind, code)
	}
}

func TestStartSendsTheOrderAsItIs(t *testing.T) {
	f, u := newFake()
	s, err := u.Start(t.Context(), []byte(order), temporalclient.StartOptions{})
	if err != nil || s.WorkflowID != "upgrade/A-1" || s.Existing || s.Attempt != 1 {
		t.Fatalf("%+v %v", s, err)
	}
	if got := f.input(t, "upgrade/A-1"); got != order {
		t.Errorf("the workflow received %s", got)
	}
	o := f.starts[0]
	if o.TaskQueue != "uplift" || o.WorkflowIDConflictPolicy != enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL ||
		o.WorkflowIDReusePolicy != enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE || !o.WorkflowExecutionErrorWhenAlreadyStarted {
		t.Errorf("%+v", o)
	}
	if o.StaticSummary != "A-1: hosted-pro ×25" || o.Priority.PriorityKey != 1 || o.Priority.FairnessKey != "11111111-2222-3333-4444-555555555555" {
		t.Errorf("%q %+v", o.StaticSummary, o.Priority)
	}
	if strings.Contains(f.executions["upgrade/A-1"].input.String(), "hosted-pro") {
		t.Error("the order left us in plain")
	}
}

func TestStartTwice(t *testing.T) {
	f, u := newFake()
	if _, err := u.Start(t.Context(), []byte(order), temporalclient.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	spelled := strings.Join(strings.Fields(order), "") // the same order, written differently
	s, err := u.Start(t.Context(), []byte(spelled), temporalclient.StartOptions{})
	if err != nil || !s.Existing || s.RunID != "run-of-upgrade/A-1" {
		t.Errorf("%+v %v", s, err)
	}
	_, err = u.Start(t.Context(), []byte(strings.Replace(order, "25", "26", 1)), temporalclient.StartOptions{})
	want(t, err, upgrade.Conflict, "other_order")
	if f.input(t, "upgrade/A-1") != order {
		t.Error("the running order was touched")
	}
}

func TestStartRefusesBadOrdersWithEveryProblem(t *testing.T) {
	f, u := newFake()
	_, err := u.Start(t.Context(), []byte(`{"order":"","tenant":"x","target":{"plan":"p","seats":-1},"consent":"link"}`), temporalclient.StartOptions{})
	want(t, err, upgrade.Invalid, "bad_order")
	var problems upgrade.Problems
	if !errors.As(err, &problems) || len(problems) != 3 || len(f.starts) != 0 {
		t.Errorf("%v, %d starts", problems, len(f.starts))
	}
}

func TestSummaryIsShortAndNamesNobody(t *testing.T) {
	o := upgrade.Order{ID: strings.Repeat("x", 100), Administrator: &upgrade.Administrator{Mail: "anna@example.com"}}
	for range 20 {
		o.Target.Totals = append(o.Target.Totals, upgrade.Total{Offer: "microsoft-365-é5", Seats: 100000})
	}
	s := temporalclient.Summary(o)
	if n := utf8.RuneCountInString(s); n >= 120 || !utf8.ValidString(s) || strings.Contains(s, "anna") {
		t.Errorf("%d characters: %s", n, s)
	}
}

func TestIDs(t *testing.T) {
	f, u := newFake()
	running := execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING}
	for _, id := range []string{"upgrade/both", "both", "free", "other/one"} {
		f.put(t, id, order, running).answer = upgrade.Status{WorkflowID: id, Stage: upgrade.Invited}
	}
	for given, meant := range map[string]string{"both": "upgrade/both", "upgrade/both": "upgrade/both", "free": "free", "other/one": "other/one"} {
		if s, err := u.Status(t.Context(), given); err != nil || s.WorkflowID != meant {
			t.Errorf("%s: %s %v", given, s.WorkflowID, err)
		}
	}
	if s, err := u.Exact().Status(t.Context(), "both"); err != nil || s.WorkflowID != "both" {
		t.Errorf("exact: %s %v", s.WorkflowID, err)
	}
	_, err := u.Status(t.Context(), "nobody")
	want(t, err, upgrade.NotFound, "no_such_upgrade")
	_, err = u.Status(t.Context(), "")
	want(t, err, upgrade.Invalid, "no_id")
}

func TestUpdates(t *testing.T) {
	f, u := newFake()
	e := f.put(t, "upgrade/A-1", order, execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING})
	e.answer = upgrade.Reply{Message: "it is cancelled"}
	r, err := u.Cancel(t.Context(), "A-1", upgrade.Request{By: "anna"})
	if err != nil || r.Message != "it is cancelled" {
		t.Fatalf("%+v %v", r, err)
	}
	o := f.updates[0]
	if o.UpdateName != "cancel" || o.UpdateID == "" || o.WaitForStage != client.WorkflowUpdateStageCompleted || o.Args[0] != (upgrade.Request{By: "anna"}) {
		t.Errorf("%+v", o)
	}
	if _, err := temporalclient.Update[upgrade.Request, upgrade.Reply](t.Context(), u, "A-1", "resend", "id-7", upgrade.Request{}); err != nil || f.updates[1].UpdateID != "id-7" {
		t.Errorf("%+v %v", f.updates[1], err)
	}
}

func TestRefusals(t *testing.T) {
	f, u := newFake()
	f.put(t, "upgrade/A-1", order, execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING})
	problems := upgrade.Problems{{Path: "digest", Code: "no_digest", Message: "the plan's digest is missing"}}
	for name, c := range map[string]struct {
		err  error
		kind upgrade.Kind
		code string
	}{
		"plain":            {temporal.NewApplicationError("resend does not fit stage changing", ""), upgrade.Refused, "refused"},
		"coded":            {temporal.NewApplicationError("no", "wrong_stage"), upgrade.Refused, "wrong_stage"},
		"by kind":          {temporal.NewApplicationError("no", "invalid", problems), upgrade.Invalid, "invalid"},
		"activity":         {temporal.NewApplicationError("no", "throttled", map[string]string{"code": "too_many_codes"}), upgrade.Throttled, "too_many_codes"},
		"not found inside": {temporal.NewApplicationError("no such code", "not_found"), upgrade.Refused, "not_found"},
		"no worker":        {client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded), upgrade.Transient, "no_answer"},
		"unreachable":      {serviceerror.NewUnavailable("gone"), upgrade.Transient, "temporal_unreachable"},
		"denied":           {serviceerror.NewPermissionDenied("no", ""), upgrade.Act, "temporal_denied"},
		"new to us":        {errors.New("?"), upgrade.Unknown, "temporal"},
	} {
		f.updateErr = c.err
		_, err := u.Confirm(t.Context(), "A-1", upgrade.Confirm{})
		t.Log(name)
		want(t, err, c.kind, c.code)
	}
	f.updateErr = temporal.NewApplicationError("no", "invalid", problems)
	_, err := u.Confirm(t.Context(), "A-1", upgrade.Confirm{})
	var got upgrade.Problems
	if !errors.As(err, &got) || !got.Has("no_digest") {
		t.Errorf("%v", err)
	}
}

func TestEndedUpgrades(t *testing.T) {
	f, u := newFake()
	e := f.put(t, "upgrade/A-1", order, execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED})
	e.result = upgrade.Result{Order: "A-1", End: upgrade.Declined}
	_, err := u.Cancel(t.Context(), "A-1", upgrade.Request{})
	want(t, err, upgrade.Refused, "ended")
	want(t, u.Consent(t.Context(), "A-1", upgrade.Consent{}), upgrade.Refused, "ended")

	f.queryErr = serviceerror.NewFailedPrecondition("no poller")
	s, err := u.Status(t.Context(), "A-1")
	if err != nil || s.Stage != upgrade.Ended || s.End != upgrade.Declined {
		t.Errorf("without a worker: %+v %v", s, err)
	}
	e.status = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	s, err = u.Status(t.Context(), "A-1")
	if err != nil || s.Stage != upgrade.Ended || s.End != "" || !s.Reasons.Has(temporalclient.ClosedWithoutEnd) {
		t.Errorf("terminated: %+v %v", s, err)
	}
	e.status = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	_, err = u.Status(t.Context(), "A-1")
	want(t, err, upgrade.Transient, "no_worker")
}

func TestConsentIsSentAsAClaim(t *testing.T) {
	f, u := newFake()
	f.put(t, "upgrade/A-1", order, execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING})
	c := upgrade.Consent{Decision: upgrade.Granted, Method: upgrade.Existing}
	if err := u.Consent(t.Context(), "A-1", c); err != nil || len(f.signals) != 2 || f.signals[0] != "consent" || f.signals[1] != c {
		t.Errorf("%v %v", f.signals, err)
	}
}

func TestWatchSeesEachChangeOnceAndTheEnd(t *testing.T) {
	f, u := newFake()
	e := f.put(t, "upgrade/A-1", order, execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED})
	e.answer = upgrade.Status{Order: "A-1", Stage: upgrade.Ended, End: upgrade.Completed}
	e.result = upgrade.Result{Order: "A-1", End: upgrade.Completed}
	seen := 0
	r, err := u.Watch(t.Context(), "A-1", time.Millisecond, func(upgrade.Status) { seen++ })
	if err != nil || r.End != upgrade.Completed || seen != 1 {
		t.Errorf("%+v %v, seen %d", r, err, seen)
	}
	_, err = u.Watch(t.Context(), "nobody", time.Millisecond, func(upgrade.Status) {})
	want(t, err, upgrade.NotFound, "no_such_upgrade")
}

func TestRetry(t *testing.T) {
	for name, c := range map[string]struct {
		status  enumspb.WorkflowExecutionStatus
		end     upgrade.End
		key     string
		input   string
		attempt int
		code    string
	}{
		"first":         {enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, upgrade.Declined, "A-1#1", order, 2, ""},
		"third":         {enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, upgrade.FailedUndone, "A-1#2", strings.Replace(order, `"order"`, `"attempt":2,"order"`, 1), 3, ""},
		"after a twin":  {enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, upgrade.Duplicate, "A-1#4", order, 5, ""},
		"terminated":    {enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, "", "", order, 2, ""},
		"completed":     {enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, upgrade.Completed, "A-1#1", order, 0, "not_again"},
		"abandoned":     {enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, upgrade.Abandoned, "A-1#1", order, 0, "not_again"},
		"still running": {enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, "", "", order, 0, "still_running"},
	} {
		t.Run(name, func(t *testing.T) {
			f, u := newFake()
			f.put(t, "upgrade/A-1", c.input, execution{status: c.status}).result = upgrade.Result{End: c.end, Upgrade: c.key}
			s, err := u.Retry(t.Context(), "A-1", 0)
			if c.code != "" {
				want(t, err, upgrade.Refused, c.code)
				return
			}
			if err != nil || s.Attempt != c.attempt {
				t.Fatalf("%+v %v", s, err)
			}
			again, problems := upgrade.ParseOrder([]byte(f.input(t, "upgrade/A-1")))
			before, _ := upgrade.ParseOrder([]byte(order))
			if len(problems) > 0 || again.Attempt != c.attempt || again.Hash() != before.Hash() {
				t.Errorf("%+v %v", again, problems)
			}
		})
	}
}

func TestRetryOfWhatCannotBeRead(t *testing.T) {
	f, u := newFake()
	e := f.put(t, "upgrade/A-1", order, execution{status: enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED})
	e.input.Data = append([]byte{}, e.input.Data...)
	e.input.Data[20] ^= 1
	_, err := u.Retry(t.Context(), "A-1", 0)
	want(t, err, upgrade.Act, "unreadable")
}

func TestList(t *testing.T) {
	f, u := newFake()
	attribute := func(v any) *commonpb.Payload {
		p, err := converter.GetDefaultDataConverter().ToPayload(v)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	deadline := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	info := &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: "upgrade/A-1", RunId: "r"},
		Status:    enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT,
		StartTime: timestamppb.New(deadline),
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{
			upgrade.AttributeStage: attribute("invited"), upgrade.AttributeOrder: attribute("A-1"),
			upgrade.AttributeNeedsOperator: attribute(true), upgrade.AttributeConsentDeadline: attribute(deadline),
		}},
	}
	f.pages = [][]*workflowpb.WorkflowExecutionInfo{{info, info}, {info, info}}
	rows, err := u.List(t.Context(), upgrade.ListFilter{Stage: upgrade.Invited, Tenant: "T'x", NeedsOperator: true, Open: true}, 3)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	const query = `WorkflowType = 'UpgradeCustomerWorkflow' AND UpliftStage = 'invited' AND UpliftCustomerTenant = 't\'x' AND UpliftNeedsOperator = true AND ExecutionStatus = 'Running'`
	if f.listed[0] != query {
		t.Errorf("query %s", f.listed[0])
	}
	r := rows[0]
	if r.Order != "A-1" || r.Stage != upgrade.Invited || !r.NeedsOperator || r.ConsentDeadline == nil || !r.ConsentDeadline.Equal(deadline) || r.Execution != "timed out" {
		t.Errorf("%+v", r)
	}
	if rows, err := u.List(t.Context(), upgrade.ListFilter{}, 0); err != nil || len(rows) != 4 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	_, err = u.List(t.Context(), upgrade.ListFilter{Stage: "nowhere"}, 0)
	want(t, err, upgrade.Invalid, "unknown_stage")
}
