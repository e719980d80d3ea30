package partner

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"uplift/upgrade"
)

// The fields of a subscription that we write.
const (
	fieldQuantity  = "quantity"
	fieldAutoRenew = "autoRenewEnabled"
	fieldScheduled = "scheduledNextTermInstructions"
	fieldActions   = "scheduledActions"
)

// edit alters a subscription that was just read, and tells whether there is something to send.
type edit func(now upgrade.Subscription, all raw) (send bool, err error)

// change reads a subscription, edits it and sends all of it back. One whose etag went stale between the two (2055:
// nothing was written) is read and edited once more, under a request id of its own, since the first id stands for a
// request that was answered.
func (c *Client) change(ctx context.Context, id upgrade.WriteID, tenant, subscription string, do edit) error {
	if id.Request == "" {
		return invalid("no_write_id", "a write needs an id")
	}
	path, err := subscriptionPath(tenant, subscription)
	if err != nil {
		return err
	}
	err = c.changeOnce(ctx, id, path, do)
	if upgrade.CodeOf(err) != staleEtag {
		return err
	}
	again := upgrade.WriteID{Request: upgrade.UUID(id.Request, staleEtag), Correlation: id.Correlation}
	return c.changeOnce(ctx, again, path, do)
}

// staleEtag is the code of a subscription that changed since it was read.
const staleEtag = "2055"

func (c *Client) changeOnce(ctx context.Context, id upgrade.WriteID, path string, do edit) error {
	out, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return err
	}
	var all raw
	if err := decode(out.body, &all); err != nil {
		return err
	}
	now, err := parseSubscription(out.body, c.now())
	if err != nil {
		return err
	}
	if all == nil || now.ID == "" {
		return &upgrade.Error{Kind: upgrade.Unknown, Code: "unreadable_reply", Message: "Partner Center's reply is not a subscription"}
	}
	send, err := do(now, all)
	if err != nil || !send {
		return err
	}
	out, err = c.do(ctx, call{method: http.MethodPatch, path: path, body: all, id: id})
	if err != nil {
		return err
	}
	if out.status == http.StatusAccepted {
		c.watch(ctx, out.location, do)
	}
	return nil
}

// watch follows the Location of a 202 for a moment, until the edit has nothing left to do. What it sees changes
// nothing about the write, which was accepted; the caller waits for the provisioning.
func (c *Client) watch(ctx context.Context, location string, do edit) {
	path, err := c.below(location)
	if err != nil || location == "" {
		return
	}
	wait := c.acceptedFor / 10
	for waited := time.Duration(0); waited+wait <= c.acceptedFor && wait > 0; {
		if c.sleep(ctx, wait) != nil {
			return
		}
		waited += wait
		wait *= 2
		out, err := c.do(ctx, call{method: http.MethodGet, path: path})
		if err != nil {
			return
		}
		var all raw
		now, err := parseSubscription(out.body, c.now())
		if err != nil || json.Unmarshal(out.body, &all) != nil || all == nil {
			return
		}
		if send, _ := do(now, all); !send {
			return
		}
	}
}

// SetSeats brings a subscription from one total of seats to another. Where it has to seats already nothing is sent;
// where it has neither, the answer is Kind Conflict.
// https://learn.microsoft.com/en-us/partner-center/developer/change-the-quantity-of-a-subscription
func (c *Client) SetSeats(ctx context.Context, id upgrade.WriteID, tenant, subscription string, from, to int) error {
	if from < 0 || to < 0 || to > maxCount {
		return invalid("bad_seats", fmt.Sprintf("%s cannot be set", upgrade.Seats(to)))
	}
	return c.change(ctx, id, tenant, subscription, func(now upgrade.Subscription, all raw) (bool, error) {
		switch now.Seats {
		case to:
			return false, nil
		case from:
			return true, all.set(fieldQuantity, to)
		}
		return false, &upgrade.Error{
			Kind: upgrade.Conflict, Code: "seats_changed",
			Message: fmt.Sprintf("the subscription has %s, where %d (to be changed to %d) were expected", upgrade.Seats(now.Seats), from, to),
		}
	})
}

// SetAutoRenew switches the renewal on or off.
func (c *Client) SetAutoRenew(ctx context.Context, id upgrade.WriteID, tenant, subscription string, on bool) error {
	return c.change(ctx, id, tenant, subscription, func(now upgrade.Subscription, all raw) (bool, error) {
		if now.AutoRenew == on {
			return false, nil
		}
		return true, all.set(fieldAutoRenew, on)
	})
}

// SetScheduled puts a scheduled change back, where the subscription has none: one that stands there now was somebody's
// later word. A scheduled change needs the renewal to be on, so it is switched on with it. The promotion that the
// original may have named is not known to us, and is not restored.
// https://learn.microsoft.com/en-us/partner-center/developer/create-scheduled-changes
func (c *Client) SetScheduled(ctx context.Context, id upgrade.WriteID, tenant, subscription string, s upgrade.ScheduledChange) error {
	if s.ProductID == "" || s.SKUID == "" || s.AvailabilityID == "" || s.Seats < 0 {
		return invalid("bad_scheduled_change", "the scheduled change names no offer")
	}
	return c.change(ctx, id, tenant, subscription, func(_ upgrade.Subscription, all raw) (bool, error) {
		if all.has(fieldScheduled) || all.has(fieldActions) {
			return false, nil
		}
		delete(all, fieldActions) // if both are sent, Microsoft honours only this one
		if err := all.set(fieldAutoRenew, true); err != nil {
			return false, err
		}
		return true, all.set(fieldScheduled, instructions(s))
	})
}

func instructions(s upgrade.ScheduledChange) map[string]any {
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return map[string]any{
		"product": map[string]any{
			"productId": s.ProductID, "skuId": s.SKUID, "availabilityId": s.AvailabilityID,
			"billingCycle": orNull(s.BillingCycle), "termDuration": orNull(s.Term), "promotionId": nil,
		},
		"quantity":          s.Seats,
		"customTermEndDate": nil,
	}
}

// set replaces a field under the spelling that the answer used.
func (r raw) set(field string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return invalid("bad_body", "the request cannot be written as JSON")
	}
	for name := range r {
		if strings.EqualFold(name, field) {
			delete(r, name)
		}
	}
	r[field] = data
	return nil
}

// has tells whether a field holds something: neither null, nor an empty object or list.
func (r raw) has(field string) bool {
	for name, value := range r {
		if !strings.EqualFold(name, field) {
			continue
		}
		switch strings.Join(strings.Fields(string(value)), "") {
		case "null", "{}", "[]", `""`:
		default:
			return true
		}
	}
	return false
}
