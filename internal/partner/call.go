package partner

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"uplift/upgrade"
)

// maxReply bounds a reply's body in bytes; a page of subscriptions is about a tenth of it.
const maxReply = 8 << 20

// call is one request.
type call struct {
	method string
	path   string            // below the base URL, escaped, with its query
	body   any               // nil: none
	id     upgrade.WriteID   // of a write; zero for a read
	header map[string]string // besides the usual ones
	page   bool              // the next of a list that is being read: it counts among the caller's requests, and is not put off
}

func (c call) write() bool { return c.method != http.MethodGet }

// reply is an answer that is a success.
type reply struct {
	status   int
	body     []byte // without a byte order mark
	location string // of a 202
	header   http.Header
}

// do makes a call and returns its success, or an error that is classified. A token that the service refuses is
// renewed once.
func (c *Client) do(ctx context.Context, in call) (reply, error) {
	token, err := c.token(ctx)
	if err != nil {
		return reply{}, err
	}
	out, err := c.once(ctx, in, token)
	var refused *upgrade.Error
	if c.forget == nil || !errors.As(err, &refused) || !errors.Is(refused.Err, errUnauthorized) {
		return out, err
	}
	c.forget(ctx, token)
	if token, err = c.token(ctx); err != nil {
		return reply{}, err
	}
	return c.once(ctx, in, token)
}

// errUnauthorized marks an answer of 401.
var errUnauthorized = errors.New("the service did not accept the token")

func (c *Client) once(ctx context.Context, in call, token upgrade.Secret) (reply, error) {
	if err := c.spend(ctx, in); err != nil {
		return reply{}, err
	}
	// Without a connection nothing was sent, and a write may simply be repeated; with one it may have happened.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := c.request(ctx, in, token)
	if err != nil {
		return reply{}, err
	}
	correlation := req.Header.Get("MS-CorrelationId")
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, broken(in.write() && connected.Load(), correlation, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if id := resp.Header.Get("MS-CorrelationId"); upgrade.IsGUID(id) { // whatever else stands there is not for an error
		correlation = id
	}
	body, err := readBody(resp.Body)
	if err != nil {
		return reply{}, broken(in.write(), correlation, err)
	}
	if err := c.classify(in.write(), resp, body, correlation); err != nil {
		var e *upgrade.Error
		if errors.As(err, &e) && e.Kind == upgrade.Throttled {
			c.hold.keep(e.RetryAfter)
		}
		return reply{}, err
	}
	return reply{status: resp.StatusCode, body: body, location: resp.Header.Get("Location"), header: resp.Header}, nil
}

// spend takes the request from the caller's share, unless Partner Center wants none at present.
func (c *Client) spend(ctx context.Context, in call) error {
	if err := c.hold.mayAsk(); err != nil {
		return err
	}
	if in.page {
		upgrade.CountCall(ctx)
		return nil
	}
	return upgrade.SpendCall(ctx)
}

// request builds the HTTP request: https://learn.microsoft.com/en-us/partner-center/developer/headers
func (c *Client) request(ctx context.Context, in call, token upgrade.Secret) (*http.Request, error) {
	var body io.Reader
	if in.body != nil {
		data, err := json.Marshal(in.body)
		if err != nil {
			return nil, invalid("bad_body", "the request cannot be written as JSON")
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, in.method, c.base.String()+in.path, body)
	if err != nil {
		return nil, invalid("bad_path", "the request has no proper address")
	}
	id := in.id
	if id.Request == "" {
		id.Request = randomID()
	}
	if id.Correlation == "" {
		id.Correlation = randomID()
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("MS-RequestId", id.Request)
	req.Header.Set("MS-CorrelationId", id.Correlation)
	req.Header.Set("X-Locale", c.locale)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range in.header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// readBody reads a bounded body and strips the byte order mark with which some answers begin.
func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxReply+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxReply {
		return nil, fmt.Errorf("the reply has more than %d bytes", maxReply)
	}
	return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), nil
}

// get reads a resource into v.
func (c *Client) get(ctx context.Context, path string, v any) error {
	out, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return err
	}
	return decode(out.body, v)
}

// decode reads what a read brought. A reply that is no JSON was cut on its way, and another read may bring it whole;
// JSON of another shape than Microsoft describes will not change by itself.
func decode(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	switch {
	case err == nil:
		return nil
	case !json.Valid(body):
		return &upgrade.Error{Kind: upgrade.Transient, Code: cutReply, Message: "Partner Center's reply was cut off", Err: plain(err)}
	}
	return &upgrade.Error{Kind: upgrade.Unknown, Code: "unreadable_reply", Message: "Partner Center's reply is not what its pages describe", Err: plain(err)}
}

// cutReply is the code of a reply that is not whole.
const cutReply = "cut_reply"

// plain reduces a JSON error to its type and place, since its text may quote the body.
func plain(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("%s has the wrong type at byte %d", kind.Field, kind.Offset)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at byte %d", syntax.Offset)
	}
	return err
}

// broken classifies a call that got no complete answer.
func broken(mayHaveHappened bool, correlation string, err error) error {
	var address *url.Error // its text repeats the address, which names the customer
	if errors.As(err, &address) {
		err = address.Err
	}
	kind, message := upgrade.Transient, "Partner Center could not be reached"
	if mayHaveHappened {
		kind, message = upgrade.Ambiguous, "the connection broke before Partner Center's reply was read"
	}
	return &upgrade.Error{Kind: kind, Code: "no_reply", Message: message, Correlation: correlation, Err: err}
}

func invalid(code, message string) *upgrade.Error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: code, Message: message}
}

// randomID is a version 4 UUID.
func randomID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // documented never to fail
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// pathOf joins segments under the base URL. An empty segment would name another resource, so it is refused.
func pathOf(segments ...string) (string, error) {
	var b strings.Builder
	for _, s := range segments {
		if s == "" || s == "." || s == ".." {
			return "", invalid("missing_id", "a part of the resource's name is missing")
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String(), nil
}
