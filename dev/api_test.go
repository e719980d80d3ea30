package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"uplift/dev/internal/apiclient"
	"uplift/internal/callback"
	"uplift/internal/sim"
	"uplift/upgrade"
)

// billingSecret is the one under which this test's billing system is called back.
const billingSecret = upgrade.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

// billing is a billing system that keeps what it is told, as far as it believes it.
type billing struct {
	mu     sync.Mutex
	told   []upgrade.Callback
	forged int
	away   bool
}

func (b *billing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	var c upgrade.Callback
	switch {
	case b.away:
		w.WriteHeader(http.StatusServiceUnavailable)
	case err != nil || callback.Verify(billingSecret, r.Header, body, false) != nil || json.Unmarshal(body, &c) != nil:
		b.forged++
		w.WriteHeader(http.StatusUnauthorized)
	default:
		b.told = append(b.told, c)
	}
}

func (b *billing) types() (types []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, c := range b.told {
		if c.Sequence != i+1 {
			types = append(types, fmt.Sprintf("callback %d is number %d", i+1, c.Sequence))
		}
		types = append(types, string(c.Type))
	}
	return types
}

// calledBack is a callbacks file for the billing system.
func calledBack(t *testing.T, b http.Handler) string {
	t.Helper()
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "callbacks.json")
	for name, text := range map[string]string{file: `{"destinations": [{"name": "billing", "url": "` + server.URL + `/uplift", "secretFiles": ["secret"]}]}`, filepath.Join(dir, "secret"): billingSecret.Reveal()} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// withToken asks the simulated identity provider for the billing system's own token.
func withToken(all *running) apiclient.RequestEditorFn {
	return func(ctx context.Context, r *http.Request) error {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {sim.DemoBillingClientID}, "client_secret": {sim.DemoBillingSecret}, "scope": {"api://" + sim.DemoPortalClientID + "/.default"}}
		answer, err := http.PostForm(all.cloud.URLs().Entra+"/"+sim.DemoPartnerTenant+"/oauth2/v2.0/token", form)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		var got struct {
			Token string `json:"access_token"`
		}
		if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+got.Token)
		return nil
	}
}

