package api

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"uplift/upgrade"
)

// ProblemDetails is an error as RFC 9457 has it. Code is stable between releases; the other words are for people.
type ProblemDetails struct {
	Type   string          `json:"type" format:"uri-reference" doc:"about:blank: the status and the code say it all."`
	Title  string          `json:"title" doc:"The status code in words."`
	Status int             `json:"status" doc:"The HTTP status code."`
	Code   string          `json:"code" example:"other_order" doc:"Which problem it is. It does not change between releases; new ones may come."`
	Detail string          `json:"detail,omitempty" doc:"What is wrong, for a person."`
	Errors []ProblemDetail `json:"errors,omitempty" doc:"Every single thing that is wrong with what was sent."`

	after int // seconds after which it may be tried again
}

// ProblemDetail is one thing that is wrong with what was sent.
type ProblemDetail struct {
	Pointer   string `json:"pointer,omitempty" example:"/target/totals/1/seats" doc:"Where in the body, as a JSON pointer; empty: the whole."`
	Parameter string `json:"parameter,omitempty" doc:"The parameter, where it is not the body."`
	Code      string `json:"code" doc:"Which problem it is; it does not change between releases."`
	Detail    string `json:"detail" doc:"What is wrong, for a person."`
	Remedy    string `json:"remedy,omitempty" doc:"What to do about it."`
}

// Error is the detail.
func (p *ProblemDetails) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *ProblemDetails) GetStatus() int { return p.Status }

// GetHeaders says when it may be tried again.
func (p *ProblemDetails) GetHeaders() http.Header {
	if p.after == 0 {
		return nil
	}
	return http.Header{"Retry-After": {fmt.Sprint(p.after)}}
}

// ContentType is that of problem details.
func (*ProblemDetails) ContentType(string) string { return "application/problem+json" }

// statusOf is the one table from kinds to status codes. What needs a person is forbidden where it is the caller's role that lacks,
// and else ours to mend.
var statusOf = map[upgrade.Kind]int{
	upgrade.Invalid:   http.StatusUnprocessableEntity,
	upgrade.NotFound:  http.StatusNotFound,
	upgrade.Conflict:  http.StatusConflict,
	upgrade.Refused:   http.StatusConflict,
	upgrade.GrantLost: http.StatusConflict,
	upgrade.Throttled: http.StatusTooManyRequests,
	upgrade.Transient: http.StatusServiceUnavailable,
	upgrade.Waiting:   http.StatusServiceUnavailable,
	upgrade.Ambiguous: http.StatusServiceUnavailable,
	upgrade.Act:       http.StatusServiceUnavailable,
	upgrade.Unknown:   http.StatusInternalServerError,
}

// forbidden are codes of kind Act that are about who asks.
var forbidden = map[string]bool{"not_allowed": true, "not_entitled": true}

// The pauses that are asked for where nobody has said one, in seconds.
const (
	soon  = 5
	later = 60
)

// problem is an error as a client reads it. What is wrong on our side is for the log.
func (s *server) problem(operation string, err error) *ProblemDetails {
	var e *upgrade.Error
	if !errors.As(err, &e) {
		e = &upgrade.Error{Kind: upgrade.Unknown, Err: err}
	}
	p := &ProblemDetails{Status: statusOf[e.Kind], Code: e.Code, Detail: sentence(e.Message)}
	if forbidden[e.Code] {
		p.Status = http.StatusForbidden
	}
	if p.Status == 0 {
		p.Status = http.StatusInternalServerError
	}
	switch {
	case p.Status == http.StatusNotFound && p.Detail == "":
		p.Detail = "There is no such thing, or it is not yours to see."
	case p.Status >= 500:
		s.Log.Error("a request to the API failed", "operation", operation, "code", e.Code, "error", err.Error())
		p.Code, p.Detail = "internal", "Something is wrong on this side. It has been written down."
		if p.Status == http.StatusServiceUnavailable {
			p.Code, p.Detail, p.after = "unavailable", "This cannot be answered now. Try again; the same order placed twice is one upgrade.", soon
		}
		if p.Status == http.StatusServiceUnavailable && e.Kind == upgrade.Act {
			p.after = later
		}
	case p.Status == http.StatusTooManyRequests:
		p.after = max(soon, int(math.Ceil(e.RetryAfter.Seconds())))
	}
	var problems upgrade.Problems
	if p.Status < 500 && errors.As(err, &problems) {
		for _, one := range problems {
			p.Errors = append(p.Errors, ProblemDetail{Pointer: pointer(one.Path), Code: one.Code, Detail: sentence(one.Message), Remedy: one.Remedy})
		}
	}
	return finished(p)
}

// finished fills in what follows from the status.
func finished(p *ProblemDetails) *ProblemDetails {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	if p.Code == "" {
		p.Code = strings.ReplaceAll(strings.ToLower(p.Title), " ", "_")
	}
	return p
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// pointer turns a place such as target.totals[1].seats into a JSON pointer.
func pointer(path string) string {
	if path == "" {
		return ""
	}
	path = strings.NewReplacer("~", "~0", "/", "~1").Replace(path)
	return "/" + strings.ReplaceAll(index.ReplaceAllString(path, ".$1"), ".", "/")
}

// asProblem turns huma's own errors, which are about parameters and small bodies, into ours.
func asProblem(_ huma.Context, _ string, v any) (any, error) {
	switch e := v.(type) {
	case *ProblemDetails:
		return finished(e), nil
	case *huma.ErrorModel:
		p := &ProblemDetails{Status: e.Status, Code: codes[e.Status], Detail: sentence(e.Detail)}
		if e.Status >= 500 {
			p.Code, p.Detail = "internal", "Something is wrong on this side. It has been written down."
			return finished(p), nil
		}
		for _, one := range e.Errors {
			place, where, _ := strings.Cut(one.Location, ".")
			d := ProblemDetail{Code: "bad_value", Detail: sentence(one.Message)}
			if place == "body" {
				d.Pointer = pointer(where)
			} else {
				d.Parameter = where
			}
			p.Errors = append(p.Errors, d)
		}
		return finished(p), nil
	}
	return v, nil
}

// codes name what huma refuses by itself.
var codes = map[int]string{
	http.StatusBadRequest: "bad_request", http.StatusNotAcceptable: "not_acceptable", http.StatusRequestTimeout: "too_slow",
	http.StatusRequestEntityTooLarge: "too_large", http.StatusUnsupportedMediaType: "unsupported_media_type", http.StatusUnprocessableEntity: "bad_input",
}
