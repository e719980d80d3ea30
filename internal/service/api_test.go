package service

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"uplift/catalog"
	"uplift/internal/config"
	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
)

// The API tells the catalogue that the worker reads.
func TestAPITellsTheCatalogue(t *testing.T) {
	for _, r := range apiRoutes(&config.Settings{PublicURL: "https://upgrades.example.com"}, &desk.Desk{}, catalog.Load(), slog.New(slog.DiscardHandler), nil) {
		if r.Pattern != "GET /v1/catalog" {
			continue
		}
		w := httptest.NewRecorder()
		q := httptest.NewRequest("GET", "/v1/catalog", nil)
		r.Handler.ServeHTTP(w, q.WithContext(access.With(q.Context(), access.Who{Roles: []access.Role{access.Billing}})))
		for _, want := range []string{`"id":"business-premium"`, `"id":"hosted-pro"`, `"licence":"business-premium"`} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("it does not tell %s", want)
			}
		}
		return
	}
	t.Error("there is no such route")
}
