// Package pricelist reads and writes the provider's price list as CSV, and says everything that is wrong with one. It is
// pure: bytes and a catalogue come in, prices or problems go out.
//
// The first line is "offer,market,term,billingCycle,currency,price". An empty market means everywhere; a row of the
// customer's market goes before it. A price is what the provider asks for a seat and a billing cycle, with a point and at most
// as many digits behind it as the currency has. A market has one currency, since an estimate in two is none.
package pricelist
