// Package cloud is the state of the simulated Microsoft cloud: tenants, people,
// licences, commerce subscriptions, the directory's own view of them, and the
// rules by which Microsoft says yes or no. It speaks no HTTP; the packages
// graph, partner and entra beside it put Microsoft's wire formats on top.
//
// # Find your way around
//
//	clock.go, events.go   virtual time; everything delayed is an event on it
//	faults.go             the catalogue of misbehaviour, each fault a named constant
//	profile.go            Polite and Misbehaving: how often, and how long the lags are
//	offers.go, rules.go, paths.go   what Microsoft sells, which plans bite, what may become what
//	tenant.go, user.go, group.go, app.go   the directory
//	licence.go, grouplicence.go            assignment, with every refusal
//	subscription.go, update.go, renewal.go commerce, with a return window per block of seats
//	directory.go          what the tenant's directory has heard of commerce so far
//	eligibility.go, transition.go, transfer.go, legacy.go   Microsoft's own upgrade paths
//	order.go              carts and orders
//	once.go               MS-RequestId: the same id has its effect once
//	ledger.go             an append-only record of every effect
//	holdings.go           what a tenant holds, for tests and demonstrations
//
// # Time
//
// Windows, terms, lags and token lifetimes follow a virtual clock that starts at
// Options.Start and runs Options.Pace virtual seconds per real second. Advance
// moves it at once. Delayed effects are events that run, in order, when somebody
// looks at the state after their time has come; so a test that advances the
// clock by a day sees exactly what a day would have left.
//
// # Two views of one subscription
//
// Commerce (Subscription) changes when Partner Center answers. The directory
// (CompanySubscription, and the seats that licences are counted against) hears
// of it after the provisioning lag. Most mistakes of a client live in between.
//
// # No persistence
//
// The state is in memory, and starts anew with the process. That is deliberate:
// a simulator that remembers is a second thing to debug.
package cloud
