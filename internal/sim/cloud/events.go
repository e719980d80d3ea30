package cloud

import (
	"container/heap"
	"time"
)

// event is an effect that has been decided and not yet happened.
type event struct {
	at  time.Time
	seq int
	run func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].seq < q[j].seq
	}
	return q[i].at.Before(q[j].at)
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// after has run executed once d has passed. A lag of zero runs it now, so that
// a profile without lags is synchronous.
func (c *Cloud) after(d time.Duration, run func()) {
	if d <= 0 {
		run()
		return
	}
	c.schedule(c.at.Add(d), run)
}

func (c *Cloud) schedule(t time.Time, run func()) {
	c.eventSeq++
	heap.Push(&c.events, event{at: t, seq: c.eventSeq, run: run})
}

// enter takes the state and brings it up to the present: every event that is
// due runs, in order, at its own virtual time.
func (c *Cloud) enter() {
	c.mu.Lock()
	now := c.clock.now()
	for len(c.events) > 0 && !c.events[0].at.After(now) {
		due := heap.Pop(&c.events).(event)
		c.at = due.at
		due.run()
	}
	c.at = now
}

func (c *Cloud) leave() { c.mu.Unlock() }
