package partner

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"uplift/upgrade"
)

// fault is the body of an answer that is no success, in both of its forms: the service's own, and the gateway's
// {"statusCode":429,"message":"Rate limit is exceeded. Try again in 57 seconds."}.
// https://learn.microsoft.com/en-us/partner-center/developer/error-codes
type fault struct {
	Code        text `json:"code"`
	Description text `json:"description"`
	Message     text `json:"message"`
	StatusCode  text `json:"statusCode"`
}

func (f fault) said() string {
	if f.Description != "" {
		return string(f.Description)
	}
	return string(f.Message)
}

// classify says what an answer means; nil for a success. Some business errors arrive with status 200.
func (c *Client) classify(write bool, resp *http.Response, body []byte, correlation string) error {
	status := resp.StatusCode
	var f fault
	_ = json.Unmarshal(body, &f) // an HTML page of a gateway in between has no code
	if status >= 200 && status < 300 {
		if f.Code == "" || f.said() == "" {
			return nil
		}
		status = http.StatusBadRequest
	}
	if cut := bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && !json.Valid(body); cut && status != http.StatusTooManyRequests {
		return cutError(write, correlation)
	}
	m := meaningOf(status, string(f.Code))
	kind := kindOf(m)
	if kind == done {
		return nil
	}
	e := &upgrade.Error{Kind: kind, Code: codeOf(f.Code), Message: m.Message, Correlation: correlation}
	if e.Code == "" {
		e.Code = "http_" + strings.ToLower(strings.ReplaceAll(http.StatusText(status), " ", "_"))
	}
	if said := scrub(f.said()); said != "" {
		e.Message += " (Microsoft: " + said + ")"
	}
	if status == http.StatusUnauthorized {
		e.Err = errUnauthorized
	}
	c.settle(e, write, status)
	e.RetryAfter = retryAfter(resp.Header, f.said())
	if e.RetryAfter == 0 {
		e.RetryAfter = c.stay(m)
	}
	return e
}

// cutError is a refusal whose reason was cut off on its way: the caller reads, and asks again.
func cutError(write bool, correlation string) error {
	kind := upgrade.Transient
	if write {
		kind = upgrade.Ambiguous
	}
	return &upgrade.Error{Kind: kind, Code: cutReply, Message: "Partner Center's reply was cut off", Correlation: correlation}
}

// settle decides what the status alone decides: throttling, and a write that the service broke off.
func (c *Client) settle(e *upgrade.Error, write bool, status int) {
	switch {
	case status == http.StatusTooManyRequests:
		e.Kind = upgrade.Throttled
	case write && e.Kind == upgrade.Transient && (status >= 500 || status == http.StatusRequestTimeout):
		e.Kind = upgrade.Ambiguous
	}
}

var (
	mailForm   = regexp.MustCompile(`\S*@\S*`)
	secretForm = regexp.MustCompile(`eyJ[A-Za-z0-9_\-.]+|[A-Za-z0-9_\-+/=.~]{41,}`)
	blanks     = regexp.MustCompile(`\s+`)
	codeForm   = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)
)

// codeOf is a code of Microsoft's that has the form of one, and is empty for anything else that stands in its place.
func codeOf(c text) string {
	if !codeForm.MatchString(string(c)) || secretForm.MatchString(string(c)) {
		return ""
	}
	return string(c)
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
