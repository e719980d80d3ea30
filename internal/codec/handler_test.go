package codec_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"uplift/internal/codec"
)

const ui = "http://127.0.0.1:8233"

func TestHandlerServesTheRemoteCodecOfTheSDK(t *testing.T) {
	_, r := ring(t)
	server := httptest.NewServer(codec.Handler(r, codec.Options{Origins: []string{ui}}))
	defer server.Close()
	remote := converter.NewRemoteDataConverter(converter.GetDefaultDataConverter(), converter.RemoteDataConverterOptions{Endpoint: server.URL})

	payload, err := remote.ToPayload(order{"PO-7", 9})
	if err != nil || !codec.Encrypted(payload) {
		t.Fatalf("%v, %v", payload, err)
	}
	var got order
	if err := codec.DataConverter(r).FromPayload(payload, &got); err != nil || got.ID != "PO-7" {
		t.Errorf("a worker reads %+v, %v", got, err)
	}
	if err := remote.FromPayload(encode(t, r, order{"PO-8", 1}), &got); err != nil || got.ID != "PO-8" {
		t.Errorf("the CLI reads %+v, %v", got, err)
	}
}

func TestHandlerReturnsUndecryptableUnchanged(t *testing.T) {
	_, r := ring(t)
	_, other := ring(t)
	foreign, ours := encode(t, other, "x"), encode(t, r, "x")
	body, _ := protojson.Marshal(&commonpb.Payloads{Payloads: []*commonpb.Payload{foreign, ours}})
	w := ask(codec.Handler(r, codec.Options{}), request("/decode", string(body)))
	var out commonpb.Payloads
	if err := protojson.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if !proto.Equal(out.Payloads[0], foreign) || string(out.Payloads[1].Data) != `"x"` {
		t.Errorf("%v", &out)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("a decoded payload may be cached")
	}
}

func request(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8080"
	r.Header.Set("Content-Type", "application/json")
	return r
}

func ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandlerCORS(t *testing.T) {
	_, r := ring(t)
	handler := codec.Handler(r, codec.Options{Origins: []string{ui, "https://temporal.example"}})
	for _, c := range []struct {
		origin string
		method string
		status int
	}{
		{ui, http.MethodOptions, 204},
		{ui, http.MethodPost, 200},
		{"https://temporal.example", http.MethodPost, 200},
		{"", http.MethodPost, 200}, // the CLI
		{"http://localhost:8233", http.MethodPost, 403},
		{"http://127.0.0.1:8233/", http.MethodPost, 403},
		{"https://127.0.0.1:8233", http.MethodPost, 403},
		{"http://127.0.0.1:8233.evil.example", http.MethodOptions, 403},
		{"https://sub.temporal.example", http.MethodPost, 403},
		{"null", http.MethodPost, 403},
		{"*", http.MethodPost, 403},
	} {
		req := request("/decode", "{}")
		req.Method = c.method
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		w := ask(handler, req)
		want := map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "", "Access-Control-Allow-Headers": "", "Vary": "Origin"}
		if c.origin != "" && c.status != 403 {
			want["Access-Control-Allow-Origin"] = c.origin
			want["Access-Control-Allow-Credentials"] = "true"
			want["Access-Control-Allow-Headers"] = "Authorization,Content-Type,X-Namespace"
		}
		if w.Code != c.status {
			t.Errorf("%s %q: %d, want %d", c.method, c.origin, w.Code, c.status)
		}
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s %q: %s is %q, want %q", c.method, c.origin, name, got, value)
			}
		}
	}
	if w := ask(codec.Handler(r, codec.Options{}), func() *http.Request {
		req := request("/decode", "{}")
		req.Header.Set("Origin", ui)
		return req
	}()); w.Code != 403 {
		t.Errorf("without origins a page got %d", w.Code)
	}
}

func TestHandlerRefuses(t *testing.T) {
	_, r := ring(t)
	handler := codec.Handler(r, codec.Options{Origins: []string{ui}})
	for name, c := range map[string]struct {
		edit   func(*http.Request)
		body   string
		status int
	}{
		"a peer elsewhere":      {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:5" }, "{}", 403},
		"a peer on the network": {func(r *http.Request) { r.RemoteAddr = "[fd00::1]:5" }, "{}", 403},
		"no peer":               {func(r *http.Request) { r.RemoteAddr = "" }, "{}", 403},
		"a unix socket":         {func(r *http.Request) { r.RemoteAddr = "@" }, "{}", 403},
		"forwarded":             {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") }, "{}", 403},
		"forwarded, RFC 7239":   {func(r *http.Request) { r.Header.Set("Forwarded", "for=127.0.0.1") }, "{}", 403},
		"forwarded host":        {func(r *http.Request) { r.Header.Set("X-Forwarded-Host", "127.0.0.1") }, "{}", 403},
		"forwarded protocol":    {func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }, "{}", 403},
		"forwarded, real IP":    {func(r *http.Request) { r.Header.Set("X-Real-IP", "127.0.0.1") }, "{}", 403},
		"via a proxy":           {func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") }, "{}", 403},
		"a public host":         {func(r *http.Request) { r.Host = "upgrades.example.com" }, "{}", 403},
		"a rebound host":        {func(r *http.Request) { r.Host = "127.0.0.1.evil.example:8080" }, "{}", 403},
		"no host":               {func(r *http.Request) { r.Host = "" }, "{}", 403},
		"localhost":             {func(r *http.Request) { r.Host = "LocalHost:8080" }, "{}", 200},
		"IPv6 host":             {func(r *http.Request) { r.Host = "[::1]" }, "{}", 200},
		"IPv6 host and port":    {func(r *http.Request) { r.Host = "[::1]:8080" }, "{}", 200},
		"IPv6 loopback":         {func(r *http.Request) { r.RemoteAddr = "[::1]:5" }, "{}", 200},
		"mapped loopback":       {func(r *http.Request) { r.RemoteAddr = "[::ffff:127.0.0.1]:5" }, "{}", 200},
		"GET":                   {func(r *http.Request) { r.Method = http.MethodGet }, "", 405},
		"another path":          {func(r *http.Request) { r.URL.Path = "/x/decode" }, "{}", 404},
		"a form":                {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, "{}", 415},
		"no content type":       {func(r *http.Request) { r.Header.Del("Content-Type") }, "{}", 415},
		"with charset":          {func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }, "{}", 200},
		"nothing":               {nil, "", 400},
		"no JSON":               {nil, "top-secret", 400},
		"another shape":         {nil, `{"payloads":"top-secret"}`, 400},
		"unknown field":         {nil, `{"top-secret":1}`, 400},
		"too large":             {nil, `{"payloads":[{"data":"` + strings.Repeat("A", 17<<20) + `"}]}`, 413},
	} {
		for _, path := range []string{"/encode", "/decode"} {
			req := request(path, c.body)
			if c.edit != nil {
				c.edit(req)
			}
			w := ask(handler, req)
			if w.Code != c.status {
				t.Errorf("%s, %s: %d, want %d", name, path, w.Code, c.status)
			}
			if bytes.Contains(w.Body.Bytes(), []byte("top-secret")) {
				t.Errorf("%s, %s: the answer repeats the request: %s", name, path, w.Body)
			}
		}
	}
}
