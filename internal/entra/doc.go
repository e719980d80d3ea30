// Package entra is our client of Microsoft Entra ID: sign-in by device code, app-only tokens, refresh, and the
// verification of id tokens, by golang.org/x/oauth2 and github.com/coreos/go-oidc.
//
// # Way round
//
//   - client.go: Options, New; transport.go: what every request goes through
//   - device.go: start and poll apart, so that another process can go on polling
//   - app.go: tokens of the application itself; credential.go: how it proves who it is
//   - identify.go: who signed in; grants.go: the token for a grant, refreshed in time
//   - adminpages.go: an administrator's sign-in and consent in the browser; partneruser.go: the partner's own user
//   - table.go: the AADSTS numbers as data; problem.go: from an answer to an upgrade.Error
//
// # What never leaves this package
//
// Microsoft's error_description names users and sometimes quotes what was sent. An error made here carries the number, a
// sentence of our own, and the ids by which Microsoft finds the call; never the description and never the body.
//
// Pages: learn.microsoft.com/entra/identity-platform/ v2-oauth2-device-code, v2-oauth2-client-creds-grant-flow,
// certificate-credentials, id-token-claims-reference, reference-error-codes.
package entra
