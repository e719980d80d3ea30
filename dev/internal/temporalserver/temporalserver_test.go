package temporalserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"uplift/dev/internal/temporalserver"
)

const taskQueue = "greetings"

var (
	stage    = temporal.NewSearchAttributeKeyKeyword("UpliftStage")
	deadline = temporal.NewSearchAttributeKeyTime("UpliftConsentDeadline")
	needs    = temporal.NewSearchAttributeKeyBool("UpliftNeedsOperator")

	upliftAttributes = map[string]enums.IndexedValueType{
		"UpliftStage":           enums.INDEXED_VALUE_TYPE_KEYWORD,
		"UpliftOrder":           enums.INDEXED_VALUE_TYPE_KEYWORD,
		"UpliftCustomerTenant":  enums.INDEXED_VALUE_TYPE_KEYWORD,
		"UpliftSourceOffer":     enums.INDEXED_VALUE_TYPE_KEYWORD,
		"UpliftTargetOffer":     enums.INDEXED_VALUE_TYPE_KEYWORD,
		"UpliftBatch":           enums.INDEXED_VALUE_TYPE_KEYWORD,
		"UpliftNeedsOperator":   enums.INDEXED_VALUE_TYPE_BOOL,
		"UpliftConsentDeadline": enums.INDEXED_VALUE_TYPE_DATETIME,
	}
)

// greet is a workflow that changes a search attribute while it runs.
func greet(ctx workflow.Context, name string) (string, error) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, stage.ValueSet("completed")); err != nil {
		return "", err
	}
	return "hello " + name, nil
}

func TestRunsAndFindsAWorkflow(t *testing.T) {
	s := start(t, temporalserver.Options{CodecEndpoint: "http://127.0.0.1:1/codec"})
	c := dial(t, s)
	runWorker(t, c)

	run := startGreeting(t, c, "first")
	var got string
	if err := run.Get(t.Context(), &got); err != nil || got != "hello first" {
		t.Fatalf("greeting: %q, %v", got, err)
	}
	for _, query := range []string{
		`UpliftStage = 'completed'`,
		`UpliftNeedsOperator = true AND UpliftConsentDeadline > '2026-01-01T00:00:00Z'`,
	} {
		if found := find(t, c, query); found != "first" {
			t.Errorf("%s: found %q, want the greeting", query, found)
		}
	}
}

func TestServesTheUI(t *testing.T) {
	s := start(t, temporalserver.Options{CodecEndpoint: "http://127.0.0.1:1/codec"})
	if page := get(t, s.UIURL()+"/"); !strings.Contains(page, "<title>Temporal") && !strings.Contains(page, "_app/") {
		t.Errorf("index page:\n%.500s", page)
	}
	settings := get(t, s.UIURL()+"/api/v1/settings")
	for _, want := range []string{
		`"Endpoint":"http://127.0.0.1:1/codec"`, `"DisableNewsFetch":true`, `"NotifyOnNewVersion":false`,
	} {
		if !strings.Contains(settings, want) {
			t.Errorf("settings lack %s:\n%s", want, settings)
		}
	}
	if namespaces := get(t, s.UIURL()+"/api/v1/namespaces"); !strings.Contains(namespaces, `"default"`) {
		t.Errorf("the UI does not reach the server: %s", namespaces)
	}
}

func TestKeepsItsDataFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "with ? and %.db")
	first, err := temporalserver.Start(t.Context(), temporalserver.Options{
		DataFile: file, Retention: 48 * time.Hour,
		SearchAttributes: map[string]enums.IndexedValueType{"UpliftBatch": enums.INDEXED_VALUE_TYPE_KEYWORD},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}

	second := start(t, temporalserver.Options{DataFile: file, Retention: 72 * time.Hour}) // with more attributes
	c := dial(t, second)
	runWorker(t, c)
	startGreeting(t, c, "second")
	if found := find(t, c, `UpliftStage = 'completed'`); found != "second" {
		t.Errorf("found %q, want the greeting", found)
	}
	namespace, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	if got := namespace.Config.WorkflowExecutionRetentionTtl.AsDuration(); got != 72*time.Hour {
		t.Errorf("retention %s, want that of the second start", got)
	}

	_, err = temporalserver.Start(t.Context(), temporalserver.Options{
		DataFile:         file,
		SearchAttributes: map[string]enums.IndexedValueType{"UpliftStage": enums.INDEXED_VALUE_TYPE_BOOL},
	})
	if err == nil || !strings.Contains(err.Error(), "UpliftStage is of type Keyword already, not Bool") {
		t.Errorf("another type for an attribute: %v", err)
	}
}

