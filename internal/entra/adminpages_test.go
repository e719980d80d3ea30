package entra_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"uplift/internal/entra"
	sim "uplift/internal/sim/entra"
	"uplift/upgrade"
)

const callback = "http://127.0.0.1:8080/consent/callback"

// pages are Microsoft's pages for a lab whose browser stops before our own address.
func (l *lab) pages() (p *entra.AdminPages, ended func() url.Values) {
	l.Helper()
	p, err := entra.NewAdminPages(l.client, callback)
	if err != nil {
		l.Fatal(err)
	}
	var last *url.URL
	l.browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			last = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}
	return p, func() url.Values {
		l.Helper()
		if last == nil {
			l.Fatal("the browser was not sent back")
		}
		return last.Query()
	}
}

// visits opens a page and presses the buttons after the sign-in.
func (l *lab) visits(address string, err error, upn string, actions ...string) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
	page := l.press(l.page(l.browser.Get(address)), "signin", "username", upn, "password", "pw")
	for _, action := range actions {
		if form.MatchString(page) {
			page = l.press(page, action)
		}
	}
}

func TestSimAdminPages(t *testing.T) {
	ctx := context.Background()
	l := newLab(t, func(_ *entra.Options, c *cloud) { c.public, c.redirects = false, []string{callback} })
	p, ended := l.pages()
	if p.Origin() != l.url {
		t.Errorf("the pages are at %s", p.Origin())
	}
	verifier := strings.Repeat("v", 52)
	address, err := p.SignInURL(contoso, "state-1", "nonce", verifier)
	l.visits(address, err, "admin@contoso.example", "accept")
	answer := ended()
	if answer.Get("state") != "state-1" || answer.Get("code") == "" {
		t.Fatalf("sent back with %v", answer)
	}
	_, err = p.SignedIn(ctx, contoso, "nonce", strings.Repeat("w", 52), answer)
	if upgrade.KindOf(err) == "" || err == nil {
		t.Error("another visit's verifier was taken")
	}
	who, err := p.SignedIn(ctx, contoso, "nonce", verifier, answer)
	if err != nil || who.Tenant != contoso || who.Name != "Ada" || !slices.Contains(who.Roles, sim.RoleGlobalAdministrator) {
		t.Fatalf("%+v, %v", who, err)
	}
	if _, err = p.SignedIn(ctx, contoso, "nonce", verifier, answer); err == nil {
		t.Error("a code was redeemed twice")
	}
	// Before the consent page nothing is proved; after it, the application's own token has what was consented to.
	if _, err := l.client.ApplicationRoles(ctx, contoso); upgrade.KindOf(err) != upgrade.GrantLost {
		t.Errorf("before the consent: %v", err)
	}
	address, err = p.ConsentURL(contoso, "state-2")
	l.visits(address, err, "admin@contoso.example", "accept")
	if answer = ended(); answer.Get("state") != "state-2" || answer.Get("tenant") != contoso || p.Consented(answer) != nil {
		t.Errorf("sent back with %v: %v", answer, p.Consented(answer))
	}
	address, err = p.ConsentURL(contoso, "state-3")
	l.visits(address, err, "admin@contoso.example", "deny")
	if answer = ended(); answer.Get("admin_consent") != "True" { // so that the error has to be looked at first
		t.Errorf("sent back with %v", answer)
	}
	l.want(p.Consented(answer), upgrade.Refused, "access_denied")
}

func TestSimAdminPagesRefused(t *testing.T) {
	ctx := context.Background()
	l := newLab(t, func(_ *entra.Options, c *cloud) { c.public, c.redirects = false, []string{callback} })
	p, ended := l.pages()
	verifier := strings.Repeat("v", 52)
	address, err := p.SignInURL(contoso, "s", "nonce", verifier)
	l.visits(address, err, "admin@contoso.example", "deny")
	_, err = p.SignedIn(ctx, contoso, "nonce", verifier, ended())
	l.want(err, upgrade.Refused, "access_denied")
	l.visits(address, nil, "admin@contoso.example", "accept")
	_, err = p.SignedIn(ctx, contoso, "another nonce", verifier, ended())
	l.want(err, upgrade.Refused, "bad_id_token")

	for said, want := range map[string]string{
		"error=access_denied&error_description=AADSTS53003%3A+blocked": "AADSTS53003",
		"error=access_denied&error_description=AADSTS65004%3A+no":      "access_denied",
		"error=permission_denied&error_description=canceled":           "access_denied",
		"error=%3Cb%3E": "", "": "no_answer", "admin_consent=False": "no_answer",
	} {
		q, _ := url.ParseQuery(said)
		if err := p.Consented(q); upgrade.KindOf(err) != upgrade.Refused || want != "" && upgrade.CodeOf(err) != want || strings.Contains(err.Error(), "<b>") {
			t.Errorf("%q: %v", said, err)
		}
	}
	if _, err := p.SignedIn(ctx, contoso, "n", verifier, url.Values{}); upgrade.CodeOf(err) != "no_code" {
		t.Errorf("without a code: %v", err)
	}
	for _, tenant := range []string{"common", "organizations", "9188040d-6c67-4c5b-b112-36a304b66dad", "x/../y"} {
		if _, err := p.SignInURL(tenant, "s", "n", verifier); err == nil {
			t.Errorf("%s: anybody could sign in", tenant)
		}
		if _, err := p.ConsentURL(tenant, "s"); err == nil {
			t.Errorf("%s: anybody could consent", tenant)
		}
	}
	for _, redirect := range []string{"", "http://elsewhere.example/consent/callback", "https://u@host/x", "https://host/x#y"} {
		if _, err := entra.NewAdminPages(l.client, redirect); upgrade.KindOf(err) != upgrade.Invalid {
			t.Errorf("%q: %v", redirect, err)
		}
	}
}
