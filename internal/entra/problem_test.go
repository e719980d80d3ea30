package entra

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// TestTable is the contract of the classification: for each situation, word and number, the kind and the code.
func TestTable(t *testing.T) {
	for _, test := range []struct {
		use    use
		status int
		word   string
		number int
		kind   upgrade.Kind
		code   string
		after  time.Duration
	}{
		{onDevice, 400, "authorization_pending", 70016, upgrade.Waiting, "authorization_pending", 0},
		{onDevice, 400, "slow_down", 0, upgrade.Waiting, "slow_down", 10 * time.Second},
		{onDevice, 400, "authorization_declined", 0, upgrade.Refused, "authorization_declined", 0},
		{onDevice, 400, "access_denied", 0, upgrade.Refused, "authorization_declined", 0},
		{onDevice, 400, "expired_token", 70019, upgrade.Refused, "expired_token", 0},
		{onDevice, 400, "invalid_grant", 70019, upgrade.Refused, "expired_token", 0},
		{onDevice, 400, "bad_verification_code", 70018, upgrade.Refused, "AADSTS70018", 0},
		{onDevice, 400, "invalid_grant", 53003, upgrade.Refused, "AADSTS53003", 0},
		{onDevice, 400, "invalid_grant", 65004, upgrade.Refused, "AADSTS65004", 0},
		{onDevice, 400, "invalid_grant", 65001, upgrade.Transient, "AADSTS65001", 0},
		{onDevice, 400, "invalid_grant", 50134, upgrade.Transient, "AADSTS50134", 0},
		{onDevice, 400, "invalid_grant", 50196, upgrade.Throttled, "AADSTS50196", time.Minute},
		{onDevice, 401, "invalid_client", 7000218, upgrade.Act, "AADSTS7000218", 0},
		{onDevice, 400, "invalid_request", 90002, upgrade.Refused, "AADSTS90002", 0},
		{onRefresh, 400, "invalid_grant", 50173, upgrade.GrantLost, "AADSTS50173", 0},
		{onRefresh, 400, "invalid_grant", 700082, upgrade.GrantLost, "AADSTS700082", 0},
		{onRefresh, 400, "invalid_grant", 70008, upgrade.GrantLost, "AADSTS70008", 0},
		{onRefresh, 400, "invalid_grant", 70043, upgrade.GrantLost, "AADSTS70043", 0},
		{onRefresh, 400, "interaction_required", 50076, upgrade.GrantLost, "AADSTS50076", 0},
		{onRefresh, 400, "invalid_grant", 65001, upgrade.GrantLost, "AADSTS65001", 0},
		{onRefresh, 400, "invalid_grant", 0, upgrade.GrantLost, "invalid_grant", 0},
		{onRefresh, 400, "invalid_grant", 123456, upgrade.GrantLost, "AADSTS123456", 0},
		{onRefresh, 401, "invalid_client", 7000222, upgrade.Act, "AADSTS7000222", 0},
		{onRefresh, 503, "temporarily_unavailable", 90033, upgrade.Transient, "AADSTS90033", 0},
		{onApplication, 400, "unauthorized_client", 700016, upgrade.GrantLost, "AADSTS700016", 0},
		{onApplication, 400, "invalid_grant", 65001, upgrade.GrantLost, "AADSTS65001", 0},
		{onApplication, 401, "invalid_client", 650051, upgrade.GrantLost, "AADSTS650051", 0},
		{onApplication, 400, "invalid_grant", 90099, upgrade.GrantLost, "AADSTS90099", 0},
		{onApplication, 401, "invalid_client", 7000229, upgrade.GrantLost, "AADSTS7000229", 0},
		{onApplication, 401, "unauthorized_client", 7000112, upgrade.GrantLost, "AADSTS7000112", 0},
		{onApplication, 400, "invalid_grant", 53003, upgrade.Act, "AADSTS53003", 0},
		{onApplication, 401, "invalid_client", 7000215, upgrade.Act, "AADSTS7000215", 0},
		{onApplication, 401, "invalid_client", 700027, upgrade.Act, "AADSTS700027", 0},
		{onPartner, 400, "unauthorized_client", 700016, upgrade.Act, "AADSTS700016", 0},
		{onPartner, 400, "something_new", 0, upgrade.Unknown, "something_new", 0},
		{onPartner, 400, "something_new", 4242424, upgrade.Unknown, "AADSTS4242424", 0},
		{onPartner, 400, "user ada@contoso.example", 0, upgrade.Unknown, "http_400", 0},
	} {
		r := refusal(test.status, test.word, test.number)
		got := fromAnswer(test.use, &http.Response{StatusCode: test.status, Header: http.Header{}}, []byte(r.body), "ours-0001")
		if got.Kind != test.kind || got.Code != test.code || got.RetryAfter != test.after || got.Correlation != correlation {
			t.Errorf("%s %s %d: %s %s after %v (%s); want %s %s after %v", test.use, test.word, test.number,
				got.Kind, got.Code, got.RetryAfter, got.Correlation, test.kind, test.code, test.after)
		}
		if text := got.Error(); strings.Contains(text, "ada@") || strings.Contains(text, "leaky") || got.Message == "" {
			t.Errorf("%s %d says %q", test.word, test.number, text)
		}
	}
}

