package temporalclient

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"uplift/upgrade"
)

// Consent sends the signal consent: a claim, which the upgrade verifies or ignores. That it was sent does not say that
// it was believed; the status does.
func (u *Upgrades) Consent(ctx context.Context, id string, c upgrade.Consent) error {
	_, err := withID(ctx, u, id, func(workflowID string) (struct{}, error) {
		err := u.client.SignalWorkflow(ctx, workflowID, "", upgrade.SignalConsent, c)
		return struct{}{}, u.orEnded(ctx, workflowID, err)
	})
	return err
}

// Update sends one of the upgrade's updates and waits until it is completed. The update id makes a repeat harmless: the
// same id is carried out once. An empty one is replaced by a random one.
func Update[In, Out any](ctx context.Context, u *Upgrades, id, name, updateID string, in In) (Out, error) {
	if updateID == "" {
		updateID = uuid.NewString()
	}
	return withID(ctx, u, id, func(workflowID string) (Out, error) {
		var out Out
		handle, err := u.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: workflowID, UpdateID: updateID, UpdateName: name, Args: []any{in},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err != nil {
			return out, u.orEnded(ctx, workflowID, err)
		}
		if err := handle.Get(ctx, &out); err != nil {
			return out, u.orEnded(ctx, workflowID, err)
		}
		return out, nil
	})
}

// StartAuthentication asks for a device code. Two requests at once get the same one.
func (u *Upgrades) StartAuthentication(ctx context.Context, id string, in upgrade.StartAuthentication) (upgrade.Authentication, error) {
	return Update[upgrade.StartAuthentication, upgrade.Authentication](ctx, u, id, upgrade.UpdateStartAuthentication, "", in)
}

// Confirm confirms the plan that was read.
func (u *Upgrades) Confirm(ctx context.Context, id string, in upgrade.Confirm) (upgrade.Reply, error) {
	return Update[upgrade.Confirm, upgrade.Reply](ctx, u, id, upgrade.UpdateConfirm, "", in)
}

// Approve is the word of a second person on the plan that was read.
func (u *Upgrades) Approve(ctx context.Context, id string, in upgrade.Approve) (upgrade.Reply, error) {
	return Update[upgrade.Approve, upgrade.Reply](ctx, u, id, upgrade.UpdateApprove, "", in)
}

// Cancel cancels the upgrade, or says why that can no longer be.
func (u *Upgrades) Cancel(ctx context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return Update[upgrade.Request, upgrade.Reply](ctx, u, id, upgrade.UpdateCancel, "", in)
}

// Resend makes a new invitation. The links of all earlier ones are void from then on.
func (u *Upgrades) Resend(ctx context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return Update[upgrade.Request, upgrade.Reply](ctx, u, id, upgrade.UpdateResend, "", in)
}

// Revoke voids the invitation, which ends the upgrade.
func (u *Upgrades) Revoke(ctx context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return Update[upgrade.Request, upgrade.Reply](ctx, u, id, upgrade.UpdateRevoke, "", in)
}

// Resolve answers a parked upgrade.
func (u *Upgrades) Resolve(ctx context.Context, id string, in upgrade.Resolve) (upgrade.Reply, error) {
	return Update[upgrade.Resolve, upgrade.Reply](ctx, u, id, upgrade.UpdateResolve, "", in)
}

// candidates are the workflow ids that an id may mean, the likelier first.
func (u *Upgrades) candidates(id string) []string {
	if u.exact || strings.Contains(id, "/") {
		return []string{id}
	}
	return []string{upgrade.WorkflowID(id), id}
}

// withID calls f with each workflow id that an id may mean, until one is found: the one that our clients choose for an
// order, the id itself, and the one under which somebody else started the order, as far as visibility knows it.
func withID[T any](ctx context.Context, u *Upgrades, id string, f func(workflowID string) (T, error)) (T, error) {
	var none T
	if id == "" {
		return none, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_id", Message: "an order id or a workflow id is needed"}
	}
	for _, workflowID := range u.candidates(id) {
		v, err := f(workflowID)
		if upgrade.KindOf(err) == upgrade.NotFound {
			continue
		}
		return v, err
	}
	if !u.exact {
		if rows, err := u.List(ctx, upgrade.ListFilter{Order: id}, 1); err == nil && len(rows) == 1 {
			return f(rows[0].WorkflowID)
		}
	}
	return none, &upgrade.Error{Kind: upgrade.NotFound, Code: "no_such_upgrade",
		Message: fmt.Sprintf("Temporal knows no upgrade of order %[1]s and no workflow %[1]s; it forgets closed ones when their retention ends", id)}
}
