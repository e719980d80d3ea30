package provider

import (
	"context"
	"sync"
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// upgradesPage is the list of upgrades: those that Temporal knows, or those that ended, which the register knows for longer.
type upgradesPage struct {
	Show      string // "", "operator" or "ended"
	Filter    upgrade.ListFilter
	Search    string
	End       upgrade.End
	Rows      []upgrade.ListRow
	Past      []upgrade.Recorded
	Names     map[string]string // customers' names by tenant
	Offers    map[string]string
	All       []catalog.Offer
	Stages    []upgrade.Stage
	Ends      []upgrade.End
	Now       time.Time
	Next      string
	Narrowed  bool
	CanDecide bool
}

// endsOfOrders are the ends by which the list can be narrowed.
func endsOfOrders() []upgrade.End {
	return []upgrade.End{
		upgrade.Completed, upgrade.CompletedWithResidue, upgrade.CompletedWithExceptions, upgrade.Declined, upgrade.Expired,
		upgrade.Cancelled, upgrade.Ineligible, upgrade.FailedUndone, upgrade.Abandoned,
	}
}

// upgrades lists upgrades.
func (p *provider) upgrades(q *request) (answer, error) {
	values := q.URL.Query()
	data := upgradesPage{
		Show:   values.Get("show"),
		Filter: upgrade.ListFilter{Stage: upgrade.Stage(values.Get("stage")), Offer: values.Get("offer"), Tenant: values.Get("tenant"), Open: true},
		Search: values.Get("q"), End: upgrade.End(values.Get("end")), All: p.Catalog.Offers(), Stages: upgrade.Stages(), Ends: endsOfOrders(), Now: p.Now(),
		Offers: map[string]string{}, Names: map[string]string{},
	}
	data.Stages = append(data.Stages[:len(data.Stages)-1], upgrade.Undoing) // what has ended is on a list of its own
	data.Filter.NeedsOperator = data.Show == "operator"
	for _, offer := range data.All {
		data.Offers[string(offer.ID)] = offer.Name
	}
	data.Narrowed = data.Filter.Stage != "" || data.Filter.Offer != "" || data.Filter.Tenant != "" || data.Search != "" || data.End != ""
	var next string
	var err error
	if data.Show == "ended" {
		data.Past, next, err = p.Desk.Recorded(q.Context(), q.who, upgrade.RecordedFilter{
			Ended: true, End: data.End, Search: data.Search, Tenant: data.Filter.Tenant}, values.Get("cursor"), pageSize)
	} else {
		if err := p.narrow(q, &data.Filter, data.Search); err != nil {
			return answer{}, err
		}
		data.Rows, next, err = p.Desk.List(q.Context(), q.who, data.Filter, values.Get("cursor"), pageSize)
	}
	if err != nil {
		return answer{}, err
	}
	if err := p.name(q, data.Rows, data.Names); err != nil {
		return answer{}, err
	}
	data.Next = nextPage(q.URL, next)
	return answer{template: "upgrades", title: "Upgrades", section: "/upgrades", data: data}, nil
}

// customersNamed is how many customers a search among running upgrades may mean.
const customersNamed = 50

// narrow takes what was searched for as part of customers' names, or, where none is called so, as an order.
func (p *provider) narrow(q *request, f *upgrade.ListFilter, search string) error {
	if search == "" {
		return nil
	}
	found, _, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Search: search}, "", customersNamed)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		f.Order = search
		return nil
	}
	f.Tenants = []string{}
	for _, row := range found {
		f.Tenants = append(f.Tenants, row.Tenant)
	}
	return nil
}

// name finds the names of the customers of a page of rows: search attributes carry none, since they stand in plain text.
func (p *provider) name(q *request, rows []upgrade.ListRow, names map[string]string) error {
	var tenants []string
	for _, r := range rows {
		if _, known := names[r.Tenant]; !known && r.Tenant != "" {
			names[r.Tenant] = ""
			tenants = append(tenants, r.Tenant)
		}
	}
	if len(tenants) == 0 {
		return nil
	}
	found, _, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Tenants: tenants}, "", len(tenants))
	for _, row := range found {
		names[row.Tenant] = row.Name
	}
	return err
}

// invitationRow is an upgrade that waits for its customer's administrator.
type invitationRow struct {
	upgrade.ListRow
	Status  upgrade.Status
	Problem bool // its status could not be had
}

// invitationsPage lists them.
type invitationsPage struct {
	Rows       []invitationRow
	Confirming []invitationRow // what waits for an operator to confirm the seats
	Now        time.Time
	Next       string
}

// invitations lists what waits for an administrator, and what waits for a confirmation after the consent.
func (p *provider) invitations(q *request) (answer, error) {
	data := invitationsPage{Now: p.Now()}
	rows, next, err := p.Desk.List(q.Context(), q.who, upgrade.ListFilter{Stage: upgrade.Invited, Open: true}, q.URL.Query().Get("cursor"), invitationsAtOnce)
	if err != nil {
		return answer{}, err
	}
	confirming, _, err := p.Desk.List(q.Context(), q.who, upgrade.ListFilter{Stage: upgrade.Confirming, Open: true}, "", invitationsAtOnce)
	if err != nil {
		return answer{}, err
	}
	data.Rows, data.Confirming = p.asked(q, rows, upgrade.Invited), p.asked(q, confirming, upgrade.Confirming)
	data.Next = nextPage(q.URL, next)
	return answer{template: "invitations", title: "Pending invitations", section: "/invitations", data: data}, nil
}

// Bounds of one page: each upgrade on it is asked for its status, a few at a time.
const (
	invitationsAtOnce = 25
	askedAtOnce       = 5
	askFor            = 5 * time.Second
)

// asked asks each upgrade how it stands, and leaves out what has gone on meanwhile.
func (p *provider) asked(q *request, rows []upgrade.ListRow, stage upgrade.Stage) []invitationRow {
	out := make([]invitationRow, len(rows))
	slots := make(chan struct{}, askedAtOnce)
	var all sync.WaitGroup
	for i, row := range rows {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(q.Context(), askFor)
			defer cancel()
			s, err := p.Desk.Status(ctx, q.who, row.WorkflowID)
			out[i] = invitationRow{ListRow: row, Status: s, Problem: err != nil}
		})
	}
	all.Wait()
	kept := out[:0]
	for _, r := range out {
		if r.Problem || r.Status.Stage == stage {
			kept = append(kept, r)
		}
	}
	return kept
}
