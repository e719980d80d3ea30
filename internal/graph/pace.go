package graph

import (
	"context"
	"sync"
	"time"

	"uplift/upgrade"
)

// What Graph lets one application write in one tenant: 3,000 requests in 150 seconds, as a bucket that fills steadily.
// https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits
const (
	writesPerSecond = 20.0
	quotaWindow     = 150 * time.Second
)

// mostBatches is how many batches of writes a tenant has in flight at most. Graph refuses writes that meet in one tenant with 409
// (Directory_ConcurrencyViolation), and reports from the field advise one to four at a time. Four carry three hundred users three
// and a half times as fast as one request after another; more gain little, since the quota is what bounds many users.
const mostBatches = 4

// What a reply may say of the quota, as a share of it that is used up. It is said from 0.8 on.
const (
	hintTarget = 0.9
	// hintGain is by how much of the quota's rate we go faster or slower for each unit that the share is off the target.
	hintGain = 2.0
)

// pacer holds writes back so that a tenant's quota is used and not exceeded. Nothing has to be kept over a restart: as long as
// no reply says that the quota runs low, writes go as fast as mostBatches allows; the first that says so, or refuses, sets the
// pace.
type pacer struct {
	pace float64          // how many times faster than the clock Microsoft is; 1 unless it is simulated
	now  func() time.Time // Microsoft's clock

	mu      sync.Mutex
	tenants map[string]*lane
}

// lane is what is known of one tenant.
type lane struct {
	mu    sync.Mutex
	freed chan struct{} // closed and replaced when something changes for those who wait

	busy  int // batches in flight
	most  int // how many may be
	clean int // batches in a row that nothing was wrong with

	rate   float64   // writes a second, by our clock; 0: unbounded
	share  float64   // of the documented quota that seems to be ours: less than 1 where we were refused while we kept to it
	next   time.Time // when the next write fits the rate
	until  time.Time // nothing before, by Microsoft's clock: Retry-After
	paced  time.Time // the rate stays bounded until then, whatever is not said
	lowers time.Time // of the last refusal: what comes in pairs counts once
	used   time.Time
}

func newPacer(pace float64, now func() time.Time) *pacer {
	if pace <= 0 {
		pace = 1
	}
	if now == nil {
		now = time.Now
	}
	return &pacer{pace: pace, now: now, tenants: map[string]*lane{}}
}

// scaled is a duration of Microsoft's, by our clock.
func (p *pacer) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) / p.pace) }

// of is the lane of a tenant. Those that nobody has used for longer than a quota remembers are forgotten.
func (p *pacer) of(tenant string) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.tenants[tenant]
	if l == nil {
		for id, old := range p.tenants {
			if old.idle(p.scaled(2 * quotaWindow)) {
				delete(p.tenants, id)
			}
		}
		l = &lane{freed: make(chan struct{}), most: mostBatches, share: 1}
		p.tenants[tenant] = l
	}
	l.mu.Lock()
	l.used = time.Now()
	l.mu.Unlock()
	return l
}

func (l *lane) idle(long time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.busy == 0 && time.Since(l.used) > long
}

// enter waits until so many writes may go to the tenant, and answers whom to tell what came of them. Where a Retry-After has
// long not passed it answers Throttled at once, with what is left of it: so long a wait is the caller's, who may have to say that it
// lives.
func (p *pacer) enter(ctx context.Context, tenant string, writes int) (leave func(said), err error) {
	l := p.of(tenant)
	if err := l.wait(ctx, p, writes); err != nil {
		return nil, err
	}
	return func(s said) { l.heard(p, s) }, nil
}

func (l *lane) wait(ctx context.Context, p *pacer, writes int) error {
	for {
		if err := l.reopen(ctx, p); err != nil {
			return err
		}
		at, freed, ok := l.take(writes)
		if ok {
			return nil
		}
		var timer <-chan time.Time
		if !at.IsZero() {
			t := time.NewTimer(time.Until(at))
			defer t.Stop()
			timer = t.C
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-freed:
		case <-timer:
		}
	}
}

// moment is how long we wait for a Retry-After to pass, by our clock.
const moment = 2 * time.Second

