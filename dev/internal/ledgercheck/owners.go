package ledgercheck

import (
	"fmt"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// afterwards is how long an activity of an execution that was terminated may go on.
const afterwards = time.Minute

// own finds out whose the entries are. Partner Center's name the upgrade by their correlation id, which is derived from the order
// and its attempt. Graph knows a request id alone, that nobody can read back: a change there is that order's which was in its
// change at that moment, or the tenant's only order's.
func (c *checker) own() {
	c.owners, c.byOrder = map[int]string{}, map[string][]cloud.Entry{}
	correlations := map[string]string{}
	for _, o := range c.Orders {
		for n := 1; n <= len(o.Attempts)+1; n++ {
			correlations[upgrade.UUID(fmt.Sprintf("%s#%d", o.ID, n))] = o.ID
		}
	}
	for _, e := range c.Ledger {
		order, ok := correlations[e.CorrelationID]
		if !ok && e.ClientRequestID != "" {
			order, ok = c.changing(e.Tenant, e.Real)
		}
		switch {
		case ok:
			c.owners[e.Seq] = order
			c.byOrder[order] = append(c.byOrder[order], e)
		case write(e) && c.known(e.Tenant):
			c.violation(10, "", e.Tenant, "a change that is no upgrade's", "an upgrade's", line(e))
		}
	}
}

// changing is the order that was in its change at a moment: of several the one that came to it last.
func (c *checker) changing(tenant string, at time.Time) (order string, ok bool) {
	all := c.orders(tenant)
	var since time.Time
	for _, o := range all {
		for _, a := range o.Attempts {
			from := entered(a.Status, upgrade.Changing)
			if from.IsZero() || from.After(at) || !from.After(since) {
				continue
			}
			until := a.Result.EndedAt
			if until.IsZero() && !a.Ended.IsZero() {
				until = a.Ended.Add(afterwards)
			}
			if until.IsZero() || !at.After(until) {
				order, since = o.ID, from
			}
		}
	}
	if order == "" && len(all) == 1 {
		order = all[0].ID
	}
	return order, order != ""
}

func (c *checker) known(tenant string) bool {
	for _, customer := range c.Customers {
		if customer.Tenant == tenant {
			return true
		}
	}
	return false
}

// write tells whether an entry is something that a request has done, there and then.
func write(e cloud.Entry) bool {
	if e.Method == "" {
		return false // Microsoft's own doing, or the beginning of the run
	}
	switch e.Kind {
	case cloud.QuantityChanged, cloud.StatusChanged, cloud.SubscriptionUpdated, cloud.OrderPlaced, cloud.TransitionStarted, cloud.UpgradeCompleted,
		cloud.LicenceAssigned, cloud.LicenceRemoved, cloud.LicenceChanged, cloud.UsageLocationSet, cloud.GroupLicenceChanged:
		return true
	}
	return false
}

// commerce tells whether a write is one to a subscription.
func commerce(e cloud.Entry) bool {
	switch e.Kind {
	case cloud.QuantityChanged, cloud.StatusChanged, cloud.OrderPlaced, cloud.TransitionStarted, cloud.UpgradeCompleted:
		return write(e)
	}
	return false
}

// line is an entry as a violation quotes it.
func line(e cloud.Entry) string {
	return fmt.Sprintf("#%d %s %s %s: %q → %q (%s, request %s%s)", e.Seq, e.At.Format("2006-01-02T15:04:05"), e.Kind, e.Object, e.Before, e.After,
		e.Real.Format("15:04:05.000"), e.RequestID, e.ClientRequestID)
}
