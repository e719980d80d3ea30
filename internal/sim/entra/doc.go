// Package entra simulates the sign-in service of Microsoft Entra ID
// (login.microsoftonline.com) closely enough that a client which works against
// it has met the awkward habits of the real one.
//
// # Way round
//
//   - types.go: what the simulated cloud must offer (State) and what it gets (Token)
//   - server.go: all routes; faults.go: every way to misbehave, each with a name
//   - problem.go: the error envelope and the AADSTS numbers
//   - token_endpoint.go: the token endpoint up to the grant, with client.go and assertion.go
//   - device.go, clientcredentials.go, refresh.go, authcode.go: one file per grant
//   - login.go, decide.go, pages.go: what a person sees and does in a browser
//   - approles.go: the roles of an application, for persons and for other applications
//   - adminconsent.go: both generations of the administrator's consent
//   - tokens.go, verify.go: the tokens, and their reader for the other simulators
//
// # Deliberately different
//
// Access tokens are readable here; the real ones are opaque by contract and no
// client may look inside. Signing keys are made at start and nothing is kept
// over a restart. A page takes a name and a password; there is no second
// factor, yet the tokens say "mfa" unless FaultNoMFA speaks. There is no
// single sign-on: every page asks again.
//
// # Limitations
//
// A consent by an ordinary user counts for the whole tenant. Single-tenant
// applications (50194), response_mode other than query, encrypted or v1
// openid-configuration, the on-behalf-of and password grants, home realm
// discovery, other national clouds and the sign-out endpoint are not modelled.
//
// Facts come from Microsoft's pages on the v2.0 endpoints
// (learn.microsoft.com/entra/identity-platform/), by the name of the page in the
// comments. UNVERIFIED marks what no page confirms.
package entra
