package partner

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"uplift/upgrade"
)

// quiet is a Partner Center that answers with a status and a Retry-After, and counts who asks.
func quiet(t *testing.T, status *atomic.Int64, after string) (c *Client, asked *atomic.Int64, now *time.Time) {
	t.Helper()
	asked, now = &atomic.Int64{}, new(time.Time)
	*now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Retry-After", after)
		w.WriteHeader(int(status.Load()))
		_, _ = w.Write([]byte(`{"items":[]}`))
	}))
	t.Cleanup(service.Close)
	token := func(context.Context) (upgrade.Secret, error) { return "token", nil }
	c, err := New(Options{BaseURL: service.URL + "/v1", Token: token, UserToken: token, Wall: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	return c, asked, now
}

// TestHold: after one 429 nobody of this process asks until the time has come, whatever for and by whichever token; then it goes on.
func TestHold(t *testing.T) {
	for name, row := range map[string]struct {
		after string
		held  time.Duration
	}{
		"seconds":            {"57", 57 * time.Second},
		"a mistake":          {"86400", longestHold},
		"said nothing of it": {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			status := &atomic.Int64{}
			status.Store(http.StatusTooManyRequests)
			c, asked, now := quiet(t, status, row.after)
			if _, err := c.Subscriptions(t.Context(), "one"); upgrade.KindOf(err) != upgrade.Throttled {
				t.Fatal(err)
			}
			status.Store(http.StatusOK)
			if row.held == 0 {
				if _, err := c.Subscriptions(t.Context(), "another"); err != nil {
					t.Fatal(err)
				}
				return
			}
			*now = now.Add(row.held - time.Second)
			for _, ask := range []func() error{
				func() error { _, err := c.Subscriptions(t.Context(), "another"); return err },
				func() error { _, err := c.SubscribedSKUs(t.Context(), "another"); return err },
				func() error {
					return c.SetSeats(t.Context(), upgrade.WriteID{Request: upgrade.UUID("r")}, "another", "s", 1, 2)
				},
			} {
				err, e := ask(), new(upgrade.Error)
				if !asError(err, &e) || e.Kind != upgrade.Throttled || e.Code != held || e.RetryAfter != time.Second {
					t.Errorf("%+v", err)
				}
			}
			if asked.Load() != 1 {
				t.Errorf("it was asked %d times", asked.Load())
			}
			*now = now.Add(time.Second)
			if _, err := c.Subscriptions(t.Context(), "another"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestShorterWord: a later answer that asks for less does not let anybody in sooner.
func TestShorterWord(t *testing.T) {
	now := time.Unix(0, 0)
	h := hold{clock: func() time.Time { return now }}
	h.keep(time.Minute)
	h.keep(time.Second)
	now = now.Add(30 * time.Second)
	if h.mayAsk() == nil {
		t.Error("it was let in after half the time")
	}
}

// TestShare: an execution makes its share of requests and no more; the pages of a list count, and are read to the end.
func TestShare(t *testing.T) {
	status := &atomic.Int64{}
	status.Store(http.StatusOK)
	c, asked, _ := quiet(t, status, "")
	ctx := upgrade.WithCalls(t.Context(), 2)
	for range 2 {
		if _, err := c.Subscriptions(ctx, "one"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Subscriptions(ctx, "one"); upgrade.CodeOf(err) != upgrade.CallsSpent {
		t.Error(err)
	}
	if asked.Load() != 2 {
		t.Errorf("it was asked %d times", asked.Load())
	}
}

func asError(err error, into **upgrade.Error) bool {
	e, ok := err.(*upgrade.Error)
	if ok {
		*into = e
	}
	return ok
}
