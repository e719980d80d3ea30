package partner_test

import (
	"testing"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// TestSimWriteFaults lets each fault strike a change of seats and says what the client must make of it, and how many
// seats the customer has after the call and after one repetition.
func TestSimWriteFaults(t *testing.T) {
	for _, tc := range []struct {
		fault        cloud.Fault
		kind         upgrade.Kind // empty: none
		after, again int
	}{
		{cloud.Throttled, upgrade.Throttled, 20, 25},
		{cloud.ThrottledDate, upgrade.Throttled, 20, 25},
		{cloud.ThrottledBare, upgrade.Throttled, 20, 25},
		{cloud.ServerError, upgrade.Ambiguous, 20, 25},
		{cloud.Unavailable, upgrade.Ambiguous, 20, 25},
		{cloud.ErrorAfterEffect, upgrade.Ambiguous, 25, 25},
		{cloud.ReplyLost, upgrade.Ambiguous, 25, 25},
		{cloud.NotReady, upgrade.Transient, 20, 25},
		{cloud.MalformedBody, "", 25, 25},
	} {
		t.Run(string(tc.fault), func(t *testing.T) {
			l := newLab(t)
			l.state.Inject(tc.fault, cloud.Matcher{Method: "PATCH"}, 1)
			err := l.SetSeats(t.Context(), id("up"), customer, l.basic, 20, 25)
			if tc.kind == "" && err != nil || tc.kind != "" && upgrade.KindOf(err) != tc.kind {
				t.Fatalf("error = %v, want %q", err, tc.kind)
			}
			if tc.kind == upgrade.Throttled && tc.fault != cloud.ThrottledBare {
				if after := retryAfterOf(err); after <= 0 || after > 10*time.Second {
					t.Errorf("retry after %v", after)
				}
			}
			l.state.Advance(time.Hour) // past a lock of NotReady, and until somebody may ask again after a 429
			if n := l.read(l.basic).Seats; n != tc.after {
				t.Errorf("%d seats, want %d", n, tc.after)
			}
			if err := l.SetSeats(t.Context(), id("up"), customer, l.basic, 20, 25); err != nil {
				t.Fatalf("repeated: %v", err)
			}
			if n := l.read(l.basic).Seats; n != tc.again {
				t.Errorf("%d seats after the repetition, want %d", n, tc.again)
			}
		})
	}
}

func retryAfterOf(err error) time.Duration {
	e, _ := err.(*upgrade.Error)
	if e == nil {
		return 0
	}
	return e.RetryAfter
}

func TestSimAcceptedChangeFollowsLater(t *testing.T) {
	l := newLab(t)
	l.state.Inject(cloud.Accepted, cloud.Matcher{Method: "PATCH"}, 1)
	if err := l.SetSeats(t.Context(), id("up"), customer, l.basic, 20, 25); err != nil {
		t.Fatal(err)
	}
	l.state.Advance(time.Hour)
	if n := l.read(l.basic).Seats; n != 25 {
		t.Errorf("%d seats", n)
	}
}

func TestSimReadFaults(t *testing.T) {
	for fault, want := range map[cloud.Fault]upgrade.Kind{
		cloud.Throttled: upgrade.Throttled, cloud.ServerError: upgrade.Transient, cloud.Unavailable: upgrade.Transient,
		cloud.MalformedBody: upgrade.Transient, cloud.ByteOrderMark: "", cloud.UnknownEnums: "", cloud.NoRefundable: "",
	} {
		l := newLab(t)
		l.state.Inject(fault, cloud.Matcher{Method: "GET"}, 1)
		_, err := l.Subscriptions(t.Context(), customer)
		if want == "" && err != nil || want != "" && upgrade.KindOf(err) != want {
			t.Errorf("%s: %v, want %q", fault, err, want)
		}
	}
	l := newLab(t)
	l.state.Inject(cloud.BusinessErrorOK, cloud.Matcher{Method: "GET"}, 1)
	_, err := l.SKU(t.Context(), "CFQ7TTC0LH18:0001", "GB")
	wantKind(t, err, upgrade.Refused, "400072")
	l.state.Inject(cloud.NumberCodes, cloud.Matcher{}, -1)
	wantKind(t, l.SetSeats(t.Context(), id("down"), customer, l.basic, 20, 10), upgrade.Refused, "")
	l.state.Inject(cloud.GatewayThrottle, cloud.Matcher{}, 1)
	l.state.Inject(cloud.Throttled, cloud.Matcher{}, 1)
	_, err = l.Subscriptions(t.Context(), customer)
	wantKind(t, err, upgrade.Throttled, "http_too_many_requests")
	if after := retryAfterOf(err); after <= 0 {
		t.Errorf("retry after %v", after)
	}
}

func TestSimTransitionIsStartedOnce(t *testing.T) {
	l := newLab(t)
	targets, err := l.TransitionTargets(t.Context(), customer, l.basic)
	if err != nil || len(targets) == 0 {
		t.Fatalf("%+v, %v", targets, err)
	}
	request := upgrade.TransitionRequest{Subscription: l.basic, ToCatalogItem: targets[0].CatalogItem, Seats: 20, Type: upgrade.TransitionOnly}
	for _, fault := range []cloud.Fault{cloud.ReplyLost, cloud.ErrorAfterEffect} {
		l.state.Inject(fault, cloud.Matcher{Method: "POST"}, 1)
		_, err = l.StartTransition(t.Context(), id("move"), customer, request)
		wantKind(t, err, upgrade.Ambiguous, "")
	}
	again, err := l.StartTransition(t.Context(), id("move"), customer, request)
	if err != nil {
		t.Fatal(err)
	}
	history, err := l.Transitions(t.Context(), customer, l.basic)
	if err != nil || len(history) != 1 || history[0].Operation != again.Operation {
		t.Errorf("%+v, %v", history, err)
	}
}