// TestGeneratedClientRunsAnUpgrade is a billing system's day: it places an order by a client that was generated from the served
// document, places it again, follows it by long polls while the administrator consents, reads what became of it, and is called back.
func TestGeneratedClientRunsAnUpgrade(t *testing.T) {
	b := &billing{}
	s, err := parse([]string{"-demo"}, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s.more = []string{"-callbacks", calledBack(t, b)}
	all, err := start(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := all.close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	ctx := patient(t)
	c, err := apiclient.NewClientWithResponses("http://"+all.portal, apiclient.WithRequestEditorFn(withToken(all)))
	if err != nil {
		t.Fatal(err)
	}
	var order apiclient.Order
	if err := json.Unmarshal([]byte(demoOrder), &order); err != nil {
		t.Fatal(err)
	}

	plan, err := c.PlanOrderWithResponse(ctx, order)
	if err != nil || plan.JSON200 == nil || plan.JSON200.Reasons != nil && len(*plan.JSON200.Reasons) > 0 {
		t.Fatalf("the dry run: %v %s", err, plan.Body)
	}
	placed, err := c.PlaceOrderWithResponse(ctx, order)
	if err != nil || placed.JSON201 == nil {
		t.Fatalf("placing: %v %s", err, placed.Body)
	}
	id := placed.JSON201.Order
	first := follow(t, ctx, c, id, "", func(u apiclient.Upgrade) bool { return u.Stage != "planning" })
	again, err := c.PlaceOrderWithResponse(ctx, order)
	if err != nil || again.JSON200 == nil || !again.JSON200.Existing || again.JSON200.WorkflowId != placed.JSON201.WorkflowId {
		t.Errorf("placing it again: %v %s", err, again.Body)
	}
	other := order
	batch := "another"
	other.Batch = &batch
	if conflict, err := c.PlaceOrderWithResponse(ctx, other); err != nil || conflict.StatusCode() != http.StatusConflict || conflict.ApplicationproblemJSONDefault.Code != "other_order" {
		t.Errorf("another order under the same id: %v %s", err, conflict.Body)
	}

	consent := make(chan error, 1)
	go func() {
		consent <- newAdministrator(string(order.Administrator.Mail), all.cloud.Mailbox, func(string, ...any) {}).consent(ctx)
	}()
	last := follow(t, ctx, c, id, first.Version, func(u apiclient.Upgrade) bool { return u.Stage == "ended" })
	if err := <-consent; err != nil {
		t.Fatal(err)
	}
	if last.End == nil || *last.End != "completed" {
		t.Fatalf("it ended %v: %+v", last.End, last.Reasons)
	}
	users, err := c.GetUsersWithResponse(ctx, id, &apiclient.GetUsersParams{})
	if err != nil || users.JSON200 == nil || len(users.JSON200.Items) != 14 {
		t.Errorf("the users: %v %s", err, users.Body)
	}
	customer, err := c.GetCustomerWithResponse(ctx, openapi_types.UUID(order.Tenant))
	if err != nil || customer.JSON200 == nil || !strings.Contains(string(customer.Body), "Business Premium") {
		t.Errorf("the customer: %v %s", err, customer.Body)
	}
	toldOf(t, ctx, c, b, id)
}

// follow asks by long polls until it is so.
func follow(t *testing.T, ctx context.Context, c *apiclient.ClientWithResponses, id, version string, is func(apiclient.Upgrade) bool) apiclient.Upgrade {
	t.Helper()
	wait := "20s"
	for {
		params := &apiclient.GetUpgradeParams{Wait: &wait}
		if version != "" {
			params.Since = &version
		}
		got, err := c.GetUpgradeWithResponse(ctx, id, params)
		if err != nil {
			t.Fatal(err)
		}
		if got.StatusCode() == http.StatusNotFound || got.StatusCode() == http.StatusServiceUnavailable { // no worker has taken it up yet
			continue
		}
		if got.JSON200 == nil {
			t.Fatalf("%d %s", got.StatusCode(), got.Body)
		}
		if version = got.JSON200.Version; is(*got.JSON200) {
			return *got.JSON200
		}
	}
}

// toldOf holds that billing was told everything once and in order, and may have it again.
func toldOf(t *testing.T, ctx context.Context, c *apiclient.ClientWithResponses, b *billing, id string) {
	t.Helper()
	want := []string{"upgrade.invited", "upgrade.consented", "upgrade.changing", "upgrade.completed"}
	for !slices.Equal(b.types(), want) {
		if ctx.Err() != nil {
			t.Fatalf("billing was told %v, not %v", b.types(), want)
		}
		got, err := c.GetCallbacksWithResponse(ctx, id)
		if err != nil || got.JSON200 == nil {
			t.Fatalf("the callbacks: %v %s", err, got.Body)
		}
	}
	end := b.told[3].Data
	if b.forged > 0 || end.Effective == nil || len(end.Lines) != 2 || end.Lines[0].SeatsAfter != 0 || end.Lines[1].SeatsAfter != 25 || end.Lines[1].Term == "" {
		t.Errorf("%d forged; %+v", b.forged, end)
	}
	sequence := int64(4)
	replay, err := c.ReplayCallbacksWithResponse(ctx, id, apiclient.ReplayCallbacksJSONRequestBody{Sequence: &sequence})
	if err != nil || replay.StatusCode() != http.StatusAccepted {
		t.Fatalf("replaying: %v %s", err, replay.Body)
	}
	for len(b.types()) < 5 && ctx.Err() == nil {
		if got, err := c.GetCallbacksWithResponse(ctx, id); err != nil || got.JSON200 == nil || len(got.JSON200.Items) != 4 {
			t.Fatalf("the callbacks: %v %s", err, got.Body)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.told) < 5 || b.told[4].Sequence != 4 {
		t.Errorf("replayed was %+v", b.told[4:])
	}
}
