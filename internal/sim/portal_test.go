package sim_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
)

// claimsOf reads a token without verifying it.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", token)
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims map[string]any
	if err == nil {
		err = json.Unmarshal(data, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// The billing system has a token of its own for the portal's API, as the API asks for it: of the second generation, with the
// app role that was assigned to it. Another application has one without a role, and one of another tenant none.
func TestTokensForThePortalsAPI(t *testing.T) {
	c := start(t, cloud.Polite())
	ask := func(tenant, client, secret, scope string) (int, map[string]any) {
		return call(t, http.MethodPost, c.URLs().Entra+"/"+tenant+"/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"},
			"client_id": {client}, "client_secret": {secret}, "scope": {scope}})
	}
	for _, scope := range []string{"api://" + sim.DemoPortalClientID + "/.default", sim.DemoPortalClientID + "/.default"} {
		status, answer := ask(sim.DemoPartnerTenant, sim.DemoBillingClientID, sim.DemoBillingSecret, scope)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %v", scope, status, answer)
		}
		claims := claimsOf(t, answer["access_token"].(string))
		for name, want := range map[string]string{"iss": c.URLs().Entra + "/" + sim.DemoPartnerTenant + "/v2.0", "aud": sim.DemoPortalClientID,
			"azp": sim.DemoBillingClientID, "ver": "2.0", "roles": "[billing]", "nonce": "<nil>", "scp": "<nil>"} {
			if got := fmt.Sprint(claims[name]); got != want {
				t.Errorf("%s is %s, not %s", name, got, want)
			}
		}
	}
	scope := "api://" + sim.DemoPortalClientID + "/.default"
	if status, answer := ask(sim.DemoPartnerTenant, sim.DemoClientID, sim.DemoClientSecret, scope); status != http.StatusOK || claimsOf(t, answer["access_token"].(string))["roles"] != nil {
		t.Errorf("an application without a role: %d %v", status, answer)
	}
	if status, answer := ask(sim.ContosoTenant, sim.DemoBillingClientID, sim.DemoBillingSecret, scope); status != http.StatusBadRequest {
		t.Errorf("in a customer's tenant: %d %v", status, answer)
	}
	if status, _ := ask(sim.DemoPartnerTenant, sim.DemoBillingClientID, "wrong", scope); status != http.StatusUnauthorized {
		t.Errorf("with a wrong secret: %d", status)
	}
}
