package consent_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"uplift/internal/portal/consent"
	"uplift/upgrade"
)

func TestEvents(t *testing.T) {
	stop := make(chan struct{})
	w := newWorld(func(o *consent.Options) { o.Stop = stop })
	server := httptest.NewServer(w.handler)
	defer server.Close()
	answer, err := http.Get(server.URL + target + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%s", answer.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(answer.Body)
	next := func() (event, data string) {
		for lines.Scan() {
			if e, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = e
			}
			if d, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return event, d
			}
		}
		return "closed", ""
	}
	seen := map[string]bool{}
	for _, change := range []func(*upgrade.Status){
		func(*upgrade.Status) {},
		func(s *upgrade.Status) { // anew: the page may be reading the old one
			invitation := *s.Invitation
			invitation.Code, s.Invitation = code(), &invitation
		},
		func(s *upgrade.Status) { s.Stage = upgrade.Consented },
		func(s *upgrade.Status) { s.Stage = upgrade.Changing },
		func(s *upgrade.Status) { s.Stage, s.End = upgrade.Ended, upgrade.Completed },
	} {
		w.set(change)
		event, version := next()
		if event != "version" || seen[version] {
			t.Fatalf("%s %s", event, version)
		}
		seen[version] = true
		page := w.get(target).Body.String()
		if !strings.Contains(page, `data-version="`+version+`"`) && !strings.Contains(page, `data-state="completed"`) {
			t.Errorf("the page is not of version %s", version)
		}
	}
	if event, _ := next(); event != "over" {
		t.Errorf("%s", event)
	}
	if event, _ := next(); event != "closed" {
		t.Errorf("%s", event)
	}

	w.set(func(s *upgrade.Status) { *s = invited() })
	open, err := http.Get(server.URL + target + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Body.Close()
	close(stop)
	if _, err := io.Copy(io.Discard, open.Body); err != nil {
		t.Errorf("a stream did not end with the server: %v", err)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	w := newWorld()
	server := httptest.NewServer(w.handler)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := 0
	for range 7 {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+target+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		last = answer.StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the seventh stream of a link: %d", last)
	}
}
