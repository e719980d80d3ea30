package partner

import (
	"strings"

	"uplift/internal/sim/cloud"
)

func eligibility(kind string, errs []cloud.TransitionError) map[string]any {
	return map[string]any{"isEligible": len(errs) == 0, "transitionType": kind, "errors": transitionErrors(errs)}
}

func transitionErrors(errs []cloud.TransitionError) []any {
	out := []any{}
	for _, e := range errs {
		out = append(out, map[string]any{"code": e.Code, "description": e.Text})
	}
	return out
}

// eligibilities is GET transitionEligibilities?eligibilityType=immediate|scheduled.
func (s *Server) eligibilities(c call) (any, int, *cloud.Refusal) {
	when := strings.ToLower(c.r.URL.Query().Get("eligibilityType"))
	if when != "" && when != "immediate" && when != "scheduled" {
		return nil, 0, &cloud.Refusal{Status: 400, Code: "900126", Text: "The value of eligibilityType could not be parsed."}
	}
	paths, r := s.state.Eligibilities(c.args[0], c.args[1], when == "scheduled")
	if r != nil {
		return nil, 0, r
	}
	bare := s.state.Roll(cloud.EligibilityBare, c.origin)
	items := []any{}
	for _, p := range paths {
		item := map[string]any{"catalogItemId": p.Item, "title": p.Offer.Name, "description": p.Offer.Name, "quantity": p.Quantity,
			"eligibilities": []any{eligibility(cloud.TransitionOnly, p.Only), eligibility(cloud.TransferLicences, p.Transfer)},
			"attributes":    kind("TransitionEligibility")}
		if !bare || len(p.Into) > 0 {
			item["subscriptionEligibilities"] = into(p.Into)
		}
		if !bare {
			item["operationId"] = p.OperationID
		}
		items = append(items, item)
	}
	return collection(items, "/customers/"+c.args[0]+"/subscriptions/"+c.args[1]+"/transitionEligibilities"), 200, nil
}

func into(paths []cloud.IntoPath) []any {
	out := []any{}
	for _, p := range paths {
		out = append(out, map[string]any{"isEligible": len(p.Errors) == 0, "subscriptionId": p.Subscription.ID,
			"subscriptionFriendlyName": p.Subscription.FriendlyName, "subscriptionTermDuration": p.Subscription.Term,
			"subscriptionBillingCycle": p.Subscription.BillingCycle, "errors": transitionErrors(p.Errors)})
	}
	return out
}

// transitionJSON writes one transition, with the spellings that vary.
func (s *Server) transitionJSON(c call, tr cloud.Transition) map[string]any {
	events := []any{}
	for _, e := range tr.Events {
		name, status := e.Name, e.Status
		if name == "LicenseReassignment" && s.state.Roll(cloud.SeatReassignment, c.origin) {
			name = "SeatReassignment"
		}
		if status == "Started" && s.state.Roll(cloud.StartedBlank, c.origin) {
			status = "Started "
		}
		if status == "InProgress" {
			status = s.oddly(status, "Validating", c)
		}
		events = append(events, map[string]any{"name": name, "status": status, "timestamp": e.At.UTC().Format(stamp),
			"errors": transitionErrors(e.Errors), "attributes": kind("TransitionEvent")})
	}
	m := map[string]any{"operationId": tr.OperationID, "fromCatalogItemId": tr.FromItem, "fromSubscriptionId": tr.Source,
		"toCatalogItemId": tr.ToItem, "quantity": tr.Quantity, "transitionType": tr.Type, "attributes": kind("Transition")}
	if tr.Target != "" {
		m["toSubscriptionId"] = tr.Target
	}
	for k, v := range map[string]string{"termDuration": tr.Term, "billingCycle": tr.BillingCycle, "promotionId": tr.PromotionID} {
		if v != "" {
			m[k] = v
		}
	}
	list := "events"
	if s.state.Roll(cloud.EventsCapital, c.origin) {
		list = "Events"
	}
	m[list] = events
	return m
}

func (s *Server) transitions(c call) (any, int, *cloud.Refusal) {
	list, r := s.state.Transitions(c.args[0], c.args[1])
	if r != nil {
		return nil, 0, r
	}
	operation := c.r.URL.Query().Get("operationId")
	items := []any{}
	for _, tr := range list {
		if operation == "" || strings.EqualFold(operation, tr.OperationID) {
			items = append(items, s.transitionJSON(c, tr))
		}
	}
	if s.state.Roll(cloud.HistoryWrapper, c.origin) {
		return map[string]any{"transition": items}, 200, nil
	}
	return collection(items, "/customers/"+c.args[0]+"/subscriptions/"+c.args[1]+"/transitions"), 200, nil
}

// startTransition is POST /transitions: 200, with the first event.
func (s *Server) startTransition(c call) (any, int, *cloud.Refusal) {
	var in struct {
		ToItem           string `json:"toCatalogItemId"`
		Quantity         int    `json:"quantity"`
		Type             string `json:"transitionType"`
		FromItem         string `json:"fromCatalogItemId"`
		FromSubscription string `json:"fromSubscriptionId"`
		ToSubscription   string `json:"toSubscriptionId"`
		Term             string `json:"termDuration"`
		BillingCycle     string `json:"billingCycle"`
		PromotionID      string `json:"promotionId"`
	}
	if r := decode(c, &in); r != nil {
		return nil, 0, r
	}
	if in.ToItem == "" || in.Quantity == 0 || in.Type == "" {
		return nil, 0, invalid("toCatalogItemId, quantity and transitionType are required.")
	}
	tr, r := s.state.StartTransition(c.args[0], c.args[1], cloud.Move{ToItem: in.ToItem, FromItem: in.FromItem,
		FromSubscription: in.FromSubscription, ToSubscription: in.ToSubscription, Quantity: in.Quantity, Type: transitionType(in.Type),
		Term: in.Term, BillingCycle: strings.ToLower(in.BillingCycle), PromotionID: in.PromotionID}, c.origin)
	if r != nil {
		return nil, 0, r
	}
	return s.transitionJSON(c, tr), 200, nil
}

// transitionType accepts the PascalCase names of the SDK as well.
func transitionType(sent string) string {
	switch strings.ToLower(strings.ReplaceAll(sent, "_", "")) {
	case "transitiononly":
		return cloud.TransitionOnly
	case "transitionwithlicensetransfer":
		return cloud.TransferLicences
	}
	return sent
}
