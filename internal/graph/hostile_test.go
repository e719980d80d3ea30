package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"uplift/upgrade"
)

// anything answers every request alike: with a status, headers and a body that somebody else has chosen.
type anything struct {
	status   int
	header   http.Header
	first    []byte // of the first request
	rest     []byte // of those after it
	endless  bool
	requests atomic.Int64
	read     atomic.Int64
	astray   atomic.Value // a request that left the host, with the token
}

func (a *anything) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "graph.example" || r.URL.Scheme != "https" || !strings.HasPrefix(r.URL.Path, "/v1.0/") {
		a.astray.Store(r.URL.String())
	}
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	body := a.first
	if a.requests.Add(1) > 1 {
		body = a.rest
	}
	from := io.Reader(bytes.NewReader(body))
	if a.endless {
		from = endless{&a.read}
	}
	return &http.Response{StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(from), Request: r}, nil
}

// endless is a body without an end.
type endless struct{ read *atomic.Int64 }

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read.Add(int64(len(p)))
	return len(p), nil
}

const hidden = "eyJTheTokenOfTheTest.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"

// hostile is a client of what answers anything.
func hostile(t testing.TB, a *anything) *Client {
	c, err := New(Options{BaseURL: "https://graph.example/v1.0", HTTP: &http.Client{Transport: a},
		Token: func(context.Context, upgrade.Grant) (upgrade.Secret, error) { return hidden, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const group = "6c000000-0000-4000-8000-000000000001"

// calls are all that the client can be asked for. An error that is not ours says what is wrong with a result.
func calls() []func(context.Context, *Client) error {
	named := func(all []upgrade.User, err error) error {
		for _, u := range all {
			if u.ID == "" {
				return errors.New("a user without an id")
			}
		}
		return err
	}
	return []func(context.Context, *Client) error{
		func(ctx context.Context, c *Client) error { _, err := c.Organization(ctx, grant); return err },
		func(ctx context.Context, c *Client) error { _, err := c.DirectoryRoles(ctx, grant); return err },
		func(ctx context.Context, c *Client) error { _, err := c.SKUs(ctx, grant); return err },
		func(ctx context.Context, c *Client) error { _, err := c.Subscriptions(ctx, grant); return err },
		func(ctx context.Context, c *Client) error {
			all, _, err := c.Holders(ctx, grant, basic, "")
			return named(all, err)
		},
		func(ctx context.Context, c *Client) error {
			return named(c.Users(ctx, grant, []string{userA, "ada@fabrikam.example"}))
		},
		func(ctx context.Context, c *Client) error { _, err := c.Group(ctx, grant, "Everybody"); return err },
		func(ctx context.Context, c *Client) error {
			all, _, err := c.Members(ctx, grant, group, "")
			return named(all, err)
		},
		func(ctx context.Context, c *Client) error { return c.SetUsageLocation(ctx, grant, write, userA, "GB") },
		func(ctx context.Context, c *Client) error {
			return c.AssignGroupLicenses(ctx, grant, write, group, []upgrade.License{{SKUID: premium}}, []string{basic})
		},
		func(ctx context.Context, c *Client) error {
			changes := []upgrade.LicenseChange{{User: userA, Add: []upgrade.License{{SKUID: premium}}}, {User: userB, Remove: []string{basic}}}
			out, err := c.AssignLicenses(ctx, grant, write, changes)
			if err == nil && len(out) != len(changes) {
				return fmt.Errorf("%d outcomes", len(out))
			}
			for _, o := range out {
				if o.Err != nil {
					err = o.Err
				}
			}
			return err
		},
	}
}

// FuzzCalls has every call answered by anything. It ends in a result, or in an error of ours that is classified, repeats
// neither the token nor an address, and has a code that has the form of one; no request leaves Graph's host, and none goes
// round for ever.
func FuzzCalls(f *testing.F) {
	for i := range calls() {
		f.Add(i, 200, "", []byte(`{"value":[`+userJSON+`]}`), []byte(`{"value":[]}`))
		f.Add(i, 200, "", []byte(`{"value":[{"id":"x"}],"@odata.nextLink":"https://elsewhere.example/v1.0/users"}`), []byte(`{}`))
		f.Add(i, 200, "", []byte(`{"responses":[{"id":"1","status":200,"body":`+userJSON+`},{"id":"2","status":400,"body":{"error":{"code":"`+hidden+`","message":"`+hidden+`"}}}]}`), []byte(nil))
		f.Add(i, 400, "", []byte(faultJSON("Bearer "+hidden, "ada@fabrikam.example sent "+hidden)), []byte(nil))
		f.Add(i, 302, "3", []byte(`<html>`), []byte(nil))
		f.Add(i, 429, "Wed, 21 Oct 2026 07:28:00 GMT", []byte(`{"error":null}`), []byte(`null`))
	}
	f.Add(2, 200, "", []byte(`{"value":[{"skuId":"`+basic+`"}],"@odata.nextLink":"https://graph.example/v1.0/subscribedSkus?x"}`), []byte(`{"value":[],"@odata.nextLink":"https://graph.example/v1.0/subscribedSkus?x"}`))
	f.Fuzz(func(t *testing.T, which, status int, after string, first, rest []byte) {
		all := calls()
		if which < 0 || which >= len(all) || status < 200 || status > 999 {
			return
		}
		a := &anything{status: status, first: first, rest: rest, header: http.Header{"Retry-After": {after}, "Request-Id": {hidden[:20]},
			"Location": {"https://elsewhere.example/"}, "Www-Authenticate": {`Bearer claims="x`}, "Content-Type": {"text/html"}}}
		err := all[which](t.Context(), hostile(t, a))
		if to := a.astray.Load(); to != nil || a.requests.Load() > 2*maxPages {
			t.Fatalf("%d requests; one went to %v", a.requests.Load(), to)
		}
		if err != nil {
			fitting(t, err)
		}
	})
}

// fitting holds that an error is ours, and says nothing that it must not.
func fitting(t *testing.T, err error) {
	t.Helper()
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Kind == "" || !codeForm.MatchString(e.Code) || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
		t.Errorf("%#v", err)
		return
	}
	if text := err.Error() + e.Correlation; strings.Contains(text, hidden[:20]) || strings.Contains(text, "@") || strings.ContainsAny(text, "\r\n") || len(text) > 4000 {
		t.Errorf("it says %q", text)
	}
}

// TestRepliesWithoutAnEnd: what is larger than it may be is an error, whatever its status, and is not read on.
func TestRepliesWithoutAnEnd(t *testing.T) {
	for i, call := range calls() {
		for _, status := range []int{200, 400} {
			a := &anything{status: status, endless: true, header: http.Header{}}
			err := call(t.Context(), hostile(t, a))
			if err == nil || a.requests.Load() == 0 {
				t.Errorf("call %d: an answer of %d without an end was taken, or none was asked for", i, status)
				continue
			}
			fitting(t, err)
			if n := a.read.Load() / a.requests.Load(); n > 2*maxReply {
				t.Errorf("call %d: %d bytes were read of each answer", i, n)
			}
		}
		if testing.Short() {
			return
		}
	}
}
