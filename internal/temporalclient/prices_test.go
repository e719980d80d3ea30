package temporalclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// answered is a run that has ended with an answer, or with an error.
type answered struct {
	client.WorkflowRun
	f      *fake
	answer any
}

func (r answered) Get(_ context.Context, v any) error {
	if err, failed := r.answer.(error); failed {
		return err
	}
	return through(r.f.convert, r.answer, v)
}

var basicPrice = upgrade.Price{Offer: "business-basic", Term: "P1Y", BillingCycle: "monthly", Currency: "EUR", Minor: 560}

func TestStorePrices(t *testing.T) {
	f, u := newFake()
	f.answers = map[string]any{upgrade.StorePricesWorkflow: upgrade.PricesStored{Rows: 1}}
	list := upgrade.PriceList{Prices: []upgrade.Price{basicPrice}, By: "anna"}
	stored, err := u.StorePrices(context.Background(), list)
	if err != nil || stored.Rows != 1 {
		t.Errorf("%+v, %v", stored, err)
	}
	var sent upgrade.PriceList
	if err := f.convert.FromPayload(f.inputs[0], &sent); err != nil || len(sent.Prices) != 1 || sent.Prices[0] != basicPrice || sent.By != "anna" {
		t.Errorf("%+v was sent, %v", sent, err)
	}
	if s := f.starts[0]; !strings.HasPrefix(s.ID, "prices/store/") || s.TaskQueue != upgrade.TaskQueue || s.WorkflowExecutionTimeout == 0 {
		t.Errorf("%+v", s)
	}

	f.answers[upgrade.StorePricesWorkflow] = upgrade.PricesStored{Reasons: upgrade.Problems{{Code: "unknown_offer", Message: "there is no offer"}}}
	_, err = u.StorePrices(context.Background(), list)
	var problems upgrade.Problems
	if upgrade.KindOf(err) != upgrade.Invalid || !errors.As(err, &problems) || !problems.Has("unknown_offer") {
		t.Errorf("%v", err)
	}

	f.answers[upgrade.StorePricesWorkflow] = temporal.NewApplicationError("the register is out of reach", string(upgrade.Transient))
	if _, err = u.StorePrices(context.Background(), list); upgrade.KindOf(err) != upgrade.Transient {
		t.Errorf("%v", err)
	}
	list.By = strings.Repeat("x", upgrade.MaxInput)
	if _, err = u.StorePrices(context.Background(), list); upgrade.KindOf(err) != upgrade.Invalid || len(f.inputs) != 3 {
		t.Errorf("%d were sent; %v", len(f.inputs), err)
	}
}

func TestPrices(t *testing.T) {
	f, u := newFake()
	f.answers = map[string]any{upgrade.ReadPricesWorkflow: upgrade.PriceList{Prices: []upgrade.Price{basicPrice}}}
	prices, err := u.Prices(context.Background(), "GB")
	if err != nil || len(prices) != 1 || prices[0] != basicPrice {
		t.Errorf("%+v, %v", prices, err)
	}
	var sent json.RawMessage
	if err := f.convert.FromPayload(f.inputs[0], &sent); err != nil || string(sent) != `{"market":"GB"}` {
		t.Errorf("%s was sent, %v", sent, err)
	}
}
