package temporalclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// Client is the part of [client.Client] by which upgrades are started and steered.
type Client interface {
	ExecuteWorkflow(ctx context.Context, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
	GetWorkflow(ctx context.Context, workflowID, runID string) client.WorkflowRun
	SignalWorkflow(ctx context.Context, workflowID, runID, signal string, arg any) error
	SignalWithStartWorkflow(ctx context.Context, workflowID, signal string, arg any, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
	UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
	QueryWorkflow(ctx context.Context, workflowID, runID, query string, args ...any) (converter.EncodedValue, error)
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	ListWorkflow(ctx context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error)
	CountWorkflow(ctx context.Context, r *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error)
	GetWorkflowHistory(ctx context.Context, workflowID, runID string, longPoll bool, filter enumspb.HistoryEventFilterType) client.HistoryEventIterator
}

// Upgrades starts, steers and reads upgrades. It speaks nothing but Temporal, and has no privilege over any other
// Temporal client. Every error is an [*upgrade.Error]: NotFound, Invalid, Conflict (the order runs already with another
// content), Refused (the upgrade said no, or has ended), Act (Temporal does not let us in), Throttled, Transient
// (Temporal or every worker is out of reach), Unknown.
//
// Its methods take an order id or any workflow id: an id without a slash is an order's first and a workflow's own
// second, one with a slash is a workflow's.
type Upgrades struct {
	client    Client
	converter converter.DataConverter
	exact     bool
}

// NewUpgrades returns the upgrades of a client. The converter is the one that the client was dialled with; nil is the
// SDK's own.
func NewUpgrades(c Client, dc converter.DataConverter) *Upgrades {
	if dc == nil {
		dc = converter.GetDefaultDataConverter()
	}
	return &Upgrades{client: c, converter: dc}
}

// Exact returns the same upgrades by workflow id only. Whoever was given a workflow id by a sealed link must reach that
// workflow, and never an order that happens to be called alike.
func (u *Upgrades) Exact() *Upgrades {
	exact := *u
	exact.exact = true
	return &exact
}

// StartOptions are what may be said about a start besides the order.
type StartOptions struct {
	// Attempt, from 2, starts the order again after an attempt that ended; 0 sends the order exactly as it was given.
	Attempt int
}

// Start starts the upgrade of an order, given as JSON; the workflow receives these bytes and no others. Where the same
// order runs already, nothing is started and the running workflow is named; another order under its id is Kind
// Conflict, code "other_order". An order that does not parse is Kind Invalid with its [upgrade.Problems].
//
// Temporal lets a closed workflow id start again: whether that is a duplicate is for the register to say, which still
// knows when Temporal has forgotten.
func (u *Upgrades) Start(ctx context.Context, order []byte, o StartOptions) (upgrade.Started, error) {
	parsed, problems := upgrade.ParseOrder(order)
	if len(problems) > 0 {
		return upgrade.Started{}, badOrder(problems)
	}
	if o.Attempt > 0 {
		var err error
		if order, err = withAttempt(order, o.Attempt); err != nil {
			return upgrade.Started{}, err
		}
		parsed.Attempt = o.Attempt
	}
	started := upgrade.Started{Order: parsed.ID, WorkflowID: upgrade.WorkflowID(parsed.ID), Attempt: max(parsed.Attempt, 1)}
	options := startOptions(parsed)
	if parsed.Attempt < 2 && u.carriedOut(ctx, started.WorkflowID) {
		// It will end as a duplicate: under an id of its own, it does not stand before the upgrade that it names.
		started.WorkflowID += "/again-" + uuid.NewString()[:8]
		options.ID = started.WorkflowID
	}
	run, err := u.client.ExecuteWorkflow(ctx, options, upgrade.UpgradeWorkflow, rawJSON(order))
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &running):
		return u.existing(ctx, started, running.RunId, parsed)
	case err != nil:
		return upgrade.Started{}, translate(err)
	}
	started.RunID = run.GetRunID()
	return started, nil
}

