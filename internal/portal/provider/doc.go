// Package provider is the provider's pages: customers, the wizard that places an order, pending invitations, upgrades, resellers,
// plans, the price list, and batches. It serves html/template over package desk, which decides who may do what; no page decides that.
//
// Everything works without scripts. With them, pages that follow something follow it by themselves.
//
// Where to find what:
//
//   - provider.go: what the pages need, and all their routes
//   - answer.go: what a handler answers, and how that becomes a page or a redirect; said.go: what is said once on the next page
//   - render.go, words.go: templates, their functions, and words for stages, ends and roles
//   - customers.go · wizard.go, wizard_steps.go, wizard_forms.go · invitations.go · upgrades.go · upgrade.go, actions.go, users.go ·
//     resellers.go · plans.go · prices.go · callbacks.go: a file for each subject
//   - batches.go, batch.go, batch_words.go: batches; bulk.go, bulk_rows.go, bulk_check.go: the wizard that places one
//   - live.go: the stream that an open page follows
package provider
