package consent

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"uplift/internal/portal/access"
	"uplift/internal/portal/web"
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

// Options are Routes's.
type Options struct {
	Upgrades Upgrades   // required
	Links    LinkParser // required
	Provider web.Provider
	// Admin are Microsoft's pages for a consent in the browser. Nil offers the code only.
	Admin AdminPages
	// Sealer seals what the browser keeps meanwhile. Required with Admin.
	Sealer web.Sealer
	// ConsentRoles are the role template ids that may consent, besides Global Administrator.
	ConsentRoles []string
	// Secure tells that browsers reach the page by https, and keep cookies for that only.
	Secure bool
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

type site struct {
	Options
	pages     *pages
	guard     *http.CrossOriginProtection
	byLink    *web.Limiter // requests of one link
	byAddress *web.Limiter // requests of one address with links that were never made
	posts     *web.Limiter // posts of one link
	streams   *web.Counter
	spent     *web.Once // answers of Microsoft's pages
}

// Routes are the page's. They are open to anybody: the sealed link in the address decides. They do no I/O.
func Routes(o Options) []access.Route {
	p := newSite(o)
	link := func(pattern string, h http.Handler) access.Route {
		return access.Route{Pattern: pattern, Rule: access.Rule{Door: access.Public}, Handler: h}
	}
	routes := []access.Route{
		link("GET /consent/{token}", p.link(p.page)),
		link("GET /consent/{token}/events", p.link(p.events)),
		link("GET /consent/{token}/decline", p.link(p.declineForm)),
		link("POST /consent/{token}/start", p.sameOrigin(p.link(p.form(p.start)))),
		link("POST /consent/{token}/decline", p.sameOrigin(p.link(p.form(p.decline)))),
		link("POST /consent/{token}/admin", p.sameOrigin(p.link(p.form(p.admin)))),
		link("GET "+CallbackPath, http.HandlerFunc(p.callback)),
	}
	for _, name := range p.pages.assets.Names() {
		routes = append(routes, link("GET "+web.AssetsPath+name, p.pages.assets.Serve(name)))
	}
	return routes
}

func newSite(o Options) *site {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Address == nil {
		o.Address = web.ConnectionAddress
	}
	if o.Every <= 0 {
		o.Every = 2 * time.Second
	}
	return &site{
		Options:   o,
		pages:     newPages(),
		guard:     http.NewCrossOriginProtection(),
		byLink:    web.NewLimiter(2, 60),
		byAddress: web.NewLimiter(10, 200),
		posts:     web.NewLimiter(0.2, 12),
		streams:   web.NewCounter(6, 500),
		spent:     &web.Once{},
	}
}

// sameOrigin refuses what another site's page sends in an administrator's browser.
func (p *site) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := p.guard.Check(r); err != nil {
			p.Log.Warn("a post from another origin was refused", "link", tag(r.PathValue("token")))
			p.show(w, r, http.StatusForbidden, view{State: stateForeign})
			return
		}
		next.ServeHTTP(w, r)
	})
}
