package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCheck(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	if err := check([]string{server.URL + "/healthz"}); err != nil {
		t.Error(err)
	}
	for name, args := range map[string][]string{
		"not healthy": {server.URL + "/other"},
		"nobody":      {"http://127.0.0.1:1/healthz"},
		"no URL":      nil,
		"two URLs":    {server.URL, server.URL},
	} {
		if err := check(args); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
}
