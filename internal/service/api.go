package service

import (
	"log/slog"

	"uplift/catalog"
	"uplift/internal/config"
	"uplift/internal/portal/access"
	portalapi "uplift/internal/portal/api"
	"uplift/internal/portal/desk"
)

// apiRoutes are the routes of the HTTP API over a desk.
func apiRoutes(s *config.Settings, d *desk.Desk, offers *catalog.Catalog, log *slog.Logger, stop <-chan struct{}) []access.Route {
	return portalapi.Routes(portalapi.Options{Desk: d, Catalog: catalogOf(offers), PublicURL: s.PublicURL, Provider: s.ProviderName, Log: log, Stop: stop})
}

// catalogOf is what an order may name, as the API tells it.
func catalogOf(c *catalog.Catalog) portalapi.Catalog {
	out := portalapi.Catalog{Offers: []portalapi.CatalogOffer{}, Plans: []portalapi.CatalogPlan{}}
	for _, o := range c.Offers() {
		out.Offers = append(out.Offers, portalapi.CatalogOffer{ID: string(o.ID), Name: o.Name, ProductSKU: o.ProductSKU, SKU: o.SKUID, MinSeats: o.MinSeats, MaxSeats: o.MaxSeats, Markets: o.Markets})
	}
	for _, p := range c.Plans() {
		plan := portalapi.CatalogPlan{ID: string(p.ID), Name: p.Name, Licence: string(p.Licence), Markets: p.Markets}
		for _, b := range p.Bundled {
			plan.Bundled = append(plan.Bundled, string(b))
		}
		out.Plans = append(out.Plans, plan)
	}
	return out
}
