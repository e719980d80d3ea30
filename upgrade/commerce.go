package upgrade

import (
	"fmt"
	"time"
)

// Customer is what Partner Center says of a customer before anything is asked of its administrator.
type Customer struct {
	Tenant            string `json:"tenant"`
	Name              string `json:"name"`
	Domain            string `json:"domain,omitempty"`
	Country           string `json:"country,omitempty"` // ISO 3166-1 alpha-2, of the billing profile
	Relationship      string `json:"relationship"`      // "reseller" is needed to change anything
	AgreementAccepted bool   `json:"agreementAccepted"` // Microsoft Customer Agreement; 13605 otherwise
	// Missing are the fields without which Microsoft sells nothing in the customer's country, in words, such as
	// "organisation registration number" (600049 to 600051).
	Missing []string `json:"missing,omitempty"`
}

// Subscription is a commerce subscription as Partner Center describes it. Fields that we do not name are kept by the
// adapter, since PATCH has full-body semantics.
// https://learn.microsoft.com/en-us/partner-center/developer/subscription-resources
type Subscription struct {
	ID           string           `json:"id"`
	ProductSKU   string           `json:"productSku"`  // PRODUCT:SKU of a new-commerce offer; empty for a legacy one
	CatalogItem  string           `json:"catalogItem"` // offerId as Microsoft gives it: PRODUCT:SKU:AVAILABILITY, or a legacy GUID
	Name         string           `json:"name"`
	NewCommerce  bool             `json:"newCommerce"`
	Trial        bool             `json:"trial,omitempty"`
	AddOnOf      string           `json:"addOnOf,omitempty"` // the parent subscription of an add-on
	Seats        int              `json:"seats"`
	Status       string           `json:"status"` // active, suspended, deleted, expired, pending, disabled, or one that we do not know
	AutoRenew    bool             `json:"autoRenew"`
	Term         string           `json:"term,omitempty"`         // P1M, P1Y, P3Y
	BillingCycle string           `json:"billingCycle,omitempty"` // monthly, annual, ...
	TermEnds     time.Time        `json:"termEnds"`
	CancelUntil  time.Time        `json:"cancelUntil"`          // end of the cancellation window; zero when there is none
	Refundable   []SeatBlock      `json:"refundable,omitempty"` // seats that may be given back, each block with its own window
	Scheduled    *ScheduledChange `json:"scheduled,omitempty"`  // what is to happen at renewal
	Locked       bool             `json:"locked,omitempty"`     // an operation is pending at Microsoft
}

// SeatBlock is a number of seats and until when they may be given back.
type SeatBlock struct {
	Seats int       `json:"seats"`
	Until time.Time `json:"until"`
}

// ScheduledChange is a change that waits for the renewal. A change in mid-term removes it silently.
// https://learn.microsoft.com/en-us/partner-center/developer/create-scheduled-changes
type ScheduledChange struct {
	ProductID      string `json:"productId"`
	SKUID          string `json:"skuId"`
	AvailabilityID string `json:"availabilityId"`
	BillingCycle   string `json:"billingCycle,omitempty"`
	Term           string `json:"term,omitempty"`
	Seats          int    `json:"seats"`
}

// ReturnableAt says how many seats could be given back at this moment, and until when the block that closes first
// stays open (zero when none is open).
func (s Subscription) ReturnableAt(now time.Time) (seats int, until time.Time) {
	for _, b := range s.Refundable {
		if !b.Until.After(now) {
			continue
		}
		seats += b.Seats
		if until.IsZero() || b.Until.Before(until) {
			until = b.Until
		}
	}
	return seats, until
}

// Active tells whether the subscription can be worked with.
func (s Subscription) Active() bool { return s.Status == "active" }

// TransitionType says who moves the users' licences in a transition.
type TransitionType string

// The transition types. https://learn.microsoft.com/en-us/partner-center/developer/transition-resources
const (
	TransitionOnly         TransitionType = "transition_only"
	TransitionWithLicenses TransitionType = "transition_with_license_transfer"
)

// TransitionTarget is one offer that Microsoft says a subscription may be moved to.
type TransitionTarget struct {
	CatalogItem string             `json:"catalogItem"` // PRODUCT:SKU:AVAILABILITY
	ProductSKU  string             `json:"productSku"`
	Title       string             `json:"title"`
	Seats       int                `json:"seats"` // how many may move
	Types       []TransitionChoice `json:"types"`
	Into        []IntoChoice       `json:"into,omitempty"`   // existing subscriptions of the offer
	Legacy      bool               `json:"legacy,omitempty"` // listed by the call for traditional subscriptions; CatalogItem is an offer id
}

// IntoChoice is Microsoft's word on moving seats into an existing subscription.
type IntoChoice struct {
	Subscription string   `json:"subscription"`
	Eligible     bool     `json:"eligible"`
	Reasons      Problems `json:"reasons,omitempty"`
}

// IntoOf returns Microsoft's word on a subscription as the target; false where it said nothing.
func (t TransitionTarget) IntoOf(subscription string) (IntoChoice, bool) {
	for _, c := range t.Into {
		if c.Subscription == subscription {
			return c, true
		}
	}
	return IntoChoice{}, false
}

// TransitionChoice is Microsoft's word on one transition type.
type TransitionChoice struct {
	Type     TransitionType `json:"type"`
	Eligible bool           `json:"eligible"`
	Reasons  Problems       `json:"reasons,omitempty"`
}

