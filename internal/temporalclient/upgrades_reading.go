package temporalclient

import (
	"context"
	"reflect"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"uplift/upgrade"
)

// Status is where an upgrade stands. It needs a worker, except for an upgrade that has ended, which then tells its
// result only. An execution that closed without an end is shown as ended, with the reason closed_without_end.
func (u *Upgrades) Status(ctx context.Context, id string) (upgrade.Status, error) {
	return withID(ctx, u, id, func(workflowID string) (upgrade.Status, error) {
		s, err := u.statusOf(ctx, workflowID, "")
		if err == nil && s.First == workflowID && s.FirstRun != "" {
			// A second start under the same workflow id stands before the upgrade that it is a duplicate of.
			if first, err := u.statusOf(ctx, workflowID, s.FirstRun); err == nil {
				return first, nil
			}
		}
		return s, err
	})
}

func (u *Upgrades) statusOf(ctx context.Context, workflowID, runID string) (upgrade.Status, error) {
	info, err := u.client.DescribeWorkflowExecution(ctx, workflowID, runID)
	if err != nil {
		return upgrade.Status{}, translate(err)
	}
	state := info.GetWorkflowExecutionInfo().GetStatus()
	s, err := query[upgrade.Status](ctx, u, workflowID, runID, upgrade.QueryStatus)
	switch {
	case open(state):
		return s, err
	case state != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return closedWithoutEnd(s, workflowID, state), nil
	case err != nil:
		return u.statusOfResult(ctx, workflowID, runID)
	}
	return s, nil
}

func closedWithoutEnd(s upgrade.Status, workflowID string, state enumspb.WorkflowExecutionStatus) upgrade.Status {
	s.WorkflowID, s.Stage, s.End = workflowID, upgrade.Ended, ""
	s.Reasons.Add("", ClosedWithoutEnd, "the execution was closed without an end: "+statusWords(state),
		"look at it in the Temporal UI; `starter retry` runs the order again")
	return s
}

// statusOfResult tells of an ended upgrade while no worker answers queries.
func (u *Upgrades) statusOfResult(ctx context.Context, workflowID, runID string) (upgrade.Status, error) {
	r, err := u.resultOf(ctx, workflowID, runID)
	if err != nil {
		return upgrade.Status{}, err
	}
	return upgrade.Status{
		Order: r.Order, Upgrade: r.Upgrade, WorkflowID: workflowID, Stage: upgrade.Ended, End: r.End, First: r.First, FirstRun: r.FirstRun, Reasons: r.Reasons,
		Users: r.Users, Before: r.Before, After: r.After, Digest: r.Plan,
		Stages: []upgrade.StageTime{{Stage: upgrade.Ended, At: r.EndedAt}},
	}, nil
}

// PlanOf is the upgrade's present plan.
func (u *Upgrades) PlanOf(ctx context.Context, id string) (upgrade.Plan, error) {
	return withID(ctx, u, id, func(workflowID string) (upgrade.Plan, error) {
		return query[upgrade.Plan](ctx, u, workflowID, "", upgrade.QueryPlan)
	})
}

func query[T any](ctx context.Context, u *Upgrades, workflowID, runID, name string) (T, error) {
	var v T
	answer, err := u.client.QueryWorkflow(ctx, workflowID, runID, name)
	if err != nil {
		return v, translate(err)
	}
	if err := answer.Get(&v); err != nil {
		return v, &upgrade.Error{Kind: upgrade.Unknown, Code: "unreadable", Message: "the answer cannot be read; is the codec key the worker's?", Err: err}
	}
	return v, nil
}

// Result waits for the end of an upgrade. An execution that closed without one is Kind Unknown, code
// [ClosedWithoutEnd].
func (u *Upgrades) Result(ctx context.Context, id string) (upgrade.Result, error) {
	return withID(ctx, u, id, func(workflowID string) (upgrade.Result, error) { return u.resultOf(ctx, workflowID, "") })
}

func (u *Upgrades) resultOf(ctx context.Context, workflowID, runID string) (upgrade.Result, error) {
	var r upgrade.Result
	if err := u.client.GetWorkflow(ctx, workflowID, runID).Get(ctx, &r); err != nil {
		return r, translate(err)
	}
	return r, nil
}

// Watch waits for the end of an upgrade as Result does, looks at it every so often, and hands each status that differs
// from the one before to see. It goes on while no worker answers.
func (u *Upgrades) Watch(ctx context.Context, id string, every time.Duration, see func(upgrade.Status)) (upgrade.Result, error) {
	return withID(ctx, u, id, func(workflowID string) (upgrade.Result, error) {
		if _, err := u.client.DescribeWorkflowExecution(ctx, workflowID, ""); err != nil {
			return upgrade.Result{}, translate(err)
		}
		type ending struct {
			result upgrade.Result
			err    error
		}
		ended := make(chan ending, 1)
		go func() {
			r, err := u.resultOf(ctx, workflowID, "")
			ended <- ending{r, err}
		}()
		exact, ticks := u.Exact(), time.NewTicker(every)
		defer ticks.Stop()
		var last upgrade.Status
		look := func() {
			s, err := exact.Status(ctx, workflowID)
			if err == nil && !reflect.DeepEqual(s, last) {
				last = s
				see(s)
			}
		}
		for {
			look()
			select {
			case e := <-ended:
				look()
				return e.result, e.err
			case <-ticks.C:
			}
		}
	})
}

// statusWords is Temporal's execution status in small letters: running, completed, failed, canceled, terminated, timed
// out, continued as new.
func statusWords(s enumspb.WorkflowExecutionStatus) string {
	var b strings.Builder
	for i, r := range s.String() {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
