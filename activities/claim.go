package activities

import (
	"context"
	"encoding/json"

	"go.temporal.io/sdk/activity"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// ClaimOrderInput is the order as it came, and who claims it.
type ClaimOrderInput struct {
	Order    json.RawMessage `json:"order"`
	FirstRun string          `json:"firstRun"`
}

// ClaimOrderOutput is the parsed order and whether it is ours to carry out.
type ClaimOrderOutput struct {
	Order     upgrade.Order        `json:"order"`
	Problems  upgrade.Problems     `json:"problems,omitempty"` // the input is no order, or its reseller may not place it; nothing was claimed
	Outcome   upgrade.ClaimOutcome `json:"outcome,omitempty"`
	Upgrade   string               `json:"upgrade,omitempty"`
	Holder    string               `json:"holder,omitempty"`
	HolderRun string               `json:"holderRun,omitempty"` // the holder's first run
	HolderEnd upgrade.End          `json:"holderEnd,omitempty"`
	Policy    upgrade.Policy       `json:"policy"`
	Observe   bool                 `json:"observe,omitempty"` // plan, and write nothing at Microsoft
	// Plan and Resumes are those of an earlier attempt whose change broke off: this one goes on with it.
	Plan    *upgrade.Plan `json:"plan,omitempty"`
	Resumes string        `json:"resumes,omitempty"`
	Undoing bool          `json:"undoing,omitempty"` // that attempt was being undone: this one finishes the undo
}

// ClaimOrder parses the order strictly and claims it in the register, before anything else happens and however the
// upgrade was started. A repeat meets its own claim.
func (a *Activities) ClaimOrder(ctx context.Context, in ClaimOrderInput) (ClaimOrderOutput, error) {
	out := ClaimOrderOutput{Policy: a.Settings.Policy, Observe: a.Settings.Observe}
	out.Order, out.Problems = a.readOrder(in.Order)
	if len(out.Problems) > 0 {
		explain(out.Problems)
		return out, nil
	}
	request := upgrade.ClaimRequest{
		Order:      out.Order,
		WorkflowID: activity.GetInfo(ctx).WorkflowExecution.ID,
		FirstRun:   in.FirstRun,
		At:         a.now(),
	}
	claim, err := a.Register.Claim(ctx, request, false)
	if err != nil {
		return ClaimOrderOutput{}, err
	}
	if claim.Outcome == upgrade.ClaimDuplicate && out.Order.Attempt > 1 && claim.HolderEnd == "" {
		// The holder has no end in the register. Only Temporal can say whether it still runs.
		closed, err := a.Executions.Closed(ctx, claim.Holder, claim.HolderRun)
		if err != nil {
			return ClaimOrderOutput{}, err
		}
		if closed {
			if claim, err = a.Register.Claim(ctx, request, true); err != nil {
				return ClaimOrderOutput{}, err
			}
		}
	}
	if len(claim.Reasons) > 0 {
		out.Problems = claim.Reasons
		explain(out.Problems)
		return out, nil
	}
	out.Outcome, out.Upgrade = claim.Outcome, claim.Upgrade
	out.Holder, out.HolderRun, out.HolderEnd = claim.Holder, claim.HolderRun, claim.HolderEnd
	if claim.Resumes != "" {
		out.Plan, out.Resumes, out.Undoing = claim.Plan, claim.Resumes, claim.Undoing
	}
	return out, nil
}

// ReadOrderInput is an order as it came.
type ReadOrderInput struct {
	Order json.RawMessage `json:"order"`
}

// ReadOrderOutput is the order, or every problem of it.
type ReadOrderOutput struct {
	Order    upgrade.Order    `json:"order"`
	Problems upgrade.Problems `json:"problems,omitempty"`
	Policy   upgrade.Policy   `json:"policy"`
}

// ReadOrder parses an order for a dry run. It has no effect.
func (a *Activities) ReadOrder(_ context.Context, in ReadOrderInput) (ReadOrderOutput, error) {
	o, problems := a.readOrder(in.Order)
	return ReadOrderOutput{Order: o, Problems: problems, Policy: a.Settings.Policy}, nil
}

func (a *Activities) readOrder(raw json.RawMessage) (upgrade.Order, upgrade.Problems) {
	o, problems := upgrade.ParseOrder(raw)
	if len(problems) > 0 {
		return o, problems
	}
	return o, planning.CheckNames(a.Catalog, o)
}
