package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"uplift/internal/sim"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// TestSecrets carries upgrades through in every way of consent and to several ends, with a Microsoft that quotes what it was
// sent in its errors, and then looks for each secret that was made, shown or configured meanwhile in all that was written:
// Temporal's database and histories, logs, mails, pages, addresses, the register's rows. What may stand where is
// mayStand's. Then it plants a secret in each of these places, the way a mistake would, and must find it.
func TestSecrets(t *testing.T) {
	w := watchedProduct(t)
	ctx := patient(t)
	w.signInPartner(ctx)
	several(t,
		func() error { return w.byCode(ctx) },
		func() error { return w.inBrowser(ctx) },
		func() error { return w.existing(ctx) },
		func() error { return w.byPartner(ctx) },
		func() error { return w.parked(ctx) },
		func() error { return w.undoneAndSo(ctx) },
	)
	w.collect(ctx)
	search := w.search()
	for _, v := range w.violations(search) {
		t.Error(v)
	}
	w.covered()
	for _, p := range places() {
		t.Run("planted in "+string(p), func(t *testing.T) { w.plant(t, ctx, p) })
	}
}

// several does things at the same time and reports what failed.
func several(t *testing.T, do ...func() error) {
	t.Helper()
	var all sync.WaitGroup
	for _, one := range do {
		all.Go(func() {
			if err := one(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// start places an order and returns what plays with it.
func (w *watched) start(ctx context.Context, order string) (*play, error) {
	started, err := w.connection.Start(ctx, []byte(order), temporalclient.StartOptions{})
	if err != nil {
		return nil, err
	}
	return &play{all: w.all, upgrades: w.connection.Upgrades, id: started.WorkflowID}, nil
}

// ends waits for an upgrade's end.
func (w *watched) ends(ctx context.Context, p *play, want upgrade.End) error {
	result, err := w.connection.Result(ctx, p.id)
	if err == nil && result.End != want {
		err = fmt.Errorf("%s ended %s instead of %s: %v", p.id, result.End.Words(), want.Words(), result.Reasons)
	}
	return err
}

// administrator's browser is watched.
func (w *watched) administrator(mail string) *administrator {
	a := newAdministrator(mail, w.all.cloud.Mailbox, func(string, ...any) {})
	a.browser.HTTP.Jar, _ = cookiejar.New(nil) // documented never to fail without options
	a.browser.HTTP.Transport = w
	return a
}

// byCode: a device code, after a resend, whose poll is once refused with a page that quotes it.
func (w *watched) byCode(ctx context.Context) error {
	p, err := w.start(ctx, demoOrder)
	if err != nil {
		return err
	}
	if err := p.invited(ctx); err != nil {
		return err
	}
	if _, err := w.connection.Resend(ctx, p.id, upgrade.Request{By: "helpdesk"}); err != nil {
		return err
	}
	if err := p.until(ctx, func(s upgrade.Status) bool { return s.Invitation != nil && s.Invitation.Number == 2 }); err != nil {
		return err
	}
	a := w.administrator(sim.ContosoAdmin)
	first, err := a.invitation(ctx)
	for link := first; err == nil && link == first && len(w.links()) < 2; {
		link, err = a.invitation(ctx) // the second invitation's, once it has come
	}
	if err != nil {
		return err
	}
	if err := a.consent(ctx); err != nil {
		return err
	}
	w.describe(ctx, p.id)
	return w.ends(ctx, p, upgrade.Completed)
}

// inBrowser: Microsoft's sign-in and consent pages, by HTTP as a browser without scripts would.
func (w *watched) inBrowser(ctx context.Context) error {
	tenant, admin := w.customer(0)
	p, err := w.start(ctx, order("SECRETS-BROWSER", tenant, "business-standard", 10, admin))
	if err != nil {
		return err
	}
	a := w.administrator(admin)
	link, err := a.invitation(ctx)
	if err != nil {
		return err
	}
	entra := w.all.cloud.URLs().Entra
	page, err := a.browser.Post(ctx, link+"/admin", url.Values{})
	for range 6 {
		if err != nil {
			return err
		}
		switch {
		case strings.Contains(page, `name="password"`):
			page, err = a.browser.Submit(ctx, entra, page, url.Values{"username": {admin}, "password": {a.password}, "action": {"signin"}})
		case strings.Contains(page, `value="accept"`):
			page, err = a.browser.Submit(ctx, entra, page, url.Values{"action": {"accept"}})
		default:
			return w.ends(ctx, p, upgrade.Completed)
		}
	}
	return fmt.Errorf("the browser does not come back: %s", page)
}

// existing: a consent that was given to the application earlier.
func (w *watched) existing(ctx context.Context) error {
	tenant, admin := w.customer(1)
	_, application := sim.DemoPermissions()
	w.all.cloud.State.GrantConsentNow(tenant, sim.DemoClientID, nil, application)
	p, err := w.start(ctx, withConsent(order("SECRETS-EXISTING", tenant, "business-premium", 12, admin), "existing"))
	if err != nil {
		return err
	}
	return w.ends(ctx, p, upgrade.Completed)
}

// byPartner: the partner's own user, who has signed in, acts in the customer's tenant.
func (w *watched) byPartner(ctx context.Context) error {
	tenant, admin := w.customer(2)
	delegated, _ := sim.DemoPermissions()
	w.all.cloud.State.GrantConsentNow(tenant, sim.DemoClientID, delegated, nil)
	p, err := w.start(ctx, withConsent(order("SECRETS-GDAP", tenant, "business-standard", 10, admin), "gdap"))
	if err != nil {
		return err
	}
	return w.ends(ctx, p, upgrade.Completed)
}

// parked: Partner Center refuses the change in words that quote the request's token.
func (w *watched) parked(ctx context.Context) error {
	tenant, admin := w.customer(3)
	_, application := sim.DemoPermissions()
	w.all.cloud.State.GrantConsentNow(tenant, sim.DemoClientID, nil, application)
	p, err := w.start(ctx, withConsent(order("SECRETS-PARKED", tenant, "business-standard", 10, admin), "existing"))
	if err != nil {
		return err
	}
	var seen *upgrade.Parked
	if err := p.until(ctx, func(s upgrade.Status) bool { seen = s.Parked; return seen != nil }); err != nil {
		return err
	}
	w.describe(ctx, p.id)
	if seen.Code != hostileCode {
		return fmt.Errorf("it parked for %s, not for what Microsoft said: %s", seen.Code, seen.Reason)
	}
	if _, err := w.connection.Resolve(ctx, p.id, upgrade.Resolve{Request: upgrade.Request{By: "an operator"}, Answer: upgrade.Retry}); err != nil {
		return err
	}
	return w.ends(ctx, p, upgrade.Completed)
}

// undoneAndSo plays the scenarios of one customer, one after the other: undone, declined, revoked.
func (w *watched) undoneAndSo(ctx context.Context) error {
	for _, s := range shortScenarios()[1:4] {
		if _, err := carry(ctx, w.all, w.connection, s); err != nil {
			return err
		}
	}
	return nil
}

func withConsent(order, how string) string {
	return strings.Replace(order, "{", `{"consent":"`+how+`",`, 1)
}

var signInAddress = regexp.MustCompile(`https?://\S+/authorize\?\S+`)

// signInPartner has the partner's user sign in, as `starter partner sign-in -paste` does.
func (w *watched) signInPartner(ctx context.Context) {
	w.t.Helper()
	terminal := &terminal{}
	typed := make(chan string, 1)
	done := make(chan error, 1)
	go func() { done <- w.partnerSignIn(ctx, terminal, typed) }()
	address := terminal.wait(ctx, signInAddress)
	a := w.administrator(sim.DemoAgent)
	var back string
	a.browser.HTTP.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/partner/") { // nobody listens there: the address is pasted
			back = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	page, err := a.browser.Get(ctx, address)
	for _, fields := range []url.Values{{"username": {a.mail}, "password": {a.password}, "action": {"signin"}}, {"action": {"accept"}}} {
		if err == nil && back == "" {
			page, err = a.browser.Submit(ctx, w.all.cloud.URLs().Entra, page, fields)
		}
	}
	if err != nil || back == "" {
		w.t.Fatalf("the partner's user could not sign in: %v\n%s", err, page)
	}
	typed <- back
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
	w.add(onTerminal, "partner sign-in", []byte(terminal.text()))
}
