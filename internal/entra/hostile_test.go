package entra

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"uplift/upgrade"
)

// anything answers every request alike: with a status and a body that somebody else has chosen.
type anything struct {
	status   int
	header   http.Header
	body     []byte
	endless  bool
	requests int
	read     atomic.Int64
	astray   string // a request that left the host
}

func (a *anything) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.requests++; r.URL.Host != "login.example" || r.URL.Scheme != "https" {
		if r.Method != http.MethodGet || r.URL.Scheme != "https" && r.URL.Hostname() != "127.0.0.1" && r.URL.Hostname() != "localhost" && r.URL.Hostname() != "::1" {
			a.astray = r.URL.String() // a discovery document may name keys elsewhere, never in plain
		}
	}
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	from := io.Reader(bytes.NewReader(a.body))
	if a.endless {
		from = endless{&a.read}
	}
	return &http.Response{StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(from), Request: r}, nil
}

// endless is a body without an end.
type endless struct{ read *atomic.Int64 }

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read.Add(int64(len(p)))
	return len(p), nil
}

// Secrets that the client sends.
const (
	hiddenSecret  = "the-secret-of-the-application"
	hiddenRefresh = "1.AXoTheRefreshTokenOfTheTest"
)

var codeForm = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

func hostile(t testing.TB, a *anything) *Client {
	c, err := New(Options{BaseURL: "https://login.example", ClientID: appID, ClientSecret: hiddenSecret, PartnerTenant: provider,
		HTTP: &http.Client{Transport: a}, Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// calls are all that the client can be asked for. An error that is not ours says what is wrong with a result.
func calls() []func(context.Context, *Client) error {
	usable := func(t upgrade.Tokens, err error) error {
		if err == nil && (t.Access == "" || t.ExpiresAt.IsZero()) {
			return errors.New("a success without an access token")
		}
		return err
	}
	return []func(context.Context, *Client) error{
		func(ctx context.Context, c *Client) error {
			code, err := c.StartDeviceCode(ctx, contoso, []string{"User.Read"})
			if err == nil && (code.DeviceCode == "" || code.UserCode == "" || len(code.UserCode) > 64 || code.Interval <= 0) {
				return errors.New("a code that nobody can use")
			}
			if u, bad := url.Parse(code.VerificationURI); err == nil && (bad != nil || !safe(u)) {
				return errors.New("an address that nobody may open")
			}
			return err
		},
		func(ctx context.Context, c *Client) error {
			return usable(c.RedeemDeviceCode(ctx, contoso, hiddenRefresh))
		},
		func(ctx context.Context, c *Client) error { return usable(c.Refresh(ctx, contoso, hiddenRefresh, nil)) },
		func(ctx context.Context, c *Client) error {
			token, _, err := c.AppToken(ctx, contoso, "https://graph.microsoft.com/.default")
			return usable(upgrade.Tokens{Access: token, ExpiresAt: c.now()}, err)
		},
		func(ctx context.Context, c *Client) error { _, err := c.ApplicationRoles(ctx, contoso); return err },
		func(ctx context.Context, c *Client) error {
			return usable(c.refreshPartner(ctx, contoso, hiddenRefresh, "https://graph.microsoft.com/.default"))
		},
		func(ctx context.Context, c *Client) error { _, err := c.Clock(ctx); return err },
		func(ctx context.Context, c *Client) error {
			_, _, err := c.ProbeRedirect(ctx, "https://uplift.example/consent/callback")
			return err
		},
		func(ctx context.Context, c *Client) error {
			p, err := NewAdminPages(c, "https://uplift.example/consent/callback")
			if err != nil {
				return err
			}
			if _, err = p.SignedIn(ctx, contoso, "nonce", "verifier", url.Values{"code": {hiddenRefresh}}); err == nil {
				return errors.New("somebody signed in by a token that nobody signed")
			}
			return err
		},
	}
}

// FuzzCalls has every call answered by anything. It ends in a result that is one, or in an error of ours that is classified and
// repeats nothing secret; no request leaves the sign-in service's host.
func FuzzCalls(f *testing.F) {
	for i := range calls() {
		f.Add(i, 200, "", []byte(`{"device_code":"d","user_code":"U","verification_uri":"https://login.example/d","expires_in":900,"interval":5}`))
		f.Add(i, 200, "", []byte(`{"device_code":"d","user_code":"U","verification_uri":"javascript:alert(1)","expires_in":"900","interval":-1}`))
		f.Add(i, 200, "", []byte(tokens("e30.eyJyb2xlcyI6WyJ4Il19.c2ln", `,"refresh_token":"r","id_token":"e30.eyJ0aWQiOiIxMTExMTExMS1hYWFhLTRhYWEtOGFhYS0wMDAwMDAwMDAwMDEifQ.c2ln"`).body))
		f.Add(i, 400, "", []byte(refusal(400, "invalid_grant", 7000218).body))
		f.Add(i, 401, "", []byte(`{"error":"`+hiddenRefresh+`","error_description":"AADSTS50173 `+hiddenSecret+` ada@contoso.example","correlation_id":"`+hiddenRefresh+`"}`))
		f.Add(i, 429, "Wed, 21 Oct 2026 07:28:00 GMT", []byte(`<html>`))
		f.Add(i, 302, "", []byte(nil))
	}
	f.Fuzz(func(t *testing.T, which, status int, after string, body []byte) {
		all := calls()
		if which < 0 || which >= len(all) || status < 200 || status > 999 {
			return
		}
		a := &anything{status: status, body: body, header: http.Header{"Retry-After": {after}, "Location": {"https://elsewhere.example/" + hiddenRefresh},
			"Content-Type": {"application/json"}, "Date": {"Sun, 01 Mar 2026 12:00:00 GMT"}}}
		err := all[which](t.Context(), hostile(t, a))
		if a.astray != "" || a.requests > 10 {
			t.Fatalf("%d requests; one went to %q", a.requests, a.astray)
		}
		if err != nil {
			fitting(t, err)
		}
	})
}

// fitting holds that an error is ours, and says nothing that it must not.
func fitting(t *testing.T, err error) {
	t.Helper()
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Kind == "" || !codeForm.MatchString(e.Code) || e.RetryAfter < 0 || e.RetryAfter > maxPause {
		t.Errorf("%#v", err)
		return
	}
	text := err.Error() + e.Correlation
	for _, secret := range []string{hiddenSecret, hiddenRefresh, "@"} {
		if strings.Contains(text, secret) {
			t.Errorf("it says %q", text)
		}
	}
	if strings.ContainsAny(text, "\r\n") || len(text) > 4000 {
		t.Errorf("it says %q", text)
	}
}

// FuzzIDToken: whatever claims to be an id token, nobody is identified by one that our key has not signed, and the refusal
// repeats nothing of it.
func FuzzIDToken(f *testing.F) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	none := "eyJhbGciOiJub25lIn0"
	f.Add(none + ".eyJ0aWQiOiIxMTExMTExMS1hYWFhLTRhYWEtOGFhYS0wMDAwMDAwMDAwMDEifQ.")
	f.Add("e30.e30.e30")
	f.Add("..")
	f.Add(strings.Repeat("x", 1000))
	keys := `{"keys":[]}`
	f.Fuzz(func(t *testing.T, token string) {
		discovery := `{"issuer":"https://login.example/` + contoso + `/v2.0","jwks_uri":"https://login.example/keys","authorization_endpoint":"https://login.example/a","token_endpoint":"https://login.example/t"}`
		answers := tripper(func(r *http.Request) string {
			if strings.HasSuffix(r.URL.Path, "/keys") {
				return keys
			}
			return discovery
		})
		c, err := New(Options{BaseURL: "https://login.example", ClientID: appID, HTTP: &http.Client{Transport: answers}, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		who, err := c.Identify(t.Context(), contoso, upgrade.Secret(token))
		if err == nil || who.ObjectID != "" || who.Tenant != "" {
			t.Fatalf("%+v is believed of %q", who, token)
		}
		fitting(t, err)
		if len(token) > 20 && strings.Contains(err.Error(), token) {
			t.Errorf("it says %v", err)
		}
		_, _ = RolesInToken(upgrade.Secret(token))
	})
}

// tripper answers 200 with what a function says.
type tripper func(*http.Request) string

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(f(r))), Request: r}, nil
}

// FuzzSentBack: the address to which Microsoft sends a browser is anybody's to write. What it says is worded, never repeated.
func FuzzSentBack(f *testing.F) {
	f.Add("error=access_denied&error_description=AADSTS65004%3A+ada%40contoso.example+declined&state=x")
	f.Add("error=%0d%0aSet-Cookie:x&error_description=AADSTS99999999999999999999")
	f.Add("admin_consent=True&tenant=" + contoso)
	f.Add("admin_consent=true&error=x")
	f.Fuzz(func(t *testing.T, query string) {
		answer, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		p, err := NewAdminPages(hostile(t, &anything{}), "https://uplift.example/consent/callback")
		if err != nil {
			t.Fatal(err)
		}
		err = p.Consented(answer)
		if (err == nil) != (answer.Get("error") == "" && strings.EqualFold(answer.Get("admin_consent"), "true")) {
			t.Errorf("%q: %v", query, err)
		}
		if err != nil {
			fitting(t, err)
			if upgrade.KindOf(err) != upgrade.Refused {
				t.Errorf("%v", err)
			}
		}
	})
}

// TestRepliesWithoutAnEnd: what is larger than it may be is an error, whatever its status, and is not read on.
func TestRepliesWithoutAnEnd(t *testing.T) {
	for i, call := range calls() {
		for _, status := range []int{200, 400} {
			a := &anything{status: status, endless: true, header: http.Header{"Date": {"Sun, 01 Mar 2026 12:00:00 GMT"}}}
			err := call(t.Context(), hostile(t, a))
			if err == nil || a.requests == 0 {
				t.Errorf("call %d: an answer of %d without an end was taken, or none was asked for", i, status)
				continue
			}
			fitting(t, err)
			if n := a.read.Load() / int64(a.requests); n > 4*maxBody {
				t.Errorf("call %d: %d bytes were read of each answer", i, n)
			}
		}
	}
}
