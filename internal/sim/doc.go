// Package sim is a simulated Microsoft cloud for upgrading the licences of a
// partner's customers: sign-in, Graph, Partner Center and a mailbox, over one
// state, with a clock of its own, in one process and without an account.
//
// # Way round
//
//	cloud    the state and Microsoft's rules; no HTTP
//	graph    Microsoft Graph v1.0
//	partner  Partner Center REST v1
//	entra    the sign-in service
//	mailbox  an SMTP server that keeps what it gets
//	admin    the simulator's own API: read, advance the clock, inject faults
//	front    the door that graph and partner share: where faults of the wire strike
//
// Start runs all of them on loopback ports; SeedDemo fills in a partner and its
// customers, whose ids and credentials are the constants of this package.
// SeedCustomers adds as many more as a full list needs, and SeedCrowd one with
// 300 people, some of whom an upgrade cannot move.
//
// # Misbehaviour
//
// The default profile misbehaves: every fault of package cloud and of package
// entra strikes now and then, and the lags are those that Microsoft's pages and
// the field report. cloud.Polite() is for demonstrations. A test makes one fault
// strike once with State.Inject, and moves time with State.Advance.
//
// # What it is written from
//
// Microsoft's published pages, SDKs and metadata, and reports from the field;
// never from this project's clients: a shared struct would hide a shared
// mistake. Where nothing is published the choice is named in a comment.
//
// # Choices where nothing is published
//
//   - A SKU that users hold and nothing feeds any more (after a full transition)
//     stays in subscribedSkus with zero units and capabilityStatus Suspended.
//   - Units in their grace period (warning) can be assigned.
//   - A user's token without mfa is refused by Partner Center with 403 900309.
//   - A pre-consent that exists is refused with 409 and Microsoft's words.
//   - A full transition drops what was scheduled for renewal; a partial one takes
//     the oldest seats with their windows and keeps the source's schedule.
//   - A licence transfer leaves users alone whose other licences exclude the new
//     one, and says that it failed for some.
//   - A transition takes a subscription's lock (900278) until its Conversion ends;
//     a licence transfer goes on without it.
//   - A traditional subscription refuses transitions and their eligibilities with
//     403 900263 and offers the legacy upgrades alone.
//   - The texts for a malformed skuId and for a foreign plan in disabledPlans.
//   - The header Date is virtual time, like every time in the bodies.
//
// # What it does not model
//
//   - Graph: only the calls listed in graph/routes.go. No $expand, $orderby or
//     $search, no delta, no sendMail, no OData types beyond what is named there.
//     Countries in which a plan is prohibited, proxyAddresses conflicts and the
//     provisioning of workloads after an assignment are left out.
//   - The pairs of service plans that exclude or need each other are few, and
//     data: see cloud/rules.go.
//   - Partner Center: only the calls listed in partner/routes.go. No prices,
//     invoices, promotions, credit lines, qualifications, webhooks, audit records
//     or users' licences; no scheduledActions; add-ons are known as parents and
//     children only. PATCH knows the fields that the page calls writable.
//   - customTermEndDate is kept and shown, and does not move the term's end.
//   - Delegated administration is two cases: an admin agent may write, or, where
//     the customer withholds it, only read. The relationship's life is not modelled.
//   - Legacy subscriptions, their upgrades and their offer ids are a sketch: the
//     ids are this simulator's own. So are the product ids of offers for which no
//     source names one (cloud.Offer.Invented), and all ids of the India editions.
//   - Throttling counts real time and knows the per-application quotas only.
//   - Nothing is kept over a restart, and nothing listens beyond the loopback.
package sim
