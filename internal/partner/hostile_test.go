package partner

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
	"time"

	"uplift/upgrade"
)

// anything answers every request alike: with a status, headers and a body that somebody else has chosen.
type anything struct {
	status   int
	header   http.Header
	first    []byte // of the first request
	rest     []byte // of those after it
	endless  bool
	requests int
	astray   string // a request that left the host, with the token
	asked    *atomic.Int64
}

func (a *anything) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.requests++; r.URL.Host != "partner.example" || r.URL.Scheme != "https" || !strings.HasPrefix(r.URL.Path, "/v1/") {
		a.astray = r.URL.String()
	}
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	body := a.first
	if a.requests > 1 {
		body = a.rest
	}
	from := io.Reader(bytes.NewReader(body))
	if a.endless {
		from = &endlessBody{count: a.asked}
	}
	return &http.Response{StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(from), Request: r}, nil
}

// endlessBody is a body without an end.
type endlessBody struct{ count *atomic.Int64 }

func (b *endlessBody) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	b.count.Add(int64(len(p)))
	return len(p), nil
}

const hidden = "eyJTheTokenOfTheTest.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"

// hostile is a client of what answers anything.
func hostile(t testing.TB, a *anything) *Client {
	c, err := New(Options{BaseURL: "https://partner.example/v1", HTTP: &http.Client{Transport: a}, Now: func() time.Time { return now },
		Token: func(context.Context) (upgrade.Secret, error) { return hidden, nil }, Application: "app", DisplayName: "Uplift"})
	if err != nil {
		t.Fatal(err)
	}
	c.sleep = func(context.Context, time.Duration) error { return nil }
	return c
}

// calls are all that the client can be asked for.
func calls() []func(context.Context, *Client) error {
	return []func(context.Context, *Client) error{
		func(ctx context.Context, c *Client) error { _, err := c.Customer(ctx, tenant); return err },
		func(ctx context.Context, c *Client) error {
			all, err := c.Subscriptions(ctx, tenant)
			for _, s := range all {
				if s.Seats < 0 || s.Seats > maxCount {
					return fmt.Errorf("%d seats", s.Seats)
				}
			}
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.Subscription(ctx, tenant, subscriptID)
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, _, _, err := c.Provisioned(ctx, tenant, subscriptID)
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.TransitionTargets(ctx, tenant, subscriptID)
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.RenewalTargets(ctx, tenant, subscriptID)
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.Transitions(ctx, tenant, subscriptID)
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.LegacyUpgrades(ctx, tenant, subscriptID)
			return err
		},
		func(ctx context.Context, c *Client) error { _, err := c.Orders(ctx, tenant); return err },
		func(ctx context.Context, c *Client) error {
			_, err := c.SKU(ctx, "CFQ7TTC0LH18:0001", "GB")
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.Availabilities(ctx, "CFQ7TTC0LH18:0001", "GB")
			return err
		},
		func(ctx context.Context, c *Client) error { _, _, err := c.Standing(ctx); return err },
		func(ctx context.Context, c *Client) error { return c.SetSeats(ctx, write, tenant, subscriptID, 25, 30) },
		func(ctx context.Context, c *Client) error {
			return c.SetAutoRenew(ctx, write, tenant, subscriptID, false)
		},
		func(ctx context.Context, c *Client) error { return c.Cancel(ctx, write, tenant, subscriptID) },
		func(ctx context.Context, c *Client) error {
			return c.SetScheduled(ctx, write, tenant, subscriptID, upgrade.ScheduledChange{ProductID: "P", SKUID: "S", AvailabilityID: "A", Seats: 5})
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.StartTransition(ctx, write, tenant, upgrade.TransitionRequest{Subscription: subscriptID, ToCatalogItem: "a:b:c", Seats: 5, Type: "transition_only"})
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.StartLegacyUpgrade(ctx, write, tenant, subscriptID, "offer", true)
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.CreateCart(ctx, write, tenant, upgrade.PurchaseRequest{CatalogItem: "a:b:c", Seats: 5, Term: "P1Y", BillingCycle: "monthly"})
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.Checkout(ctx, write, tenant, "cart")
			return err
		},
		func(ctx context.Context, c *Client) error {
			return c.Preconsent(ctx, write, tenant, []string{"Organization.Read.All"})
		},
		func(ctx context.Context, c *Client) error {
			_, _, err := c.Customers(ctx, "")
			return err
		},
		func(ctx context.Context, c *Client) error {
			_, err := c.SubscribedSKUs(ctx, tenant)
			return err
		},
	}
}

// FuzzCalls has every call answered by anything. It ends in a result, or in an error of ours that is classified, repeats
// neither the token nor an address, and has a code that has the form of one; no request leaves Partner Center's host, and
// none goes round for ever.
func FuzzCalls(f *testing.F) {
	for i := range calls() {
		f.Add(i, 200, "", "", []byte(subscriptionJSON), []byte(subscriptionJSON))
		f.Add(i, 202, "", "https://elsewhere.example/v1/x", []byte(`{"items":[`+historyEntry+`],"links":{"next":{"uri":"https://elsewhere.example/","headers":[{"key":"Host","value":"x"}]}}}`), []byte(`{}`))
		f.Add(i, 400, "", "", []byte(`{"code":"Bearer `+hidden+`","description":"ada@fabrikam.example sent `+hidden+`"}`), []byte(nil))
		f.Add(i, 429, "Wed, 21 Oct 2026 07:28:00 GMT", "", []byte(`{"statusCode":429,"message":"Try again in 57 seconds."}`), []byte(`null`))
	}
	f.Add(1, 200, "", "", []byte(`{"items":[`+subscriptionJSON+`],"links":{"next":{"uri":"/customers/x?seekOperation=Next"}}}`), []byte(`{"items":[],"links":{"next":{"uri":"/customers/x"}}}`))
	f.Add(18, 201, "", "", []byte(`{"id":"c1","lineItems":[{"error":{"errorCode":3,"code":"x y","description":"`+hidden+`"}}]}`), []byte(nil))
	f.Add(19, 201, "", "", []byte(`{"orders":[{"id":"o1","lineItems":[{"quantity":"5","subscriptionId":"s"}]}],"orderErrors":[{"code":"1","description":"`+hidden+`"}]}`), []byte(nil))
	f.Fuzz(func(t *testing.T, which, status int, after, location string, first, rest []byte) {
		all := calls()
		if which < 0 || which >= len(all) || status < 100 || status > 999 {
			return
		}
		a := &anything{status: status, first: first, rest: rest, header: http.Header{
			"Retry-After": {after}, "Location": {location}, "Ms-Correlationid": {hidden[:20]}, "Content-Type": {"text/html"}}}
		err := all[which](t.Context(), hostile(t, a))
		if a.astray != "" || a.requests > 200 {
			t.Fatalf("%d requests; one went to %q", a.requests, a.astray)
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
	if !errors.As(err, &e) || e.Kind == "" || e.Kind == done || !codeForm.MatchString(e.Code) || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
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
			var read atomic.Int64
			a := &anything{status: status, endless: true, asked: &read, header: http.Header{}}
			err := call(t.Context(), hostile(t, a))
			if err == nil {
				t.Errorf("call %d: an answer of %d without an end was taken", i, status)
				continue
			}
			fitting(t, err)
			if a.requests == 0 {
				t.Errorf("call %d asks nothing: %v", i, err)
			} else if n := read.Load() / int64(a.requests); n > 2*maxReply {
				t.Errorf("call %d: %d bytes were read of each answer", i, n)
			}
		}
		if testing.Short() {
			return
		}
	}
}
