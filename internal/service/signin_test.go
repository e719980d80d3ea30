package service

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	simentra "uplift/internal/sim/entra"
	"uplift/upgrade"
)

// screen is a terminal that a test reads while it is written.
type screen struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

func (s *screen) text() string { s.mu.Lock(); defer s.mu.Unlock(); return s.all.String() }

var signInAddress = regexp.MustCompile(`https?://\S+/oauth2/v2\.0/authorize\?\S+`)

// address waits for the sign-in page's address.
func (s *screen) address(t *testing.T) string {
	t.Helper()
	for range 500 {
		if found := signInAddress.FindString(s.text()); found != "" {
			return found
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no address in %s", s.text())
	return ""
}

// signIn runs the command beside a person at a browser, and returns what the browser and the terminal show.
func (i *installation) signIn(upn string, paste bool) (who upgrade.Identity, page, terminal string, err error) {
	i.Helper()
	out := &screen{}
	o := SignInOptions{Settings: i.settings, Log: zap.NewNop(), Redirect: i.redirect, Out: out, Now: i.cloud.State.Now}
	var typed *io.PipeWriter
	if paste {
		o.Paste, typed = io.Pipe()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		who, err = SignInPartner(ctx, o)
	}()
	ended, page := i.browse(out.address(i.T), upn, !paste)
	if paste {
		_, _ = io.WriteString(typed, "http://localhost/?code=forged&state=forged\n"+ended.String()+"\n")
	}
	<-done
	return who, page, out.text(), err
}

func TestPartnerSignIn(t *testing.T) {
	for name, paste := range map[string]bool{"listening": false, "pasted": true} {
		t.Run(name, func(t *testing.T) {
			i := newInstallation(t)
			who, page, terminal, err := i.signIn(sim.DemoAgent, paste)
			if err != nil || who.Tenant != sim.DemoPartnerTenant || who.Name != "Alex Agent" {
				t.Fatalf("%+v, %v\n%s", who, err, terminal)
			}
			if !paste && !strings.Contains(page, "You have signed in") {
				t.Errorf("the browser shows %s", page)
			}
			if paste && !strings.Contains(terminal, "not an address of this sign-in") {
				t.Errorf("a forged address was taken: %s", terminal)
			}
			tokens, at, used, stored, err := i.register().PartnerToken(context.Background())
			if err != nil || tokens.Refresh == "" || tokens.Access != "" || at.IsZero() || used.IsZero() || stored.ObjectID != who.ObjectID {
				t.Errorf("stored %v, %v, %v: %v", at, used, stored, err)
			}
			for _, secret := range i.cloud.Entra.Issued() {
				if strings.Contains(terminal+page, secret) {
					t.Error("a token is shown")
				}
			}
		})
	}
}

// TestPartnerSignInRefused: what does not do is said in words, and nothing is stored.
func TestPartnerSignInRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*cloud.Cloud)
		upn    string
		code   string
		says   string
	}{
		"no second factor": {func(c *cloud.Cloud) { c.Inject(cloud.Fault(simentra.FaultNoMFA), cloud.Matcher{}, 100) }, sim.DemoAgent, "no_second_factor", "second factor"},
		"a guest": {func(c *cloud.Cloud) {
			c.AddUser(sim.DemoPartnerTenant, cloud.UserSpec{UPN: sim.ContosoAdmin, Guest: true, Password: sim.DemoPassword})
		}, sim.ContosoAdmin, "guest_user", "own tenant"},
		"passing trouble": {func(c *cloud.Cloud) { c.Inject(cloud.Fault(simentra.FaultTransient), cloud.Matcher{}, 1) }, sim.DemoAgent, "AADSTS90033", "passing trouble"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newInstallation(t)
			test.change(i.cloud.State)
			_, page, _, err := i.signIn(test.upn, false)
			if upgrade.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) || !strings.Contains(page, "does not do") {
				t.Errorf("%v\n%s", err, page)
			}
			if _, _, _, _, err := i.register().PartnerToken(context.Background()); upgrade.KindOf(err) != upgrade.NotFound {
				t.Errorf("something is stored: %v", err)
			}
		})
	}
}

// TestPartnerSignInWithoutRole: a user without the role can sign in, and is not kept. Where Partner Center cannot be asked,
// the operator is told, and the sign-in is kept.
func TestPartnerSignInWithoutRole(t *testing.T) {
	i := newInstallation(t)
	i.cloud.State.AddUser(sim.DemoPartnerTenant, cloud.UserSpec{UPN: "sales@" + sim.DemoPartnerDomain, Password: sim.DemoPassword, Roles: []string{cloud.GlobalAdministrator}})
	_, _, terminal, err := i.signIn("sales@"+sim.DemoPartnerDomain, false)
	if upgrade.CodeOf(err) != "no_partner_role" || !strings.Contains(err.Error(), "Admin agent") {
		t.Errorf("%v\n%s", err, terminal)
	}
	if _, _, _, _, err := i.register().PartnerToken(context.Background()); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("something is stored: %v", err)
	}
	i.settings.PartnerURL = "http://" + freeAddress(t) + "/v1"
	if _, _, terminal, err := i.signIn(sim.DemoAgent, false); err != nil || !strings.Contains(terminal, "could not be asked") {
		t.Errorf("%v\n%s", err, terminal)
	}
}

func TestPartnerSignInCannotBegin(t *testing.T) {
	i := newInstallation(t)
	for redirect, code := range map[string]string{"https://uplift.example.com/callback": "bad_redirect", "http://10.0.0.1/callback": "bad_redirect", "nonsense": "bad_redirect"} {
		_, err := SignInPartner(context.Background(), SignInOptions{Settings: i.settings, Log: zap.NewNop(), Redirect: redirect, Out: io.Discard})
		if upgrade.CodeOf(err) != code {
			t.Errorf("%s: %v", redirect, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := SignInPartner(ctx, SignInOptions{Settings: i.settings, Log: zap.NewNop(), Redirect: i.redirect, Out: io.Discard}); upgrade.CodeOf(err) != "no_answer" {
		t.Errorf("nobody came: %v", err)
	}
	_, err := SignInPartner(context.Background(), SignInOptions{Settings: i.settings, Log: zap.NewNop(), Redirect: i.redirect, Out: io.Discard, Paste: strings.NewReader("nothing\n")})
	if upgrade.CodeOf(err) != "no_address" {
		t.Errorf("nothing was pasted: %v", err)
	}
}
