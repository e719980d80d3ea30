// Package importtest holds the arrows of the architecture: which package of the root module may import which, and what
// each must not reach however many packages lie between. It has tests only. rules_test.go is the table, and the place to
// change when an arrow is to change; graph_test.go reads the module with go list; arrows_test.go holds one to the other.
//
// Tests are exempt, except that only internal/graph may meet msgraph, and nothing here the Temporal server.
package importtest
