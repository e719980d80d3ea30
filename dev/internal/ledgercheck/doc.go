// Package ledgercheck holds what a run of the whole product has left behind against what was ordered: the ten "never" of the
// product, as far as a ledger of effects shows them.
//
// It knows nothing of how an upgrade is carried out. It reads the orders and what was done to them, the results that they
// ended with, the simulated Microsoft's ledger and what its tenants hold before and after, the mails, and every text in which no
// secret may stand; and it answers one [Violation] for each thing that must not be. An entry of the ledger is recognised
// as an upgrade's by the correlation id that it was sent with, which is derived from the upgrade's id; a change in the
// directory, where there is none, by the moment.
//
//	evidence.go   what is read
//	owners.go     whose an entry is
//	effects.go    nothing bought, raised or transitioned twice (1); one order, one effect (10)
//	seats.go      every seat accounted for (2)
//	people.go     nobody without a licence (3); what was switched off stays off
//	before.go     nothing before consent and eligibility, nor after a cancel in time (4, 8, 9)
//	turns.go      one upgrade at a time on a customer (5), no more than the slots in all (6)
//	secrets.go    no secret in any text (7), and the mails
package ledgercheck
