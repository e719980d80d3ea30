package callback_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"uplift/internal/callback"
	"uplift/upgrade"
)

// The secrets of these tests, which are nobody's.
const (
	secret  = upgrade.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	earlier = upgrade.Secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
)

// receiver answers as it is told, and keeps the last request.
type receiver struct {
	status int
	header http.Header
	got    *http.Request
	body   []byte
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.got = q.Clone(context.Background())
	r.body, _ = io.ReadAll(q.Body)
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
}

func TestPost(t *testing.T) {
	r := &receiver{status: http.StatusNoContent}
	server := httptest.NewServer(r)
	defer server.Close()
	s := callback.New(callback.Options{Destinations: []callback.Destination{
		{Name: "billing", URL: server.URL + "/hook?tenant=7", Secrets: []upgrade.Secret{secret, earlier}},
	}})
	if err := s.Post(t.Context(), "billing", "msg_1", []byte(`{"type":"upgrade.invited"}`)); err != nil {
		t.Fatal(err)
	}
	if r.got.Method != http.MethodPost || r.got.URL.String() != "/hook?tenant=7" || r.got.Header.Get("Content-Type") != "application/json" ||
		r.got.Header.Get("webhook-id") != "msg_1" || string(r.body) != `{"type":"upgrade.invited"}` {
		t.Errorf("%s %s %v %s", r.got.Method, r.got.URL, r.got.Header, r.body)
	}
	for _, one := range []upgrade.Secret{secret, earlier} {
		if err := callback.Verify(one, r.got.Header, r.body, false); err != nil {
			t.Error(err)
		}
	}
}

// TestSignature pins a signature, made by hand: HMAC-SHA256 of id, timestamp and body.
func TestSignature(t *testing.T) {
	header := http.Header{}
	header.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	header.Set("webhook-timestamp", "1614265330")
	header.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	body := []byte(`{"test": 2432232314}`)
	if err := callback.Verify(secret, header, body, true); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func()
		code   string
		kind   upgrade.Kind
	}{
		"too old":          {func() {}, "too_old", upgrade.Refused},
		"another id":       {func() { header.Set("webhook-id", "msg_2") }, "bad_signature", upgrade.Refused},
		"another version":  {func() { header.Set("webhook-signature", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") }, "bad_signature", upgrade.Refused},
		"no number":        {func() { header.Set("webhook-timestamp", "noon") }, "bad_headers", upgrade.Invalid},
		"without a header": {func() { header.Del("webhook-timestamp") }, "missing_headers", upgrade.Invalid},
	} {
		before := header.Clone()
		c.change()
		err := callback.Verify(secret, header, body, name != "too old")
		if upgrade.CodeOf(err) != c.code || upgrade.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
		header = before
	}
	if err := callback.Verify(earlier, header, body, true); upgrade.CodeOf(err) != "bad_signature" {
		t.Errorf("another secret: %v", err)
	}
	for _, s := range []upgrade.Secret{"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", "whsec_c2hvcnQ="} {
		if err := callback.Verify(s, header, body, true); upgrade.CodeOf(err) != "bad_secret" || s != "" && strings.Contains(err.Error(), s.Reveal()) {
			t.Errorf("%v", err)
		}
	}
}

func TestAnswers(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	r := &receiver{}
	server := httptest.NewServer(r)
	defer server.Close()
	s := callback.New(callback.Options{Now: func() time.Time { return now }, Destinations: []callback.Destination{
		{Name: "billing", URL: server.URL, Secrets: []upgrade.Secret{secret}},
		{Name: "nobody", URL: "http://127.0.0.1:1/", Secrets: []upgrade.Secret{secret}, Types: []upgrade.CallbackType{upgrade.CallbackParked}},
	}})
	for _, c := range []struct {
		status int
		after  string
		kind   upgrade.Kind
		code   string
		wait   time.Duration
	}{
		{200, "", "", "", 0},
		{202, "60", "", "", 0},
		{410, "60", upgrade.Refused, "callback_gone", 0},
		{302, "", upgrade.Transient, "callback_redirected", 0},
		{400, "", upgrade.Transient, "callback_refused", 0},
		{404, "", upgrade.Transient, "callback_refused", 0},
		{429, "90", upgrade.Throttled, "callback_throttled", 90 * time.Second},
		{503, now.Add(2 * time.Hour).Format(http.TimeFormat), upgrade.Throttled, "callback_unavailable", 2 * time.Hour},
		{503, "99999999", upgrade.Throttled, "callback_unavailable", 24 * time.Hour},
		{500, "soon", upgrade.Transient, "callback_unavailable", 0},
	} {
		r.status, r.header = c.status, http.Header{"Location": {"http://127.0.0.1:1/elsewhere"}, "Retry-After": {c.after}}
		err := s.Post(t.Context(), "billing", "msg_1", []byte("{}"))
		if c.kind == "" {
			if err != nil {
				t.Errorf("%d: %v", c.status, err)
			}
			continue
		}
		e, ok := err.(*upgrade.Error)
		if !ok || e.Kind != c.kind || e.Code != c.code || e.RetryAfter != c.wait {
			t.Errorf("%d %q: %#v", c.status, c.after, err)
		}
	}
	if err := s.Post(t.Context(), "nobody", "msg_1", nil); upgrade.CodeOf(err) != "callback_unreachable" || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("%v", err)
	}
	if err := s.Post(t.Context(), "unknown", "msg_1", nil); upgrade.CodeOf(err) != "no_such_destination" || upgrade.KindOf(err) != upgrade.Refused {
		t.Errorf("%v", err)
	}
	if got := s.Destinations(upgrade.CallbackParked); len(got) != 2 || len(s.Destinations(upgrade.CallbackInvited)) != 1 {
		t.Errorf("%v", got)
	}
}
