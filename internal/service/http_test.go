package service

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

// TestServersAreBounded holds that no server of ours waits for ever for a client, nor takes headers without an end.
func TestServersAreBounded(t *testing.T) {
	s := httpServer(http.NotFoundHandler(), zap.NewNop())
	for what, d := range map[string]time.Duration{"the headers": s.ReadHeaderTimeout, "the body": s.ReadTimeout, "the answer": s.WriteTimeout, "the next request": s.IdleTimeout} {
		if d <= 0 || d > 2*time.Minute {
			t.Errorf("for %s it waits %s", what, d)
		}
	}
	if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 {
		t.Errorf("headers may have %d bytes", s.MaxHeaderBytes)
	}
	if s.ReadTimeout < s.ReadHeaderTimeout || s.ErrorLog == nil {
		t.Errorf("%+v", s)
	}
}

// TestHostileConnections plays clients over a real connection, with the times cut short.
func TestHostileConnections(t *testing.T) {
	s := httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 1<<10)); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}), zap.NewNop())
	s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout = 200*time.Millisecond, 400*time.Millisecond, 200*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	for name, c := range map[string]struct {
		say, answer string
	}{
		"says nothing":         {"", ""},
		"half a header":        {"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", ""},
		"half a body":          {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nreason=", "413"},
		"headers without end":  {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 200<<10), "431"},
		"a body that is large": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + strings.Repeat("x", 2000), "413"},
		"then nothing more":    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() { _, _ = io.WriteString(conn, c.say) }()
			_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			answer, err := io.ReadAll(bufio.NewReader(conn))
			if nerr, ok := err.(net.Error); ok && nerr.Timeout() {
				t.Fatal("the connection is kept")
			}
			first, _, _ := strings.Cut(string(answer), "\r\n")
			if c.answer != "" && !strings.Contains(first, c.answer) && len(answer) > 0 {
				t.Errorf("it answers %q", first)
			}
		})
	}
}
