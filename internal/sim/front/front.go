// Package front is the front door that every simulated API shares: it reads the
// request, lets the faults of the wire strike before and after the work, and
// writes the answer. What a fault looks like in JSON is each API's own matter.
package front

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"uplift/internal/sim/cloud"
)

// maxBody bounds a request.
const maxBody = 4 << 20

// Door stands between the wire and an API's work.
type Door struct {
	State *cloud.Cloud
	// Failure renders an answer that the service gives without having worked: 429,
	// 500 and 503. After is the wait asked for, zero when none is named.
	Failure func(status int, after time.Duration, o cloud.Origin) cloud.Reply
	// Refusal renders a refusal in the service's own envelope: a documented one, or
	// one that no page lists.
	Refusal func(undocumented bool, o cloud.Origin) cloud.Reply
	// Finish may change a finished answer (a byte order mark, for example); nil
	// leaves it.
	Finish func(cloud.Reply, cloud.Origin) cloud.Reply
	// Log may be nil.
	Log *slog.Logger
}

// Serve runs work between the faults and writes what comes out.
func (d Door) Serve(w http.ResponseWriter, r *http.Request, o cloud.Origin, work func() cloud.Reply) {
	if d.State.Roll(cloud.Hang, o) {
		d.note(cloud.Hang, o)
		d.hang(r)
	}
	reply, struck := d.Before(o)
	if !struck {
		reply = d.after(work(), o)
	}
	if d.Finish != nil {
		reply = d.Finish(reply, o)
	}
	if d.Log != nil {
		d.Log.Debug("answered", "method", o.Method, "path", o.Path, "status", reply.Status)
	}
	Write(w, reply)
}

// Before rolls the faults that strike before anything happens.
func (d Door) Before(o cloud.Origin) (cloud.Reply, bool) {
	wait := d.State.Profile().Lags.RetryAfter
	for _, f := range []struct {
		fault  cloud.Fault
		status int
		after  time.Duration
	}{
		{cloud.Throttled, http.StatusTooManyRequests, wait},
		{cloud.ThrottledDate, http.StatusTooManyRequests, wait},
		{cloud.ThrottledBare, http.StatusTooManyRequests, 0},
		{cloud.ServerError, http.StatusInternalServerError, 0},
		{cloud.Unavailable, http.StatusServiceUnavailable, wait},
	} {
		if !d.State.Roll(f.fault, o) {
			continue
		}
		d.note(f.fault, o)
		reply := d.Failure(f.status, f.after, o)
		if f.fault == cloud.ThrottledDate {
			reply.Header.Set("Retry-After", d.State.Now().Add(f.after+time.Second).UTC().Format(http.TimeFormat))
		}
		return reply, true
	}
	for _, fault := range []cloud.Fault{cloud.Refused, cloud.UndocumentedCode} {
		if d.State.Roll(fault, o) {
			d.note(fault, o)
			return d.Refusal(fault == cloud.UndocumentedCode, o), true
		}
	}
	return cloud.Reply{}, false
}

// after rolls the faults that strike once the work is done.
func (d Door) after(reply cloud.Reply, o cloud.Origin) cloud.Reply {
	if reply.Status >= 300 {
		return reply
	}
	if o.Method != http.MethodGet {
		if d.State.Roll(cloud.ReplyLost, o) {
			d.note(cloud.ReplyLost, o)
			panic(http.ErrAbortHandler) // closes the connection without an answer
		}
		if d.State.Roll(cloud.ErrorAfterEffect, o) {
			d.note(cloud.ErrorAfterEffect, o)
			return d.Failure(http.StatusInternalServerError, 0, o)
		}
		return d.cut(cloud.CutAfterEffect, reply, o)
	}
	if d.State.Roll(cloud.AnswerLost, o) {
		d.note(cloud.AnswerLost, o)
		panic(http.ErrAbortHandler)
	}
	return d.cut(cloud.MalformedBody, reply, o)
}

// cut leaves two thirds of a body where the fault is rolled. An answer without a
// body loses its end all the same: the connection breaks.
func (d Door) cut(fault cloud.Fault, reply cloud.Reply, o cloud.Origin) cloud.Reply {
	if fault == cloud.MalformedBody && len(reply.Body) <= 2 || !d.State.Roll(fault, o) {
		return reply
	}
	d.note(fault, o)
	if len(reply.Body) <= 2 {
		panic(http.ErrAbortHandler)
	}
	reply.Body = reply.Body[:len(reply.Body)*2/3]
	return reply
}

// hang holds the request until the client gives up, and never answers.
func (d Door) hang(r *http.Request) {
	timer := time.NewTimer(d.State.Profile().Lags.Hang)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-timer.C:
	}
	panic(http.ErrAbortHandler)
}

func (d Door) note(f cloud.Fault, o cloud.Origin) {
	d.State.Note(cloud.FaultStruck, string(f), o.Method+" "+o.Path, o)
}

// Write sends a reply.
func Write(w http.ResponseWriter, reply cloud.Reply) {
	for k, v := range reply.Header {
		w.Header()[k] = v
	}
	if len(reply.Body) > 0 && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body)
}

// JSON makes a reply of a value.
func JSON(status int, v any) cloud.Reply {
	body, err := json.Marshal(v)
	if err != nil {
		return cloud.Reply{Status: http.StatusInternalServerError, Header: http.Header{}, Body: []byte(`{"error":"unencodable"}`)}
	}
	return cloud.Reply{Status: status, Header: http.Header{}, Body: body}
}

// Empty is a reply without a body.
func Empty(status int) cloud.Reply { return cloud.Reply{Status: status, Header: http.Header{}} }

// RetryAfter writes the header in whole seconds, rounded up.
func RetryAfter(h http.Header, d time.Duration) {
	if d > 0 {
		h.Set("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
	}
}

// Read reads a request's body, also a compressed one.
func Read(r *http.Request) ([]byte, error) {
	var body io.Reader = http.MaxBytesReader(nil, r.Body, maxBody)
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = io.LimitReader(z, maxBody)
	}
	b, err := io.ReadAll(body)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b, err
}

// Segments splits a path.
func Segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// Match compares a path with a pattern such as "users/{id}/assignLicense" and
// returns what the braces stand for. Fixed words match in any case, as
// Microsoft's do.
func Match(pattern string, path []string) (args []string, ok bool) {
	want := Segments(pattern)
	if len(want) != len(path) {
		return nil, false
	}
	for i, w := range want {
		switch {
		case strings.HasPrefix(w, "{"):
			args = append(args, path[i])
		case !strings.EqualFold(w, path[i]):
			return nil, false
		}
	}
	return args, true
}
