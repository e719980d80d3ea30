// Package upgrade is the language of the whole project: its nouns, and nothing but the standard library. Whoever reads
// this file from top to bottom knows what Uplift is made of and where each part lives.
//
// # The story
//
// A billing system places an [Order]: a customer's tenant, and the totals of seats that the customer ends with. The
// register claims it once ([ClaimRequest], [Claim]), under the hash of its canonical form, so that the same order placed
// twice is one upgrade. What Microsoft and the catalogue say at one moment becomes the [Plan]: the subscriptions now and
// then, the [Step] values in between, what users gain and lose, until when it can be undone, and every reason why not.
//
// The customer's administrator is invited ([Invitation]) and answers on a page. The answer enters as a [Consent], which
// is a claim and no more; [Evidence] is what we found ourselves, and a [Grant] refers to the proof by which we act in the
// tenant from then on. With it the unknowns of the plan are looked up, the subscriptions are changed, every [User] is
// photographed ([Snapshot]) and moved ([LicenseChange]), and the upgrade ends with a [Result].
//
// At every moment the query "status" answers a [Status]: the [Stage], the steps, who is waited for, and what stands in
// the way. What can be neither retried nor undone waits, [Parked], for an operator's [Answer].
//
// # The chapters of this package
//
//   - order.go, orderparse.go: [Order], and [ParseOrder], which finds every problem of form at once
//   - consent.go: [Consent], the inputs and answers of the updates, [ParseConsent], [ParseUpdate]
//   - strict.go: [DecodeStrict], the one door through which JSON from outside enters
//   - problem.go: [Problem] and [Problems]: a place, a stable code, a sentence, a remedy
//   - plan.go: [Plan], [Step], and the digest by which a person confirms what was read
//   - stage.go: [Stage] and [End], the words of the story
//   - status.go: [Status] and [Result], what is told to whoever asks
//   - policy.go: [Policy], every wait of an upgrade
//   - commerce.go: what Partner Center knows: [Customer], [Subscription], [Transition]
//   - directory.go: what the tenant's directory knows: [User], [TenantSKU], [License]
//   - prices.go: [PriceList], by which a plan estimates what it costs
//   - callback.go: [Callback], what billing is told, and its [Delivery]
//   - register.go: what outlives Temporal: [Claim], [Tokens], [Letter]
//   - ids.go: [UUID] and [WriteIDOf], by which a repeat is recognized as one
//   - error.go: [Error], the one error type, and its [Kind]
//   - secret.go: [Secret], which never shows itself
//   - names.go: the names on the wire; a rename is a migration
//
// # Where everything else lives
//
//   - catalog: what can be sold and what can become of it; pure, and never read by a workflow
//   - workflows: the story itself, deterministic, written from top to bottom
//   - activities: one file for each business step, and the small interfaces that they need
//   - worker, starter: the two programs; starter starts, steers and serves
//   - internal/planning: from facts to a plan; pure, so that every decision is a row of a table
//   - internal/plandoc: the plan document as text and HTML, the same for command line, mail and page
//   - internal/pricelist: the price list as CSV, strictly read
//   - internal/errorbook: what each code means, for whom, and what to do; data, and a look-up
//   - internal/entra, internal/graph, internal/partner, internal/mail: one adapter for each thing adapted
//   - internal/register: SQLite or PostgreSQL, behind one conformance test
//   - internal/seal, internal/codec, internal/keyfile: what is encrypted, and with which keys
//   - internal/portal: the pages and answers over HTTP; internal/portal/api: the API for billing systems
//   - internal/callback: billing systems, called back by Standard Webhooks
//   - internal/config, internal/service, internal/temporalclient: settings, wiring, the one way to Temporal
//   - internal/sim: a simulated Microsoft cloud that misbehaves, and a mailbox
//   - internal/importtest: who may import whom, as a test
//   - dev: the whole product on a real Temporal server in one process, in a module of its own
//
// # Rules that the types carry
//
// Seats are absolute totals, never increments, and so a repeat is harmless. Every write at Microsoft has a [WriteID] that
// depends on the upgrade, the step and the epoch only. Nothing from outside is read leniently. A problem is never told
// alone where several were found. Times are UTC. What is on the wire is pinned by the golden files in testdata: fields
// are added, not renamed.
package upgrade
