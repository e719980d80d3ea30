package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"uplift/upgrade"
)

// Sealer keeps what a browser carries for us unreadable and unforgeable.
type Sealer interface {
	Seal(plain upgrade.Secret, context string) ([]byte, error)
	Unseal(sealed []byte, context string) (upgrade.Secret, error)
}

// Cookie is a sealed value in the browser: not for scripts, and not sent with what another site's page sends, but with the
// links that lead here, since Microsoft's and the identity provider's redirects come from other sites.
type Cookie struct {
	Name    string
	Context string // what it is sealed for, so that one cookie is never taken for another
	Path    string
	Secure  bool
	Life    time.Duration // in the browser; 0 ends with the browser's own session
	Sealer  Sealer
}

// Put seals a value into the browser.
func (c Cookie) Put(w http.ResponseWriter, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	sealed, err := c.Sealer.Seal(upgrade.Secret(data), c.Context)
	if err != nil {
		return err
	}
	http.SetCookie(w, c.of(base64.RawURLEncoding.EncodeToString(sealed), int(c.Life/time.Second)))
	return nil
}

// Drop takes it out of the browser.
func (c Cookie) Drop(w http.ResponseWriter) { http.SetCookie(w, c.of("", -1)) }

func (c Cookie) of(value string, age int) *http.Cookie {
	return &http.Cookie{Name: c.Name, Value: value, Path: c.Path, MaxAge: age, HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode}
}

// Get reads what the browser has; false where that is nothing of ours.
func (c Cookie) Get(r *http.Request, into any) bool {
	cookie, err := r.Cookie(c.Name)
	if err != nil || c.Sealer == nil {
		return false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return false
	}
	plain, err := c.Sealer.Unseal(sealed, c.Context)
	return err == nil && json.Unmarshal([]byte(plain.Reveal()), into) == nil
}

// Once remembers what was used, until it would be too old anyway. It is of this process.
type Once struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// First tells whether a value is used for the first time, and remembers it.
func (o *Once) First(value string, until, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for s, at := range o.seen {
		if !now.Before(at) {
			delete(o.seen, s)
		}
	}
	if _, again := o.seen[value]; again {
		return false
	}
	if o.seen == nil {
		o.seen = map[string]time.Time{}
	}
	o.seen[value] = until
	return true
}

// Used tells whether a value was used.
func (o *Once) Used(value string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, used := o.seen[value]
	return used
}
