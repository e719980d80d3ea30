// Package api is the HTTP API for billing systems, under /v1: orders, their state, what may be said to them, dry runs, and what can
// be ordered. It is a thin layer over package desk, which decides who may do what; a [access.Rule] of each route says which roles
// get as far as that.
//
// Routes and the OpenAPI 3.1 document come from the same declarations (huma), so that the one cannot be out of date. The document is
// served as /v1/openapi.json and .yaml, as OpenAPI 3.0 for generators that know no other, and as a page, /v1/docs, that needs no
// script and nothing of another site. These are open to anybody: they say how to ask and hold nothing of a customer or a provider.
//
//   - api.go: the options, the routes, what every operation has in common
//   - problem.go: errors as problem details (RFC 9457), and the one table from kinds to status codes
//   - order.go: the order, as the document describes it; what is sent is read by upgrade.ParseOrder alone
//   - place.go, follow.go, steer.go, look.go, batches.go: the operations; batch.go: a batch, as order.go
//   - schema.go, descriptions.json: what the document says of each type
//   - docs.go: the page
package api
