package ledgercheck

import (
	"fmt"
	"strconv"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// owner is whose an entry of the ledger is.
type owner struct{ order, upgrade string }

const (
	mostAttempts = 12 // at one order
	mostEpochs   = 40 // of one write to the directory
	batchParts   = 20
)

// own finds out whose the entries are. Partner Center's name the upgrade by their correlation id. Graph's have a request id
// alone: it is looked for among all that the tenant's upgrades can have made.
func (c *checker) own() {
	c.owners = map[string]owner{}
	objects, sought := map[string]map[string]bool{}, map[string]map[string]bool{} // users and groups, and request ids, by tenant
	for _, e := range c.Ledger {
		if e.ClientRequestID != "" && write(e) {
			if objects[e.Tenant] == nil {
				objects[e.Tenant], sought[e.Tenant] = map[string]bool{}, map[string]bool{}
			}
			objects[e.Tenant][e.Object], sought[e.Tenant][e.ClientRequestID] = true, true
		}
	}
	for _, customer := range c.Customers {
		for user := range customer.After.Locations { // a batch's first may have nothing in the ledger
			if objects[customer.Tenant] != nil {
				objects[customer.Tenant][user] = true
			}
		}
	}
	for _, o := range c.Orders {
		for n := 1; n <= max(len(o.Attempts)+1, 2) && n <= mostAttempts; n++ {
			id := fmt.Sprintf("%s#%d", o.ID, n)
			c.owners[upgrade.UUID(id)] = owner{o.ID, id}
			for object := range objects[o.Tenant] {
				if len(sought[o.Tenant]) == 0 {
					break
				}
				c.candidates(owner{o.ID, id}, object, sought[o.Tenant])
			}
		}
	}
	for _, e := range c.Ledger {
		if o, ok := c.ownerOf(e); ok {
			c.byOrder[o.order] = append(c.byOrder[o.order], e)
		} else if write(e) && c.known(e.Tenant) {
			c.violation(10, "", e.Tenant, "a change that is no upgrade's", "an upgrade's request id", line(e))
		}
	}
}

// candidates are the ids of all requests that an upgrade can have made for a user or a group. A batch is named after its first
// user, and its parts after the batch.
func (c *checker) candidates(mine owner, object string, sought map[string]bool) {
	for _, step := range []string{"assign/", "restore/", "location/", "location-back/", "group/", "group-back/"} {
		for epoch := range mostEpochs {
			request := upgrade.WriteIDOf(mine.upgrade, step+object, epoch).Request
			c.find(mine, request, sought)
			if step == "location/" || step == "location-back/" {
				continue // no batch
			}
			for part := 1; part <= batchParts; part++ {
				c.find(mine, upgrade.UUID(request, strconv.Itoa(part)), sought)
			}
		}
	}
}

func (c *checker) find(mine owner, id string, sought map[string]bool) {
	if sought[id] {
		c.owners[id] = mine
		delete(sought, id)
	}
}

func (c *checker) known(tenant string) bool {
	for _, customer := range c.Customers {
		if customer.Tenant == tenant {
			return true
		}
	}
	return false
}

func (c *checker) ownerOf(e cloud.Entry) (owner, bool) {
	for _, id := range []string{e.CorrelationID, e.ClientRequestID} {
		if o, ok := c.owners[id]; ok && id != "" {
			return o, true
		}
	}
	return owner{}, false
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
