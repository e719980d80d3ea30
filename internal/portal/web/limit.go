package web

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds what a limiter remembers. Above it, whoever has not asked for a while is forgotten.
const maxKeys = 20_000

// Limiter lets each key ask burst times at once and then so many times a second.
type Limiter struct {
	mu    sync.Mutex
	each  rate.Limit
	burst int
	keys  map[string]*rate.Limiter
}

// NewLimiter makes a Limiter.
func NewLimiter(perSecond float64, burst int) *Limiter {
	return &Limiter{each: rate.Limit(perSecond), burst: burst, keys: map[string]*rate.Limiter{}}
}

// Allow counts a request of a key, and tells whether it may be answered.
func (l *Limiter) Allow(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.keys[key]
	if one == nil {
		if len(l.keys) >= maxKeys {
			l.forget(now)
		}
		one = rate.NewLimiter(l.each, l.burst)
		l.keys[key] = one
	}
	return one.AllowN(now, 1)
}

// forget drops the keys that have all of their burst again, which is what a new key has; where too many are left, all.
func (l *Limiter) forget(now time.Time) {
	for key, one := range l.keys {
		if one.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) >= maxKeys {
		clear(l.keys)
	}
}

// Counter bounds what is open at a time: for each key, and together.
type Counter struct {
	mu             sync.Mutex
	perKey, atMost int
	open           int
	keys           map[string]int
}

// NewCounter makes a Counter.
func NewCounter(perKey, atMost int) *Counter {
	return &Counter{perKey: perKey, atMost: atMost, keys: map[string]int{}}
}

// Enter tells whether one more may be open; where it may, Leave ends it.
func (c *Counter) Enter(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.atMost || c.keys[key] >= c.perKey {
		return false
	}
	c.open++
	c.keys[key]++
	return true
}

// Leave ends what Enter let in.
func (c *Counter) Leave(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.keys[key]--; c.keys[key] <= 0 {
		delete(c.keys, key)
	}
}

// ConnectionAddress is the address of the connection. One customer holds a whole /64 of IPv6, so that is what counts.
func ConnectionAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil || address.Unmap().Is4() {
		return host
	}
	network, err := address.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return network.String()
}
