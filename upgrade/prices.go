package upgrade

import "time"

// MaxPrices is how many rows a price list may have. With more, the list would not fit into one message to Temporal.
const MaxPrices = 5000

// PriceList is the provider's whole price list; it takes the place of the one before.
type PriceList struct {
	Prices []Price `json:"prices"`
	By     string  `json:"by,omitempty"` // who uploads it
}

// PricesStored is the answer to an upload. With reasons, nothing was stored.
type PricesStored struct {
	Rows    int       `json:"rows"`
	At      time.Time `json:"at,omitzero"`
	Reasons Problems  `json:"reasons,omitempty"`
}

// PriceQuery asks for the prices of a market, and those that hold everywhere; without a market, for the whole list.
type PriceQuery struct {
	Market string `json:"market,omitempty"`
}

// months is the length of a billing cycle; 0: one that no price is given for.
func months(billingCycle string) int64 {
	switch billingCycle {
	case "monthly":
		return 1
	case "annual":
		return 12
	case "triennial":
		return 36
	}
	return 0
}

// Monthly is an amount a month in parts of a minor unit, so that a total is rounded once.
type Monthly int64

// monthlyParts is the least number that every billing cycle divides.
const monthlyParts = 36

// PerMonth is what a number of seats at this price costs a month; false for a billing cycle that nobody knows.
func (p Price) PerMonth(seats int) (Monthly, bool) {
	n := months(p.BillingCycle)
	if n == 0 {
		return 0, false
	}
	return Monthly(p.Minor * int64(seats) * (monthlyParts / n)), true
}

// Minor is the amount in whole minor units, a half rounded up.
func (m Monthly) Minor() int64 {
	return (int64(m) + monthlyParts/2) / monthlyParts
}
