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
	anyRole   = "operator helpdesk reseller engineer billing"
)

// rows has every route of the program. A route without a row fails the test, and so does a row without a route.
func rows() map[string]row {
	open, link := row{door: access.Public}, row{door: access.Public, link: true}
	page := func(roles string) row { return row{door: access.Pages, roles: roles} }
	of := func(roles string) row { return row{door: access.Pages, roles: roles, names: true} }
	list := func(roles string) row { return row{door: access.Pages, roles: roles, lists: true} }
	return map[string]row{
		"GET /healthz": open, "GET /readyz": open, "/codec/": open, // which guards itself: this machine only
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

		// The API's own routes are not among Pages and API of this test's portal until they are listed there, too.
		"GET /v1/sample": {door: access.API, roles: "billing operator"}, "POST /v1/sample": {door: access.API, roles: "billing"},
	}
}
