package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// traffic stands before the simulated Graph and counts the changes of licences that come by, and those that are refused since there
// are too many.
type traffic struct {
	// first is called once, before the first change of a licence is let through.
	first func()

	mu      sync.Mutex
	began   time.Time // of the first change
	ended   time.Time // of the last reply with one
	changes int
	wasted  int // refused by 429
	met     int // refused by 409
}

// wrap is sim.Options.Wrap.
func (t *traffic) wrap(service string, next http.Handler) http.Handler {
	if service != "graph" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/$batch") {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("/assignLicense")) {
			next.ServeHTTP(w, r)
			return
		}
		t.begin()
		kept := &keptReply{ResponseWriter: w}
		next.ServeHTTP(kept, r)
		t.count(kept.body.Bytes())
	})
}

func (t *traffic) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.began.IsZero() {
		t.began = time.Now()
		if t.first != nil {
			t.first()
		}
	}
}

func (t *traffic) count(reply []byte) {
	var in struct {
		Responses []struct {
			Status int `json:"status"`
		} `json:"responses"`
	}
	_ = json.Unmarshal(reply, &in) // a reply that broke off counts nothing
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = time.Now()
	for _, r := range in.Responses {
		t.changes++
		switch r.Status {
		case http.StatusTooManyRequests:
			t.wasted++
		case http.StatusConflict:
			t.met++
		}
	}
}

// keptReply keeps what is written.
type keptReply struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (k *keptReply) Write(b []byte) (int, error) {
	k.body.Write(b)
	return k.ResponseWriter.Write(b)
}

// took is the time from the first change to the last reply, and the share of the changes that were refused for their number.
func (t *traffic) took() (time.Duration, float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.changes == 0 {
		return 0, 0
	}
	return t.ended.Sub(t.began), float64(t.wasted) / float64(t.changes)
}
