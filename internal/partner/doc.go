// Package partner speaks with Partner Center's REST interface: the customers, subscriptions, transitions and catalogue
// of one Cloud Solution Provider.
//
// Every call goes through one helper (call.go), every answer that is not a success through one classification
// (classify.go) over one table of Microsoft's numbers (codes.go). Nothing is retried here, except that a token which
// the service refused is renewed once: when and how often to repeat is the workflow's business.
//
// What makes a write safe to repeat:
//
//   - it carries the caller's [upgrade.WriteID] as MS-RequestId, which Partner Center takes as the idempotency key;
//   - quantities are absolute, and the subscription is read before it is changed: a change that already holds is
//     not sent again;
//   - a reply that was lost is Kind Ambiguous and never Kind Transient, so that the caller reads before it concludes.
//
// PATCH has full-body semantics: what is left out is reset silently. A change therefore reads the subscription as raw
// JSON, alters one field and sends all of it back, with the fields and the digits that we do not know.
//
// See https://learn.microsoft.com/en-us/partner-center/developer/partner-center-rest-api-reference
package partner
