package provider

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"uplift/catalog"
	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

// Sealer keeps what a browser carries to the next page unreadable and unforgeable.
type Sealer interface {
	Seal(plain upgrade.Secret, context string) ([]byte, error)
	Unseal(sealed []byte, context string) (upgrade.Secret, error)
}

// Drafts keeps orders that are being written in the wizard, so that a reload, another window or a restart loses nothing.
type Drafts interface {
	SaveDraft(ctx context.Context, owner, id string, draft json.RawMessage, at time.Time) error
	// Draft is Kind NotFound where there is none of this owner.
	Draft(ctx context.Context, owner, id string) (json.RawMessage, error)
	DeleteDraft(ctx context.Context, owner, id string) error
}

// Options are Routes'.
type Options struct {
	Desk     *desk.Desk       // required
	Catalog  *catalog.Catalog // required: what can be sold
	Drafts   Drafts           // required
	Sealer   Sealer           // required
	Provider string           // its name; empty: "Uplift"
	// FormToken is what a form of this request's session carries. Nil leaves it out.
	FormToken func(context.Context) string
	// TemporalUI is the address of an execution in the Temporal UI; nil, or an empty answer, shows no link.
	TemporalUI func(workflowID, runID string) string
	// Secure tells that browsers reach the pages by https, and keep cookies for that only.
	Secure bool
	Log    *slog.Logger     // nil logs nothing
	Now    func() time.Time // nil is the system's clock
	// Every is how often an open page's upgrade is looked at. 0 is two seconds.
	Every time.Duration
	// Stop, when closed, ends the streams of open pages. Nil never ends them.
	Stop <-chan struct{}
}

type provider struct {
	Options
	templates templates
	assets    assets
	streams   chan struct{} // bounds how many are open
}

// Roles that open the pages, by what they are for.
var (
	everybody = []access.Role{access.Operator, access.Helpdesk, access.Engineer, access.Reseller}
	house     = []access.Role{access.Operator, access.Helpdesk, access.Engineer} // the provider's own people
	deciding  = []access.Role{access.Operator, access.Reseller}
	inviting  = []access.Role{access.Operator, access.Reseller, access.Helpdesk}
	operators = []access.Role{access.Operator}
	replaying = []access.Role{access.Operator, access.Engineer}
)

