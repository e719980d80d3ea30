package front_test

import (
	"bytes"
	"compress/gzip"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"uplift/internal/sim/front"
)

func TestMatch(t *testing.T) {
	for _, tc := range []struct {
		pattern, path string
		args          []string
		ok            bool
	}{
		{"users/{id}/assignLicense", "/users/ana/assignlicense", []string{"ana"}, true},
		{"users/{id}", "/users/ana/assignLicense", nil, false},
		{"users", "/users/", nil, true},
		{"users/{id}", "/groups/x", nil, false},
	} {
		args, ok := front.Match(tc.pattern, front.Segments(tc.path))
		if ok != tc.ok || !slices.Equal(args, tc.args) {
			t.Errorf("%s with %s: %v %v", tc.pattern, tc.path, args, ok)
		}
	}
}

func TestReadsCompressedBodies(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`{"a":1}`))
	_ = z.Close()
	r := httptest.NewRequest("POST", "/", &packed)
	r.Header.Set("Content-Encoding", "gzip")
	if got, err := front.Read(r); err != nil || string(got) != `{"a":1}` {
		t.Errorf("%q, %v", got, err)
	}
}

func TestRetryAfterRoundsUp(t *testing.T) {
	r := front.Empty(429)
	front.RetryAfter(r.Header, 1200*time.Millisecond)
	if got := r.Header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q", got)
	}
}
