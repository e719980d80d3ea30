package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
)

// Options are Routes'. Desk is required.
type Options struct {
	Desk    *desk.Desk
	Catalog Catalog
	// PublicURL is where clients reach the API, for the document; empty: where the document was had.
	PublicURL string
	// Provider is the provider's name, for the document; empty: none is named.
	Provider string
	// Log is told of errors that are ours, which clients are not told of. Nil logs nothing.
	Log *slog.Logger
	// Stop, when closed, ends what waits for a change, so that a server can shut down. Nil never ends it.
	Stop <-chan struct{}
	// Every is how often an upgrade that somebody waits for is looked at. 0 is a second.
	Every time.Duration
}

// Roles of routes. What they may do with which customer's upgrade is the desk's to say.
var (
	readers  = access.Roles()
	deciders = []access.Role{access.Operator, access.Billing, access.Reseller}
	inviters = []access.Role{access.Operator, access.Billing, access.Reseller, access.Helpdesk}
	senders  = []access.Role{access.Operator, access.Billing, access.Engineer}
	seconds  = []access.Role{access.Operator}
)

// server answers the operations.
type server struct {
	Options
	api    huma.API
	mux    *http.ServeMux
	routes []access.Route
	places chan struct{} // of those who wait for a change
}

// maxWaiting is how many requests may wait for a change at a time.
const maxWaiting = 256

// Version is the version of the API. Within /v1 things are added and nothing is renamed or taken away.
const Version = "1.0.0"

// Routes are the routes of the API.
func Routes(o Options) []access.Route {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	s := &server{Options: o, mux: http.NewServeMux(), places: make(chan struct{}, maxWaiting)}
	s.api = humago.New(s.mux, s.config())
	s.placing()
	s.following()
	s.steering()
	s.batching()
	s.looking()
	s.finish()
	return append(s.routes, s.documents()...)
}

// config is huma's, with one format and none of its own pages: they would load a script from another site.
func (s *server) config() huma.Config {
	c := huma.Config{
		OpenAPI:       &huma.OpenAPI{OpenAPI: "3.1.0", Info: s.info()},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}, // also what ends in +json
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{asProblem},

		RejectUnknownQueryParameters: true,
	}
	url := s.PublicURL
	if url == "" {
		url = "/"
	}
	c.Servers = []*huma.Server{{URL: url, Description: "This installation"}}
	c.Components = &huma.Components{
		Schemas:         huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
		SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: tokenWords}},
	}
	c.Security = []map[string][]string{{"token": {}}}
	c.Tags = []*huma.Tag{
		{Name: "Orders", Description: "Placing orders, and following what becomes of them."},
		{Name: "Decisions", Description: "What may be said to an upgrade that is under way."},
		{Name: "Batches", Description: "Many orders at once, planned together before anything changes."},
		{Name: "Callbacks", Description: "What your system was told, and sending it again."},
		{Name: "Looking up", Description: "What can be ordered, and for whom."},
	}
	return c
}

const tokenWords = "An access token (JWT) of the provider's identity provider for this API, with one of the application roles billing, operator, " +
	"helpdesk, engineer or reseller. Where no identity provider is configured, the API answers on its own machine only, and without a token."

// add adds an operation: to the document, to the mux, and to the routes with the roles that it is for.
func add[I, O any](s *server, op huma.Operation, roles []access.Role, handle func(ctx context.Context, who access.Who, in *I) (*O, error)) {
	op.Responses = map[string]*huma.Response{"default": {
		Description: "A problem, as RFC 9457 has it. `code` says which, and does not change between releases.",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/ProblemDetails"}}},
	}}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		who, ok := access.From(ctx)
		if !ok {
			return nil, &ProblemDetails{Status: http.StatusUnauthorized, Title: http.StatusText(http.StatusUnauthorized), Code: "no_token", Detail: "The request carries no token."}
		}
		out, err := handle(ctx, who, in)
		var said huma.StatusError
		switch {
		case errors.As(err, &said):
			return nil, err
		case err != nil:
			return nil, s.problem(op.OperationID, err)
		}
		return out, nil
	})
	s.routes = append(s.routes, access.Route{Pattern: op.Method + " " + op.Path, Rule: access.Rule{Door: access.API, Roles: roles}, Handler: s.mux})
}

// body is an answer without headers.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}

// PageInput is what every list takes, exported as PathID is.
type PageInput struct {
	Cursor string `query:"cursor" maxLength:"4000" doc:"Where to go on: next of the page before. Left out: from the beginning."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
}

// PathID names an upgrade. It is exported since huma reads no other embedded type.
type PathID struct {
	ID string `path:"id" maxLength:"1000" example:"A-1001" doc:"The order id, or a workflow id with its slash written as %2F."`
}
