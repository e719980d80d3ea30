package partner_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"uplift/internal/partner"
	"uplift/internal/sim/cloud"
	simpartner "uplift/internal/sim/partner"
	"uplift/upgrade"
)

const application = "0b000000-0000-4000-8000-0000000000bb"

// withApplication is the lab's client as it is made where pre-consents are.
func (l *lab) withApplication() *partner.Client {
	l.t.Helper()
	server := httptest.NewServer(simpartner.New(simpartner.Options{State: l.state, Verify: verify}))
	l.t.Cleanup(server.Close)
	c, err := partner.New(partner.Options{
		BaseURL: server.URL + "/v1", Application: application, DisplayName: "Example upgrades",
		Token:     func(context.Context) (upgrade.Secret, error) { return "app", nil },
		UserToken: func(context.Context) (upgrade.Secret, error) { return l.token, nil },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

func TestSimPreconsent(t *testing.T) {
	l := newLab(t)
	c := l.withApplication()
	wanted := []string{"Organization.Read.All", "User.ReadWrite.All"}
	if err := c.Preconsent(t.Context(), id("1"), customer, wanted); err != nil {
		t.Fatal(err)
	}
	l.state.Advance(time.Hour) // a consent takes its time to spread
	if got, _, ok := l.state.Consented(customer, application); !ok || !slices.Equal(got, wanted) {
		t.Errorf("consented to %v", got)
	}
	// Once more, by the same request and by another one: it is there.
	for _, n := range []string{"1", "2"} {
		if err := c.Preconsent(t.Context(), id(n), customer, wanted); err != nil {
			t.Errorf("request %s: %v", n, err)
		}
	}
	l.state.RevokeConsent(customer, application)
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoDelegation = true })
	wantKind(t, c.Preconsent(t.Context(), id("3"), customer, wanted), upgrade.Act, "900308")
	l.token = "app"
	wantKind(t, c.Preconsent(t.Context(), id("4"), customer, wanted), upgrade.Act, "900329")
	wantKind(t, c.Preconsent(t.Context(), upgrade.WriteID{}, customer, wanted), upgrade.Invalid, "no_write_id")
	wantKind(t, l.Preconsent(t.Context(), id("5"), customer, wanted), upgrade.Invalid, "no_client_id")
}

// Microsoft's pages do not say with which status a consent that exists is answered; the sentence was seen with others, too.
func TestPreconsentThatExists(t *testing.T) {
	for body, well := range map[string]bool{
		`{"code":"400","description":"Permission entry already exists."}`: true,
		`{"code":"400","description":"The scope is not known."}`:          false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(server.Close)
		c, err := partner.New(partner.Options{BaseURL: server.URL, Application: application,
			Token: func(context.Context) (upgrade.Secret, error) { return "user", nil }})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Preconsent(t.Context(), id("1"), customer, []string{"User.Read.All"}); (err == nil) != well {
			t.Errorf("%s: %v", body, err)
		}
	}
}
