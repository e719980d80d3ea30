package service

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/config"
	"uplift/internal/portal"
	"uplift/internal/portal/access"
	"uplift/internal/seal"
	"uplift/internal/sim"
)

// entrance is a portal of two routes, with the settings of `starter serve -profile dev` and the simulated Entra.
func entrance(t *testing.T) (i *installation, address string, last func() access.Who) {
	i = newInstallation(t)
	var handler http.Handler
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(ours.Close)
	i.cloud.State.AddRedirect(sim.DemoPortalClientID, ours.URL+SignInCallback)
	s, err := config.Parse("test", config.Serve, []string{"-profile", "dev", "-public-url", ours.URL, "-log-level", "error",
		"-oidc-issuer", i.cloud.URLs().Entra + "/" + sim.DemoPartnerTenant + "/v2.0"}, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	guard := newGuard(ServerOptions{Settings: s, Now: i.cloud.State.Now}, seal.Dev("link"), slog.New(slog.DiscardHandler))
	var who access.Who
	reached := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ = access.From(r.Context())
		_, _ = io.WriteString(w, "reached")
	})
	handler = portal.New(portal.Options{Access: guard,
		Pages: []access.Route{{Pattern: "GET /{$}", Rule: access.Rule{Door: access.Pages, Roles: access.Roles()}, Handler: reached}},
		API:   []access.Route{{Pattern: "GET /v1/upgrades", Rule: access.Rule{Door: access.API, Roles: []access.Role{access.Billing}}, Handler: reached}}})
	return i, ours.URL, func() access.Who { return who }
}

// TestSignInAtEntra: the provider's people sign in at Entra, and are who its token says, with the app roles that were assigned
// to them.
func TestSignInAtEntra(t *testing.T) {
	i, address, last := entrance(t)
	for person, want := range map[string]access.Who{
		sim.DemoOperator:       {Name: sim.DemoOperator, Roles: []access.Role{access.Operator}},
		sim.DemoSecondOperator: {Name: sim.DemoSecondOperator, Roles: []access.Role{access.Operator}},
		sim.DemoHelpdesk:       {Name: sim.DemoHelpdesk, Roles: []access.Role{access.Helpdesk}},
		sim.DemoEngineer:       {Name: sim.DemoEngineer, Roles: []access.Role{access.Engineer}},
		sim.DemoReseller:       {Name: sim.DemoReseller, Roles: []access.Role{access.Reseller}, Reseller: sim.DemoResellerID},
		sim.DemoNobody:         {}, sim.ContosoAdmin: {},
	} {
		t.Run(person, func(t *testing.T) {
			i.T = t
			jar, _ := cookiejar.New(nil)
			browser := &http.Client{Jar: jar, Timeout: 10 * time.Second}
			page := i.body(browser.Get(address + "/"))
			action, flow := formAction.FindStringSubmatch(page), hiddenFlow.FindStringSubmatch(page)
			if action == nil || flow == nil {
				t.Fatalf("no sign-in page: %s", page)
			}
			page = i.body(browser.PostForm(i.cloud.URLs().Entra+action[1], url.Values{"flow": {flow[1]}, "action": {"signin"}, "username": {person}, "password": {sim.DemoPassword}}))
			if want.Name == "" {
				if page == "reached" {
					t.Error("it was reached")
				}
				return
			}
			if got := last(); page != "reached" || got.Name != want.Name || got.Reseller != want.Reseller || !slices.Equal(got.Roles, want.Roles) || len(got.Subject) != 36 {
				t.Errorf("%+v: %s", got, page)
			}
		})
	}
}

// TestBillingAtEntra: the billing system's own token opens the API, and no other application's does.
func TestBillingAtEntra(t *testing.T) {
	i, address, last := entrance(t)
	for name, c := range map[string]struct {
		client, secret, scope string
		status                int
	}{
		"billing":                  {sim.DemoBillingClientID, sim.DemoBillingSecret, "api://" + sim.DemoPortalClientID + "/.default", 200},
		"without a role":           {sim.DemoClientID, sim.DemoClientSecret, "api://" + sim.DemoPortalClientID + "/.default", 403},
		"for something else":       {sim.DemoClientID, sim.DemoClientSecret, "https://graph.microsoft.com/.default", 401},
		"billing's, for the wrong": {sim.DemoBillingClientID, sim.DemoBillingSecret, "api://" + sim.DemoBillingClientID + "/.default", 401},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := http.PostForm(i.cloud.URLs().Entra+"/"+sim.DemoPartnerTenant+"/oauth2/v2.0/token", url.Values{
				"grant_type": {"client_credentials"}, "client_id": {c.client}, "client_secret": {c.secret}, "scope": {c.scope}})
			i.T = t
			text := i.body(answer, err)
			_, token, _ := strings.Cut(text, `"access_token":"`)
			token, _, _ = strings.Cut(token, `"`)
			r, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, address+"/v1/upgrades", nil)
			r.Header.Set("Authorization", "Bearer "+token)
			answer, err = http.DefaultClient.Do(r)
			i.body(answer, err)
			if answer.StatusCode != c.status || c.status == 200 && last().Name != sim.DemoBillingClientID {
				t.Errorf("%d %+v", answer.StatusCode, last())
			}
		})
	}
}

// The roles that a setting may name are the portal's.
func TestRoleNamesAreRoles(t *testing.T) {
	var list []string
	for _, role := range access.Roles() {
		list = append(list, "x-"+string(role)+"="+string(role))
	}
	s, err := config.Parse("test", config.Serve, []string{"-profile", "dev", "-oidc-role-names", strings.Join(list, ",")}, func(string) string { return "" }, io.Discard)
	if err != nil || len(s.OIDCRoleNames) != len(access.Roles()) {
		t.Errorf("%v, %v", s, err)
	}
}
