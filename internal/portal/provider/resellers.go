package provider

import (
	"time"

	"uplift/upgrade"
)

// resellersPage shows resellers, what they may do, and the plans that let them.
type resellersPage struct {
	Rows  []resellerRow
	Plans []upgrade.ManagementPlan
	Now   time.Time
}

type resellerRow struct {
	upgrade.Reseller
	Entitled bool
}

func (p *provider) resellers(q *request) (answer, error) {
	data := resellersPage{Now: p.Now()}
	rows, err := p.Desk.Resellers(q.Context(), q.who)
	if err != nil {
		return answer{}, err
	}
	for _, r := range rows {
		data.Rows = append(data.Rows, resellerRow{Reseller: r, Entitled: r.Entitled(data.Now)})
	}
	if q.who.Has(house...) {
		if data.Plans, err = p.Desk.ManagementPlans(q.Context(), q.who); err != nil {
			return answer{}, err
		}
	}
	return answer{template: "resellers", title: "Resellers", section: "/resellers", data: data}, nil
}

func (p *provider) addReseller(q *request) (answer, error) {
	if err := p.Desk.AddReseller(q.Context(), q.who, q.text("id"), q.text("name")); err != nil {
		return answer{}, err
	}
	return saying("/resellers", "The reseller is kept. Its customers are chosen on each customer's page."), nil
}

// subscribe takes the classic form: it is stored, and nothing is provisioned.
func (p *provider) subscribe(q *request) (answer, error) {
	form := upgrade.ResellerForm{Account: q.text("account"), Subdomain: q.text("subdomain")}
	if err := p.Desk.Subscribe(q.Context(), q.who, q.PathValue("id"), q.text("plan"), form); err != nil {
		return answer{to: "/resellers", said: saidOf(err)}, nil
	}
	return saying("/resellers", "The reseller is subscribed, and may upgrade its customers from now on."), nil
}

func (p *provider) endSubscription(q *request) (answer, error) {
	if err := p.Desk.EndSubscription(q.Context(), q.who, q.PathValue("id")); err != nil {
		return answer{to: "/resellers", said: saidOf(err)}, nil
	}
	return saying("/resellers", "The subscription is ended. The reseller may look, and start nothing; what has begun goes on."), nil
}

// makeManagementPlan makes a plan of the kind "customer management". What its rules forbid is refused by them: the form lets a
// price and a resource be written, since a person who tries must read why not.
func (p *provider) makeManagementPlan(q *request) (answer, error) {
	plan := upgrade.ManagementPlan{ID: q.text("id"), Name: q.text("name"), Template: q.text("template")}
	for _, field := range []string{"setup", "recurring"} {
		if price := q.text(field); price != "" && price != "0" && price != "0.00" {
			plan.Prices = append(plan.Prices, upgrade.Price{Offer: field, Minor: 1})
		} else {
			plan.Prices = append(plan.Prices, upgrade.Price{Offer: field})
		}
	}
	if r := q.text("resources"); r != "" {
		plan.Resources = []string{r}
	}
	if err := p.Desk.MakeManagementPlan(q.Context(), q.who, plan); err != nil {
		return answer{to: "/resellers", said: saidOf(err)}, nil
	}
	return saying("/resellers", "The plan is made. Resellers can be subscribed to it."), nil
}
