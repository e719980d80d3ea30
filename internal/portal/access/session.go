package access

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"uplift/internal/portal/web"
)

// session is somebody who has signed in. It lives in the browser, sealed: so any process may go on with it.
type session struct {
	ID       string    `json:"id"`
	Subject  string    `json:"subject"`
	Name     string    `json:"name,omitempty"`
	Roles    []Role    `json:"roles"`
	Reseller string    `json:"reseller,omitempty"`
	Began    time.Time `json:"began"`
	Seen     time.Time `json:"seen"`
	Form     string    `json:"form"` // what forms of this session prove themselves by
}

// seenEvery is how old a session's last use may be before it is written down anew.
const seenEvery = time.Minute

func newSession(who Who, now time.Time) session {
	return session{ID: rand.Text(), Form: rand.Text(), Subject: who.Subject, Name: who.Name, Roles: who.Roles, Reseller: who.Reseller, Began: now, Seen: now}
}

func (s session) who() Who {
	return Who{Subject: s.Subject, Name: s.Name, Roles: s.Roles, Reseller: s.Reseller}
}

// good tells whether the session still lasts. One that began or was seen in the future is none.
func (s session) good(now time.Time) bool {
	return s.ID != "" && s.Form != "" && !s.Began.After(now) && !s.Seen.After(now) && now.Before(s.Began.Add(SessionLife)) && now.Before(s.Seen.Add(SessionIdle))
}

// sessionCookie is kept for the whole site. Its prefix holds browsers to what it says: by https only, of this host only.
func (g *Guard) sessionCookie() web.Cookie {
	return web.Cookie{Name: g.prefix() + "uplift_session", Context: "portal-session", Path: "/", Secure: g.Secure, Life: SessionLife, Sealer: g.Sealer}
}

func (g *Guard) prefix() string {
	if g.Secure {
		return "__Host-"
	}
	return ""
}

// sessionOf is the browser's session, where it has one that lasts and was not ended.
func (g *Guard) sessionOf(r *http.Request) (s session, ok bool) {
	ok = g.sessionCookie().Get(r, &s) && s.good(g.Now()) && !g.over.Used(s.ID)
	return s, ok
}

// seen notes that a session was used, by a person: what an open page fetches by itself keeps no session alive.
func (g *Guard) seen(w http.ResponseWriter, r *http.Request, s session) {
	mode := r.Header.Get("Sec-Fetch-Mode")
	if now := g.Now(); (mode == "" || mode == "navigate") && now.Sub(s.Seen) >= seenEvery {
		s.Seen = now
		if err := g.sessionCookie().Put(w, s); err != nil {
			g.Log.Error("a session could not be kept", "error", err.Error())
		}
	}
}

// end ends a session: its cookie counts no more, in whatever browser it lies. In other processes of the same installation it
// counts until it is too old.
func (g *Guard) end(s session) { g.over.First(s.ID, s.Began.Add(SessionLife), g.Now()) }

type sessionKey struct{}

func withSession(ctx context.Context, s session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

func sessionFrom(ctx context.Context) session {
	s, _ := ctx.Value(sessionKey{}).(session)
	return s
}
