// Package portal is what people, programs and probes reach by HTTP. It puts the parts together: each lists its routes with a
// rule, and no request that the rule does not let in reaches a handler.
//
// Where to find what:
//
//   - portal.go: [Routes], [New], the health of the process, the payload codec's endpoint for the Temporal UI
//   - access/: who a request comes from, and what that one may use: sign-in, sessions, bearer tokens
//   - consent/: the page of a customer's administrator
//   - desk/: what may be done, and about whose customers
//   - web/: what the pages share
package portal
