package activities

import (
	"context"
	"encoding/json"
	"time"

	"uplift/internal/pricelist"
	"uplift/upgrade"
)

// StorePricesInput is a whole price list, as it came. At orders uploads: it is the workflow's time, the same at every attempt.
type StorePricesInput struct {
	List json.RawMessage `json:"list"` // an upgrade.PriceList
	At   time.Time       `json:"at"`
}

// StorePricesOutput says what is wrong with the list; nothing: it is stored.
type StorePricesOutput struct {
	Rows     int              `json:"rows"`
	Problems upgrade.Problems `json:"problems,omitempty"`
}

// StorePrices puts a price list into the register, unless something is wrong with it. A repeat stores the same list, and
// never one that is older than what is there.
func (a *Activities) StorePrices(ctx context.Context, in StorePricesInput) (StorePricesOutput, error) {
	list, ps := pricelist.Decode(in.List, a.Catalog)
	if len(ps) > 0 {
		return StorePricesOutput{Problems: ps}, nil
	}
	return StorePricesOutput{Rows: len(list.Prices)}, a.Register.SavePrices(ctx, list.Prices, in.At)
}

// ReadPricesInput names the market; none is the whole list.
type ReadPricesInput struct {
	Market string `json:"market,omitempty"`
}

// ReadPricesOutput are its prices.
type ReadPricesOutput struct {
	Prices []upgrade.Price `json:"prices"`
}

// ReadPrices answers the price list.
func (a *Activities) ReadPrices(ctx context.Context, in ReadPricesInput) (ReadPricesOutput, error) {
	prices, err := a.Register.Prices(ctx, in.Market)
	return ReadPricesOutput{Prices: prices}, err
}
