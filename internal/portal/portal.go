package portal

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"uplift/internal/portal/access"
	"uplift/internal/portal/consent"
	"uplift/internal/portal/web"
)

// Options are New's and Routes's.
type Options struct {
	Consent consent.Options
	// Access says who may use Pages and API, and has the routes of the sign-in. Nil lets nobody in.
	Access *access.Guard
	// Pages and API are the routes of the provider's pages and of the HTTP API; empty serves none.
	Pages, API []access.Route
	// Ready tells whether the process can do its work now. Nil is always ready.
	Ready func(context.Context) error
	// Codec is mounted at /codec/, where it sees /encode and /decode. It guards itself. Nil mounts nothing.
	Codec http.Handler
	// Log is told of what is not ready. Nil logs nothing.
	Log *slog.Logger
}

// New returns the handler of all routes. It does no I/O. A path that no route has is answered by a page that says so.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	for _, r := range Routes(o) {
		mux.Handle(r.Pattern, o.Access.Enforce(r))
	}
	return web.Headers(mux)
}

// Routes are all routes, each with its rule. A pattern with GET serves HEAD too, as net/http defines it.
func Routes(o Options) []access.Route {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	routes := []access.Route{
		public("GET /healthz", http.HandlerFunc(healthz)),
		public("GET /readyz", o.readyz()),
	}
	if o.Codec != nil {
		routes = append(routes, public("/codec/", http.StripPrefix("/codec", o.Codec)))
	}
	shared, err := web.Shared()
	if err != nil {
		// What is read is built in: this fails in the first test run or never.
		panic(fmt.Sprintf("portal: %v", err))
	}
	for _, name := range shared.Names() {
		routes = append(routes, public("GET "+web.AssetsPath+name, shared.Serve(name)))
	}
	routes = append(routes, consent.Routes(o.Consent)...)
	routes = append(routes, o.Access.Routes()...)
	routes = append(routes, o.Pages...)
	routes = append(routes, o.API...)
	return append(routes, public("/", http.HandlerFunc(o.Access.NotFound)))
}

// public is a route that anybody may use, and whose handler decides by itself.
func public(pattern string, h http.Handler) access.Route {
	return access.Route{Pattern: pattern, Rule: access.Rule{Door: access.Public}, Handler: h}
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readyTimeout bounds a readiness probe.
const readyTimeout = 5 * time.Second

// readyz says no more than ready or not: why not is for the log, since anybody can ask.
func (o Options) readyz() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if o.Ready != nil {
			if err := o.Ready(ctx); err != nil {
				o.Log.Warn("not ready", "error", err.Error())
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = w.Write([]byte("not ready\n"))
				return
			}
		}
		_, _ = w.Write([]byte("ready\n"))
	})
}
