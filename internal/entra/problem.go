package entra

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// Our own codes, beside AADSTS and its number.
const (
	codeDeclined    = "authorization_declined"
	codeExpired     = "expired_token"
	codeWrongTenant = "wrong_tenant"
	codePersonal    = "personal_account"
	codeBadToken    = "bad_id_token"
	codeBadReply    = "bad_reply"
	codeNoToken     = "no_token"
	codeNoRoles     = "no_roles"
)

const (
	// maxPause bounds a Retry-After, which a broken gateway may fill with anything.
	maxPause = time.Hour
)

// envelope is what we read of Microsoft's error body. The description is read for its number only.
type envelope struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
}

var (
	numberForm = regexp.MustCompile(`AADSTS(\d{4,9})`)
	wordForm   = regexp.MustCompile(`^[a-z_]{1,40}$`)
	idForm     = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)
)

// classify turns an error of oauth2 into ours. What it cannot place is Unknown, without the cause: a library's words may
// quote the answer.
func classify(u use, err error, id string) error {
	if err == nil {
		return nil
	}
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) {
		return fromAnswer(u, answer.Response, answer.Body, id)
	}
	if e, ok := fromTransport(err, id); ok {
		return e
	}
	return &upgrade.Error{Kind: upgrade.Unknown, Code: codeBadReply, Message: "Entra's answer cannot be read", Correlation: id}
}

// fromAnswer classifies an answer that is no success: the word first, since Microsoft guarantees only that, refined by
// the number; what neither says, the status does.
func fromAnswer(u use, resp *http.Response, body []byte, id string) *upgrade.Error {
	var e envelope
	_ = json.Unmarshal(body, &e) // an answer that is no envelope, such as a gateway's page, leaves it empty
	n, known := e.number()
	r, told := meaning(e.Error, n)
	out := &upgrade.Error{Code: code(e.Error, n), Message: r.Message, Correlation: id}
	if idForm.MatchString(e.CorrelationID) {
		out.Correlation = e.CorrelationID
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		slower, _ := errorbook.OfStatus(errorbook.Entra, resp.StatusCode)
		out.Kind, out.Message = upgrade.Throttled, slower.Message
	case told:
		out.Kind = kindOf(r, u)
	case resp.StatusCode >= http.StatusInternalServerError:
		trouble, _ := errorbook.OfStatus(errorbook.Entra, resp.StatusCode)
		out.Kind, out.Message = upgrade.Transient, trouble.Message
	default:
		out.Kind, out.Message = upgrade.Unknown, "Entra gave an answer that we do not know"
	}
	if out.Code == "" {
		out.Code = fmt.Sprintf("http_%d", resp.StatusCode)
	}
	out.RetryAfter = pause(out.Kind, r, resp)
	if known && idForm.MatchString(e.TraceID) {
		out.Message += " (trace " + e.TraceID + ")"
	}
	return out
}

// number is the first of the answer's numbers that the table knows, else the first.
func (e envelope) number() (int, bool) {
	list := e.Codes
	if m := numberForm.FindStringSubmatch(e.Description); m != nil {
		n, _ := strconv.Atoi(m[1])
		list = append(list, n)
	}
	for _, n := range list {
		if _, ok := number(n); ok {
			return n, true
		}
	}
	if len(list) > 0 && list[0] > 0 {
		return list[0], true
	}
	return 0, false
}

// meaning finds the row. The words of the device flow stand above any number; the other words below it.
func meaning(oauthError string, n int) (errorbook.Row, bool) {
	oauthError = sameWord(oauthError)
	byWord, toldByWord := word(oauthError)
	switch oauthError {
	case "authorization_pending", "slow_down", codeDeclined, codeExpired:
		return byWord, true
	}
	if r, ok := number(n); ok {
		return r, true
	}
	return byWord, toldByWord
}

// sameWord knows RFC 8628's word for what Microsoft calls authorization_declined.
func sameWord(w string) string {
	if w == "access_denied" {
		return codeDeclined
	}
	return w
}

// code is how the answer is named: the device flow's own words, else the number, else the word.
func code(oauthError string, n int) string {
	oauthError = sameWord(oauthError)
	switch {
	case oauthError == codeDeclined, oauthError == codeExpired, oauthError == "authorization_pending", oauthError == "slow_down":
		return oauthError
	case n == 70019:
		return codeExpired
	case n > 0:
		return fmt.Sprintf("AADSTS%d", n)
	case wordForm.MatchString(oauthError):
		return oauthError
	}
	return ""
}

// pause is how long to wait, where the answer says so or the error book does. A sign-in that is awaited has its own
// interval, which only the word for "too often" makes longer.
func pause(k upgrade.Kind, r errorbook.Row, resp *http.Response) time.Duration {
	switch {
	case r.Trait == errorbook.Pending:
		return r.Stay.D()
	case k != upgrade.Throttled && k != upgrade.Transient:
		return 0
	}
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 1<<20))*time.Second, maxPause)
	}
	if at, err := http.ParseTime(value); err == nil {
		sent, err := http.ParseTime(resp.Header.Get("Date"))
		if err == nil && at.After(sent) {
			return min(at.Sub(sent), maxPause)
		}
	}
	return r.Stay.D()
}
