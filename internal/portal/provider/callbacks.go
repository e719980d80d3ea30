package provider

import "uplift/upgrade"

// failedAtOnce is how many callbacks the page shows.
const failedAtOnce = 200

// callbacks lists what billing was not told.
func (p *provider) callbacks(q *request) (answer, error) {
	rows, err := p.Desk.FailedCallbacks(q.Context(), q.who, failedAtOnce)
	return answer{template: "callbacks", title: "Callbacks", section: "/callbacks", data: deliveries(rows)}, err
}

// deliveries are callbacks with the orders that they are about.
func deliveries(rows []upgrade.Delivery) []deliveryRow {
	var out []deliveryRow
	for _, d := range rows {
		out = append(out, deliveryRow{Delivery: d, Order: upgrade.OrderOf(d.Upgrade)})
	}
	return out
}

type deliveryRow struct {
	upgrade.Delivery
	Order string
}
