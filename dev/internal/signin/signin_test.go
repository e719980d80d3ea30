package signin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"uplift/dev/internal/signin"
)

func TestLink(t *testing.T) {
	for text, want := range map[string]string{
		"Open:\n\nhttps://x.example/consent/AbC-1_2\n\nThanks": "https://x.example/consent/AbC-1_2",
		"see <http://127.0.0.1:8080/consent/AbC>.":             "http://127.0.0.1:8080/consent/AbC",
		"https://x.example/other":                              "",
	} {
		if got := signin.Link(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestConsent follows the forms of two sites, with their hidden fields and escapes.
func TestConsent(t *testing.T) {
	var posted []url.Values
	var microsoft *httptest.Server
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.Method == http.MethodPost {
			posted = append(posted, r.PostForm)
		}
		switch {
		case strings.HasSuffix(r.URL.Path, "/start"):
			fmt.Fprintf(w, `<output id="code" aria-label="x"> AB&amp;C </output><a class="b" id="signin" href="%s/device?a=1&amp;b=2">`, microsoft.URL)
		case r.URL.Path == "/device" && r.URL.Query().Get("b") == "2", r.URL.Path == "/login" && r.PostForm.Get("action") != "accept":
			fmt.Fprint(w, `<form method="post" action="/login"><input type="hidden" name="flow" value="f&#43;1">`)
		case r.URL.Path == "/login":
			fmt.Fprint(w, `<p id="done" role="status">`)
		default:
			http.NotFound(w, r)
		}
	})
	microsoft = httptest.NewServer(pages)
	t.Cleanup(microsoft.Close)
	var heard string
	b := signin.New(5 * time.Second)
	if err := b.Consent(t.Context(), microsoft.URL+"/consent/x", "ada@x.example", "secret", func(code string) { heard = code }); err != nil {
		t.Fatal(err)
	}
	if heard != "AB&C" || len(posted) != 4 {
		t.Fatalf("heard %q, posted %v", heard, posted)
	}
	for i, want := range []string{"", "action=next&code=AB%26C&flow=f%2B1", "action=signin&flow=f%2B1&password=secret&username=ada%40x.example", "action=accept&flow=f%2B1"} {
		if got := posted[i].Encode(); got != want {
			t.Errorf("post %d: %s, want %s", i, got, want)
		}
	}
	if err := b.Consent(context.Background(), microsoft.URL+"/login?x=", "", "", nil); err == nil {
		t.Error("a page without a code was taken for one")
	}
}
