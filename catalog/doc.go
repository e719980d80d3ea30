// Package catalog knows what can be sold and what can become of it: Microsoft's offers with their service plans,
// the plans that the provider makes of them, and the paths from one offer to another.
//
// It is pure: no clock, no network, no state. [Load] gives the catalogue that is built into the program, [Read]
// reads a provider's own file of the same format and reports every problem in it at once. A [Catalog] never
// changes; whoever learns something at run time, such as the SKU of an India edition, makes a new one by
// [Catalog.With].
//
// Where to find what:
//
//   - offer.go: [Offer], [ServicePlan] and the words they are described with
//   - plan.go: the provider's [Plan] and the [Path] between two offers
//   - catalog.go: [Catalog] and its look-ups
//   - resolve.go: from what a person typed to an offer, or to "did you mean"
//   - compare.go: what a user gains and loses
//   - disabled.go: switched-off service plans stay off
//   - rules.go: service plans that exclude or need one another
//   - read.go, shape.go, check.go: the file and everything that can be wrong with it
//
// # How far the facts go
//
// The GUIDs are Microsoft's, from "Product names and service plan identifiers for licensing"
// (https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference). The ids of Partner Center
// (product:sku) are Microsoft's for a few offers only and a third party's for most others; every offer and every
// path says which by its Verified field. A market's list of offers, a subscription's possible transitions and a
// tenant's service plans are Microsoft's to say at run time: the catalogue says what we know how to do, Microsoft
// says whether it may be done.
//
// Workflows must not use this package. Its data changes with a deploy, and a replay would take another branch: what
// they need is computed once, in an activity, and recorded together with [Catalog.Digest].
package catalog
