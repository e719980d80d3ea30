// Package mailbox is the post box of the simulator: an SMTP server on loopback
// that delivers nothing and shows everything on a small page.
//
// It keeps messages in memory. A message whose Message-ID was seen before is kept
// once and counted in Copies, so that a test can tell "sent twice" from "two
// mails". FailNext and LoseReplies make it misbehave.
//
// # Limitations
//
// No TLS, no authentication and no delivery. Bodies in charsets other than UTF-8,
// US-ASCII and ISO-8859-1 are shown as they came. Attachments are named, not kept
// apart from the raw source.
package mailbox
