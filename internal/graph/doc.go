// Package graph speaks with Microsoft Graph about one customer's tenant: its products, its users and their licences.
// It is the only importer of msgraph-sdk-go, which is slow to compile.
//
// The SDK's request adapter sends every request, and its models read every answer but users (userjson.go), which are many. Its request builders stand on
// their own here, since the SDK's root package compiles all of Graph and writes to globals of its libraries whenever
// a client is made. The adapter's retry, redirect and compression middleware is left out: repeating is the workflow's
// business, a redirect would carry the token elsewhere, and not every service takes compressed requests. Status,
// headers and body of an answer are kept beside the SDK's own reading of them (exchange.go), because a failure is
// classified by all three (classify.go, rules.go).
//
// $batch is encoded and decoded here (batch.go): the SDK's own batch types lose parts of a body, and panic on an
// answer without a status.
//
// Every method takes a [upgrade.Grant] and asks Options.Token for a token of it; no token is kept.
package graph
