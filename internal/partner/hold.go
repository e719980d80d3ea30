package partner

import (
	"sync"
	"time"

	"uplift/upgrade"
)

// longestHold bounds how long one answer keeps everybody from asking: Partner Center counts by minutes, and after that long one
// more question tells whether it meant it.
const longestHold = 15 * time.Minute

// held is the code of a request that was not made, since Partner Center has asked to be left alone.
const held = "partner_held"

// hold is until when Partner Center wants no requests. It throttles the partner as a whole, so that what it answers to one request
// holds for all; another process learns it by its own.
type hold struct {
	clock func() time.Time // by which Retry-After counts
	mu    sync.Mutex
	until time.Time
}

// keep holds everybody for as long as an answer says; a shorter word does not shorten a longer one.
func (h *hold) keep(d time.Duration) {
	if d <= 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if until := h.clock().Add(min(d, longestHold)); until.After(h.until) {
		h.until = until
	}
}

// mayAsk is nil when a request may be made; else Kind Throttled, with how long to stay away.
func (h *hold) mayAsk() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := h.until.Sub(h.clock())
	if left <= 0 {
		return nil
	}
	return &upgrade.Error{Kind: upgrade.Throttled, Code: held, RetryAfter: left, Message: "Partner Center has asked to be left alone for a while, and was not asked"}
}
