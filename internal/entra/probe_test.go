package entra_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"uplift/internal/entra"
	sim "uplift/internal/sim/entra"
	"uplift/upgrade"
)

func TestSimProbe(t *testing.T) {
	ctx := context.Background()
	l := newLab(t, nil)
	l.cloud.redirects = []string{"https://uplift.example.com/consent/callback"}
	l.cloud.advance(3 * time.Hour)
	if at, err := l.client.Clock(ctx); err != nil || at.Sub(l.cloud.Now()).Abs() > 2*time.Second {
		t.Errorf("the clock says %v, %v", at, err)
	}
	for redirect, want := range map[string]bool{
		"https://uplift.example.com/consent/callback": true, "https://uplift.example.com/consent/callbac": false, "https://uplift.example.com/": false,
	} {
		if registered, sure, err := l.client.ProbeRedirect(ctx, redirect); err != nil || !sure || registered != want {
			t.Errorf("%s: registered %t, sure %t, %v", redirect, registered, sure, err)
		}
	}
	stranger := newLab(t, func(o *entra.Options, _ *cloud) { o.ClientID = "99999999-bbbb-4bbb-8bbb-000000000001" })
	_, _, err := stranger.client.ProbeRedirect(ctx, "https://uplift.example.com/")
	stranger.want(err, upgrade.Act, "AADSTS700016")
	nowhere := newLab(t, func(o *entra.Options, _ *cloud) { o.PartnerTenant = "99999999-aaaa-4aaa-8aaa-000000000009" })
	_, err = nowhere.client.Clock(ctx)
	nowhere.want(err, upgrade.Refused, "unknown_tenant")
	l.cloud.set(sim.FaultSecretExpired, true)
	_, err = l.client.PartnerToken(ctx)
	l.want(err, upgrade.Act, "AADSTS7000222")
}

// TestProbeIsUnsure: a page in another form says neither yes nor no.
func TestProbeIsUnsure(t *testing.T) {
	for name, page := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Sign in</html>")) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example/other", http.StatusFound)
		},
		"a longer name": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Query().Get("redirect_uri")+"evil?error=x", http.StatusFound)
		},
	} {
		ts := httptest.NewServer(page)
		c, err := entra.New(entra.Options{BaseURL: ts.URL, ClientID: appID, PartnerTenant: provider})
		if err != nil {
			t.Fatal(err)
		}
		if registered, sure, err := c.ProbeRedirect(context.Background(), "https://uplift.example.com/x"); registered || sure || err != nil {
			t.Errorf("%s: registered %t, sure %t, %v", name, registered, sure, err)
		}
		ts.Close()
		if _, _, err := c.ProbeRedirect(context.Background(), "https://uplift.example.com/x"); upgrade.KindOf(err) != upgrade.Transient {
			t.Errorf("%s: nobody there: %v", name, err)
		}
	}
}
