package cloud

import (
	"context"
	"log/slog"
	"math/rand"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Options say what kind of cloud this is. The zero value is usable.
type Options struct {
	// Start is the virtual time at which the clock begins; the present when zero.
	Start time.Time
	// Pace is virtual seconds per real second; 1 when zero.
	Pace float64
	// Seed makes the dice repeatable; 1 when zero.
	Seed int64
	// Faults is the profile of misbehaviour. The zero value (no name) stands for
	// Misbehaving: a simulator that is kind by default teaches nothing.
	Faults Faults
	// Quota multiplies the throttling quotas; 1 when zero. Those of Partner Center count real requests, of which a clock at a
	// faster pace sees more in a minute; Graph's buckets fill by the virtual clock.
	Quota float64
	// Log may be nil.
	Log *slog.Logger
}

// Cloud is the whole state. Its methods are safe for concurrent use and return
// copies.
type Cloud struct {
	clock *clock
	log   *slog.Logger
	opts  Options

	mu       sync.Mutex
	at       time.Time // the virtual time of what is being done; set by enter
	events   eventQueue
	eventSeq int
	dice     *rand.Rand
	faults   Faults
	injected []injection
	struck   map[Fault]int

	partner  *Tenant
	tenants  []*Tenant
	apps     []*app
	ledger   []Entry
	once     map[string]*onceEntry
	throttle map[string]*bucket
	leaks    map[string]*leak
	rotated  map[string]string // "product:sku" → availability that replaced the first
}

// New makes an empty cloud.
func New(o Options) *Cloud {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Faults.Name == "" {
		o.Faults = Misbehaving()
	}
	if o.Quota <= 0 {
		o.Quota = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Cloud{clock: newClock(o.Start, o.Pace), log: o.Log, opts: o}
	c.clear()
	return c
}

// Reset empties the state. The clock goes on; the fault profile and the dice
// return to what New was given.
func (c *Cloud) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
}

func (c *Cloud) clear() {
	c.at = c.clock.now()
	c.events, c.eventSeq = nil, 0
	c.dice = rand.New(rand.NewSource(c.opts.Seed))
	c.faults, c.injected, c.struck = c.opts.Faults.clone(), nil, map[Fault]int{}
	c.partner, c.tenants, c.apps, c.ledger = nil, nil, nil, nil
	c.once, c.throttle, c.rotated = map[string]*onceEntry{}, map[string]*bucket{}, map[string]string{}
	c.leaks = map[string]*leak{}
}

// Now is the virtual time.
func (c *Cloud) Now() time.Time { return c.clock.now() }

// Pace is virtual seconds per real second.
func (c *Cloud) Pace() float64 { return c.clock.pace }

// Advance moves the virtual clock forward and lets everything due happen.
func (c *Cloud) Advance(d time.Duration) {
	c.clock.jump(d)
	c.enter()
	c.leave()
}

// Sleep waits for d of virtual time, or until ctx ends.
func (c *Cloud) Sleep(ctx context.Context, d time.Duration) error { return c.clock.sleep(ctx, d) }

// SleepUntil waits until a virtual time, or until ctx ends.
func (c *Cloud) SleepUntil(ctx context.Context, t time.Time) error { return c.clock.sleepUntil(ctx, t) }

// newID is a GUID from the seeded dice, so that a run can be repeated.
func (c *Cloud) newID() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(c.dice.Intn(256))
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return uuid.UUID(b).String()
}
