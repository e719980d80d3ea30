package graph

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
	"sync/atomic"

	"uplift/upgrade"
)

// maxReply bounds an answer's body in bytes; a page of 999 holders has about a quarter of it.
const maxReply = 16 << 20

// exchange is one request and what came back, kept beside the SDK's own reading of it.
type exchange struct {
	token     upgrade.Secret
	requestID string // client-request-id
	connected atomic.Bool
	status    int // 0: no complete answer
	header    http.Header
	body      []byte
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// send runs one SDK call by a grant and classifies its failure. A write carries its id; the zero id marks a read. A
// token that Graph refuses is renewed once.
func (c *Client) send(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, do func(ctx context.Context) error) error {
	token, err := c.token(ctx, g)
	if err != nil {
		return err
	}
	err = c.once(ctx, token, id, do)
	var refused *upgrade.Error
	if c.forget == nil || !errors.As(err, &refused) || !errors.Is(refused.Err, errUnauthorized) {
		return err
	}
	c.forget(ctx, g, token)
	if token, err = c.token(ctx, g); err != nil {
		return err
	}
	return c.once(ctx, token, id, do)
}

func (c *Client) once(ctx context.Context, token upgrade.Secret, id upgrade.WriteID, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	x := &exchange{token: token, requestID: id.Request}
	if x.requestID == "" {
		x.requestID = randomID()
	}
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	// Without a connection nothing was sent, and a write may simply be repeated; with one it may have happened.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.connected.Store(true) }})
	err := guarded(ctx, do)
	return x.judge(id.Request != "", err)
}

// errUnreadable marks an answer on which the SDK broke.
var errUnreadable = errors.New("the reply is not what Graph's pages describe")

// guarded turns a panic of the SDK into an error: its models take every answer to be well formed.
func guarded(ctx context.Context, do func(ctx context.Context) error) (err error) {
	defer func() {
		if recover() != nil {
			err = errUnreadable
		}
	}()
	return do(ctx)
}

// judge says what became of an exchange.
func (x *exchange) judge(write bool, err error) error {
	var own *upgrade.Error
	switch {
	case x.status == 0 && err == nil:
		return nil // answered without asking
	case x.status == 0 && errors.As(err, &own):
		return own
	case x.status == 0:
		return x.broken(write && x.connected.Load(), err)
	case x.status >= 300:
		return classify(answer{status: x.status, header: x.header, body: x.body, write: write, correlation: x.correlation()})
	case errors.As(err, &own):
		return own
	case err != nil && write:
		return &upgrade.Error{Kind: upgrade.Ambiguous, Code: "unreadable_reply", Message: "Microsoft Graph accepted the change with a reply that cannot be read", Correlation: x.correlation()}
	case err != nil && !json.Valid(x.body):
		return &upgrade.Error{Kind: upgrade.Transient, Code: "cut_reply", Message: "Microsoft Graph's reply was cut off", Correlation: x.correlation()}
	case err != nil:
		// The SDK's text may quote the answer, so it is not passed on.
		return &upgrade.Error{Kind: upgrade.Unknown, Code: "unreadable_reply", Message: "Microsoft Graph's reply is not what its pages describe", Correlation: x.correlation()}
	}
	return nil
}

func (x *exchange) broken(mayHaveHappened bool, err error) error {
	var address *url.Error // its text repeats the address, which may name a person
	if errors.As(err, &address) {
		err = address.Err
	}
	kind, message := upgrade.Transient, "Microsoft Graph could not be reached"
	if mayHaveHappened {
		kind, message = upgrade.Ambiguous, "the connection broke before Microsoft Graph's reply was read"
	}
	return &upgrade.Error{Kind: kind, Code: "no_reply", Message: message, Correlation: x.requestID, Err: err}
}

// correlation is the id by which Microsoft finds the call: theirs, where it is one, since whatever else stands there is not
// for an error.
func (x *exchange) correlation() string {
	if id := x.header.Get("request-id"); upgrade.IsGUID(id) {
		return id
	}
	return x.requestID
}

// keeper is the innermost transport: it keeps the answer for classification, and prepares it for the SDK.
type keeper struct{ next http.RoundTripper }

// RoundTrip sends the request and reads the whole of a bounded answer.
func (k keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	x := exchangeOf(r.Context())
	if x == nil {
		return nil, errors.New("graph: a request without an exchange")
	}
	r.Header.Set("client-request-id", x.requestID)
	resp, err := k.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	_ = resp.Body.Close()
	if err == nil && len(body) > maxReply {
		err = fmt.Errorf("the reply has more than %d bytes", maxReply)
	}
	if err != nil {
		return nil, err
	}
	x.status, x.header, x.body = resp.StatusCode, resp.Header.Clone(), body
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		// The SDK takes a redirect for a success.
		return nil, errors.New("the request was redirected by Microsoft Graph")
	}
	// The SDK repeats a request of itself when this header challenges it, and panics where the challenge is not well
	// formed. It reads no body without a type.
	resp.Header.Del("WWW-Authenticate")
	if len(body) > 0 {
		resp.Header.Set("Content-Type", "application/json")
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// randomID is a version 4 UUID.
func randomID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // documented never to fail
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
