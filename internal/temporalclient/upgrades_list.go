package temporalclient

import (
	"context"
	"encoding/base64"
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

// pageSize is how many rows are asked for at a time.
const pageSize = 200

// List lists upgrades, the latest start first, at most limit of them (0: all that Temporal remembers).
func (u *Upgrades) List(ctx context.Context, f upgrade.ListFilter, limit int) ([]upgrade.ListRow, error) {
	rows := []upgrade.ListRow{}
	for cursor := ""; ; {
		page, next, err := u.Page(ctx, f, cursor, pageSize)
		rows = append(rows, page...)
		if limit > 0 && len(rows) >= limit {
			return rows[:limit], err
		}
		if err != nil || next == "" {
			return rows, err
		}
		cursor = next
	}
}

// Page is one page of the list, the latest start first. An empty cursor begins, an empty next cursor ends.
func (u *Upgrades) Page(ctx context.Context, f upgrade.ListFilter, cursor string, size int) (rows []upgrade.ListRow, next string, err error) {
	rows = []upgrade.ListRow{}
	if f.Tenants != nil && len(f.Tenants) == 0 {
		return rows, "", nil
	}
	where, err := listQuery(f)
	if err != nil {
		return nil, "", err
	}
	token, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, "", &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_cursor", Message: "the cursor is none of ours: begin without one"}
	}
	page, err := u.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: where, PageSize: int32(size), NextPageToken: token})
	if err != nil {
		return nil, "", translate(err)
	}
	for _, info := range page.GetExecutions() {
		rows = append(rows, rowOf(info))
	}
	return rows, base64.RawURLEncoding.EncodeToString(page.GetNextPageToken()), nil
}

// listQuery is the filter in the language of Temporal's list filters.
// https://docs.temporal.io/list-filter
func listQuery(f upgrade.ListFilter) (string, error) {
	if f.Stage != "" && f.Stage != upgrade.Undoing && f.Stage != upgrade.Scheduled && !slices.Contains(upgrade.Stages(), f.Stage) {
		return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "unknown_stage", Message: fmt.Sprintf("there is no stage %q", f.Stage)}
	}
	if len(f.Tenants) > upgrade.MaxListTenants {
		return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "too_many_customers", Message: fmt.Sprintf("a list can be narrowed to %d customers at most", upgrade.MaxListTenants)}
	}
	parts := []string{"WorkflowType = " + quoted(upgrade.UpgradeWorkflow)}
	for _, equal := range [][2]string{
		{upgrade.AttributeStage, string(f.Stage)},
		{upgrade.AttributeCustomerTenant, strings.ToLower(f.Tenant)},
		{upgrade.AttributeOrder, f.Order},
		{upgrade.AttributeBatch, f.Batch},
		{upgrade.AttributeReseller, f.Reseller},
	} {
		if equal[1] != "" {
			parts = append(parts, equal[0]+" = "+quoted(equal[1]))
		}
	}
	if f.Tenants != nil {
		var names []string
		for _, tenant := range f.Tenants {
			names = append(names, quoted(strings.ToLower(tenant)))
		}
		parts = append(parts, upgrade.AttributeCustomerTenant+" IN ("+strings.Join(names, ", ")+")")
	}
	if f.Offer != "" {
		parts = append(parts, fmt.Sprintf("(%s = %s OR %s = %[2]s)", upgrade.AttributeSourceOffer, quoted(f.Offer), upgrade.AttributeTargetOffer))
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

func rowOf(info *workflowpb.WorkflowExecutionInfo) upgrade.ListRow {
	a := attributes(info.GetSearchAttributes().GetIndexedFields())
	r := upgrade.ListRow{
		WorkflowID: info.GetExecution().GetWorkflowId(),
		RunID:      info.GetExecution().GetRunId(),
		Order:      attribute[string](a, upgrade.AttributeOrder),
		Tenant:     attribute[string](a, upgrade.AttributeCustomerTenant),
		Source:     attribute[string](a, upgrade.AttributeSourceOffer),
		Target:     attribute[string](a, upgrade.AttributeTargetOffer),
		Batch:      attribute[string](a, upgrade.AttributeBatch),
		Reseller:   attribute[string](a, upgrade.AttributeReseller),
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
