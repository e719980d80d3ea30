package cloud

import (
	"context"
	"sync"
	"time"
)

// clock is virtual time: a start, a pace, and jumps.
type clock struct {
	mu      sync.Mutex
	virtual time.Time // virtual time at the moment real
	real    time.Time
	pace    float64
	jumped  chan struct{} // closed and replaced by each Advance
}

func newClock(start time.Time, pace float64) *clock {
	if start.IsZero() {
		start = time.Now().UTC().Truncate(time.Second)
	}
	if pace <= 0 {
		pace = 1
	}
	return &clock{virtual: start.UTC(), real: time.Now(), pace: pace, jumped: make(chan struct{})}
}

func (k *clock) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.locked()
}

func (k *clock) locked() time.Time {
	return k.virtual.Add(time.Duration(float64(time.Since(k.real)) * k.pace))
}

// jump moves the clock by d and wakes every sleeper.
func (k *clock) jump(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.virtual, k.real = k.locked().Add(d), time.Now()
	close(k.jumped)
	k.jumped = make(chan struct{})
}

// sleep waits for d of virtual time, or until ctx ends.
func (k *clock) sleep(ctx context.Context, d time.Duration) error {
	return k.sleepUntil(ctx, k.now().Add(d))
}

func (k *clock) sleepUntil(ctx context.Context, until time.Time) error {
	for {
		k.mu.Lock()
		left, jumped := until.Sub(k.locked()), k.jumped
		k.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(time.Duration(float64(left)/k.pace) + 20*time.Microsecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-jumped:
		case <-timer.C:
		}
		timer.Stop()
	}
}