// Routes are all the pages. Each is opened by the roles of its rule; whose customer it is about is for the desk to judge.
func Routes(o Options) []access.Route {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every <= 0 {
		o.Every = 2 * time.Second
	}
	p := &provider{Options: o, templates: readTemplates(), assets: readAssets(), streams: make(chan struct{}, maxStreams)}
	get := func(pattern string, roles []access.Role, h handler) access.Route {
		return access.Route{Pattern: "GET " + pattern, Rule: access.Rule{Door: access.Pages, Roles: roles}, Handler: p.get(h)}
	}
	post := func(pattern string, roles []access.Role, h handler) access.Route {
		return access.Route{Pattern: "POST " + pattern, Rule: access.Rule{Door: access.Pages, Roles: roles}, Handler: p.post(h)}
	}
	raw := func(pattern string, roles []access.Role, h http.HandlerFunc) access.Route {
		return access.Route{Pattern: "GET " + pattern, Rule: access.Rule{Door: access.Pages, Roles: roles}, Handler: h}
	}
	return []access.Route{
		{Pattern: "GET /desk/{name}", Rule: access.Rule{Door: access.Public}, Handler: http.HandlerFunc(p.assets.serve)},
		get("/{$}", everybody, p.home),

		get("/customers", everybody, p.customers),
		post("/customers/refresh", house, p.refreshCustomers),
		get("/customers/{tenant}", everybody, p.customer),
		post("/customers/{tenant}/reseller", operators, p.setReseller),
		post("/customers/{tenant}/plan", deciding, p.setPlan),

		get("/new", deciding, p.newOrder),
		post("/new", deciding, p.beginOrder),
		get("/new/{id}/customer", deciding, p.chooseCustomer),
		post("/new/{id}/customer", deciding, p.takeCustomer),
		get("/new/{id}/consent", deciding, p.consentStep),
		post("/new/{id}/consent", deciding, p.takeConsent),
		get("/new/{id}/target", deciding, p.targetStep),
		post("/new/{id}/target", deciding, p.takeTarget),
		get("/new/{id}/licences", deciding, p.licencesStep),
		post("/new/{id}/licences", deciding, p.takeLicences),
		get("/new/{id}/plan", deciding, p.planStep),
		post("/new/{id}/send", deciding, p.send),
		post("/new/{id}/discard", deciding, p.discard),

		get("/batches", everybody, p.batches),
		get("/batches/{id}", everybody, p.batch),
		raw("/batches/{id}/live", everybody, p.batchLive),
		raw("/batches/{id}/result.csv", everybody, p.batchCSV),
		get("/batches/{id}/rows/{row}/plan", everybody, p.rowPlan),
		post("/batches/{id}/start", deciding, p.startBatch),
		post("/batches/{id}/cancel", deciding, p.cancelBatch),
		post("/batches/{id}/pause", deciding, p.pauseBatch),
		post("/batches/{id}/resume", deciding, p.resumeBatch),
		post("/batches/{id}/again", deciding, p.batchAgain),

		get("/bulk", deciding, p.newBulk),
		post("/bulk", deciding, p.beginBulk),
		raw("/bulk/template.csv", deciding, p.bulkTemplate),
		get("/bulk/{id}/source", deciding, p.bulkSource),
		post("/bulk/{id}/source", deciding, p.takeSource),
		get("/bulk/{id}/rows", deciding, p.bulkRowsStep),
		post("/bulk/{id}/rows", deciding, p.takeBulkRows),
		post("/bulk/{id}/upload", deciding, p.uploadBulk),
		raw("/bulk/{id}/rows.csv", deciding, p.bulkRowsCSV),
		get("/bulk/{id}/target", deciding, p.bulkTargetStep),
		post("/bulk/{id}/target", deciding, p.takeBulkTarget),
		get("/bulk/{id}/check", deciding, p.bulkCheckStep),
		post("/bulk/{id}/send", deciding, p.sendBulk),
		post("/bulk/{id}/discard", deciding, p.discardBulk),

		get("/invitations", everybody, p.invitations),
		get("/upgrades", everybody, p.upgrades),
		get("/upgrades/{order}", everybody, p.upgrade),
		raw("/upgrades/{order}/live", everybody, p.live),
		get("/upgrades/{order}/plan", everybody, p.planPage),
		get("/upgrades/{order}/users", everybody, p.users),
		raw("/upgrades/{order}/users.csv", everybody, p.usersCSV),
		post("/upgrades/{order}/link", inviting, p.link),
		post("/upgrades/{order}/resend", inviting, p.resend),
		post("/upgrades/{order}/revoke", deciding, p.revoke),
		post("/upgrades/{order}/confirm", deciding, p.confirm),
		post("/upgrades/{order}/approve", operators, p.approve),
		post("/upgrades/{order}/cancel", deciding, p.cancel),
		post("/upgrades/{order}/resolve", deciding, p.resolve),
		post("/upgrades/{order}/again", deciding, p.again),
		post("/upgrades/{order}/callbacks", replaying, p.replay),

		get("/resellers", everybody, p.resellers),
		post("/resellers", operators, p.addReseller),
		post("/resellers/{id}/subscribe", operators, p.subscribe),
		post("/resellers/{id}/end", operators, p.endSubscription),
		post("/management-plans", operators, p.makeManagementPlan),

		get("/plans", house, p.plans),
		get("/plans/{id}", house, p.plan),
		get("/prices", house, p.prices),
		raw("/prices.csv", house, p.pricesCSV),
		post("/prices", operators, p.uploadPrices),
		get("/callbacks", house, p.callbacks),
	}
}

// home leads to what is worked with most.
func (p *provider) home(*request) (answer, error) { return seeOther("/upgrades"), nil }
