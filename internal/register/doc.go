// Package register keeps what must outlive Temporal, which forgets a closed run when its retention ends: which workflow
// holds which order, how every upgrade ended, who consented and how, operators' answers, photographs and reports of
// users, which plan a subscription is on, and, sealed, the tokens of a running upgrade. Nothing in it decides a running
// workflow: that is history's.
//
// # Way round
//
//   - register.go: Open, Options, transactions; dialect.go: SQLite and PostgreSQL; migrate.go: the schema's numbers
//   - claim.go: who may carry an order out; upgrades.go: plan, end, and reading a claim
//   - secrets.go: device codes and tokens; users.go: snapshots and reports; notes.go: journal, answers, evidence,
//     memberships; prices.go: the price list; retention.go: how long things are kept, and erasing a customer
//   - recorded.go: lists of attempts, and who did what; inventory.go: all customers, a copy for looking and choosing;
//     resellers.go: resellers, their customers and entitlements
//
// # Schema
//
// The tables are those of migrations/. Times are microseconds since 1970 in UTC, 0 for "not yet". Documents are JSON in
// the form of package upgrade.
//
//	orders       order_id → last_attempt. One row for each order for ever: its row lock serializes claims.
//	upgrades     upgrade_id ("order#attempt") → workflow id, first run id, hash and text of the order, plan, end, result
//	codes        upgrade, invitation → pending device code, sealed
//	tokens       upgrade, invitation → delegated tokens, sealed
//	evidence     upgrade, invitation → who consented, when, how, with which scopes
//	snapshots    upgrade, user → the user as photographed, and the usage location that we set
//	reports      upgrade, user → what became of the user
//	journal      upgrade, step → the note taken before a write
//	answers      upgrade, update id → an operator's word
//	memberships  tenant, subscription → provider's plan and offer
//	price_list   when the provider's price list was stored; prices: its rows. Kept until the next one
//	inventory_customers, inventory_lines  tenant → the customer and its subscriptions as Partner Center last told them
//	inventory    how the last inventory went
//	resellers    id → name; reseller_customers: tenant → whose it is; management_plans; entitlements: reseller, number → a
//	             subscription to a management plan
//	audit        who did what in the pages or by the API, besides the answers to upgrades
//	schema_version  the migrations that were applied
//
// # Secrets
//
// Codes and tokens are sealed as one record each, before they reach SQL, with "table/upgrade/invitation" as the associated
// context: a row that is copied under another upgrade does not open. Backups and replicas hold nothing that can be used
// without the key file.
//
// # Several processes
//
// Worker and starter open one register at once. On SQLite every writer begins its transaction with the write lock (one
// writer at a time, the others wait up to ten seconds); readers go on meanwhile in WAL mode. On PostgreSQL a claim locks
// the order's row, and migrations hold an advisory lock.
package register
