package portal

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

// Upgrades is what the page needs of an upgrade. Ids are workflow ids, to be taken as they are.
type Upgrades interface {
	Status(ctx context.Context, workflowID string) (upgrade.Status, error)
	PlanOf(ctx context.Context, workflowID string) (upgrade.Plan, error)
	StartAuthentication(ctx context.Context, workflowID string, in upgrade.StartAuthentication) (upgrade.Authentication, error)
	Consent(ctx context.Context, workflowID string, c upgrade.Consent) error
}

// LinkParser reads the token of a link. Every token that it does not accept is answered alike.
type LinkParser interface {
	Parse(token string) (workflowID, upgradeID string, invitation int, err error)
}

// Provider is who asks: the page carries its name.
type Provider struct {
	Name    string // such as "Example Cloud Ltd"; empty: "your provider"
	Support string // a mail address or an https address for questions; empty: none is shown
}

// Options are New's.
type Options struct {
	Upgrades Upgrades   // required
	Links    LinkParser // required
	Provider Provider
	// Admin are Microsoft's pages for a consent in the browser. Nil offers the code only.
	Admin AdminPages
	// Sealer seals what the browser keeps meanwhile. Required with Admin.
	Sealer Sealer
	// ConsentRoles are the role template ids that may consent, besides Global Administrator.
	ConsentRoles []string
	// Secure tells that browsers reach the page by https, and keep cookies for that only.
	Secure bool
	// Ready tells whether the process can do its work now. Nil is always ready.
	Ready func(context.Context) error
	// Desk is what people and billing systems may do, for the provider's pages and the API.
	Desk *desk.Desk
	// Codec is mounted at /codec/, where it sees /encode and /decode. It guards itself. Nil mounts nothing.
	Codec http.Handler
	// Log is told of refusals and errors. Nil logs nothing.
	Log *slog.Logger
	// Stop, when closed, ends the streams of open pages, so that a server can shut down. Nil never ends them.
	Stop <-chan struct{}
	// Address tells which client a request is counted for. Nil is the connection's own address, which behind a reverse
	// proxy is the proxy's for everybody.
	Address func(*http.Request) string
	// Now is the clock. Nil is the system's.
	Now func() time.Time
	// Every is how often an open page's upgrade is looked at. 0 is two seconds.
	Every time.Duration
}

type portal struct {
	Options
	pages     *pages
	guard     *http.CrossOriginProtection
	byLink    *limiter // requests of one link
	byAddress *limiter // requests of one address with links that were never made
	posts     *limiter // posts of one link
	streams   *counter
	spent     *once // answers of Microsoft's pages
}

// New returns the handler. It does no I/O.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Address == nil {
		o.Address = connectionAddress
	}
	if o.Every <= 0 {
		o.Every = 2 * time.Second
	}
	p := &portal{
		Options:   o,
		pages:     newPages(),
		guard:     http.NewCrossOriginProtection(),
		byLink:    newLimiter(2, 60),
		byAddress: newLimiter(10, 200),
		posts:     newLimiter(0.2, 12),
		streams:   newCounter(6, 500),
		spent:     &once{},
	}
	return p.routes()
}

// routes are all routes. A pattern with GET serves HEAD too, as net/http defines it.
func (p *portal) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", p.healthz)
	mux.HandleFunc("GET /readyz", p.readyz)
	mux.HandleFunc("GET /assets/{name}", p.pages.serveAsset)
	if p.Codec != nil {
		mux.Handle("/codec/", http.StripPrefix("/codec", p.Codec))
	}
	mux.Handle("GET /consent/{token}", p.link(p.page))
	mux.Handle("GET /consent/{token}/events", p.link(p.events))
	mux.Handle("GET /consent/{token}/decline", p.link(p.declineForm))
	mux.Handle("POST /consent/{token}/start", p.sameOrigin(p.link(p.form(p.start))))
	mux.Handle("POST /consent/{token}/decline", p.sameOrigin(p.link(p.form(p.decline))))
	mux.Handle("POST /consent/{token}/admin", p.sameOrigin(p.link(p.form(p.admin))))
	mux.HandleFunc("GET "+CallbackPath, p.callback)
	if p.Admin != nil {
		return headers(mux, policy+"; form-action 'self' "+p.Admin.Origin())
	}
	return headers(mux, policy+"; form-action 'self'")
}

// policy lets a page load our own style and script and nothing else from anywhere, and nobody frame it. Where a form may go
// is added: browsers hold its redirects to that, too, and one leads to Microsoft's sign-in.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

func headers(next http.Handler, policy string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what another site's page sends in an administrator's browser.
func (p *portal) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := p.guard.Check(r); err != nil {
			p.Log.Warn("a post from another origin was refused", "link", tag(r.PathValue("token")))
			p.show(w, r, http.StatusForbidden, view{State: stateForeign})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *portal) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readyTimeout bounds a readiness probe.
const readyTimeout = 5 * time.Second

// readyz says no more than ready or not: why not is for the log, since anybody can ask.
func (p *portal) readyz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if p.Ready != nil {
		if err := p.Ready(ctx); err != nil {
			p.Log.Warn("not ready", "error", err.Error())
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("not ready\n"))
			return
		}
	}
	_, _ = w.Write([]byte("ready\n"))
}
