// Package callback calls billing systems back, as the Standard Webhooks specification says
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): a POST of JSON with the headers
// webhook-id, webhook-timestamp and webhook-signature.
//
// Where a callback goes is the provider's configuration and never an order's, so an address within the provider's own network is
// meant as it is written: there is no list of private addresses that are refused. No redirect is followed, since it would carry the
// callback to where nobody has configured it.
package callback
