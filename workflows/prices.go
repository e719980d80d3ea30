package workflows

import (
	"bytes"
	"encoding/json"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// StorePricesWorkflow puts the provider's price list in the place of the one before. A list that cannot be read, or in which
// something is wrong, is answered with every problem, and nothing is stored.
func StorePricesWorkflow(ctx workflow.Context, list converter.RawValue) (upgrade.PricesStored, error) {
	data, problems := whole(list)
	if len(problems) > 0 {
		return upgrade.PricesStored{Reasons: problems}, nil
	}
	at := workflow.Now(ctx).UTC()
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Store the price list"), a.StorePrices, activities.StorePricesInput{List: data, At: at})
	if err != nil || len(out.Problems) > 0 {
		return upgrade.PricesStored{Reasons: out.Problems}, err
	}
	return upgrade.PricesStored{Rows: out.Rows, At: at}, nil
}

// ReadPricesWorkflow answers the price list, of one market or as a whole.
func ReadPricesWorkflow(ctx workflow.Context, query converter.RawValue) (upgrade.PriceList, error) {
	var q upgrade.PriceQuery
	data, problems := whole(query)
	if len(problems) == 0 {
		problems = upgrade.DecodeStrict(data, &q)
	}
	if len(problems) > 0 {
		return upgrade.PriceList{}, rejected("bad_query", "%s", problems.Error())
	}
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Read the price list"), a.ReadPrices, activities.ReadPricesInput{Market: q.Market})
	return upgrade.PriceList{Prices: out.Prices}, err
}

// whole is an input as one JSON value, for an activity to read it strictly: a list of thousands of rows would hold up the
// workflow's own goroutine for too long.
func whole(raw converter.RawValue) (json.RawMessage, upgrade.Problems) {
	data, err := jsonOf(raw)
	if err != nil {
		return nil, upgrade.Problems{{Code: "unreadable", Message: err.Error(), Remedy: "send one JSON object"}}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > upgrade.MaxInput || !json.Valid(data) {
		return nil, upgrade.DecodeStrict(data, &struct{}{})
	}
	return data, nil
}
