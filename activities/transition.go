package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// StartTransitionInput is one transition.
type StartTransitionInput struct {
	Requests
	Tenant string       `json:"tenant"`
	Step   upgrade.Step `json:"step"`
	Look   *Look        `json:"look,omitempty"` // what was seen by [Activities.CheckTransition]
}

// StartTransitionOutput is the operation by which the transition is followed.
type StartTransitionOutput struct {
	Operation string `json:"operation,omitempty"`
	Started   bool   `json:"started"`        // it has been started, now or earlier
	Look      *Look  `json:"look,omitempty"` // it can be started
}

// Look is what a look found that lets a transition start: the catalogue item to ask for, and when that was so, by our clock.
type Look struct {
	Item string    `json:"item"`
	At   time.Time `json:"at"`
}

// freshLook is how long a look is good for: a step follows upon it at once, unless something has gone wrong in between.
const freshLook = time.Minute

// CheckTransition looks whether the transition may be started, or has been already. It only reads, but for the note of the
// transitions that were there before: so everything that can be refused is refused before the point of no return.
func (a *Activities) CheckTransition(ctx context.Context, in StartTransitionInput) (StartTransitionOutput, error) {
	if in.Step.Legacy {
		out, err := a.lookAtLegacy(ctx, in)
		return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
	}
	at := a.now()
	out, item, err := a.lookAtTransition(ctx, in)
	if item != "" {
		out.Look = &Look{Item: item, At: at}
	}
	return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
}

// StartTransition starts a transition once. The ids of the subscription's transitions are noted in the register before
// the first request; after a lost reply the list is read again, and a new one of ours is the answer. Only when there is
// none is the request repeated, with the same MS-RequestId. The first request follows upon the look that has just been.
func (a *Activities) StartTransition(ctx context.Context, in StartTransitionInput) (StartTransitionOutput, error) {
	if in.Step.Legacy {
		out, err := a.startLegacy(ctx, in)
		return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
	}
	item, err := a.looked(ctx, in)
	var out StartTransitionOutput
	if err == nil && item == "" {
		out, item, err = a.lookAtTransition(ctx, in)
	}
	if err == nil && !out.Started {
		err = a.write(ctx, errorbook.Transition, in.Requests, in.Step.ID, func(id upgrade.WriteID) error {
			t, err := a.Commerce.StartTransition(ctx, id, in.Tenant, upgrade.TransitionRequest{
				Subscription: in.Step.Subscription, ToCatalogItem: item, Seats: in.Step.Moving(), Type: in.Step.Transition, Into: in.Step.Into,
			})
			out = StartTransitionOutput{Operation: t.Operation, Started: err == nil}
			return err
		})
	}
	return out, a.effect(ctx, in.Upgrade, in.Step.ID, err)
}

// looked is the catalogue item by a look of just now; empty: there has to be another look. After a request, or an attempt that may
// have made one, there always has.
func (a *Activities) looked(ctx context.Context, in StartTransitionInput) (item string, err error) {
	if in.Look == nil || a.now().Sub(in.Look.At).Abs() > freshLook || attemptOf(ctx) > 1 {
		return "", nil
	}
	number, since, err := a.pending(ctx, in.Upgrade, in.Step.ID)
	if err != nil || number > 0 || !since.IsZero() {
		return "", err
	}
	return in.Look.Item, nil
}

// lookAtTransition answers the transition that was started already, or the catalogue item to ask for now. What speaks
// against a start counts only when no earlier request can still be accepted.
func (a *Activities) lookAtTransition(ctx context.Context, in StartTransitionInput) (out StartTransitionOutput, item string, err error) {
	step := in.Step
	listed, err := a.Commerce.Transitions(ctx, in.Tenant, step.Subscription)
	if err != nil {
		return out, "", err
	}
	ids := make([]string, len(listed))
	for i, t := range listed {
		ids[i] = t.Operation
	}
	before, err := a.noteBefore(ctx, in.Upgrade, step.ID, ids)
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
	if s.ProductSKU == step.ToProductSKU && !step.Partial() {
		return StartTransitionOutput{Started: true}, "", nil // it is through, and its history does not show it yet
	}
	if s.ProductSKU != step.ProductSKU || s.Seats != step.From {
		err = &upgrade.Error{Kind: upgrade.Conflict, Code: "subscription_changed",
			Message: fmt.Sprintf("the subscription has %s of %s where the plan expects %d of %s", upgrade.Seats(s.Seats), s.ProductSKU, step.From, step.ProductSKU)}
	} else {
		item, err = a.presentItem(ctx, in)
	}
	if !definite(err) {
		return out, item, err
	}
	return out, "", a.whileUnclear(ctx, in.Upgrade, step.ID, err)
}

// whileUnclear keeps a definite no from counting while an earlier request for the step may still be accepted.
func (a *Activities) whileUnclear(ctx context.Context, upgradeID, step string, no error) error {
	_, since, err := a.pending(ctx, upgradeID, step)
	switch {
	case err != nil:
		return err
	case !since.IsZero() && a.now().Before(since.Add(a.settleTime(errorbook.Transition, no))):
		return &upgrade.Error{Kind: upgrade.Ambiguous, Code: "request_unclear", Err: no,
			Message: "an earlier request for this step may have been accepted, and Microsoft does not show it yet"}
	}
	return no
}

