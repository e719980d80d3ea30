// Package errorbook is the one place that says what a code means: what can be done about it, how long its effect may
// take to show, what a customer, an operator and billing should read, and where Microsoft describes it. It is data, in the
// JSON files beside this comment, one row for each code, and a few small functions that find a row.
//
// # Who asks it
//
// The adapters classify by it: internal/entra, internal/graph and internal/partner find the row of an answer, and make an
// upgrade.Kind of its class and trait. What a class means depends on the use (the same number means another thing in a
// sign-in and in a renewal of a grant), so that step stays with the adapter. The activities put the row's sentences into
// the details of a failure, and ask how long a write may take to show. `starter errors` prints it.
//
// Workflows must not ask it: the book changes with a deploy, and a replay would take another branch. They read what an
// activity has recorded.
//
// # How to add a row
//
// Write it into the file of its service, in the section where its neighbours stand. What a code says to the operator is
// always written; the customer and billing get the sentences of the class (classes.json) where a code needs nothing
// special. The customer is an administrator who knows neither Partner Center nor us: no code, no name of an interface.
// A code that is not in the book stays unknown, and parks.
package errorbook
