package provider

import (
	"net/url"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

const pageSize = 50

// customersPage is the list of customers.
type customersPage struct {
	Rows      []upgrade.InventoryRow
	Resellers []upgrade.Reseller
	Plans     []catalog.Plan
	Filter    upgrade.InventoryFilter
	Taken     upgrade.Inventory
	Now       time.Time
	Next      string
}

// PlanName is the name of a plan, or its id where the catalogue knows it no longer.
func (c customersPage) PlanName(id string) string {
	for _, plan := range c.Plans {
		if string(plan.ID) == id {
			return plan.Name
		}
	}
	return id
}

// ResellerName is the same of a reseller.
func (c customersPage) ResellerName(id string) string {
	for _, r := range c.Resellers {
		if r.ID == id {
			return r.Name
		}
	}
	return id
}

// customers lists customers as the last inventory found them.
func (p *provider) customers(q *request) (answer, error) {
	values := q.URL.Query()
	data := customersPage{
		Filter: upgrade.InventoryFilter{Search: values.Get("q"), Reseller: values.Get("reseller"), Plan: values.Get("plan")},
		Plans:  p.Catalog.Plans(), Now: p.Now(),
	}
	var err error
	var next string
	if data.Rows, next, err = p.Desk.Customers(q.Context(), q.who, data.Filter, values.Get("cursor"), pageSize); err != nil {
		return answer{}, err
	}
	if data.Resellers, err = p.Desk.Resellers(q.Context(), q.who); err != nil {
		return answer{}, err
	}
	if data.Taken, err = p.Desk.LastInventory(q.Context()); err != nil {
		return answer{}, err
	}
	data.Next = nextPage(q.URL, next)
	return answer{template: "customers", title: "Customers", section: "/customers", data: data}, nil
}

// nextPage is the same address with the cursor of the next page; empty where there is none.
func nextPage(here *url.URL, cursor string) string {
	if cursor == "" {
		return ""
	}
	values := here.Query()
	values.Set("cursor", cursor)
	return here.Path + "?" + values.Encode()
}

func (p *provider) refreshCustomers(q *request) (answer, error) {
	if err := p.Desk.TakeInventory(q.Context(), q.who); err != nil {
		return answer{}, err
	}
	return saying("/customers", "All customers are being read from Partner Center. The list shows them as they come."), nil
}

// customerPage is one customer.
type customerPage struct {
	View      upgrade.CustomerView
	Resellers []upgrade.Reseller
	Plans     map[string]string // names by id
	Offers    map[string]string
	Running   []upgrade.ListRow
	Past      []upgrade.Recorded
	Now       time.Time
}

// customer shows one customer as Microsoft says it now, and its upgrades.
func (p *provider) customer(q *request) (answer, error) {
	tenant := q.PathValue("tenant")
	data := customerPage{Plans: map[string]string{}, Offers: map[string]string{}, Now: p.Now()}
	var err error
	if data.View, err = p.Desk.Customer(q.Context(), q.who, tenant); err != nil {
		return answer{}, err
	}
	if data.Resellers, err = p.Desk.Resellers(q.Context(), q.who); err != nil {
		return answer{}, err
	}
	if data.Running, _, err = p.Desk.List(q.Context(), q.who, upgrade.ListFilter{Tenant: tenant, Open: true}, "", pageSize); err != nil {
		return answer{}, err
	}
	if data.Past, _, err = p.Desk.Recorded(q.Context(), q.who, upgrade.RecordedFilter{Tenant: tenant, Ended: true}, "", pageSize); err != nil {
		return answer{}, err
	}
	for _, one := range p.Catalog.Plans() {
		data.Plans[string(one.ID)] = one.Name
	}
	for _, one := range p.Catalog.Offers() {
		data.Offers[string(one.ID)] = one.Name
	}
	name := data.View.Customer.Name
	if name == "" {
		name = data.View.Row.Name
	}
	return answer{template: "customer", title: name, section: "/customers", data: data}, nil
}

func (p *provider) setReseller(q *request) (answer, error) {
	if err := p.Desk.SetReseller(q.Context(), q.who, q.PathValue("tenant"), q.text("reseller")); err != nil {
		return answer{}, err
	}
	words := "The customer is the provider's own."
	if q.text("reseller") != "" {
		words = "The reseller looks after this customer now."
	}
	return saying(back(q), words), nil
}

// setPlan takes a click on an inferred plan as the word that it is right.
func (p *provider) setPlan(q *request) (answer, error) {
	id := q.text("plan")
	plan, ok := p.Catalog.Plan(catalog.PlanID(id))
	if !ok {
		return answer{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "unknown_plan", Message: "there is no such plan; open the page again"}
	}
	if err := p.Desk.SetPlan(q.Context(), q.who, q.PathValue("tenant"), q.text("subscription"), id, string(plan.Licence)); err != nil {
		return answer{}, err
	}
	return saying(back(q), "The subscription is recorded on "+plan.Name+"."), nil
}
