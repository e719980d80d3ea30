package portal

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

// limiter lets each key ask burst times at once and then so many times a second.
type limiter struct {
	mu    sync.Mutex
	each  rate.Limit
	burst int
	keys  map[string]*rate.Limiter
}

func newLimiter(perSecond float64, burst int) *limiter {
	return &limiter{each: rate.Limit(perSecond), burst: burst, keys: map[string]*rate.Limiter{}}
}

func (l *limiter) allow(key string, now time.Time) bool {
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
func (l *limiter) forget(now time.Time) {
	for key, one := range l.keys {
		if one.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) >= maxKeys {
		clear(l.keys)
	}
}

// counter bounds what is open at a time: for each key, and together.
type counter struct {
	mu             sync.Mutex
	perKey, atMost int
	open           int
	keys           map[string]int
}

func newCounter(perKey, atMost int) *counter {
	return &counter{perKey: perKey, atMost: atMost, keys: map[string]int{}}
}

func (c *counter) enter(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.atMost || c.keys[key] >= c.perKey {
		return false
	}
	c.open++
	c.keys[key]++
	return true
}

func (c *counter) leave(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.keys[key]--; c.keys[key] <= 0 {
		delete(c.keys, key)
	}
}

// connectionAddress is the address of the connection. One customer holds a whole /64 of IPv6, so that is what counts.
func connectionAddress(r *http.Request) string {
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
