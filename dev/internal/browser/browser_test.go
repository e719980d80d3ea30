package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"uplift/dev/internal/browser"
)

func TestBrowser(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<!doctype html><title>t</title><h1 id="h"> Hello </h1>
				<button onclick="h.textContent = 'Pressed'">Press</button>`)
		case "/bad":
			fmt.Fprint(w, `<!doctype html><img src="/missing.png"><script src="https://example.com/x.js"></script>
				<script>console.error("told", {}); oops()</script>`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	b := browser.New(t)

	b.Open(server.URL + "/")
	if got := b.Text("h1"); got != "Hello" {
		t.Errorf("heading %q", got)
	}
	b.Do(chromedp.Click(chromedp.CSS("button")))
	if got := b.Text("h1"); got != "Pressed" {
		t.Errorf("heading after the click %q", got)
	}
	for _, problem := range b.Problems() {
		if !strings.Contains(problem, "favicon") {
			t.Errorf("a good page has the problem %q", problem)
		}
	}
	if info, err := os.Stat(b.Screenshot("pressed")); err != nil || info.Size() < 1000 {
		t.Errorf("screenshot: %v, %v", info, err)
	}

	b.Open(server.URL + "/bad")
	all := strings.Join(b.Problems(), "\n")
	for _, want := range []string{"/missing.png", "https://example.com/x.js", "console: \"told\"", "oops is not defined"} {
		if !strings.Contains(all, want) {
			t.Errorf("problems lack %q:\n%s", want, all)
		}
	}
}
