package access

import (
	"log/slog"
	"net/http"
	"time"

	"uplift/internal/portal/web"
	"uplift/upgrade"
)

// How long a session lasts.
const (
	SessionLife = 8 * time.Hour // however much it is used
	SessionIdle = time.Hour     // unused
)

// Options are New's.
type Options struct {
	// Issuer is the identity provider, as its tokens name it. Empty is none: then only this machine is let in.
	Issuer   string
	ClientID string // of this program at the issuer
	// ClientSecret is for an issuer that asks for one; a public client has none, and PKCE only.
	ClientSecret upgrade.Secret
	// RedirectURL is the public address of [CallbackPath], registered at the issuer character for character.
	RedirectURL string
	// RolesClaim and ResellerClaim name the claims; empty are "roles" and "reseller". A point leads into an object, such as
	// realm_access.roles.
	RolesClaim, ResellerClaim string
	// RoleNames are further values of the roles' claim, and the roles that they mean.
	RoleNames map[string]Role
	// Audience is that of the API's bearer tokens; empty is ClientID.
	Audience string
	// Sealer seals what browsers keep. Required.
	Sealer web.Sealer
	// Secure tells that browsers reach us by https, and keep cookies for that only.
	Secure   bool
	Provider web.Provider
	// Home is where a sign-in leads that began nowhere; empty is "/".
	Home string
	// Address tells which client a request is counted for. Nil is the connection's own address.
	Address func(*http.Request) string
	// Client reaches the issuer. Nil is one that waits ten seconds.
	Client *http.Client
	// Now is the clock, and TokenNow the issuer's; nil is the system's, and Now.
	Now, TokenNow func() time.Time
	// Log is told of sign-ins and refusals, without a secret. Nil logs nothing.
	Log *slog.Logger
}

// Guard lets requests in by the rules of their routes, or keeps them out.
type Guard struct {
	Options
	issuer   *issuer
	origin   *http.CrossOriginProtection
	pages    *pages
	signIns  *web.Limiter // by address
	failures *web.Limiter // of bearer tokens, by address
	spent    *web.Once    // states that were answered
	over     *web.Once    // sessions that were ended
}

// New returns a guard. It does no I/O: the issuer is asked when somebody signs in.
func New(o Options) *Guard {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenNow == nil {
		o.TokenNow = o.Now
	}
	if o.Address == nil {
		o.Address = web.ConnectionAddress
	}
	o.RolesClaim, o.ResellerClaim = orElse(o.RolesClaim, "roles"), orElse(o.ResellerClaim, "reseller")
	o.Audience, o.Home = orElse(o.Audience, o.ClientID), orElse(o.Home, "/")
	return &Guard{
		Options:  o,
		issuer:   newIssuer(o),
		origin:   http.NewCrossOriginProtection(),
		pages:    newPages(),
		signIns:  web.NewLimiter(2, 60),
		failures: web.NewLimiter(1, 60),
		spent:    &web.Once{},
		over:     &web.Once{},
	}
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Local tells whether no identity provider is configured, so that only this machine is let in.
func (g *Guard) Local() bool { return g.Issuer == "" }

// Enforce returns a route's handler behind its rule. What no rule opens stays closed: a nil Guard opens public routes only, and
// a rule without a door, or with no role, lets nobody in.
func (g *Guard) Enforce(r Route) http.Handler {
	switch {
	case r.Rule.Door == Public:
		return r.Handler
	case g == nil || len(r.Rule.Roles) == 0:
		return http.HandlerFunc(closed)
	case r.Rule.Door == Pages:
		return g.page(r)
	case r.Rule.Door == API:
		return g.bearer(r)
	}
	return http.HandlerFunc(closed)
}

func closed(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "this is open to nobody", http.StatusForbidden)
}

// looksOnly tells a request that changes nothing, by its method.
func looksOnly(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}
