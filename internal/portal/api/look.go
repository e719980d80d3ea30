package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// Catalog is what can be ordered.
type Catalog struct {
	Offers []CatalogOffer `json:"offers" nullable:"false" doc:"Microsoft's products."`
	Plans  []CatalogPlan  `json:"plans" nullable:"false" doc:"What the provider sells."`
}

// CatalogOffer is a Microsoft product.
type CatalogOffer struct {
	ID         string   `json:"id" doc:"What an order names it by."`
	Name       string   `json:"name"`
	ProductSKU string   `json:"productSku,omitempty" doc:"Partner Center's product:sku."`
	SKU        string   `json:"sku,omitempty" doc:"The licence's id in the customer's tenant."`
	MinSeats   int      `json:"minSeats,omitempty" doc:"Left out: none."`
	MaxSeats   int      `json:"maxSeats,omitempty" doc:"Left out: none."`
	Markets    []string `json:"markets,omitempty" doc:"Countries in which it is sold; left out: everywhere."`
}

// CatalogPlan is what the provider sells.
type CatalogPlan struct {
	ID      string   `json:"id" doc:"What an order names it by."`
	Name    string   `json:"name"`
	Licence string   `json:"licence" doc:"The offer whose seats an order states."`
	Bundled []string `json:"bundled,omitempty" doc:"Offers that follow the licence's seats."`
	Markets []string `json:"markets,omitempty" doc:"Countries in which it is sold; left out: everywhere."`
}

type usersInput struct {
	PathID
	After string `query:"after" maxLength:"200" doc:"The last user of the page before, by object id: next of that page."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many at most."`
}

// usersPage is a page of the per-user report.
type usersPage struct {
	Items []upgrade.UserReport `json:"items" nullable:"false"`
	Next  string               `json:"next,omitempty" doc:"Give it as after for the next page; left out on the last."`
}

// deliveries are the callbacks of an upgrade.
type deliveries struct {
	Items []upgrade.Delivery `json:"items" nullable:"false" doc:"By number and destination."`
}

type replayInput struct {
	PathID
	Body *replayBody
}

// replayBody says which callbacks to send again.
type replayBody struct {
	Sequence int `json:"sequence,omitempty" minimum:"0" doc:"The number of one callback. Left out: all that were not delivered."`
}

type customersInput struct {
	PageInput
	Search   string `query:"search" maxLength:"200" doc:"A part of the name, the domain or the tenant id."`
	Reseller string `query:"reseller" doc:"Only this reseller's customers."`
	Plan     string `query:"plan" doc:"Only those with a subscription on this plan, recorded or inferred."`
	Offer    string `query:"offer" doc:"Only those with a subscription of this offer."`
}

// customersPage is a page of customers.
type customersPage struct {
	Items []upgrade.InventoryRow `json:"items" nullable:"false" doc:"By name, as the last inventory found them."`
	Next  string                 `json:"next,omitempty" doc:"The cursor of the next page; left out on the last."`
	Taken upgrade.Inventory      `json:"taken" doc:"The inventory that this is from."`
}

type nothing struct{}

func (s *server) looking() {
	get := func(name, path, tag, summary, words string) huma.Operation {
		return huma.Operation{OperationID: name, Method: http.MethodGet, Path: path, Tags: []string{tag}, Summary: summary, Description: words}
	}
	add(s, get("getPlan", steerPath+"plan", "Orders", "The plan document of an upgrade", "What it will do or has done, as it was last made."),
		readers, func(ctx context.Context, who access.Who, in *PathID) (*body[upgrade.Plan], error) {
			return answer(s.Desk.Plan(ctx, who, in.ID))
		})
	add(s, get("getUsers", steerPath+"users", "Orders", "What became of each user", "In the order of the users' object ids."), readers, s.users)
	add(s, get("getCallbacks", steerPath+"callbacks", "Callbacks", "What was told of an upgrade", "Each callback to each destination, and how far it is."),
		readers, func(ctx context.Context, who access.Who, in *PathID) (*body[deliveries], error) {
			d, err := s.Desk.Dossier(ctx, who, in.ID)
			if d.Deliveries == nil {
				d.Deliveries = []upgrade.Delivery{}
			}
			return answer(deliveries{d.Deliveries}, err)
		})
	add(s, huma.Operation{OperationID: "replayCallbacks", Method: http.MethodPost, Path: steerPath + "callbacks/replay", Tags: []string{"Callbacks"}, DefaultStatus: http.StatusAccepted,
		Summary: "Send callbacks again", Description: "The receiver knows a repeat by its webhook-id. How it went, the callbacks of the upgrade say."},
		senders, func(ctx context.Context, who access.Who, in *replayInput) (*nothing, error) {
			sequence := 0
			if in.Body != nil {
				sequence = in.Body.Sequence
			}
			return &nothing{}, s.Desk.ReplayCallbacks(ctx, who, in.ID, sequence)
		})
	add(s, get("getCatalog", "/v1/catalog", "Looking up", "Offers and plans", "What an order may name."),
		readers, func(context.Context, access.Who, *nothing) (*body[Catalog], error) { return answer(s.Catalog, nil) })
	add(s, get("listCustomers", "/v1/customers", "Looking up", "List customers", "As the last inventory found them at Partner Center: a copy for choosing. What decides anything is read anew."),
		readers, func(ctx context.Context, who access.Who, in *customersInput) (*body[customersPage], error) {
			rows, next, err := s.Desk.Customers(ctx, who, upgrade.InventoryFilter{Search: in.Search, Reseller: in.Reseller, Plan: in.Plan, Offer: in.Offer}, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			if rows == nil {
				rows = []upgrade.InventoryRow{}
			}
			taken, err := s.Desk.LastInventory(ctx)
			if upgrade.KindOf(err) == upgrade.NotFound {
				err = nil
			}
			return answer(customersPage{rows, next, taken}, err)
		})
	add(s, get("getCustomer", "/v1/customers/{tenant}", "Looking up", "One customer, as Microsoft says it now", "It reads at Microsoft and may take some seconds."),
		readers, func(ctx context.Context, who access.Who, in *struct {
			Tenant string `path:"tenant" format:"uuid" doc:"The customer's tenant id."`
		}) (*body[upgrade.CustomerView], error) {
			return answer(s.Desk.Customer(ctx, who, in.Tenant))
		})
}

func (s *server) users(ctx context.Context, who access.Who, in *usersInput) (*body[usersPage], error) {
	rows, err := s.Desk.Users(ctx, who, in.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	page := usersPage{Items: rows}
	if rows == nil {
		page.Items = []upgrade.UserReport{}
	}
	if len(rows) == in.Limit {
		page.Next = rows[len(rows)-1].User
	}
	return answer(page, nil)
}
