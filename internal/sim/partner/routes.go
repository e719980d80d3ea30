package partner

import (
	"time"

	"uplift/internal/sim/cloud"
)

// Partner Center's throttling of subscription and order resources.
const (
	requestsPerMinute = 500
	minute            = time.Minute
)

// handler answers a call with a value to encode and a status, or a refusal.
type handler func(call) (v any, status int, r *cloud.Refusal)

type route struct {
	method, pattern string
	// userOnly calls are refused to an application without a user (900329).
	userOnly bool
	// metered calls share the quota of subscriptions and orders.
	metered bool
	run     handler
}

// routes is everything that this Partner Center answers.
func (s *Server) routes() []route {
	const sub = "customers/{tenant}/subscriptions/{id}"
	return []route{
		{"GET", "customers", false, false, s.customers},
		{"GET", "customers/relationshiprequests", false, false, s.relationshipRequest},
		{"GET", "customers/{tenant}", false, false, s.customer},
		{"GET", "customers/{tenant}/profiles/company", false, false, s.companyProfile},
		{"GET", "customers/{tenant}/profiles/billing", false, false, s.billingProfile},
		{"GET", "customers/{tenant}/qualifications", false, false, s.qualifications},
		{"GET", "customers/{tenant}/agreements", false, false, s.agreements},
		{"POST", "customers/{tenant}/agreements", true, false, s.acceptAgreement},
		{"POST", "customers/{tenant}/applicationconsents", true, false, s.grantConsent},
		{"DELETE", "customers/{tenant}/applicationconsents/{app}", true, false, s.revokeConsent},
		{"GET", "customers/{tenant}/subscribedskus", true, false, s.subscribedSKUs},

		{"GET", "customers/{tenant}/subscriptions", false, true, s.subscriptions},
		{"GET", sub, false, true, s.subscription},
		{"PATCH", sub, false, true, s.patch},
		{"GET", sub + "/provisioningstatus", true, true, s.provisioning},
		{"GET", sub + "/addons", false, true, s.addons},
		{"GET", sub + "/transitionEligibilities", false, true, s.eligibilities},
		{"GET", sub + "/transitions", false, true, s.transitions},
		{"POST", sub + "/transitions", false, true, s.startTransition},
		{"GET", sub + "/upgrades", true, true, s.upgrades},
		{"POST", sub + "/upgrades", true, true, s.upgrade},

		{"GET", "products", false, false, s.products},
		{"GET", "products/{product}", false, false, s.product},
		{"GET", "products/{product}/skus", false, false, s.skus},
		{"GET", "products/{product}/skus/{sku}", false, false, s.sku},
		{"GET", "products/{product}/skus/{sku}/availabilities", false, false, s.availabilities},
		{"GET", "products/{product}/skus/{sku}/availabilities/{availability}", false, false, s.availability},
		{"GET", "customers/{tenant}/products", false, false, forCustomer(s.products)},
		{"GET", "customers/{tenant}/products/{product}", false, false, forCustomer(s.product)},
		{"GET", "customers/{tenant}/products/{product}/skus", false, false, forCustomer(s.skus)},
		{"GET", "customers/{tenant}/products/{product}/skus/{sku}", false, false, forCustomer(s.sku)},
		{"GET", "customers/{tenant}/products/{product}/skus/{sku}/availabilities", false, false, forCustomer(s.availabilities)},
		{"GET", "customers/{tenant}/products/{product}/skus/{sku}/availabilities/{availability}", false, false, forCustomer(s.availability)},

		{"POST", "customers/{tenant}/carts", false, true, s.createCart},
		{"GET", "customers/{tenant}/carts/{id}", false, true, s.cart},
		{"POST", "customers/{tenant}/carts/{id}/checkout", false, true, s.checkout},
		{"GET", "customers/{tenant}/orders", false, true, s.orders},
		{"POST", "customers/{tenant}/orders", false, true, s.placeOrder},
		{"GET", "customers/{tenant}/orders/{id}", false, true, s.order},
		{"GET", "customers/{tenant}/orders/{id}/provisioningstatus", false, true, s.orderProvisioning},
	}
}

// forCustomer runs a catalogue handler below a customer: the rest of the path is
// the same.
func forCustomer(h handler) handler {
	return func(c call) (any, int, *cloud.Refusal) {
		c.args = c.args[1:]
		return h(c)
	}
}
