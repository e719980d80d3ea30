// Package workflows is the story of an upgrade, deterministic: what happens when, who is asked, what is undone. What is
// done outside stands in package activities.
//
// Where to find what:
//
//   - upgrade.go: UpgradeCustomerWorkflow from top to bottom
//   - before.go: planning, checking, confirming, the turn: nothing changes yet
//   - consent.go: the invitation, its reminders and its expiry, the claim and its proof
//   - authentication.go: the device code and who follows it
//   - change.go: the change, the licences, the settling; steps.go: one step of the plan, by its kind of work
//   - scheduled.go: standing by until a renewal
//   - saga.go: undo
//   - attempt.go: what happens to a step that fails; parked.go: waiting for an operator
//   - cancel.go, signals.go, updates.go: what people may say, and when
//   - present.go, details.go: what people see: status, search attributes, the Temporal UI's words
//   - classes.go: timeouts and retries by class of work
//   - plan.go: PlanUpgradeWorkflow, the dry run
//
// Nothing here reads the catalogue, the configuration or a clock other than Temporal's: a replay would take another
// branch after a deploy.
package workflows