// reopen waits until a Retry-After has passed, where that is a moment; else it answers how long that takes.
func (l *lane) reopen(ctx context.Context, p *pacer) error {
	l.mu.Lock()
	until := l.until
	l.mu.Unlock()
	left := p.scaled(until.Sub(p.now()))
	switch {
	case left <= 0:
		return nil
	case left > moment:
		return &upgrade.Error{Kind: upgrade.Throttled, Code: "TooManyRequests", Message: "Microsoft Graph has asked us to come later", RetryAfter: left}
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.Equal(until) { // it has been waited for, whatever a simulated clock says
		l.until = time.Time{}
	}
	return nil
}

// take takes a place, or says when there may be one; the zero time: when another batch is back.
func (l *lane) take(writes int) (at time.Time, freed <-chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch {
	case l.busy >= l.most:
		return time.Time{}, l.freed, false
	case l.rate > 0 && now.Before(l.next):
		return l.next, l.freed, false
	}
	l.busy++
	if l.rate > 0 {
		from := l.next // what the timer woke us late is not lost, unless nobody was there to use it
		if behind := time.Duration(2 * maxParts / l.rate * float64(time.Second)); now.Sub(from) > behind {
			from = now
		}
		l.next = from.Add(time.Duration(float64(writes) / l.rate * float64(time.Second)))
	}
	return time.Time{}, nil, true
}

// said is what the replies to a batch say of our speed.
type said struct {
	used      float64 // share of the quota; 0: nothing is said, it is below 0.8
	throttled bool
	conflict  bool // writes met in the tenant
	after     time.Duration
}

// saidBy gathers what the replies to the parts say.
func saidBy(replies []partReply, err error) said {
	var s said
	hear := func(e *upgrade.Error) {
		switch {
		case e == nil:
		case e.Kind == upgrade.Throttled:
			s.throttled = true
			s.after = max(s.after, e.RetryAfter)
		case e.Code == concurrencyViolation:
			s.conflict = true
		}
	}
	for _, r := range replies {
		s.used = max(s.used, r.used)
		hear(r.err)
	}
	hear(asError(err))
	return s
}

// concurrencyViolation is Graph's refusal of writes that meet in one tenant.
const concurrencyViolation = "Directory_ConcurrencyViolation"

// heard draws the conclusions, and lets the next in.
func (l *lane) heard(p *pacer, s said) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.busy--
	l.used = now
	quota := writesPerSecond * p.pace
	switch {
	case s.throttled:
		l.refused(p, now, s.after)
	case s.conflict:
		l.clean, l.most = 0, max(1, l.most/2)
		l.until = later(l.until, p.now().Add(time.Second))
	default:
		l.share = min(1, l.share+0.01)
		if l.clean++; l.clean >= l.most && l.most < mostBatches {
			l.clean, l.most = 0, l.most+1
		}
	}
	switch {
	case s.used >= 0.8:
		if l.rate == 0 {
			l.next = now
		}
		l.rate = quota * l.share * min(1.25, max(0.5, 1+hintGain*(hintTarget-s.used)))
		l.paced = later(l.paced, now.Add(p.scaled(5*time.Second)))
	case !s.throttled && now.After(l.paced):
		l.rate = 0
	}
	close(l.freed)
	l.freed = make(chan struct{})
}

// refused slows down after a 429: not before its Retry-After, one batch at a time, and below the documented rate, since whoever
// was refused while keeping to that does not have all of it. Batches that were in flight together are refused together, and count
// once.
func (l *lane) refused(p *pacer, now time.Time, after time.Duration) {
	if after <= 0 {
		after = p.scaled(5 * time.Second)
	}
	l.until = later(l.until, p.now().Add(time.Duration(float64(after)*p.pace)))
	l.paced = later(l.paced, now.Add(p.scaled(quotaWindow)))
	if now.After(l.lowers) {
		l.lowers = now.Add(after + p.scaled(5*time.Second))
		if l.rate > 0 {
			l.share = max(0.05, l.share*0.75)
		}
		l.rate = writesPerSecond * p.pace * l.share * 0.8
		l.next = now
	}
	l.clean, l.most = 0, 1
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
