package cloud

import (
	"slices"
	"strings"
	"time"
)

// Address is a company's postal address.
type Address struct {
	Line1, City, State, PostalCode, Country, Phone string
}

// TenantSpec describes a tenant to add. Empty ids are drawn from the dice.
type TenantSpec struct {
	ID, Domain, Company string
	Country             string // ISO 3166-1 alpha-2; GB when empty
	Address             Address
	// OrganizationRegistration is demanded at purchase in some countries.
	OrganizationRegistration string
	// NoAgreement leaves the Microsoft Customer Agreement unaccepted (13605).
	NoAgreement bool
	// NoRelationship makes the partner a stranger to the tenant (20002).
	NoRelationship bool
	// NoTransferRights withholds the delegated role that a licence transfer needs.
	NoTransferRights bool
	// NoDelegation leaves the reseller's relationship without any granular delegated administration.
	NoDelegation bool
	// Locked marks the customer's account as locked for transactions (900416).
	Locked bool
}

// Tenant is an Entra tenant and, for the partner's customers, a customer.
type Tenant struct {
	TenantSpec
	Created time.Time

	users     []*User
	named     map[string]*User // by object id and by principal name, in lower case
	held      map[string]int   // how many users hold a SKU; nil until it is asked for again
	groups    []*Group
	subs      []*Subscription
	directory []*CompanySubscription
	consents  []*consent
	moves     []*Transition
	carts     []*Cart
	orders    []*Order
}

// AddPartner adds the tenant of the Cloud Solution Provider itself. There is one.
func (c *Cloud) AddPartner(s TenantSpec) string {
	c.enter()
	defer c.leave()
	c.partner = c.addTenant(s)
	return c.partner.ID
}

// AddTenant adds a customer and returns its id.
func (c *Cloud) AddTenant(s TenantSpec) string {
	c.enter()
	defer c.leave()
	return c.addTenant(s).ID
}

func (c *Cloud) addTenant(s TenantSpec) *Tenant {
	if s.ID == "" {
		s.ID = c.newID()
	}
	if s.Country == "" {
		s.Country = "GB"
	}
	if s.Address.Country == "" {
		s.Address.Country = s.Country
	}
	t := &Tenant{TenantSpec: s, Created: c.at}
	c.tenants = append(c.tenants, t)
	return t
}

func (c *Cloud) tenant(idOrDomain string) *Tenant {
	for _, t := range c.tenants {
		if idOrDomain != "" && (strings.EqualFold(t.ID, idOrDomain) || strings.EqualFold(t.Domain, idOrDomain)) {
			return t
		}
	}
	return nil
}

// Tenant returns a tenant by id or domain.
func (c *Cloud) Tenant(idOrDomain string) (TenantSpec, bool) {
	c.enter()
	defer c.leave()
	if t := c.tenant(idOrDomain); t != nil {
		return t.TenantSpec, true
	}
	return TenantSpec{}, false
}

// Tenants returns every tenant, the partner's too.
func (c *Cloud) Tenants() []TenantSpec {
	c.enter()
	defer c.leave()
	var out []TenantSpec
	for _, t := range c.tenants {
		out = append(out, t.TenantSpec)
	}
	return out
}

// Partner is the partner's tenant id, empty when there is none.
func (c *Cloud) Partner() string {
	c.enter()
	defer c.leave()
	if c.partner == nil {
		return ""
	}
	return c.partner.ID
}

// ChangeTenant edits a tenant in place, for tests: edit gets its present state.
func (c *Cloud) ChangeTenant(id string, edit func(*TenantSpec)) {
	c.enter()
	defer c.leave()
	if t := c.tenant(id); t != nil {
		edit(&t.TenantSpec)
	}
}

// AcceptAgreement records the Microsoft Customer Agreement; false when there is
// one already (600061).
func (c *Cloud) AcceptAgreement(id string, o Origin) bool {
	c.enter()
	defer c.leave()
	t := c.tenant(id)
	if t == nil || !t.NoAgreement {
		return false
	}
	t.NoAgreement = false
	c.record("agreement_accepted", id, id, false, true, o)
	return true
}

// customer finds a tenant that the partner may deal with.
func (c *Cloud) customer(id string) (*Tenant, *Refusal) {
	t := c.tenant(id)
	if t == nil || t == c.partner {
		return nil, refuse(404, "60003", "The tenant was not found.")
	}
	if t.NoRelationship {
		return nil, refuse(403, "20002", "There is no commerce relationship between the partner and the customer.")
	}
	return t, nil
}

// registrationCountries demand a registration number and a telephone number
// (Partner Center codes 600049–600051).
func registrationCountries() []string {
	return []string{"AM", "AZ", "BY", "HU", "IN", "KZ", "KG", "MD", "RU", "TJ", "UZ", "UA"}
}

// mayBuy is what Partner Center checks before every purchase.
func (t *Tenant) mayBuy() *Refusal {
	switch {
	case t.Locked:
		return refuse(403, "900416", "The customer account is locked for transactions.")
	case t.NoAgreement:
		return refuse(403, "13605", "The Microsoft Customer Agreement has not been confirmed for the customer.")
	case !slices.Contains(registrationCountries(), t.Country):
		return nil
	case t.OrganizationRegistration == "":
		return refuse(400, "600049", "The organization registration id is missing.")
	case t.Address.Phone == "":
		return refuse(400, "600051", "The phone number is missing.")
	}
	return nil
}
