package partner

import (
	"net/http"
	"time"

	"uplift/upgrade"
)

// done marks an answer that is an error in form and a success in substance: what was asked for is so already.
const done upgrade.Kind = "done"

// meaning is what one of Microsoft's numbers means to us.
type meaning struct {
	kind     upgrade.Kind
	waits    time.Duration // how many times Options.NotReady to stay away; 0: the retry policy decides
	sentence string
}

// statusMeaning is the meaning of a number that says something else with another status.
type statusMeaning struct {
	code string
	meaning
}

// byStatusAndCode holds the numbers that mean nothing without their status.
var byStatusAndCode = map[int][]statusMeaning{
	http.StatusUnauthorized:   {{"400", meaning{kind: upgrade.Act, sentence: "Partner Center denied access to our token"}}},
	http.StatusNotImplemented: {{"0", meaning{kind: upgrade.Transient, sentence: "Partner Center met an error that it does not define"}}},
}

// codes is Microsoft's list of error codes as far as it can meet us. What is not in it is Kind Unknown, which parks
// an upgrade rather than retrying for ever. The table says what an answer means to a read; a write that the service
// broke off with a 5xx becomes Ambiguous where it stands as Transient here.
//
// A missing or unsuitable token (800001, 900329, 900420) is Kind Act and not Refused: the customer's order is as good
// as before, and a person can mend our configuration.
//
// https://learn.microsoft.com/en-us/partner-center/developer/error-codes
var codes = map[string]meaning{
	// Access and relationship.
	"2030":   {kind: upgrade.Refused, sentence: "the partner is not onboarded to sell in this country"},
	"2032":   {kind: upgrade.Refused, sentence: "access to this resource is denied"},
	"13605":  {kind: upgrade.Act, sentence: "the customer has not accepted the Microsoft Customer Agreement"},
	"20002":  {kind: upgrade.Act, sentence: "there is no reseller relationship with this customer"},
	"90000":  {kind: upgrade.Act, sentence: "Microsoft Entra refused a token to Partner Center"},
	"800001": {kind: upgrade.Act, sentence: "the partner's token is missing from the request"},
	"800039": {kind: upgrade.Act, sentence: "the partner's reseller programme is inactive"},
	"900118": {kind: upgrade.Refused, sentence: "the customer id is not valid"},
	"900123": {kind: upgrade.Act, sentence: "the reseller has not accepted the partner agreement"},
	"900124": {kind: upgrade.Act, sentence: "the partner has not accepted the partner agreement"},
	"900149": {kind: upgrade.Act, sentence: "the partner's programme is inactive"},
	"900150": {kind: upgrade.Act, sentence: "the partner's role lacks the right"},
	"900154": {kind: upgrade.Act, sentence: "the indirect reseller's id is not linked to an active tenant"},
	"900308": {kind: upgrade.Act, sentence: "the partner's privileges in the customer's tenant are not sufficient"},
	"900309": {kind: upgrade.Act, sentence: "a Conditional Access policy blocked the partner's token"},
	"900316": {kind: upgrade.Refused, sentence: "a partner's token is not allowed for licences"},
	"900329": {kind: upgrade.Act, sentence: "this resource is not open to a token without a user"},
	"900420": {kind: upgrade.Act, sentence: "the token's audience is no longer supported"},

	// Customer and partner data.
	"2071":   {kind: upgrade.Refused, sentence: "the partner id is not a valid advisor"},
	"2072":   {kind: upgrade.Refused, sentence: "the partner id is not valid as partner of record"},
	"60002":  {kind: upgrade.NotFound, sentence: "the directory does not know this user"},
	"60003":  {kind: upgrade.NotFound, sentence: "the directory does not know this tenant"},
	"600002": {kind: upgrade.Refused, sentence: "an organisation registration id was given for a country without one"},
	"600049": {kind: upgrade.Act, sentence: "the customer's organisation registration id is missing"},
	"600050": {kind: upgrade.Act, sentence: "the customer's organisation registration id is not well formed"},
	"600051": {kind: upgrade.Act, sentence: "the customer's telephone number is missing"},
	"600061": {kind: done, sentence: "an agreement with these details exists already"},
	"800015": {kind: upgrade.NotFound, sentence: "the partner id is not known"},
	"800016": {kind: upgrade.Refused, sentence: "the partner id is not a valid indirect reseller"},
	"900400": {kind: upgrade.Refused, sentence: "the transfer cannot be requested"},

	// Money and risk.
	"800023": {kind: upgrade.Act, sentence: "the partner's credit line does not allow this"},
	"800024": {kind: upgrade.Act, sentence: "the partner is not eligible for this transaction"},
	"800025": {kind: upgrade.Act, sentence: "the partner is not eligible for this transaction"},
	"800026": {kind: upgrade.Act, sentence: "the partner is not eligible for this transaction"},
	"800062": {kind: upgrade.Act, sentence: "the partner is not eligible for this transaction"},
	"800069": {kind: upgrade.Act, sentence: "the transaction failed Microsoft's risk check"},
	"800073": {kind: upgrade.Act, sentence: "the customer's account is under review, which takes days"},
	"800074": {kind: upgrade.Act, sentence: "the customer's account is under review, which takes days"},
	"800075": {kind: upgrade.Act, sentence: "the customer's account was not approved"},
	"900121": {kind: upgrade.Act, sentence: "the credit limit is not sufficient"},
	"900169": {kind: upgrade.Refused, sentence: "the currency is not supported for these items"},
	"900416": {kind: upgrade.Act, sentence: "the customer's account is locked for transactions"},

	// State of a subscription.
	"2001":   {kind: upgrade.Refused, sentence: "the quantity cannot change while the subscription is being suspended"},
	"2011":   {kind: upgrade.Refused, sentence: "the subscription is deleted"},
	"2012":   {kind: upgrade.Transient, sentence: "the commerce subscription is not yet mapped to the directory"},
	"2055":   {kind: upgrade.Transient, sentence: "the subscription has changed since it was read"},
	"20003":  {kind: upgrade.NotFound, sentence: "Partner Center does not know this subscription"},
	"27009":  {kind: upgrade.Refused, sentence: "a child cannot be enabled while its parent is inactive"},
	"800036": {kind: upgrade.Transient, sentence: "a precondition of the change does not hold yet"},
	"800037": {kind: upgrade.NotFound, sentence: "Partner Center does not know this asset"},
	"800038": {kind: upgrade.NotFound, sentence: "there is no information about future billing"},
	"800040": {kind: upgrade.Refused, sentence: "the subscription cannot go from its status to the one asked for"},
	"800072": {kind: upgrade.Transient, sentence: "the subscription has not finished synchronising"},
	"800081": {kind: upgrade.Refused, sentence: "the subscription has to be activated first"},
	"800082": {kind: upgrade.Transient, waits: 1, sentence: "the subscription is not ready to be updated"},
	"800091": {kind: upgrade.Refused, sentence: "a suspended subscription cannot be updated"},
	"800093": {kind: upgrade.Refused, sentence: "the subscription is not eligible for automatic renewal"},
	"800094": {kind: upgrade.Transient, sentence: "the update of the subscription was not successful"},
	"800096": {kind: upgrade.Refused, sentence: "the subscription's status cannot be updated"},
	"900277": {kind: upgrade.Refused, sentence: "the subscription is about to expire"},
	"900278": {kind: upgrade.Transient, waits: 5, sentence: "an operation on the subscription is pending"},
	"900279": {kind: upgrade.Refused, sentence: "the subscription can no longer be updated"},
	"900280": {kind: upgrade.Transient, waits: 5, sentence: "the subscription cannot be updated at present"},
	"900311": {kind: upgrade.Act, sentence: "the subscription was updated too many times"},

	// Quantity.
	"2002":   {kind: upgrade.Refused, sentence: "the quantity is outside what the offer allows"},
	"800017": {kind: upgrade.Refused, sentence: "this quantity of the item is not available"},
	"800027": {kind: upgrade.Refused, sentence: "the item does not allow another quantity"},
	"800067": {kind: upgrade.Refused, sentence: "the seats exceed the maximum of a subscription"},
	"800088": {kind: upgrade.Refused, sentence: "the seats exceed what a subscription may still have"},
	"800089": {kind: upgrade.Refused, sentence: "the seats exceed what a customer may still have"},
	"800090": {kind: upgrade.Refused, sentence: "the quantity cannot be decreased"},
	"800095": {kind: upgrade.Refused, sentence: "the quantity cannot be updated"},
	"900214": {kind: upgrade.Refused, sentence: "the window in which seats can be given back has closed"},
	"900257": {kind: upgrade.Refused, sentence: "the window in which seats can be given back has closed"},
	"900275": {kind: upgrade.Refused, sentence: "the quantity is outside what the line item allows"},
	"900419": {kind: upgrade.Refused, sentence: "the tenant has too many subscriptions"},

	// Term, billing cycle, cancellation.
	"2054":   {kind: upgrade.Refused, sentence: "the billing cycle cannot change in this way"},
	"6000":   {kind: upgrade.Refused, sentence: "the order holds an inactive subscription"},
	"6001":   {kind: upgrade.Refused, sentence: "the term is not supported"},
	"800085": {kind: upgrade.Refused, sentence: "the billing cycle differs from the original order's"},
	"800097": {kind: upgrade.Refused, sentence: "the billing cycle cannot be updated"},
	"800098": {kind: upgrade.Refused, sentence: "the partner of record cannot be updated"},
	"800107": {kind: upgrade.Refused, sentence: "a trial's term cannot change"},
	"800121": {kind: upgrade.Refused, sentence: "the term is not valid"},
	"800122": {kind: upgrade.Refused, sentence: "the term is shorter than the present one"},
	"900117": {kind: upgrade.Refused, sentence: "the cancellation window has closed"},
	"900213": {kind: upgrade.Refused, sentence: "the cancellation window has closed"},
	"900242": {kind: upgrade.Refused, sentence: "the end date of the next term is not valid"},
	"900244": {kind: upgrade.Refused, sentence: "the end date of the next term is not valid"},
	"900245": {kind: upgrade.Refused, sentence: "the end date of the next term is not valid"},
	"900246": {kind: upgrade.Refused, sentence: "the end date of the next term is not valid"},

	// Transitions.
	"900236": {kind: upgrade.Refused, sentence: "the target subscription ends before the source"},
	"900258": {kind: upgrade.Refused, sentence: "the target subscription is not active"},
	"900259": {kind: upgrade.Refused, sentence: "the target subscription is the source"},
	"900260": {kind: upgrade.Refused, sentence: "the target subscription has another offer"},
	"900261": {kind: upgrade.Transient, waits: 1, sentence: "the target subscription is not ready to be upgraded"},
	"900263": {kind: upgrade.Refused, sentence: "a legacy subscription cannot be moved in this way"},
	"900267": {kind: upgrade.Refused, sentence: "the target's term is shorter than the source's"},
	"900268": {kind: upgrade.Refused, sentence: "the target's term is not valid"},
	"900269": {kind: upgrade.Refused, sentence: "the target's billing cycle is not valid"},
	"900270": {kind: upgrade.Refused, sentence: "the target's billing cycle is longer than its term"},
	"900215": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900216": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900217": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900218": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900219": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900220": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900221": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900222": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900226": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900247": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900248": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},
	"900262": {kind: upgrade.Refused, sentence: "the subscription cannot be migrated to new commerce"},

	// Catalogue.
	"2006":   {kind: upgrade.Refused, sentence: "the offer does not allow this"},
	"2085":   {kind: upgrade.Refused, sentence: "the offer is not eligible for purchase"},
	"2091":   {kind: upgrade.Refused, sentence: "the offer is no longer available"},
	"2100":   {kind: upgrade.Refused, sentence: "the item belongs to new commerce"},
	"27006":  {kind: upgrade.Refused, sentence: "the promotion has been used up"},
	"27007":  {kind: upgrade.Refused, sentence: "the promotion code is not valid"},
	"400013": {kind: upgrade.NotFound, sentence: "the catalogue does not know this product"},
	"400018": {kind: upgrade.NotFound, sentence: "the catalogue does not know this SKU"},
	"400019": {kind: upgrade.Transient, sentence: "the availability has rotated; it has to be fetched anew"},
	"400036": {kind: upgrade.Refused, sentence: "the catalogue's view is not open to us"},
	"400072": {kind: upgrade.Refused, sentence: "the item is not available"},
	"800004": {kind: upgrade.Refused, sentence: "the offer's id is not valid"},
	"800020": {kind: upgrade.Refused, sentence: "the catalogue item is not eligible for purchase"},
	"800028": {kind: upgrade.Refused, sentence: "the initial term is no longer sold"},
	"800029": {kind: upgrade.Refused, sentence: "the add-on does not belong to its parent"},
	"800066": {kind: upgrade.Refused, sentence: "the customer has too many subscriptions of this offer"},
	"800070": {kind: upgrade.Refused, sentence: "the offer is not sold in this country"},
	"800083": {kind: upgrade.Refused, sentence: "the availability does not fit the line item"},
	"800084": {kind: upgrade.Refused, sentence: "the duration does not fit the line item"},
	"800086": {kind: upgrade.Refused, sentence: "the tenant lacks what the offer needs"},
	"800087": {kind: upgrade.Refused, sentence: "the line item is not valid"},
	"900127": {kind: upgrade.Refused, sentence: "this is not supported in this environment"},
	"900203": {kind: upgrade.Refused, sentence: "the attestation of an item is missing"},
	"900206": {kind: upgrade.Refused, sentence: "the partner's attestation is missing"},
	"800018": {kind: upgrade.Refused, sentence: "the sandbox's limit is reached"},
	"900116": {kind: upgrade.Refused, sentence: "the sandbox's limit is reached"},
	"900322": {kind: upgrade.Refused, sentence: "the offer is not sold in a sandbox"},

	// Orders and carts.
	"4018":   {kind: upgrade.Refused, sentence: "the order cannot be processed"},
	"20000":  {kind: upgrade.Transient, sentence: "the order cannot be found yet"},
	"60000":  {kind: upgrade.Transient, sentence: "the migration of the customer's licences failed"},
	"60012":  {kind: upgrade.Transient, sentence: "no licence is left to assign"},
	"800005": {kind: upgrade.Transient, sentence: "the order could not be created"},
	"800007": {kind: upgrade.Transient, sentence: "there is no information about the provisioning yet"},
	"800008": {kind: upgrade.NotFound, sentence: "Partner Center does not know this cart"},
	"800009": {kind: upgrade.Refused, sentence: "an item of the cart is in error"},
	"800014": {kind: upgrade.Transient, waits: 1, sentence: "an adjustment of the order is pending"},
	"800060": {kind: upgrade.Ambiguous, waits: 1, sentence: "an order is in progress; its outcome is in the history some minutes later"},
	"800061": {kind: upgrade.Refused, sentence: "the order cannot be cancelled"},
	"800063": {kind: upgrade.Refused, sentence: "the order cannot be cancelled"},
	"800064": {kind: upgrade.Transient, sentence: "the cart is being processed by another request"},
	"800065": {kind: done, sentence: "the cart was submitted already"},

	// Requests.
	"1000":   {kind: upgrade.NotFound, sentence: "Partner Center does not know this resource"},
	"3000":   {kind: upgrade.Refused, sentence: "a property of the request is not valid"},
	"800002": {kind: upgrade.Refused, sentence: "the request's input is not valid"},
	"800003": {kind: upgrade.Transient, sentence: "Partner Center met an unexpected error"},
	"900126": {kind: upgrade.Refused, sentence: "a value of the request is not one of those allowed"},
	"900192": {kind: upgrade.Transient, sentence: "Partner Center had something go wrong"},
}
