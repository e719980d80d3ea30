// Package access says who a request comes from and what that one may do.
//
// Every route of the program has a [Rule], and a request that the rule does not let in never reaches the handler. What a
// rule cannot know, such as whose customer an upgrade is about, is for package desk.
//
// Where to find what:
//
//   - access.go: roles, rules and routes
//   - guard.go: [Guard], which enforces a rule; pages.go: the way into pages; bearer.go: the way into the API
//   - signin.go: the sign-in with OpenID Connect, and out again; issuer.go: the identity provider; claims.go: what its tokens say
//   - session.go: who is signed in, sealed in the browser; form.go: that a form is of that session
//   - local.go: this machine, where no identity provider is configured
//   - show.go, templates/, texts/: the pages that say what is in the way
package access

import (
	"context"
	"net/http"
	"slices"
)

// Role is a role that the identity provider gives.
type Role string

// The roles.
const (
	Operator Role = "operator" // decides about upgrades
	Helpdesk Role = "helpdesk" // sees what an operator sees, and sends invitations again
	Reseller Role = "reseller" // as an operator, for its own customers and while entitled
	Engineer Role = "engineer" // sees everything, and replays callbacks
	Billing  Role = "billing"  // a system: the HTTP API
)

// Roles lists all of them.
func Roles() []Role { return []Role{Operator, Helpdesk, Reseller, Engineer, Billing} }

// Who is whoever a request comes from.
type Who struct {
	Subject  string // the identity provider's own id of the person or the system
	Name     string // to be shown, and written down as who said something
	Roles    []Role
	Reseller string // whose people the person belongs to; of the role reseller
	Local    bool   // on this machine, where no identity provider is configured
}

// Has tells whether one of the roles is held.
func (w Who) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(w.Roles, r) })
}

// By is how the register names this one.
func (w Who) By() string {
	if w.Name == "" {
		return w.Subject
	}
	return w.Name
}

type whoKey struct{}

// With returns a context that knows who a request comes from.
func With(ctx context.Context, w Who) context.Context { return context.WithValue(ctx, whoKey{}, w) }

// From tells who a request comes from; false where nobody was asked.
func From(ctx context.Context) (Who, bool) {
	w, ok := ctx.Value(whoKey{}).(Who)
	return w, ok
}

// Door is how a route is entered.
type Door string

// The doors.
const (
	Public Door = "public" // anybody: the handler itself decides by what the request carries, such as a sealed link
	Pages  Door = "pages"  // a browser with a session; a post must come from our own pages
	API    Door = "api"    // a bearer token
)

// Rule is who may use a route. Its zero value lets nobody in.
type Rule struct {
	Door  Door
	Roles []Role // one of them is needed; not for Public
}

// Route is one route of the program.
type Route struct {
	Pattern string // of [http.ServeMux], with its method
	Rule    Rule
	Handler http.Handler
	// MaxBody bounds the body of a post to a page, in bytes; 0 is 8 MiB, which a list of a hundred thousand users needs.
	MaxBody int64
}
