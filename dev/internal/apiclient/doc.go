// Package apiclient is a client of the HTTP API, generated from the OpenAPI document that `starter serve` serves, as a billing
// system's authors would generate theirs. Nothing in it is written by hand; its tests hold that the document generates it, that the
// document validates without a word, and package main's that it carries an upgrade through.
//
// After a change of the API: go test ./internal/apiclient -update
package apiclient
