package graph

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"uplift/upgrade"
)

// answer is an answer that is no success: of a request, or of a part of a batch.
type answer struct {
	status      int
	header      http.Header
	body        []byte
	write       bool
	correlation string
}

// errUnauthorized marks an answer of 401.
var errUnauthorized = errors.New("the token was not accepted by Microsoft Graph")

// fault is Graph's error envelope: https://learn.microsoft.com/en-us/graph/errors
type fault struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// classify says what an answer means, by the error book.
func classify(a answer) *upgrade.Error {
	var f fault
	_ = json.Unmarshal(a.body, &f) // the page of a gateway in between has no code
	r := meaningOf(a, f)
	e := &upgrade.Error{Kind: kindOf(r), Code: r.As, Message: r.Message, Correlation: a.correlation, RetryAfter: retryAfter(a.header)}
	if e.Code == "" {
		e.Code = codeOf(f.Error.Code)
	}
	if e.Code == "" {
		e.Code = defaultCode(a.status)
	}
	// A service that broke off a write may have done it.
	if a.write && e.Kind == upgrade.Transient && (a.status >= 500 || a.status == http.StatusRequestTimeout) {
		e.Kind = upgrade.Ambiguous
	}
	if said := scrub(f.Error.Message); said != "" && r.As == "" {
		e.Message += " (Microsoft: " + said + ")"
	}
	if a.status == http.StatusUnauthorized {
		e.Err = errUnauthorized
	}
	return e
}

// defaultCode is the code of an answer without one.
func defaultCode(status int) string {
	switch status {
	case http.StatusForbidden:
		return "Authorization_RequestDenied"
	case http.StatusUnauthorized:
		return "InvalidAuthenticationToken"
	}
	return "http_" + strconv.Itoa(status)
}

// maxRetryAfter bounds what a vendor may ask for; anything longer is a mistake that would look like a hang.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads the header, as seconds or as a date on the service's clock; 0 when it says nothing.
// https://learn.microsoft.com/en-us/graph/throttling
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return time.Duration(min(max(seconds, 0), maxRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(until(at, h), 0), maxRetryAfter)
}

// until is how far away a date is: by the reply's own Date header, since our clock may differ from the service's, and
// by our clock, since a gateway in between may have written one of the two. The sooner that is not past counts.
func until(at time.Time, h http.Header) time.Duration {
	ours := time.Until(at)
	sent, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return ours
	}
	theirs := at.Sub(sent)
	if ours <= 0 || theirs > 0 && theirs < ours {
		return theirs
	}
	return ours
}

var (
	mailForm   = regexp.MustCompile(`\S*@\S*`)
	secretForm = regexp.MustCompile(`eyJ[A-Za-z0-9_\-.]+|[A-Za-z0-9_\-+/=.~]{41,}`)
	blanks     = regexp.MustCompile(`\s+`)
	codeForm   = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)
)

// codeOf is a code of Microsoft's that has the form of one, and is empty for anything else that stands in its place.
func codeOf(c string) string {
	if !codeForm.MatchString(c) || secretForm.MatchString(c) {
		return ""
	}
	return c
}

// scrub makes Microsoft's own words fit for an error: without addresses of persons and whatever resembles a token, on
// one line, and short.
func scrub(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	s = mailForm.ReplaceAllString(s, "[address]")
	s = secretForm.ReplaceAllString(s, "[hidden]")
	return shorten(strings.TrimSpace(blanks.ReplaceAllString(s, " ")), 300)
}

// shorten cuts a text to at most n runes.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
