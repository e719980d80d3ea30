package upgrade

import "time"

// InventoryRow is a customer as the last inventory found it at Partner Center. The inventory is a copy for looking and
// choosing; what decides anything is read anew.
type InventoryRow struct {
	Tenant        string          `json:"tenant"`
	Name          string          `json:"name"`
	Domain        string          `json:"domain,omitempty"`
	Reseller      string          `json:"reseller,omitempty"` // whose customer it is, by the register
	Subscriptions []InventoryLine `json:"subscriptions"`
	SeenAt        time.Time       `json:"seenAt"`
}

// InventoryLine is one subscription of a customer.
type InventoryLine struct {
	Subscription string    `json:"subscription"`
	Name         string    `json:"name"`
	ProductSKU   string    `json:"productSku,omitempty"` // empty for a traditional one
	Offer        string    `json:"offer,omitempty"`      // of the catalogue; empty: none fits
	Seats        int       `json:"seats"`
	Used         int       `json:"used"` // seats that users have; -1: not known
	Status       string    `json:"status"`
	TermEnds     time.Time `json:"termEnds,omitzero"`
	Plan         string    `json:"plan,omitempty"` // the recorded plan
	// Inferred are the plans that the subscription fits while none is recorded.
	Inferred []string `json:"inferred,omitempty"`
}

// Free is how many seats nobody has; where that is not known, none.
func (l InventoryLine) Free() int {
	if l.Used < 0 {
		return 0
	}
	return max(l.Seats-l.Used, 0)
}

// InventoryFilter narrows the inventory; its zero value lets everything through.
type InventoryFilter struct {
	Search   string   // part of the name, the domain or the tenant, in any case
	Tenants  []string // only these; nil: everybody, empty: nobody
	Reseller string
	Plan     string // customers with a subscription that is recorded on this plan, or fits it
	Offer    string
}

// CustomerView is one customer as Microsoft and the register say it now.
type CustomerView struct {
	Customer Customer     `json:"customer"`
	Row      InventoryRow `json:"row"`
	// Problems are what could not be read, and why.
	Problems Problems `json:"problems,omitempty"`
}

// Inventory is how an inventory went.
type Inventory struct {
	Customers int       `json:"customers"`
	Failed    int       `json:"failed"` // customers whose subscriptions could not be read; what was known of them stays
	BeganAt   time.Time `json:"beganAt,omitzero"`
	EndedAt   time.Time `json:"endedAt,omitzero"` // zero: under way
	// Problem is why it broke off before it had seen everybody; what was known of the rest stays. nil: it did not.
	Problem *Problem `json:"problem,omitempty"`
}

// InventoryWorkflowID is the id of the one inventory that is taken at a time.
const InventoryWorkflowID = "inventory"

// InventoryStart is what an inventory begins with; its zero value begins anew. A run that hands over to the next one, so that
// no history grows without bounds, says how far it is.
type InventoryStart struct {
	Cursor string    `json:"cursor,omitempty"` // Partner Center's, of the next page
	Taken  Inventory `json:"taken,omitzero"`
}

// CustomerAsked names the customer that somebody wants to look at.
type CustomerAsked struct {
	Tenant string `json:"tenant"`
}
