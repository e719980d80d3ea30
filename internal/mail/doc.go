// Package mail writes and sends the letters of an upgrade: to the customer's administrator, who is asked and told, and to
// the provider's operator, who decides.
//
// # Way round
//
//   - mailer.go: Options, New, Send; problem.go: what a mail server's refusal means
//   - compose.go, administrator.go, operator.go: what stands in each letter, as a list of parts
//   - render.go, templates/: the parts as text and as HTML, so that both always say the same
//   - words.go, words/en.txt: every sentence, by language. A language is added as one more file; what it lacks is said in
//     English
//   - clean.go: what comes from outside, made fit for a header or a line
//
// # The link
//
// The link to the consent page is a capability. It stands in the body of the mail and nowhere else: no header, no error
// and no log has it, and neither have they the reader's address.
package mail
