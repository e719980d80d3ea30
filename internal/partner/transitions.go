package partner

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"

	"uplift/upgrade"
)

// eligibility is one target of a transition:
// https://learn.microsoft.com/en-us/partner-center/developer/transition-resources
type eligibility struct {
	CatalogItem   text  `json:"catalogItemId"`
	Title         text  `json:"title"`
	Quantity      count `json:"quantity"`
	Eligibilities []struct {
		Eligible bool            `json:"isEligible"`
		Type     word            `json:"transitionType"`
		Errors   []transitionErr `json:"errors"`
	} `json:"eligibilities"`
	Existing []struct {
		Eligible     bool            `json:"isEligible"`
		Subscription text            `json:"subscriptionId"`
		Errors       []transitionErr `json:"errors"`
	} `json:"subscriptionEligibilities"`
}

type transitionErr struct {
	Code        text `json:"code"`
	Description text `json:"description"`
}

// TransitionTargets lists the offers that Microsoft says the subscription may be moved to at once.
func (c *Client) TransitionTargets(ctx context.Context, tenant, subscription string) ([]upgrade.TransitionTarget, error) {
	return c.eligibilities(ctx, tenant, subscription, "immediate")
}

// notForLegacy is the code of a traditional subscription, which has no transitions.
const notForLegacy = "900263"

func (c *Client) eligibilities(ctx context.Context, tenant, subscription, when string) ([]upgrade.TransitionTarget, error) {
	path, err := subscriptionPath(tenant, subscription, "transitionEligibilities")
	if err != nil {
		return nil, err
	}
	all, err := collect[eligibility](ctx, c, path+"?eligibilityType="+when)
	if upgrade.CodeOf(err) == notForLegacy {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]upgrade.TransitionTarget, len(all))
	for i, e := range all {
		out[i] = e.noun()
	}
	return out, nil
}

func (e eligibility) noun() upgrade.TransitionTarget {
	out := upgrade.TransitionTarget{
		CatalogItem: string(e.CatalogItem), ProductSKU: productSKU(string(e.CatalogItem)),
		Title: string(e.Title), Seats: int(e.Quantity),
	}
	for _, t := range e.Eligibilities {
		out.Types = append(out.Types, upgrade.TransitionChoice{
			Type: upgrade.TransitionType(t.Type), Eligible: t.Eligible, Reasons: reasons(t.Errors),
		})
	}
	for _, s := range e.Existing {
		out.Into = append(out.Into, upgrade.IntoChoice{Subscription: string(s.Subscription), Eligible: s.Eligible, Reasons: intoReasons(s.Errors)})
	}
	return out
}

// transition is one entry of a subscription's history of transitions.
type transition struct {
	Operation        text              `json:"operationId"`
	FromSubscription text              `json:"fromSubscriptionId"`
	ToSubscription   text              `json:"toSubscriptionId"`
	ToCatalogItem    text              `json:"toCatalogItemId"`
	Quantity         count             `json:"quantity"`
	Type             word              `json:"transitionType"`
	Events           []transitionEvent `json:"events"`
}

type transitionEvent struct {
	Name   word            `json:"name"`
	Status word            `json:"status"`
	At     moment          `json:"timestamp"`
	Errors []transitionErr `json:"errors"`
}

// Transitions lists the transitions that were ever started from the subscription, in Microsoft's order.
func (c *Client) Transitions(ctx context.Context, tenant, subscription string) ([]upgrade.Transition, error) {
	path, err := subscriptionPath(tenant, subscription, "transitions")
	if err != nil {
		return nil, err
	}
	out, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return nil, err
	}
	return parseTransitions(out.body, subscription)
}

// parseTransitions accepts the wrappers that Microsoft's pages show, {"transition":[...]} and {"items":[...]}, and a
// list without one.
func parseTransitions(body []byte, subscription string) ([]upgrade.Transition, error) {
	var page struct {
		Items      []transition `json:"items"`
		Transition []transition `json:"transition"`
	}
	var bare []transition
	if json.Unmarshal(body, &bare) != nil {
		if err := decode(body, &page); err != nil {
			return nil, err
		}
		bare = append(page.Items, page.Transition...)
	}
	out := make([]upgrade.Transition, len(bare))
	for i, t := range bare {
		out[i] = t.noun(subscription)
	}
	return out, nil
}

