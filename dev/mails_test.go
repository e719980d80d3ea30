package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"uplift/dev/internal/browser"
)

// TestMailsInTheBrowser opens the HTML form of every letter, as the golden files have it, at the width of a telephone and of a desk:
// nothing sticks out, nothing is fetched but the logo, and the rules of accessibility hold that are about a mail. Which landmarks a
// page has is for the mail program, which puts the letter into a page of its own.
func TestMailsInTheBrowser(t *testing.T) {
	const dir = "../internal/mail/testdata"
	letters, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(letters) < 10 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	files := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(files.Close)
	b := browser.New(t)
	b.Allow("favicon") // a browser asks for one, a mail program does not
	b.Allow("net::ERR_NAME_NOT_RESOLVED https://provider.example/logo.png")
	for _, letter := range letters {
		name := filepath.Base(letter)
		b.Open(files.URL + "/" + name)
		b.Page("mails/"+strings.TrimSuffix(name, ".html"), 390, 700)
		b.Axe(name, "landmark-one-main", "region")
	}
}