// TestSurvivesSIGKILL kills a process that has a running workflow in its data file, and finishes
// that workflow on a server in this process.
func TestSurvivesSIGKILL(t *testing.T) {
	const childsFile = "TEMPORALSERVER_TEST_DATA_FILE"
	if file := os.Getenv(childsFile); file != "" {
		s := start(t, temporalserver.Options{DataFile: file})
		startGreeting(t, dial(t, s), "orphan")
		fmt.Println("\nready")
		select {} // until killed
	}

	file := filepath.Join(t.TempDir(), "temporal.db")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSurvivesSIGKILL$")
	child.Env = append(os.Environ(), childsFile+"="+file)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready" {
		t.Log(lines.Text())
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed

	c := dial(t, start(t, temporalserver.Options{DataFile: file}))
	runWorker(t, c)
	var got string
	if err := c.GetWorkflow(t.Context(), "orphan", "").Get(t.Context(), &got); err != nil || got != "hello orphan" {
		t.Errorf("greeting: %q, %v", got, err)
	}
}

func TestRefuses(t *testing.T) {
	taken := start(t, temporalserver.Options{})
	for name, c := range map[string]struct {
		options temporalserver.Options
		want    string
	}{
		"an open address":   {temporalserver.Options{FrontendAddr: "0.0.0.0:0"}, "not loopback"},
		"every address":     {temporalserver.Options{UIAddr: ":0"}, "not loopback"},
		"no address":        {temporalserver.Options{UIAddr: "8233"}, "missing port"},
		"a taken port":      {temporalserver.Options{FrontendAddr: taken.FrontendAddr()}, "in use"},
		"a missing folder":  {temporalserver.Options{DataFile: filepath.Join(t.TempDir(), "no", "file.db")}, "unable to open database file"},
		"too many booleans": {temporalserver.Options{SearchAttributes: booleans(4)}, "no column of type bool is left"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := temporalserver.Start(t.Context(), c.options)
			if err == nil {
				_ = s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func booleans(n int) map[string]enums.IndexedValueType {
	all := map[string]enums.IndexedValueType{}
	for i := range n {
		all[fmt.Sprint("Flag", i)] = enums.INDEXED_VALUE_TYPE_BOOL
	}
	return all
}

func start(t *testing.T, o temporalserver.Options) *temporalserver.Server {
	t.Helper()
	o.SearchAttributes = upliftAttributes
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	began := time.Now()
	s, err := temporalserver.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		began := time.Now()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("closed in %s", time.Since(began).Round(time.Millisecond))
	})
	return s
}

func dial(t *testing.T, s *temporalserver.Server) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{
		HostPort: s.FrontendAddr(),
		Logger:   log.NewStructuredLogger(slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func runWorker(t *testing.T, c client.Client) {
	t.Helper()
	w := worker.New(c, taskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(greet, workflow.RegisterOptions{Name: "greet"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

func startGreeting(t *testing.T, c client.Client, name string) client.WorkflowRun {
	t.Helper()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: name, TaskQueue: taskQueue,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			stage.ValueSet("planning"), needs.ValueSet(true), deadline.ValueSet(time.Now())),
	}, "greet", name)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// find returns the ids that a query finds, when there are any: the list follows a little late.
func find(t *testing.T, c client.Client, query string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		list, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if len(list.Executions) > 0 {
			var ids []string
			for _, e := range list.Executions {
				ids = append(ids, e.Execution.WorkflowId)
			}
			return strings.Join(ids, " ")
		}
		time.Sleep(50 * time.Millisecond)
	}
	return ""
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(body)
}
