package workflows

import (
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// StorePricesWorkflow puts the provider's price list in the place of the one before. A list that cannot be read, or in which
// something is wrong, is answered with every problem, and nothing is stored.
func StorePricesWorkflow(ctx workflow.Context, list converter.RawValue) (upgrade.PricesStored, error) {
	var prices upgrade.PriceList
	if problems := strictly(list, &prices); len(problems) > 0 {
		return upgrade.PricesStored{Reasons: problems}, nil
	}
	at := workflow.Now(ctx).UTC()
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Store the price list"), a.StorePrices, activities.StorePricesInput{List: prices, At: at})
	if err != nil || len(out.Problems) > 0 {
		return upgrade.PricesStored{Reasons: out.Problems}, err
	}
	return upgrade.PricesStored{Rows: len(prices.Prices), At: at}, nil
}

// ReadPricesWorkflow answers the price list, of one market or as a whole.
func ReadPricesWorkflow(ctx workflow.Context, query converter.RawValue) (upgrade.PriceList, error) {
	var q upgrade.PriceQuery
	if problems := strictly(query, &q); len(problems) > 0 {
		return upgrade.PriceList{}, rejected("bad_query", "%s", problems.Error())
	}
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Read the price list"), a.ReadPrices, activities.ReadPricesInput{Market: q.Market})
	return upgrade.PriceList{Prices: out.Prices}, err
}

// strictly reads an input that may come from any Temporal client.
func strictly(raw converter.RawValue, v any) upgrade.Problems {
	data, err := jsonOf(raw)
	if err != nil {
		return upgrade.Problems{{Code: "unreadable", Message: err.Error(), Remedy: "send one JSON object"}}
	}
	return upgrade.DecodeStrict(data, v)
}
