package partner

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

func TestClassification(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		read   upgrade.Kind
		write  upgrade.Kind
		code   string
		after  time.Duration
	}{
		{name: "decrease refused", status: 400, body: `{"code":"800090","description":"Subscription quantity can't be decreased.","data":[],"source":"PartnerFD"}`, read: upgrade.Refused, write: upgrade.Refused, code: "800090"},
		{name: "code as a number", status: 400, body: `{"code":900257,"description":"window"}`, read: upgrade.Refused, write: upgrade.Refused, code: "900257"},
		{name: "byte order mark", status: 403, body: "\xef\xbb\xbf" + `{"code":"20002","description":"x"}`, read: upgrade.Act, write: upgrade.Act, code: "20002"},
		{name: "pending operation", status: 409, body: `{"code":"900278","description":"try again after 24 hours"}`, read: upgrade.Transient, write: upgrade.Transient, code: "900278", after: 10 * time.Minute},
		{name: "not ready", status: 409, body: `{"code":800082,"description":"Subscription is not ready to be updated. Please try again after sometime"}`, read: upgrade.Transient, write: upgrade.Transient, code: "800082", after: 2 * time.Minute},
		{name: "not ready, said when", status: 409, header: map[string]string{"Retry-After": "7"}, body: `{"code":800082,"description":"x"}`, read: upgrade.Transient, write: upgrade.Transient, code: "800082", after: 7 * time.Second},
		{name: "gateway", status: 429, body: `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 57 seconds."}`, read: upgrade.Throttled, write: upgrade.Throttled, code: "http_too_many_requests", after: 57 * time.Second},
		{name: "seconds", status: 429, header: map[string]string{"Retry-After": "12"}, body: `{}`, read: upgrade.Throttled, write: upgrade.Throttled, code: "http_too_many_requests", after: 12 * time.Second},
		{name: "date", status: 429, header: map[string]string{"Retry-After": "Mon, 05 Jan 2026 12:01:30 GMT", "Date": "Mon, 05 Jan 2026 12:00:00 GMT"}, read: upgrade.Throttled, write: upgrade.Throttled, code: "http_too_many_requests", after: 90 * time.Second},
		{name: "agreement", status: 403, body: `{"code":"13605","description":"x"}`, read: upgrade.Act, write: upgrade.Act, code: "13605"},
		{name: "no subscription", status: 404, body: `{"code":"20003","description":"x"}`, read: upgrade.NotFound, write: upgrade.NotFound, code: "20003"},
		{name: "order not yet", status: 404, body: `{"code":"20000","description":"x"}`, read: upgrade.Transient, write: upgrade.Transient, code: "20000"},
		{name: "404 of a stranger", status: 404, body: `<html>nothing here</html>`, read: upgrade.Unknown, write: upgrade.Unknown, code: "http_not_found"},
		{name: "unknown code", status: 400, body: `{"code":"777777","description":"x"}`, read: upgrade.Unknown, write: upgrade.Unknown, code: "777777"},
		{name: "unexpected", status: 500, body: `{"code":"800003","description":"x"}`, read: upgrade.Transient, write: upgrade.Ambiguous, code: "800003"},
		{name: "update failed", status: 500, body: `{"code":"800094","description":"x"}`, read: upgrade.Transient, write: upgrade.Ambiguous, code: "800094"},
		{name: "definite in spite of 500", status: 500, body: `{"code":"800083","description":"x"}`, read: upgrade.Refused, write: upgrade.Refused, code: "800083"},
		{name: "order in progress", status: 409, body: `{"code":"800060","description":"x"}`, read: upgrade.Ambiguous, write: upgrade.Ambiguous, code: "800060", after: 2 * time.Minute},
		{name: "bad gateway", status: 502, body: `<html>`, read: upgrade.Transient, write: upgrade.Ambiguous, code: "http_bad_gateway"},
		{name: "undefined", status: 501, body: `{"code":"0","description":"x"}`, read: upgrade.Transient, write: upgrade.Ambiguous, code: "0"},
		{name: "request time-out", status: 408, read: upgrade.Transient, write: upgrade.Ambiguous, code: "http_request_timeout"},
		{name: "200 with a business error", status: 200, body: `{"code":"400072","description":"Item not available"}`, read: upgrade.Refused, write: upgrade.Refused, code: "400072"},
		{name: "app-only", status: 403, body: `{"code":"900329","description":"x"}`, read: upgrade.Act, write: upgrade.Act, code: "900329"},
		{name: "audience", status: 401, body: `{"code":"900420","description":"x"}`, read: upgrade.Act, write: upgrade.Act, code: "900420"},
		{name: "401 of a gateway", status: 401, read: upgrade.Act, write: upgrade.Act, code: "http_unauthorized"},
		{name: "cut off", status: 409, body: `{"code":"900278","descr`, read: upgrade.Transient, write: upgrade.Ambiguous, code: "cut_reply"},
		{name: "code of another kind", status: 400, body: `{"code":{"a":1},"description":"x"}`, read: upgrade.Unknown, write: upgrade.Unknown, code: "http_bad_request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := answer{status: tc.status, body: tc.body, header: map[string]string{"MS-CorrelationId": theirs}}
			for k, v := range tc.header {
				a.header[k] = v
			}
			_, c := serve(t, map[string][]answer{"GET /v1/x": {a}, "POST /v1/x": {a}})
			_, err := c.do(t.Context(), call{method: "GET", path: "/x"})
			e := wantError(t, err, tc.read, tc.code)
			if e.RetryAfter != tc.after || e.Correlation != theirs {
				t.Errorf("retry after %v, correlation %q", e.RetryAfter, e.Correlation)
			}
			c.hold.until = time.Time{} // after a 429 nobody would ask
			_, err = c.do(t.Context(), call{method: "POST", path: "/x", id: write})
			wantError(t, err, tc.write, tc.code)
		})
	}
}

