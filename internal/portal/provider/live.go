package provider

import (
	"net/http"
	"time"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

const (
	maxStreams = 500              // open at a time
	streamLife = 15 * time.Minute // of one stream; the browser opens the next by itself
	// streamBeat keeps proxies from closing a stream on which nothing happens.
	streamBeat = 15 * time.Second
	// streamWrite bounds one write, so that a client that stopped reading does not hold a goroutine.
	streamWrite = 10 * time.Second
)

// live tells an open page the version of what it should show, at once and whenever it changes; the page fetches itself again
// where its own version differs. "over" says that nothing more will come.
func (p *provider) live(w http.ResponseWriter, r *http.Request) {
	who, _ := access.From(r.Context())
	p.stream(w, r, func() (version string, over bool, err error) {
		s, err := p.Desk.Status(r.Context(), who, r.PathValue("order"))
		return versionOf(s), s.Stage == upgrade.Ended, err
	})
}

// look answers the version of what a page should show now, and whether it will not change any more.
type look func() (version string, over bool, err error)

// stream tells a page what it has to know until there is no more, or nobody reads it.
func (p *provider) stream(w http.ResponseWriter, r *http.Request, now look) {
	select {
	case p.streams <- struct{}{}:
		defer func() { <-p.streams }()
	default:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "too many open pages", http.StatusTooManyRequests)
		return
	}
	if _, _, err := now(); err != nil {
		http.Error(w, "not found", statusOf(err))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	p.follow(w, r, now)
}

func (p *provider) follow(w http.ResponseWriter, r *http.Request, now look) {
	to := http.NewResponseController(w)
	send := func(text string) bool {
		_ = to.SetWriteDeadline(time.Now().Add(streamWrite)) // a recorder in a test has none
		_, err := w.Write([]byte(text))
		return err == nil && to.Flush() == nil
	}
	tick, beat, life := time.NewTicker(p.Every), time.NewTicker(streamBeat), time.NewTimer(streamLife)
	defer tick.Stop()
	defer beat.Stop()
	defer life.Stop()
	last := ""
	for send("retry: 3000\n\n"); ; {
		// Whoever may no longer see it is told nothing more.
		version, over, err := now()
		switch kind := upgrade.KindOf(err); {
		case err == nil && version != last:
			last = version
			if !send("event: version\ndata: " + last + "\n\n") {
				return
			}
		case err != nil && (kind == upgrade.NotFound || kind == upgrade.Act):
			return
		}
		if err == nil && over {
			send("event: over\ndata: \n\n")
			return
		}
		select {
		case <-tick.C:
		case <-beat.C:
			if !send(": still here\n\n") {
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
