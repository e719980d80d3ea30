package upgrade

import "time"

// ManagementPlan is a plan of the kind "customer management": who subscribes to it may upgrade its own customers. It is made
// on the template of the plans that the provider resells, costs nothing and contains nothing; anything else is refused.
type ManagementPlan struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Template  string    `json:"template"` // ResaleTemplate
	Prices    []Price   `json:"prices"`   // all of them zero
	Resources []string  `json:"resources"`
	MadeBy    string    `json:"madeBy,omitempty"`
	MadeAt    time.Time `json:"madeAt"`
}

// ResaleTemplate is the template of the plans that the provider resells.
const ResaleTemplate = "resale"

// Reseller is a company that looks after customers of its own.
type Reseller struct {
	ID        string `json:"id"` // as the identity provider's claim says it
	Name      string `json:"name"`
	Customers int    `json:"customers"`
	// Entitlement is the latest subscription to a management plan; nil: there never was one.
	Entitlement *Entitlement `json:"entitlement,omitempty"`
}

// Entitled tells whether the reseller may upgrade its customers at a moment.
func (r Reseller) Entitled(at time.Time) bool {
	e := r.Entitlement
	return e != nil && !at.Before(e.From) && (e.Until == nil || at.Before(*e.Until))
}

// Entitlement is a reseller's subscription to a management plan.
type Entitlement struct {
	Plan    string       `json:"plan"` // a ManagementPlan's id
	Form    ResellerForm `json:"form"`
	From    time.Time    `json:"from"`
	Until   *time.Time   `json:"until,omitempty"` // nil: it goes on
	By      string       `json:"by,omitempty"`    // who subscribed the reseller
	EndedBy string       `json:"endedBy,omitempty"`
}

// ResellerForm is the classic form. It is stored, and nothing is provisioned by it.
type ResellerForm struct {
	Account   string `json:"account"`   // a new Microsoft account's user name
	Subdomain string `json:"subdomain"` // of onmicrosoft.com
}