// carriedOut tells whether a workflow id's last run has closed and had claimed its order.
func (u *Upgrades) carriedOut(ctx context.Context, workflowID string) bool {
	d, err := u.client.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return false
	}
	info := d.GetWorkflowExecutionInfo()
	return !open(info.GetStatus()) && rowOf(info).Order != ""
}

func badOrder(problems upgrade.Problems) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_order", Message: "the order has problems", Err: problems}
}

func startOptions(o upgrade.Order) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                                       upgrade.WorkflowID(o.ID),
		TaskQueue:                                upgrade.TaskQueue,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            Summary(o),
		Priority:                                 temporal.Priority{PriorityKey: o.Priority.Key(), FairnessKey: o.Tenant},
	}
}

// existing answers a start that met a running workflow: the same order is no error.
func (u *Upgrades) existing(ctx context.Context, s upgrade.Started, runID string, asked upgrade.Order) (upgrade.Started, error) {
	s.RunID, s.Existing = runID, true
	input, err := u.startInput(ctx, s.WorkflowID, runID)
	if err != nil {
		return s, err
	}
	running, problems := upgrade.ParseOrder(input)
	if len(problems) > 0 || running.Hash() != asked.Hash() {
		return s, &upgrade.Error{Kind: upgrade.Conflict, Code: "other_order",
			Message: fmt.Sprintf("workflow %s runs already for order %s, with another content", s.WorkflowID, s.Order)}
	}
	s.Attempt = max(running.Attempt, 1)
	return s, nil
}

// summaryRunes keeps a summary short: encrypted, it grows more than threefold, and Temporal bounds what is left.
const summaryRunes = 118

// Summary is an order on one line, for the Temporal UI: "A-1001: hosted-pro ×25". It names no person.
func Summary(o upgrade.Order) string {
	what := make([]string, 0, len(o.Target.Totals))
	if o.Target.Plan != "" {
		what = append(what, fmt.Sprintf("%s ×%d", o.Target.Plan, o.Target.Seats))
	}
	for _, t := range o.Target.Totals {
		what = append(what, fmt.Sprintf("%s ×%d", t.Offer, t.Seats))
	}
	s := o.ID + ": " + strings.Join(what, ", ")
	if o.Attempt > 1 {
		s = fmt.Sprintf("%s (attempt %d): %s", o.ID, o.Attempt, strings.Join(what, ", "))
	}
	if r := []rune(s); len(r) > summaryRunes {
		s = string(r[:summaryRunes-1]) + "…"
	}
	return s
}

// rawJSON hands bytes on as they are. The SDK's own JSON converter would compact them.
func rawJSON(data []byte) converter.RawValue {
	return converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)},
		Data:     data,
	})
}

// planTimeout bounds a dry run: it reads only, and whoever asked is waiting.
const planTimeout = 5 * time.Minute

// Plan makes the plan document of an order and changes nothing. It waits for it. What speaks against the upgrade stands
// in the plan's reasons and is no error.
func (u *Upgrades) Plan(ctx context.Context, order []byte) (upgrade.Plan, error) {
	var plan upgrade.Plan
	parsed, problems := upgrade.ParseOrder(order)
	if len(problems) > 0 {
		return plan, badOrder(problems)
	}
	return plan, u.errand(ctx, &plan, client.StartWorkflowOptions{
		ID:            "plan/" + parsed.ID + "/" + uuid.NewString(),
		StaticSummary: Summary(parsed),
		Priority:      temporal.Priority{PriorityKey: 1, FairnessKey: parsed.Tenant},
	}, upgrade.PlanWorkflow, rawJSON(order))
}

// errand runs a workflow that answers at once.
func (u *Upgrades) errand(ctx context.Context, answer any, o client.StartWorkflowOptions, name string, input any) error {
	o.TaskQueue, o.WorkflowExecutionTimeout = upgrade.TaskQueue, planTimeout
	run, err := u.client.ExecuteWorkflow(ctx, o, name, input)
	if err != nil {
		return translate(err)
	}
	err = run.Get(ctx, answer)
	// It has no ends: why its execution failed is the answer.
	if failed := (*temporal.WorkflowExecutionError)(nil); errors.As(err, &failed) {
		err = errors.Unwrap(failed)
	}
	return translate(err)
}
