// Package signin plays a person at our consent page and at Microsoft's sign-in page, by HTTP as a browser without scripts would:
// the demonstration and the campaign have no other. What depends on scripts is tested with package browser.
package signin

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var (
	linkInMail = regexp.MustCompile(`https?://\S+/consent/\S+`)
	codeOnPage = regexp.MustCompile(`(?s)<output id="code"[^>]*>([^<]+)</output>`)
	linkOnPage = regexp.MustCompile(`id="signin" href="([^"]+)"`)
	formOnPage = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)"`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// Link is the address of the consent page in the text of a mail; empty where there is none.
func Link(text string) string { return strings.TrimRight(linkInMail.FindString(text), ">.,") }

// Browser opens pages and fills in their forms.
type Browser struct {
	HTTP http.Client
}

// New is a browser that waits so long for a page, and keeps no cookies.
func New(patience time.Duration) *Browser { return &Browser{HTTP: http.Client{Timeout: patience}} }

// Consent goes from the link in the mail to the accepted sign-in. Told may be nil; it hears the code before it is typed.
func (b *Browser) Consent(ctx context.Context, link, account, password string, told func(code string)) error {
	page, err := b.Post(ctx, link+"/start", url.Values{})
	if err != nil {
		return err
	}
	found, address := codeOnPage.FindStringSubmatch(page), linkOnPage.FindStringSubmatch(page)
	if found == nil || address == nil {
		return errors.New("the consent page shows no code")
	}
	code := html.UnescapeString(strings.TrimSpace(found[1]))
	if told != nil {
		told(code)
	}
	return b.SignIn(ctx, html.UnescapeString(address[1]), code, account, password)
}

// SignIn types the code, the name and the password, and accepts.
func (b *Browser) SignIn(ctx context.Context, address, code, account, password string) error {
	page, err := b.Get(ctx, address)
	if err != nil {
		return err
	}
	for _, fields := range []url.Values{
		{"code": {code}, "action": {"next"}},
		{"username": {account}, "password": {password}, "action": {"signin"}},
		{"action": {"accept"}},
	} {
		if page, err = b.Submit(ctx, address, page, fields); err != nil {
			return err
		}
	}
	if !strings.Contains(page, `id="done"`) {
		return errors.New("the sign-in did not end well")
	}
	return nil
}

// Submit fills in the form of a page, with its hidden fields.
func (b *Browser) Submit(ctx context.Context, address, page string, fields url.Values) (string, error) {
	form := formOnPage.FindStringSubmatch(page)
	if form == nil {
		return "", errors.New("no form on the page")
	}
	for _, h := range hidden.FindAllStringSubmatch(page, -1) {
		fields.Set(h[1], html.UnescapeString(h[2]))
	}
	base, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	target, err := base.Parse(html.UnescapeString(form[1]))
	if err != nil {
		return "", err
	}
	return b.Post(ctx, target.String(), fields)
}

// Get opens a page.
func (b *Browser) Get(ctx context.Context, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	return b.do(r)
}

// Post sends a form.
func (b *Browser) Post(ctx context.Context, address string, fields url.Values) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(fields.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *Browser) do(r *http.Request) (string, error) {
	reply, err := b.HTTP.Do(r)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	if err != nil {
		return "", err
	}
	if reply.StatusCode >= 400 {
		return "", fmt.Errorf("%s answered %s", r.URL.Host, reply.Status)
	}
	return string(body), nil
}
