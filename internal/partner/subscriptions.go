package partner

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"uplift/upgrade"
)

// subscription is https://learn.microsoft.com/en-us/partner-center/developer/subscription-resources, as far as it is
// used.
type subscription struct {
	ID          text `json:"id"`
	OfferID     text `json:"offerId"`
	OfferName   text `json:"offerName"`
	Friendly    text `json:"friendlyName"`
	ProductType struct {
		ID text `json:"id"`
	} `json:"productType"`
	Quantity      count  `json:"quantity"`
	Parent        text   `json:"parentSubscriptionId"`
	Status        word   `json:"status"`
	Trial         bool   `json:"isTrial"`
	AutoRenew     bool   `json:"autoRenewEnabled"`
	Term          text   `json:"termDuration"`
	BillingCycle  word   `json:"billingCycle"`
	CommitEnd     moment `json:"commitmentEndDate"`
	CommitEndTime moment `json:"commitmentEndDateTime"`
	CancelUntil   moment `json:"cancellationAllowedUntilDate"`
	Refundable    *struct {
		Details []struct {
			Quantity count  `json:"quantity"`
			Until    moment `json:"allowedUntilDateTime"`
		} `json:"details"`
	} `json:"refundableQuantity"`
	Actions   []word `json:"actions"`
	Scheduled *struct {
		Product struct {
			ProductID      text `json:"productId"`
			SKUID          text `json:"skuId"`
			AvailabilityID text `json:"availabilityId"`
			BillingCycle   word `json:"billingCycle"`
			Term           text `json:"termDuration"`
		} `json:"product"`
		Quantity count `json:"quantity"`
	} `json:"scheduledNextTermInstructions"`
}

// newCommerce is the product type of every new-commerce licence subscription.
const newCommerce = "OnlineServicesNCE"

// Subscriptions lists a customer's subscriptions.
func (c *Client) Subscriptions(ctx context.Context, tenant string) ([]upgrade.Subscription, error) {
	path, err := pathOf("customers", tenant, "subscriptions")
	if err != nil {
		return nil, err
	}
	all, err := collect[subscription](ctx, c, path)
	if err != nil {
		return nil, err
	}
	out := make([]upgrade.Subscription, len(all))
	for i, s := range all {
		out[i] = s.noun(c.now())
	}
	return out, nil
}

// Subscription reads one subscription; Kind NotFound, code 20003, when there is none.
func (c *Client) Subscription(ctx context.Context, tenant, id string) (upgrade.Subscription, error) {
	path, err := subscriptionPath(tenant, id)
	if err != nil {
		return upgrade.Subscription{}, err
	}
	var s subscription
	if err := c.get(ctx, path, &s); err != nil {
		return upgrade.Subscription{}, err
	}
	return s.noun(c.now()), nil
}

func subscriptionPath(tenant, id string, more ...string) (string, error) {
	return pathOf(append([]string{"customers", tenant, "subscriptions", id}, more...)...)
}

func parseSubscription(body []byte, now time.Time) (upgrade.Subscription, error) {
	var s subscription
	if err := decode(body, &s); err != nil {
		return upgrade.Subscription{}, err
	}
	return s.noun(now), nil
}

func (s subscription) noun(now time.Time) upgrade.Subscription {
	out := upgrade.Subscription{
		ID:           string(s.ID),
		CatalogItem:  string(s.OfferID),
		Name:         string(s.Friendly),
		NewCommerce:  strings.EqualFold(string(s.ProductType.ID), newCommerce),
		Trial:        s.Trial,
		AddOnOf:      string(s.Parent),
		Seats:        int(s.Quantity),
		Status:       string(s.Status),
		AutoRenew:    s.AutoRenew,
		Term:         string(s.Term),
		BillingCycle: string(s.BillingCycle),
		TermEnds:     s.CommitEndTime.Time,
		CancelUntil:  s.CancelUntil.Time,
		Refundable:   s.blocks(now),
		Scheduled:    s.scheduled(),
		Locked:       s.locked(),
	}
	if out.NewCommerce {
		out.ProductSKU = productSKU(string(s.OfferID))
	}
	if out.Name == "" {
		out.Name = string(s.OfferName)
	}
	if out.TermEnds.IsZero() {
		out.TermEnds = s.CommitEnd.Time
	}
	return out
}

