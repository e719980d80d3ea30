package graph

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"uplift/upgrade"
)

// heard lets a lane hear what is said of one batch.
func heard(p *pacer, l *lane, s said) {
	l.mu.Lock()
	l.busy++
	l.mu.Unlock()
	l.heard(p, s)
}

// TestPaceByHint holds that nothing holds writes back until a reply says that the quota runs low, that they go the slower the lower it
// is, and as fast as they can again when nothing more is said.
func TestPaceByHint(t *testing.T) {
	p := newPacer(1, nil)
	l := p.of("tenant")
	heard(p, l, said{})
	if l.rate != 0 {
		t.Fatalf("paced to %v before anything was said", l.rate)
	}
	last := 1000.0
	for _, used := range []float64{0.8, 0.9, 1.0, 1.2, 1.8} {
		heard(p, l, said{used: used})
		if l.rate <= 0 || l.rate > last || used >= 1 && l.rate >= writesPerSecond || used < 0.9 && l.rate <= writesPerSecond {
			t.Errorf("at %v of the quota: %v a second, after %v", used, l.rate, last)
		}
		last = l.rate
	}
	l.paced = time.Now().Add(-time.Second)
	heard(p, l, said{})
	if l.rate != 0 {
		t.Errorf("paced to %v with the quota full again", l.rate)
	}
}

// TestPaceAfterRefusal holds that a 429 stops everything until its Retry-After, lets one batch go then, and counts once however many
// batches were refused together.
func TestPaceAfterRefusal(t *testing.T) {
	p := newPacer(1, nil)
	l := p.of("tenant")
	before := time.Now()
	heard(p, l, said{throttled: true, after: 40 * time.Second})
	first := l.rate
	heard(p, l, said{throttled: true, after: 10 * time.Second})
	if l.until.Before(before.Add(40*time.Second)) || l.most != 1 || first <= 0 || first >= writesPerSecond || l.rate != first {
		t.Errorf("until %v, %d at a time, %v and then %v a second", l.until.Sub(before), l.most, first, l.rate)
	}
	_, err := p.enter(t.Context(), "tenant", 20)
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Kind != upgrade.Throttled || e.RetryAfter <= 30*time.Second || e.RetryAfter > 40*time.Second {
		t.Errorf("before the Retry-After had passed: %v", err)
	}
	heard(p, l, said{}) // one that was in flight, and says nothing of the quota
	if l.rate == 0 {
		t.Error("a reply without a word of the quota has ended the pace at once")
	}
	l.until, l.lowers = time.Time{}, time.Time{}
	heard(p, l, said{throttled: true, after: time.Second})
	if l.rate >= first || l.share >= 1 {
		t.Errorf("refused again while keeping to the pace: %v a second, %v of the quota", l.rate, l.share)
	}
	for range 200 {
		heard(p, l, said{used: 0.9})
	}
	if l.share != 1 || l.most != mostBatches {
		t.Errorf("after a long time without a refusal: %v of the quota, %d batches", l.share, l.most)
	}
}

// TestPaceAfterConflict holds that writes that meet let fewer go together, and more again when none meet.
func TestPaceAfterConflict(t *testing.T) {
	p := newPacer(1, nil)
	l := p.of("tenant")
	for _, want := range []int{2, 1, 1} {
		heard(p, l, said{conflict: true})
		if l.most != want || l.until.Before(time.Now()) {
			t.Errorf("%d batches at a time, not %d", l.most, want)
		}
	}
	l.until = time.Time{}
	if _, _, ok := l.take(20); !ok {
		t.Fatal("the one batch is not let in")
	}
	if _, _, ok := l.take(20); ok {
		t.Error("a second batch is let in beside the one")
	}
	l.heard(p, said{})
	for range 20 {
		heard(p, l, said{})
	}
	if l.most != mostBatches || l.rate != 0 {
		t.Errorf("%d batches at a time, %v a second", l.most, l.rate)
	}
}

// TestPaceWaits holds that who waits is let in when another leaves, and gives up with its context.
func TestPaceWaits(t *testing.T) {
	p := newPacer(1, nil)
	var leave []func(said)
	for range mostBatches {
		l, err := p.enter(t.Context(), "tenant", 20)
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	if _, err := p.enter(t.Context(), "another tenant", 20); err != nil {
		t.Errorf("one tenant holds another back: %v", err)
	}
	in := make(chan error, 1)
	go func() { _, err := p.enter(t.Context(), "tenant", 20); in <- err }()
	leave[0](said{})
	if err := <-in; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.enter(ctx, "tenant", 20); err == nil {
		t.Error("let in beyond the most that may be in flight")
	}
}

func TestUsedUp(t *testing.T) {
	for header, want := range map[string]float64{
		`{"x-ms-throttle-limit-percentage":"0.8"}`: 0.8, `{"X-Ms-Throttle-Limit-Percentage":1.25}`: 1.25, `{}`: 0, `{"x-ms-throttle-limit-percentage":"much"}`: 0,
		`{"x-ms-throttle-limit-percentage":"-1"}`: 0, `{"x-ms-throttle-limit-percentage":"1e9"}`: 2, `{"x-ms-throttle-limit-percentage":"NaN"}`: 0,
	} {
		var headers map[string]json.RawMessage
		if err := json.Unmarshal([]byte(header), &headers); err != nil {
			t.Fatal(err)
		}
		if got := usedUp(headers); got != want {
			t.Errorf("%s: %v, not %v", header, got, want)
		}
	}
}

func TestSaidBy(t *testing.T) {
	slow := &upgrade.Error{Kind: upgrade.Throttled, RetryAfter: 3 * time.Second}
	slower := &upgrade.Error{Kind: upgrade.Throttled, RetryAfter: 9 * time.Second}
	met := &upgrade.Error{Kind: upgrade.Transient, Code: concurrencyViolation}
	got := saidBy([]partReply{{used: 0.8}, {err: slower, used: 1.1}, {err: slow}, {err: met}}, nil)
	if got != (said{used: 1.1, throttled: true, conflict: true, after: 9 * time.Second}) {
		t.Errorf("%+v", got)
	}
	if got := saidBy(nil, slow); !got.throttled || got.after != 3*time.Second {
		t.Errorf("of a whole batch: %+v", got)
	}
	if got := saidBy([]partReply{{}}, nil); got != (said{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

// TestForgetsTenants holds that the pacer does not grow with every tenant that was ever changed.
func TestForgetsTenants(t *testing.T) {
	p := newPacer(1, nil)
	old := p.of("old")
	old.used = time.Now().Add(-time.Hour)
	busy := p.of("busy")
	busy.used, busy.busy = time.Now().Add(-time.Hour), 1
	p.of("new")
	if len(p.tenants) != 2 || p.tenants["busy"] == nil || p.tenants["new"] == nil {
		t.Errorf("%d tenants are kept", len(p.tenants))
	}
}
