package temporalclient

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"uplift/upgrade"
)

// Retry starts an ended order again, as its next attempt, with the order that the last run was started with. The
// register grants it only after an end that left nothing changed, or to a holder that closed without an end; what
// surely cannot be granted is Kind Refused before anything starts. Attempt 0 is one above the last.
func (u *Upgrades) Retry(ctx context.Context, id string, attempt int) (upgrade.Started, error) {
	return withID(ctx, u, id, func(workflowID string) (upgrade.Started, error) {
		info, err := u.client.DescribeWorkflowExecution(ctx, workflowID, "")
		if err != nil {
			return upgrade.Started{}, translate(err)
		}
		state := info.GetWorkflowExecutionInfo().GetStatus()
		runID := info.GetWorkflowExecutionInfo().GetExecution().GetRunId()
		if open(state) {
			return upgrade.Started{}, &upgrade.Error{Kind: upgrade.Refused, Code: "still_running",
				Message: fmt.Sprintf("the upgrade %s is still running", workflowID)}
		}
		last := 0
		if state == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			if last, err = u.mayRunAgain(ctx, workflowID); err != nil {
				return upgrade.Started{}, err
			}
		}
		input, err := u.startInput(ctx, workflowID, runID)
		if err != nil {
			return upgrade.Started{}, err
		}
		order, problems := upgrade.ParseOrder(input)
		if len(problems) > 0 {
			return upgrade.Started{}, badOrder(problems)
		}
		if attempt == 0 {
			attempt = max(last, order.Attempt, 1) + 1
		}
		return u.Start(ctx, input, StartOptions{Attempt: attempt})
	})
}

// mayRunAgain refuses what ended with a change in the tenant, and tells which attempt the last one was. A duplicate's
// own end says nothing of the order's: there the register decides.
func (u *Upgrades) mayRunAgain(ctx context.Context, workflowID string) (attempt int, err error) {
	r, err := u.resultOf(ctx, workflowID, "")
	if err != nil {
		return 0, err
	}
	if !r.End.ChangedNothing() && r.End != upgrade.Duplicate && r.End != upgrade.RefusedOrder {
		return 0, &upgrade.Error{Kind: upgrade.Refused, Code: "not_again",
			Message: fmt.Sprintf("the upgrade ended %q; only an order whose end left nothing changed can be run again", r.End.Words())}
	}
	return attemptOf(r.Upgrade), nil
}

// attemptOf reads the attempt from the register's key, "order#attempt"; 0 where it has none.
func attemptOf(key string) int {
	_, number, found := strings.Cut(key, "#")
	if !found {
		return 0
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n
}

// startInput reads the order that a run was started with from its history.
func (u *Upgrades) startInput(ctx context.Context, workflowID, runID string) ([]byte, error) {
	events := u.client.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return nil, &upgrade.Error{Kind: upgrade.NotFound, Code: "no_history", Message: "Temporal has no history of " + workflowID}
	}
	event, err := events.Next()
	if err != nil {
		return nil, translate(err)
	}
	payloads := event.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads()
	if len(payloads) != 1 {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_order", Message: workflowID + " was not started with an order"}
	}
	var raw converter.RawValue
	if err := u.converter.FromPayload(payloads[0], &raw); err != nil {
		return nil, unreadable(workflowID, err)
	}
	if encoding := string(raw.Payload().GetMetadata()[converter.MetadataEncoding]); encoding != converter.MetadataEncodingJSON {
		return nil, unreadable(workflowID, fmt.Errorf("its encoding is %q", encoding))
	}
	return raw.Payload().GetData(), nil
}

func unreadable(workflowID string, err error) error {
	return &upgrade.Error{Kind: upgrade.Act, Code: "unreadable",
		Message: "the order of " + workflowID + " cannot be read; is the codec key the worker's?", Err: err}
}

// withAttempt sets the attempt in an order and leaves every other field as it was written.
func withAttempt(order []byte, attempt int) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(order, &fields); err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "malformed_json", Message: "the order is no JSON object", Err: err}
	}
	for name := range fields {
		if strings.EqualFold(name, "attempt") { // encoding/json does not mind the case either
			delete(fields, name)
		}
	}
	fields["attempt"] = json.RawMessage(strconv.Itoa(attempt))
	out, err := json.Marshal(fields)
	if err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "malformed_json", Message: "the order cannot be written", Err: err}
	}
	return out, nil
}