// transitionFailed is the answer that is noted of a request whose transition was started and has failed.
const transitionFailed = "transition_failed"

// answerFailed notes that transitions which were started have failed: the next request is a new one, with a new id. Earlier
// requests that were refused have started nothing, and account for none of them.
func (a *Activities) answerFailed(ctx context.Context, in StartTransitionInput, failed int) error {
	number, since, err := a.pending(ctx, in.Upgrade, in.Step.ID)
	if err != nil || since.IsZero() {
		return err
	}
	for n := range number {
		answer, _, err := a.Register.Note(ctx, in.Upgrade, fmt.Sprintf("%s/sent-%d/answer", in.Step.ID, n))
		if err != nil {
			return err
		}
		if answer == transitionFailed {
			failed--
		}
	}
	if failed <= 0 {
		return nil
	}
	_, err = a.Register.Journal(ctx, in.Upgrade, fmt.Sprintf("%s/sent-%d/answer", in.Step.ID, number), transitionFailed)
	return err
}

// noteBefore stores what was there before the step's first request, and answers what was noted the first time.
func (a *Activities) noteBefore(ctx context.Context, upgradeID, step string, ids []string) ([]string, error) {
	note, err := json.Marshal(slices.Concat([]string{}, ids))
	if err != nil {
		return nil, err
	}
	stored, err := a.Register.Journal(ctx, upgradeID, step+"/before", string(note))
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
		into, said := t.IntoOf(in.Step.Into)
		switch {
		case in.Step.Into != "" && said && !into.Eligible:
			no = refused("target_not_ready", "Microsoft no longer lets the seats move into the existing subscription: %s", into.Reasons.Error())
		case choice.Eligible:
			return t.CatalogItem, nil
		default:
			no = refused("microsoft_not_eligible", "Microsoft no longer lets this subscription move: %s", choice.Reasons.Error())
		}
	}
	return "", no
}

// lookAtLegacy tells whether a traditional subscription was upgraded already. The upgrade is done when its call returns; after
// a lost reply the new subscription tells: one that was not there before, of the target, with the seats.
func (a *Activities) lookAtLegacy(ctx context.Context, in StartTransitionInput) (StartTransitionOutput, error) {
	became, err := a.legacyResult(ctx, in)
	if err != nil || became != "" {
		return StartTransitionOutput{Operation: became, Started: became != ""}, err
	}
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Step.Subscription)
	switch {
	case err != nil:
		return StartTransitionOutput{}, err
	case s.Seats != in.Step.From || !s.Active():
		no := &upgrade.Error{Kind: upgrade.Conflict, Code: "subscription_changed", Message: fmt.Sprintf("the subscription has %s (%s) where the plan expects %d", upgrade.Seats(s.Seats), s.Status, in.Step.From)}
		return StartTransitionOutput{}, a.whileUnclear(ctx, in.Upgrade, in.Step.ID, no)
	}
	return StartTransitionOutput{}, nil
}

func (a *Activities) startLegacy(ctx context.Context, in StartTransitionInput) (StartTransitionOutput, error) {
	out, err := a.lookAtLegacy(ctx, in)
	if err != nil || out.Started {
		return out, err
	}
	err = a.write(ctx, errorbook.Transition, in.Requests, in.Step.ID, func(id upgrade.WriteID) error {
		became, err := a.Commerce.StartLegacyUpgrade(ctx, id, in.Tenant, in.Step.Subscription, in.Step.CatalogItem, in.Step.Transition == upgrade.TransitionWithLicenses)
		if err == nil {
			out = StartTransitionOutput{Operation: became, Started: true}
			_, err = a.Register.Journal(ctx, in.Upgrade, in.Step.ID+"/became", became)
		}
		return err
	})
	return out, err
}

// legacyResult is the subscription that a legacy upgrade has made, or "".
func (a *Activities) legacyResult(ctx context.Context, in StartTransitionInput) (string, error) {
	if became, ok, err := a.Register.Note(ctx, in.Upgrade, in.Step.ID+"/became"); err != nil || ok {
		return became, err
	}
	subs, err := a.Commerce.Subscriptions(ctx, in.Tenant)
	if err != nil {
		return "", err
	}
	ids := make([]string, len(subs))
	for i, s := range subs {
		ids[i] = s.ID
	}
	before, err := a.noteBefore(ctx, in.Upgrade, in.Step.ID, ids)
	if err != nil {
		return "", err
	}
	for _, s := range subs {
		if !slices.Contains(before, s.ID) && s.Seats == in.Step.To && s.CatalogItem == in.Step.CatalogItem {
			return s.ID, nil
		}
	}
	return "", nil
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

// ourDate is a date of Microsoft's by our clock; nil for none.
func (a *Activities) ourDate(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	at := a.ourTime(t)
	return &at
}
