package graph

import (
	"net/http"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// userNotFound is our code for a user whom the directory does not know.
const userNotFound = "user_not_found"

// meaningOf finds an answer in the error book: by status, code and parts of the message, then by the status alone. For a
// refused assignment the code is always Request_BadRequest, so that only the message tells; Microsoft documents none of
// these texts, they are as reported from the field. What the book does not have is Kind Unknown, which parks rather than
// retrying for ever.
//
// https://learn.microsoft.com/en-us/graph/errors and https://learn.microsoft.com/en-us/graph/api/user-assignlicense
func meaningOf(a answer, f fault) errorbook.Row {
	if a.status == http.StatusNotFound && a.write {
		// We write to users only, and who is gone cannot be written to: a definite no, not a mistake in an address.
		if r, ok := errorbook.Find(errorbook.Ours, userNotFound, 0, ""); ok {
			r.As, r.Trait = userNotFound, ""
			return r
		}
	}
	if r, ok := errorbook.Find(errorbook.Graph, f.Error.Code, a.status, f.Error.Message); ok {
		return r
	}
	if r, ok := errorbook.OfStatus(errorbook.Graph, a.status); ok {
		return r
	}
	return errorbook.Row{Class: errorbook.Act, Trait: errorbook.Unknown, Message: "Microsoft Graph gave an answer that no page of its describes"}
}

// kindOf says what a row means.
func kindOf(r errorbook.Row) upgrade.Kind {
	switch r.Trait {
	case errorbook.Unknown:
		return upgrade.Unknown
	case errorbook.Slower:
		return upgrade.Throttled
	case errorbook.Grant:
		return upgrade.GrantLost
	case errorbook.Changed:
		return upgrade.Conflict
	case errorbook.Missing:
		return upgrade.NotFound
	case errorbook.Input:
		return upgrade.Invalid
	}
	switch r.Class {
	case errorbook.Retry, errorbook.Wait:
		return upgrade.Transient
	case errorbook.Act:
		return upgrade.Act
	case errorbook.Stop:
		return upgrade.Refused
	}
	return upgrade.Unknown
}
