package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"uplift/upgrade"
)

// maxBody bounds an answer, in bytes. Tokens with many groups have some ten thousand.
const maxBody = 1 << 20

// wrap copies the client that we were given, so that no redirect carries a form full of secrets elsewhere.
func wrap(given *http.Client) *http.Client {
	c := http.Client{Timeout: 30 * time.Second}
	if given != nil {
		c = *given
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// call is one call's own client: it binds the requests to the context, which oauth2's device flow does not, and names
// them by an id that Microsoft and we both log.
type call struct {
	http.RoundTripper
	ctx context.Context
	id  string
}

// begin returns a context with which oauth2 and go-oidc use our client, and the call's id.
func (c *Client) begin(ctx context.Context) (context.Context, string) {
	own := *c.http
	id := uuid.NewString()
	own.Transport = &call{RoundTripper: c.http.Transport, ctx: ctx, id: id}
	return context.WithValue(ctx, oauth2.HTTPClient, &own), id
}

// RoundTrip refuses addresses that a discovery document might name and that are not safe, and reads the whole answer, so
// that a broken connection is an error here and not one that a library words.
func (t *call) RoundTrip(r *http.Request) (*http.Response, error) {
	if !safe(r.URL) {
		return nil, &upgrade.Error{Kind: upgrade.Act, Code: "unsafe_address", Message: "Entra named an address that is neither https nor this machine"}
	}
	r = r.Clone(t.ctx)
	r.Header.Set("client-request-id", t.id)
	r.Header.Set("return-client-request-id", "true")
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	err = errors.Join(err, resp.Body.Close())
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, &upgrade.Error{Kind: upgrade.Unknown, Code: codeBadReply, Message: "Entra's answer has no end"}
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && !json.Valid(body) && resp.StatusCode != http.StatusTooManyRequests {
		return nil, &upgrade.Error{Kind: upgrade.Transient, Code: "cut_reply", Message: "Entra's answer was cut off", Correlation: t.id}
	}
	if r.Method == http.MethodGet && resp.StatusCode != http.StatusOK {
		return nil, fromAnswer(onKeys, resp, body, t.id) // discovery and keys: go-oidc would quote the body
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// fromTransport classifies an error that is no answer: ours from RoundTrip, or the network's. The address in it names a
// tenant, nothing secret. ok is false where the error is neither.
func fromTransport(err error, id string) (*upgrade.Error, bool) {
	var own *upgrade.Error
	if errors.As(err, &own) {
		return own, true
	}
	var network *url.Error
	if errors.As(err, &network) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &upgrade.Error{Kind: upgrade.Transient, Code: "entra_unreachable", Message: "Entra did not answer", Correlation: id, Err: err}, true
	}
	return nil, false
}
