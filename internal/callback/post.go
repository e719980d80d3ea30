package callback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"uplift/upgrade"
)

// Destination is one billing system.
type Destination struct {
	Name    string
	URL     string                 // https, or http on this machine
	Secrets []upgrade.Secret       // the callback is signed under each
	Types   []upgrade.CallbackType // empty: all
}

// Options are New's.
type Options struct {
	Destinations []Destination
	// Transport may be nil, for one of our own.
	Transport http.RoundTripper
	// Now is the clock that the timestamp is of, which receivers compare with theirs; nil is the system's, and never Microsoft's
	// simulated one.
	Now func() time.Time
}

// Sender sends callbacks.
type Sender struct {
	to   []Destination
	http *http.Client
	now  func() time.Time
}

const (
	// timeout bounds one attempt, within what the specification calls reasonable (15 to 30 seconds).
	timeout = 20 * time.Second
	// maxAnswer is how much of an answer is read; what it says is not used.
	maxAnswer = 16 << 10
	// maxRetryAfter is the longest that a destination may put us off.
	maxRetryAfter = 24 * time.Hour
)

// New returns a sender. It does no I/O.
func New(o Options) *Sender {
	if o.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxResponseHeaderBytes = maxAnswer
		o.Transport = t
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sender{to: o.Destinations, now: o.Now, http: &http.Client{
		Transport: o.Transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Destinations are the names of those that want callbacks of this type, in the order of the settings.
func (s *Sender) Destinations(t upgrade.CallbackType) []string {
	var names []string
	for _, d := range s.to {
		if len(d.Types) == 0 || slices.Contains(d.Types, t) {
			names = append(names, d.Name)
		}
	}
	return names
}

// Post sends a callback once. Kind Refused: code callback_gone, the destination wants no more; no_such_destination. Everything else
// may pass: Throttled with RetryAfter where the destination said when, else Transient.
func (s *Sender) Post(ctx context.Context, destination, id string, body []byte) error {
	i := slices.IndexFunc(s.to, func(d Destination) bool { return d.Name == destination })
	if i < 0 {
		return &upgrade.Error{Kind: upgrade.Refused, Code: "no_such_destination", Message: fmt.Sprintf("the settings have no destination %q", destination)}
	}
	at := s.now()
	signature, err := sign(s.to[i].Secrets, id, at, body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.to[i].URL, bytes.NewReader(body))
	if err != nil {
		return &upgrade.Error{Kind: upgrade.Refused, Code: "no_such_destination", Message: "the destination's address cannot be used"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Uplift")
	request.Header.Set(HeaderID, id)
	request.Header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(HeaderSignature, signature)
	answer, err := s.http.Do(request)
	if err != nil {
		return unreachable(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer)) // so that the connection can be used again
	return s.verdict(answer)
}

// unreachable leaves the address out: it may hold what is not everybody's to read.
func unreachable(err error) error {
	reason := "it cannot be reached"
	var timedOut interface{ Timeout() bool }
	if errors.As(err, &timedOut) && timedOut.Timeout() {
		reason = "it does not answer in time"
	}
	return &upgrade.Error{Kind: upgrade.Transient, Code: "callback_unreachable", Message: "the destination was not told: " + reason}
}

// verdict reads an answer by its status alone.
func (s *Sender) verdict(answer *http.Response) error {
	e := &upgrade.Error{Kind: upgrade.Transient, Code: "callback_refused", Message: fmt.Sprintf("the destination answered %d", answer.StatusCode)}
	switch status := answer.StatusCode; {
	case status >= 200 && status <= 299:
		return nil
	case status == http.StatusGone:
		e.Kind, e.Code = upgrade.Refused, "callback_gone"
		return e
	case status >= 300 && status <= 399:
		e.Code = "callback_redirected"
	case status == http.StatusTooManyRequests:
		e.Code = "callback_throttled"
	case status >= 500:
		e.Code = "callback_unavailable"
	}
	if after := s.retryAfter(answer.Header.Get("Retry-After")); after > 0 {
		e.Kind, e.RetryAfter = upgrade.Throttled, after
	}
	return e
}

// retryAfter reads seconds or a date.
func (s *Sender) retryAfter(text string) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(s.now()), 0), maxRetryAfter)
	}
	return 0
}
