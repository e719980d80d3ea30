package consent

import (
	"fmt"
	"net/http"
	"time"

	"uplift/upgrade"
)

const (
	// streamLife bounds one stream; the browser opens the next by itself.
	streamLife = 15 * time.Minute
	// streamBeat keeps proxies from closing a stream on which nothing happens.
	streamBeat = 15 * time.Second
	// streamWrite bounds one write, so that a client that stopped reading does not hold a goroutine.
	streamWrite = 10 * time.Second
)

// events tells an open page the version of what it should show, at once and whenever it changes; the page fetches
// itself again where its own version differs. "over" says that nothing more will come.
func (p *site) events(w http.ResponseWriter, r *http.Request, o opened) {
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
		return
	}
	if !p.streams.Enter(tag(o.token)) {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "too many open pages", http.StatusTooManyRequests)
		return
	}
	defer p.streams.Leave(tag(o.token))
	s := stream{w: w, to: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	if s.send("retry: 3000\n\n") != nil {
		return
	}
	p.follow(r, o, s)
}

func (p *site) follow(r *http.Request, o opened, s stream) {
	look, beat := time.NewTicker(p.Every), time.NewTicker(streamBeat)
	defer look.Stop()
	defer beat.Stop()
	life := time.NewTimer(streamLife)
	defer life.Stop()
	last := ""
	for {
		v, known := p.peek(r, o)
		if known && v.Version() != last {
			last = v.Version()
			if s.send(fmt.Sprintf("event: version\ndata: %s\n\n", last)) != nil {
				return
			}
		}
		if known && !v.Follows() {
			_ = s.send("event: over\ndata: \n\n")
			return
		}
		select {
		case <-look.C:
		case <-beat.C:
			if s.send(": still here\n\n") != nil {
				return
			}
		case <-life.C:
			return
		case <-p.Stop:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// peek looks without answering: a failure to look is no news.
func (p *site) peek(r *http.Request, o opened) (view, bool) {
	st, err := p.Upgrades.Status(r.Context(), o.workflowID)
	switch {
	case upgrade.KindOf(err) == upgrade.NotFound && err != nil:
		return view{State: stateForgotten}, true
	case err != nil:
		return view{}, false
	}
	return viewOf(st, o, p.Now()), true
}

type stream struct {
	w  http.ResponseWriter
	to *http.ResponseController
}

func (s stream) send(text string) error {
	// A recorder in a test has no deadlines; a server's connection has.
	_ = s.to.SetWriteDeadline(time.Now().Add(streamWrite))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.to.Flush()
}
