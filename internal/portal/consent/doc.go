// Package consent is the page on which a customer's administrator consents to an upgrade, or declines.
//
// It is reached by a link that is a capability: its token names an upgrade and an invitation, sealed, and whoever has it may
// read the page and answer. So the token is never logged (a prefix of its hash is), never leaves in a referrer, and is in no
// page but its own. Opening the page changes nothing, since mail scanners open links: starting and declining are posts from
// the page's own origin.
//
// Where to find what:
//
//   - routes.go: [Routes]
//   - consent.go: the page and its two posts
//   - admin.go: the consent in the browser: to Microsoft's pages, and what comes back from them
//   - view.go: from an upgrade's status to what the page shows; the one place that decides
//   - events.go: the stream by which an open page follows
//   - texts/: every word, one file for each language
//   - templates/, assets/: the page itself, its style and its script
package consent
