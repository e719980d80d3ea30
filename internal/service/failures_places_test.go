package service

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"uplift/internal/sim/cloud"
	simentra "uplift/internal/sim/entra"
)

// place is the boundary at which a fault strikes an activity, and what the fault is there.
type place struct {
	words string
	// arm has the fault strike next; what it returns ends that, and tells whether it has struck.
	arm func(o *ordeal, f fault) (disarm func(err error) bool)
	// waits is how long a throttled activity is asked to stay away there; zero: this boundary does not ask.
	waits time.Duration
}

// askedToWait is what Retry-After asks for, at Partner Center and Graph; Entra's simulator has its own figure.
const (
	askedToWait  = 7 * time.Minute
	askedByEntra = 10 * time.Second
)

// shot is one request that is to be struck.
type shot struct {
	method string
	path   *regexp.Regexp
	body   string            // a part of it
	strike func(path string) // of the request
	hang   bool
}

// wire is the transport of a worker's requests. It knows the request that is meant when it comes, and orders the simulator's
// fault for it alone. One that hangs is given up at once: no other is, however slow this machine is.
type wire struct {
	mu  sync.Mutex
	aim *shot
	// alone lets the request that is meant have the simulator to itself: activities may run beside each other.
	alone sync.RWMutex
}

// RoundTrip lets the simulator answer.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	hit := w.hit(r)
	if hit == nil {
		w.alone.RLock()
		defer w.alone.RUnlock()
		return http.DefaultTransport.RoundTrip(r)
	}
	w.alone.Lock()
	defer w.alone.Unlock()
	hit.strike(r.URL.Path)
	if !hit.hang {
		return http.DefaultTransport.RoundTrip(r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), 50*time.Millisecond)
	defer cancel()
	return http.DefaultTransport.RoundTrip(r.WithContext(ctx))
}

func (w *wire) hit(r *http.Request) *shot {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.aim == nil || w.aim.method != r.Method || !w.aim.path.MatchString(r.URL.Path) {
		return nil
	}
	if w.aim.body != "" {
		all, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(all))
		if err != nil || !strings.Contains(string(all), w.aim.body) {
			return nil
		}
	}
	hit := w.aim
	w.aim = nil
	return hit
}

// set aims at the next request of a kind; what it returns tells whether that came.
func (w *wire) set(s *shot) (came func(error) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.aim = s
	return func(error) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		came := w.aim == nil
		w.aim = nil
		return came
	}
}

// wireFaults are the simulator's names, of a read and of a write.
var wireFaults = map[fault][2]cloud.Fault{
	refused: {cloud.Refused, cloud.Refused}, replyLost: {cloud.AnswerLost, cloud.ReplyLost},
	slowSeconds: {cloud.Throttled, cloud.Throttled}, slowDate: {cloud.ThrottledDate, cloud.ThrottledDate}, serverError: {cloud.ServerError, cloud.ServerError},
	hang: {cloud.Hang, cloud.Hang}, cutBody: {cloud.MalformedBody, cloud.CutAfterEffect}, oddCode: {cloud.UndocumentedCode, cloud.UndocumentedCode},
}

// api is a request to Partner Center or Graph.
func api(words, method, path string) place {
	return place{words: words, waits: askedToWait, arm: func(o *ordeal, f fault) func(error) bool {
		name := wireFaults[f][min(len(method)-len("GET"), 1)]
		return o.wire.set(&shot{method: method, path: regexp.MustCompile("^" + path + "$"), hang: f == hang, strike: func(path string) {
			where := cloud.Matcher{Method: method}
			if rest, partner := strings.CutPrefix(path, "/v1/"); partner {
				where.Path = rest // of several requests at once, the one that is meant
			}
			o.cloud.State.Inject(name, where, 1)
		}})
	}}
}

// batched is a request within Graph's $batch: what strikes before the effect strikes the single part, what strikes after it the
// batch as a whole.
func batched(words, part string) place {
	return place{words: words, waits: askedToWait, arm: func(o *ordeal, f fault) func(error) bool {
		where := cloud.Matcher{Path: part}
		if f == replyLost || f == hang || f == cutBody {
			where.Path = "$batch"
		}
		return o.wire.set(&shot{method: http.MethodPost, path: regexp.MustCompile(`\$batch$`), body: part, hang: f == hang, strike: func(string) {
			o.cloud.State.Inject(wireFaults[f][1], where, 1)
		}})
	}}
}

// entraAt is a request to Entra's token endpoint, or for a device code.
func entraAt(words, path string) place {
	names := map[fault]string{
		refused: simentra.FaultRefused, replyLost: simentra.FaultTokenReplyLost, slowSeconds: simentra.FaultThrottled, slowDate: simentra.FaultThrottledDate,
		serverError: simentra.FaultTransient, hang: simentra.FaultHang, cutBody: simentra.FaultCutReply, oddCode: simentra.FaultUndocumentedCode,
	}
	return place{words: words, waits: askedByEntra, arm: func(o *ordeal, f fault) func(error) bool {
		name := names[f]
		if f == replyLost && path == "/devicecode" {
			name = simentra.FaultDeviceCodeReplyLost
		}
		return o.wire.set(&shot{method: http.MethodPost, path: regexp.MustCompile(path + "$"), hang: f == hang, strike: func(string) {
			o.cloud.State.Inject(cloud.Fault(name), cloud.Matcher{}, 1)
		}})
	}}
}

// post is the mail server, which has other words for the same: numbers of SMTP, a connection that drops after the mail, silence,
// and an answer that is none.
func post() place {
	return place{words: "SMTP: 550, dropped after DATA, 450, 421, 451, silence, an answer that is none, a number that no page lists", arm: func(o *ordeal, f fault) func(error) bool {
		box := o.cloud.Mailbox
		switch f {
		case refused:
			box.RefuseNext(1, 550)
		case replyLost:
			box.LoseReplies(1)
		case slowSeconds:
			box.RefuseNext(1, 450)
		case slowDate:
			box.RefuseNext(1, 421)
		case serverError:
			box.FailNext(1)
		case hang:
			box.HangNext(1)
		case cutBody:
			box.BabbleNext(1)
		case oddCode:
			box.RefuseNext(1, 587)
		}
		return func(err error) bool {
			box.RefuseNext(0, 0)
			box.LoseReplies(0)
			box.FailNext(0)
			box.HangNext(0)
			box.BabbleNext(0)
			return err != nil
		}
	}}
}
