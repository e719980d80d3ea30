package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// ChangeSeatsInput is one change of a quantity, from one absolute number to another.
type ChangeSeatsInput struct {
	Upgrade      string `json:"upgrade"` // under which the step's requests are noted
	Tenant       string `json:"tenant"`
	Step         string `json:"step"`
	Subscription string `json:"subscription"`
	From         int    `json:"from"`
	To           int    `json:"to"`
}

// ChangeSeatsOutput is empty: whether the seats are there is asked by AwaitProvisioning.
type ChangeSeatsOutput struct{}

// ChangeSeats sets a subscription's quantity. A repeat is safe: it reads first and writes nothing when the number is
// reached, the number is absolute and was recorded before, and an unanswered request is repeated with the same
// MS-RequestId. A number that is neither the old nor the new one means that somebody else changed it, and stops us.
func (a *Activities) ChangeSeats(ctx context.Context, in ChangeSeatsInput) (ChangeSeatsOutput, error) {
	return ChangeSeatsOutput{}, a.effect(ctx, in.Upgrade, in.Step, a.changeSeats(ctx, in))
}

func (a *Activities) changeSeats(ctx context.Context, in ChangeSeatsInput) error {
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Subscription)
	switch {
	case err != nil:
		return err
	case s.Seats == in.To:
		return nil
	case s.Seats != in.From:
		return &upgrade.Error{Kind: upgrade.Conflict, Code: "seats_changed",
			Message: fmt.Sprintf("the subscription has %d seats where the plan expects %d or %d", s.Seats, in.From, in.To)}
	}
	return a.writeAs(ctx, errorbook.Seats, in.Upgrade, in.Step, func(id upgrade.WriteID) error {
		return a.Commerce.SetSeats(ctx, id, in.Tenant, in.Subscription, in.From, in.To)
	})
}

// StartTransitionInput is one transition.
type StartTransitionInput struct {
	Upgrade string       `json:"upgrade"` // under which the step's requests are noted
	Tenant  string       `json:"tenant"`
	Step    upgrade.Step `json:"step"`
}

// StartTransitionOutput is the operation by which the transition is followed.
type StartTransitionOutput struct {
	Operation string `json:"operation,omitempty"`
	Started   bool   `json:"started"` // it has been started, now or earlier
}

// CheckTransition looks whether the transition may be started, or has been already. It only reads, but for the note of the
// transitions that were there before: so everything that can be refused is refused before the point of no return.
func (a *Activities) CheckTransition(ctx context.Context, in StartTransitionInput) (StartTransitionOutput, error) {
	out, _, err := a.lookAtTransition(ctx, in)
	return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
}

// StartTransition starts a transition once. The ids of the subscription's transitions are noted in the register before
// the first request; after a lost reply the list is read again, and a new one of ours is the answer. Only when there is
// none is the request repeated, with the same MS-RequestId.
func (a *Activities) StartTransition(ctx context.Context, in StartTransitionInput) (StartTransitionOutput, error) {
	out, item, err := a.lookAtTransition(ctx, in)
	if err == nil && !out.Started {
		err = a.writeAs(ctx, errorbook.Transition, in.Upgrade, in.Step.ID, func(id upgrade.WriteID) error {
			t, err := a.Commerce.StartTransition(ctx, id, in.Tenant, upgrade.TransitionRequest{
				Subscription: in.Step.Subscription, ToCatalogItem: item, Seats: in.Step.To, Type: in.Step.Transition,
			})
			out = StartTransitionOutput{Operation: t.Operation, Started: err == nil}
			return err
		})
	}
	return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
}

