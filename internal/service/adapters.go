package service

import (
	"context"
	"errors"
	"net/url"
	"strings"

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

// between stands in a link between the workflow's id and the upgrade's; no id contains it.
const between = "\x1f"

// Link returns the consent page's address for an invitation.
func (l links) Link(workflowID, upgradeID string, invitation int) (upgrade.Secret, error) {
	token, err := l.tokens.Token(workflowID+between+upgradeID, invitation)
	if err != nil {
		return "", err
	}
	return upgrade.Secret(l.public + "/consent/" + url.PathEscape(token)), nil
}

// Parse reads what Link has made.
func (l links) Parse(token string) (workflowID, upgradeID string, invitation int, err error) {
	ids, invitation, err := l.tokens.Parse(token)
	workflowID, upgradeID, _ = strings.Cut(ids, between)
	return workflowID, upgradeID, invitation, err
}

// executions asks Temporal about executions.
type executions struct{ client client.Client }

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
	switch info.GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		return false, nil
	}
	return true, nil
}
