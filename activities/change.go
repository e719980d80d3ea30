package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"uplift/upgrade"
)

// ChangeSeatsInput is one change of a quantity, from one absolute number to another.
type ChangeSeatsInput struct {
	Upgrade      string `json:"upgrade"`
	Tenant       string `json:"tenant"`
	Step         string `json:"step"`
	Epoch        int    `json:"epoch"`
	Subscription string `json:"subscription"`
	From         int    `json:"from"`
	To           int    `json:"to"`
}

// ChangeSeatsOutput is empty: whether the seats are there is asked by AwaitProvisioning.
type ChangeSeatsOutput struct{}

// ChangeSeats sets a subscription's quantity. A repeat is safe three times over: the client reads first and writes
// nothing when the number is reached, the number is absolute and was recorded before, and the request carries the same
// MS-RequestId. A number that is neither the old nor the new one means that somebody else changed it, and stops us.
func (a *Activities) ChangeSeats(ctx context.Context, in ChangeSeatsInput) (ChangeSeatsOutput, error) {
	id := upgrade.WriteIDOf(in.Upgrade, in.Step, in.Epoch)
	return ChangeSeatsOutput{}, a.Commerce.SetSeats(ctx, id, in.Tenant, in.Subscription, in.From, in.To)
}

// StartTransitionInput is one transition.
type StartTransitionInput struct {
	Upgrade string       `json:"upgrade"`
	Tenant  string       `json:"tenant"`
	Epoch   int          `json:"epoch"`
	Step    upgrade.Step `json:"step"`
}

// StartTransitionOutput is the operation by which the transition is followed.
type StartTransitionOutput struct {
	Operation string `json:"operation"`
}

// StartTransition starts a transition once. The ids of the subscription's transitions are noted in the register before
// the first request; after a lost reply the list is read again, and a new one of ours is the answer. Only when there is
// none is the request repeated, with the same MS-RequestId. A definite no is passed on as one only when no earlier request
// is unanswered: Microsoft refuses, too, what it is doing already and does not list yet.
func (a *Activities) StartTransition(ctx context.Context, in StartTransitionInput) (StartTransitionOutput, error) {
	try, err := a.nextTry(ctx, in)
	if err != nil {
		return StartTransitionOutput{}, err
	}
	out, err := a.startTransition(ctx, in, try)
	switch kind := upgrade.KindOf(err); {
	case err == nil, kind == upgrade.Transient, kind == upgrade.Waiting, kind == upgrade.Ambiguous, kind == upgrade.Unknown:
		return out, err
	case try.unclear && kind != upgrade.Throttled:
		a.log().Warn("a transition was refused while an earlier request for it is unanswered", "upgrade", in.Upgrade, "step", in.Step.ID, "code", upgrade.CodeOf(err))
		return out, &upgrade.Error{Kind: upgrade.Ambiguous, Code: "transition_unclear", Err: err,
			Message: "an earlier request for this transition may have been accepted, and Microsoft does not list it yet"}
	}
	if _, noteErr := a.Register.Journal(ctx, in.Upgrade, try.step+"/answer", "no"); noteErr != nil {
		return out, noteErr
	}
	return out, err
}

// startTry is one call of StartTransition as the register's journal knows it: whether a request was sent, and whether the
// answer was a definite no.
type startTry struct {
	step    string // in the journal
	unclear bool   // an earlier try was sent and never answered
}

// nextTry takes the next place in the journal and looks at those before it.
func (a *Activities) nextTry(ctx context.Context, in StartTransitionInput) (startTry, error) {
	token := fmt.Sprintf("%s/%d", a.now().Format(time.RFC3339Nano), attempt(ctx))
	var try startTry
	for n := 0; ; n++ {
		try.step = fmt.Sprintf("%s/%d/try-%d", in.Step.ID, in.Epoch, n)
		taken, err := a.Register.Journal(ctx, in.Upgrade, try.step, token)
		if err != nil || taken == token {
			return try, err
		}
		sent, err := a.Register.Journal(ctx, in.Upgrade, try.step+"/sent", "no")
		if err != nil {
			return try, err
		}
		if sent != "yes" {
			continue
		}
		answer, err := a.Register.Journal(ctx, in.Upgrade, try.step+"/answer", "none")
		if err != nil {
			return try, err
		}
		try.unclear = try.unclear || answer != "no"
	}
}

func (a *Activities) startTransition(ctx context.Context, in StartTransitionInput, try startTry) (StartTransitionOutput, error) {
	step := in.Step
	listed, err := a.Commerce.Transitions(ctx, in.Tenant, step.Subscription)
	if err != nil {
		return StartTransitionOutput{}, err
	}
	before, err := a.noteTransitions(ctx, in, listed)
	if err != nil {
		return StartTransitionOutput{}, err
	}
	for _, t := range listed {
		if !slices.Contains(before, t.Operation) && sameOffer(t.ToCatalogItem, step.CatalogItem) {
			return StartTransitionOutput{Operation: t.Operation}, nil
		}
	}
	s, err := a.Commerce.Subscription(ctx, in.Tenant, step.Subscription)
	if err != nil {
		return StartTransitionOutput{}, err
	}
	if s.ProductSKU == step.ToProductSKU {
		// The transition is through and its history does not show it yet.
		return StartTransitionOutput{}, nil
	}
	if s.ProductSKU != step.ProductSKU || s.Seats != step.From {
		return StartTransitionOutput{}, &upgrade.Error{Kind: upgrade.Conflict, Code: "subscription_changed",
			Message: fmt.Sprintf("the subscription has %d seats of %s where the plan expects %d of %s", s.Seats, s.ProductSKU, step.From, step.ProductSKU)}
	}
	item, err := a.presentItem(ctx, in)
	if err != nil {
		return StartTransitionOutput{}, err
	}
	if _, err := a.Register.Journal(ctx, in.Upgrade, try.step+"/sent", "yes"); err != nil {
		return StartTransitionOutput{}, err
	}
	t, err := a.Commerce.StartTransition(ctx, upgrade.WriteIDOf(in.Upgrade, step.ID, in.Epoch), in.Tenant, upgrade.TransitionRequest{
		Subscription: step.Subscription, ToCatalogItem: item, Seats: step.To, Type: step.Transition,
	})
	return StartTransitionOutput{Operation: t.Operation}, err
}

// noteTransitions stores the ids that were there before our first request of this epoch.
func (a *Activities) noteTransitions(ctx context.Context, in StartTransitionInput, listed []upgrade.Transition) ([]string, error) {
	ids := []string{}
	for _, t := range listed {
		ids = append(ids, t.Operation)
	}
	note, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	stored, err := a.Register.Journal(ctx, in.Upgrade, fmt.Sprintf("%s/%d/transitions-before", in.Step.ID, in.Epoch), string(note))
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
	for _, t := range targets {
		if t.ProductSKU != in.Step.ToProductSKU {
			continue
		}
		choice := t.Choice(in.Step.Transition)
		if !choice.Eligible {
			return "", refused("microsoft_not_eligible", "Microsoft no longer lets this subscription move: %s", choice.Reasons.Error())
		}
		return t.CatalogItem, nil
	}
	return "", refused("microsoft_not_eligible", "Microsoft no longer lists %s as a target of this subscription", in.Step.ToOffer)
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
