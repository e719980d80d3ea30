package cloud

import (
	"net/http"
	"time"
)

// Reply is an answer before it is written to the wire.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

type onceEntry struct {
	done  chan struct{}
	reply Reply
}

// Once answers a write by its key (MS-RequestId with method and path): the first
// call runs do, and a repetition of one that succeeded gets the recorded answer
// without a second effect. What was refused is forgotten, so that a repetition
// is judged anew. An empty key always runs.
func (c *Cloud) Once(key string, do func() Reply) (r Reply, replayed bool) {
	if key == "" {
		return do(), false
	}
	for {
		c.mu.Lock()
		first, met := c.once[key]
		if !met {
			first = &onceEntry{done: make(chan struct{})}
			c.once[key] = first
			c.mu.Unlock()
			return c.runOnce(key, first, do), false
		}
		c.mu.Unlock()
		<-first.done
		if first.reply.Status != 0 {
			return first.reply, true
		}
	}
}

func (c *Cloud) runOnce(key string, e *onceEntry, do func() Reply) (r Reply) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.Status >= 200 && r.Status < 300 {
			e.reply = r
		} else if c.once[key] == e {
			delete(c.once, key)
		}
		close(e.done)
	}()
	return do()
}

// bucket counts what was spent in the present window of real time.
type bucket struct {
	from  time.Time
	spent int
}

// leak is a token bucket, told by what is missing in it.
type leak struct {
	at    time.Time // virtual
	spent float64
}

// mostOverdrawn is how far above its limit a bucket shows, as a share of it: the throttling headers go up to 1.8.
const mostOverdrawn = 1.8

// Draw takes cost from a token bucket that holds limit and is filled again within the window, and returns the share of it that is
// used up then; above 1 the request is not served, and wait says in real time when it would be. The bucket fills by the virtual
// clock, so that at another pace a sender meets the quota that it meets at Microsoft. What is refused counts, too.
func (c *Cloud) Draw(key string, cost, limit int, window time.Duration) (share float64, wait time.Duration) {
	c.enter()
	defer c.leave()
	l, most := c.leaks[key], float64(limit)*c.opts.Quota
	if l == nil {
		l = &leak{at: c.at}
		c.leaks[key] = l
	}
	perSecond := most / window.Seconds()
	l.spent = max(0, l.spent-c.at.Sub(l.at).Seconds()*perSecond)
	l.at = c.at
	l.spent = min(l.spent+float64(cost), most*mostOverdrawn)
	if over := l.spent - most; over > 0 {
		wait = time.Duration(over / perSecond / c.clock.pace * float64(time.Second))
	}
	return l.spent / most, wait
}

// Spend takes cost from a throttling bucket and returns the share of limit that
// is used up now, and how long its window still is. Throttling windows are real
// time: it is real requests that they protect against.
func (c *Cloud) Spend(key string, cost, limit int, window time.Duration) (share float64, left time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.throttle[key]
	if b == nil || time.Since(b.from) > window {
		b = &bucket{from: time.Now()}
		c.throttle[key] = b
	}
	b.spent += cost
	return float64(b.spent) / (float64(limit) * c.opts.Quota), window - time.Since(b.from)
}
