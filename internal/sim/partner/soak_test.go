package partner_test

import (
	"fmt"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
)

// TestUpgradeUnderMisbehaviour lets a patient client, which repeats a write with
// the same MS-RequestId, move all seats while everything goes wrong now and
// then. Whatever happens on the wire, the transition that succeeds starts once.
func TestUpgradeUnderMisbehaviour(t *testing.T) {
	for seed := range int64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := newLabWith(t, seed+1)
			sub := l.basic(10, 60*day)
			for i := range 8 {
				l.holder(fmt.Sprintf("u%d", i), planTeams)
			}
			for attempt := 0; l.offer(sub) != item(cloud.BusinessStandard); attempt++ {
				if attempt == 20 {
					t.Fatalf("never done: %+v", l.state.Ledger(cloud.Query{Object: sub}))
				}
				l.patiently("POST", path(sub, "/transitions"), fmt.Sprintf("attempt-%d", attempt), move(cloud.BusinessStandard, 10, cloud.TransferLicences))
				l.state.Advance(3 * time.Hour)
			}
			l.state.Advance(day)
			started := len(l.state.Ledger(cloud.Query{Kind: cloud.TransitionStarted}))
			failed := len(l.state.Ledger(cloud.Query{Kind: cloud.TransitionFailed}))
			if started != failed+1 {
				t.Errorf("%d started, %d failed: one must have succeeded", started, failed)
			}
			left, _ := l.holders(cloud.BusinessBasic)
			moved, _ := l.holders(cloud.BusinessStandard)
			if left+moved != 8 || moved == 0 {
				t.Errorf("%d left, %d moved", left, moved)
			}
		})
	}
}

func newLabWith(t *testing.T, seed int64) *lab {
	f := cloud.Misbehaving()
	f.Lags.Hang, f.Lags.RetryAfter = 5*time.Millisecond, time.Millisecond
	return newLabOn(t, cloud.Options{Start: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Pace: frozen, Seed: seed, Faults: f})
}

// patiently repeats a request until it succeeds or has met a refusal for an hour.
func (l *lab) patiently(method, path, requestID string, body any) answer {
	l.t.Helper()
	for range 200 {
		a, err := l.send("app", method, path, requestID, body)
		if err == nil && a.status < 300 && a.body != nil {
			return a
		}
		if err == nil && (a.status == 400 || a.status == 403) {
			return a
		}
		l.state.Advance(time.Minute)
	}
	l.t.Fatalf("%s %s never answered", method, path)
	return answer{}
}

func (l *lab) offer(sub string) string {
	l.t.Helper()
	id, _ := l.patiently("GET", path(sub), "", nil).body["offerId"].(string)
	return id
}
