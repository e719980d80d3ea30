package provider

import (
	"html/template"

	"uplift/catalog"
	"uplift/upgrade"
)

// customersToChoose is the first step: the list of customers.
type customersToChoose struct {
	ID     string // of the draft; empty: there is none yet
	Steps  []step
	Search string
	Rows   []upgrade.InventoryRow
	Next   string
	Action string // where the choice is sent
}

// newOrder is the first step of a new order.
func (p *provider) newOrder(q *request) (answer, error) {
	return p.choose(q, "", stepsOf("", "customer", draft{})[:1], "/new")
}

// chooseCustomer is the first step again.
func (p *provider) chooseCustomer(q *request) (answer, error) {
	id, d, err := p.load(q)
	if err != nil {
		return answer{}, err
	}
	return p.choose(q, id, stepsOf(id, "customer", d), "/new/"+id+"/customer")
}

func (p *provider) choose(q *request, id string, steps []step, action string) (answer, error) {
	if id == "" {
		steps[0].Path = ""
		for _, s := range wizardSteps {
			steps = append(steps, step{Name: s.name})
		}
	}
	values := q.URL.Query()
	data := customersToChoose{ID: id, Steps: steps, Search: values.Get("q"), Action: action}
	rows, next, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Search: data.Search}, values.Get("cursor"), pageSize)
	if err != nil {
		return answer{}, err
	}
	data.Rows, data.Next = rows, nextPage(q.URL, next)
	return answer{template: "new_customer", title: "Upgrade a customer", section: "/upgrades", data: data}, nil
}

// beginOrder takes the customer of a new order.
func (p *provider) beginOrder(q *request) (answer, error) {
	view, err := p.Desk.Customer(q.Context(), q.who, q.text("tenant"))
	if err != nil {
		return answer{}, err
	}
	return p.begin(q, view.Row.Tenant, nameOf(view))
}

// takeCustomer takes another customer for an order that is being written. What was chosen for the one before is asked anew,
// but stands as it was typed.
func (p *provider) takeCustomer(q *request) (answer, error) {
	id, d, err := p.load(q)
	if err != nil {
		return answer{}, err
	}
	view, err := p.Desk.Customer(q.Context(), q.who, q.text("tenant"))
	if err != nil {
		return answer{}, err
	}
	if d.Order.Tenant != view.Row.Tenant {
		d.Order.Tenant, d.Customer, d.Order.Administrator, d.Taken = view.Row.Tenant, nameOf(view), nil, nil
	}
	if err := p.save(q, id, d); err != nil {
		return answer{}, err
	}
	return seeOther("/new/" + id + "/consent"), nil
}

func nameOf(v upgrade.CustomerView) string {
	return or(v.Customer.Name, or(v.Row.Name, v.Row.Tenant))
}

func (p *provider) consentStep(q *request) (answer, error) { return p.stepPage(q, "consent", nil) }

func (p *provider) takeConsent(q *request) (answer, error) { return p.take(q, "consent", readConsent) }

// offered is what the target's step can choose from.
type offered struct {
	Plans  []catalog.Plan
	Offers []catalog.Offer
	Totals []upgrade.Total // with rows to fill in
	View   upgrade.CustomerView
}

// spareTotals is how many empty rows the form has for totals.
const spareTotals = 3

// targetStep shows what the customer holds now beside what can be ordered.
func (p *provider) targetStep(q *request) (answer, error) {
	return p.stepPage(q, "target", func(d draft) (any, error) {
		o := offered{Plans: p.Catalog.Plans(), Offers: p.Catalog.Offers()}
		var err error
		if o.View, err = p.Desk.Customer(q.Context(), q.who, d.Order.Tenant); err != nil {
			return nil, err
		}
		o.Totals = append(o.Totals, d.Order.Target.Totals...)
		if len(o.Totals) == 0 && d.Order.Target.Plan == "" {
			for _, line := range o.View.Row.Subscriptions {
				if line.Offer != "" && line.Status == "active" {
					o.Totals = append(o.Totals, upgrade.Total{Offer: line.Offer, Seats: line.Seats})
				}
			}
		}
		for range spareTotals {
			o.Totals = append(o.Totals, upgrade.Total{Seats: -1})
		}
		return o, nil
	})
}

func (p *provider) takeTarget(q *request) (answer, error) { return p.take(q, "target", readTarget) }

func (p *provider) licencesStep(q *request) (answer, error) { return p.stepPage(q, "licences", nil) }

func (p *provider) takeLicences(q *request) (answer, error) {
	return p.take(q, "licences", p.readLicences)
}

// planShown is the last step's.
type planShown struct {
	Plan     upgrade.Plan
	Document template.HTML
}