// lookAtTransition answers the transition that was started already, or the catalogue item to ask for now. What speaks
// against a start counts only when no earlier request can still be accepted.
func (a *Activities) lookAtTransition(ctx context.Context, in StartTransitionInput) (out StartTransitionOutput, item string, err error) {
	step := in.Step
	listed, err := a.Commerce.Transitions(ctx, in.Tenant, step.Subscription)
	if err != nil {
		return out, "", err
	}
	before, err := a.noteTransitions(ctx, in, listed)
	if err != nil {
		return out, "", err
	}
	failed := 0
	for _, t := range listed {
		if slices.Contains(before, t.Operation) || !sameOffer(t.ToCatalogItem, step.CatalogItem) {
			continue
		}
		if t.State != upgrade.StepFailed {
			return StartTransitionOutput{Operation: t.Operation, Started: true}, "", nil
		}
		failed++
	}
	if err := a.answerFailed(ctx, in, failed); err != nil {
		return out, "", err
	}
	s, err := a.Commerce.Subscription(ctx, in.Tenant, step.Subscription)
	if err != nil {
		return out, "", err
	}
	if s.ProductSKU == step.ToProductSKU {
		return StartTransitionOutput{Started: true}, "", nil // it is through, and its history does not show it yet
	}
	if s.ProductSKU != step.ProductSKU || s.Seats != step.From {
		err = &upgrade.Error{Kind: upgrade.Conflict, Code: "subscription_changed",
			Message: fmt.Sprintf("the subscription has %d seats of %s where the plan expects %d of %s", s.Seats, s.ProductSKU, step.From, step.ProductSKU)}
	} else {
		item, err = a.presentItem(ctx, in)
	}
	if !definite(err) {
		return out, item, err
	}
	_, since, pendingErr := a.pending(ctx, in.Upgrade, step.ID)
	switch {
	case pendingErr != nil:
		return out, "", pendingErr
	case !since.IsZero() && a.now().Before(since.Add(a.settleTime(errorbook.Transition, err))):
		err = &upgrade.Error{Kind: upgrade.Ambiguous, Code: "transition_unclear", Err: err,
			Message: "an earlier request for this transition may have been accepted, and Microsoft does not list it yet"}
	}
	return out, "", err
}

// answerFailed notes that transitions which were started have failed: the next request is a new one, with a new id.
func (a *Activities) answerFailed(ctx context.Context, in StartTransitionInput, failed int) error {
	number, since, err := a.pending(ctx, in.Upgrade, in.Step.ID)
	if err != nil || since.IsZero() || number >= failed {
		return err
	}
	_, err = a.Register.Journal(ctx, in.Upgrade, fmt.Sprintf("%s/sent-%d/answer", in.Step.ID, number), "transition_failed")
	return err
}

// noteTransitions stores the ids that were there before the step's first request.
func (a *Activities) noteTransitions(ctx context.Context, in StartTransitionInput, listed []upgrade.Transition) ([]string, error) {
	ids := []string{}
	for _, t := range listed {
		ids = append(ids, t.Operation)
	}
	note, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	stored, err := a.Register.Journal(ctx, in.Upgrade, in.Step.ID+"/before", string(note))
	if err != nil {
		return nil, err
	}
	var before []string
	return before, json.Unmarshal([]byte(stored), &before)
}

// presentItem is the catalogue item to ask for now: availability ids rotate between plan and change.
func (a *Activities) presentItem(ctx context.Context, in StartTransitionInput) (string, error) {
	targets, err := a.Commerce.TransitionTargets(ctx, in.Tenant, in.Step.Subscription)
	if err != nil {
		return "", err
	}
	no := refused("microsoft_not_eligible", "Microsoft no longer lists %s as a target of this subscription", in.Step.ToOffer)
	for _, t := range targets {
		if t.ProductSKU != in.Step.ToProductSKU {
			continue
		}
		choice := t.Choice(in.Step.Transition)
		if choice.Eligible {
			return t.CatalogItem, nil
		}
		no = refused("microsoft_not_eligible", "Microsoft no longer lets this subscription move: %s", choice.Reasons.Error())
	}
	return "", no
}

// sameOffer compares catalogue items by PRODUCT:SKU.
func sameOffer(a, b string) bool { return productSKU(a) == productSKU(b) }

func productSKU(item string) string {
	colons := 0
	for i := range len(item) {
		if item[i] == ':' {
			if colons++; colons == 2 {
				return item[:i]
			}
		}
	}
	return item
}
