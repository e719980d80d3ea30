package service

import (
	"context"
	"errors"
	"net/url"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"uplift/internal/seal"
	"uplift/upgrade"
)

// links makes the addresses in mails: the consent page with a sealed token.
type links struct {
	public string
	tokens *seal.Links
}

// Link returns the consent page's address for an invitation.
func (l links) Link(workflowID string, invitation int) (upgrade.Secret, error) {
	token, err := l.tokens.Token(workflowID, invitation)
	if err != nil {
		return "", err
	}
	return upgrade.Secret(l.public + "/consent/" + url.PathEscape(token)), nil
}

// executions asks Temporal about executions.
type executions struct{ client client.Client }

// Closed tells whether an execution is closed, or no longer known.
func (e executions) Closed(ctx context.Context, workflowID, runID string) (bool, error) {
	described, err := e.client.DescribeWorkflowExecution(ctx, workflowID, runID)
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
		return true, nil
	case err != nil:
		return false, &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal does not say whether the holder of the order still runs", Err: err}
	}
	switch described.GetWorkflowExecutionInfo().GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		return false, nil
	}
	return true, nil
}
