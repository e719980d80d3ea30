package upgrade

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what can be done about an error. Adapters classify, since only they know status codes, OData errors,
// AADSTS and Partner Center numbers; everybody else asks the kind.
type Kind string

const (
	// Transient errors pass by themselves: a 5xx, a broken connection, a time-out. Temporal retries.
	Transient Kind = "transient"
	// Throttled means that the vendor asked us to come back after Error.RetryAfter.
	Throttled Kind = "throttled"
	// Waiting is no fault: what we wait for has not happened yet. It is retried and wakes nobody.
	Waiting Kind = "waiting"
	// Ambiguous means that a write may have happened: read before concluding anything.
	Ambiguous Kind = "ambiguous"
	// Act needs a person: a permission, a consent, an agreement, a credential. The upgrade parks.
	Act Kind = "act"
	// Refused is the vendor's definite business answer "no". Repeating the request changes nothing.
	Refused Kind = "refused"
	// NotFound means that the thing named does not exist.
	NotFound Kind = "not_found"
	// Conflict means that somebody else changed the thing since it was read.
	Conflict Kind = "conflict"
	// GrantLost means that the grant by which we act in the tenant has died.
	GrantLost Kind = "grant_lost"
	// Invalid input: our caller's mistake, or ours.
	Invalid Kind = "invalid"
	// Unknown is everything that no page documents. The upgrade parks; it never retries for ever.
	Unknown Kind = "unknown"
)

// Error is the one error type that crosses our packages' borders.
type Error struct {
	Kind        Kind
	Code        string        // the vendor's or our own code, such as 800090, AADSTS65001 or wrong_tenant
	Message     string        // one sentence, free of secrets and of personal data
	RetryAfter  time.Duration // for Throttled: how long the vendor asked us to wait; 0 when it did not say
	Correlation string        // the id by which the vendor finds the call
	NoEffect    bool          // nothing was sent for this step, or every request was definitely refused
	Err         error         // the cause, if any
}

// Error is "kind code: message".
func (e *Error) Error() string {
	s := string(e.Kind)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s = fmt.Sprintf("%s: %v", s, e.Err)
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first *Error in err's chain, Unknown when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unknown
}

// CodeOf returns the code of the first *Error in err's chain, or "".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Retryable tells whether Temporal may try the same call again by itself.
func (k Kind) Retryable() bool {
	switch k {
	case Transient, Throttled, Waiting, Ambiguous:
		return true
	}
	return false
}