// productSKU cuts the availability off PRODUCT:SKU:AVAILABILITY; empty when it is not of that form.
func productSKU(catalogItem string) string {
	p := strings.Split(catalogItem, ":")
	if len(p) < 2 || len(p) > 3 || p[0] == "" || p[1] == "" {
		return ""
	}
	return p[0] + ":" + p[1]
}

// blocks are the seats that may be given back. Answers without refundableQuantity (older ones, and some of Microsoft's
// own samples) leave only the cancellation window: then, and only while it is open and the subscription active, the
// whole quantity counts as returnable. A subscription with a null because it is suspended has none.
func (s subscription) blocks(now time.Time) []upgrade.SeatBlock {
	if s.Refundable == nil {
		if s.Status != "active" || s.Quantity == 0 || !s.CancelUntil.After(now) {
			return nil
		}
		return []upgrade.SeatBlock{{Seats: int(s.Quantity), Until: s.CancelUntil.Time}}
	}
	var out []upgrade.SeatBlock
	for _, d := range s.Refundable.Details {
		if d.Quantity > 0 && !d.Until.IsZero() {
			out = append(out, upgrade.SeatBlock{Seats: int(d.Quantity), Until: d.Until.Time})
		}
	}
	return out
}

func (s subscription) scheduled() *upgrade.ScheduledChange {
	if s.Scheduled == nil {
		return nil
	}
	p := s.Scheduled.Product
	return &upgrade.ScheduledChange{
		ProductID: string(p.ProductID), SKUID: string(p.SKUID), AvailabilityID: string(p.AvailabilityID),
		BillingCycle: string(p.BillingCycle), Term: string(p.Term), Seats: int(s.Scheduled.Quantity),
	}
}

// locked reads the hints at a pending operation: the status pending, or a list of allowed actions without "edit" on
// an active subscription. Microsoft's definite word comes with a write only (900278, 800082).
func (s subscription) locked() bool {
	if s.Status == "pending" {
		return true
	}
	if s.Status != "active" || len(s.Actions) == 0 {
		return false
	}
	for _, a := range s.Actions {
		if a == "edit" {
			return false
		}
	}
	return true
}

// provisioning is the answer of .../provisioningstatus.
type provisioning struct {
	SKU      text  `json:"skuId"`
	Status   word  `json:"status"`
	Quantity count `json:"quantity"`
}

// Provisioned tells whether Partner Center has finished the subscription's pending changes, how many seats it then
// counts, and of which Entra SKU. It is refreshed about every quarter of an hour. A provisioning that failed is Kind
// Unknown, code provisioning_failed, which parks; a token without a user is Kind Act, code 900329.
// https://learn.microsoft.com/en-us/partner-center/developer/get-subscription-provisioning-status
func (c *Client) Provisioned(ctx context.Context, tenant, subscription string) (done bool, seats int, sku string, err error) {
	path, err := subscriptionPath(tenant, subscription, "provisioningstatus")
	if err != nil {
		return false, 0, "", err
	}
	var p provisioning
	if err := c.withUser().get(ctx, path, &p); err != nil {
		if upgrade.CodeOf(err) == noProvisioningYet {
			return false, 0, "", nil
		}
		return false, 0, "", err
	}
	if p.Status == "failed" {
		return false, 0, "", &upgrade.Error{Kind: upgrade.Unknown, Code: "provisioning_failed", Message: "Partner Center says that the provisioning of the subscription failed"}
	}
	return p.Status == "success", int(p.Quantity), strings.ToLower(string(p.SKU)), nil
}

// noProvisioningYet is the code of a subscription whose provisioning has not begun.
const noProvisioningYet = "800007"

// raw is a subscription with everything in it, numbers as they were written.
type raw map[string]json.RawMessage