// TestAnswersWithoutEnvelope: gateways, limits and nonsense.
func TestAnswersWithoutEnvelope(t *testing.T) {
	for _, test := range []struct {
		status int
		retry  string
		body   string
		kind   upgrade.Kind
		code   string
		after  time.Duration
	}{
		{502, "", "<html>Bad gateway leaky-token</html>", upgrade.Transient, "http_502", 0},
		{503, "120", "", upgrade.Transient, "http_503", 2 * time.Minute},
		{429, "17", `{"error":"temporarily_unavailable","error_codes":[90055]}`, upgrade.Throttled, "AADSTS90055", 17 * time.Second},
		{429, "Sun, 01 Mar 2026 12:01:00 GMT", "", upgrade.Throttled, "http_429", time.Minute},
		{429, "999999999", "", upgrade.Throttled, "http_429", time.Hour},
		{429, "-5", "", upgrade.Throttled, "http_429", 0},
		{302, "", "", upgrade.Unknown, "http_302", 0},
		{400, "", "leaky-token", upgrade.Unknown, "http_400", 0},
		{400, "", `{"error":"invalid_grant","error_description":"AADSTS50173: ada@contoso.example"}`, upgrade.GrantLost, "AADSTS50173", 0},
		{400, "", `{"error":"invalid_grant","error_codes":[-7]}`, upgrade.GrantLost, "invalid_grant", 0},
		{400, "", `{"error":"invalid_grant","error_codes":[123,50173]}`, upgrade.GrantLost, "AADSTS50173", 0},
	} {
		f := newFake(t, reply{status: test.status, body: test.body, header: map[string]string{"Retry-After": test.retry, "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}})
		_, err := f.client(nil).Refresh(context.Background(), contoso, "leaky-token", nil)
		var e *upgrade.Error
		if e, _ = err.(*upgrade.Error); e == nil || e.Kind != test.kind || e.Code != test.code || e.RetryAfter != test.after {
			t.Errorf("%d %q: %v", test.status, test.body, err)
		} else if strings.Contains(e.Error(), "leaky") || strings.Contains(e.Error(), "ada@") || e.Correlation != f.form(0).Get(":id") {
			t.Errorf("%d: %v, correlation %s", test.status, e, e.Correlation)
		}
	}
}

// TestBrokenConnections: nobody there, an answer that ends half way, a cancelled call, an answer that is no token.
func TestBrokenConnections(t *testing.T) {
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"access_token":"leaky`))
	}))
	defer half.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, base := range []string{half.URL, gone.URL} {
		c, err := New(Options{BaseURL: base, ClientID: appID})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.RedeemDeviceCode(context.Background(), contoso, "leaky-code")
		if upgrade.KindOf(err) != upgrade.Transient || strings.Contains(err.Error(), "leaky") {
			t.Errorf("redeem: %v", err)
		}
		if _, err = c.StartDeviceCode(context.Background(), contoso, nil); upgrade.KindOf(err) != upgrade.Transient {
			t.Errorf("start: %v", err)
		}
	}
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // the server notices that the client is gone once the body is read
		<-r.Context().Done()
	}))
	defer slow.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	c, _ := New(Options{BaseURL: slow.URL, ClientID: appID})
	if _, err := c.StartDeviceCode(ctx, contoso, nil); upgrade.KindOf(err) != upgrade.Transient {
		t.Errorf("cancelled: %v", err)
	}
	for _, body := range []string{`{}`, `[]`, `leaky`, `{"access_token":"a","expires_in":"leaky"}`} {
		_, err := newFake(t, reply{status: 200, body: body}).client(nil).Refresh(context.Background(), contoso, "r", nil)
		if upgrade.KindOf(err) != upgrade.Unknown || strings.Contains(err.Error(), "leaky") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// FuzzAnswer feeds anything as an error's body: it is classified, and none of it comes back.
func FuzzAnswer(f *testing.F) {
	f.Add(400, refusal(400, "invalid_grant", 65001).body, "30")
	f.Add(503, "<html>", "Sun, 01 Mar 2026 12:01:00 GMT")
	f.Add(429, `{"error":"slow_down","error_codes":[1e99]}`, "99999999999999999999")
	f.Add(400, `{"error":"x","correlation_id":"ada@contoso.example"}`, "")
	f.Fuzz(func(t *testing.T, status int, body, retry string) {
		const mark = "Zz9leakZz9"
		var fields map[string]any
		if json.Unmarshal([]byte(body), &fields) == nil && fields != nil {
			fields["error_description"], fields["leak"] = "AADSTS50173: "+mark+"@contoso.example", mark
			marked, _ := json.Marshal(fields)
			body = string(marked)
		}
		resp := &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retry}, "Date": {"Sun, 01 Mar 2026 12:00:00 GMT"}}}
		for _, u := range []use{onDevice, onRefresh, onApplication, onPartner, onKeys} {
			e := fromAnswer(u, resp, []byte(body), "ours-0001")
			if e.Kind == "" || e.Code == "" || e.Message == "" || e.RetryAfter < 0 || e.RetryAfter > maxPause {
				t.Errorf("%+v", e)
			}
			if text := e.Error() + e.Correlation; strings.Contains(text, mark) || strings.Contains(text, "@") {
				t.Errorf("says %q", text)
			}
		}
	})
}
