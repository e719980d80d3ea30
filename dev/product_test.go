package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"uplift/dev/internal/browser"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// launch starts the whole product on free ports, as the command does.
func launch(t *testing.T, args ...string) (*running, *temporalclient.Connection) {
	t.Helper()
	none := func(string) string { return "" }
	s, err := parse(append([]string{"-demo"}, args...), none, io.Discard) // -demo: free ports
	if err != nil {
		t.Fatal(err)
	}
	all, err := start(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := all.close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	connection, err := all.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	return all, connection
}

func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestDemo is the README's first command.
func TestDemo(t *testing.T) {
	var out bytes.Buffer
	if err := run(patient(t), []string{"-demo"}, func(string) string { return "" }, &out, os.Stderr); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"20      14", "25      14", "ended: completed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demonstration does not say %q:\n%s", want, out.String())
		}
	}
}

// TestScenarios plays every scenario but the demonstration's own on one product, on a Microsoft cloud that behaves.
func TestScenarios(t *testing.T) {
	all, connection := launch(t, "-record", t.TempDir())
	for _, s := range scenarios()[1:] {
		if _, err := carry(patient(t), all, connection, s); err != nil {
			t.Error(err)
		}
	}
	for _, h := range all.cloud.State.HoldingsOf(sim.WoodgroveTenant) {
		if h.Enabled != 5 || len(h.Holders) != 5 {
			t.Errorf("after undo, decline and revoke Woodgrove holds %d seats and %d holders of %s, not 5 and 5", h.Enabled, len(h.Holders), h.Name)
		}
	}
}

