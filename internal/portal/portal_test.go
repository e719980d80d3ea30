package portal_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"uplift/internal/portal"
	"uplift/internal/portal/access"
)

func ask(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func TestHealth(t *testing.T) {
	away := portal.New(portal.Options{Ready: func(context.Context) error { return errors.New("10.0.0.7 is away") }})
	if rec := ask(away, http.MethodGet, "/healthz"); rec.Code != 200 || rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("healthz: %d", rec.Code)
	}
	if rec := ask(away, http.MethodGet, "/readyz"); rec.Code != 503 || strings.Contains(rec.Body.String(), "10.0.0.7") {
		t.Errorf("readyz: %d %s", rec.Code, rec.Body)
	}
	if rec := ask(portal.New(portal.Options{}), http.MethodGet, "/readyz"); rec.Code != 200 {
		t.Errorf("readyz: %d", rec.Code)
	}
}

func TestCodecIsMountedAndLeftToGuardItself(t *testing.T) {
	var got string
	h := portal.New(portal.Options{Codec: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Path })})
	rec := ask(h, http.MethodPost, "/codec/decode", "Origin", "http://127.0.0.1:8233", "Sec-Fetch-Site", "cross-site")
	if rec.Code != 200 || got != "/decode" {
		t.Errorf("%d %s", rec.Code, got)
	}
	if rec := ask(portal.New(portal.Options{}), http.MethodPost, "/codec/decode"); rec.Code != 404 {
		t.Errorf("without a codec: %d", rec.Code)
	}
}

func TestSharedAssets(t *testing.T) {
	h := portal.New(portal.Options{})
	for name, kind := range map[string]string{"page.css": "text/css", "icon.svg": "image/svg"} {
		if rec := ask(h, http.MethodGet, "/assets/"+name); rec.Code != 200 || !strings.Contains(rec.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Header().Get("Content-Type"))
		}
	}
}

// TestClosedByDefault: what nobody gave a rule for is open to nobody, and what has no route is not there.
func TestClosedByDefault(t *testing.T) {
	reached := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") })
	h := portal.New(portal.Options{Pages: []access.Route{
		{Pattern: "GET /no-rule", Handler: reached},
		{Pattern: "GET /no-role", Rule: access.Rule{Door: access.Pages}, Handler: reached},
		{Pattern: "GET /no-guard", Rule: access.Rule{Door: access.Pages, Roles: access.Roles()}, Handler: reached},
		{Pattern: "GET /no-door", Rule: access.Rule{Door: "window", Roles: access.Roles()}, Handler: reached},
	}, API: []access.Route{{Pattern: "GET /v1/no-guard", Rule: access.Rule{Door: access.API, Roles: access.Roles()}, Handler: reached}}})
	for _, path := range []string{"/no-rule", "/no-role", "/no-guard", "/no-door", "/v1/no-guard"} {
		if rec := ask(h, http.MethodGet, path); rec.Code != http.StatusForbidden {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	for _, path := range []string{"/", "/nothing", "/signin"} {
		if rec := ask(h, http.MethodGet, path); rec.Code != http.StatusNotFound || rec.Header().Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}
