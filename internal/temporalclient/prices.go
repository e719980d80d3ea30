package temporalclient

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// pricesTimeout bounds reading and storing the price list: whoever asked is waiting.
const pricesTimeout = 5 * time.Minute

// StorePrices puts a price list in the place of the one before. A list in which something is wrong is Kind Invalid with its
// [upgrade.Problems]; nothing is stored then.
func (u *Upgrades) StorePrices(ctx context.Context, list upgrade.PriceList) (upgrade.PricesStored, error) {
	stored, err := ask[upgrade.PricesStored](ctx, u, "prices/store/", upgrade.StorePricesWorkflow, "Store the price list", list)
	if err == nil && len(stored.Reasons) > 0 {
		err = &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_prices", Message: "the price list has problems", Err: stored.Reasons}
	}
	return stored, err
}

// Prices answers the prices of a market and those that hold everywhere; without a market, the whole list.
func (u *Upgrades) Prices(ctx context.Context, market string) ([]upgrade.Price, error) {
	list, err := ask[upgrade.PriceList](ctx, u, "prices/read/", upgrade.ReadPricesWorkflow, "Read the price list", upgrade.PriceQuery{Market: market})
	return list.Prices, err
}

// ask runs a short workflow and waits for its answer.
func ask[Out, In any](ctx context.Context, u *Upgrades, prefix, workflow, summary string, in In) (Out, error) {
	var out Out
	data, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	if len(data) > upgrade.MaxInput {
		return out, &upgrade.Error{Kind: upgrade.Invalid, Code: "too_large", Message: "the input is too large for one message to Temporal"}
	}
	run, err := u.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: prefix + uuid.NewString(), TaskQueue: upgrade.TaskQueue, WorkflowExecutionTimeout: pricesTimeout,
		StaticSummary: summary, Priority: temporal.Priority{PriorityKey: 1},
	}, workflow, rawJSON(data))
	if err != nil {
		return out, translate(err)
	}
	err = run.Get(ctx, &out)
	if failed := (*temporal.WorkflowExecutionError)(nil); errors.As(err, &failed) {
		err = errors.Unwrap(failed)
	}
	return out, translate(err)
}