func TestDoneIsNoError(t *testing.T) {
	_, c := serve(t, map[string][]answer{"POST /v1/x": {{status: 400, body: `{"code":"600061","description":"exists"}`}}})
	if _, err := c.do(t.Context(), call{method: "POST", path: "/x", id: write}); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesAreScrubbed(t *testing.T) {
	body := `{"code":"800002","description":"Bad user ada@fabrikam.example with eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x\nand ` + strings.Repeat("A", 60) + `"}`
	_, c := serve(t, map[string][]answer{"GET /v1/x": {{status: 400, body: body}}})
	_, err := c.do(t.Context(), call{method: "GET", path: "/x"})
	e := wantError(t, err, upgrade.Refused, "800002")
	for _, bad := range []string{"ada", "eyJ", "AAAA", "\n"} {
		if strings.Contains(e.Message, bad) {
			t.Errorf("%q is in %q", bad, e.Message)
		}
	}
}

func TestEveryCodeHasAKind(t *testing.T) {
	for _, r := range errorbook.All() {
		if r.Service != errorbook.Partner {
			continue
		}
		kind := kindOf(r)
		if kind == "" || (kind == upgrade.Unknown) != (r.Trait == errorbook.Unknown) {
			t.Errorf("%s is %s", r.ID(), kind)
		}
		if r.Stay > 0 && !kind.Retryable() {
			t.Errorf("%s waits, and is not repeated", r.ID())
		}
	}
}

func TestRetryAfterIsBounded(t *testing.T) {
	for value, want := range map[string]time.Duration{"-5": 0, "1e12": maxRetryAfter, "0.5": time.Second / 2, "NaN": 0, "soon": 0} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, ""); got != want {
			t.Errorf("%q = %v, want %v", value, got, want)
		}
	}
}

// The three enumerations of Microsoft's SDK give one number different meanings.
func TestReasonsByEnumeration(t *testing.T) {
	eleven := []transitionErr{{Code: "11", Description: "Said by ada@fabrikam.example."}}
	four := []transitionErr{{Code: "4"}}
	for name, c := range map[string]struct {
		got  upgrade.Problems
		code string
	}{
		"transition 11": {reasons(eleven), "no_conversions"},
		"upgrade 11":    {legacyReasons(eleven), "no_gdap_role"},
		"transition 4":  {reasons(four), "concurrent_change"},
		"target 4":      {intoReasons(four), "target_ends_earlier"},
		"target 11":     {intoReasons(eleven), "transition_refused"},
		"upgrade 99":    {legacyReasons([]transitionErr{{Code: "99"}}), "upgrade_refused"},
		"transition 99": {reasons([]transitionErr{{Code: "99"}}), "transition_refused"},
	} {
		if len(c.got) != 1 || c.got[0].Code != c.code || c.got[0].Message == "" || c.got[0].Remedy == "" || c.got[0].Customer == "" || strings.Contains(c.got[0].Message, "ada") {
			t.Errorf("%s: %+v, want %s", name, c.got, c.code)
		}
	}
}
