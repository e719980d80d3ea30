package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"uplift/internal/config"
	"uplift/upgrade"
)

// executions asks Temporal about executions, and opens the turn gate.
type executions struct {
	client    client.Client
	namespace string
	gate      upgrade.TurnGateStart // what a gate that is opened begins with
}

func executionsOf(c client.Client, s *config.Settings, p upgrade.Policy) executions {
	return executions{client: c, namespace: namespace(s), gate: upgrade.TurnGateStart{Slots: s.Slots, Look: upgrade.Wait(p.Paced(time.Minute))}}
}

// Slots asks the gate how many slots there are.
func (e executions) Slots(ctx context.Context) (int, error) {
	answer, err := e.client.QueryWorkflow(ctx, upgrade.TurnGateID, "", upgrade.QueryTurns)
	var turns upgrade.Turns
	if err == nil {
		err = answer.Get(&turns)
	}
	if err != nil {
		return 0, &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "the turn gate does not say how many slots there are", Err: err}
	}
	return turns.Slots, nil
}

// Closed tells whether the execution whose first run this is has closed, or is no longer known. The workflow id's present
// run is asked, since a reset closes the first run while the upgrade goes on in another one of the same chain.
func (e executions) Closed(ctx context.Context, workflowID, firstRun string) (bool, error) {
	described, err := e.client.DescribeWorkflowExecution(ctx, workflowID, "")
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
		return true, nil
	case err != nil:
		return false, &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal does not say whether the holder of the order still runs", Err: err}
	}
	info := described.GetWorkflowExecutionInfo()
	if info.GetFirstRunId() != firstRun {
		return true, nil // the workflow id belongs to somebody else by now
	}
	return !isOpen(info.GetStatus()), nil
}

// OpenGate starts the gate, unless it runs.
func (e executions) OpenGate(ctx context.Context) error {
	_, err := e.client.ExecuteWorkflow(ctx, gateOptions, upgrade.TurnGateWorkflow, e.gate)
	if err != nil {
		return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "the turn gate could not be started", Err: err}
	}
	return nil
}

// gateOptions are those of the gate, whoever starts it; nobody changes them.
var gateOptions = client.StartWorkflowOptions{
	ID: upgrade.TurnGateID, TaskQueue: upgrade.TaskQueue,
	WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	StaticSummary:            "Gives each upgrade its turn",
}

// TellGate signals the gate, and starts it where it does not run.
func (e executions) TellGate(ctx context.Context, w upgrade.TurnWanted) error {
	options := gateOptions
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED // is not for a signal
	_, err := e.client.SignalWithStartWorkflow(ctx, upgrade.TurnGateID, upgrade.SignalTurn, w, options, upgrade.TurnGateWorkflow, e.gate)
	if err != nil {
		return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal does not take what the turn gate is to be told", Err: err}
	}
	return nil
}

// NotifyBilling signals the workflow that tells billing, and starts it where it does not run.
func (e executions) NotifyBilling(ctx context.Context, upgradeID string, due upgrade.CallbackDue) error {
	name := upgrade.SignalCallback
	if due.Replay {
		name = upgrade.SignalReplay
	}
	_, err := e.client.SignalWithStartWorkflow(ctx, upgrade.NotifyID(upgradeID), name, due, client.StartWorkflowOptions{
		TaskQueue: upgrade.TaskQueue, WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary: "Tells billing of " + upgradeID,
	}, upgrade.NotifyWorkflow, upgrade.NotifyStart{Upgrade: upgradeID})
	if err != nil {
		return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal does not take what billing is to be told", Err: err}
	}
	return nil
}

// running finds upgrades that run.
var running = fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", upgrade.UpgradeWorkflow)

// past leaves out those that have not got past their consent, which may be very many.
var past = running + fmt.Sprintf(" AND %s NOT IN ('%s', '%s', '%s')", upgrade.AttributeStage, upgrade.Planning, upgrade.Invited, upgrade.Consented)

// Running counts the upgrades that run.
func (e executions) Running(ctx context.Context) (int, error) {
	out, err := e.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: e.namespace, Query: running})
	if err != nil {
		return 0, unavailable(err)
	}
	return int(out.GetCount()), nil
}

// Past lists the running upgrades that have got past their consent.
func (e executions) Past(ctx context.Context, cursor []byte) (page []string, next []byte, err error) {
	out, err := e.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: e.namespace, Query: past, PageSize: 200, NextPageToken: cursor})
	if err != nil {
		return nil, nil, unavailable(err)
	}
	for _, info := range out.GetExecutions() {
		page = append(page, info.GetExecution().GetWorkflowId())
	}
	return page, out.GetNextPageToken(), nil
}

// Status asks a running upgrade. What has closed answers queries still, with what was last true.
func (e executions) Status(ctx context.Context, workflowID string) (s upgrade.Status, err error) {
	described, err := e.client.DescribeWorkflowExecution(ctx, workflowID, "")
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone), err == nil && !isOpen(described.GetWorkflowExecutionInfo().GetStatus()):
		return s, &upgrade.Error{Kind: upgrade.NotFound, Code: "closed", Message: "the upgrade has ended"}
	case err != nil:
		return s, unavailable(err)
	}
	answer, err := e.client.QueryWorkflow(ctx, workflowID, "", upgrade.QueryStatus)
	if err == nil {
		err = answer.Get(&s)
	}
	if err != nil {
		return s, unavailable(err)
	}
	return s, nil
}

// isOpen tells whether an execution with this status goes on.
func isOpen(status enumspb.WorkflowExecutionStatus) bool {
	switch status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		return true
	}
	return false
}

func unavailable(err error) error {
	return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal does not say which upgrades run", Err: err}
}
