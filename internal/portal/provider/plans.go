package provider

import (
	"uplift/catalog"
	"uplift/upgrade"
)

// planRow is a plan of the provider.
type planRow struct {
	catalog.Plan
	Licence string
	Bundled []string
}

func (p *provider) rowOf(plan catalog.Plan) planRow {
	row := planRow{Plan: plan, Licence: string(plan.Licence)}
	if o, ok := p.Catalog.Offer(plan.Licence); ok {
		row.Licence = o.Name
	}
	for _, id := range plan.Bundled {
		name := string(id)
		if o, ok := p.Catalog.Offer(id); ok {
			name = o.Name
		}
		row.Bundled = append(row.Bundled, name)
	}
	return row
}

// plans lists what the provider sells.
func (p *provider) plans(*request) (answer, error) {
	var rows []planRow
	for _, plan := range p.Catalog.Plans() {
		rows = append(rows, p.rowOf(plan))
	}
	return answer{template: "plans", title: "Plans", section: "/plans", data: rows}, nil
}

// planSubscriptions is one plan with the subscriptions that are on it, or fit it.
type planSubscriptions struct {
	Plan planRow
	Rows []planLine
	Next string
}

type planLine struct {
	Tenant, Customer string
	upgrade.InventoryLine
	Recorded bool
}

// plan lists a plan's subscriptions.
func (p *provider) plan(q *request) (answer, error) {
	id := q.PathValue("id")
	plan, ok := p.Catalog.Plan(catalog.PlanID(id))
	if !ok {
		return answer{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_plan", Message: "there is no such plan"}
	}
	rows, next, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Plan: id}, q.URL.Query().Get("cursor"), pageSize)
	if err != nil {
		return answer{}, err
	}
	data := planSubscriptions{Plan: p.rowOf(plan), Next: nextPage(q.URL, next)}
	data.Rows = linesOn(rows, id)
	return answer{template: "plan", title: plan.Name, section: "/plans", data: data}, nil
}
