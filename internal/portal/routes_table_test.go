package portal_test

import "uplift/internal/portal/access"

// row says who may use a route. It is written down beside the routes' own rules, by hand, so that neither changes alone.
type row struct {
	door  access.Door
	roles string // who may, besides everybody where the door is public
	// names tells that the address names a customer, or an upgrade of one: another reseller's people must get nothing.
	names bool
	// lists tells that the page lists customers or upgrades: another reseller's people must find none of them in it.
	lists bool
	// body is what is sent to the API; empty is {}.
	body string
	// link tells that the route is opened by the sealed link in its address.
	link bool
}

const (
	people    = "operator helpdesk engineer reseller"
	house     = "operator helpdesk engineer"
	deciding  = "operator reseller"
	inviting  = "operator reseller helpdesk"
	operators = "operator"
	replaying = "operator engineer"
	placing   = "operator billing reseller" // by the API
	anyRole   = "operator helpdesk reseller engineer billing"
)

// anOrder is of the test's customer.
const anOrder = `{"order":"B-1","tenant":"` + customerTenant + `","target":{"plan":"business-premium","seats":25},"administrator":{"mail":"admin@contoso.example"}}`

// aBatch has one row, of the test's customer.
const aBatch = `{"batch":"B-2","each":{"target":{"plan":"business-premium"},"consent":"existing"},"rows":[{"tenant":"` + customerTenant + `"}]}`

