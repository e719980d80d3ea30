package temporalclient

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"uplift/upgrade"
)

// Filter narrows a list; its zero value lets everything through.
type Filter struct {
	Stage         upgrade.Stage
	Tenant        string // the customer's
	Order         string
	Batch         string
	NeedsOperator bool // only what waits for an operator
	Open          bool // only what has not ended
}

// Row is one upgrade as Temporal's visibility store shows it. It lags the upgrade by a moment.
type Row struct {
	WorkflowID      string        `json:"workflowId"`
	RunID           string        `json:"runId"`
	Order           string        `json:"order,omitempty"`
	Tenant          string        `json:"tenant,omitempty"`
	Source          string        `json:"source,omitempty"`
	Target          string        `json:"target,omitempty"`
	Batch           string        `json:"batch,omitempty"`
	Stage           upgrade.Stage `json:"stage,omitempty"`
	NeedsOperator   bool          `json:"needsOperator,omitempty"`
	ConsentDeadline *time.Time    `json:"consentDeadline,omitempty"`
	End             upgrade.End   `json:"end,omitempty"`
	Execution       string        `json:"execution"` // Temporal's word: running, completed, failed, ...
	StartedAt       time.Time     `json:"startedAt"`
	ClosedAt        *time.Time    `json:"closedAt,omitempty"`
}

// pageSize is how many rows are asked for at a time.
const pageSize = 200

// List lists upgrades, the latest start first, at most limit of them (0: all that Temporal remembers).
func (u *Upgrades) List(ctx context.Context, f Filter, limit int) ([]Row, error) {
	where, err := f.query()
	if err != nil {
		return nil, err
	}
	rows := []Row{}
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: where, PageSize: pageSize}
	for {
		page, err := u.client.ListWorkflow(ctx, request)
		if err != nil {
			return rows, translate(err)
		}
		for _, info := range page.GetExecutions() {
			rows = append(rows, rowOf(info))
			if len(rows) == limit {
				return rows, nil
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return rows, nil
		}
	}
}

// query is the filter in the language of Temporal's list filters.
// https://docs.temporal.io/list-filter
func (f Filter) query() (string, error) {
	if f.Stage != "" && f.Stage != upgrade.Undoing && f.Stage != upgrade.Scheduled && !slices.Contains(upgrade.Stages(), f.Stage) {
		return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "unknown_stage", Message: fmt.Sprintf("there is no stage %q", f.Stage)}
	}
	parts := []string{"WorkflowType = " + quoted(upgrade.UpgradeWorkflow)}
	for _, equal := range [][2]string{
		{upgrade.AttributeStage, string(f.Stage)},
		{upgrade.AttributeCustomerTenant, strings.ToLower(f.Tenant)},
		{upgrade.AttributeOrder, f.Order},
		{upgrade.AttributeBatch, f.Batch},
	} {
		if equal[1] != "" {
			parts = append(parts, equal[0]+" = "+quoted(equal[1]))
		}
	}
	if f.NeedsOperator {
		parts = append(parts, upgrade.AttributeNeedsOperator+" = true")
	}
	if f.Open {
		parts = append(parts, "ExecutionStatus = 'Running'")
	}
	return strings.Join(parts, " AND "), nil
}

// quoted is a string of the list filter's SQL.
func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func rowOf(info *workflowpb.WorkflowExecutionInfo) Row {
	a := attributes(info.GetSearchAttributes().GetIndexedFields())
	r := Row{
		WorkflowID: info.GetExecution().GetWorkflowId(),
		RunID:      info.GetExecution().GetRunId(),
		Order:      attribute[string](a, upgrade.AttributeOrder),
		Tenant:     attribute[string](a, upgrade.AttributeCustomerTenant),
		Source:     attribute[string](a, upgrade.AttributeSourceOffer),
		Target:     attribute[string](a, upgrade.AttributeTargetOffer),
		Batch:      attribute[string](a, upgrade.AttributeBatch),
		Stage:      attribute[upgrade.Stage](a, upgrade.AttributeStage),
		End:        attribute[upgrade.End](a, upgrade.AttributeEnd),
		Execution:  statusWords(info.GetStatus()),
		StartedAt:  info.GetStartTime().AsTime(),
	}
	r.NeedsOperator = attribute[bool](a, upgrade.AttributeNeedsOperator)
	if t := attribute[time.Time](a, upgrade.AttributeConsentDeadline); !t.IsZero() {
		r.ConsentDeadline = &t
	}
	if info.GetCloseTime() != nil {
		t := info.GetCloseTime().AsTime()
		r.ClosedAt, r.NeedsOperator = &t, false
	}
	return r
}

type attributes map[string]*commonpb.Payload

// attribute reads a search attribute, which never passes the codec; the zero value where it is missing or of another
// type.
func attribute[T any](a attributes, name string) T {
	var v T
	if p := a[name]; p != nil {
		if err := converter.GetDefaultDataConverter().FromPayload(p, &v); err != nil {
			var zero T
			return zero
		}
	}
	return v
}
