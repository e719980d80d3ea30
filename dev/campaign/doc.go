// Command campaign carries a random mix of orders through the whole product, against a simulated Microsoft that misbehaves, and
// kills every process of the product now and then. At the end it holds what is left behind against what was ordered.
//
//	go -C dev run ./campaign -upgrades 200 -seed 1
//
// # Processes
//
// The Temporal server on its database file, two workers, the starter's pages and Microsoft each run in a process of their
// own: this program again, with a role in its environment (role.go, cloud.go). All but Microsoft, whose ledger is what it is
// about, are ended by SIGKILL at random moments (killer.go) and replaced (process.go), at the same addresses (site.go). The
// campaign itself is everybody else: billing, the customers' administrators, the operator and whoever sends nonsense.
//
// # Time
//
// A day takes some seconds, for Microsoft and for every wait of the product. What takes real time keeps it: a restart, a connection that
// hangs, Temporal's retries, a person who types a code.
//
// # A round
//
//	campaign.go       the orders and the processes, side by side, to the last end
//	orders.go         what is ordered: every kind of work, by weight
//	customers.go      the tenants that it is ordered for
//	play.go           one order, from its start to the end of its last run
//	administrator.go  who is invited: signs in, days later, wrongly, or not at all
//	operator.go       answers what is parked, confirms
//	mischief.go       false, malformed and repeated signals, cancels, terminations, starts that conflict
//	gather.go         what is left behind: ledger, holdings, results, histories, logs, mails
//	report.go         what it came to
//	careless.go       the planted defect by which a test shows that the check can fail
//
// The check is package ledgercheck's: it knows nothing of this program.
//
// # Repeating a round
//
// The seed decides customers, orders, people, messages, faults and the moments of kills. The order in which two
// processors run it all is nobody's: a round with the same seed meets the same troubles, not at the same instant.
package main
