package temporalclient

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// translate turns what Temporal says into the one error type. This is the only place that knows Temporal's errors.
func translate(err error) error {
	var known *upgrade.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if said := fromUpgrade(err); said != nil {
		return said
	}
	for _, rule := range serviceRules {
		if rule.is(err) {
			return &upgrade.Error{Kind: rule.kind, Code: rule.code, Message: rule.message, Err: err}
		}
	}
	return &upgrade.Error{Kind: upgrade.Unknown, Code: "temporal", Message: "Temporal gave an answer that we do not know", Err: err}
}

type serviceRule struct {
	is            func(error) bool
	kind          upgrade.Kind
	code, message string
}

// serviceRules are tried in this order.
var serviceRules = []serviceRule{
	{is[*serviceerror.NamespaceNotFound], upgrade.Act, "no_namespace", "Temporal has no such namespace; check -temporal-namespace"},
	{is[*serviceerror.NotFound], upgrade.NotFound, "no_such_workflow", "Temporal knows no such workflow"},
	{is[*serviceerror.InvalidArgument], upgrade.Invalid, "temporal_invalid", "Temporal refuses the request"},
	{is[*serviceerror.PermissionDenied], upgrade.Act, "temporal_denied", "Temporal does not permit this; check its credentials"},
	{is[*serviceerror.ResourceExhausted], upgrade.Throttled, "temporal_busy", "Temporal asks us to come back later"},
	{is[*serviceerror.QueryFailed], upgrade.Refused, "query_refused", "the workflow does not answer the question; is it an upgrade?"},
	{is[*serviceerror.WorkflowNotReady], upgrade.Transient, "not_ready", "no worker has taken the upgrade up yet"},
	{is[*serviceerror.FailedPrecondition], upgrade.Transient, "no_worker", "no worker answers for the upgrade; is one running?"},
	{is[*client.WorkflowUpdateServiceTimeoutOrCanceledError], upgrade.Transient, "no_answer", "no worker took the request up in time; it may still be carried out, see the status"},
	{is[*temporal.TimeoutError], upgrade.Transient, "no_answer", "it took too long; is a worker running?"},
	{is[*serviceerror.Unavailable], upgrade.Transient, "temporal_unreachable", "Temporal cannot be reached"},
	{is[*serviceerror.DeadlineExceeded], upgrade.Transient, "no_answer", "no answer came in time; is a worker running?"},
	{is[*serviceerror.Canceled], upgrade.Transient, "interrupted", "the request was given up"},
	{func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }, upgrade.Transient, "no_answer", "no answer came in time; is a worker running?"},
	{func(err error) bool { return errors.Is(err, context.Canceled) }, upgrade.Transient, "interrupted", "the request was given up"},
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// ClosedWithoutEnd is the code of an execution that was closed without one of the upgrade's ends: terminated, timed
// out, or failed by a defect of ours.
const ClosedWithoutEnd = "closed_without_end"

// unknownOrder is the register's code for an order that it has no upgrade of.
const unknownOrder = "unknown_order"

// unknownCustomer is the code of a customer whom neither Partner Center nor the inventory knows.
const unknownCustomer = "unknown_customer"

// unknownBatch is the register's code for a batch that it does not have.
const unknownBatch = "unknown_batch"

// fromUpgrade reads errors that came out of a workflow: the refusal of an update, or an execution that failed.
func fromUpgrade(err error) error {
	if failed := (*temporal.WorkflowExecutionError)(nil); errors.As(err, &failed) {
		return &upgrade.Error{Kind: upgrade.Unknown, Code: ClosedWithoutEnd, Message: "the execution closed without an end", Err: errors.Unwrap(failed)}
	}
	var said *temporal.ApplicationError
	if !errors.As(err, &said) {
		return nil
	}
	e := &upgrade.Error{Kind: upgrade.Refused, Code: "refused", Message: said.Message()}
	switch kind := upgrade.Kind(said.Type()); kind {
	case upgrade.Transient, upgrade.Throttled, upgrade.Waiting, upgrade.Ambiguous, upgrade.Act, upgrade.Refused,
		upgrade.NotFound, upgrade.Conflict, upgrade.GrantLost, upgrade.Invalid, upgrade.Unknown:
		e.Kind, e.Code = kind, string(kind)
	case "":
	default:
		e.Code = said.Type()
	}
	var problems upgrade.Problems
	var failure struct{ Code, Correlation string } // as an activity's failure gives them
	switch {
	case !said.HasDetails():
	case said.Details(&problems) == nil && len(problems) > 0:
		e.Err = problems
	case said.Details(&failure) == nil && failure.Code != "":
		e.Code, e.Correlation = failure.Code, failure.Correlation
	}
	// What the upgrade could not find for us is no upgrade that we did not find; only the register and a look at a customer know of that, too.
	if e.Kind == upgrade.NotFound && e.Code != unknownOrder && e.Code != unknownCustomer {
		e.Kind = upgrade.Refused
	}
	return e
}

// orEnded tells "there is no such workflow" from "it has ended", which Temporal answers alike to a message.
func (u *Upgrades) orEnded(ctx context.Context, workflowID string, err error) error {
	err = translate(err)
	if upgrade.KindOf(err) != upgrade.NotFound {
		return err
	}
	info, descErr := u.client.DescribeWorkflowExecution(ctx, workflowID, "")
	if descErr != nil {
		return err
	}
	status := info.GetWorkflowExecutionInfo().GetStatus()
	if open(status) {
		return err
	}
	how := statusWords(status)
	if end := rowOf(info.GetWorkflowExecutionInfo()).End; end != "" {
		how = end.Words()
	}
	return &upgrade.Error{Kind: upgrade.Refused, Code: "ended",
		Message: fmt.Sprintf("the upgrade %s has ended (%s); nothing can be asked of it any more", workflowID, how)}
}

// open tells whether an execution has not closed. A paused one has not.
func open(s enumspb.WorkflowExecutionStatus) bool {
	return s == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || s == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
}