// StartTransition starts one. It cannot be undone. An answer that does not name its operation is Kind Ambiguous: the
// list of transitions tells.
// https://learn.microsoft.com/en-us/partner-center/developer/transition-a-new-commerce-subscription
func (c *Client) StartTransition(ctx context.Context, id upgrade.WriteID, tenant string, r upgrade.TransitionRequest) (upgrade.Transition, error) {
	if id.Request == "" {
		return upgrade.Transition{}, invalid("no_write_id", "a write needs an id")
	}
	if r.ToCatalogItem == "" || r.Seats < 1 || r.Type == "" {
		return upgrade.Transition{}, invalid("bad_transition", "the transition names no target, no seats or no type")
	}
	path, err := subscriptionPath(tenant, r.Subscription, "transitions")
	if err != nil {
		return upgrade.Transition{}, err
	}
	body := map[string]any{
		"fromSubscriptionId": r.Subscription, "toCatalogItemId": r.ToCatalogItem,
		"quantity": r.Seats, "transitionType": string(r.Type),
	}
	if r.Into != "" {
		body["toSubscriptionId"] = r.Into
	}
	if r.Term != "" {
		body["termDuration"] = r.Term
	}
	if r.BillingCycle != "" {
		body["billingCycle"] = r.BillingCycle
	}
	out, err := c.do(ctx, call{method: http.MethodPost, path: path, body: body, id: id})
	if err != nil {
		return upgrade.Transition{}, err
	}
	var t transition
	if err := json.Unmarshal(out.body, &t); err != nil || t.Operation == "" {
		return upgrade.Transition{}, &upgrade.Error{
			Kind: upgrade.Ambiguous, Code: "unreadable_reply", Correlation: id.Correlation,
			Message: "Partner Center accepted the transition with a reply that names no operation",
		}
	}
	return t.noun(r.Subscription), nil
}

func (t transition) noun(subscription string) upgrade.Transition {
	out := upgrade.Transition{
		Operation: string(t.Operation), FromSubscription: string(t.FromSubscription), ToSubscription: string(t.ToSubscription),
		ToCatalogItem: string(t.ToCatalogItem), Seats: int(t.Quantity), Type: upgrade.TransitionType(t.Type),
	}
	if out.FromSubscription == "" {
		out.FromSubscription = subscription
	}
	if out.ToSubscription == out.FromSubscription {
		out.ToSubscription = "" // named by some answers although the id does not change
	}
	out.State = state(t.Events, "conversion")
	out.Licenses = state(t.Events, "licensereassignment", "seatreassignment")
	if out.State == "" {
		out.State = upgrade.StepRunning
	}
	if out.Licenses == "" && out.Type == upgrade.TransitionWithLicenses {
		out.Licenses = upgrade.StepRunning
	}
	for _, e := range t.Events {
		out.Reasons = append(out.Reasons, reasons(e.Errors)...)
		if at := e.At.Time; !at.IsZero() && (out.StartedAt.IsZero() || at.Before(out.StartedAt)) {
			out.StartedAt = at
		}
	}
	return out
}

// state is how far a step is, by the latest of its events; empty when there is none. Of two events of one time the
// one further on counts.
func state(events []transitionEvent, names ...word) upgrade.StepState {
	var mine []transitionEvent
	for _, e := range events {
		for _, name := range names {
			if e.Name == name {
				mine = append(mine, e)
			}
		}
	}
	if len(mine) == 0 {
		return ""
	}
	sort.SliceStable(mine, func(i, j int) bool {
		a, b := mine[i], mine[j]
		if !a.At.Equal(b.At.Time) {
			return a.At.Before(b.At.Time)
		}
		return step(a.Status) == upgrade.StepRunning && step(b.Status) != upgrade.StepRunning
	})
	return step(mine[len(mine)-1].Status)
}

func step(status word) upgrade.StepState {
	switch status {
	case "completed":
		return upgrade.StepCompleted
	case "failed":
		return upgrade.StepFailed
	}
	return upgrade.StepRunning
}
