package service

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"uplift/internal/portal"
	"uplift/internal/portal/consent"
	"uplift/internal/seal"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// asked is one invited upgrade of the customer.
type asked struct {
	mu     sync.Mutex
	claims []upgrade.Consent
}

func (a *asked) Status(context.Context, string) (upgrade.Status, error) {
	return upgrade.Status{Upgrade: "A-1#1", Tenant: customer, Customer: "Customer", Stage: upgrade.Invited,
		Invitation: &upgrade.Invitation{Number: 1, Deadline: time.Now().Add(time.Hour)}}, nil
}

func (*asked) PlanOf(context.Context, string) (upgrade.Plan, error) { return upgrade.Plan{}, nil }

func (*asked) StartAuthentication(context.Context, string, upgrade.StartAuthentication) (upgrade.Authentication, error) {
	return upgrade.Authentication{}, nil
}

func (a *asked) Consent(_ context.Context, _ string, c upgrade.Consent) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.claims = append(a.claims, c)
	return nil
}

// An administrator consents in the browser, from our page by Microsoft's and back; only the consent page's Accept makes a claim,
// and what proves it is then to be had.
func TestConsentInTheBrowser(t *testing.T) {
	for name, c := range map[string]struct {
		upn     string
		buttons []string // pressed after each sign-in
		shown   string   // "": claimed
	}{
		"accepted":          {"admin@" + domain, []string{"accept", "accept"}, ""},
		"sign-in cancelled": {"admin@" + domain, []string{"deny"}, "authorization_declined"},
		"consent denied":    {"admin@" + domain, []string{"accept", "deny"}, "authorization_declined"},
		"a plain user":      {"user@" + domain, []string{"accept"}, "role_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newInstallation(t)
			i.cloud.State.AddTenant(cloud.TenantSpec{ID: customer, Domain: domain, Company: "Customer", Country: "GB"})
			i.cloud.State.AddUser(customer, cloud.UserSpec{UPN: "admin@" + domain, DisplayName: "Ada", Password: sim.DemoPassword, Roles: []string{cloud.GlobalAdministrator}})
			i.cloud.State.AddUser(customer, cloud.UserSpec{UPN: "user@" + domain, DisplayName: "Ulf", Password: sim.DemoPassword})
			upgrades := &asked{}
			var page http.Handler
			ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page.ServeHTTP(w, r) }))
			t.Cleanup(ours.Close)
			i.settings.PublicURL = ours.URL
			i.cloud.State.AddRedirect(sim.DemoClientID, ours.URL+consentCallback)
			pages, err := adminPages(i.settings, zap.NewNop())
			if err != nil {
				t.Fatal(err)
			}
			keys := seal.Dev("link")
			l := links{ours.URL, seal.NewLinks(keys)}
			page = portal.New(portal.Options{Consent: consent.Options{Upgrades: upgrades, Links: l, Admin: pages, Sealer: keys}})
			link, err := l.Link("upgrade/A-1", "A-1#1", 1)
			if err != nil {
				t.Fatal(err)
			}
			at, text := i.consents(link.Reveal()+"/admin", c.upn, c.buttons)
			identity, err := newIdentity(i.settings, i.cloud.State.Now)
			if err != nil {
				t.Fatal(err)
			}
			i.cloud.State.Advance(time.Hour)
			roles, err := identity.ApplicationRoles(context.Background(), customer)
			if c.shown != "" {
				if at.Query().Get("said") != c.shown || len(upgrades.claims) != 0 || !strings.Contains(text, "did not succeed") {
					t.Errorf("it ended at %s, claimed %+v\n%s", at, upgrades.claims, text)
				}
				if len(roles) > 0 {
					t.Errorf("the application has %v", roles)
				}
				return
			}
			want := upgrade.Consent{Decision: upgrade.Granted, Method: upgrade.AdminConsent, By: "Ada", Invitation: 1}
			if len(upgrades.claims) != 1 || upgrades.claims[0] != want || at.RawQuery != "" {
				t.Errorf("it ended at %s, claimed %+v", at, upgrades.claims)
			}
			if err != nil || !slices.Contains(roles, "Organization.Read.All") {
				t.Errorf("the proof: %v, %v", roles, err)
			}
		})
	}
}

// consents presses our button, signs in at each of Microsoft's pages and presses theirs, and tells where the browser ends.
func (i *installation) consents(button, upn string, buttons []string) (ended *url.URL, text string) {
	i.Helper()
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	open := func(resp *http.Response, err error) {
		i.Helper()
		text = i.body(resp, err)
		ended = resp.Request.URL
	}
	press := func(values url.Values) {
		i.Helper()
		action, flow := formAction.FindStringSubmatch(text), hiddenFlow.FindStringSubmatch(text)
		if action == nil || flow == nil {
			i.Fatalf("no page of Microsoft's at %s: %s", ended, text)
		}
		values.Set("flow", flow[1])
		open(browser.PostForm(i.cloud.URLs().Entra+action[1], values))
	}
	open(browser.PostForm(button, nil))
	for _, b := range buttons {
		if strings.Contains(text, `name="password"`) {
			press(url.Values{"action": {"signin"}, "username": {upn}, "password": {sim.DemoPassword}})
		}
		if strings.Contains(text, `value="`+b+`"`) {
			press(url.Values{"action": {b}})
		}
	}
	return ended, text
}
