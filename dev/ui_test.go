package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"go.temporal.io/sdk/client"

	"uplift/dev/internal/browser"
	"uplift/dev/internal/temporalserver"
	"uplift/upgrade"
)

// TestTemporalUI opens the Temporal UI in a browser, as an operator does, and looks for an upgrade.
func TestTemporalUI(t *testing.T) {
	server, err := temporalserver.Start(t.Context(), temporalserver.Options{SearchAttributes: searchAttributes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := client.Dial(client.Options{HostPort: server.FrontendAddr()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: upgrade.WorkflowID("A-1001"), TaskQueue: upgrade.TaskQueue,
	}, upgrade.UpgradeWorkflow); err != nil {
		t.Fatal(err)
	}

	b := browser.New(t)
	b.Open(server.UIURL() + "/")
	b.Do(chromedp.WaitVisible(`//a[contains(., "upgrade/A-1001")]`))
	b.Screenshot("temporal-ui")
	for _, problem := range b.Problems() {
		t.Errorf("on the page: %s", problem)
	}
}
