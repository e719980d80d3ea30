package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// serve has two pages: one as ours are to be, with a strict content security policy, and one with what
// is wrong most often.
func serve(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/good":
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; img-src 'self'")
			fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Good</title><link rel="icon" href="/icon"><body style="background:#fff;color:#111"><main><h1>Good</h1><p>%s</p>
				<form><label for="n">Seats (a total)</label><input id="n" name="n" value="20">
				<label><input type="checkbox" name="sure"> I am sure</label>
				<label>Plan <select name="plan"><option value="a">Essentials</option><option value="b">Pro</option></select></label>
				<button>Send</button> <a href="/bad">Elsewhere</a></form></main></html>`, r.URL.RawQuery)
		case "/icon":
		default:
			fmt.Fprint(w, `<!doctype html><html><body><h3>Bad</h3><input name="n"><p style="color:#aaa;background:#fff">pale</p></html>`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestAxe: the rules find what is wrong, and nothing where nothing is, under a policy that allows no script.
func TestAxe(t *testing.T) {
	b := New(t)
	script := axeScript(t)
	address := serve(t)
	b.Open(address + "/good")
	b.Axe("a good page")
	b.Allow("favicon")
	b.Open(address + "/bad")
	var found []string
	for _, v := range b.violations(script, nil) {
		found = append(found, v.ID)
		if len(v.Nodes) == 0 || v.Help == "" || v.HelpURL == "" {
			t.Errorf("%+v", v)
		}
	}
	for _, want := range []string{"document-title", "html-has-lang", "label", "color-contrast", "landmark-one-main"} {
		if !slices.Contains(found, want) {
			t.Errorf("%s was not found, but %v", want, found)
		}
	}
	for _, v := range b.violations(script, []string{"label"}) {
		if v.ID == "label" {
			t.Error("a rule that was left out was found")
		}
	}
}

// TestPerson does what a person does, in two windows that know nothing of each other.
func TestPerson(t *testing.T) {
	b := New(t)
	address := serve(t)
	other := b.Another()
	b.Open(address + "/good")
	b.Wait("Good", "I am sure")
	b.Fill("Seats", "25")
	b.Tick("I am sure")
	b.Choose("Plan", "Pro")
	b.Page("person", 1280, 390)
	b.Press("Send")
	b.Wait("n=25&sure=on&plan=b")
	if got := b.Address(); !strings.HasSuffix(got, "?n=25&sure=on&plan=b") {
		t.Errorf("at %s", got)
	}
	if got := b.Link("Elsewhere"); got != address+"/bad" {
		t.Errorf("the link leads to %q", got)
	}
	b.Back()
	b.Wait("Good")
	b.Fill("Seats", "7")
	b.Key(kb.Enter)
	b.WaitFor(10*time.Second, "n=7")
	b.Do(setCookie("a=1"))
	other.Open(address + "/good")
	if other.Says("n=7") || Get(other, cookies()) != "" || Get(b, cookies()) != "a=1" {
		t.Error("the windows know of each other")
	}
	if b.Says("25") {
		t.Error("what was filled in before is still there")
	}
}

// TestIntact: nothing else than the package that is meant is believed.
func TestIntact(t *testing.T) {
	if err := intact([]byte("another package"), axeIntegrity); err == nil {
		t.Error("another package was believed")
	}
	if err := intact(nil, "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="); err != nil {
		t.Error(err) // the digest of nothing
	}
}

func setCookie(cookie string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void]("document.cookie = " + quoted(cookie))
}

func cookies() chromedp.Action[string] { return chromedp.Evaluate[string]("document.cookie") }
