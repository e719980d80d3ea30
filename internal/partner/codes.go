package partner

import (
	"net/http"
	"time"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// done marks an answer that is an error in form and a success in substance: what was asked for is so already.
const done upgrade.Kind = "done"

// usualPause is the pause, as the error book gives it, for which Options.NotReady stands; longer ones grow with it.
const usualPause = 2 * time.Minute

// nothingKnown is what we say of an answer that the error book does not have.
const nothingKnown = "Partner Center gave an answer that no page of its describes"

// meaningOf looks a number up in the error book, first as it stands with this status, then by itself; then the status
// alone. What is not in the book is Kind Unknown, which parks an upgrade rather than retrying for ever.
//
// A missing or unsuitable token (800001, 900329, 900420) is Kind Act and not Refused: the customer's order is as good
// as before, and a person can mend our configuration.
func meaningOf(status int, code string) errorbook.Row {
	unknown := errorbook.Row{Class: errorbook.Act, Trait: errorbook.Unknown, Message: nothingKnown}
	if r, ok := errorbook.Find(errorbook.Partner, code, status, ""); ok {
		return r
	}
	if status == http.StatusNotFound && code == "" {
		return unknown // a stranger between us and Partner Center does not know the address
	}
	if r, ok := errorbook.OfStatus(errorbook.Partner, status); ok {
		return r
	}
	return unknown
}

// kindOf says what a row means to a read; a write that the service broke off with a 5xx becomes Ambiguous where the row
// is Transient here.
func kindOf(r errorbook.Row) upgrade.Kind {
	switch r.Trait {
	case errorbook.Unknown:
		return upgrade.Unknown
	case errorbook.Unclear:
		return upgrade.Ambiguous
	case errorbook.Slower:
		return upgrade.Throttled
	case errorbook.Missing:
		return upgrade.NotFound
	}
	switch r.Class {
	case errorbook.Retry, errorbook.Wait:
		return upgrade.Transient
	case errorbook.Act:
		return upgrade.Act
	case errorbook.Stop:
		return upgrade.Refused
	case errorbook.Done:
		return done
	}
	return upgrade.Unknown
}

// stay is how long to keep away before the next request, where the row says so; 0: the retry policy decides.
func (c *Client) stay(r errorbook.Row) time.Duration {
	return time.Duration(float64(r.Stay) / float64(usualPause) * float64(c.notReady))
}
