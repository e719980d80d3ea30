// Package browser drives a real headless Chromium in tests of our pages.
//
//	b := browser.New(t)
//	b.Open(server.URL)
//	b.Do(chromedp.Click(chromedp.CSS("button.start")), chromedp.WaitVisible(chromedp.CSS("#code")))
//	b.Screenshot("code")
//
// Each Browser is a process of its own with an empty profile; Another is a window of the same
// process that shares nothing with the first, as two people at two desks have. They reach loopback
// addresses only: a page that asks for anything else finds nobody there.
//
// What goes wrong on a page fails the test at its end: an uncaught exception, an error in the
// console, a violated content security policy, a resource that does not load. A test that wants a
// problem says so by Allow, or reads it by Problems.
//
// Around: browser.go is the process and its problems, act.go what a person does, shot.go pictures,
// axe.go and axecore.go the accessibility rules of axe-core.
//
// Without Chromium the test is skipped, or fails where UPLIFT_TEST_BROWSER is "required", as it is
// in continuous integration.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long one call may take. A test that waits longer waits for something that does
// not come.
const patience = 30 * time.Second

// The size of a window: that of a desk, unless a test sets another width.
const (
	desk   = 1280
	height = 900
)

// programs are the names under which Chromium is installed.
var programs = []string{
	"chromium", "chromium-browser", "headless-shell", "google-chrome-stable", "google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// Browser is a Chromium with one open page. Its methods fail the test instead of returning errors.
type Browser struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
	allowed  []string
}

// New starts a browser, which ends with the test. When the test has failed by then, a screenshot
// "failed" is taken first.
func New(t testing.TB) *Browser {
	t.Helper()
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options(program(t))...)
	t.Cleanup(stop)
	b := &Browser{t: t}
	b.ctx, _ = chromedp.NewContext(ctx, chromedp.WithListener(b.hear))
	t.Cleanup(b.close)
	b.open("failed")
	return b
}

// Another is one more window of the same process, with cookies and storage of its own: another
// person at another desk. It ends with the test.
func (b *Browser) Another() *Browser {
	b.t.Helper()
	other := &Browser{t: b.t}
	other.ctx, _ = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(other.hear))
	b.t.Cleanup(other.close)
	other.open("failed-another")
	return other
}

// open makes the window, and sees to what happens when the test ends.
func (b *Browser) open(picture string) {
	b.t.Helper()
	// Without a deadline, which would become the browser's.
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(desk, height)); err != nil {
		b.t.Fatalf("start Chromium: %v", err)
	}
	b.t.Cleanup(func() {
		for _, problem := range b.Problems() {
			b.t.Errorf("on a page: %s", problem)
		}
		if b.t.Failed() {
			b.Screenshot(picture)
		}
	})
}

// close ends the browser and waits for its end.
func (b *Browser) close() {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil {
		b.t.Logf("close Chromium: %v", err)
	}
}

func program(t testing.TB) string {
	t.Helper()
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	absent(t, "no Chromium found: tests of pages need one (Debian: apt-get install chromium)")
	return ""
}

// absent skips a test that lacks what it needs, or fails it where that is required.
func absent(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("UPLIFT_TEST_BROWSER") == "required" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func options(path string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:], // headless, a profile that is thrown away
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // Chromium refuses to run as root with one, and containers run tests as root
		chromedp.NoFirstRun,
		chromedp.DisableGPU,
		// A page that Chromium has kept for Back comes without the events by which chromedp follows it.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,BackForwardCache"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"),
		chromedp.WindowSize(desk, height),
	)
}

// Do runs actions on the page, one after the other. A wait that is not fulfilled in half a minute
// fails the test.
func (b *Browser) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v%s", err, b.report())
	}
}

// Get runs one action that has a result, such as chromedp.Title() or chromedp.Evaluate.
func Get[T any](b *Browser, action chromedp.Action[T]) T {
	b.t.Helper()
	result, err := try(b, action)
	if err != nil {
		b.t.Fatalf("browser: %v%s", err, b.report())
	}
	return result
}

// try is Get for an action that may fail.
func try[T any](b *Browser, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// Open goes to an address and waits until the page has loaded.
func (b *Browser) Open(url string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(url))
}

// Text is what a person reads in the first element that a CSS selector finds, once it is visible.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(Get(b, chromedp.Text(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// Allow names a part of problems that the test wants, such as the status of a page that is gone,
// which Chromium reports like a missing picture. They are not problems from then on.
func (b *Browser) Allow(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, part)
}

// Problems are what went wrong on the page since the last call: uncaught exceptions, errors written
// to the console (a violated content security policy is one), and resources that did not load.
// What a test has read here does not fail it.
func (b *Browser) Problems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.DeleteFunc(b.problems, func(problem string) bool {
		return slices.ContainsFunc(b.allowed, func(part string) bool { return strings.Contains(problem, part) })
	})
	b.problems = nil
	return all
}

func (b *Browser) report() string {
	if all := b.Problems(); len(all) > 0 {
		return "\non the page:\n\t" + strings.Join(all, "\n\t")
	}
	return ""
}

// hear collects problems. It runs on the browser's own goroutine.
func (b *Browser) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		b.note("exception: %s", text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.note("console: %s", arguments(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.note("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

func (b *Browser) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, fmt.Sprintf(format, args...))
}

func arguments(args []*runtime.RemoteObject) string {
	var all []string
	for _, a := range args {
		if a.Description != "" {
			all = append(all, a.Description)
		} else {
			all = append(all, string(a.Value))
		}
	}
	return strings.Join(all, " ")
}