// TestAnyClient starts an upgrade the way any Temporal client can: by type, task queue and JSON, without our codec, and
// consents by the signal, to a consent that the application was given earlier. The same order again, under another
// workflow id, ends as the duplicate of the first.
func TestAnyClient(t *testing.T) {
	all, connection := launch(t)
	ctx := patient(t)
	foreign, err := client.Dial(client.Options{HostPort: all.temporal.FrontendAddr(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	all.cloud.State.GrantConsentNow(sim.ContosoTenant, sim.DemoClientID, nil,
		[]string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"})

	begin := func(id string) client.WorkflowRun {
		run, err := foreign.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: "uplift"}, "UpgradeCustomerWorkflow", json.RawMessage(demoOrder))
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	first := begin("billing-7")
	p := &play{all: all, upgrades: connection.Upgrades, id: "billing-7"}
	if err := p.invited(ctx); err != nil {
		t.Fatal(err)
	}
	malformed := converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte("{not json")})
	claim := map[string]string{"decision": "granted", "method": "existing", "by": "billing"}
	for _, signal := range []any{malformed, claim} {
		if err := foreign.SignalWorkflow(ctx, first.GetID(), "", "consent", signal); err != nil {
			t.Fatal(err)
		}
	}
	result, err := connection.Result(ctx, first.GetID())
	if err != nil || result.End != upgrade.Completed {
		t.Fatalf("%v, %v", result, err)
	}
	status, err := connection.Status(ctx, first.GetID())
	if err != nil || len(status.Ignored) != 1 {
		t.Errorf("the malformed signal is not recorded as ignored: %v, %v", status.Ignored, err)
	}
	second := begin("billing-7-again")
	result, err = connection.Result(ctx, second.GetID())
	if err != nil || result.End != upgrade.Duplicate || result.First != "billing-7" {
		t.Errorf("the same order again ended %v, %v; want duplicate of billing-7", result, err)
	}
	started := 0
	for _, e := range all.cloud.State.Ledger(cloud.Query{Tenant: sim.ContosoTenant}) {
		if e.Kind == "transition_started" {
			started++
		}
	}
	if started != 1 {
		t.Errorf("%d transitions were started, not 1", started)
	}
}

// TestConsentInBrowser has an administrator give the consent in a real Chromium: the mail's link, the code, Microsoft's
// sign-in page in a second window, and the first page following by itself.
func TestConsentInBrowser(t *testing.T) {
	window := browser.New(t) // skips early where there is no Chromium
	all, connection := launch(t)
	ctx := patient(t)
	started, err := connection.Start(ctx, []byte(demoOrder), temporalclient.StartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	link, err := newAdministrator(sim.ContosoAdmin, all.cloud.Mailbox, t.Logf).invitation(ctx)
	if err != nil {
		t.Fatal(err)
	}
	window.Open(link)
	window.Screenshot("consent-offer")
	if s, err := connection.Status(ctx, started.WorkflowID); err != nil || s.Invitation.Started {
		t.Errorf("opening the page changed something: %v, %v", s.Invitation, err)
	}
	window.Do(chromedp.Click(chromedp.CSS("#start")), chromedp.WaitVisible(chromedp.CSS("#code")))
	window.Screenshot("consent-code")
	code := strings.TrimSpace(window.Text("#code"))

	microsoft := browser.New(t)
	microsoft.Open(all.cloud.URLs().Entra + "/devicelogin")
	microsoft.Do(chromedp.SendKeys(chromedp.CSS("#code"), code), chromedp.Click(chromedp.CSS("#next")))
	microsoft.Do(chromedp.WaitVisible(chromedp.CSS("#username")), chromedp.SendKeys(chromedp.CSS("#username"), sim.ContosoAdmin),
		chromedp.SendKeys(chromedp.CSS("#password"), sim.DemoPassword), chromedp.Click(chromedp.CSS("#signin")))
	microsoft.Do(chromedp.WaitVisible(chromedp.CSS("#accept")), chromedp.Click(chromedp.CSS("#accept")))
	microsoft.Do(chromedp.WaitVisible(chromedp.CSS("#done")))

	window.Do(chromedp.WaitVisible(chromedp.CSS(`main[data-state="completed"]`)))
	window.Screenshot("consent-done")
	result, err := connection.Result(ctx, started.WorkflowID)
	if err != nil || result.End != upgrade.Completed {
		t.Errorf("%v, %v", result, err)
	}
	if problems := append(window.Problems(), microsoft.Problems()...); len(problems) > 0 {
		t.Errorf("the pages had problems: %v", problems)
	}

	// And the Temporal UI tells its story in readable payloads, by way of the codec endpoint.
	window.Open(all.temporal.UIURL() + "/namespaces/default/workflows/" + url.PathEscape(started.WorkflowID) + "/" + started.RunID + "/timeline")
	for text := ""; !strings.Contains(text, "business-premium"); text = window.Text("body") {
		if ctx.Err() != nil {
			t.Fatalf("the Temporal UI shows nothing readable: %s", text)
		}
		time.Sleep(200 * time.Millisecond)
	}
	window.Screenshot("temporal-ui")
}

// TestHistoryIsUnreadable holds that nothing of an order stands readable in Temporal's store.
func TestHistoryIsUnreadable(t *testing.T) {
	all, connection := launch(t)
	s := scenarios()[2] // declined
	started, err := carry(patient(t), all, connection, s)
	if err != nil {
		t.Fatal(err)
	}
	events := connection.Client.GetWorkflowHistory(t.Context(), started.WorkflowID, started.RunID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{sim.WoodgroveAdmin, "not this year", "Woodgrove Cafe", "/consent/"} {
			if strings.Contains(event.String(), secret) {
				t.Errorf("event %d (%s) shows %q", event.GetEventId(), event.GetEventType(), secret)
			}
		}
	}
}

// TestResetCountsAsRunning resets an upgrade in Temporal: it goes on under its own claim, and no further attempt at the
// order runs beside it, however that is started.
func TestResetCountsAsRunning(t *testing.T) {
	all, connection := launch(t)
	ctx := patient(t)
	started, err := connection.Start(ctx, []byte(demoOrder), temporalclient.StartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := &play{all: all, upgrades: connection.Upgrades, id: started.WorkflowID}
	if err := p.invited(ctx); err != nil {
		t.Fatal(err)
	}
	reset, err := connection.Client.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: "default", WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: started.WorkflowID, RunId: started.RunID},
		Reason: "a test", RequestId: "reset-1", WorkflowTaskFinishEventId: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.until(ctx, func(s upgrade.Status) bool { return s.Stage == upgrade.Invited && s.Upgrade == "DEMO-1#1" }); err != nil {
		t.Fatalf("the reset run %s does not go on: %v", reset.GetRunId(), err)
	}
	second := strings.Replace(demoOrder, `"order": "DEMO-1",`, `"order": "DEMO-1", "attempt": 2,`, 1)
	run, err := connection.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "beside", TaskQueue: upgrade.TaskQueue}, upgrade.UpgradeWorkflow, json.RawMessage(second))
	if err != nil {
		t.Fatal(err)
	}
	var result upgrade.Result
	if err := run.Get(ctx, &result); err != nil || result.End != upgrade.Duplicate {
		t.Errorf("a second attempt beside the reset run ended %v, %v; want duplicate", result, err)
	}
}

// TestRevokedLinkStaysVoid tries the link of an attempt that was revoked, after the order's next attempt has begun.
func TestRevokedLinkStaysVoid(t *testing.T) {
	all, connection := launch(t)
	ctx := patient(t)
	started, err := connection.Start(ctx, []byte(demoOrder), temporalclient.StartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	admin := newAdministrator(sim.ContosoAdmin, all.cloud.Mailbox, t.Logf)
	link, err := admin.invitation(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Revoke(ctx, started.WorkflowID, upgrade.Request{By: "an operator"}); err != nil {
		t.Fatal(err)
	}
	if r, err := connection.Result(ctx, started.WorkflowID); err != nil || r.End != upgrade.Cancelled {
		t.Fatal(r, err)
	}
	again, err := connection.Retry(ctx, "DEMO-1", 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &play{all: all, upgrades: connection.Upgrades, id: again.WorkflowID}
	if err := p.invited(ctx); err != nil {
		t.Fatal(err)
	}
	if page, err := admin.browser.Get(ctx, link); err == nil && !strings.Contains(page, `data-state="void"`) {
		t.Errorf("the revoked link shows %s", page)
	}
	if _, err := admin.browser.Post(ctx, link+"/start", nil); err == nil {
		if s, err := connection.Status(ctx, again.WorkflowID); err != nil || s.Invitation.Started {
			t.Errorf("the revoked link started a sign-in: %v, %v", s.Invitation, err)
		}
	}
}