// Choice returns Microsoft's word on a type; not eligible, without a reason, when it said nothing.
func (t TransitionTarget) Choice(kind TransitionType) TransitionChoice {
	for _, c := range t.Types {
		if c.Type == kind {
			return c
		}
	}
	return TransitionChoice{Type: kind}
}

// Transition is one that was started: its operation id and how far it is.
type Transition struct {
	Operation        string         `json:"operation"`
	FromSubscription string         `json:"fromSubscription"`
	ToSubscription   string         `json:"toSubscription,omitempty"` // only where the id changes
	ToCatalogItem    string         `json:"toCatalogItem"`
	Seats            int            `json:"seats"`
	Type             TransitionType `json:"type"`
	State            StepState      `json:"state"`    // of the conversion
	Licenses         StepState      `json:"licenses"` // of the licence transfer; empty without one
	Reasons          Problems       `json:"reasons,omitempty"`
	StartedAt        time.Time      `json:"startedAt"`
}

// StepState is how far something at Microsoft is. Values that we do not know count as running.
type StepState string

// The step states.
const (
	StepRunning   StepState = "running"
	StepCompleted StepState = "completed"
	StepFailed    StepState = "failed"
)

// TransitionRequest asks for one transition.
type TransitionRequest struct {
	Subscription  string         `json:"subscription"`
	ToCatalogItem string         `json:"toCatalogItem"`
	Seats         int            `json:"seats"`
	Type          TransitionType `json:"type"`
	Term          string         `json:"term,omitempty"`         // empty: the source's
	BillingCycle  string         `json:"billingCycle,omitempty"` // empty: the source's
	Into          string         `json:"into,omitempty"`         // the existing subscription that the seats move into
}

// PurchaseRequest asks for one new subscription.
type PurchaseRequest struct {
	CatalogItem  string `json:"catalogItem"` // PRODUCT:SKU:AVAILABILITY, fetched fresh
	Seats        int    `json:"seats"`
	Term         string `json:"term"`
	BillingCycle string `json:"billingCycle"`
	Name         string `json:"name,omitempty"` // friendly name of the subscription
}

// CommerceOrder is an order at Partner Center, of one line.
type CommerceOrder struct {
	ID           string    `json:"id"`
	Status       string    `json:"status"` // unknown, pending, completed, cancelled, or one that we do not know
	CatalogItem  string    `json:"catalogItem"`
	Seats        int       `json:"seats"`
	Subscription string    `json:"subscription,omitempty"` // empty until Microsoft has made it
	At           time.Time `json:"at,omitzero"`
}

// Price is what the provider asks for a seat, by its own price list.
type Price struct {
	Offer        string `json:"offer"`            // catalogue id
	Market       string `json:"market,omitempty"` // ISO 3166-1 alpha-2; empty: everywhere
	Term         string `json:"term"`             // P1M, P1Y, P3Y
	BillingCycle string `json:"billingCycle"`     // monthly, annual, triennial
	Currency     string `json:"currency"`         // ISO 4217
	Minor        int64  `json:"minor"`            // in the currency's minor unit, for a seat and a billing cycle
}

// Cost is what a plan changes in the customer's bill: an estimate by the provider's own price list.
type Cost struct {
	Currency string   `json:"currency"`          // ISO 4217
	Now      int64    `json:"now"`               // a month, in the currency's minor unit, of the subscriptions that the plan touches
	Then     int64    `json:"then"`              // a month, after it, without the residue
	Residue  int64    `json:"residue,omitempty"` // a month, for as long as the residue stays
	Missing  []string `json:"missing,omitempty"` // offers that the price list does not know; the estimate leaves them out
}

// minorDigits are the digits of the currencies whose minor unit is not a hundredth. ISO 4217.
var minorDigits = map[string]int{"BHD": 3, "CLP": 0, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0, "XPF": 0}

// MinorDigits is how many digits of a currency's amount stand behind the point.
func MinorDigits(currency string) int {
	if n, ok := minorDigits[currency]; ok {
		return n
	}
	return 2
}

// Money is an amount of minor units as a person reads it, such as 1234.50 EUR.
func Money(minor int64, currency string) string {
	digits, sign := MinorDigits(currency), ""
	if minor < 0 {
		minor, sign = -minor, "-"
	}
	text := fmt.Sprintf("%0*d", digits+1, minor)
	if whole := len(text) - digits; digits > 0 {
		text = text[:whole] + "." + text[whole:]
	}
	return sign + text + " " + currency
}

// Difference is what a month costs more, or less where it is negative, in the currency's minor unit.
func (c Cost) Difference() int64 { return c.Then - c.Now }

// SKU is a Partner Center SKU: the seat limits are the vendor's, and EntraSKU joins it with the directory.
type SKU struct {
	ProductSKU string `json:"productSku"`
	Name       string `json:"name"`
	MinSeats   int    `json:"minSeats"`
	MaxSeats   int    `json:"maxSeats"`           // 0: none is known
	EntraSKU   string `json:"entraSku,omitempty"` // dynamicAttributes.provisioningId
}

// Availability is what a SKU may be bought as today; its ids rotate, so it is fetched fresh.
type Availability struct {
	CatalogItem string   `json:"catalogItem"`
	Terms       []string `json:"terms"` // such as P1Y/monthly
}