// rows has every route of the program. A route without a row fails the test, and so does a row without a route.
func rows() map[string]row {
	open, link := row{door: access.Public}, row{door: access.Public, link: true}
	page := func(roles string) row { return row{door: access.Pages, roles: roles} }
	of := func(roles string) row { return row{door: access.Pages, roles: roles, names: true} }
	list := func(roles string) row { return row{door: access.Pages, roles: roles, lists: true} }
	says := func(roles, body string) row { return row{door: access.API, roles: roles, names: true, body: body} }
	return map[string]row{
		"GET /healthz": open, "GET /readyz": open, "/": open, "/codec/": open, // which guards itself: this machine only
		"GET /assets/page.css": open, "GET /assets/icon.svg": open, "GET /assets/consent.css": open, "GET /assets/consent.js": open,

		"GET /consent/{token}": link, "GET /consent/{token}/events": link, "GET /consent/{token}/decline": link,
		"POST /consent/{token}/start": link, "POST /consent/{token}/decline": link, "POST /consent/{token}/admin": link,
		"GET /consent/callback": open, // which does nothing without the visit that this browser began

		"GET /signin": open, "GET /signin/callback": open, "GET /signedout": open, "POST /signout": page(anyRole),

		"GET /desk/{name}": open, "GET /{$}": page(people),
		"GET /customers": list(people), "POST /customers/refresh": page(house), "GET /customers/{tenant}": of(people),
		"POST /customers/{tenant}/reseller": of(operators), "POST /customers/{tenant}/plan": of(deciding),

		"GET /new": list(deciding), "POST /new": of(deciding),
		"GET /new/{id}/customer": page(deciding), "POST /new/{id}/customer": of(deciding),
		"GET /new/{id}/consent": page(deciding), "POST /new/{id}/consent": page(deciding),
		"GET /new/{id}/target": page(deciding), "POST /new/{id}/target": page(deciding),
		"GET /new/{id}/licences": page(deciding), "POST /new/{id}/licences": page(deciding),
		"GET /new/{id}/plan": page(deciding), "POST /new/{id}/send": page(deciding), "POST /new/{id}/discard": page(deciding),

		"GET /batches": list(people), "GET /batches/{id}": of(people), "GET /batches/{id}/live": of(people), "GET /batches/{id}/result.csv": of(people),
		"GET /batches/{id}/rows/{row}/plan": of(people), "POST /batches/{id}/start": of(deciding), "POST /batches/{id}/cancel": of(deciding),
		"POST /batches/{id}/pause": of(deciding), "POST /batches/{id}/resume": of(deciding), "POST /batches/{id}/again": of(deciding),

		"GET /bulk": page(deciding), "POST /bulk": page(deciding), "GET /bulk/template.csv": page(deciding), "GET /bulk/{id}/source": page(deciding), "POST /bulk/{id}/source": page(deciding),
		"GET /bulk/{id}/rows": list(deciding), "POST /bulk/{id}/rows": page(deciding), "POST /bulk/{id}/upload": page(deciding), "GET /bulk/{id}/rows.csv": page(deciding),
		"GET /bulk/{id}/target": page(deciding), "POST /bulk/{id}/target": page(deciding), "GET /bulk/{id}/check": page(deciding), "POST /bulk/{id}/send": page(deciding),
		"POST /bulk/{id}/discard": page(deciding),

		"GET /invitations": list(people), "GET /upgrades": list(people),
		"GET /upgrades/{order}": of(people), "GET /upgrades/{order}/live": of(people), "GET /upgrades/{order}/plan": of(people),
		"GET /upgrades/{order}/users": of(people), "GET /upgrades/{order}/users.csv": of(people),
		"POST /upgrades/{order}/link": of(inviting), "POST /upgrades/{order}/resend": of(inviting), "POST /upgrades/{order}/revoke": of(deciding),
		"POST /upgrades/{order}/confirm": of(deciding), "POST /upgrades/{order}/approve": of(operators), "POST /upgrades/{order}/cancel": of(deciding),
		"POST /upgrades/{order}/resolve": of(deciding), "POST /upgrades/{order}/again": of(deciding), "POST /upgrades/{order}/callbacks": of(replaying),

		"GET /resellers": list(people), "POST /resellers": page(operators), "POST /resellers/{id}/subscribe": page(operators),
		"POST /resellers/{id}/end": page(operators), "POST /management-plans": page(operators),
		"GET /plans": page(house), "GET /plans/{id}": page(house), "GET /prices": page(house), "GET /prices.csv": page(house),
		"POST /prices": page(operators), "GET /callbacks": page(house),

		"GET /v1/docs": open, "GET /v1/docs.css": open, "GET /v1/openapi.json": open, "GET /v1/openapi.yaml": open, "GET /v1/openapi-3.0.json": open,
		"POST /v1/upgrades": says(placing, anOrder), "POST /v1/plans": says(anyRole, anOrder),
		"GET /v1/upgrades": {door: access.API, roles: anyRole, lists: true}, "GET /v1/upgrades/{id}": says(anyRole, ""),
		"GET /v1/upgrades/{id}/plan": says(anyRole, ""), "GET /v1/upgrades/{id}/users": says(anyRole, ""), "GET /v1/upgrades/{id}/callbacks": says(anyRole, ""),
		"POST /v1/upgrades/{id}/callbacks/replay": says("operator billing engineer", ""),
		"POST /v1/upgrades/{id}/cancel":           says(placing, ""), "POST /v1/upgrades/{id}/confirm": says(placing, `{"digest":"d"}`),
		"POST /v1/upgrades/{id}/approve": says(operators, `{"digest":"d"}`), "POST /v1/upgrades/{id}/resend": says(placing+" helpdesk", ""),
		"POST /v1/upgrades/{id}/revoke": says(placing, ""), "POST /v1/upgrades/{id}/resolve": says(placing, `{"answer":"retry"}`),
		"POST /v1/upgrades/{id}/retry": says(placing, ""),
		"POST /v1/batches":             says(placing, aBatch), "GET /v1/batches": {door: access.API, roles: anyRole, lists: true}, "GET /v1/batches/{id}": says(anyRole, ""),
		"GET /v1/batches/{id}/rows": says(anyRole, ""), "GET /v1/batches/{id}/result": says(anyRole, ""),
		"POST /v1/batches/{id}/start": says(placing, ""), "POST /v1/batches/{id}/cancel": says(placing, ""), "POST /v1/batches/{id}/pause": says(placing, ""),
		"POST /v1/batches/{id}/resume": says(placing, ""), "POST /v1/batches/{id}/again": says(placing, ""),
		"GET /v1/catalog": {door: access.API, roles: anyRole}, "GET /v1/customers": {door: access.API, roles: anyRole, lists: true},
		"GET /v1/customers/{tenant}": says(anyRole, ""),
	}
}
