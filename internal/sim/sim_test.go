package sim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/smtp"
	"net/url"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
)

func start(t *testing.T, faults cloud.Faults) *sim.Cloud {
	t.Helper()
	c, err := sim.Start(t.Context(), sim.Options{Faults: faults, Fill: func(s *cloud.Cloud) { sim.SeedDemo(s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// call makes a request and decodes the answer; headers are name, value, ….
func call(t *testing.T, method, target string, body any, headers ...string) (int, map[string]any) {
	t.Helper()
	var payload io.Reader
	switch b := body.(type) {
	case nil:
	case url.Values:
		payload = strings.NewReader(b.Encode())
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, payload)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	var out map[string]any
	if json.Unmarshal(raw, &out) != nil {
		out = map[string]any{"raw": string(raw)}
	}
	return res.StatusCode, out
}

func token(t *testing.T, c *sim.Cloud, tenant string, form url.Values) (int, string) {
	t.Helper()
	form.Set("client_id", sim.DemoClientID)
	form.Set("client_secret", sim.DemoClientSecret)
	status, body := call(t, "POST", c.URLs().Entra+"/"+tenant+"/oauth2/v2.0/token", form)
	got, _ := body["access_token"].(string)
	return status, got
}

func appToken(t *testing.T, c *sim.Cloud, tenant, resource string) (int, string) {
	t.Helper()
	return token(t, c, tenant, url.Values{"grant_type": {"client_credentials"}, "scope": {resource + "/.default"}})
}

func agentToken(t *testing.T, c *sim.Cloud, tenant, resource string) (int, string) {
	t.Helper()
	refresh, err := c.RefreshToken(sim.DemoClientID, sim.DemoPartnerTenant, sim.DemoAgent)
	if err != nil {
		t.Fatal(err)
	}
	return token(t, c, tenant, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "scope": {resource + "/.default"}})
}

const (
	graphAPI   = "https://graph.microsoft.com"
	partnerAPI = "https://api.partnercenter.microsoft.com"
)

func TestSignInOpensEveryAPI(t *testing.T) {
	c := start(t, cloud.Polite())
	_, app := appToken(t, c, sim.DemoPartnerTenant, partnerAPI)
	status, body := call(t, "GET", c.URLs().Partner+"/customers/"+sim.ContosoTenant+"/subscriptions/"+sim.ContosoBasic, nil, "Authorization", "Bearer "+app)
	if status != 200 || body["quantity"] != 20.0 {
		t.Fatalf("subscription as the application: %d %v", status, body)
	}
	provisioning := c.URLs().Partner + "/customers/" + sim.ContosoTenant + "/subscriptions/" + sim.ContosoBasic + "/provisioningstatus"
	if status, body := call(t, "GET", provisioning, nil, "Authorization", "Bearer "+app); body["code"] != "900329" {
		t.Errorf("provisioning status as the application: %d %v", status, body)
	}
	_, agent := agentToken(t, c, sim.DemoPartnerTenant, partnerAPI)
	if status, body := call(t, "GET", provisioning, nil, "Authorization", "Bearer "+agent); body["status"] != "success" {
		t.Errorf("provisioning status as the agent: %d %v", status, body)
	}
	_, customers := appToken(t, c, sim.TailspinTenant, graphAPI)
	if status, body := call(t, "GET", c.URLs().Graph+"/organization", nil, "Authorization", "Bearer "+customers); status != 200 {
		t.Errorf("organization of a consented tenant: %d %v", status, body)
	}
	if status, body := call(t, "GET", c.URLs().Graph+"/organization", nil, "Authorization", "Bearer "+app); status != 401 {
		t.Errorf("a token for another audience: %d %v", status, body)
	}
}

func TestConsentTakesTime(t *testing.T) {
	c := start(t, cloud.Polite())
	if status, _ := appToken(t, c, sim.ContosoTenant, graphAPI); status == 200 {
		t.Fatal("a token without consent")
	}
	c.State.GrantConsent(sim.ContosoTenant, sim.DemoClientID, nil, []string{"Organization.Read.All"})
	c.State.Advance(time.Minute)
	status, app := appToken(t, c, sim.ContosoTenant, graphAPI)
	if status != 200 {
		t.Fatal("no token after the consent")
	}
	if status, body := call(t, "GET", c.URLs().Graph+"/subscribedSkus", nil, "Authorization", "Bearer "+app); status != 200 {
		t.Errorf("%d %v", status, body)
	}
	if status, body := call(t, "GET", c.URLs().Graph+"/users", nil, "Authorization", "Bearer "+app); status != 403 {
		t.Errorf("a permission that was not granted: %d %v", status, body)
	}
}

func TestDelegatedAdministration(t *testing.T) {
	c := start(t, cloud.Polite())
	status, agent := agentToken(t, c, sim.TailspinTenant, graphAPI)
	if status != 200 {
		t.Fatalf("no token for the agent in a customer's tenant: %d", status)
	}
	if status, body := call(t, "GET", c.URLs().Graph+"/users", nil, "Authorization", "Bearer "+agent); status != 200 {
		t.Errorf("%d %v", status, body)
	}
}

func TestDemoHolds(t *testing.T) {
	c := start(t, cloud.Polite())
	want := map[string]struct{ part, enabled, consumed any }{
		sim.ContosoTenant:   {cloud.BusinessBasic, 20, 14},
		sim.FabrikamTenant:  {cloud.BusinessStandard, 10, 6},
		sim.WoodgroveTenant: {cloud.BusinessBasic, 5, 5},
		sim.AdventureTenant: {cloud.BusinessStandard, 0, 6},
		sim.TailspinTenant:  {cloud.BusinessStandard, 25, 10},
		sim.WingtipTenant:   {cloud.BusinessBasic, 12, 9},
	}
	for tenant, w := range want {
		h := c.State.HoldingsOf(tenant)
		if len(h) == 0 || h[0].PartNumber != w.part || h[0].Enabled != w.enabled || h[0].Consumed != w.consumed {
			t.Errorf("%s holds %+v, want %v", tenant, h, w)
		}
	}
	if p, ok := c.State.CheckPassword("", sim.ContosoGuest, sim.DemoPassword); !ok || p.TenantID != sim.FabrikamTenant {
		t.Errorf("a guest signs in at home: %+v", p)
	}
	if p, ok := c.State.CheckPassword(sim.ContosoTenant, sim.ContosoGuest, sim.DemoPassword); !ok || !p.Guest {
		t.Errorf("the guest as Contoso sees it: %+v", p)
	}
}

func TestAdminSteers(t *testing.T) {
	c := start(t, cloud.Polite())
	admin := c.URLs().Admin
	before := c.State.Now()
	if status, body := call(t, "POST", admin+"/clock", map[string]string{"advance": "36h"}); status != 200 || c.State.Now().Sub(before) < 36*time.Hour {
		t.Errorf("clock: %d %v", status, body)
	}
	if status, body := call(t, "POST", admin+"/faults", map[string]any{"fault": "no such thing"}); status != 400 {
		t.Errorf("an unknown fault: %d %v", status, body)
	}
	call(t, "POST", admin+"/faults", map[string]any{"fault": "throttled", "path": "/customers"})
	_, app := appToken(t, c, sim.DemoPartnerTenant, partnerAPI)
	if status, _ := call(t, "GET", c.URLs().Partner+"/customers", nil, "Authorization", "Bearer "+app); status != 429 {
		t.Errorf("the injected fault did not strike: %d", status)
	}
	status, body := call(t, "POST", admin+"/tenants", map[string]any{"Domain": "new.example", "Company": "New"})
	id, _ := body["id"].(string)
	if status != 201 || id == "" {
		t.Fatalf("tenant: %d %v", status, body)
	}
	if status, body := call(t, "POST", admin+"/tenants/"+id+"/subscriptions", map[string]any{"Part": cloud.BusinessBasic, "Quantity": 4}); status != 201 {
		t.Errorf("subscription: %d %v", status, body)
	}
	if status, body := call(t, "POST", admin+"/refreshtokens", map[string]any{"clientId": sim.DemoClientID, "tenant": sim.DemoPartnerDomain, "user": sim.DemoAgent}); status != 201 || body["refreshToken"] == "" {
		t.Errorf("refresh token: %d %v", status, body)
	}
	call(t, "POST", admin+"/reset", nil)
	if _, ok := c.State.Tenant("new.example"); ok {
		t.Error("the reset kept a tenant")
	}
	if _, ok := c.State.Tenant(sim.ContosoDomain); !ok {
		t.Error("the reset did not seed again")
	}
	if status, _ := call(t, "GET", admin+"/", nil, "Accept", "application/json"); status != 200 {
		t.Errorf("root: %d", status)
	}
}

func TestLoopbackOnly(t *testing.T) {
	_, err := sim.Start(t.Context(), sim.Options{GraphAddr: "0.0.0.0:0"})
	if !errors.Is(err, sim.ErrNotLoopback) {
		t.Errorf("got %v", err)
	}
}

func TestMailArrives(t *testing.T) {
	c := start(t, cloud.Polite())
	mail := []byte("Subject: hello\r\n\r\nworld\r\n")
	if err := smtp.SendMail(c.URLs().SMTP, nil, "from@example.com", []string{sim.ContosoAdmin}, mail); err != nil {
		t.Fatal(err)
	}
	if got := c.Mailbox.Messages(); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}

func TestCloseEndsAHangingRequest(t *testing.T) {
	c := start(t, cloud.Polite())
	_, app := appToken(t, c, sim.TailspinTenant, graphAPI)
	c.State.Inject(cloud.Hang, cloud.Matcher{Path: "/organization"}, 1)
	r, _ := http.NewRequestWithContext(t.Context(), "GET", c.URLs().Graph+"/organization", nil)
	r.Header.Set("Authorization", "Bearer "+app)
	failed := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			res.Body.Close()
		}
		failed <- err
	}()
	time.Sleep(50 * time.Millisecond)
	c.Close()
	if err := <-failed; err == nil {
		t.Error("the request was answered")
	}
}

// TestFastClock holds that on a fast clock there is still time to type a code, and that quotas count with it.
func TestFastClock(t *testing.T) {
	c, err := sim.Start(t.Context(), sim.Options{Faults: cloud.Polite(), Pace: 20000, LeastLife: 20 * time.Second, Quota: 20000,
		Fill: func(s *cloud.Cloud) { sim.SeedDemo(s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	_, code := call(t, http.MethodPost, c.URLs().Entra+"/"+sim.ContosoTenant+"/oauth2/v2.0/devicecode", url.Values{"client_id": {sim.DemoClientID}, "scope": {"openid"}})
	if life, _ := code["expires_in"].(float64); life != 400_000 {
		t.Errorf("the code lives for %v seconds, where 20 of ours are 400,000: %v", life, code)
	}
	if share, _ := c.State.Spend("quota", 10_000, 1, time.Minute); share != 0.5 {
		t.Errorf("ten thousand requests use up %v of the quota of twenty thousand", share)
	}
}

// TestAdminFurnishes adds what a tenant can have, and reads what struck.
func TestAdminFurnishes(t *testing.T) {
	c := start(t, cloud.Polite())
	at, basic := c.URLs().Admin+"/tenants/"+sim.WoodgroveTenant, c.State.HoldingsOf(sim.WoodgroveTenant)[0]
	status, group := call(t, http.MethodPost, at+"/groups", cloud.GroupSpec{Name: "All", Members: []string{basic.Holders[0].UserID}, Licences: []cloud.LicenceChange{{SKU: basic.SKU}}})
	if holder := c.State.HoldingsOf(sim.WoodgroveTenant)[0].Holders[0]; status != http.StatusCreated || len(holder.Groups) != 1 || holder.Groups[0] != group["id"] {
		t.Errorf("%d %v, and the first holder is %+v", status, group, holder)
	}
	status, _ = call(t, http.MethodPost, at+"/consents", map[string]any{"clientId": sim.DemoClientID, "application": []string{"User.Read.All"}})
	if _, roles, ok := c.State.Consented(sim.WoodgroveTenant, sim.DemoClientID); status != http.StatusNoContent || !ok || len(roles) != 1 {
		t.Errorf("%d, consented to %v", status, roles)
	}
	c.State.Inject("throttled", cloud.Matcher{}, 1)
	c.State.Roll("throttled", cloud.Origin{})
	_, faults := call(t, http.MethodGet, c.URLs().Admin+"/faults", nil)
	if struck, _ := faults["struck"].(map[string]any); struck["throttled"] != 1.0 {
		t.Errorf("what struck is %v", faults["struck"])
	}
}
