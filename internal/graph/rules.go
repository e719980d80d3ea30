package graph

import (
	"net/http"

	"uplift/upgrade"
)

// rule is what an answer means to us. Empty conditions match everything; the first rule that matches counts.
type rule struct {
	status   int    // 0: any
	code     string // Graph's own code; empty: any
	says     string // a part of the message, in lower case; empty: any
	write    bool   // of writes only
	kind     upgrade.Kind
	as       string // our code; empty: Graph's own
	sentence string
}

// rules classify by status, code and parts of the message. For a refused assignment the code is always
// Request_BadRequest, so that only the message tells; Microsoft documents none of these texts, they are as reported
// from the field. What no rule matches is Kind Unknown, which parks rather than retrying for ever.
//
// https://learn.microsoft.com/en-us/graph/errors and https://learn.microsoft.com/en-us/graph/api/user-assignlicense
var rules = []rule{
	{status: http.StatusUnauthorized, kind: upgrade.GrantLost, sentence: "Microsoft Graph no longer accepts the grant's token"},
	{status: http.StatusForbidden, kind: upgrade.Act, sentence: "the grant lacks a permission, or the person a role"},
	{status: http.StatusTooManyRequests, kind: upgrade.Throttled, sentence: "Microsoft Graph asks us to slow down"},
	{status: 509, kind: upgrade.Throttled, sentence: "Microsoft Graph asks us to slow down"},
	{code: "Request_ThrottledTemporarily", kind: upgrade.Throttled, sentence: "Microsoft Graph asks us to slow down"},
	{status: http.StatusConflict, code: "Directory_ConcurrencyViolation", kind: upgrade.Transient, sentence: "other changes of the directory are under way"},
	{status: http.StatusPreconditionFailed, kind: upgrade.Conflict, sentence: "the object has changed since it was read"},
	{status: http.StatusLocked, kind: upgrade.Transient, sentence: "the object is locked"},
	{status: http.StatusFailedDependency, kind: upgrade.Transient, sentence: "the part of the batch before this one failed"},

	{status: http.StatusBadRequest, says: "invalid usage location", kind: upgrade.Refused, as: "no_usage_location", sentence: "the user has no usage location, or one that is not valid"},
	{status: http.StatusBadRequest, says: "does not have any available licenses", kind: upgrade.Refused, as: "no_seats", sentence: "no seat of the product is free"},
	{status: http.StatusBadRequest, says: "valid company license", kind: upgrade.Refused, as: "sku_not_owned", sentence: "the tenant does not hold the product"},
	{status: http.StatusBadRequest, says: "mutually exclusive", kind: upgrade.Refused, as: "conflicting_services", sentence: "service plans of the user's products exclude each other"},
	{status: http.StatusBadRequest, says: "depends on the service plan", kind: upgrade.Refused, as: "dependency", sentence: "a service plan depends on another one that the user would not have"},
	{status: http.StatusBadRequest, says: "inherited from a group", kind: upgrade.Refused, as: "inherited_from_group", sentence: "the user has the licence by a group, and it cannot be taken from the user"},
	{status: http.StatusBadRequest, says: "corresponding license", kind: upgrade.Conflict, as: "license_not_held", sentence: "the user no longer has the licence that was to be removed"},
	{status: http.StatusBadRequest, says: "no license changes", kind: upgrade.Invalid, as: "no_changes", sentence: "the change names no licence"},
	{status: http.StatusBadRequest, says: "invalid object identifier", kind: upgrade.NotFound, as: "user_not_found", sentence: "the directory does not know this user"},

	{status: http.StatusNotFound, write: true, kind: upgrade.Refused, as: "user_not_found", sentence: "the directory does not know this user"},
	{status: http.StatusNotFound, kind: upgrade.NotFound, sentence: "the directory does not know this object"},
	{status: http.StatusRequestTimeout, kind: upgrade.Transient, sentence: "Microsoft Graph took too long"},
	{status: http.StatusInternalServerError, kind: upgrade.Transient, sentence: "Microsoft Graph has trouble of its own"},
	{status: http.StatusBadGateway, kind: upgrade.Transient, sentence: "Microsoft Graph has trouble of its own"},
	{status: http.StatusServiceUnavailable, kind: upgrade.Transient, sentence: "Microsoft Graph has trouble of its own"},
	{status: http.StatusGatewayTimeout, kind: upgrade.Transient, sentence: "Microsoft Graph took too long"},
}
